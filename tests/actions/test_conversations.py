"""Whose turn it is; automatic answers and the buyer's verdict; notes; closing; the agent who is asked."""

from datetime import datetime
from uuid import uuid4

import pytest

from comity.actions import answers, clock, conversations, messages
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.lib import canonical, moments
from comity.records import rebuild
from comity.records.models import Answer, AnswerModel, Conversation, Duty, JournalLine, Message, Note, SentAnswer
from tests.cast import Cast, assemble, hours
from tests.classify.test_model import PARCEL, RETURN
from tests.properties.stories import replayed, ruled
from tests.proving import prove


def turn(conversation: Conversation) -> tuple[str, object, object]:
    found = Conversation.objects.get(pk=conversation.pk)
    return found.turn, found.turn_since, found.due_at


def test_the_turn_is_the_sellers_since_the_oldest_unanswered_message(cast: Cast) -> None:
    conversation = cast.conversation()
    assert turn(conversation) == ("", None, None)
    messages.send(cast.ana, conversation, text="Where is it?", at=hours(1))
    messages.send(cast.ana, conversation, text="Please?", at=hours(5))
    assert turn(conversation) == ("seller", hours(1), hours(73))
    clock.turn(hours(74))
    assert turn(conversation) == ("seller", hours(1), hours(73)), "a breach leaves it where it is"
    messages.send(cast.li, conversation, text="It left today.", at=hours(75))
    assert turn(conversation)[0] == "buyer"
    messages.send(cast.ana, conversation, text="Thank you!", at=hours(76))
    conversations.no_reply_needed(cast.li, conversation, reason="thanks", at=hours(77))
    assert turn(conversation) == ("", None, None)


def test_a_late_message_is_not_the_newest_and_takes_no_turn_away(cast: Cast) -> None:
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text="Where is it?", at=hours(1))
    messages.send(cast.li, conversation, text="On its way.", at=hours(2), arrival=messages.Arrival(noted_at=hours(90)))
    assert turn(conversation)[0] == "buyer"
    messages.send(cast.ana, conversation, text="Still not here", at=hours(91))
    newest = Message.objects.get(at=hours(91))
    messages.send(cast.li, conversation, text="As I said", at=hours(3), arrival=messages.Arrival(noted_at=hours(92)))
    assert turn(conversation)[0] == "seller"
    assert Conversation.objects.get(pk=conversation.pk).last_message_id == newest.pk


def teach(cast: Cast) -> Answer:
    """Two answers, learnt, and proven to be right often enough to be sent by themselves."""
    parcel = answers.save(
        cast.li,
        answers.Wording(
            title="Where is my parcel?",
            texts={"en": "Your order {order} arrives by {promised_date}."},
            examples=PARCEL,
            automatic=True,
        ),
        at=hours(0),
    )
    answers.save(
        cast.li,
        answers.Wording(
            title="Returns", texts={"en": "Send it back within 15 days, {buyer}."}, examples=RETURN, automatic=True
        ),
        at=hours(0),
    )
    assert answers.learn_all(at=hours(0)) == 1
    assert answers.learn_all(at=hours(0)) == 0, "nothing new to learn"
    prove(cast.seller, at=hours(0))
    return parcel


def test_a_routine_question_is_answered_at_once_and_the_clock_goes_on(cast: Cast) -> None:
    parcel, conversation = teach(cast), cast.conversation(cast.order())
    asked = answers.ask(cast.ana, conversation, text="Where is my parcel?", at=hours(1))
    sent = SentAnswer.objects.select_related("message").get()
    assert (sent.answer, sent.question, sent.message.automatic) == (parcel, asked, True)
    assert sent.message.text.endswith("March 22, 2026.")
    assert sent.model == AnswerModel.objects.get().version
    assert sent.model in JournalLine.objects.get(fact_id=sent.message.ref).body
    assert turn(conversation) == ("seller", hours(1), hours(73)), "under these rules only a person's answer counts"

    answers.ask(cast.ana, conversation, text="where is my package", at=hours(2))
    assert SentAnswer.objects.count() == 1, "one automatic answer until a person has written"
    for _ in range(2):
        answers.reject(cast.ana, conversation, sent.message.uuid, at=hours(3))
    assert JournalLine.objects.filter(kind="answer.rejected").count() == 1
    assert turn(conversation) == ("seller", hours(1), hours(73))
    messages.send(cast.li, conversation, text="I will look for it.", at=hours(4))
    answers.ask(cast.ana, conversation, text="where is my parcel", at=hours(5))
    assert SentAnswer.objects.count() == 1, "never again what did not help"
    answers.helped(cast.ana, conversation, sent.message.uuid, at=hours(6))
    assert SentAnswer.objects.get().helped_at is None, "one verdict"


def test_an_answer_that_helped_needs_no_other(cast: Cast) -> None:
    teach(cast)
    conversation = cast.conversation(cast.order())
    answers.ask(cast.ana, conversation, text="Where is my parcel?", at=hours(1))
    answers.helped(cast.ana, conversation, Message.objects.get(automatic=True).uuid, at=hours(2))
    assert Duty.objects.get(rule="reply").status == "waived"
    assert turn(conversation) == ("", None, None)


def settling(cast: Cast) -> list[dict[str, object]]:
    lines = JournalLine.objects.filter(party=cast.seller, kind="conversation.no_reply_needed").order_by("seq")
    return [canonical.decode(line.body)["data"] for line in lines]


def as_replayed(cast: Cast, until: datetime) -> None:
    assert replayed(cast.seller, until=until) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


def test_what_helped_closes_the_question_that_it_answered_and_no_other(cast: Cast) -> None:
    teach(cast)
    other = "The second lamp has a scratch, what shall I do?"

    def talk(*, before: float | None, asked: float, after: float | None, helped: float) -> Conversation:
        made = cast.conversation(cast.order())
        if before is not None:
            answers.ask(cast.ana, made, text=other, at=hours(before))
        answers.ask(cast.ana, made, text="Where is my parcel?", at=hours(asked))
        if after is not None:
            answers.ask(cast.ana, made, text=other, at=hours(after))
        answers.helped(cast.ana, made, made.messages.get(automatic=True).uuid, at=hours(helped))
        return made

    def reply(made: Conversation) -> tuple[str, object]:
        duty = Duty.objects.get(rule="reply", matter=made.ref, current=True)
        return duty.status, duty.due

    # Another was asked since: it is due as it would have been alone, and its writing meets it.
    since = talk(before=None, asked=1, after=5, helped=6)
    assert reply(since) == ("open", hours(5 + 72))
    assert turn(since)[::2] == ("seller", hours(77))
    question = since.messages.get(text="Where is my parcel?")
    assert settling(cast)[0]["of"] == question.ref
    assert settling(cast)[0]["open_since"] == moments.to_text(hours(5))
    # Another was asked before: nothing changes for it.
    before = talk(before=10, asked=11, after=None, helped=12)
    assert reply(before) == ("open", hours(82))
    assert turn(before) == ("seller", hours(10), hours(82))
    # Alone, it ends the turn; and only what was asked after that waits again.
    alone = talk(before=None, asked=13, after=None, helped=14)
    assert reply(alone) == ("waived", hours(85))
    assert turn(alone) == ("", None, None)
    assert "open_since" not in settling(cast)[-1]
    as_replayed(cast, hours(14))
    messages.send(cast.li, since, text="Send me a picture of it, please.", at=hours(20))
    assert reply(since)[0] == "met"
    clock.turn(hours(83))
    assert reply(before)[0] == "breached", "the other question was due"
    # A breach is no less one: it is asked for until the other question is answered.
    late = talk(before=100, asked=101, after=None, helped=180)
    assert reply(late)[0] == "breached"
    assert turn(late)[0] == "seller"
    # What the seller has said to need no reply does not wait again.
    thanks = cast.conversation(cast.order())
    messages.send(cast.ana, thanks, text=other, at=hours(190))
    conversations.no_reply_needed(cast.li, thanks, reason="duplicate", at=hours(191))
    answers.ask(cast.ana, thanks, text="Where is my parcel?", at=hours(192))
    answers.helped(cast.ana, thanks, thanks.messages.get(automatic=True).uuid, at=hours(193))
    assert turn(thanks) == ("", None, None)
    as_replayed(cast, hours(193))


def test_without_a_clock_the_turn_stays_since_the_other_question(db: None) -> None:
    cast = assemble("etsy")
    teach(cast)
    made = cast.conversation(cast.order())
    answers.ask(cast.ana, made, text="Where is my parcel?", at=hours(1))
    answers.ask(cast.ana, made, text="And has anybody found my blue glove?", at=hours(2))
    duty = Duty.objects.get(rule="first reply", matter=made.ref, current=True)
    answers.helped(cast.ana, made, made.messages.get(automatic=True).uuid, at=hours(3))
    assert turn(made)[0] == "seller"
    assert Duty.objects.get(pk=duty.pk).due == duty.due
    as_replayed(cast, hours(3))


def test_where_an_automatic_answer_counts_its_rejection_opens_the_question_again(db: None) -> None:
    cast = assemble("etsy")
    teach(cast)
    conversation = cast.conversation(cast.order())
    answers.ask(cast.ana, conversation, text="Where is my parcel?", at=hours(1))
    assert Duty.objects.get(rule="first reply").status == "met"
    assert turn(conversation)[0] == "buyer"
    answers.reject(cast.ana, conversation, Message.objects.get(automatic=True).uuid, at=hours(100))
    duty = Duty.objects.get(rule="first reply")
    assert (duty.status, duty.opened_at, duty.due) == ("open", hours(1), hours(1 + 48 + 99))
    assert turn(conversation)[:2] == ("seller", hours(1))
    messages.send(cast.li, conversation, text="I looked: it is in Leipzig.", at=hours(101))
    assert Duty.objects.get(rule="first reply").status == "met"


def test_what_cannot_be_filled_or_is_not_routine_is_not_answered(cast: Cast) -> None:
    teach(cast)
    for order, text in ((None, "Where is my parcel?"), (cast.order(), "The glass was broken when I opened the box")):
        answers.ask(cast.ana, cast.conversation(order), text=text, at=hours(1))
    assert not SentAnswer.objects.exists()


def test_bad_answers_are_refused_with_all_that_is_wrong(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        answers.save(
            cast.li,
            answers.Wording(title=" ", texts={"en": "See {nonsense}"}, examples=["x" * 400], automatic=True),
            at=hours(0),
        )
    assert len(refused.value.problems) == 3
    with pytest.raises(Refused, match="unknown languages: xx"):
        answers.save(
            cast.li, answers.Wording(title="T", texts={"xx": "Hello"}, examples=[], automatic=True), at=hours(0)
        )
    kept = answers.save(
        cast.li,
        answers.Wording(title="T\x00", texts={"en": "A\x00b"}, examples=["q\x00", "\x00"], automatic=True),
        at=hours(0),
    )
    assert (kept.title, kept.texts, kept.examples) == ("T", {"en": "Ab"}, ["q"])
    assert "{nonsense}" in str(refused.value)
    parcel = teach(cast)
    with pytest.raises(Forbidden):
        answers.remove(cast.max, parcel, at=hours(1))
    with pytest.raises(Refused, match="not an automatic answer"):
        asked = messages.send(cast.ana, made := cast.conversation(), text="?", at=hours(1))
        answers.reject(cast.ana, made, asked.uuid, at=hours(2))


def test_ending_and_beginning_again(cast: Cast) -> None:
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text="Where is it?", at=hours(1))
    with pytest.raises(Refused, match="is waiting for an answer"):
        conversations.close(cast.li, conversation, reason="solved", at=hours(2))
    for _ in range(2):
        conversations.close(cast.ana, conversation, reason="solved", at=hours(3))
    assert JournalLine.objects.filter(kind="conversation.closed").count() == 1
    assert Duty.objects.get(rule="reply").status == "waived"
    assert Conversation.objects.get().closed_at == hours(3)
    messages.send(cast.ana, conversation, text="It came back!", at=hours(4))
    assert Conversation.objects.get().closed_at is None
    assert turn(conversation) == ("seller", hours(4), hours(76))


def test_an_agent_joins_when_asked_and_stops_no_clock(cast: Cast) -> None:
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text="Nobody answers me", at=hours(1))
    with pytest.raises(Refused, match="Nobody has asked"):
        conversations.join(cast.ken, conversation, at=hours(2))
    with pytest.raises(Forbidden):
        messages.send(cast.ken, conversation, text="Hello", at=hours(2))
    conversations.ask_agent(cast.ana, conversation, at=hours(2))
    conversations.join(cast.ken, conversation, at=hours(3))
    messages.send(cast.ken, conversation, text="I am looking into it.", at=hours(4))
    conversations.note(cast.ken, conversation, text="Li is on holiday?", at=hours(4))
    assert turn(conversation) == ("seller", hours(1), hours(73))
    assert Note.objects.get().side == "agent"
    with pytest.raises(Forbidden):
        conversations.note(cast.ana, conversation, text="mine", at=hours(5))


def test_an_answer_that_is_too_little_to_learn_is_looked_at_once(cast: Cast) -> None:
    saved = answers.save(
        cast.li, answers.Wording(title="x", texts={"en": "y"}, examples=["only one"], automatic=True), at=hours(0)
    )
    assert answers.learn_all(at=hours(1)) == 0
    saved.refresh_from_db()
    assert saved.learnt_at == hours(1)
    assert not AnswerModel.objects.exists()
    teach(cast)
    assert AnswerModel.objects.get().current


def test_a_question_sent_twice_is_answered_once(cast: Cast) -> None:
    teach(cast)
    conversation, same = cast.conversation(cast.order()), uuid4()
    for _ in range(2):
        answers.ask(
            cast.ana, conversation, text="Where is my parcel?", at=hours(1), arrival=messages.Arrival(identity=same)
        )
    assert Message.objects.count() == 2
    assert SentAnswer.objects.count() == 1
