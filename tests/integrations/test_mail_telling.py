"""Mails about disputes over real SMTP and IMAP: what they say and never say, once, and what it means that one came back."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from comity.actions.disputes import cases, claims, deciding, evidence, mediation, offers, opening, reaching
from comity.actions.guard import Actor
from comity.actions.orders import Line
from comity.integrations import mail
from comity.integrations.mail import addresses, incoming
from comity.lib.money import Money
from comity.policy.disputes.case import Stage as At
from comity.records.models import Contact, IncomingMail, Notice, NoticeMail
from comity.web.trade.mails import write
from tests.cast import START
from tests.disputing import WINDOWS, Stage, agent, rulebook, stage
from tests.integrations.test_mail import office, reach, servers
from tests.postoffice import ADDRESS, PostOffice

__all__ = ["office", "servers"]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def here(office: PostOffice) -> Stage:
    """Ana and Li, who both have an address; Li reads Chinese, in Shanghai."""
    set_ = stage()
    reach(set_.cast, set_.cast.ana)
    reach(set_.cast, set_.cast.li)
    return set_


def post(at: Any) -> int:
    mail.telling.plan(at)
    return mail.telling.send_due(at, write)


def to(office: PostOffice, who: str) -> list[EmailMessage]:
    return [each for each in office.sent if each["To"] == f"{who}@people.example"]


def said(office: PostOffice, who: str) -> str:
    """The last mail to somebody."""
    return str(to(office, who)[-1].get_content())


def report(about: EmailMessage, *, action: str = "failed", plus: bool = True) -> bytes:
    """A mail server's report about one of our mails, as RFC 3464 has it."""
    head = f"Message-ID: {about['Message-ID']}\r\nSubject: {about['Subject']}\r\n"
    to = about["Reply-To"] if plus else ADDRESS
    return (
        f"From: Mail Delivery Subsystem <mailer-daemon@people.example>\r\nTo: {to}\r\nReturn-Path: <>\r\n"
        f"Subject: Report\r\nMessage-ID: <{action}.{plus}@people.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nAbout your mail.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; people.example\r\n\r\n"
        f"Final-Recipient: rfc822; li@people.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{head}\r\n--b--\r\n"
    ).encode()


def person(about: EmailMessage, *, who: str = "li") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Message-ID"] = f"{who}@people.example", about["Reply-To"], f"<{who}@x>"
    made["Subject"], made["In-Reply-To"] = "Re: what?", about["Message-ID"]
    made.set_content("I did not know.")
    return made.as_bytes()


def test_a_mail_says_what_happened_what_may_be_done_until_when_and_what_else(here: Stage, office: PostOffice) -> None:
    dispute = here.open(START + DAY, amount=2500, text="The glass is broken, call +49 30 1234567")
    assert post(START + DAY) == 1
    assert to(office, "ana") == [], "she knows what she did herself"
    body = said(office, "li")
    assert "The buyer opened a dispute" in body
    assert "It is your turn." in body
    assert "Until Sun, Mar 8, 2026, 09:00 (5 days left)." in body
    assert "If nobody acts: it is decided for the buyer: €25.00 goes back." in body
    assert "- Reject the claim" in body
    assert f"https://market.example/disputes/{dispute.key}/" in body
    assert "broken" not in body, "what somebody wrote is behind the sign-in"
    turn = here.seen(here.cast.li, START + DAY).turn
    assert turn.until == START + 6 * DAY


def test_a_mail_is_in_its_readers_language_and_zone(here: Stage, office: PostOffice) -> None:
    reach(here.cast, here.cast.li, language="zh-hans", time_zone="Asia/Shanghai")
    here.open(START + DAY)
    post(START + DAY)
    assert "2026年3月8日" in said(office, "li")
    assert "17:00" in said(office, "li")
    assert "Asia/Shanghai" in said(office, "li")


def test_each_notice_is_mailed_once_and_what_came_at_once_is_one_mail(here: Stage, office: PostOffice) -> None:
    here.open(START + DAY)
    here.offer(START + DAY, 500)
    assert (post(START + DAY), post(START + DAY), post(START + 2 * DAY)) == (2, 0, 0)
    body = said(office, "ana")
    assert "The seller answered the dispute" in body
    assert "made an offer" in body
    assert "made an offer" not in said(office, "li"), "he made it himself"
    assert not Notice.objects.filter(unsent=True).exists()
    here.offer(START + 2 * DAY, 600)
    assert post(START + 2 * DAY) == 1
    assert "The seller answered" not in said(office, "ana")
    first, second = to(office, "ana")
    assert first["References"] == second["References"] == f"<{here.the_dispute.uuid}@market.example>"
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Subject"] == second["Subject"]


def test_wishes_are_kept(here: Stage, office: PostOffice) -> None:
    reach(here.cast, here.cast.li, by_mail=False)
    reach(here.cast, here.cast.ana, digest="daily")
    at = START + DAY  # nine in the morning
    here.open(at)
    assert post(at) == 0
    here.offer(at + timedelta(hours=1), 500)
    assert post(at + timedelta(hours=1)) == 0
    assert NoticeMail.objects.count() == 1, "what still waits is added to"
    assert post(at + timedelta(hours=23)) == 1
    assert "made an offer" in said(office, "ana")
    assert to(office, "li") == []


def test_nothing_private_and_no_evidence_for_the_mediator_is_in_a_mail(here: Stage, office: PostOffice) -> None:
    judge = agent(here.cast, "Kim")
    here.open(START + DAY)
    here.mediate(START + 2 * DAY, judge)
    post(START + 2 * DAY)
    office.sent.clear()
    for_all = evidence.Given(text="My statement", sees="all")
    alone = evidence.Given(text="My doctor's letter", sees="mediator", why="It is about my health")
    evidence.give(here.cast.ana, here.the_dispute, alone, at=START + 2 * DAY)
    mediation.say(judge, here.the_dispute, text="Between us: settle.", sees="buyer", at=START + 2 * DAY)
    assert post(START + 2 * DAY) == 0
    evidence.give(here.cast.ana, here.the_dispute, for_all, at=START + 2 * DAY)
    evidence.give(here.cast.li, here.the_dispute, evidence.Given(text="A statement, too"), at=START + 2 * DAY)
    assert post(START + 2 * DAY) == 2
    for who in ("ana", "li"):
        body = said(office, who)
        assert "gave evidence" in body
        assert not any(word in body for word in ("doctor", "health", "statement", "settle."))


def test_once_it_has_ended_only_the_end_is_told_to_the_loser_too(here: Stage, office: PostOffice) -> None:
    judge = agent(here.cast, "Kim")
    here.open(START + DAY)
    here.mediate(START + 2 * DAY, judge)
    post(START + 2 * DAY)
    office.sent.clear()
    mediation.tell_progress(judge, here.the_dispute, text="Soon.", at=START + 3 * DAY)
    judged = deciding.Judgement("seller", inputs={"tracking": "none", "proof": "unclear"}, text="Nothing shows it.")
    deciding.decide(judge, here.the_dispute, judged, at=START + 3 * DAY)
    assert here.case().stage is At.CLOSED
    assert post(START + 3 * DAY) == 2
    body = said(office, "ana")
    assert "The platform decided the dispute" in body
    assert "told how the case stands" not in body
    assert "The dispute has ended." in body
    assert "may appeal on the page until" in body
    assert "If nobody acts" not in body


def test_who_lost_by_silence_is_told_so_and_until_when_it_can_be_set_aside(here: Stage, office: PostOffice) -> None:
    reach(here.cast, here.cast.li, language="en")
    here.open(START + DAY, amount=2500)
    post(START + DAY)
    here.turn(START + 7 * DAY)
    post(START + 7 * DAY)
    body = said(office, "li")
    assert "Seller did not act in time, so it is decided for: Buyer · €25.00" in body
    assert "Who was silent for a reason may ask until" in body
    assert "may appeal on the page until" in body
    assert "€25.00 is on its way back to the buyer, and not confirmed yet." in body


def test_an_offer_in_parts_is_told_whole(office: PostOffice) -> None:
    set_ = stage(lines=(Line("Glass", 3, Money(2000, "EUR")),))
    reach(set_.cast, set_.cast.ana)
    set_.about(START + DAY, Glass=2)
    set_.offer_parts(START + DAY, set_.part("refund", 2000), set_.part("replacement"))
    post(START + DAY)
    body = said(office, "ana")
    assert "Seller made an offer: not the same for all pieces" in body
    assert "- Accept the offer: 1 × Glass: refund, €20.00; 1 × Glass: replacement" in body
    assert "part 2 of 2" not in body


def test_who_is_warned_of_a_time_that_runs_out_is_written_to(office: PostOffice) -> None:
    answer = WINDOWS["answer"].replace('within = "5 days"', 'within = "5 days"\nwarn_before = ["24 hours"]')
    here = stage(rulebook(answer=answer))
    reach(here.cast, here.cast.li)
    here.open(START + DAY)
    post(START + DAY)
    here.turn(START + 5 * DAY + timedelta(minutes=1))
    assert post(START + 5 * DAY + timedelta(minutes=1)) == 1
    assert "Answer a dispute within 5 days" in said(office, "li")
    assert "(23 h left)" in said(office, "li")


def test_a_server_that_refuses_is_asked_again_and_in_the_end_agents_see_it(here: Stage, office: PostOffice) -> None:
    reach(here.cast, here.cast.ana, by_mail=False)
    here.open(START + DAY)
    at = START + DAY
    office.refuses += ["550 no such user"] * 8
    for _ in range(8):
        assert post(at) == 0
        at += timedelta(hours=3)
    row = NoticeMail.objects.get()
    assert (row.due_at, row.came_back) == (None, True)
    assert "550" in row.failed_why
    assert reaching.reach(cases.held(here.the_dispute), "seller").state == "refuted"


@pytest.mark.parametrize("plus", [True, False])
def test_who_got_the_mail_back_does_not_lose_by_silence(here: Stage, office: PostOffice, plus: bool) -> None:
    here.open(START + DAY)
    post(START + DAY)
    now = cases.held(here.the_dispute)
    assert reaching.reach(now, "seller").state == "sent"
    office.come(report(to(office, "li")[0], plus=plus), at=START + DAY)
    mail.fetch(START + 2 * DAY)
    assert IncomingMail.objects.get().outcome == "bounce"
    found = reaching.reach(now, "seller")
    assert (found.state, found.is_reached) == ("refuted", False)
    assert reaching.reach(now, "buyer").is_reached
    assert Contact.objects.get(party=here.cast.seller).bounced == 1
    assert Notice.objects.filter(party=here.cast.seller, kind="mail.came_back").count() == 1, "another way"
    here.turn(START + 7 * DAY)
    assert (here.case().stage, here.case().decision) == (At.MEDIATION, None)


def test_the_same_report_twice_counts_once(here: Stage, office: PostOffice) -> None:
    here.open(START + DAY)
    post(START + DAY)
    (sent,) = to(office, "li")
    for plus in (True, False):
        incoming.take(report(sent, plus=plus), received_at=START + DAY, now=START + DAY)
    assert Contact.objects.get(party=here.cast.seller).bounced == 1
    assert NoticeMail.objects.get(party=here.cast.seller).bounced_at == START + DAY


def test_a_later_mail_that_stays_there_reaches(here: Stage, office: PostOffice) -> None:
    here.open(START + DAY)
    post(START + DAY)
    incoming.take(report(to(office, "li")[0]), received_at=START + DAY, now=START + DAY)
    claims.modify(here.cast.ana, here.the_dispute, _claim(here, 1000), at=START + 2 * DAY)
    post(START + 2 * DAY)
    found = reaching.reach(cases.held(here.the_dispute), "seller")
    assert (found.state, found.is_reached) == ("sent", True)


def _claim(here: Stage, amount: int) -> Any:
    return opening.Claim(reason="damaged", amount=here.cash(amount))


def test_delivered_delayed_and_answered_are_told_apart(here: Stage, office: PostOffice) -> None:
    here.open(START + DAY)
    post(START + DAY)
    (sent,), now = to(office, "li"), cases.held(here.the_dispute)
    incoming.take(report(sent, action="delayed"), received_at=START + DAY, now=START + DAY)
    assert reaching.reach(now, "seller").state == "sent"
    incoming.take(report(sent, action="delivered"), received_at=START + DAY, now=START + DAY)
    assert reaching.reach(now, "seller").state == "arrived"
    row = incoming.take(person(sent), received_at=START + 2 * DAY, now=START + 2 * DAY)
    assert row.outcome == "refused"
    told = Notice.objects.get(party=here.cast.seller, kind="mail.not_taken")
    assert told.values["topic"] == here.the_dispute.key
    found = reaching.reach(now, "seller")
    assert (found.state, found.acknowledged_at) == ("acknowledged", START + 2 * DAY)


def test_strangers_and_forged_addresses_refute_nothing(here: Stage, office: PostOffice) -> None:
    here.open(START + DAY)
    post(START + DAY)
    (sent,) = to(office, "li")
    assert incoming.take(person(sent, who="max"), received_at=START + DAY, now=START + DAY).outcome == "stranger"
    row = NoticeMail.objects.get(party=here.cast.seller)
    forged = addresses.told_address(row.pk + 1, row.party_id).partition("-")[2]
    raw = report(sent).replace(sent["Reply-To"].encode(), f"service+t.{row.pk}-{forged}".encode())
    raw = raw.replace(sent["Message-ID"].encode(), b"<x@y>")
    assert incoming.take(raw, received_at=START + DAY, now=START + DAY).outcome == "bounce"
    assert not reaching.reach(cases.held(here.the_dispute), "seller").refuted
    assert Contact.objects.get(party=here.cast.seller).bounced == 0


def test_who_looks_at_the_case_has_heard_whatever_came_back(here: Stage, office: PostOffice) -> None:
    here.open(START + DAY, amount=2500)
    post(START + DAY)
    incoming.take(report(to(office, "li")[0]), received_at=START + DAY, now=START + DAY)
    reaching.acknowledge(Actor(here.cast.max.party), here.the_dispute, at=START + 2 * DAY)
    assert reaching.reach(cases.held(here.the_dispute), "seller").refuted, "another's look is none of his"
    reaching.acknowledge(here.cast.li, here.the_dispute, at=START + 2 * DAY)
    assert reaching.reach(cases.held(here.the_dispute), "seller").state == "acknowledged"
    here.turn(START + 7 * DAY)
    decision = here.case().decision
    assert decision is not None
    assert decision.because == "silence"


def test_a_refund_that_follows_from_a_dispute_is_told_and_any_other_is_not(here: Stage, office: PostOffice) -> None:
    here.open(START + DAY)
    offers.accept(here.cast.ana, here.the_dispute, number=here.offer(START + DAY, 500), at=START + DAY)
    post(START + DAY)
    office.sent.clear()
    here.confirm(START + 2 * DAY)
    assert post(START + 2 * DAY) == 2
    assert "€5.00" in said(office, "ana")
    here.report(START + 3 * DAY, "charged_back", "cb-1", 100)
    assert post(START + 3 * DAY) == 0
