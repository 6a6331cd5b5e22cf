"""Two who act in disputes at once, each in a process of its own, of whom exactly one may have it their way."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from comity.actions import orders
from comity.actions.disputes import claims, mediation, offers, opening
from comity.actions.doing import NotNow
from comity.actions.guard import Actor
from comity.actions.orders import Line
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.records import rebuild
from comity.records.models import Dispute, Notice, Order, Party
from tests.cast import START
from tests.disputing import agent, stage


class Thing(NamedTuple):
    """What two act in: the same dispute or two of one order, and the number of the offer in each."""

    kind: str
    disputes: tuple[int, int]
    numbers: tuple[int, int] = (0, 0)


def stage_all(times: int) -> list[Thing]:
    """Return so many things for each kind of pair."""
    here = stage()
    for name in ("ada", "cleo"):
        agent(here.cast, name)
    made = []
    for _ in range(times):
        for kind, build in _BUILD.items():
            racks = (Line("left", 1, Money(3000, "EUR")), Line("right", 1, Money(3000, "EUR")))
            here.order = _another(here, racks)
            made.append(build(here, kind))
    return made


def _another(here: Any, lines: tuple[Line, ...]) -> Order:
    new = orders.NewOrder(
        buyer=here.cast.buyer, seller=here.cast.seller, lines=lines, handling_hours=72, postage=Money(800, "EUR"),
        deliver_by=START + timedelta(days=20),
    )  # fmt: skip
    return orders.pay(here.cast.platform, orders.place(here.cast.platform, new, at=START), at=START)


def _one_offer(here: Any, kind: str) -> Thing:
    key = here.open(START, amount=6000).pk
    number = here.offer(START, 4000)
    return Thing(kind, (key, key), (number, number))


def _in_parts(here: Any, kind: str) -> Thing:
    key = here.open(START, amount=6000).pk
    parts = (here.part("refund", 3000, title="left"), here.part("replacement", title="right"))
    number = here.offer_parts(START, *parts)
    return Thing(kind, (key, key), (number, number))


def _two_offers(here: Any, kind: str) -> Thing:
    keys, numbers = [], []
    for title in ("left", "right"):
        keys.append(here.about(START, **{title: 1}).pk)
        numbers.append(here.offer(START, 3800))
    return Thing(kind, (keys[0], keys[1]), (numbers[0], numbers[1]))


def _escalated(here: Any, kind: str) -> Thing:
    dispute = here.open(START)
    claims.reject(here.cast.li, dispute, text="It is fine.", version=1, at=START)
    mediation.escalate(here.cast.ana, dispute, at=START)
    return Thing(kind, (dispute.pk, dispute.pk))


def _changes(here: Any, kind: str) -> Thing:
    key = here.open(START, amount=3000).pk
    return Thing(kind, (key, key))


_BUILD: dict[str, Callable[[Any, str], Thing]] = {
    "accept and take back": _one_offer,
    "accept and take back parts": _in_parts,
    "accept both": _two_offers,
    "take": _escalated,
    "accept and change the claim": _changes,
}


def _do(kind: str, side: int, dispute: Dispute, number: int, at: datetime) -> None:
    def who(name: str) -> Actor:
        return Actor(Party.objects.get(external_id=name))

    buyer, seller = Actor(dispute.order.buyer), Actor(dispute.order.seller)
    match (kind, side):
        case ("accept and take back" | "accept and take back parts", 1):
            offers.take_back(seller, dispute, number=number, at=at)
        case ("accept and take back" | "accept and take back parts" | "accept both", _):
            offers.accept(buyer, dispute, number=number, at=at)
        case ("take", _):
            mediation.take(who(("ada", "cleo")[side]), dispute, at=at)
        case (_, 0):
            claims.accept(seller, dispute, version=1, at=at)
        case _:
            wish = opening.Claim("damaged", amount=Money(5000, "EUR"))
            claims.modify(buyer, dispute, wish, at=at)


def act(things: Sequence[Thing], side: int, at: datetime, together: Any) -> list[str]:
    """Act as the first or the second of each pair, when the other is ready, too; return "done", or the code of why not."""
    answers = []
    for kind, disputes, numbers in things:
        dispute = Dispute.objects.select_related("order__buyer", "order__seller").get(pk=disputes[side])
        together.wait(20)
        try:
            _do(kind, side, dispute, numbers[side], at)
        except NotNow as refused:
            answers.append(refused.code)
        else:
            answers.append("done")
    return answers


class Became(NamedTuple):
    """What became of a thing: the stages of its disputes, what is instructed, who was said to have it, to each side."""

    stages: tuple[str, str]
    instructed: int
    held_by: tuple[int, ...]


def became(things: Sequence[Thing]) -> tuple[list[Became], int]:
    """Return what became of each, and how many rows do not follow from the facts."""
    found = []
    for _, keys, _ in things:
        first, second = (Dispute.objects.select_related("order").get(pk=key) for key in keys)
        matter = first.order.ref
        taken = Notice.objects.filter(matter=matter, kind="dispute.taken").values_list("party", flat=True)
        found.append(Became((first.stage, second.stage), first.order.instructed, tuple(sorted(taken))))
    return found, sum(len(rebuild.at_odds(seller)) for seller in Party.objects.filter(role="seller"))


#: What may become of each kind: the answers of the two in either order, by what was instructed and the stages.
MAY: dict[str, dict[tuple[str, str], tuple[int, set[str]]]] = {
    "accept and take back": {
        ("done", "agreed"): (4000, {Stage.CARRYING_OUT}),
        ("offer_changed", "done"): (0, {Stage.NEGOTIATION}),
        ("no_offer", "done"): (0, {Stage.NEGOTIATION}),
    },
    "accept and take back parts": {
        ("done", "agreed"): (3000, {Stage.SETTLED}),
        ("offer_changed", "done"): (0, {Stage.NEGOTIATION}),
        ("no_offer", "done"): (0, {Stage.NEGOTIATION}),
    },
    "accept both": {
        ("done", "more_than_is_left"): (3800, {Stage.CARRYING_OUT, Stage.NEGOTIATION}),
        ("more_than_is_left", "done"): (3800, {Stage.CARRYING_OUT, Stage.NEGOTIATION}),
    },
    "take": {
        ("done", "another_has_it"): (0, {Stage.MEDIATION}),
        ("another_has_it", "done"): (0, {Stage.MEDIATION}),
    },
    "accept and change the claim": {
        ("done", "agreed"): (3000, {Stage.CARRYING_OUT}),
        ("claim_changed", "done"): (0, {Stage.NEGOTIATION}),
    },
}
