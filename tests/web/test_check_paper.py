"""Whoever is shown a decision or a receipt checks it on a page that names nobody."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from comity.actions import sanctions
from comity.actions.disputes import appealing
from comity.actions.seal import checking, receipts, sealing
from comity.records.models import JournalLine
from comity.web.trade import casefile, measures
from tests.actions.sanctions.rules import agent as rules_agent
from tests.actions.sanctions.rules import asked, staged
from tests.actions.seal.test_casefile import DAY, decided, files_in
from tests.actions.seal.test_receipts import asked as wrote
from tests.cast import START, Cast, hours
from tests.disputing import stage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMITY_DATA", str(tmp_path))
    monkeypatch.setenv("COMITY_SITE", "https://service.example.com")
    return tmp_path


def shown(number: str) -> tuple[int, str]:
    answer = Client().get("/check/", {"number": number})
    return answer.status_code, " ".join(answer.content.decode().split())


def pasted(text: str) -> tuple[int, str]:
    answer = Client().post("/check/", {"pasted": text})
    return answer.status_code, " ".join(answer.content.decode().split())


def test_the_number_on_a_printed_decision_says_what_was_decided_and_what_came_after() -> None:
    here = stage()
    dispute = decided(here)
    page = files_in(casefile.archive(here.cast.ana, dispute, START + 3 * DAY))["data/index.html"].decode()
    printed = re.search(r"number ([0-9]+-[A-Z0-9]{10}), at https://service.example.com/check/", page)
    assert printed is not None
    number = printed[1]
    status, text = shown(f" {number.lower()} ")
    assert (status, f"About {dispute.key}" in text, "€60.00" in text) == (200, True, True)
    assert "Nothing was decided about it since." in text
    assert "Sealed as entry" in text
    for name in (here.cast.buyer.name, here.cast.seller.name, "The photo shows it."):
        assert name not in text
    appealing.appeal(here.cast.li, dispute, text="It was whole.", at=START + 3 * DAY)
    assert checking.number_of_dispute(dispute, START + 3 * DAY) == number, "an appeal decides nothing"
    for other in (
        number[:-1] + ("2" if number[-1] != "2" else "3"),
        "1-AAAAAAAAAA",
        "x",
        "9" * 40 + "-A",
        "\x00",
        "1-é",
    ):
        assert shown(other)[0] == 404
    assert shown("")[0] == 200


def test_the_number_of_a_measure_says_that_it_fell_since() -> None:
    cast = staged()
    noor, omar = rules_agent(cast, "Noor"), rules_agent(cast, "Omar")
    row = asked(cast, noor, "freeze", hours(0), timedelta(days=7))
    sanctions.approve(omar, row, at=hours(1))
    row.refresh_from_db()
    page = measures.printed(row, cast.li, hours(2))
    number = checking.number_of_measure(row, hours(2))
    assert f"number {number}, at https://service.example.com/check/" in page
    status, text = shown(number)
    assert (status, row.key in text, "Not sealed yet" in text) == (200, True, True)
    sanctions.release(omar, row, reason="mistake", at=hours(3))
    assert "Since then" in shown(number)[1]
    line = JournalLine.objects.filter(kind="sanction.asked").get()
    assert shown(f"{line.pk}-{number.partition('-')[2]}")[0] == 404, "another line has other letters"


def test_a_pasted_receipt_says_whether_its_promise_was_kept(cast: Cast) -> None:
    made = receipts.of(cast.ana, wrote(cast), hours(1)).decode()
    note = json.loads(made)["receipt"]
    for text in (made, note, note.replace("\n", "\r\n"), f"\n {note} "):
        status, said = pasted(text)
        assert (status, "It is not there: keep the receipt" in said) == (200, True), text
    sealing.seal(hours(1))
    assert "What it promises was kept" in pasted(made)[1]
    for wrong in ("{", "[]", "words", "{}", note.replace("message.sent", "message.kept"), "— x y", "[" * 9000):
        assert pasted(wrong)[0] == 422
    assert pasted("")[0] == 422
