"""The pages of disputes, as buyer, seller and agents see them: forms, errors that keep what was typed, walls."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from comity.actions import merges, messages, reports, scans, shipments
from comity.actions.disputes import claims, deciding, evidence, interests, mediation, offers
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.actions.measured import written
from comity.actions.orders import Line
from comity.lib.money import Money
from comity.lib.zones import zone
from comity.policy.disputes.edges import Reckoned
from comity.policy.disputes.openings import Window
from comity.records.models import (
    Conversation,
    Dispute,
    Evidence,
    GuidedOpening,
    Interest,
    Notice,
    NoticeMail,
    Refund,
    RefundVia,
    Shipment,
)
from comity.web.common import times
from comity.web.trade import dispute_words
from tests.actions.disputes.test_helping import closed
from tests.disputing import RULES, WINDOWS, Stage, agent, rulebook, stage
from tests.files.test_uploads import picture
from tests.web import test_pages
from tests.web.test_pages import text

pytestmark = pytest.mark.django_db
NEVER_WAS = "/disputes/D-234567AB/"


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def set_(now: datetime) -> Stage:
    """Ana bought a clock of Li's ten days ago."""
    return stage(at=now - timedelta(days=10))


def sign_in(actor: Actor) -> Client:
    """A browser of an actor, who may have another one already."""
    if actor.party.user is None:
        return test_pages.sign_in(actor)
    client = Client()
    client.force_login(actor.party.user)
    return client


def main(response: Any) -> str:
    """What a page says, without the frame around it."""
    return text(response).partition("<main")[2].partition("</main>")[0]


def plain(response: Any) -> str:
    """The same, as it reads."""
    return unescape(main(response))


def opened(set_: Stage, now: datetime, *, days: float = 2, **claim: Any) -> Dispute:
    return set_.open(now - timedelta(days=days), **claim)


def address(dispute: Dispute) -> str:
    return f"/disputes/{dispute.key}/"


def sent(set_: Stage, now: datetime) -> Shipment:
    """A parcel of the order, sent eight days ago."""
    declared = shipments.Parcel("post", "RR473124829GB", sure=True)
    return shipments.dispatch(set_.cast.li, set_.order, declared, at=now - timedelta(days=8))


def hidden(page: str, slug: str) -> dict[str, str]:
    """The hidden fields of the first form of a verb, as a browser sends them."""
    form = re.search(rf'<form[^>]*action="[^"]*/{slug}/".*?</form>', page, re.S)
    assert form is not None, f"no form for {slug}"
    return dict(re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', form.group()))


def send(client: Client, about: Dispute, slug: str, *, desk: bool = False, **values: Any) -> Any:
    """Fill in the form of a verb as the page shows it, and send it."""
    at = f"/desk{address(about)}" if desk else address(about)
    page = client.get(at).content.decode()
    return client.post(f"{at}{slug}/", {**hidden(page, slug), **values}, follow=True)


# Whose it is


def test_a_dispute_that_is_not_yours_is_answered_like_one_that_never_was(set_: Stage, now: datetime) -> None:
    about = opened(set_, now)
    for stranger in (set_.cast.bea, set_.cast.max):
        client = sign_in(stranger)
        there, never = client.get(address(about)), client.get(NEVER_WAS)
        assert there.status_code == never.status_code == 404
        assert client.post(f"{address(about)}withdraw/").status_code == 404
        assert main(there) == main(never)
    assert Client().get(address(about))["Location"] == f"/account/login/?next={address(about)}"
    assert sign_in(set_.cast.li).get(NEVER_WAS).status_code == 404


def test_each_side_sees_whose_turn_it_is_until_when_and_what_follows(set_: Stage, now: datetime) -> None:
    about = opened(set_, now, amount=4500)
    seller, buyer = text(sign_in(set_.cast.li).get(address(about))), text(sign_in(set_.cast.ana).get(address(about)))
    due = times.moment(now - timedelta(days=2) + timedelta(days=5))
    for page in (seller, buyer):
        assert f"Until {due}" in page
        assert "If nobody acts: it is decided for the buyer: €45.00 goes back." in page
    assert "It is your turn." in seller
    assert "It is the seller&#x27;s turn." in buyer
    assert 'class="button primary">Accept: refund, €45.00' in seller
    assert "Accept: refund" not in buyer


def test_agents_read_the_joint_page_and_act_at_the_desk(set_: Stage, now: datetime) -> None:
    about, client = opened(set_, now), sign_in(set_.cast.ken)
    page = client.get(address(about)).content.decode()
    assert f"/desk{address(about)}" in page
    assert 'aria-label="What you can do"' not in page
    assert client.get(f"/desk{address(about)}").status_code == 200
    assert sign_in(set_.cast.li).get(f"/desk{address(about)}").status_code == 403


def test_one_deadline_in_three_zones() -> None:
    due = datetime(2026, 3, 10, 3, tzinfo=UTC)
    for place, said in (
        ("America/Los_Angeles", ("Mar 9, 2026", "20:00")), ("Asia/Shanghai", ("Mar 10, 2026", "11:00")),
        ("Europe/London", ("Mar 10, 2026", "03:00")),
    ):  # fmt: skip
        with timezone.override(zone(place)):
            shown = times.moment(due)
        assert all(each in shown for each in said), shown


# The guided opening


def test_what_helps_comes_first_then_three_questions_then_a_last_look(set_: Stage, now: datetime) -> None:
    client, start = sign_in(set_.cast.ana), f"/buy/orders/{set_.order.key}/problem/"
    assert start in client.get(f"/orders/{set_.order.uuid}/").content.decode()
    first = text(client.get(start))
    assert "The goods came damaged" in first
    assert "It has not been sent yet." in first
    second = text(client.get(start, {"reason": "damaged"}))
    assert "Ask the seller for a replacement." in second
    assert "photo of the damage" in second
    assert "At most €60.00" in second
    form = {"reason": "damaged", "wants": "refund", "amount": "12.50", "text": "A dent."}
    look = text(client.post(start, {**form, "step": "look"}))
    assert "€12.50" in look
    assert '<select name="item"><option value="photo of the damage">' in look
    assert "If not: it is decided for the buyer: €12.50 goes back." in look
    assert not Dispute.objects.exists(), "a last look opens nothing"
    again = client.post(start, {**form, "step": "change"})
    assert again.status_code == 200
    assert 'value="12.50"' in text(again)
    upload = BytesIO(picture("PNG"))
    upload.name = "dent.png"
    answer = client.post(start, {**form, "step": "open", "files": [upload], "item": "photo of the damage"})
    dispute = Dispute.objects.get()
    assert answer["Location"] == address(dispute)
    assert (dispute.asked, dispute.reason) == (1250, "damaged")
    assert Evidence.objects.get().name == "dent.png"
    assert re.search("photo of the damage.{0,200}given", main(client.get(address(dispute))), re.DOTALL)
    assert client.post(start, {**form, "step": "open"})["Location"] == address(dispute), (
        "a second click finds the first"
    )
    assert Dispute.objects.count() == 1
    assert f"/disputes/{dispute.key}/" in client.get(f"/orders/{set_.order.uuid}/").content.decode()


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("12.505", "has more digits than EUR has"), ("much", "Write the amount as a number"), ("61", "At most €60.00"),
        ("0", "Name an amount above zero"), ("1,234", "has more digits than EUR has"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_amount_is_said_and_nothing_typed_is_lost(set_: Stage, amount: str, said: str) -> None:
    client, start = sign_in(set_.cast.ana), f"/buy/orders/{set_.order.key}/problem/"
    form = {"reason": "damaged", "wants": "refund", "amount": amount, "text": "A long story.", "step": "look"}
    answer = client.post(start, form)
    assert answer.status_code == 422
    assert said in text(answer)
    assert f'value="{amount}"' in text(answer)
    assert "A long story." in text(answer)


def test_yen_have_no_decimals(now: datetime) -> None:
    set_ = stage(at=now - timedelta(days=5), currency="JPY", amount=5800)
    client, start = sign_in(set_.cast.ana), f"/buy/orders/{set_.order.key}/problem/"
    assert "At most ¥5,800." in text(client.get(start, {"reason": "damaged"}))
    form = {"reason": "damaged", "wants": "refund", "amount": "2900.50", "step": "look"}
    assert "has more digits than JPY has" in text(client.post(start, form))
    client.post(start, {**form, "amount": "2900", "step": "open"})
    assert "refund, ¥2,900" in text(client.get(address(Dispute.objects.get())))


def test_when_it_may_not_be_opened_the_page_says_from_when_and_why(now: datetime) -> None:
    rules = rulebook().replace('after = { fact = "order.paid" }', 'after = { fact = "order.paid", plus = "30 days" }')
    set_ = stage(rules, at=now - timedelta(days=3))
    client, start = sign_in(set_.cast.ana), f"/buy/orders/{set_.order.key}/problem/"
    page = text(client.get(start, {"reason": "damaged"}))
    begin = times.moment(now + timedelta(days=27))
    assert f"You can open a dispute for this from {begin} on." in page
    assert 'name="step" value="look"' not in page
    assert client.post(start, {"reason": "damaged", "step": "open"}).status_code == 422
    assert not Dispute.objects.exists()


def test_windows_say_in_their_own_words_what_they_wait_for() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert "once the parcel is delivered" in dispute_words.window(Window(waits_for="shipment.delivered"), at)
    assert "no dispute can be opened" in dispute_words.window(Window(), at)
    over = Window(begin=at - timedelta(days=9), end=at - timedelta(days=1))
    assert "ended on" in dispute_words.window(over, at)
    counted = Reckoned(at, (("from", at), ("plus", timedelta(days=14)), ("moved", at.date()))).counted
    assert [each.split()[0] for each in dispute_words.counted(counted)] == ["counted", "plus", "moved"]


def test_how_far_the_guided_opening_went_is_counted(set_: Stage) -> None:
    client, start = sign_in(set_.cast.ana), f"/buy/orders/{set_.order.key}/problem/"

    def noted() -> list[tuple[str, str, Dispute | None]]:
        return [(each.step, each.advised, each.dispute) for each in GuidedOpening.objects.all()]

    client.get(start)
    assert noted() == [("began", "", None)]
    client.get(start, {"reason": "damaged"})
    assert noted() == [("reason", "show_photos", None)]
    form = {"reason": "damaged", "wants": "refund", "amount": "61"}
    client.post(start, {**form, "step": "look"})
    assert noted() == [("reason", "show_photos", None)], "what was refused was no last look"
    client.post(start, {**form, "amount": "12", "step": "look"})
    assert noted() == [("look", "show_photos", None)]
    client.post(start, {**form, "amount": "12", "step": "open"})
    assert noted() == [("opened", "show_photos", Dispute.objects.get())]
    client.get(start)
    assert len(noted()) == 1


def test_another_order_is_answered_like_one_that_never_was(set_: Stage) -> None:
    client = sign_in(set_.cast.bea)
    for key in (set_.order.key, "O-23456789"):
        assert client.get(f"/buy/orders/{key}/problem/").status_code == 404


# Answers and offers


def test_a_seller_accepts_what_was_shown_once(set_: Stage, now: datetime) -> None:
    about, client = opened(set_, now, amount=4500), sign_in(set_.cast.li)
    form = hidden(client.get(address(about)).content.decode(), "accept-claim")
    first = client.post(f"{address(about)}accept-claim/", form, follow=True)
    assert "You accepted the claim." in text(first)
    second = client.post(f"{address(about)}accept-claim/", form)
    assert second.status_code == 422
    assert "You have already agreed" in text(second)
    assert Refund.objects.count() == 1
    assert set_.money()["instructed"] == 4500


def test_a_yes_to_a_claim_that_was_changed_does_not_count(set_: Stage, now: datetime) -> None:
    about, client = opened(set_, now, amount=4500), sign_in(set_.cast.li)
    form = hidden(client.get(address(about)).content.decode(), "accept-claim")
    send(sign_in(set_.cast.ana), about, "modify", reason="damaged", wants="refund", amount="50", text="Worse.")
    answer = client.post(f"{address(about)}accept-claim/", form)
    assert "The buyer has changed the claim meanwhile." in text(answer)
    assert not Refund.objects.exists()


def test_offers_stand_side_by_side_and_are_accepted_by_number(set_: Stage, now: datetime) -> None:
    about = opened(set_, now, amount=4500)
    seller, buyer = sign_in(set_.cast.li), sign_in(set_.cast.ana)
    wrong = send(seller, about, "offer", kind="partial refund", amount="99", text="My best.")
    assert wrong.status_code == 422
    assert "At most €60.00" in text(wrong)
    assert 'value="99"' in text(wrong)
    assert "My best.</textarea>" in text(wrong)
    send(seller, about, "offer", kind="partial refund", amount="20,00", text="Would that do?")
    send(buyer, about, "offer", kind="partial refund", amount="30")
    page = text(buyer.get(address(about)))
    assert "What the rules would give depends on: how clear the evidence is." in page
    assert "refund of a part, €20.00" in page
    assert "refund of a part, €30.00" in page
    assert "Would that do?" in page
    taken = hidden(buyer.get(address(about)).content.decode(), "accept-offer")
    send(seller, about, "withdraw-offer")
    late = buyer.post(f"{address(about)}accept-offer/", taken)
    assert late.status_code == 422
    assert "There is no offer that waits" in text(late) or "withdrawn or replaced a moment ago" in text(late)
    assert not Refund.objects.exists()
    send(seller, about, "accept-offer")
    assert set_.money()["instructed"] == 3000


@pytest.fixture
def glasses(now: datetime) -> Stage:
    """Ana bought three glasses and a jug ten days ago; two glasses and the jug came broken."""
    lines = (Line("Glass", 3, Money(2000, "EUR")), Line("Jug", 1, Money(3000, "EUR")))
    here = stage(at=now - timedelta(days=10), lines=lines)
    here.about(now - timedelta(days=2), Glass=2, Jug=1)
    return here


def part(here: Stage, title: str, place: int, kind: str, amount: str = "", quantity: int = 1) -> dict[str, Any]:
    """What is typed about some pieces of a line."""
    name = f"part-{here.line(title).pk}-{place}"
    return {f"{name}-kind": kind, f"{name}-amount": amount, f"{name}-quantity": str(quantity)}


def test_not_the_same_for_all_pieces(glasses: Stage, now: datetime) -> None:
    about, seller, buyer = glasses.the_dispute, sign_in(glasses.cast.li), sign_in(glasses.cast.ana)
    page = text(seller.get(address(about)))
    assert "Not the same for all pieces" in page
    assert "<legend><bdi>Glass, block 2</bdi></legend>" in page
    assert "<legend><bdi>Jug</bdi></legend>" in page
    first, second = part(glasses, "Glass", 1, "refund", "20"), part(glasses, "Glass", 2, "replacement")
    wrong = send(seller, about, "offer", kind="refund", **first, **second)
    assert wrong.status_code == 422
    assert "“Jug”: the dispute is about 1 of it, and the parts of the offer about 0." in text(wrong)
    assert '<details class="folded-fields" open>' in text(wrong)
    assert f'name="part-{glasses.line("Glass").pk}-1-amount" value="20"' in text(wrong)
    jug = part(glasses, "Jug", 1, "return and refund", "30")
    much = send(seller, about, "offer", kind="refund", amount="10", **first, **second, **jug)
    assert "Where pieces get different things" in text(much)
    bad = send(seller, about, "offer", **first, **second, **part(glasses, "Jug", 1, "refund", "30,001"))
    assert "30,001 has more digits than EUR has" in text(bad)
    send(seller, about, "offer", kind="refund", return_postage="seller", text="Sorry.", **first, **second, **jug)
    (offered,) = glasses.case().offers
    assert [(each.kind, each.amount, each.return_postage) for each in offered.parts] == [
        ("refund", 2000, ""), ("replacement", 0, ""), ("return and refund", 3000, "seller")
    ]  # fmt: skip
    for client in (buyer, seller, sign_in(glasses.cast.ken)):
        page = text(client.get(address(about)))
        assert "not the same for all pieces, €50.00" in page
        for line in ("1 × Glass: refund, €20.00", "1 × Glass: replacement", "1 × Jug: return and refund, €30.00"):
            assert line in page
    assert "Seller made an offer: replacement (part 2 of 3)" in page
    assert "Accept: not the same for all pieces, €50.00" in text(buyer.get(address(about)))
    send(buyer, about, "accept-offer")
    assert (glasses.case().stage, glasses.instructions()) == ("returning", [2000])
    page = text(buyer.get(address(about)))
    assert '1 × Glass: refund, €20.00 · <span class="muted">money is on its way</span>' in page
    assert '1 × Glass: replacement · <span class="muted">still to be done</span>' in page
    assert '1 × Jug: return and refund, €30.00 · <span class="muted">waits for the goods</span>' in page
    send(seller, about, "label")
    send(buyer, about, "send-back", carrier="post", number="RR473124829GB", sure="on")
    page = text(seller.get(address(about)))
    assert "€30.00 goes back to the buyer. What was promised is still to be done." in page
    send(seller, about, "confirm-return")
    assert (glasses.case().stage, glasses.instructions()) == ("settled", [2000, 3000])


def test_a_mediator_proposes_for_each_piece(glasses: Stage, now: datetime) -> None:
    about, desk = glasses.mediate(now, glasses.cast.ken), sign_in(glasses.cast.ken)
    typed = {
        **part(glasses, "Glass", 1, "partial refund", "5", 2), **part(glasses, "Jug", 1, "nothing"), "kind": "refund"
    }  # fmt: skip
    send(desk, about, "propose", desk=True, **typed)
    (proposed,) = glasses.case().offers
    assert [(each.quantity, each.kind, each.amount) for each in proposed.parts] == [
        (2, "partial refund", 500), (1, "nothing", 0)
    ]  # fmt: skip
    assert "2 × Glass: refund of a part, €5.00" in text(desk.get(f"/desk{address(about)}"))


def test_a_dispute_about_one_piece_has_nothing_to_tell_apart(set_: Stage, now: datetime) -> None:
    about = opened(set_, now)
    assert "Not the same for all pieces" not in text(sign_in(set_.cast.li).get(address(about)))


def test_a_rejection_needs_words_and_says_are_held_against_the_facts(set_: Stage, now: datetime) -> None:
    parcel = sent(set_, now)
    scans.scan(set_.cast.platform, parcel, scans.Event("in_transit", now - timedelta(days=7), place="Łódź"))
    about, client = opened(set_, now, reason="not received"), sign_in(set_.cast.li)
    wrong = send(client, about, "reject", says=["says_delivered"], text=" ")
    assert "Write why you reject the claim" in text(wrong)
    assert 'value="says_delivered" checked' in text(wrong)
    send(client, about, "reject", says=["says_delivered"], text="The carrier says so.")
    assert set_.case().answer == "rejected"
    mediation.escalate(set_.cast.ana, about, at=now)
    desk = text(sign_in(set_.cast.ken).get(f"/desk{address(about)}"))
    assert "Seller says: “It was delivered.” But the carrier still has it." in desk


def test_what_stood_changed_meanwhile_is_not_overwritten(set_: Stage, now: datetime) -> None:
    about, buyer = opened(set_, now), sign_in(set_.cast.ana)
    form = hidden(buyer.get(address(about)).content.decode(), "withdraw")
    claims.reject(set_.cast.li, about, text="No.", version=1, at=now)
    answer = buyer.post(f"{address(about)}withdraw/", {**form, "reason": "solved", "text": "Thanks!"})
    assert answer.status_code == 422
    assert "The case has changed meanwhile" in text(answer)
    assert "Thanks!" in text(answer)


@pytest.mark.parametrize(("slug", "status"), [("nonsense", 404), ("reject", 403), ("decide", 404)])
def test_what_is_not_a_sides_to_do_is_refused(set_: Stage, now: datetime, slug: str, status: int) -> None:
    about = opened(set_, now)
    assert sign_in(set_.cast.ana).post(f"{address(about)}{slug}/", {"text": "x"}).status_code == status


def test_a_form_that_was_refused_can_be_reloaded(set_: Stage, now: datetime) -> None:
    about, client = opened(set_, now), sign_in(set_.cast.ana)
    assert client.get(f"{address(about)}offer/")["Location"] == address(about)
    assert client.head(f"{address(about)}offer/").status_code == 302


# Evidence


def test_files_one_by_one_bad_ones_named_good_ones_kept(set_: Stage, now: datetime) -> None:
    about, client = opened(set_, now), sign_in(set_.cast.ana)
    good, empty = BytesIO(picture("PNG")), BytesIO(b"")
    good.name, empty.name = "good.png", "empty.png"
    page = text(send(client, about, "give-evidence", files=[good, empty], item="photo of the damage"))
    assert "Kept: 1. Not kept: empty.png is empty." in page
    piece = Evidence.objects.get()
    shown = client.get(f"/evidence/{piece.uuid}/")
    assert shown["Content-Type"] == "image/png"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert b"".join(shown.streaming_content)  # type: ignore[attr-defined]
    assert f"/evidence/{piece.uuid}/" in text(sign_in(set_.cast.li).get(address(about)))
    for stranger in (set_.cast.bea, set_.cast.max):
        assert sign_in(stranger).get(f"/evidence/{piece.uuid}/").status_code == 404
    assert Client().get(f"/evidence/{piece.uuid}/").status_code == 302
    assert client.get("/evidence/00000000-0000-0000-0000-000000000000/").status_code == 404
    too_much = client.post(f"{address(about)}give-evidence/", CONTENT_LENGTH=str(2_000_000_000))
    assert too_much.status_code == 413


def test_what_is_for_the_platform_alone_is_known_to_be_there(set_: Stage, now: datetime) -> None:
    about = opened(set_, now)
    seller = sign_in(set_.cast.li)
    bare = send(seller, about, "give-evidence", text="My supplier is Acme.", sees="mediator")
    assert "Say why the other side may not see it" in text(bare)
    send(seller, about, "give-evidence", text="My supplier is Acme.", sees="mediator", why="a business secret")
    piece = Evidence.objects.get()
    buyer, agents = text(sign_in(set_.cast.ana).get(address(about))), text(sign_in(set_.cast.ken).get(address(about)))
    assert "Acme" not in buyer
    assert "a business secret" in buyer
    assert piece.digest in buyer
    assert "Acme" in agents


def test_the_timeline_holds_what_was_written_before_and_not_other_disputes(set_: Stage, now: datetime) -> None:
    cast = set_.cast
    new = messages.NewConversation(buyer=cast.buyer, seller=cast.seller, topic="Clock", order=set_.order)
    talk = messages.open_conversation(cast.ana, new, at=now - timedelta(days=4))
    messages.send(
        cast.ana, Conversation.objects.get(pk=talk.pk), text="It ticks too loudly.", at=now - timedelta(days=4)
    )
    about = opened(set_, now, text="It stopped ticking.")
    page = text(sign_in(cast.li).get(address(about)))
    assert "It ticks too loudly." in page
    assert "before the dispute" in page
    assert "The buyer opened a dispute · €60.00" in page
    assert page.index("It ticks too loudly.") < page.index("The buyer opened a dispute")


# The desk


def at_the_platform(set_: Stage, now: datetime) -> Dispute:
    about = opened(set_, now, days=4, amount=4500)
    claims.reject(set_.cast.li, about, text="It left here whole.", version=1, at=now - timedelta(days=3))
    mediation.escalate(set_.cast.ana, about, at=now - timedelta(days=1))
    return about


def test_the_queue_says_into_which_account_a_side_was_taken_over(set_: Stage, now: datetime) -> None:
    about = at_the_platform(set_, now)
    noor, omar = agent(set_.cast, "Noor"), agent(set_.cast, "Omar")
    merge = merges.ask(noor, set_.cast.seller, set_.cast.max.party, words=written("The same passport."), at=now)
    merges.approve(omar, merge, at=now)
    (row,) = [each for each in text(sign_in(set_.cast.ken).get("/desk/disputes/")).split("<li>") if about.key in each]
    assert "Li Wei was taken over into Max Roth on" in row
    for side in (set_.cast.ana, set_.cast.li):
        lists = text(sign_in(side).get("/buy/disputes/" if side.role == "buyer" else "/sell/disputes/"))
        assert about.key in lists
        assert "was taken over into" not in lists, "the other side does not read it there"


def test_an_agent_takes_a_case_sees_the_row_and_decides(set_: Stage, now: datetime) -> None:
    about, client = at_the_platform(set_, now), sign_in(set_.cast.ken)
    queue = text(client.get("/desk/disputes/"))
    assert about.key in queue
    assert "€45.00" in queue
    send(client, about, "take", desk=True)
    assert "Yours" in text(client.get("/desk/disputes/"))
    desk = f"/desk{address(about)}"
    bare = text(client.get(desk))
    assert "Answer first: how clear the evidence is" in bare
    assert "The buyer opened a dispute" in bare, "an input by facts names the facts"
    asked = client.get(desk, {"input-2": "clear"})
    assert "Row “shown”: Buyer, €45.00" in text(asked)
    assert "is “clear”, it asks for “unclear”" in text(asked)
    form = hidden(asked.content.decode(), "decide")
    judged = {"outcome": "buyer", "amount": "45.00", "fault": "seller", "cost": "seller"}
    blank = client.post(f"{desk}decide/", {**form, **judged, "text": "Dear [name], you win."})
    assert blank.status_code == 422
    assert "A blank is not filled in: [name]" in text(blank)
    assert "Dear [name], you win." in text(blank)
    lower = client.post(f"{desk}decide/", {**form, **judged, "amount": "20", "text": "A part of it."})
    assert "This differs from the table" in text(lower)
    done = client.post(f"{desk}decide/", {**form, **judged, "text": "The picture shows it."}, follow=True)
    assert "Decided." in text(done)
    again = client.post(f"{desk}decide/", {**form, **judged, "text": "The picture shows it."})
    assert again.status_code == 422
    assert set_.money()["instructed"] == 4500
    for side in (set_.cast.ana, set_.cast.li):
        page = text(sign_in(side).get(address(about)))
        assert "For the buyer: €45.00 goes back" in page
        assert "The picture shows it." in page
        assert "The buyer opened a dispute · €45.00 (" in page, "the facts on which it rests"
        assert "Either side may appeal on this page until" in page


def test_where_a_row_comes_from_is_for_agents(now: datetime) -> None:
    rules = RULES.replace('name = "shown"\n', 'name = "shown"\nsource = "M: page 7"\n')
    set_ = stage(rulebook(rules=rules), at=now - timedelta(days=10))
    about = at_the_platform(set_, now)
    mediation.take(set_.cast.ken, about, at=now - timedelta(hours=9))
    judged = deciding.Judgement(
        outcome="buyer", amount=Money(4500, "EUR"), inputs={"proof": "clear"}, text="The picture shows it."
    )
    deciding.decide(set_.cast.ken, about, judged, at=now - timedelta(hours=8))
    assert "M: page 7" in plain(sign_in(set_.cast.ken).get(address(about)))
    for side in (set_.cast.ana, set_.cast.li):
        page = plain(sign_in(side).get(address(about)))
        assert "Row of the table" in page
        assert "M: page 7" not in page


def test_private_talk_stays_private(set_: Stage, now: datetime) -> None:
    about = at_the_platform(set_, now)
    mediation.take(set_.cast.ken, about, at=now)
    send(sign_in(set_.cast.ana), about, "say", text="Between us: 30 would do.", sees="buyer")
    assert "30 would do" not in text(sign_in(set_.cast.li).get(address(about)))
    agent_ = sign_in(set_.cast.ken)
    desk = text(agent_.get(f"/desk{address(about)}", {"input-2": "clear"}))
    assert "30 would do" not in desk, "nobody is made to hear it"
    assert "has written to the platform in private" in desk
    assert "Decide it so" in desk
    send(agent_, about, "say", desk=True, text="What would do?", sees="buyer")
    desk = text(agent_.get(f"/desk{address(about)}", {"input-2": "clear"}))
    assert "30 would do" in desk
    assert "has written to the platform in private" not in desk
    assert "Decide it so" not in desk, "who heard it does not decide"
    for side in (set_.cast.ana, set_.cast.li):
        for page in (address(about), f"/orders/{set_.order.uuid}/"):
            assert "heard what was not said to both sides" not in text(sign_in(side).get(page))


def test_an_appeal_is_filed_on_the_page_and_heard_by_another(set_: Stage, now: datetime) -> None:
    about = at_the_platform(set_, now)
    mediation.take(set_.cast.ken, about, at=now - timedelta(hours=9))
    judged = deciding.Judgement(
        outcome="buyer", amount=Money(4500, "EUR"), inputs={"proof": "clear"}, text="The picture shows it."
    )
    deciding.decide(set_.cast.ken, about, judged, at=now - timedelta(hours=8))
    empty = send(sign_in(set_.cast.li), about, "appeal", text="")
    assert "Write what is new" in text(empty)
    send(sign_in(set_.cast.li), about, "appeal", text="Here is the photo of the parcel.")
    bo = agent(set_.cast, "Bo Lund", now - timedelta(days=9))
    other, first = sign_in(bo), sign_in(set_.cast.ken)
    assert "Appeals" in text(other.get("/desk/disputes/"))
    assert 'action="/desk' + address(about) + 'take-appeal/"' not in text(first.get(f"/desk{address(about)}"))
    send(other, about, "take-appeal", desk=True)
    send(other, about, "decide-appeal", desk=True, result="changed", outcome="seller", fault="nobody",
         text="The photo shows that it left whole.")  # fmt: skip
    assert "the decision is changed" in text(sign_in(set_.cast.ana).get(address(about)))


def test_a_form_for_each_verb_that_may_be_done(set_: Stage, now: datetime) -> None:
    """What the view says may be done has a form, for each role and stage that is walked through here."""
    from comity.actions.disputes import view
    from comity.web.agent import mediation_acts
    from comity.web.trade import dispute_acts
    from comity.web.trade.dispute_forms import Sight, forms

    about = at_the_platform(set_, now)
    walked: set[str] = set()
    for step in (None, lambda: mediation.take(set_.cast.ken, about, at=now)):
        if step is not None:
            step()
        for actor in (set_.cast.ana, set_.cast.li, set_.cast.ken):
            sight = Sight(actor, view.of(actor, about, at=now), now)
            acts = mediation_acts.ACTS if actor.role == "agent" else dispute_acts.ACTS
            may = {each.verb for each in sight.view.may}
            known = {each.slug for each in acts} | {"decide"}
            assert may <= known, may - known
            assert {form.slug for form in forms(acts, sight)} <= known
            walked |= may
    assert {"decide", "offer", "say", "give-evidence"} <= walked


def test_a_return_is_labelled_sent_and_confirmed_on_the_page(set_: Stage, now: datetime) -> None:
    about = opened(set_, now, days=3, wants="return and refund", amount=6000)
    buyer, seller = sign_in(set_.cast.ana), sign_in(set_.cast.li)
    send(seller, about, "accept-claim")
    send(seller, about, "label")
    assert "a label is there since" in text(buyer.get(address(about)))
    send(buyer, about, "send-back", carrier="post", number="RR473124829GB", sure="on")
    assert set_.case().back.sent_at is not None
    assert (
        "Once the goods arrive: Confirm the return within 5 days (the seller). "
        "If not: it is decided for the buyer: €60.00 goes back."
    ) in plain(buyer.get(address(about)))
    assert "Say what is wrong with it." in text(send(seller, about, "contest-return", state="", text="Hm."))
    contested = text(send(seller, about, "contest-return", state="empty", text="Only paper in it."))
    assert "empty" in contested
    page = text(buyer.get(address(about)))
    assert "Only paper in it." in page
    assert "Answer what the seller says of the return" in page


def test_who_declares_an_own_account_takes_no_case_of_whom_it_traded_with(set_: Stage, now: datetime) -> None:
    about, client = at_the_platform(set_, now), sign_in(set_.cast.ken)
    assert "No buyer or seller has that id" in text(
        client.post("/desk/disputes/interests/", {"account": "x"}, follow=True)
    )
    account = set_.cast.buyer.external_id
    for _ in range(2):
        assert "Declared: Ana Souza" in text(
            client.post("/desk/disputes/interests/", {"account": account}, follow=True)
        )
    assert Interest.objects.count() == 1
    assert "take-appeal" not in text(client.get(f"/desk{address(about)}"))
    assert f'action="/desk{address(about)}take/"' not in text(client.get(f"/desk{address(about)}"))
    with pytest.raises(Forbidden):
        interests.declare(set_.cast.li, set_.cast.buyer, at=now)
    with pytest.raises(Refused, match="a buyer or a seller"):
        interests.declare(set_.cast.ken, set_.cast.ken.party, at=now)


# Lists, Today, notices


def test_lists_show_whose_turn_it_is_and_today_shows_disputes_first(set_: Stage, now: datetime) -> None:
    about = opened(set_, now, amount=4500)
    seller, buyer = sign_in(set_.cast.li), sign_in(set_.cast.ana)
    assert "Your turn:" in text(seller.get("/sell/disputes/"))
    bought = text(buyer.get("/buy/disputes/"))
    assert "Seller:" in bought
    assert "else it is decided for the buyer: €45.00 goes back" in bought
    today = text(seller.get("/sell/"))
    assert today.index("Disputes, soonest first") < today.rindex("Due, soonest first")
    assert address(about) in today
    offers.offer(set_.cast.li, about, offers.NewOffer("partial refund", Money(2000, "EUR")), at=now)
    claims.withdraw(set_.cast.ana, about, at=now)
    assert about.key not in text(buyer.get("/buy/disputes/"))
    assert about.key in text(buyer.get("/buy/disputes/", {"view": "ended"}))
    assert about.key not in text(sign_in(set_.cast.max).get("/sell/disputes/", {"view": "ended"}))


#: The time to send back runs from the agreement, whether there is a label or not; and appeals are heard in time.
NO_LABEL = """
[[duty]]
name = "send back"
title = "Send the goods back within 10 days"
who = "buyer"
each = "dispute"
opened_by = { fact = "dispute.settled", where = { goes_back = true } }
met_by = { fact = "return.sent" }
within = "10 days"
breach = { decide = "seller" }
"""
HEARD = """
[[duty]]
name = "hear the appeal"
title = "Hear an appeal within 10 days"
who = "agent"
each = "dispute"
opened_by = { fact = "dispute.appealed" }
met_by = { fact = "dispute.appeal_decided" }
within = "10 days"
breach = { hand_over = true }
"""


def test_whose_silence_decides_has_the_turn_on_the_page_and_in_lists(now: datetime) -> None:
    set_ = stage(rulebook(drop=["return"], more=NO_LABEL), at=now - timedelta(days=10))
    about = opened(set_, now, days=3, wants="return and refund", amount=6000)
    claims.accept(set_.cast.li, about, version=1, at=now - timedelta(days=1))
    buyer, seller = sign_in(set_.cast.ana), sign_in(set_.cast.li)
    page = plain(buyer.get(address(about)))
    assert "It is your turn." in page
    assert "If nobody acts: it is decided for the seller: nothing goes back." in page
    assert "Your turn:" in text(buyer.get("/buy/disputes/"))
    assert "Buyer:" in text(seller.get("/sell/disputes/"))
    page = plain(seller.get(address(about)))
    assert "It is the buyer's turn." in page
    assert "Only then the buyer's time" not in page


def test_an_appeal_is_the_platforms_turn_on_the_page_and_in_lists(now: datetime) -> None:
    set_ = stage(rulebook(more=HEARD), at=now - timedelta(days=10))
    about = at_the_platform(set_, now)
    mediation.take(set_.cast.ken, about, at=now - timedelta(hours=9))
    judged = deciding.Judgement(
        outcome="buyer", amount=Money(3000, "EUR"), inputs={"proof": "clear"}, text="It shows.", reason="Half is whole.",
    )  # fmt: skip
    deciding.decide(set_.cast.ken, about, judged, at=now - timedelta(hours=8))
    assert "Nobody has to do anything now." in plain(sign_in(set_.cast.ana).get(address(about)))
    assert "€30.00" in plain(sign_in(set_.cast.ana).get("/buy/disputes/"))
    send(sign_in(set_.cast.li), about, "appeal", text="Here is the photo of the parcel.")
    for reader in (set_.cast.ana, set_.cast.li, set_.cast.ken):
        page = plain(sign_in(reader).get(address(about)))
        assert "It is the platform's turn." in page
        assert "If nobody acts: the case goes to another agent." in page
        assert "Here is the photo of the parcel." in page.partition("The claim")[0]
        assert "No further appeal is possible." not in page
    (via,) = RefundVia.objects.select_related("refund__order")
    reports.begin(via, at=now)
    bo = agent(set_.cast, "Bo Lund", now - timedelta(days=9))
    send(sign_in(bo), about, "take-appeal", desk=True)
    nobody = plain(send(sign_in(bo), about, "decide-appeal", desk=True, result="changed", text="It left whole."))
    assert "Say for whom it is decided instead." in nobody
    send(sign_in(bo), about, "decide-appeal", desk=True, result="changed", outcome="buyer", amount="10", fault="nobody",
         text="It shows a third.")  # fmt: skip
    page = plain(sign_in(set_.cast.ana).get(address(about)))
    assert "€30.00 was on its way already, by what was decided before" in page
    assert "Still to be paid" not in page


def test_appeals_stand_on_the_desk_by_when_they_are_to_be_heard(now: datetime) -> None:
    set_ = stage(rulebook(more=HEARD), at=now - timedelta(days=10))
    about = at_the_platform(set_, now)
    mediation.take(set_.cast.ken, about, at=now - timedelta(hours=9))
    judged = deciding.Judgement(
        outcome="buyer", amount=Money(4500, "EUR"), inputs={"proof": "clear"}, text="It shows.", goes_back=True
    )
    deciding.decide(set_.cast.ken, about, judged, at=now - timedelta(hours=8))
    send(sign_in(set_.cast.li), about, "appeal", text="Here is the photo of the parcel.")
    desk = plain(sign_in(set_.cast.ken).get("/desk/disputes/")).partition("Appeals")[2]
    assert "Agent:" in desk
    assert "Your turn:" not in desk


def test_a_label_says_where_it_is_and_none_that_is_over_is_taken(set_: Stage, now: datetime) -> None:
    about = opened(set_, now, days=3, wants="return and refund", amount=6000)
    buyer, seller = sign_in(set_.cast.ana), sign_in(set_.cast.li)
    send(seller, about, "accept-claim")
    assert "Only then the buyer's time" in plain(seller.get(address(about)))
    over = send(seller, about, "label", until="2020-01-01T10:00")
    assert "The label would be over already" in text(over)
    soon = f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}"
    send(seller, about, "label", until=soon, text="Code 4711 at every counter.")
    assert "The label can be used only until" in main(buyer.get(address(about)))
    assert "Code 4711 at every counter." in plain(buyer.get(address(about))).partition("What happened")[0]


def test_notices_lead_to_the_dispute_with_its_amount(set_: Stage, now: datetime) -> None:
    about = opened(set_, now, amount=4500)
    assert Notice.objects.filter(party=set_.cast.seller, kind="dispute.opened").exists()
    page = text(sign_in(set_.cast.li).get("/notices/"))
    assert "The buyer opened a dispute · €45.00" in page
    assert f'href="{address(about)}"' in page


def test_refunds_that_failed_stand_on_the_desk(set_: Stage, now: datetime) -> None:
    about = opened(set_, now, amount=4500)
    claims.accept(set_.cast.li, about, version=1, at=now)
    Refund.objects.update(state="failed", failed_code="account_closed", failed_at=now)
    page = text(sign_in(set_.cast.ken).get("/desk/disputes/"))
    assert "Refunds that did not go through" in page
    assert "the account is closed" in page
    page = plain(sign_in(set_.cast.ana).get(address(about)))
    assert "did not go through (the account is closed)" in page
    assert "It is the platform's turn." in page


def test_a_scan_is_given_as_evidence(set_: Stage, now: datetime) -> None:
    parcel = sent(set_, now)
    scans.scan(set_.cast.platform, parcel, scans.Event("in_transit", now - timedelta(days=7), place="Łódź"))
    about, client = opened(set_, now), sign_in(set_.cast.li)
    scan = parcel.scans.get()
    send(client, about, "give-evidence", scans=[str(scan.pk)], listing="on")
    assert {each.kind for each in Evidence.objects.all()} == {"scan", "listing"}
    page = text(sign_in(set_.cast.ana).get(address(about)))
    assert "Łódź" in page
    assert "1 × Clock (€60.00)" in page


def test_evidence_not_after_the_deadline(now: datetime) -> None:
    set_ = stage(
        rulebook().replace("[dispute]\n", '[dispute]\nevidence_until = "answer dispute"\n', 1),
        at=now - timedelta(days=9),
    )
    about = opened(set_, now, days=6)
    page = sign_in(set_.cast.ana).get(address(about)).content.decode()
    assert "give-evidence/" not in page
    with pytest.raises(Refused):
        evidence.give(Actor(set_.cast.buyer), about, evidence.Given(text="Late."), at=now)


# The rest of the verbs, each once by its form


def test_information_is_asked_and_given_on_the_pages(set_: Stage, now: datetime) -> None:
    about = at_the_platform(set_, now)
    mediation.take(set_.cast.ken, about, at=now)
    desk, seller = sign_in(set_.cast.ken), sign_in(set_.cast.li)
    send(desk, about, "ask-information", desk=True, of="seller", text="Where was it packed?")
    page = text(seller.get(address(about)))
    assert page.count("Where was it packed?") >= 2, "above the form, and in the timeline"
    assert "If nobody acts: the platform goes on without it." in page
    assert "Write your answer." in text(send(seller, about, "give-information", text=""))
    send(seller, about, "give-information", text="In Ningbo.")
    assert set_.case().requests[0].answer == "given"
    send(desk, about, "ask-information", desk=True, of="buyer", text="Have you the box?")
    send(sign_in(set_.cast.ana), about, "give-information", unavailable="on", text="")
    assert set_.case().requests[1].answer == "unavailable"
    send(desk, about, "tell-progress", desk=True, text="Nearly done.")
    assert "Nearly done." in text(seller.get(address(about)))


def test_a_proposal_takes_the_yes_of_both(set_: Stage, now: datetime) -> None:
    about = at_the_platform(set_, now)
    mediation.take(set_.cast.ken, about, at=now)
    send(sign_in(set_.cast.ken), about, "propose", desk=True, kind="partial refund", amount="25")
    buyer, seller = sign_in(set_.cast.ana), sign_in(set_.cast.li)
    assert "The platform proposes" in text(buyer.get(address(about)))
    assert "it takes the other side&#x27;s yes as well" in text(send(buyer, about, "accept-offer"))
    assert not Refund.objects.exists()
    assert "Buyer said yes" in text(seller.get(address(about)))
    assert "You accepted the offer." in text(send(seller, about, "accept-offer"))
    assert set_.money()["instructed"] == 2500


def test_what_was_promised_is_sent_and_confirmed(set_: Stage, now: datetime) -> None:
    about = opened(set_, now, wants="replacement")
    buyer, seller = sign_in(set_.cast.ana), sign_in(set_.cast.li)
    ends = (now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    send(seller, about, "offer", kind="replacement", act_by=ends, text="A new one.")
    send(buyer, about, "accept-offer")
    page = text(seller.get(address(about)))
    assert "Send what you promised" in page
    doubtful = send(seller, about, "act", carrier="ups", number="1Z5R89390357567128")
    assert doubtful.status_code == 422
    assert 'value="1Z5R89390357567128"' in text(doubtful)
    send(seller, about, "act", carrier="post", number="RR473124829GB", sure="on")
    assert set_.case().acted_at is not None
    send(buyer, about, "fulfil")
    assert set_.case().fulfilled_at is not None


def test_a_complaint_is_passed_on_to_the_carrier_and_its_answer_noted(set_: Stage, now: datetime) -> None:
    about, seller = opened(set_, now), sign_in(set_.cast.li)
    assert "Name the carrier." in text(send(seller, about, "claim-carrier", carrier=" "))
    send(seller, about, "claim-carrier", carrier="post", text="It broke on the way.")
    send(seller, about, "carrier-answers", heard="asks", text="Where are the pictures?")
    send(seller, about, "carrier-answers", heard="told", text="Here.")
    send(seller, about, "carrier-answers", heard="yes", amount="30", text="We pay.")
    (claim,) = set_.case().carrier
    assert (claim.accepted, claim.amount) == (True, 3000)
    assert "it pays" in text(seller.get(address(about)))
    assert "Claim on the carrier" not in text(sign_in(set_.cast.ana).get(address(about)))


def test_the_timeline_leaves_out_what_came_of_the_delivery_by_itself(now: datetime) -> None:
    late = """
[[duty]]
name = "dispatch"
title = "Send it within a day"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.dispatched" }
within = "1 day"
breach = { charge = { ledger = "service", points = 2 } }
"""
    escalating = WINDOWS["answer"].replace('{ decide = "buyer" }', '{ escalate = true, notify = ["buyer", "seller"] }')
    set_ = stage(rulebook(more=late, answer=escalating), at=now - timedelta(days=10))
    about = opened(set_, now, days=6, amount=4500)
    set_.turn(now)
    buyer = sign_in(set_.cast.ana)
    page = plain(buyer.get(address(about))).partition("What happened")[2]
    assert "Answer a dispute within 5 days: not done by" in page
    assert "the platform takes over" in page
    assert "a message to those concerned" not in page
    assert "Send it within a day: not done" not in page
    assert "Service points" not in page
    assert "Not done in time: Answer a dispute within 5 days" in plain(buyer.get("/notices/"))


def test_limits_are_sealed_and_settle_in_the_middle(set_: Stage, now: datetime) -> None:
    about = opened(set_, now, amount=4500)
    assert "Write how far you would go." in text(send(sign_in(set_.cast.li), about, "bid", amount=""))
    send(sign_in(set_.cast.li), about, "bid", amount="30")
    page = plain(sign_in(set_.cast.ana).get(address(about)))
    assert "€30.00" not in page
    assert "A limit was sealed by the seller; if the buyer seals one too, it may be settled in the middle." in page
    assert "it is settled in the middle" in text(send(sign_in(set_.cast.ana), about, "bid", amount="32"))
    assert set_.money()["instructed"] == 3100


def test_a_slip_is_corrected_and_words_explained_by_who_decided(set_: Stage, now: datetime) -> None:
    about = at_the_platform(set_, now)
    mediation.take(set_.cast.ken, about, at=now - timedelta(hours=2))
    judged = deciding.Judgement(
        outcome="buyer", amount=Money(4500, "EUR"), inputs={"proof": "clear"}, text="The picture shows it."
    )
    deciding.decide(set_.cast.ken, about, judged, at=now - timedelta(hours=1))
    desk = sign_in(set_.cast.ken)
    send(desk, about, "correct", desk=True, text="The sum was 50.", amount="50")
    send(desk, about, "clarify", desk=True, text="It means the photo of the box.")
    page = text(sign_in(set_.cast.li).get(address(about)))
    assert "For the buyer: €50.00 goes back" in page
    assert "It means the photo of the box." in page


def test_a_decision_waits_can_be_read_by_agents_alone_and_stopped(now: datetime) -> None:
    rules = rulebook().replace("[dispute]\n", '[dispute]\nhold = "24 hours"\n', 1)
    set_ = stage(rules, at=now - timedelta(days=10))
    about = at_the_platform(set_, now)
    mediation.take(set_.cast.ken, about, at=now - timedelta(hours=2))
    desk = sign_in(set_.cast.ken)
    form = hidden(desk.get(f"/desk{address(about)}", {"input-2": "clear"}).content.decode(), "decide")
    judged = {"outcome": "buyer", "amount": "45", "fault": "seller", "cost": "seller", "text": "The picture shows it."}
    done = text(desk.post(f"/desk{address(about)}decide/", {**form, **judged}, follow=True))
    assert "The decision is written, and leaves on" in done
    assert "Written, not left yet" in done
    assert "For the buyer: €45.00 goes back" in done
    assert "The picture shows it." not in text(sign_in(set_.cast.ana).get(address(about)))
    assert "Decisions that are written and have not left" in text(desk.get("/desk/disputes/"))
    send(desk, about, "stop-draft", desk=True)
    assert set_.case().leaves_at is None


def test_a_decision_by_silence_is_asked_to_be_set_aside_and_it_is(now: datetime) -> None:
    set_ = stage(at=now - timedelta(days=10))
    about = opened(set_, now, days=6, amount=4500)
    set_.turn(now)
    seller = sign_in(set_.cast.li)
    page = text(seller.get(address(about)))
    assert "by silence" in page
    assert "Who was silent for a reason may ask until" in page
    send(seller, about, "ask-set-aside", reason="I was in hospital.", answer="It left here whole.")
    desk = sign_in(set_.cast.ken)
    assert "Asked to set a decision by silence aside" in text(desk.get("/desk/disputes/"))
    send(desk, about, "set-aside", desk=True, granted="yes", text="There was a reason, and an answer.")
    assert set_.case().stage == "mediation"
    page = text(seller.get(address(about)))
    assert "€45.00 was sent by a decision that stands no more, and is not called back." in page
    set_.confirm(now)
    page = text(seller.get(address(about)))
    assert "€45.00 went back by a decision that stands no more, and stays with the buyer for now." in page


def test_a_case_is_handed_over_joined_and_ended_without_a_winner(set_: Stage, now: datetime) -> None:
    about = at_the_platform(set_, now)
    bo = agent(set_.cast, "Bo Lund", now - timedelta(days=9))
    desk, other = sign_in(set_.cast.ken), sign_in(bo)
    send(desk, about, "take", desk=True)
    send(desk, about, "hand-over", desk=True, to=str(bo.party.uuid))
    assert set_.case().holder == bo.party.ref
    send(other, about, "close-without-winner", desk=True, because="cannot_judge", text="Nobody can tell.", again="on")
    assert "it cannot be judged" in text(sign_in(set_.cast.ana).get(address(about)))
    send(
        sign_in(set_.cast.ana), about, "reopen", reason="damaged", wants="refund", amount="20", text="I found a photo."
    )
    assert set_.case().stage == "negotiation"


def test_a_withdrawn_dispute_is_opened_again_and_arrival_ends_it(set_: Stage, now: datetime) -> None:
    about, buyer = opened(set_, now), sign_in(set_.cast.ana)
    send(buyer, about, "withdraw", reason="mistake")
    assert set_.case().stage == "withdrawn"
    send(buyer, about, "reopen", reason="damaged", wants="refund", amount="", text="It is broken after all.")
    send(buyer, about, "arrived")
    assert "it arrived" in text(buyer.get(address(about)))


def test_a_question_is_no_claim_until_it_is_made_one(now: datetime) -> None:
    rules = rulebook().replace("[dispute]\n", "[dispute]\ninquiry = true\n", 1)
    set_ = stage(rules, at=now - timedelta(days=5))
    client, start = sign_in(set_.cast.ana), f"/buy/orders/{set_.order.key}/problem/"
    assert "A question is no claim" in text(client.get(start, {"reason": "damaged"}))
    form = {"reason": "damaged", "inquire": "1", "text": "Is it meant to rattle?"}
    assert "The seller is told of your question." in text(client.post(start, {**form, "step": "look"}))
    client.post(start, {**form, "step": "open"})
    about = set_.dispute = Dispute.objects.get()
    assert about.stage == "inquiry"
    send(client, about, "claim", reason="damaged", wants="refund", amount="10", text="It broke.")
    assert set_.case().stage == "negotiation"


def test_the_page_tells_what_similar_disputes_ended_with(set_: Stage, now: datetime) -> None:
    about = opened(set_, now)
    assert "Too few similar disputes to say anything (0)." in main(sign_in(set_.cast.ana).get(address(about)))
    for number in range(30):
        closed(about, number, 500, words="cracked screen")
    seen = main(sign_in(set_.cast.li).get(address(about)))
    assert "30 similar disputes: half of them ended with at most €30.00." in seen


# Who was reached, and pages that move


def test_who_looks_at_the_case_has_heard_and_the_desk_says_so(set_: Stage, now: datetime) -> None:
    about = opened(set_, now)
    desk = sign_in(agent(set_.cast, "Kim", at=now))
    assert "told on its pages" in main(desk.get(f"/desk{address(about)}"))
    unread = Notice.objects.filter(kind="dispute.opened", read_at=None)
    assert list(unread.values_list("party__role", flat=True)) == ["seller"], "the buyer knows what she did herself"
    sign_in(set_.cast.li).get(address(about))
    assert not unread.exists()
    assert "has seen it" in main(desk.get(f"/desk{address(about)}"))


def test_a_mail_that_came_back_is_shown_at_the_desk(set_: Stage, now: datetime) -> None:
    about = opened(set_, now)
    NoticeMail.objects.create(dispute=about, party=set_.cast.seller, made_at=now, sent_at=now, bounced_at=now)
    desk = sign_in(agent(set_.cast, "Kim", at=now))
    page = main(desk.get(f"/desk{address(about)}"))
    assert f"A mail to {set_.cast.seller.name} came back." in page
    assert "Nothing is decided by the silence" in page
    assert "Undelivered messages about disputes" in main(desk.get("/desk/mail/"))


def test_a_case_is_sent_again_only_when_something_is_new(set_: Stage, now: datetime) -> None:
    about = opened(set_, now)
    buyer = sign_in(set_.cast.ana)
    whole = buyer.get(address(about))
    version = re.search(r'data-version="([^"]+)"', text(whole))
    assert version is not None
    set_.offer(now, 500)
    part = buyer.get(address(about), headers={"X-Comity-Part": "1", "If-None-Match": whole.context["etag"]})
    assert part.status_code == 200
    assert "<!doctype" not in text(part)
    assert version.group() not in text(part)
    again = {"X-Comity-Part": "1", "If-None-Match": part.headers["ETag"]}
    assert buyer.get(address(about), headers=again).status_code in (200, 304)


def test_an_offer_of_an_earlier_dispute_is_left_out_with_a_mark(set_: Stage, now: datetime) -> None:
    opened(set_, now, days=5)
    set_.offer(now - timedelta(days=4), 700)
    claims.withdraw(set_.cast.ana, set_.the_dispute, reason="solved", at=now - timedelta(days=3))
    later = opened(set_, now, days=2)
    page = main(sign_in(set_.cast.ana).get(address(later)))
    assert "An offer was left out here." in page
    assert "7.00" not in page
