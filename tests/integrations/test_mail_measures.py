"""Mails about measures over real SMTP and IMAP: how to object and until when, once; and what it means that one came back."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from comity.actions import clock, sanctions
from comity.actions.measured import written
from comity.integrations.mail import incoming
from comity.records import rebuild
from comity.records.models import JournalLine, NoticeMail, Sanction
from tests.actions.sanctions.rules import agent, asked, in_force, staged, violation
from tests.actions.sanctions.test_delivery import WARNED_FIRST
from tests.cast import Cast, hours
from tests.integrations.test_mail import office, reach, servers
from tests.integrations.test_mail_telling import post, report, said, to
from tests.postoffice import PostOffice
from tests.properties.stories import replayed, ruled
from tests.web.test_pages import sign_in

__all__ = ["office", "servers"]
pytestmark = pytest.mark.django_db
DAY = 24


def written_to(rungs: str | None = None) -> Cast:
    """A stage on which Li, who reads in Shanghai, has an address."""
    cast = staged(rungs) if rungs else staged()
    reach(cast, cast.li)
    return cast


def read(letter: bytes, at: datetime) -> None:
    incoming.take(letter, received_at=at, now=at)


def test_the_first_mail_says_from_when_to_when_and_how_to_object(office: PostOffice) -> None:
    cast = written_to()
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    cast.seller.language, cast.seller.time_zone = "en", "UTC"
    cast.seller.save(update_fields=["language", "time_zone"])
    row = asked(cast, noor, "freeze", hours(0), timedelta(days=7))
    post(hours(0.1))
    assert "six months" in said(office, "li")
    sanctions.approve(omar, row, at=hours(1))
    post(hours(1.1))
    body = said(office, "li")
    assert "From Mon, Mar 2, 2026, 10:00 to Mon, Mar 9, 2026, 10:00" in body
    assert "You may appeal until" in body
    assert "Sep 2, 2026" in body
    assert "Times in UTC" in body
    assert len(to(office, "li")) == 2, "one for each thing that happened"
    first, second = to(office, "li")
    assert first["References"] == second["References"], "one thread"
    post(hours(2))
    clock.turn(hours(10 * DAY))
    post(hours(10 * DAY))
    post(hours(10 * DAY))
    assert len(to(office, "li")) == 3, "that it is over is told once"


def test_a_warning_nobody_got_is_none_until_its_page_is_opened(office: PostOffice) -> None:
    cast = written_to(WARNED_FIRST % "told warning")
    violation(cast, hours(0), 2)
    post(hours(0.1))
    read(report(to(office, "li")[-1]), hours(0.2))
    warning = Sanction.objects.get(measure="warning")
    assert warning.told_at is None
    assert NoticeMail.objects.get().bounced_at is not None
    violation(cast, hours(10 * DAY), 4)
    post(hours(10 * DAY + 0.1))
    read(report(to(office, "li")[-1]), hours(10 * DAY + 0.2))
    clock.turn(hours(12 * DAY + 1))
    assert in_force(cast, 12 * DAY + 1) == []
    shown = sign_in(cast.ken).get("/desk/measures/").content.decode()
    assert "Another way is needed" in shown
    browser: Client = sign_in(cast.li)
    assert browser.get("/sell/health/").status_code == 200
    told = list(JournalLine.objects.filter(party=cast.seller, kind="sanction.told").order_by("seq"))
    assert len(told) == 2
    freeze = Sanction.objects.get(measure="freeze")
    assert freeze.told_at == told[-1].at
    assert freeze.effective_at == freeze.told_at + timedelta(hours=48)
    browser.get("/notices/")
    assert JournalLine.objects.filter(party=cast.seller, kind="sanction.told").count() == 2, "once"
    assert replayed(cast.seller, until=told[-1].at) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


def test_a_report_twice_or_after_the_page_was_read_takes_nothing_back(office: PostOffice) -> None:
    cast = written_to()
    violation(cast, hours(0), 12)
    post(hours(0.1))
    sent = to(office, "li")[-1]
    NoticeMail.objects.get().notices.update(read_at=hours(0.15))
    for at in (0.2, 0.3):
        read(report(sent), hours(at))
    assert Sanction.objects.get().told_at == hours(0)
    assert not JournalLine.objects.filter(party=cast.seller, kind="sanction.unreached").exists()


def test_who_answered_or_appealed_knows_of_it_though_the_mail_came_back(office: PostOffice) -> None:
    cast = written_to()
    violation(cast, hours(0), 12)
    post(hours(0.1))
    sanctions.answer(cast.li, Sanction.objects.get(), words=written("Not me."), at=hours(0.2))
    read(report(to(office, "li")[-1]), hours(0.3))
    assert Sanction.objects.get().told_at == hours(0)
    assert not JournalLine.objects.filter(party=cast.seller, kind="sanction.unreached").exists()


def test_told_by_hand_its_notice_runs_from_then(office: PostOffice) -> None:
    cast = written_to()
    violation(cast, hours(0), 12)
    post(hours(0.1))
    read(report(to(office, "li")[-1]), hours(0.2))
    row = Sanction.objects.get()
    assert row.told_at is None
    address = f"/desk/measures/{cast.seller.uuid}/{row.key}/"
    ken = sign_in(cast.ken)
    assert "I have told the party" in ken.get(address).content.decode()
    assert "its notice runs from now" in ken.post(f"{address}told/", follow=True).content.decode()
    assert Sanction.objects.get().told_at is not None
    again = ken.post(f"{address}told/", follow=True).content.decode()
    assert "told already" in again
