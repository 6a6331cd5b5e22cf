"""Pages of disputes in which more than two decide: a second agent, both sides at once, several cases, a silence."""

from datetime import UTC, datetime, timedelta

import pytest

from comity.actions import clock
from comity.actions.disputes import claims, mediation, offers
from comity.actions.orders import Line
from comity.lib.money import Money
from comity.records.models import Notice
from tests.disputing import Stage, agent, rulebook, stage
from tests.web.test_dispute_pages import address, plain, send, sign_in

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PROPOSED = "".join(
    f"""
[[duty]]
name = "{who} answers the proposal"
title = "Answer the mediator's proposal within {days} days"
who = "{who}"
each = "dispute"
opened_by = {{ fact = "dispute.offered", where = {{ by = "agent" }} }}
met_by = {{ fact = "dispute.agreed", where = {{ by = "{who}" }} }}
voided_by = [{{ fact = "dispute.settled" }}, {{ fact = "dispute.decided" }}]
within = "{days} days"
breach = {{ remind = true }}
"""
    for who, days in (("buyer", 3), ("seller", 4))
)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def mediated(set_: Stage, now: datetime, *, days: float = 2) -> None:
    """A dispute that an agent has since an hour."""
    set_.open(now - days * DAY)
    claims.reject(set_.cast.li, set_.the_dispute, text="It left whole.", version=1, at=now - 3 * HOUR)
    mediation.escalate(set_.cast.ana, set_.the_dispute, at=now - 2 * HOUR)
    mediation.take(set_.cast.ken, set_.the_dispute, at=now - HOUR)


def test_without_a_second_name_it_is_said_that_a_decision_does_not_leave(now: datetime) -> None:
    set_ = stage(rulebook(keys='two_mediators_above = { EUR = 1000 }\nhold = "2 days"'), at=now - 10 * DAY)
    mediated(set_, now)
    about, ken = set_.the_dispute, sign_in(set_.cast.ken)
    bo = sign_in(agent(set_.cast, "Bo Lund", now - 9 * DAY))
    form = plain(ken.get(f"/desk{address(about)}", {"input-2": "clear"}))
    assert "it does not leave before another stands by it" in form
    judged = {"outcome": "buyer", "amount": "60", "fault": "seller", "cost": "seller", "input-2": "clear"}
    to = f"/desk{address(about)}decide/"
    written = plain(ken.post(to, {**judged, "text": "It shows.", "shown": set_.case().last}, follow=True))
    assert "A second name is missing" in written
    assert "a second name is missing" in plain(bo.get("/desk/disputes/"))
    assert "without a second name it does not leave" in plain(bo.get(f"/desk{address(about)}"))
    assert "By Ken Adams and Bo Lund; it leaves on" in plain(send(bo, about, "second", desk=True))
    assert "a second name is missing" not in plain(bo.get("/desk/disputes/"))
    for side in (set_.cast.buyer, set_.cast.seller):
        told = Notice.objects.filter(party=side, kind__in=["dispute.drafted", "dispute.seconded"])
        assert not told.exists(), "what has not left is not told"


def test_a_proposal_is_the_turn_of_both_each_by_the_own_time(now: datetime) -> None:
    set_ = stage(rulebook(more=PROPOSED), at=now - 10 * DAY)
    mediated(set_, now)
    about = set_.the_dispute
    offers.propose(set_.cast.ken, about, offers.NewOffer("partial refund", Money(2000, "EUR")), at=now)
    for actor, path, left in ((set_.cast.ana, "/buy/", "2 days left"), (set_.cast.li, "/sell/", "3 days left")):
        page = plain(sign_in(actor).get(address(about)))
        assert f"It is your turn.</strong> {left}" in page
        assert "If nobody acts: the platform goes on without it." in page
        assert f"Your turn: {left}" in plain(sign_in(actor).get(f"{path}disputes/")).replace("  ", " ")
    desk = plain(sign_in(set_.cast.ken).get(f"/desk{address(about)}"))
    assert "It is the turn of both sides." in desk
    assert "so another agent decides" in desk
    assert "The platform proposed: refund of a part · €20.00" in plain(sign_in(set_.cast.ana).get("/notices/"))


def test_cases_that_are_decided_together_name_each_other(now: datetime) -> None:
    set_ = stage(at=now - 10 * DAY, amount=6000)
    mediated(set_, now)
    first, other = set_.the_dispute, stage_beside(set_, now)
    ken = sign_in(set_.cast.ken)
    assert f"Clock · {set_.cast.buyer.name} · {other.the_dispute.key}" in plain(ken.get(f"/desk{address(first)}"))
    send(ken, first, "join", desk=True, other=other.the_dispute.key, because="one parcel")
    for one, two in ((first, other.the_dispute), (other.the_dispute, first)):
        page = plain(ken.get(f"/desk{address(one)}"))
        assert two.key in page.partition("Decided together with")[2].partition("Earlier cases")[0]
        assert f"Clock · {set_.cast.buyer.name} · {two.key}" not in page, "it is joined already"


def stage_beside(set_: Stage, now: datetime) -> Stage:
    """One more order of the same two, in mediation, too."""
    from comity.actions import orders

    new = orders.NewOrder(
        buyer=set_.cast.buyer, seller=set_.cast.seller, lines=(orders.Line("Clock", 1, Money(5000, "EUR")),),
        handling_hours=72, deliver_by=now + 10 * DAY,
    )  # fmt: skip
    placed = orders.place(set_.cast.platform, new, at=now - 5 * DAY)
    orders.pay(set_.cast.platform, placed, at=now - 5 * DAY)
    beside = Stage(set_.cast, placed)
    beside.open(now - HOUR)
    claims.reject(set_.cast.li, beside.the_dispute, text="No.", version=1, at=now - HOUR / 2)
    mediation.escalate(set_.cast.ana, beside.the_dispute, at=now - HOUR / 3)
    return beside


def test_of_an_agreement_in_parts_each_sees_what_is_still_to_come(now: datetime) -> None:
    set_ = stage(lines=(Line("Glass", 4, Money(1000, "EUR")),), at=now - 10 * DAY)
    about = set_.about(now - 2 * DAY, Glass=4)
    by = now + 9 * DAY
    set_.offer_parts(
        now - DAY, set_.part("partial refund", 1000), set_.part("replacement", count=2, act_by=by),
        set_.part("return and refund", 700),
    )  # fmt: skip
    buyer = sign_in(set_.cast.ana)
    yes = plain(buyer.get(address(about))).partition("Make an offer")[0]
    assert "the dispute ends once all of it is done" in yes
    assert "Way back paid by: Seller" in yes
    assert "Done by" in yes
    told = plain(buyer.get(address(about)))
    assert "refund of a part (part 1 of 3) · €10.00, for 1 × Glass" in told
    assert "replacement (part 2 of 3), for 2 × Glass" in told
    send(buyer, about, "accept-offer")
    page = plain(buyer.get(address(about)))
    assert "1 × Glass" in page.partition("Way back</dt>")[2].partition("</dd>")[0]
    assert "4 × Glass" not in page.partition("What you can do")[2].partition("Agreed")[0]
    assert "It is the seller's turn." in page
    send(sign_in(set_.cast.li), about, "label", text="Code 42")
    page = plain(buyer.get(address(about)))
    assert "It is your turn.</strong> 9 days left" in page
    assert "If nobody acts: it is decided for the seller: nothing more goes back." in page
    assert "nothing more goes back" in plain(buyer.get("/buy/disputes/"))
    order = plain(buyer.get(f"/orders/{set_.order.uuid}/"))
    assert "Your turn: 9 days left" in order.partition("Disputes")[2]
    assert "Note it as sent back" not in order, "it goes back by the dispute"
    assert "are still to be confirmed by the seller" in page


def test_who_answers_a_request_to_set_aside_reads_it_and_chooses(now: datetime) -> None:
    set_ = stage(at=now - 10 * DAY)
    about = set_.open(now - 6 * DAY)
    clock.turn(now)
    seller, ken = sign_in(set_.cast.li), sign_in(set_.cast.ken)
    assert "Seller did not act in time, so it is decided for: Buyer · €60.00" in plain(seller.get("/notices/"))
    send(seller, about, "ask-set-aside", reason="I was ill.", answer="It left whole.")
    desk = plain(ken.get(f"/desk{address(about)}"))
    assert "I was ill." in desk.partition("What you can do")[0]
    nothing = plain(send(ken, about, "set-aside", desk=True, granted="", text="There was a reason."))
    assert "Say whether the decision is set aside or stands." in nothing
    send(ken, about, "set-aside", desk=True, granted="no", text="Illness was told of too late.")
    assert "The decision by silence stands" in plain(seller.get(address(about)))
