"""Offers of which not all pieces get the same: two of three glasses came broken, one is replaced, one refunded."""

from datetime import datetime, timedelta

import pytest

from comity.actions import money, scans
from comity.actions.disputes import appealing, cases, claims, mediation, offers, opening, returning
from comity.actions.disputes.in_parts import NewPart
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.orders import Line
from comity.actions.shipments import Parcel
from comity.lib.money import Money
from comity.policy.disputes.case import Part, Stage
from comity.policy.facts import Scalar
from comity.records import journal, rebuild
from comity.records.models import Dispute, JournalLine, Notice, RefundPart, Shipment, ShipmentLine
from tests.cast import START
from tests.disputing import WINDOWS, agent, rulebook, stage
from tests.disputing import Stage as Scene
from tests.properties.stories import replayed, ruled

DAY = timedelta(days=1)
TICK = timedelta(seconds=1)
PARCEL = Parcel("post", "RR123456785DE", sure=True)
BACK = Parcel("post", "RR473124829GB", sure=True)
pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    """Three glasses at 20.00, of which two came broken."""
    scene = stage(lines=(Line("Glass", 3, Money(2000, "EUR")),))
    scene.about(START + DAY, Glass=2)
    return scene


def by_line(here: Scene) -> list[tuple[str, int]]:
    """What was instructed for which line, in order."""
    parts = RefundPart.objects.filter(refund__order=here.order).order_by("pk").select_related("line")
    return [(part.line.title if part.line else "postage", part.amount) for part in parts]


def it_holds(here: Scene, at: datetime) -> None:
    """Judged again, or made into rows again, it is what there is."""
    seller = here.order.seller
    assert list(journal.verify(seller)) == []
    assert replayed(seller, until=at) == ruled(seller)
    assert rebuild.at_odds(seller) == []


def test_each_piece_gets_its_own(here: Scene) -> None:
    begun = START + 2 * DAY
    number = here.offer_parts(begun, here.part("refund", 2000), here.part("replacement"), text="Sorry.")
    offered = here.case().offers[0]
    key = str(here.line("Glass").pk)
    assert offered.parts == (
        Part(line=key, quantity=1, kind="refund", amount=2000), Part(line=key, quantity=1, kind="replacement")
    )  # fmt: skip
    assert (offered.kind, offered.amount, offered.number, here.case().answer) == ("in parts", 2000, 1, "offered")
    told = Notice.objects.filter(kind="dispute.offered", party=here.cast.buyer)
    assert told.count() == 1, "one offer is one notice"
    offers.accept(here.cast.ana, here.the_dispute, number=number, at=begun)
    agreed = here.case().agreement
    assert agreed is not None
    assert (agreed.amount, agreed.at_once, agreed.goes_back, agreed.act) == (2000, 2000, False, "replacement")
    assert JournalLine.objects.filter(kind="dispute.settled").count() == 1
    assert (here.case().stage, here.instructions(), by_line(here)) == (Stage.SETTLED, [2000], [("Glass", 2000)])
    here.confirm(begun)
    assert (here.case().stage, here.case().paid) == (Stage.SETTLED, 2000), "the other piece is still promised"
    parcel = returning.act(here.cast.li, here.the_dispute, PARCEL, at=begun + DAY)
    assert ShipmentLine.objects.get(shipment=parcel).quantity == 1, "of what is replaced, not of all"
    scans.scan(here.cast.platform, parcel, scans.Event("delivered", begun + 3 * DAY), noted_at=begun + 3 * DAY)
    assert here.case().stage is Stage.CLOSED
    row = Dispute.objects.get()
    assert (row.amount, row.ended_how, here.instructions()) == (2000, "settled", [2000])
    it_holds(here, begun + 3 * DAY)


@pytest.mark.parametrize("first", ["goods", "act"])
def test_goods_go_back_and_another_is_sent_in_either_order(here: Scene, first: str) -> None:
    at = START + 2 * DAY
    here.settle_parts(at, here.part("return and refund", 2000, return_postage="seller"), here.part("replacement"))
    assert (here.case().stage, here.instructions()) == (Stage.RETURNING, [])
    whose = here.seen(here.cast.li, at).turn
    assert whose.who == "seller"
    returning.label(here.cast.li, here.the_dispute, at=at)
    assert here.seen(here.cast.li, at).turn.who == "both", "one sends back, the other sends"
    assert "act" in here.may(here.cast.li, at)
    assert "send-back" in here.may(here.cast.ana, at)

    def goods() -> None:
        returning.send_back(here.cast.ana, here.the_dispute, BACK, at=at + DAY)
        returning.confirm(here.cast.li, here.the_dispute, at=at + 2 * DAY)

    def act() -> None:
        returning.act(here.cast.li, here.the_dispute, PARCEL, at=at + DAY)
        returning.fulfil(here.cast.ana, here.the_dispute, at=at + 2 * DAY)

    if first == "goods":
        goods()
        assert (here.case().stage, here.instructions()) == (Stage.SETTLED, [2000]), "paid; one glass is still to come"
        act()
    else:
        act()
        assert (here.case().stage, here.instructions()) == (Stage.RETURNING, []), "one is there; one is to go back"
        with pytest.raises(NotNow):
            returning.fulfil(here.cast.ana, here.the_dispute, at=at + 2 * DAY)
        goods()
    assert (here.case().stage, here.instructions()) == (Stage.CARRYING_OUT, [2000])
    here.confirm(at + 3 * DAY)
    assert here.case().stage is Stage.CLOSED
    back = Shipment.objects.get(returns=True)
    assert back.pieces == 1
    it_holds(here, at + 3 * DAY)


def test_what_waits_for_no_goods_is_paid_at_once_and_the_rest_when_they_are_back() -> None:
    here = stage(lines=(Line("Glass", 2, Money(2000, "EUR")), Line("Jug", 1, Money(3000, "EUR"))))
    here.about(START + DAY, Glass=2, Jug=1)
    at = START + 2 * DAY
    here.settle_parts(
        at, here.part("return and refund", 3000, title="Jug"), here.part("partial refund", 500, title="Glass"),
        here.part("nothing", title="Glass"),
    )  # fmt: skip
    case = here.case()
    assert (case.stage, case.to_pay, case.due, case.asked_for) == (Stage.RETURNING, 3500, 500, 500)
    assert by_line(here) == [("Glass", 500)]
    here.confirm(at)
    returning.send_back(here.cast.ana, here.the_dispute, BACK, at=at + DAY)
    returning.confirm(here.cast.li, here.the_dispute, at=at + 2 * DAY)
    assert by_line(here) == [("Glass", 500), ("Jug", 3000)]
    here.confirm(at + 2 * DAY)
    assert (here.case().stage, here.case().paid, here.instructions()) == (Stage.CLOSED, 3500, [500, 3000])
    assert here.sums(at + 3 * DAY)["refunded"] == 3500


def test_goods_that_never_come_back_leave_what_was_paid_at_once(here: Scene) -> None:
    at = START + 2 * DAY
    here.settle_parts(at, here.part("return and refund", 2000), here.part("refund", 2000))
    returning.label(here.cast.li, here.the_dispute, at=at)
    here.confirm(at)
    here.turn(at + 10 * DAY + TICK)
    case = here.case()
    assert case.decision is not None
    assert (case.decision.outcome, case.decision.amount, case.kept) == ("seller", 0, 2000)
    assert (case.stage, case.to_pay, case.paid, here.instructions()) == (Stage.CLOSED, 2000, 2000, [2000])
    it_holds(here, at + 10 * DAY + TICK)


def test_a_promise_that_is_not_kept_is_decided_beside_what_was_paid(here: Scene) -> None:
    at = START + 2 * DAY
    here.settle_parts(at, here.part("refund", 2000), here.part("replacement"))
    here.confirm(at)
    seen = here.seen(here.cast.ana, at + DAY)
    assert (seen.turn.who, seen.turn.until, seen.amount) == ("seller", at + 3 * DAY, 2000)
    here.turn(at + 3 * DAY + TICK)
    case = here.case()
    assert case.decision is not None
    assert (case.decision.amount, case.kept, case.to_pay, here.instructions()) == (2000, 2000, 4000, [2000, 2000])
    here.confirm(at + 4 * DAY)
    assert (here.case().stage, here.money()["refunded"]) == (Stage.CLOSED, 4000)


REVIVES = WINDOWS["act"].replace('decide = "buyer"', "revive = true")


@pytest.fixture
def reviving() -> Scene:
    """The same, where a promise that is not kept lets the claim live again."""
    scene = stage(rulebook(act=REVIVES), lines=(Line("Glass", 3, Money(2000, "EUR")),))
    scene.about(START + DAY, Glass=2)
    return scene


def test_the_claim_lives_again_for_what_was_not_done(reviving: Scene) -> None:
    here, at = reviving, START + 2 * DAY
    here.settle_parts(at, here.part("refund", 2000), here.part("replacement"))
    here.confirm(at)
    later = at + 3 * DAY + TICK
    here.turn(later)
    case = here.case()
    assert (case.stage, case.agreement, case.kept, case.amount) == (Stage.NEGOTIATION, None, 2000, 2000)
    assert (case.to_pay, case.paid, case.worth) == (2000, 2000, 2000)
    with pytest.raises(NotNow, match=r"40\.00"):
        here.offer(later, 4001)
    claims.accept(here.cast.li, here.the_dispute, version=case.version, at=later)
    assert (here.case().to_pay, here.instructions()) == (4000, [2000, 2000]), "paid once each"
    here.confirm(later)
    assert (here.case().stage, here.money()["refunded"]) == (Stage.CLOSED, 4000)
    it_holds(here, later)


def test_what_was_paid_at_once_is_paid_no_second_time_after_an_appeal(here: Scene) -> None:
    at, ada, ben = START + 2 * DAY, agent(here.cast, "ada"), agent(here.cast, "ben")
    here.settle_parts(at, here.part("return and refund", 2000), here.part("refund", 2000))
    here.confirm(at)
    returning.label(here.cast.li, here.the_dispute, at=at)
    here.turn(at + 10 * DAY + TICK)
    now = at + 11 * DAY
    appealing.appeal(here.cast.ana, here.the_dispute, text="It was sent.", at=now)
    much = appealing.Heard("changed", "It was sent in time.", outcome="buyer", amount=here.cash(4001))
    with pytest.raises(Refused, match=r"40\.00"):
        appealing.decide(ada, here.the_dispute, much, at=now)
    heard = appealing.Heard("changed", "It was sent in time.", outcome="buyer", amount=here.cash(2000))
    appealing.decide(ben, here.the_dispute, heard, at=now)
    assert (here.case().to_pay, here.instructions()) == (4000, [2000, 2000])


def test_the_bank_takes_all_between_and_gives_it_back(here: Scene) -> None:
    at = START + 2 * DAY
    here.settle_parts(at, here.part("return and refund", 2000), here.part("refund", 2000))
    here.confirm(at)
    here.report(at + DAY, "charged_back", "cb1", 4000)
    returning.send_back(here.cast.ana, here.the_dispute, BACK, at=at + 2 * DAY)
    returning.confirm(here.cast.li, here.the_dispute, at=at + 3 * DAY)
    assert (here.case().stage, here.instructions()) == (Stage.CARRYING_OUT, [2000]), "the bank has what is left"
    here.report(at + 4 * DAY, "charge_back_reversed", "cb1")
    assert (here.instructions(), by_line(here)) == ([2000, 2000], [("Glass", 2000), ("Glass", 2000)])
    here.confirm(at + 5 * DAY)
    assert (here.case().stage, here.money()["refundable"]) == (Stage.CLOSED, 2000)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([("refund", 2000, 1)], "about 2 of it, and the parts of the offer about 1"),
        ([("refund", 2000, 1), ("nothing", 0, 2)], "about 2 of it, and the parts of the offer about 3"),
        ([("refund", 2000, 0), ("nothing", 0, 2)], "about one piece or more"),
        ([("refund", 2001, 1), ("nothing", 0, 1)], "At most €20.00 is left for “Glass”"),
        ([("refund", 4001, 2)], "At most €40.00 is left for “Glass”"),
        ([("replacement", 2000, 1), ("nothing", 0, 1)], "there is no amount"),
        ([("refund", 0, 1), ("nothing", 0, 1)], "an amount above zero"),
        ([("gift", 0, 2)], "list no such offer"),
    ],
)
def test_what_no_offer_in_parts_may_say(here: Scene, parts: list[tuple[str, int, int]], says: str) -> None:
    made = [here.part(kind, amount, count=count) for kind, amount, count in parts]
    with pytest.raises(Refused, match=says):
        here.offer_parts(START + 2 * DAY, *made)
    assert here.case().offers == ()
    assert not JournalLine.objects.filter(kind="dispute.offered").exists()


def test_a_part_is_about_a_line_of_the_dispute_in_the_orders_currency(here: Scene) -> None:
    line = here.line("Glass").pk
    for parts, says in (
        ((here.part("nothing", count=2), NewPart(line + 77, 1, "nothing")), f"not about line {line + 77}"),
        ((NewPart(line, 2, "refund", Money(100, "USD")),), "paid in EUR"),
        (
            (here.part("return and refund", 100, return_postage="buyer"),
             here.part("return and refund", 100, return_postage="seller")), "name one who pays",
        ),
        ((here.part("replacement", act_by=START), here.part("nothing")), "lies ahead"),
        ((here.part("refund", 100, act_by=START + 9 * DAY), here.part("nothing")), "A date is named only"),
        ((here.part("refund", 100, return_postage="seller"), here.part("nothing")), "only where goods go back"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=says):
            here.offer_parts(START + 2 * DAY, *parts)
    with pytest.raises(Refused, match="leave amount and date"):
        here.offer_parts(START + 2 * DAY, here.part("nothing", count=2), kind="refund", amount=here.cash(100))


def test_too_much_for_one_line_is_refused_whatever_is_left_of_the_others() -> None:
    here = stage(lines=(Line("Glass", 1, Money(1000, "EUR")), Line("Jug", 1, Money(5000, "EUR"))))
    here.about(START + DAY, Glass=1, Jug=1)
    at = START + 2 * DAY
    with pytest.raises(NotNow, match=r"At most €10\.00 is left for “Glass”"):
        here.offer_parts(at, here.part("refund", 1001, title="Glass"), here.part("nothing", title="Jug"))
    assert here.offer_parts(at, here.part("refund", 1000, title="Glass"), here.part("nothing", title="Jug")) == 1


def test_the_last_cent_is_paid() -> None:
    """Three pieces for 10.00: of two parts one is worth a cent more; each may have it, and never both and more."""
    here = stage(lines=(Line("Cup", 3, Money(334, "EUR"), paid=Money(1000, "EUR")),))
    assert here.money()["paid"] == 1000
    here.about(START + DAY, Cup=3)
    at = START + 2 * DAY
    with pytest.raises(NotNow):
        here.offer_parts(at, here.part("refund", 335), here.part("return and refund", 665, count=2))
    with pytest.raises(NotNow):
        here.offer_parts(at, here.part("refund", 334), here.part("return and refund", 667, count=2))
    here.settle_parts(at, here.part("refund", 334), here.part("return and refund", 666, count=2))
    here.confirm(at)
    returning.send_back(here.cast.ana, here.the_dispute, BACK, at=at)
    returning.confirm(here.cast.li, here.the_dispute, at=at + DAY)
    here.confirm(at + DAY)
    assert (here.instructions(), here.money()["refundable"], here.case().stage) == ([334, 666], 0, Stage.CLOSED)


def test_a_new_offer_takes_the_place_of_all_parts_of_the_last(here: Scene) -> None:
    at = START + 2 * DAY
    first = here.offer_parts(at, here.part("refund", 2000), here.part("nothing"))
    second = here.offer_parts(at, here.part("refund", 1000), here.part("replacement"))
    assert [each.status for each in here.case().offers] == ["overtaken", "open"]
    with pytest.raises(NotNow):
        offers.accept(here.cast.ana, here.the_dispute, number=first, at=at)
    own = here.offer_parts(at, here.part("refund", 2000), here.part("replacement"), by=here.cast.ana)
    assert [each.number for each in here.case().open_offers(at)] == [second, own]
    offers.take_back(here.cast.li, here.the_dispute, number=second, at=at)
    offers.accept(here.cast.li, here.the_dispute, number=own, at=at)
    assert here.instructions() == [2000]


def test_a_mediator_proposes_in_parts_and_both_say_yes(here: Scene) -> None:
    at, ada = START + 2 * DAY, agent(here.cast, "ada")
    here.mediate(at, ada)
    new = offers.NewOffer(parts=(here.part("refund", 1500), here.part("repair")))
    number = offers.propose(ada, here.the_dispute, new, at=at)
    offers.accept(here.cast.ana, here.the_dispute, number=number, at=at)
    assert (here.case().stage, here.case().offers[-1].agreed) == (Stage.MEDIATION, ("buyer",))
    offers.accept(here.cast.li, here.the_dispute, number=number, at=at)
    assert (here.case().stage, here.instructions()) == (Stage.SETTLED, [1500])


def test_an_offer_falls_when_too_little_is_left_for_one_of_its_lines() -> None:
    here = stage(lines=(Line("Glass", 1, Money(1000, "EUR")), Line("Jug", 1, Money(5000, "EUR"))))
    here.about(START + DAY, Glass=1, Jug=1)
    at = START + 2 * DAY
    number = here.offer_parts(at, here.part("refund", 1000, title="Glass"), here.part("replacement", title="Jug"))
    glass = money.Part(here.line("Glass"), 400, 1)
    money.instruct(here.cast.platform, here.order, money.Instruction(here.cash(400), (glass,)), at=at)
    here.confirm(at)
    assert here.case().offers[0].status == "withdrawn"
    with pytest.raises(NotNow, match=r"€6\.00 is left for “Glass”"):
        offers.accept(here.cast.ana, here.the_dispute, number=number, at=at)


def test_a_claim_about_other_pieces_takes_offers_in_parts_off_the_table(here: Scene) -> None:
    at, line = START + 2 * DAY, here.line("Glass").pk
    here.offer_parts(at, here.part("refund", 2000), here.part("nothing"))
    claims.modify(here.cast.ana, here.the_dispute, opening.Claim("damaged", text="Again."), at=at)
    assert here.case().offers[0].status == "open", "about the same pieces it stands"
    claims.modify(here.cast.ana, here.the_dispute, opening.Claim("damaged", pieces={line: 3}), at=at)
    assert here.case().offers[0].status == "withdrawn"


def test_an_offer_of_which_a_part_is_missing_cannot_be_accepted(here: Scene) -> None:
    at, line = START + 2 * DAY, str(here.line("Glass").pk)
    said: dict[str, Scalar] = {
        "by": "seller", "number": 1, "parts": 2, "line": line, "quantity": 1, "offer": "nothing"
    }  # fmt: skip
    now = cases.tell(cases.held(here.the_dispute), here.cast.li, "dispute.offered", said | {"part": 1}, at=at)
    assert not now.case.open_offers(at)
    assert "accept-offer" not in here.may(here.cast.ana, at)
    now = cases.tell(now, here.cast.li, "dispute.offered", said | {"part": 2}, at=at)
    assert [len(each.parts) for each in here.case().open_offers(at)] == [2]
    now = cases.tell(now, here.cast.li, "dispute.offered", said | {"part": 3}, at=at)
    assert [len(each.parts) for each in now.case.offers] == [2], "one more than there are to be is none of it"


def test_the_buyer_withdraws_what_waits_and_opens_again_beside_what_was_paid(here: Scene) -> None:
    at = START + 2 * DAY
    here.settle_parts(at, here.part("refund", 2000), here.part("replacement"))
    here.confirm(at)
    claims.withdraw(here.cast.ana, here.the_dispute, at=at + DAY)
    assert here.case().stage is Stage.WITHDRAWN
    claim = opening.Claim("damaged", amount=here.cash(1000))
    opening.claim_it(here.cast.ana, here.the_dispute, claim, at=at + 2 * DAY)
    assert (here.case().kept, here.case().amount, here.case().to_pay) == (2000, 1000, 2000)
    here.turn(at + 7 * DAY + TICK)
    assert (here.case().to_pay, here.instructions()) == (3000, [2000, 1000])


def test_a_contested_return_is_judged_beside_what_was_paid(here: Scene) -> None:
    at, ada = START + 2 * DAY, agent(here.cast, "ada")
    here.settle_parts(at, here.part("return and refund", 2000), here.part("refund", 2000))
    here.confirm(at)
    returning.send_back(here.cast.ana, here.the_dispute, BACK, at=at)
    returning.contest(here.cast.li, here.the_dispute, state="empty", at=at + DAY)
    returning.answer_contest(here.cast.ana, here.the_dispute, text="It was in.", at=at + DAY)
    case = here.case()
    assert (case.stage, case.kept, case.amount) == (Stage.MEDIATION, 2000, 2000)
    mediation.take(ada, here.the_dispute, at=at + DAY)
    assert here.seen(ada, at + DAY).turn.who == "mediator"
    here.turn(at + 12 * DAY)
    case = here.case()
    assert case.decision is not None
    assert (case.decision.amount, case.to_pay, here.instructions()) == (2000, 4000, [2000, 2000])


@pytest.mark.parametrize("count", [1, 3])
def test_a_parcel_back_holds_what_is_to_go_back(here: Scene, count: int) -> None:
    """Else the seller's silence about a parcel of one piece would pay for two."""
    at, key = START + 2 * DAY, here.line("Glass").pk
    here.settle(at, 4000, "return and refund")
    other = Parcel("post", "RR473124829GB", contents={key: count}, sure=True)
    with pytest.raises(Refused, match="2 × Glass"):
        returning.send_back(here.cast.ana, here.the_dispute, other, at=at)
    parcel = Parcel("post", "RR473124829GB", contents={key: 2}, sure=True)
    assert returning.send_back(here.cast.ana, here.the_dispute, parcel, at=at).pieces == 2
