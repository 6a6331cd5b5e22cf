"""Random lives of a dispute: whoever does what, allowed or not, on either engine.

Never two outcomes, money conserved, every wait ends, everybody could always be heard; and the journal judged again, or
made into rows again, is what there is.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.actions import clock, money, reports
from comity.actions.disputes import (
    appealing,
    cases,
    claims,
    deciding,
    due,
    evidence,
    in_parts,
    mediation,
    offers,
    opening,
    returning,
    view,
)  # fmt: skip
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.actions.orders import Line
from comity.actions.shipments import Parcel
from comity.lib.money import Money
from comity.policy import money as ledgers
from comity.policy.disputes.case import CONTESTED, OPEN, Case, Stage
from comity.records import journal, rebuild
from comity.records.models import Dispute, Notice, RefundVia
from tests.cast import START
from tests.disputing import Stage as Scene
from tests.disputing import agent, stage
from tests.profiles import examples
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
END = START + timedelta(days=120)


class Undo(Exception):
    """Rolls a story back."""


@dataclass
class Life:
    """A dispute and everybody around it, moved by chance."""

    scene: Scene
    agents: list[Actor]
    chance: random.Random
    now: datetime
    done: list[str] = field(default_factory=list)

    def dispute(self) -> Dispute:
        return self.chance.choice(list(Dispute.objects.select_related("order__buyer", "order__seller")))

    def sum(self) -> Money:
        return Money(self.chance.choice((1, 333, 1000, 2500, 6000, 6001, 9000)), "EUR")

    def parts(self) -> tuple[in_parts.NewPart, ...]:
        """What is offered for each piece of a case: mostly each in one part, and of an amount that may be too much."""
        about = list(self.dispute().about.all())
        kinds = ("refund", "partial refund", "return and refund", "replacement", "repair", "nothing")
        made = []
        for piece in about:
            left = piece.quantity - (self.chance.random() < 0.1)
            while left > 0:
                count, kind = self.chance.randint(1, left), self.chance.choice(kinds)
                sum_ = None if kind in ("replacement", "repair", "nothing") else self.piece_of_it(count)
                made.append(in_parts.NewPart(piece.line_id, count, kind, sum_))
                left -= count
        return tuple(made)

    def piece_of_it(self, count: int) -> Money:
        return Money(self.chance.choice((1, 333, 1000 * count, 2000 * count, 2000 * count, 2001 * count)), "EUR")

    def number(self) -> int:
        return self.chance.randint(1, 4)

    def moves(self) -> dict[str, Callable[[], object]]:
        """What somebody may try: half of it is not allowed as things stand."""
        cast, at, chance = self.scene.cast, self.now, self.chance
        ana, li = cast.ana, cast.li
        side = chance.choice((ana, li))
        ken = chance.choice(self.agents)
        parcel = Parcel("post", f"RR{chance.randint(1, 9)}23456785DE", sure=True)
        claim = opening.Claim("damaged", amount=chance.choice((None, self.sum())), pieces=None)
        kind = chance.choice(("refund", "partial refund", "return and refund", "replacement", "nothing"))
        amount = None if kind in ("replacement", "nothing") else self.sum()
        judged = deciding.Judgement(
            chance.choice(("buyer", "seller")), self.sum(), inputs={"proof": chance.choice(("clear", "unclear"))},
            text="So it is.", reason=chance.choice(("", "It was a set.")),
        )  # fmt: skip
        heard = appealing.Heard(
            chance.choice(appealing.RESULTS), "It is so.", outcome=chance.choice(("buyer", "seller")), amount=self.sum()
        )
        return {
            "open": lambda: opening.open_(ana, self.scene.order, claim, at=at),
            "modify": lambda: claims.modify(ana, self.dispute(), claim, at=at),
            "withdraw": lambda: claims.withdraw(ana, self.dispute(), at=at),
            "arrived": lambda: claims.arrived(ana, self.dispute(), at=at),
            "reopen": lambda: opening.claim_it(ana, self.dispute(), claim, at=at),
            "accept claim": lambda: claims.accept(li, self.dispute(), version=self.number(), at=at),
            "reject": lambda: claims.reject(li, self.dispute(), text="No.", version=self.number(), at=at),
            "offer": lambda: offers.offer(side, self.dispute(), offers.NewOffer(kind, amount), at=at),
            "offer parts": lambda: offers.offer(side, self.dispute(), offers.NewOffer(parts=self.parts()), at=at),
            "accept": lambda: offers.accept(side, self.dispute(), number=self.number(), at=at),
            "take back": lambda: offers.take_back(side, self.dispute(), number=self.number(), at=at),
            "decline": lambda: offers.decline(side, self.dispute(), number=self.number(), at=at),
            "bid": lambda: offers.bid(side, self.dispute(), limit=self.sum(), at=at),
            "escalate": lambda: mediation.escalate(side, self.dispute(), at=at),
            "take": lambda: mediation.take(ken, self.dispute(), at=at),
            "give back": lambda: mediation.give_back(ken, self.dispute(), at=at),
            "ask": lambda: mediation.ask(ken, self.dispute(), of=side.role, text="What?", at=at),
            "propose": lambda: offers.propose(ken, self.dispute(), offers.NewOffer(kind, amount), at=at),
            "propose parts": lambda: offers.propose(ken, self.dispute(), offers.NewOffer(parts=self.parts()), at=at),
            "decide": lambda: deciding.decide(ken, self.dispute(), judged, at=at),
            "evidence": lambda: evidence.give(side, self.dispute(), evidence.Given(text="See."), at=at),
            "label": lambda: returning.label(li, self.dispute(), at=at),
            "send back": lambda: returning.send_back(ana, self.dispute(), parcel, at=at),
            "confirm": lambda: returning.confirm(li, self.dispute(), at=at),
            "contest": lambda: returning.contest(li, self.dispute(), state="empty", at=at),
            "answer contest": lambda: returning.answer_contest(ana, self.dispute(), text="It was in.", at=at),
            "act": lambda: returning.act(li, self.dispute(), parcel, at=at),
            "fulfil": lambda: returning.fulfil(side, self.dispute(), at=at),
            "appeal": lambda: appealing.appeal(side, self.dispute(), text="Look again.", at=at),
            "hear": lambda: appealing.decide(ken, self.dispute(), heard, at=at),
            "ask set aside": lambda: appealing.ask_set_aside(li, self.dispute(), reason="Ill.", answer="Fine.", at=at),
            "set aside": lambda: appealing.set_aside(ken, self.dispute(), granted=True, text="He was ill.", at=at),
            "outside": lambda: self.report("refunded", self.sum()),
            "bank": lambda: self.report("charged_back", self.sum()),
            "bank back": lambda: self.report("charge_back_reversed", None),
            "pay": self.pay,
        }

    def report(self, kind: str, amount: Money | None) -> None:
        told = reports.Report(kind, order=self.scene.order, reference=f"{kind[:7]}{self.number()}", amount=amount)
        reports.report(self.scene.cast.platform, told, at=self.now)

    def pay(self) -> None:
        """The payment system answers what it was asked."""
        for via in RefundVia.objects.filter(refund__state="instructed", state="instructed").select_related(
            "refund__order"
        ):
            state = self.chance.choice(("confirmed", "confirmed", "failed", "pending", "unknown"))
            found = reports.Outcome(state, f"p{via.pk}", "declined" if state == "failed" else "")  # type: ignore[arg-type]
            reports.outcome(self.scene.cast.platform, via, found, at=self.now)

    def step(self) -> None:
        self.now += self.chance.choice((timedelta(0), timedelta(minutes=5), 30 * HOUR, 80 * HOUR))
        name, move = self.chance.choice(list(self.moves().items()))
        try:
            with transaction.atomic():
                move()
            self.done.append(name)
        except (Refused, Forbidden, Dispute.DoesNotExist, IndexError):
            pass
        if self.chance.random() < 0.2:
            clock.turn(self.now)
        self.hold()

    def hold(self) -> None:
        """What must always be so."""
        self.scene.order.refresh_from_db()
        facts = cases.facts_of(self.scene.order)
        ledger = ledgers.ledger(facts)
        assert ledger.paid == ledger.went_back + ledger.free + ledger.paid_out - ledger.owed, self.done
        assert ledger.refunded + ledger.instructed <= ledger.paid or any("outside" in each for each in self.done)
        assert money.of(self.scene.order).refundable == ledger.refundable
        for dispute in Dispute.objects.select_related("order__buyer", "order__seller"):
            case = cases.held(dispute).case
            assert sum(decision.stands for decision in case.decisions) <= 1, "never two outcomes"
            assert dispute.stage == case.stage.value
            it_adds_up(case)
            if case.stage in (Stage.NEGOTIATION, Stage.MEDIATION):
                for who in (self.scene.cast.ana, self.scene.cast.li):
                    may = {each.verb for each in view.of(who, dispute, at=self.now).may}
                    assert {"give-evidence", "offer", "say"} & may, "everybody can be heard"


def it_adds_up(case: Case) -> None:
    """An offer in parts is the sum of its parts, and nothing is paid before it is due."""
    for offer in case.offers:
        assert len(offer.parts) == offer.of_parts
        assert not offer.parts or offer.amount == sum(part.amount for part in offer.parts)
    if case.agreement is not None and case.agreement.parts and case.decision is None and not case.appeals:
        assert case.stage is Stage.CLOSED or case.asked_for <= case.due or case.stage in CONTESTED | {Stage.WITHDRAWN}


def agreed_in_parts(seed: int, steps: int) -> Life:
    """A life that begins with an agreement in parts, of which goods go back and others are promised."""
    life = Life(*_begun(), random.Random(seed), START + HOUR)
    scene = life.scene
    scene.about(life.now, Glass=3)
    kinds = ["refund", "return and refund", "replacement"]
    life.chance.shuffle(kinds)
    parts = [
        in_parts.NewPart(scene.line("Glass").pk, 1, kind, None if kind == "replacement" else Money(2000, "EUR"))
        for kind in kinds
    ]
    scene.settle_parts(life.now, *parts)
    life.hold()
    for _ in range(steps):
        life.step()
    return life


def _begun() -> tuple[Scene, list[Actor]]:
    scene = stage(lines=(Line("Glass", 3, Money(2000, "EUR")),))
    return scene, [agent(scene.cast, name) for name in ("ada", "ben", "cleo")]


def lived(seed: int, steps: int) -> Life:
    life = Life(*_begun(), random.Random(seed), START + HOUR)
    for _ in range(steps):
        life.step()
    return life


@given(st.integers(0, 2**32))
@settings(max_examples=examples(40))
def test_whatever_is_tried(seed: int) -> None:
    with pytest.raises(Undo), transaction.atomic():
        it_ends_well(lived(seed, 40), seed)
        raise Undo


@given(st.integers(0, 2**32))
@settings(max_examples=examples(20))
def test_whatever_is_tried_after_an_agreement_in_parts(seed: int) -> None:
    with pytest.raises(Undo), transaction.atomic():
        life = agreed_in_parts(seed, 25)
        it_ends_well(life, seed)
        raise Undo


def it_ends_well(life: Life, seed: int) -> None:
    """Every phase ends; judged again or made into rows again, it is what there is."""
    clock.turn(END)
    due.look(END)
    life.hold()
    seller = life.scene.cast.seller
    for dispute in Dispute.objects.filter(stage__in=["negotiation", "mediation", "returning"]):
        whose = view.of(life.scene.cast.ana, dispute, at=END).turn
        assert whose.waits, f"every phase ends: {seed} {dispute.stage} {whose} {life.done}"
    assert list(journal.verify(seller)) == []
    assert replayed(seller, until=END) == ruled(seller), life.done
    assert rebuild.at_odds(seller) == []
    assert not Notice.objects.filter(kind="dispute.decided", values__because="").exists()


@given(st.integers(0, 2**32))
@settings(max_examples=examples(8))
def test_when_the_clock_looks_does_not_matter(seed: int) -> None:
    """A silence has the same outcome, dated at the same moment, turned every day or once at the end."""
    outcomes = []
    for daily in (True, False):
        with pytest.raises(Undo), transaction.atomic():
            chance = random.Random(seed)
            scene = stage()
            dispute = scene.open(START + HOUR, amount=chance.choice((1000, 6000)))
            if chance.random() < 0.6:
                claims.reject(scene.cast.li, dispute, text="No.", version=1, at=START + 2 * HOUR)
            if chance.random() < 0.6:
                mediation.escalate(scene.cast.ana, dispute, at=START + 3 * HOUR)
            for day in range(1, 60) if daily else ():
                clock.turn(START + timedelta(days=day))
            clock.turn(END)
            case = scene.case()
            outcomes.append((case.stage, case.since, case.to_pay, [each.at for each in case.decisions]))
            raise Undo
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] not in (OPEN - {Stage.CARRYING_OUT})
