"""Mail out and in over real SMTP and IMAP: who is told and when, what an answer does, and what is no answer."""

from collections.abc import Iterator
from datetime import timedelta, timezone
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError
from django.test import Client

from comity.actions import clock, contacts, messages, parties
from comity.actions.contacts import Wishes
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.integrations import mail
from comity.integrations.mail import addresses, incoming, outgoing
from comity.integrations.mail.connection import BadServer
from comity.records.models import (
    Contact,
    Conversation,
    Duty,
    IncomingMail,
    Message,
    Notice,
    OutgoingMail,
    Party,
    UnreadMail,
)
from comity.records.models.mails import OUTCOMES
from comity.web import account
from tests.cast import Cast, hours
from tests.files.test_uploads import picture, zip_bomb
from tests.integrations.odd_mails import mails
from tests.postoffice import ADDRESS, PostOffice, open_office
from tests.profiles import LONG


@pytest.fixture(scope="module")
def servers() -> Iterator[PostOffice]:
    with open_office() as office:
        yield office


@pytest.fixture
def office(servers: PostOffice, monkeypatch: pytest.MonkeyPatch) -> PostOffice:
    servers.empty()
    for name, value in servers.environment.items():
        monkeypatch.setenv(name, value)
    return servers


def reach(cast: Cast, who: Actor, **wishes: Any) -> Contact:
    """Give somebody an address."""
    values: dict[str, Any] = {"by_mail": True, "digest": "each", "quiet_from": None, "quiet_until": None} | wishes
    email = f"{who.party.external_id.split()[0]}@people.example"  # type: ignore[union-attr]
    return contacts.save(cast.platform, who.party, Wishes(email=email, **values), at=hours(0))


def ask(cast: Cast, *, at: float = 1, text: str = "Where is my lamp?") -> Conversation:
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text=text, at=hours(at))
    return conversation


def post(at: float) -> int:
    mail.plan(hours(at))
    return mail.send_due(hours(at))


def answer(
    to: str, text: str = "It left today.", *, who: str = "li@people.example", mail_id: str = "<a@x>", **headers: str
) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"], made["Message-ID"] = (
        f"Someone <{who}>",
        to,
        "Re: Where is my lamp?",
        mail_id,
    )
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(f"{text}\n\nOn Monday, Ana · Comity <{ADDRESS}> wrote:\n> ##- Write above -##\n> Where?\n")
    return made.as_bytes()


def test_a_message_is_mailed_once_with_a_reply_address_of_its_own(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li, language="zh-hans", time_zone="Asia/Shanghai")
    conversation = ask(cast)
    assert (post(1), post(1.1)) == (1, 0)
    sent, (envelope, to) = office.sent[0], office.envelopes[0]
    assert to == ["li@people.example"]
    assert envelope == sent["Reply-To"] == addresses.reply_address(conversation, cast.seller)
    assert len(envelope.partition("@")[0]) <= 64
    assert "Ana Souza" in sent["From"]
    assert ADDRESS in sent["From"]
    assert sent["Auto-Submitted"] == "auto-generated"
    body = sent.get_content()
    assert body.startswith("##-")
    assert "Where is my lamp?" in body
    assert "3月2日" in body, "in the reader's language"
    assert "18:00" in body, "in the reader's zone"
    assert f"https://market.example/conversations/{conversation.uuid}/" in body


def test_what_came_at_once_is_one_mail_and_the_writer_gets_none(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    reach(cast, cast.ana)
    conversation = ask(cast)
    messages.send(cast.ana, conversation, text="It is the white one.", at=hours(1))
    assert post(1) == 1
    assert [to for _, to in office.envelopes] == [["li@people.example"]]
    assert "the white one" in office.sent[0].get_content()


@pytest.mark.parametrize(
    ("wishes", "at", "due"),
    [
        ({}, 1, 1),
        ({"digest": "hourly"}, 1.4, 2),
        ({"digest": "daily"}, 1, 23),  # 08:00 of the next day
        ({"digest": "daily", "time_zone": "Asia/Shanghai"}, 1, 15),
        ({"quiet_from": 8, "quiet_until": 12}, 1, 3),  # the story begins at 9 in the morning
        ({"quiet_from": 22, "quiet_until": 7}, 14, 22),
        ({"quiet_from": 22, "quiet_until": 7}, 1, 1),
        ({"quiet_from": 7, "quiet_until": 9, "digest": "daily"}, 1, 24),
    ],
)  # fmt: skip
def test_when_a_party_wants_to_be_told(cast: Cast, wishes: dict[str, Any], at: float, due: float) -> None:
    assert outgoing.due(reach(cast, cast.li, **wishes), hours(at)) == hours(due)


def test_a_digest_gathers_conversations_each_with_its_address(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li, digest="daily")
    talks = [ask(cast), ask(cast, at=2, text="And the shade?")]
    assert (post(3), post(23)) == (0, 1)
    body = office.sent[0].get_content()
    assert office.sent[0]["Subject"] == "New messages in 2 conversations"
    assert all(addresses.reply_address(talk, cast.seller) in body for talk in talks)


def test_no_wish_no_mail(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li, by_mail=False)
    ask(cast)
    assert post(1) == 0
    reach(cast, cast.li)
    assert post(2) == 0, "who wants mail now is not told of what was before"
    assert not Message.objects.filter(unsent=True).exists()


def test_a_server_that_refuses_is_asked_again_later(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    ask(cast)
    office.refuses += ["451 try later"]
    assert post(1) == 0
    row = OutgoingMail.objects.get()
    assert (row.attempts, row.due_at) == (1, hours(1) + timedelta(minutes=2))
    assert "451" in row.failed_why
    assert post(1.1) == 1
    assert OutgoingMail.objects.get().sent_at == hours(1.1)


def test_a_name_that_no_header_holds_keeps_no_mail_back(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    Party.objects.filter(pk=cast.buyer.pk).update(name="Ana\r\nBcc: all@people.example")
    ask(cast)
    assert post(1) == 1
    assert office.sent[0]["Bcc"] is None
    assert office.envelopes[0][1] == ["li@people.example"]


def test_a_mail_that_cannot_be_written_keeps_no_other_back(
    cast: Cast, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(cast, cast.li)
    ask(cast)

    def broken(rows: object) -> None:
        raise ValueError("no such header")

    monkeypatch.setattr(outgoing, "composed", broken)
    assert post(1) == 0
    assert OutgoingMail.objects.get().failed_why == "ValueError: no such header"


def test_a_mail_that_comes_while_the_database_is_away_is_read_later(
    cast: Cast, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(cast, cast.li)

    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("the connection is lost")

    to = addresses.reply_address(ask(cast), cast.seller)
    with monkeypatch.context() as patch:
        patch.setattr("comity.actions.answers.ask", away)
        patch.setattr("comity.integrations.mail.mailbox._database_answers", away)
        office.come(answer(to), at=hours(2))
        with pytest.raises(OperationalError):
            mail.fetch(hours(3))
    assert (office.unread(), UnreadMail.objects.count()) == (1, 0)
    assert mail.fetch(hours(4)) == 1
    assert Message.objects.get(role="seller").at == hours(2)


def test_an_answer_by_mail_meets_the_clock_at_the_time_of_the_mail(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    conversation = ask(cast)
    post(1)
    office.come(answer(office.sent[0]["Reply-To"].upper()), at=hours(70))
    assert mail.fetch(hours(71)) == 1
    said = Message.objects.get(role="seller")
    assert (said.text, said.at, said.channel, said.automatic) == ("It left today.", hours(70), "mail", False)
    assert Duty.objects.get(rule="reply").status == "met"
    assert Conversation.objects.get(pk=conversation.pk).turn == "buyer"
    assert (mail.fetch(hours(72)), office.unread()) == (0, 0)
    assert incoming.take(answer(office.sent[0]["Reply-To"]), received_at=hours(71), now=hours(73)).message == said
    assert Message.objects.count() == 2, "the same mail counts once"


def test_the_zone_of_the_mail_server_is_heard(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    to = addresses.reply_address(ask(cast), cast.seller)
    office.come(answer(to), at=hours(2).astimezone(timezone(timedelta(hours=9))))
    assert mail.fetch(hours(3)) == 1
    assert IncomingMail.objects.get().received_at == hours(2)


def test_a_link_to_set_a_password_goes_by_the_same_server(cast: Cast, office: PostOffice, settings: Any) -> None:
    settings.EMAIL_BACKEND = "comity.integrations.mail.connection.Connection"
    settings.DEFAULT_FROM_EMAIL = f"Comity <{ADDRESS}>"
    parties.give_login(cast.seller, email="li@people.example", password="a long enough one")
    Client().post("/account/password/reset/", {"email": "li@people.example"})
    account.postman.submit(lambda: None).result(20)  # after what it was handed before
    (sent,) = office.sent
    assert (sent["To"], sent["From"], sent["Auto-Submitted"]) == (
        "li@people.example",
        f"Comity <{ADDRESS}>",
        "auto-generated",
    )
    assert "https://market.example/account/password/reset/" in sent.get_content()


def test_a_folder_that_is_not_there_is_said(cast: Cast, office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_IMAP_URL", office.environment["COMITY_IMAP_URL"].replace("/INBOX", "/Nowhere"))
    with pytest.raises(BadServer, match="the folder Nowhere of the mailbox cannot be opened"):
        mail.fetch(hours(1))


def test_a_mail_that_is_read_late_overturns_a_breach(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    ask(cast)
    post(1)
    clock.turn(hours(73) + timedelta(microseconds=1))
    assert Duty.objects.get(rule="reply").status == "breached"
    office.come(answer(office.sent[0]["Reply-To"]), at=hours(72.9))
    mail.fetch(hours(80))
    assert Duty.objects.get(rule="reply").status == "met"
    assert Message.objects.get(role="seller").at == hours(72.9)


@pytest.mark.parametrize(
    ("headers", "who", "outcome"),
    [
        ({"Auto_Submitted": "auto-replied"}, "li@people.example", "automatic"),
        ({"Precedence": "auto_reply"}, "li@people.example", "automatic"),
        ({"X_Comity": "1"}, "li@people.example", "loop"),
        ({"Return_Path": "<>"}, "mailer-daemon@people.example", "bounce"),
        ({"List_ID": "<news.example>"}, "news@people.example", "automatic"),
        ({}, "friend@people.example", "stranger"),
    ],
)
def test_what_is_no_answer_stops_no_clock(
    cast: Cast, office: PostOffice, headers: dict[str, str], who: str, outcome: str
) -> None:
    reach(cast, cast.li)
    ask(cast)
    post(1)
    office.come(answer(office.sent[0]["Reply-To"], who=who, **headers), at=hours(2))
    mail.fetch(hours(3))
    row = IncomingMail.objects.get()
    assert (row.outcome, row.party, row.message) == (outcome, cast.seller, None)
    assert Duty.objects.get(rule="reply").status == "open"
    assert Notice.objects.filter(party=cast.seller, kind="mail.not_taken").exists() is (outcome == "stranger")


def test_forged_and_missing_tokens_are_nobodys_answer(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    reach(cast, cast.ana)
    conversation = ask(cast)
    real = addresses.token(conversation.pk, cast.seller.pk)
    other = addresses.token(conversation.pk, cast.max.party.pk)
    stolen = real.rpartition("-")[2]
    for number, (local, outcome) in enumerate({
        f"service+{real[:-1]}{'a' if real[-1] != 'a' else 'b'}": "forged", "service+nonsense": "forged",
        f"service+{conversation.pk + 1}-{cast.seller.pk}-{stolen}": "forged", f"service+{other}": "forged",
        "service": "no_token", "sales": "no_token",
    }.items()):  # fmt: skip
        row = incoming.take(
            answer(f"{local}@market.example", mail_id=f"<{number}@x>"), received_at=hours(2), now=hours(2)
        )  # fmt: skip
        assert (local, row.outcome, row.message) == (local, outcome, None)
    assert Message.objects.count() == 1


def test_two_machines_that_talk_to_each_other_are_stopped(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    to = addresses.reply_address(ask(cast), cast.seller)
    outcomes = [
        incoming.take(answer(to, mail_id=f"<{n}@x>"), received_at=hours(2 + n / 100), now=hours(3)).outcome
        for n in range(incoming.MOST_AN_HOUR + 3)
    ]
    assert outcomes == ["accepted"] * incoming.MOST_AN_HOUR + ["loop"] * 3


def test_mail_that_comes_back_is_not_sent_again_and_again(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    conversation = ask(cast)
    to = addresses.reply_address(conversation, cast.seller)
    post(1)
    for number in range(3):
        incoming.take(
            answer(to, who="mailer-daemon@x.example", mail_id=f"<b{number}@x>", Return_Path="<>"), received_at=hours(2), now=hours(2)
        )  # fmt: skip
    messages.send(cast.ana, conversation, text="Hello?", at=hours(3))
    assert post(3) == 0
    incoming.take(answer(to), received_at=hours(4), now=hours(4))
    messages.send(cast.ana, conversation, text="Thank you", at=hours(5))
    assert post(5) == 1, "who answers can be reached"


def test_files_of_a_mail_are_taken_if_they_are_safe(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    made = EmailMessage()
    made["From"], made["To"] = "li@people.example", addresses.reply_address(ask(cast), cast.seller)
    made.set_content("See the picture")
    made.add_attachment(picture(), maintype="image", subtype="jpeg", filename="lamp.jpg")
    made.add_attachment(zip_bomb(), maintype="application", subtype="zip", filename="more.zip")
    row = incoming.take(made.as_bytes(), received_at=hours(2), now=hours(2))
    assert row.outcome == "accepted"
    assert row.message is not None
    assert [file.name for file in row.message.files.all()] == ["lamp.jpg"]
    assert "more.zip" in Notice.objects.get(kind="mail.files_not_taken").values["why"]


def took(to: str, text: str = "It left today.", *, at: float = 2, **headers: str) -> IncomingMail:
    """Let an answer of Li's be taken."""
    return incoming.take(answer(to, text, **headers), received_at=hours(at), now=hours(at))


def told(party: Party) -> list[str]:
    """Why mails of a party were not taken, as its pages say."""
    return [row.values["why"] for row in Notice.objects.filter(party=party, kind="mail.not_taken").order_by("pk")]


def test_the_same_id_with_other_words_is_another_mail(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    to = addresses.reply_address(ask(cast), cast.seller)
    first, again, other = took(to), took(to), took(to, "No, the green one.")
    assert first.pk == again.pk != other.pk
    assert [row.text for row in Message.objects.filter(role="seller").order_by("pk")] == [
        "It left today.",
        "No, the green one.",
    ]
    # What was kept before contents were noted is known by its id alone.
    IncomingMail.objects.filter(pk=other.pk).delete()
    IncomingMail.objects.filter(pk=first.pk).update(content="")
    assert took(to, "Once more").pk == first.pk


def test_an_answer_to_two_conversations_is_written_into_both(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    talks = [ask(cast), ask(cast, at=1.5)]
    to = [addresses.reply_address(talk, cast.seller) for talk in talks]
    row = took("service+sales@market.example, " + to[0], Cc=to[1])
    assert (row.outcome, Message.objects.filter(role="seller").count()) == ("accepted", 2)
    assert {each.conversation_id for each in Message.objects.filter(role="seller")} == {talk.pk for talk in talks}


def test_what_is_answered_names_the_conversation_where_the_address_was_lost(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    talk = ask(cast)
    post(1)
    mail_id = office.sent[0]["Message-ID"]
    for number, headers in enumerate([{"In_Reply_To": mail_id}, {"References": f"<other@x> {mail_id} <last@x>"}]):
        row = took(ADDRESS, f"answer {number}", mail_id=f"<{number}@x>", **headers)
        assert row.message is not None
        assert row.message.conversation_id == talk.pk
    assert took(ADDRESS, who="max@people.example", mail_id="<s@x>", In_Reply_To=mail_id).outcome == "stranger"
    message, party, seal = mail_id.strip("<>").partition("@")[0].split(".")
    for forged in (
        f"<{message}.{party}@market.example>",
        f"<{message}.2.{seal}@market.example>",
        mail_id.replace("market", "other"),
    ):
        row = took(ADDRESS, mail_id="<f@x>", text=forged, In_Reply_To=forged)
        assert (row.outcome, row.message) == ("no_token", None)
    assert told(cast.seller)[-1] == "it does not say to which conversation it belongs"


def test_a_digest_names_no_conversation_by_its_id(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li, digest="daily")
    ask(cast)
    ask(cast, at=2)
    post(3)
    post(23)
    row = took(ADDRESS, In_Reply_To=office.sent[0]["Message-ID"], at=24)
    assert (row.outcome, len(told(cast.seller))) == ("no_token", 1)


def test_whose_mail_is_not_taken_is_told_in_its_language_and_not_each_time(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li, language="zh-hans")
    to = addresses.reply_address(ask(cast), cast.seller)
    for number in range(5):
        took(to, who="friend@people.example", mail_id=f"<{number}@x>")
    assert len(told(cast.seller)) == 1, "a stranger does not fill the pages"
    assert "address" not in told(cast.seller)[0], "in Chinese"
    took(to, "", mail_id="<e@x>", at=2.1)
    took(to, "", mail_id="<f@x>", at=2.2)
    assert len(told(cast.seller)) == 3, "what the party itself sent, each time"


def test_a_person_behind_a_list_or_a_topic_about_machines_is_heard(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    talk = ask(cast)
    to = addresses.reply_address(talk, cast.seller)
    added: list[dict[str, Any]] = [
        {"List_ID": "<s.example>", "Precedence": "list"},
        {"Feedback_ID": "1:user:proton"},
        {"X_Autoreply": "no"},
    ]
    for number, headers in enumerate(added):
        assert took(to, f"answer {number}", mail_id=f"<{number}@x>", **headers).outcome == "accepted", headers
    raw = answer(to, mail_id="<away@x>").replace(
        b"Subject: Re: Where is my lamp?", b"Subject: Out of office: until Monday"
    )
    assert incoming.take(raw, received_at=hours(3), now=hours(3)).outcome == "automatic"
    assert told(cast.seller) == ["its subject says that it is an automatic reply"]
    Conversation.objects.filter(pk=talk.pk).update(topic="Out of office: until when?")
    raw = raw.replace(b"until Monday", b"until when?").replace(b"away@x", b"back@x")
    assert incoming.take(raw, received_at=hours(3), now=hours(3)).outcome == "accepted"


def test_a_note_of_absence_from_the_reader_is_no_mail_that_came_back(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    assert took(addresses.reply_address(ask(cast), cast.seller), Return_Path="<>").outcome == "automatic"
    assert Contact.objects.get().bounced == 0


def test_what_nobody_can_open_is_said(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    raw = answer(addresses.reply_address(ask(cast), cast.seller)).replace(b"text/plain", b"application/pkcs7-mime")
    assert incoming.take(raw, received_at=hours(2), now=hours(2)).outcome == "refused"
    assert "encrypted" in told(cast.seller)[0]


@pytest.mark.parametrize(
    "error", [DataError("value too long"), IntegrityError("another"), RecursionError("deep"), ValueError("\x00\ud800")]
)
def test_whatever_fails_at_a_mail_is_its_outcome(
    cast: Cast, office: PostOffice, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    reach(cast, cast.li)
    to = addresses.reply_address(ask(cast), cast.seller)

    def broken(*args: object, **kwargs: object) -> None:
        raise error

    for where in ("comity.integrations.mail.parsing.read", "comity.actions.answers.ask"):
        with monkeypatch.context() as patch:
            patch.setattr(where, broken)
            row = took(to, where, mail_id=f"<{where}@x>")
            assert (row.outcome, row.message) == ("failed", None)
            assert row.why.startswith(type(error).__name__)
            assert took(to, where, mail_id=f"<{where}@x>").pk == row.pk, "the same mail again changes nothing"
    assert took(to).outcome == "accepted"


def test_odd_mails_are_taken_and_the_genuine_one_behind_them_is_read(cast: Cast, office: PostOffice) -> None:
    reach(cast, cast.li)
    to, outcomes = addresses.reply_address(ask(cast), cast.seller).encode(), set()
    for number, raw in enumerate(mails(150 if LONG else 25, seed=16)):
        raw, at = raw.replace(b"service+1-2-aaaaaaaaaaaaaaaa@market.example", to), hours(2 + number / 10)
        row = incoming.take(raw, received_at=at, now=at)
        assert row.outcome != "failed", row.why
        outcomes.add(row.outcome)
    assert {"accepted", "refused"} <= outcomes <= set(OUTCOMES)
    assert took(to.decode(), at=20).outcome == "accepted"


@pytest.mark.parametrize("text", ["", "x" * 20_000])
def test_a_mail_that_is_refused_is_said_to_be(cast: Cast, office: PostOffice, text: str) -> None:
    reach(cast, cast.li)
    row = incoming.take(
        answer(addresses.reply_address(ask(cast), cast.seller), text), received_at=hours(2), now=hours(2)
    )  # fmt: skip
    assert row.outcome == "refused"
    assert Notice.objects.filter(party=cast.seller, kind="mail.not_taken").exists()
    assert Duty.objects.get(rule="reply").status == "open"


def test_an_error_of_ours_loses_no_mail(cast: Cast, office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    reach(cast, cast.li)

    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr("comity.actions.answers.ask", broken)
    office.come(answer(addresses.reply_address(ask(cast), cast.seller)), at=hours(2))
    assert mail.fetch(hours(3)) == 1
    row = IncomingMail.objects.get()
    assert (row.outcome, row.why) == ("failed", "ZeroDivisionError: a mistake of ours")
    assert len(row.raw) == 64


def test_only_the_shop_gives_an_address(cast: Cast) -> None:
    wishes: dict[str, Any] = {
        "by_mail": True,
        "digest": "each",
        "quiet_from": None,
        "quiet_until": None,
    }
    with pytest.raises(Forbidden):
        contacts.save(cast.li, cast.seller, Wishes(email="mine@evil.example", **wishes), at=hours(0))
    with pytest.raises(Forbidden):
        contacts.save(cast.max, cast.seller, Wishes(**wishes), at=hours(0))
    with pytest.raises(Refused, match="no address"):
        contacts.save(cast.li, cast.seller, Wishes(**wishes), at=hours(0))
    with pytest.raises(Refused) as refused:
        wrong = Wishes(True, "never", quiet_from=5, email="nonsense", language="xx", time_zone="Mars/Olympus")
        contacts.save(cast.platform, cast.seller, wrong, at=hours(0))
    assert len(refused.value.problems) == 5
    reach(cast, cast.li)
    contacts.save(cast.li, cast.seller, Wishes(**wishes | {"digest": "daily", "language": "zh-hans"}), at=hours(0))
    assert (Contact.objects.get().digest, Party.objects.get(pk=cast.seller.pk).language) == ("daily", "zh-hans")
