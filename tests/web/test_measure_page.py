"""The page of a measure: its party reads why, what would have changed it, answers, and appeals."""

import builtins
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.actions import appeals, clock, sanctions
from comity.actions.measured import written
from comity.files import pdf
from comity.records.models import Charge, MeasureFile, MeasureText, Sanction
from tests.actions.sanctions.rules import FREEZE, agent, staged, violation
from tests.cast import Cast, tell
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def proposed() -> tuple[Cast, Sanction]:
    """A freeze is proposed for three charges of five, four and three points."""
    cast = staged()
    for ago, points in ((4, 5), (3, 4), (1, 3)):
        violation(cast, now() - ago * DAY, points)
    return cast, Sanction.objects.get()


def page_of(row: Sanction) -> str:
    return f"/measures/{row.party.uuid}/{row.key}/"


def test_a_proposed_measure_says_why_and_is_answered_with_a_file(proposed: tuple[Cast, Sanction]) -> None:
    cast, row = proposed
    li = sign_in(cast.li)
    today = text(li.get("/sell/"))
    assert "Freeze is proposed: you may answer before it takes effect." in today
    assert f'href="{page_of(row)}"' in today
    page = text(li.get(page_of(row)))
    assert "Proposed: a person decides." in page
    assert "It would be: Freeze for 7 days, after a notice of 48 hours, if a person approves." in page
    assert "at the earliest, if it is approved." in page
    assert "“Conduct” came to 12; from 12 on: Freeze." in page
    assert page.count("No spam") >= 3
    assert "Without any one of these charges it would not have come to this." in page
    assert "Without that one it would have stood at 9, where 12 were needed." in page
    assert "Not possible meanwhile: offer something new; take new orders;" in page
    assert "Still possible: send what was ordered, and answer its buyers;" in page
    assert "File the appeal" not in page, "nothing is placed yet"

    empty = li.post(f"{page_of(row)}answer/", {"text": "  "})
    assert (empty.status_code, "an empty field says nothing" in text(empty)) == (422, True)
    file = SimpleUploadedFile("proof.txt", b"All thirty had asked for it.")
    done = li.post(f"{page_of(row)}answer/", {"text": "They <b>asked</b>.", "files": file}, follow=True)
    assert "Your answer is beside the measure" in text(done)
    assert "They &lt;b&gt;asked&lt;/b&gt;." in text(done)
    kept = MeasureFile.objects.get()
    handed_out = li.get(f"/measures/files/{kept.uuid}/")
    assert b"".join(handed_out.streaming_content) == b"All thirty had asked for it."  # type: ignore[attr-defined]
    assert sign_in(cast.max).get(f"/measures/files/{kept.uuid}/").status_code == 404, "of a rival, like none at all"


def test_what_was_typed_stays_where_it_is_refused(proposed: tuple[Cast, Sanction]) -> None:
    cast, row = proposed
    li = sign_in(cast.li)
    bad = SimpleUploadedFile("a.exe", b"MZ\x90\x00")
    page = li.post(f"{page_of(row)}answer/", {"text": "Long and careful words.", "files": bad})
    assert page.status_code == 422
    assert "Long and careful words." in text(page)
    assert not MeasureText.objects.filter(kind="answered").exists()
    assert li.get(f"{page_of(row)}answer/").status_code == 302, "reloaded, or read in another language"
    assert li.post(f"{page_of(row)}explode/").status_code == 404


def test_a_rival_and_a_buyer_see_nothing_and_an_agent_does_not_answer(proposed: tuple[Cast, Sanction]) -> None:
    cast, row = proposed
    for who in (cast.max, cast.ana):
        client = sign_in(who)
        assert client.get(page_of(row)).status_code == 403
        assert client.post(f"{page_of(row)}answer/", {"text": "Hi"}).status_code == 403
    ken = sign_in(cast.ken)
    page = text(ken.get(page_of(row)))
    assert "Decide on the desk" in page
    assert "Send the answer" not in page
    assert ken.post(f"{page_of(row)}answer/", {"text": "Hi"}).status_code == 403


def test_an_appeal_has_a_last_day_is_filed_once_added_to_and_decided(proposed: tuple[Cast, Sanction]) -> None:
    cast, row = proposed
    sanctions.approve(cast.ken, row, at=now())
    li = sign_in(cast.li)
    page = text(li.get(page_of(row)))
    assert "You may appeal until" in page
    assert "(UTC)" in page or "(Asia/Shanghai)" in page, "the zone has its name"
    assert "The rule proposed it; a person decided." in page
    for _ in range(2):  # a double click
        done = li.post(f"{page_of(row)}appeal/", {"text": "It was not me."}, follow=True)
    assert "Add to your appeal" in text(done)
    assert MeasureText.objects.filter(kind="filed").count() == 1
    assert not MeasureText.objects.filter(kind="added").exists()
    assert "An appeal was filed on" in text(done)
    assert "Send the answer" not in text(done), "who appeals has said it there"
    row.refresh_from_db()
    appeals.decide(agent(cast, "Omar"), row, result="falls", because="It was another.", at=now())
    page = text(li.get(page_of(row)))
    assert "Taken back: it is as if it had not been." in page
    assert "the measure falls" in page
    assert "It was another." in page
    assert "File the appeal" not in page
    assert "From " not in page, "it never began"
    assert "Not possible meanwhile" not in page
    assert "What it stopped is possible again, unless something below stops it." in page


def test_what_came_back_and_what_stays_is_listed(proposed: tuple[Cast, Sanction]) -> None:
    cast, row = proposed
    sanctions.approve(cast.ken, row, at=now())
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    asked = sanctions.ask(noor, cast.seller, sanctions.Wanted("warning", "spam", "Again.", 30 * DAY), at=now())
    sanctions.approve(omar, asked, at=now())
    appeals.file(cast.li, row, words=written("It was not me."), at=now())
    first = Charge.objects.order_by("at")[0]
    appeals.decide(omar, row, result="falls", because="It was another.", at=now(), charges=[first])
    li = sign_in(cast.li)
    page = text(li.get(page_of(row)))
    assert "Taken back: 5 points, No spam," in page
    assert "It stays: Warning, until" in page
    assert page.count('<span class="badge good">overturned</span>') == 1, "and no charge more"
    health = text(li.get("/sell/health/"))
    assert "overturned" in health


def test_in_chinese(proposed: tuple[Cast, Sanction]) -> None:
    cast, row = proposed
    cast.seller.language = "zh-hans"
    cast.seller.save(update_fields=["language"])
    li = sign_in(cast.li)
    assert li.get(page_of(row), headers={"accept-language": "zh-hans"}).status_code == 200


def test_the_why_panel_and_a_refusal_lead_there(proposed: tuple[Cast, Sanction]) -> None:
    cast, row = proposed
    assert page_of(row) in text(sign_in(cast.li).get(f"/why/sanction/{row.party.uuid}/{row.key}/"))


def test_what_an_agent_asked_for_names_the_rule() -> None:
    cast = staged()
    wanted = sanctions.Wanted("freeze", "spam", "Thirty people got it.", 7 * DAY)
    row = sanctions.ask(agent(cast, "Noor"), cast.seller, wanted, at=now())
    page = text(sign_in(cast.li).get(page_of(row)))
    assert "An agent asked for it, for: No spam" in page
    assert "People found it. People decide." in page
    assert "Thirty people got it." in page
    sanctions.answer(cast.li, row, words=written("No."), at=now())


def test_the_statement_as_pdf_in_the_readers_language(proposed: tuple[Cast, Sanction]) -> None:
    cast, row = proposed
    client = sign_in(cast.li)
    for language, said in (("en", "“Conduct” came to 12; from 12 on: Freeze."), ("zh-hans", "\u51bb\u7ed3")):
        cast.seller.language = language
        cast.seller.save(update_fields=["language"])
        client.cookies["django_language"] = language
        answer = client.get(f"{page_of(row)}statement.pdf")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        pages = pypdf.PdfReader(BytesIO(answer.content)).pages
        printed = " ".join(" ".join(page.extract_text().split()) for page in pages)
        assert said in printed
        assert row.key in printed
    assert sign_in(cast.max).get(f"{page_of(row)}statement.pdf").status_code == 403


def test_without_the_extra_the_page_says_what_to_install(
    proposed: tuple[Cast, Sanction], monkeypatch: pytest.MonkeyPatch
) -> None:
    cast, row = proposed
    real = builtins.__import__

    def without(name: str, *more: Any, **by_name: Any) -> Any:
        if name == "weasyprint":
            raise ImportError(name)
        return real(name, *more, **by_name)

    monkeypatch.setattr(builtins, "__import__", without)
    answer = sign_in(cast.li).get(f"{page_of(row)}statement.pdf", follow=True)
    assert "PDF needs the extra: pip install comity[pdf]" in text(answer)


def test_nothing_is_fetched_for_a_pdf(tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="9">secret</text></svg>')
    made = pdf.pdf_of(f'<h1>So</h1><img src="{picture.as_uri()}"><object data="{picture.as_uri()}"></object>')
    printed = pypdf.PdfReader(BytesIO(made)).pages[0].extract_text()
    assert "So" in printed
    assert "secret" not in printed


STANDARD = """
[[standard]]
name = "disputes"
title = "Few disputes"
window = "30 days"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened" }

[[standard.level]]
name = "limit"
limit = { rate = "<= 10%" }
charge = { ledger = "conduct", points = 12 }
"""


def test_a_charge_of_a_standard_says_what_was_read(db: None) -> None:
    cast = staged(f"{FREEZE}\n{STANDARD}")
    at = now() - timedelta(days=3)
    for number in range(8):
        tell(cast, "order.paid", f"order:{number}", at)
    tell(cast, "dispute.opened", "order:1", at + timedelta(hours=1))
    clock.turn(now())
    row = Sanction.objects.get()
    assert 'Few disputes <span class="muted">1 of 8 · 12.5%</span>' in text(sign_in(cast.li).get(page_of(row)))


def test_it_asks_as_little_of_many_charges_as_of_one() -> None:
    cast = staged()
    asked: list[int] = []
    for of, points in ((cast.max, 6), (cast.li, 1)):
        for number in range(12 // points):
            at, talk = now() - timedelta(hours=number + 1), f"conversation:{of.party.pk}.{number}"
            if number % 2:
                violation(cast, at, points, of=of.party)
                continue
            # Of these the shop told no title: each is called by its order.
            tell(cast, "order.paid", f"order:{number}", at, whose=of.party)
            tell(cast, "message.sent", talk, at, whose=of.party, by="buyer", automatic=False, order=f"order:{number}")
            tell(cast, "violation.found", talk, at, whose=of.party, rule="spam", by="reviewer", points=points)
        client, address = sign_in(of), page_of(Sanction.objects.get(party=of.party))
        client.get(address)
        with CaptureQueriesContext(connection) as made:
            assert client.get(address).status_code == 200
        asked.append(len(made))
    assert asked[0] == asked[1]
