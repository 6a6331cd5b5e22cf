"""Saved answers are sent by themselves only where questions of buyers have proven that few are wrong."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from comity.actions import answers, evidence
from comity.classify import risk
from comity.lib.ids import short_key, uuid7
from comity.records.models import Answer, AnswerModel, Conversation, Message, Party, SentAnswer
from comity.web.seller.answers import _proofs
from tests.actions.test_conversations import teach
from tests.cast import Cast, hours
from tests.proving import prove

SAID = "Hello! Your order {} arrives by March 20, 2026. Kind regards, Li"
#: When all that was asked in the first hours counts.
RIPE = 1 + 72
#: Ways in which buyers ask, from small shops of one handful of examples for each answer. No copies of anybody's words.
SHOPS = {
    "en": (
        {"where": ("Where is my parcel?", "When will it be here?", "Has it been sent yet?", "How do I track it?"),
         "return": ("How do I return it?", "Can I send it back?", "I want my money back", "What is the return address?")},
        ("Any news of my parcel?", "Can I return it after a month?", "Where did you get the wood from?", "It is broken"),
    ),
    "pt": (
        {"where": ("Onde está o pacote?", "Quando chega a encomenda?", "Ela já foi enviada?", "Como rastreio o envio?"),
         "return": ("Como eu devolvo?", "Posso mandar de volta?", "Quero o meu dinheiro", "Para onde mando a devolução?")},
        ("Você sabe onde está a encomenda?", "Posso devolver depois de um mês?", "Vocês estão contratando?", "Quebrou"),
    ),
    "zh": (
        {"where": ("包裹在哪里？", "什么时候到？", "已经发货了吗？", "怎么跟踪？"),
         "return": ("怎么退？", "可以寄回去吗？", "我要退款", "退到哪个地址？")},
        ("我的包裹有消息吗？", "一个月后还可以退吗？", "你们招人吗？", "坏了"),
    ),
}  # fmt: skip


def asked(seller: Party, number: int, *, reply: str, at: float = 1, text: str = "Where is my parcel?") -> list[Message]:
    """Let as many new buyers ask, and a person of the shop reply an hour later; return the questions."""
    moment = hours(at)
    buyers = Party.objects.bulk_create(
        Party(uuid=uuid7(moment), role="buyer", name="B", joined_at=moment) for _ in range(number)
    )
    talks = Conversation.objects.bulk_create(
        Conversation(uuid=uuid7(moment), key=short_key("C"), buyer=buyer, seller=seller, topic="?", opened_at=moment, last_at=moment)
        for buyer in buyers
    )  # fmt: skip
    questions = [written(talk, talk.buyer, "buyer", text, moment) for talk in talks]
    replies = [written(talk, seller, "seller", reply, moment + timedelta(hours=1)) for talk in talks if reply]
    Message.objects.bulk_create([*questions, *replies])
    return questions


def written(talk: Conversation, author: Party, role: str, text: str, at: datetime) -> Message:
    return Message(uuid=uuid4(), conversation=talk, author=author, role=role, text=text, salt=b"", at=at)


def standing(cast: Cast, *, at: float) -> evidence.Standing:
    """Count what was asked, and return how far the proof is in English."""
    model = AnswerModel.objects.get(seller=cast.seller, current=True)
    model.measured.pop("evidence", None)
    model.save()
    assert answers.prove_all(at=hours(at)) == 1
    assert answers.prove_all(at=hours(at)) == 0, "a moment ago"
    model.refresh_from_db()
    return next(each for each in evidence.standings(model) if each.language == "en")


def sent_by_itself(cast: Cast, text: str, *, at: float) -> bool:
    before = SentAnswer.objects.count()
    answers.ask(cast.ana, cast.conversation(cast.order()), text=text, at=hours(at))
    return SentAnswer.objects.count() > before


def unproven(cast: Cast) -> None:
    teach(cast)
    AnswerModel.objects.update(measured={})


def test_nothing_is_sent_before_buyers_have_proven_it(cast: Cast) -> None:
    unproven(cast)
    least = risk.missing(risk.Count())
    asked(cast.seller, least - 1, reply=SAID.format("O-1"))
    found = standing(cast, at=RIPE - 1)
    assert found.counts[0].asked == 0, "what was asked in the last three days does not count yet"
    found = standing(cast, at=RIPE)
    assert (found.counts[0], found.missing, found.sure_from) == ((least - 1, 0), 1, None)
    assert not sent_by_itself(cast, "Where is my parcel?", at=RIPE)
    conversation = cast.conversation(cast.order())
    fit = answers.fitting(conversation, "Where is my parcel?", at=hours(RIPE))
    assert fit is not None, "but it is suggested"
    assert f"{least - 1} of {least} questions of buyers so far" in _proofs(AnswerModel.objects.get())[0]

    again = asked(cast.seller, 1, reply=SAID.format("O-2"))[0]
    Message.objects.bulk_create(
        written(again.conversation, again.author, "buyer", "Where is my parcel?", hours(1.5)) for _ in range(50)
    )
    found = standing(cast, at=RIPE + 1)
    assert (found.counts[0], found.sure_from) == ((least, 0), 0.8), "fifty times the same buyer is one buyer"
    assert sent_by_itself(cast, "Where is my parcel?", at=RIPE + 1)
    for held_back in (
        "¿Dónde está mi paquete? parcel",  # in another language than that of the proof
        "parcel",  # in none that is known
        "Where is my parcel? And when will I get my order?",  # the second would be left without an answer
        "The glass was broken when I opened the box",
    ):
        assert not sent_by_itself(cast, held_back, at=RIPE + 1), held_back


def test_the_proof_of_one_language_is_none_of_another(cast: Cast) -> None:
    unproven(cast)
    prove(cast.seller, "pt", at=hours(0))
    assert not sent_by_itself(cast, "Where is my parcel?", at=1)
    prove(cast.seller, "pt", "en", at=hours(0))
    assert sent_by_itself(cast, "Where is my parcel?", at=2)


def test_what_counts_as_wrong(cast: Cast) -> None:
    unproven(cast)
    right, other, nobody, late = (
        asked(cast.seller, 1, reply=reply, text=text)
        for reply, text in (
            (SAID.format("O-1"), "Where is my parcel?"),
            ("We are on holiday.", "Where is my parcel?"),
            ("", "where is my package"),
            ("", "where is my order"),
        )
    )
    reply = written(late[0].conversation, cast.seller, "seller", SAID.format("O-2"), hours(1 + 73))
    reply.save()
    asked(cast.seller, 1, reply="Red.", text="What colour has the lamp?")
    assert standing(cast, at=100).counts[0] == (4, 3), "of another answer; of nobody; too late"
    # What was sent by itself is judged by its buyer alone.
    parcel, model = Answer.objects.get(title__startswith="Where"), AnswerModel.objects.get()
    for question, verdict in (
        (right[0], {}),
        (other[0], {"helped_at": hours(2)}),
        (nobody[0], {"rejected_at": hours(2)}),
    ):
        message = written(question.conversation, cast.seller, "seller", "It comes.", hours(1))
        message.automatic = True
        message.save()
        SentAnswer.objects.create(
            message=message,
            answer=parcel,
            question=question,
            model=model.version,
            certainty=999,
            at=hours(1),
            **verdict,
        )
    assert standing(cast, at=100).counts[0] == (3, 2), "silence counts neither way"


def test_whoever_changes_an_answer_begins_anew(cast: Cast) -> None:
    parcel = teach(cast)
    assert sent_by_itself(cast, "Where is my parcel?", at=1)
    Answer.objects.filter(pk=parcel.pk).update(changed_at=hours(2))
    assert not sent_by_itself(cast, "Where is my parcel?", at=3)
    asked(cast.seller, 1, reply=SAID.format("O-1"), at=1)
    asked(cast.seller, 2, reply=SAID.format("O-1"), at=3)
    assert standing(cast, at=100).counts[0].asked == 2 + 1, "the two, and the one that nobody answered"
    Answer.objects.filter(pk=parcel.pk).update(automatic=False)
    assert standing(cast, at=100).counts[0].asked == 0, "what is only suggested proves nothing of what is sent"


@pytest.mark.parametrize("language", SHOPS)
def test_a_handful_of_examples_sends_nothing_in_any_language(cast: Cast, language: str) -> None:
    examples, others = SHOPS[language]
    for title, questions in examples.items():
        wording = answers.Wording(
            title=title, texts={"en": f"About {title}."}, examples=list(questions), automatic=True
        )
        answers.save(cast.li, wording, at=hours(0))
    assert answers.learn_all(at=hours(0)) == 1
    assert answers.prove_all(at=hours(0)) == 1
    for text in (*others, *(each for questions in examples.values() for each in questions)):
        assert not sent_by_itself(cast, text, at=1), text
    found = {each.language: each for each in evidence.standings(AnswerModel.objects.get())}
    assert (found[language].counts[0], found[language].missing) == ((0, 0), 170)
