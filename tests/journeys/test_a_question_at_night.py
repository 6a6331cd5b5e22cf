"""The story of conversations: a routine question at night, an answer that did not help, one by mail from a phone; and a
second question, answered in time by a mail that came to us too late."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from comity.actions import answers, clock, contacts, messages
from comity.integrations import mail
from comity.records import journal
from comity.records.models import Charge, Conversation, Duty, JournalLine, Message, Notice, SentAnswer
from comity.web.common import home
from comity.web.seller import inbox, selling
from tests.actions.test_conversations import teach
from tests.cast import Cast, hours
from tests.postoffice import PostOffice, open_office
from tests.web.test_pages import sign_in, text

NIGHT = 14.5  # half past eleven in the evening
PHONE = """Content-Type: text/plain; charset=utf-8
From: Li Wei <li@shop.example>
To: {to}
Message-ID: <{id}@phone.example>
X-Mailer: A telephone

{said}

Sent from my phone

On 3 Mar 2026, at 08:12, Ana Souza · Comity <service@market.example> wrote:

> ##- Write your answer above this line -##
> Where is my lamp?
"""


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with open_office() as opened:
        for name, value in opened.environment.items():
            monkeypatch.setenv(name, value)
        yield opened


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """The time that pages read; a test sets it."""
    now = [hours(0)]

    class Watch(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            del tz
            return now[0]

    for module in (inbox, selling, home):
        monkeypatch.setattr(module, "datetime", Watch)
    yield now
    timezone.deactivate()


def test_the_story(cast: Cast, office: PostOffice, at: list[datetime]) -> None:
    teach(cast)
    wishes = contacts.Wishes(True, "each", quiet_from=23, quiet_until=8, email="li@shop.example")
    contacts.save(cast.platform, cast.seller, wishes, at=hours(0))
    li = sign_in(cast.li)

    # Ana asks at night; a saved answer goes out at once, is marked as automatic, and stops no clock.
    talk = cast.conversation(cast.order())
    asked = answers.ask(cast.ana, talk, text="Where is my parcel?", at=hours(NIGHT))
    automatic = Message.objects.get(automatic=True)
    assert automatic.at == asked.at
    assert SentAnswer.objects.get().model in JournalLine.objects.get(fact_id=automatic.ref).body
    mail.plan(hours(NIGHT))
    assert mail.send_due(hours(NIGHT)) == 0, "Li sleeps"

    # It did not help: the question is due since it was asked, 72 hours from then.
    answers.reject(cast.ana, talk, automatic.uuid, at=hours(NIGHT + 0.1))
    row = Conversation.objects.get(pk=talk.pk)
    assert (row.turn, row.turn_since, row.due_at) == ("seller", hours(NIGHT), hours(NIGHT + 72))
    at[0] = hours(24)
    page = text(li.get("/sell/inbox/"))
    assert "Where is my lamp?" in page
    assert "2 days left" in page

    # In the morning the mail is there; Li answers it from a phone.
    assert mail.send_due(hours(24)) == 1
    sent = office.sent[0]
    assert "Where is my parcel?" in sent.get_content()
    phone = PHONE.format(to=sent["Reply-To"], id=1, said="I looked: it is in Leipzig, tomorrow it is with you.")
    office.come(phone.encode(), at=hours(25))
    assert mail.fetch(hours(26)) == 1
    said = Message.objects.get(channel="mail")
    assert said.text.startswith("I looked: it is in Leipzig")
    assert "Where is my" not in said.text
    duty = Duty.objects.get(rule="reply")
    assert (duty.status, duty.ended_at) == ("met", hours(25))
    assert Conversation.objects.get(pk=talk.pk).turn == "buyer"

    # A second question. Nobody reads the mailbox for three days.
    second = cast.conversation()
    messages.send(cast.ana, second, text="Can the lamp be dimmed?", at=hours(30))
    mail.plan(hours(30))
    assert mail.send_due(hours(30)) == 1
    answer = PHONE.format(to=office.sent[1]["Reply-To"], id=2, said="Yes, by the switch.")
    office.come(answer.encode(), at=hours(102) - timedelta(seconds=1))
    clock.turn(hours(102))
    assert Duty.objects.get(matter=second.ref).status == "open", "due at 72 hours: then it is still in time"
    clock.turn(hours(102) + timedelta(microseconds=1))
    breached = Duty.objects.get(matter=second.ref)
    assert (breached.status, breached.due) == ("breached", hours(102))
    assert Charge.objects.get(matter=second.ref).points == 1

    # The mail is read at last. It was in time; what was ruled is overturned, and nothing is erased.
    assert mail.fetch(hours(110)) == 1
    assert Duty.objects.get(matter=second.ref).status == "met"
    assert Charge.objects.get(matter=second.ref).overturned_at is not None
    kinds = list(JournalLine.objects.filter(matter=second.ref).order_by("seq").values_list("kind", flat=True))
    assert kinds.index("duty.breached") < kinds.index("ruling.overturned")
    assert Notice.objects.filter(party=cast.seller, kind="ruling.overturned").exists()
    assert not list(journal.verify(cast.seller))
    at[0] = hours(111)
    assert "judged again, because something became known late" in text(li.get("/notices/"))
