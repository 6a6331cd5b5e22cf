"""Mails about improvement plans over real SMTP: what is asked for, by when, and what it came to; once each."""

import pytest

from comity.actions.plans import verbs
from comity.integrations.mail import incoming
from comity.records.models import IncomingMail, NoticeMail
from tests.actions.plans.rules import BOOK, DAY, LOOKED_AT, asked, plan, staged, turned
from tests.cast import Cast, hours
from tests.integrations.test_mail import office, reach, servers
from tests.integrations.test_mail_telling import post, report, said, to
from tests.postoffice import PostOffice

__all__ = ["office", "servers"]
pytestmark = pytest.mark.django_db
WARNED = BOOK.replace('breach = { plan = "failed" }', 'warn_before = ["48 hours"]\nbreach = { plan = "failed" }')


@pytest.fixture
def cast(office: PostOffice) -> Cast:
    made = staged(WARNED)
    reach(made, made.li)
    made.seller.language, made.seller.time_zone = "en", "UTC"
    made.seller.save(update_fields=["language", "time_zone"])
    asked(made)
    return made


def of_plans(office: PostOffice) -> list[str]:
    return [mail["Subject"] for mail in to(office, "li") if mail["Subject"].startswith("Improvement plan")]


def test_a_plan_is_told_by_mail(cast: Cast, office: PostOffice) -> None:
    post(hours(LOOKED_AT + 0.1))
    assert of_plans(office) == ["Improvement plan: Few orders end in a dispute"]
    mail = next(mail for mail in to(office, "li") if mail["Subject"].startswith("Improvement plan"))
    body = str(mail.get_content())
    assert "It is to be written by Mon, Mar 16, 2026, 01:00; after that it has failed." in body
    assert "2 of 5 · 40%" in body
    assert "faulty at most 20%" in body
    assert "If the plan is kept, it falls." in body
    (measure,) = [mail for mail in to(office, "li") if mail["Subject"].startswith("Freeze")]
    assert "It waits for an improvement plan: if that is kept, it falls." in str(measure.get_content())
    turned(LOOKED_AT + 5 * DAY + 0.5)  # 48 hours before its end
    post(hours(LOOKED_AT + 5 * DAY + 0.6))
    assert len(of_plans(office)) == 2, "who is late is warned"
    verbs.write(cast.li, plan(), text="Secret words.", actions=["ship_earlier"], at=hours(LOOKED_AT + 6 * DAY))
    post(hours(LOOKED_AT + 6 * DAY + 0.1))
    assert len(of_plans(office)) == 2, "nobody is told of what they did themselves"
    verbs.send_back(cast.ken, plan(), because="Which words?", at=hours(LOOKED_AT + 6 * DAY + 1))
    post(hours(LOOKED_AT + 6 * DAY + 1.1))
    assert "It was sent back, and is to be written anew by" in said(office, "li")
    assert "Which words?" not in said(office, "li"), "words are behind the link"
    assert len(of_plans(office)) == 3


def test_a_mail_of_a_plan_that_comes_back(cast: Cast, office: PostOffice) -> None:
    post(hours(LOOKED_AT + 0.1))
    mail = next(mail for mail in to(office, "li") if mail["Subject"].startswith("Improvement plan"))
    incoming.take(report(mail), received_at=hours(LOOKED_AT + 1), now=hours(LOOKED_AT + 1))
    assert IncomingMail.objects.get().outcome == "bounce"
    told = NoticeMail.objects.exclude(plan=None).get()
    assert told.bounced_at == hours(LOOKED_AT + 1)
    assert plan().stage == "asked"
