"""Disputes of the sample marketplace, one in each phase, so that every page of them can be tried."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image, ImageDraw

from comity.actions import reports
from comity.actions.disputes import appealing, claims, deciding, evidence, mediation, offers, opening, returning
from comity.actions.guard import Actor
from comity.actions.shipments import Parcel
from comity.demo.people import People
from comity.lib.money import Money
from comity.records.models import Dispute, Order, RefundVia

#: So many orders of the first seller are looked through for one that can be disputed.
_LOOKED_AT = 600


@dataclass
class Quarrel:
    """One dispute and who is in it. `number`: of the last offer made."""

    people: People
    reason: str
    dispute: Dispute | None = None
    number: int = 0

    @property
    def seller(self) -> Actor:
        """Who sold."""
        return Actor(self.case.order.seller)

    @property
    def buyer(self) -> Actor:
        """Who bought."""
        return Actor(self.case.order.buyer)

    @property
    def agent(self) -> Actor:
        """Who mediates."""
        return Actor(self.people.agent)

    @property
    def other_agent(self) -> Actor:
        """Who hears appeals."""
        return Actor(self.people.other_agent)

    @property
    def case(self) -> Dispute:
        """The dispute, once it is open; before, Dispute.DoesNotExist is raised."""
        if self.dispute is None:
            raise Dispute.DoesNotExist
        return self.dispute

    def share(self, percent: int) -> Money:
        """A part of what is asked."""
        return Money(self.case.asked * percent // 100, self.case.currency)


Step = Callable[[Quarrel, datetime], object]


def _open(text: str, *, photo: bool = False) -> Step:
    def step(quarrel: Quarrel, at: datetime) -> None:
        sold = Order.objects.filter(seller=quarrel.people.sellers[0], paid_at__lt=at, disputes=None, cancelled_at=None)
        newest = list(sold.select_related("buyer", "seller").order_by("-paid_at")[:_LOOKED_AT])
        # The busiest buyer first, so that one login sees most of it.
        busiest = quarrel.people.buyers[0]
        for order in sorted(newest, key=lambda order: order.buyer_id != busiest.pk):
            _, rules = opening.rules_for(order, at)
            if not opening.window_against(rules, quarrel.reason, order, at):
                claim = opening.Claim(quarrel.reason, text=text)
                quarrel.dispute = opening.open_(Actor(order.buyer), order, claim, at=at)
                break
        if photo and quarrel.dispute is not None:
            given = evidence.Given(files=[("photo.png", picture())], item="photo or video of the goods")
            evidence.give(quarrel.buyer, quarrel.case, given, at=at)

    return step


def picture() -> bytes:
    """Return a drawing that stands for a photo of something broken."""
    image = Image.new("RGB", (640, 420), "#f3efe6")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((180, 90, 460, 350), 24, outline="#555555", width=6, fill="#d9d2c3")
    draw.line((300, 90, 330, 190, 290, 240, 340, 350), fill="#b3261e", width=6)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _reject(text: str) -> Step:
    return lambda quarrel, at: claims.reject(
        quarrel.seller, quarrel.case, text=text, says=("says_as_described",), version=quarrel.case.version, at=at
    )


def _offer(kind: str, percent: int, text: str) -> Step:
    def step(quarrel: Quarrel, at: datetime) -> None:
        amount = quarrel.share(percent) if percent else None
        new = offers.NewOffer(kind, amount, text=text)
        quarrel.number = offers.offer(quarrel.seller, quarrel.case, new, at=at)

    return step


def _accept(quarrel: Quarrel, at: datetime) -> None:
    offers.accept(quarrel.buyer, quarrel.case, number=quarrel.number, at=at)


def _take(quarrel: Quarrel, at: datetime) -> None:
    mediation.take(quarrel.agent, quarrel.case, at=at)


def _ask(quarrel: Quarrel, at: datetime) -> None:
    mediation.ask(quarrel.agent, quarrel.case, of="seller", text="How was it packed? A photo would help.", at=at)


def _decide(quarrel: Quarrel, at: datetime) -> None:
    judged = deciding.Judgement(
        "buyer", quarrel.share(100), fault="seller", goes_back=True, inputs={"proof": "clear"},
        text="The photo shows that the goods are not as they were described. Send them back; then all is refunded.",
    )  # fmt: skip
    deciding.decide(quarrel.agent, quarrel.case, judged, at=at)


def _appeal(quarrel: Quarrel, at: datetime) -> None:
    appealing.appeal(quarrel.seller, quarrel.case, text="The goods left us whole: see the photo of the packing.", at=at)


def _label(quarrel: Quarrel, at: datetime) -> None:
    returning.label(quarrel.seller, quarrel.case, at=at)


def _withdraw(quarrel: Quarrel, at: datetime) -> None:
    claims.withdraw(quarrel.buyer, quarrel.case, reason="mistake", at=at)


def _send_back(quarrel: Quarrel, at: datetime) -> None:
    parcel = Parcel("sample-post", "RR123456785DE", sure=True)
    returning.send_back(quarrel.buyer, quarrel.case, parcel, at=at)


def _paid(state: str, reason: str = "") -> Step:
    """The payment system answers what it was asked for this dispute."""

    def step(quarrel: Quarrel, at: datetime) -> None:
        vias = RefundVia.objects.filter(refund__dispute_ref=quarrel.case.ref, state="instructed")
        for via in vias.select_related("refund__order"):
            found = reports.Outcome(state, f"demo-{via.refund.uuid}", reason)  # type: ignore[arg-type]
            reports.outcome(Actor(quarrel.people.platform.party), via, found, at=at)

    return step


#: Each story: the reason, and what happened how many days before the end.
STORIES: Sequence[tuple[str, Sequence[tuple[float, Step]]]] = (
    ("not as described", [(1.2, _open("It is much smaller than in the picture.", photo=True))]),
    ("not as described", [
        (3.5, _open("The colour is another one.", photo=True)),
        (2.5, _offer("partial refund", 40, "Sorry. Would you keep it for this?")),
    ]),
    ("not as described", [
        (8.5, _open("A part is missing.", photo=True)),
        (8.0, _reject("All parts were in the box when it left us.")),  # the platform steps in after 7 days
    ]),
    ("not as described", [
        (8.8, _open("It does not switch on.", photo=True)),
        (8.5, _reject("It was tested before it was sent.")),
        (1.5, _take), (1.0, _ask),
    ]),
    ("not as described", [
        (7.0, _open("It came scratched.")),
        (6.0, _offer("return and refund", 100, "Please send it back; we pay.")),
        (5.5, _accept), (5.0, _label), (3.0, _send_back),
    ]),
    ("not as described", [
        (5.0, _open("One of two is broken.", photo=True)),
        (4.0, _offer("partial refund", 50, "Half of it goes back at once.")),
        (3.5, _accept), (3.4, _paid("pending")),
    ]),
    ("not as described", [
        (6.5, _open("The lid does not close.")),
        (6.0, _offer("partial refund", 30, "We are sorry.")),
        (5.5, _accept), (5.4, _paid("failed", "account_closed")),
    ]),
    ("not as described", [(4.0, _open("I had looked at it wrongly.")), (3.5, _withdraw)]),
    ("not as described", [
        (11.0, _open("It is not the material that was promised.", photo=True)),
        (10.5, _reject("It is what the listing says.")),
        (3.8, _take), (3.0, _decide), (1.5, _appeal),
    ]),
    ("not as described", [(8.0, _open("It smells and cannot be used."))]),
    ("not as described", [
        (6.0, _open("It is the wrong model.")),
        (5.0, _offer("partial refund", 25, "Keep it, with a discount.")),
        (4.5, _accept), (4.4, _paid("confirmed")),
    ]),
)  # fmt: skip


def plan(people: People, end: datetime, note: Callable[[datetime, Callable[[datetime], None]], None]) -> None:
    """Note in a calendar what happens in each of the stories."""
    for reason, steps in STORIES:
        quarrel = Quarrel(people, reason)
        for days, step in steps:
            note(end - timedelta(days=days), _happening(quarrel, step))


def _happening(quarrel: Quarrel, step: Step) -> Callable[[datetime], None]:
    def happening(at: datetime) -> None:
        if quarrel.dispute is not None:
            quarrel.dispute.refresh_from_db()
        step(quarrel, at)

    return happening
