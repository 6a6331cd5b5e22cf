from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from comity.actions import clock, conversations, messages
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.records import statements
from comity.records.models import Charge, Duty, JournalLine, Message, Notice, Standing
from tests.cast import Cast, hours

#: With one that asks for a measure on who writes, where there is no order between the two.
MAX_STATEMENTS = 10


def kinds(cast: Cast) -> list[str]:
    return list(JournalLine.objects.filter(party=cast.seller).order_by("seq").values_list("kind", flat=True))


def test_a_buyers_message_opens_the_sellers_duty_to_reply(cast: Cast) -> None:
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text="Where is my lamp?", at=hours(1))
    duty = Duty.objects.get()
    assert (duty.rule, duty.status, duty.due) == ("reply", "open", hours(73))
    assert kinds(cast) == ["message.sent", "duty.opened"]
    assert Notice.objects.get().party == cast.seller
    assert Standing.objects.get(party=cast.seller).next_due == hours(49), "the first warning comes 24 hours before"


def test_further_messages_do_not_move_the_deadline(cast: Cast) -> None:
    conversation = cast.conversation()
    for hour in (1, 5, 60):
        messages.send(cast.ana, conversation, text="Hello?", at=hours(hour))
    assert Duty.objects.get().due == hours(73), "the oldest unanswered message counts"


def test_a_persons_reply_meets_the_duty_and_an_automatic_one_does_not(cast: Cast) -> None:
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text="Hello?", at=hours(1))
    messages.send(cast.li, conversation, text="We are away.", at=hours(2), extras=messages.Extras(automatic=True))
    assert Duty.objects.get().status == "open"
    messages.send(cast.li, conversation, text="It left today.", at=hours(3))
    duty = Duty.objects.get()
    assert (duty.status, duty.ended_at, duty.next_at) == ("met", hours(3), None)


def test_the_next_question_opens_the_next_duty(cast: Cast) -> None:
    conversation = cast.conversation()
    for actor, hour in ((cast.ana, 1), (cast.li, 2), (cast.ana, 3)):
        messages.send(actor, conversation, text="…", at=hours(hour))
    assert list(Duty.objects.order_by("opened_at").values_list("status", "current")) == [("met", False), ("open", True)]


def test_silence_is_a_breach_dated_at_its_deadline(cast: Cast) -> None:
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text="Hello?", at=hours(1))
    clock.turn(hours(500))
    duty = Duty.objects.get()
    assert duty.status == "breached"
    breach = JournalLine.objects.get(kind="duty.breached")
    assert (breach.at, breach.noted_at) == (hours(73), hours(500))
    charge = Charge.objects.get()
    assert (charge.points, charge.at, charge.expires_at) == (1, hours(73), hours(73) + timedelta(days=365))


def test_time_catches_up_before_a_late_reply_is_judged(cast: Cast) -> None:
    """Nobody turned the clock; the reply itself makes the passed deadline count."""
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text="Hello?", at=hours(1))
    messages.send(cast.li, conversation, text="Sorry!", at=hours(100))
    assert Duty.objects.get().status == "cured"
    assert kinds(cast)[-4:] == ["duty.breached", "ledger.charged", "message.sent", "duty.cured"]


def test_a_reply_at_the_deadline_is_in_time(cast: Cast) -> None:
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text="Hello?", at=hours(1))
    messages.send(cast.li, conversation, text="Here.", at=hours(73))
    assert Duty.objects.get().status == "met"


def test_no_reply_needed_ends_the_duty_and_the_buyer_may_open_it_again(cast: Cast) -> None:
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text="Thanks!", at=hours(1))
    conversations.no_reply_needed(cast.li, conversation, reason="thanks", at=hours(2))
    assert Duty.objects.get().status == "waived"
    messages.send(cast.ana, conversation, text="But where is it?", at=hours(3))
    assert Duty.objects.get(current=True).due == hours(75)


def test_a_buyers_message_takes_at_most_ten_statements(cast: Cast) -> None:
    """From the address of the conversation to the commit, everything that is sent to the database counted."""
    made = cast.conversation()
    messages.send(cast.ana, made, text="Hello?", at=hours(1))
    messages.send(cast.li, made, text="Yes?", at=hours(2))
    sent: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        conversation = statements.conversation(made.uuid)
        messages.send(cast.ana, conversation, text="Where is it?", at=hours(3))
    spoken = [sql for sql in sent if not sql.startswith(("SAVEPOINT", "RELEASE"))]  # the test's own transaction
    assert len(spoken) <= MAX_STATEMENTS, "\n".join(spoken)
    assert Duty.objects.get(current=True).due == hours(75)


@pytest.mark.parametrize("text", ["", "   ", "\x00", "\u200b\u202e", "x" * 10_001])
def test_an_empty_or_huge_message_is_refused_and_leaves_no_trace(cast: Cast, text: str) -> None:
    conversation = cast.conversation()
    with pytest.raises(Refused, match="characters"):
        messages.send(cast.ana, conversation, text=text, at=hours(1))
    assert not Message.objects.exists()
    assert not JournalLine.objects.exists()


def test_texts_in_any_script_are_kept_as_they_are(cast: Cast) -> None:
    text = "我的包裹在哪里？ أين طردي؟ 🎁"
    message = messages.send(cast.ana, cast.conversation(), text=text, at=hours(1))
    assert Message.objects.get().text == text
    line = JournalLine.objects.get(kind="message.sent")
    assert text not in line.body, "the journal holds a digest, never the text"
    assert str(message.uuid) in line.body


def test_strangers_and_agents_may_not_write(cast: Cast) -> None:
    conversation = cast.conversation()
    for stranger in (cast.bea, cast.max, cast.ken):
        with pytest.raises(Forbidden):
            messages.send(stranger, conversation, text="Hi", at=hours(1))
    assert not Message.objects.exists()
