"""The agents' desk of measures: what waits, what was said, what each agent may do, and what comes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from comity.actions import appeals, sanctions
from comity.actions.measured import written
from comity.records.models import Charge, MeasureText, Sanction
from tests.actions.sanctions.rules import agent, staged, violation
from tests.cast import Cast
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db


def now() -> datetime:
    return datetime.now(UTC)


def asked_for(cast: Cast, length: timedelta = timedelta(days=7)) -> Sanction:
    wanted = sanctions.Wanted("freeze", "spam", "Thirty people got it.", length)
    return sanctions.ask(agent(cast, "Noor"), cast.seller, wanted, at=now())


def page_of(row: Sanction) -> str:
    return f"/desk/measures/{row.party.uuid}/{row.key}/"


def test_asked_for_by_one_and_decided_by_another() -> None:
    cast = staged()
    noor, omar = sign_in(agent(cast, "Noor")), sign_in(agent(cast, "Omar"))
    address = f"/desk/parties/{cast.seller.uuid}/ask-measure/"
    assert "No spam" in noor.get(address).content.decode()
    form = {"measure": "freeze", "rule": "spam", "days": "7", "notice": "0", "because": "", "once": "a"}
    refused = noor.post(address, form, follow=True).content.decode()
    assert "Say why: the party reads it." in refused
    for _ in range(2):  # a double click
        made = noor.post(address, {**form, "because": "Thirty people got it."}, follow=True)
    assert "Asked for. The party is told, and another agent decides." in made.content.decode()
    row = Sanction.objects.get()
    mine = noor.get(page_of(row)).content.decode()
    assert "You asked for this measure yourself; somebody else approves it." in mine
    theirs = omar.get("/desk/measures/").content.decode()
    assert "Freeze · Li Wei" in theirs
    assert "You may decide it." in theirs
    sanctions.answer(cast.li, row, words=written("It was <b>not</b> me."), at=now())
    shown = omar.get(page_of(row)).content.decode()
    assert "It was &lt;b&gt;not&lt;/b&gt; me." in shown
    assert "You may decide it. It was answered. Its notice has run." in text(omar.get("/desk/measures/"))
    form = {"asked_at": row.at.isoformat()}
    said = omar.post(f"{page_of(row)}approve/", form, follow=True).content.decode()
    assert "The party has answered: say what you make of that." in said
    said = omar.post(f"{page_of(row)}approve/", {**form, "because": "It was."}, follow=True).content.decode()
    assert "Approved. It is in force from now on." in said
    assert "in force now" in said
    row.refresh_from_db()
    assert (row.status, row.decided_by) == ("placed", agent(cast, "Omar").party.ref)


def test_who_decides_sees_what_would_be_and_what_there_is_besides() -> None:
    cast = staged()
    for ago, points in ((4, 5), (3, 4), (1, 3)):
        violation(cast, now() - timedelta(days=ago), points)
    row, other = Sanction.objects.get(), asked_for(cast)
    ken = sign_in(cast.ken)
    page = text(ken.get(page_of(row)))
    assert "It would be: Freeze for 7 days, after a notice of 48 hours, if a person approves." in page
    assert "at the earliest, if it is approved." in page
    assert f'href="{page_of(other)}"' in page
    assert "“Conduct” came to 12; from 12 on: Freeze." in page
    assert "Not possible meanwhile:" in page
    assert "Still possible:" not in page, "that is said to its party"
    form = {"asked_at": row.at.isoformat()}
    said = text(ken.post(f"{page_of(row)}approve/", form, follow=True))
    assert "Approved. It takes effect on" in said
    assert "It would be:" not in said


def test_an_appeal_on_the_desk_by_who_had_no_part() -> None:
    cast = staged()
    first = violation(cast, now() - timedelta(days=3), 6)
    violation(cast, now() - timedelta(days=3), 6)
    row = Sanction.objects.get()
    sanctions.approve(cast.ken, row, at=now())
    appeals.file(cast.li, row, words=written("第一次不是我。"), at=now())
    ken = sign_in(cast.ken)
    assert "had no part" not in ken.get("/desk/measures/").content.decode()
    shown = ken.get(page_of(row)).content.decode()
    assert "You had a part in this decision" in shown
    assert "It waits, and the platform's own time runs." in shown
    omar = sign_in(agent(cast, "Omar"))
    queue = omar.get("/desk/measures/").content.decode()
    assert "Promised by" in queue
    said_at = Sanction.objects.get().appealed_at
    assert said_at is not None
    form = {
        "result": "falls", "because": "Another&#x27;s.", "charge": [first.key], "asked_at": said_at.isoformat(),
    }  # fmt: skip
    said = omar.post(f"{page_of(row)}decide-appeal/", form, follow=True).content.decode()
    assert "The appeal is decided, and the party is told." in said
    row.refresh_from_db()
    assert (row.status, row.appealed_at) == ("overturned", None)
    assert Charge.objects.filter(overturned_at__isnull=False).count() == 1
    assert "No appeal waits." in omar.get("/desk/measures/").content.decode()
    again = omar.post(f"{page_of(row)}decide-appeal/", form, follow=True).content.decode()
    assert "There is no open appeal." in again


def test_ended_early_shortened_and_nonsense_refused() -> None:
    cast = staged()
    row = asked_for(cast)
    omar, iris = sign_in(agent(cast, "Omar")), sign_in(agent(cast, "Iris"))
    omar.post(f"{page_of(row)}approve/", {"asked_at": row.at.isoformat()})
    appeals.file(cast.li, row, words=written("Too long."), at=now())
    shown = Sanction.objects.get().appealed_at
    assert shown is not None
    wrong = {"result": "shortened", "because": "Yes.", "days": "-3", "asked_at": shown.isoformat()}
    assert "whole number" in iris.post(f"{page_of(row)}decide-appeal/", wrong, follow=True).content.decode()
    assert "how long" in iris.post(f"{page_of(row)}decide-appeal/", {**wrong, "days": ""}, follow=True).content.decode()
    iris.post(f"{page_of(row)}decide-appeal/", {**wrong, "days": "3"})
    row.refresh_from_db()
    assert row.effective_at is not None
    assert row.until == row.effective_at + timedelta(days=3)
    said = omar.post(f"{page_of(row)}release/", {"reason": "mistake"}, follow=True).content.decode()
    assert "Ended. Whatever else the party is under stays as it is." in said
    row.refresh_from_db()
    assert row.status == "lifted"
    assert omar.post(f"{page_of(row)}burn/").status_code == 404


def test_whom_nothing_reached_is_shown_and_nobody_but_agents_sees_the_desk() -> None:
    cast = staged()
    row = asked_for(cast)
    Sanction.objects.update(told_at=None)
    ken = sign_in(cast.ken)
    assert "Another way is needed" in ken.get("/desk/measures/").content.decode()
    assert "what told it came back" in ken.get(page_of(row)).content.decode()
    li = sign_in(cast.li)
    for address in ("/desk/measures/", page_of(row), f"/desk/parties/{cast.seller.uuid}/ask-measure/"):
        assert li.get(address).status_code == 403
    assert li.post(f"{page_of(row)}approve/").status_code == 403
    charge = violation(cast, now(), 1)
    assert li.post(f"/desk/charges/{cast.seller.uuid}/{charge.key}/take-off/").status_code == 403
    ken.post(f"/desk/charges/{cast.seller.uuid}/{charge.key}/take-off/", {"reason": "mistake"})
    assert Charge.objects.get().overturned_at is not None
    assert MeasureText.objects.count() == 1
