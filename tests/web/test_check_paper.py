"""Whoever is shown a decision or a receipt checks it on a page that names nobody."""

import base64
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from comity.actions import appeals, sanctions
from comity.actions.disputes import appealing
from comity.actions.measured import written
from comity.actions.seal import checking, receipts, sealing
from comity.lib.tlog import notes
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
    assert ("An appeal against it waits" in text, "An appeal against it waits" in shown(number)[1]) == (False, True)
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
    assert "An appeal against it waits" not in text
    appeals.file(cast.li, row, words=written("It was not me."), at=hours(2))
    assert "An appeal against it waits" in shown(number)[1]
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
    assert "Ana wrote" not in pasted(made)[1]
    assert "Buyer wrote, " in pasted(made)[1], "in words, not as a code"
    assert "Times in UTC" in pasted(made)[1]
    for wrong in ("{", "[]", "words", "{}", note.replace("message.sent", "message.kept"), "— x y", "[" * 9000):
        assert pasted(wrong)[0] == 422
    assert pasted("")[0] == 422


def test_a_receipt_whose_words_or_line_were_changed_is_none(cast: Cast) -> None:
    made = json.loads(receipts.of(cast.ana, wrote(cast), hours(1)))
    sealing.seal(hours(1))
    assert "The words and the line in the file are those" in pasted(json.dumps(made))[1]
    assert "is checked with the whole file" in pasted(made["receipt"])[1]
    for changed in (
        {**made, "words": [{**made["words"][0], "text": "Nothing ever came."}]},
        {**made, "line": {**made["line"], "body": made["line"]["body"].replace("buyer", "agent")}},
        {"receipt": made["receipt"]},
    ):
        status, said = pasted(json.dumps(changed))
        assert (status, "not those that it signed for" in said, "kept" in said) == (422, True, False)


def test_a_receipt_says_that_its_key_was_replaced_or_lost(cast: Cast, folder: Path) -> None:
    sealed = receipts.of(cast.ana, wrote(cast), hours(1)).decode()
    sealing.seal(hours(1))
    never = receipts.of(cast.ana, wrote(cast), hours(1)).decode()
    sealing.rotate(hours(2))
    assert "was replaced by another one Mon, Mar 2, 2026, 11:00" in pasted(sealed)[1]
    second = receipts.of(cast.ana, wrote(cast), hours(2)).decode()
    (folder / "seal_key").unlink()
    sealing.rotate(hours(3), lost=True)
    status, said = pasted(second)
    assert (status, "was lost, and replaced" in said, "This signature alone shows nothing." in said) == (
        200,
        True,
        True,
    )
    sealing.seal(hours(3))
    assert "the journal itself shows" in pasted(second)[1]
    assert "was lost" not in pasted(never)[1], "another key was lost, not the one that signed this"


def test_what_a_found_key_signs_of_a_time_after_it_is_told_as_that(cast: Cast, folder: Path) -> None:
    sealing.seal(hours(1))
    old = (folder / "seal_key").read_text()
    sealing.rotate(hours(0.5))
    fact = wrote(cast)
    made = json.loads(receipts.of(cast.ana, fact, hours(1)))
    signer = notes.new_signer(made["receipt"].split("\n")[0].rpartition(" ")[2], base64.b64decode(old))
    forged = notes.sign(made["receipt"].partition("\n\n")[0] + "\n", [signer])
    assert "came after that, when this key signed nothing" in pasted(forged)[1]
    sealing.seal(hours(1))
    assert "came after that" not in pasted(forged)[1], "the journal has it"


@pytest.mark.parametrize("dash", ["-", "\u2013", "\u2212", " - ", "\uff0d"])
def test_a_number_is_taken_as_it_was_copied(dash: str) -> None:
    here = stage()
    row, _, code = checking.number_of_dispute(decided(here), START + 3 * DAY).partition("-")
    assert shown(f"{row}{dash}{code}")[0] == 200
    assert shown(f"{row}{dash}".translate({ord(str(n)): 0xFF10 + n for n in range(10)}) + code.lower())[0] == 200
