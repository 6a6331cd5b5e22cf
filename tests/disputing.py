"""A small stage for disputes: a rulebook with every window, and what the cast does in a few words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from comity.actions import clock, money, orders, payouts, reports, scans, shipments
from comity.actions.disputes import cases, claims, in_parts, mediation, offers, opening, view
from comity.actions.guard import Actor
from comity.actions.orders import Line
from comity.lib.money import Money
from comity.policy.disputes.case import Case
from comity.records import rebuild
from comity.records.models import (
    Dispute,
    Notice,
    Order,
    OrderLine,
    Party,
    Refund,
    RefundVia,
    RulebookVersion,
    Shipment,
)
from comity.rulebooks.language.parse import parse
from tests.cast import START, Cast, assemble

#: Every window of a dispute; what a test needs otherwise takes the place of a part.
WINDOWS = {
    "answer": """
[[duty]]
name = "answer dispute"
title = "Answer a dispute within 5 days"
who = "seller"
each = "dispute"
opened_by = [{ fact = "dispute.opened" }, { fact = "dispute.modified" }]
met_by = { fact = "dispute.answered" }
voided_by = [{ fact = "dispute.withdrawn" }, { fact = "dispute.settled" }, { fact = "dispute.decided" }, { fact = "dispute.closed" }, { fact = "dispute.escalated" }]
within = "5 days"
repeats = true
counts_from = "latest"
breach = { decide = "buyer" }
""",
    "escalate": """
[[duty]]
name = "ask the platform"
title = "Take a dispute to the platform within 20 days"
who = "buyer"
each = "dispute"
opened_by = { fact = "dispute.opened" }
met_by = { fact = "dispute.escalated" }
voided_by = [{ fact = "dispute.withdrawn" }, { fact = "dispute.settled" }, { fact = "dispute.decided" }, { fact = "dispute.closed" }]
within = "20 days"
repeats = true
breach = { close = "for good" }
""",
    "mediate": """
[[duty]]
name = "mediator acts"
title = "A mediator acts within 3 days"
who = "agent"
each = "dispute"
opened_by = { fact = "dispute.escalated" }
met_by = [{ fact = "dispute.decided" }, { fact = "dispute.drafted" }]
voided_by = [{ fact = "dispute.withdrawn" }, { fact = "dispute.settled" }, { fact = "dispute.closed" }]
within = "3 days"
repeats = true
breach = { hand_over = true }

[[duty]]
name = "platform decides"
title = "The platform decides within 10 days"
who = "platform"
each = "dispute"
opened_by = { fact = "dispute.escalated" }
met_by = { fact = "dispute.decided" }
voided_by = [{ fact = "dispute.withdrawn" }, { fact = "dispute.settled" }, { fact = "dispute.closed" }]
within = "10 days"
repeats = true
breach = { decide = "buyer", cost = "platform" }
""",
    "return": """
[[duty]]
name = "send back"
title = "Send the goods back within 10 days"
who = "buyer"
each = "dispute"
opened_by = { fact = "return.labelled" }
met_by = { fact = "return.sent" }
voided_by = [{ fact = "dispute.withdrawn" }, { fact = "dispute.decided" }]
within = "10 days"
breach = { decide = "seller" }

[[duty]]
name = "give a label"
title = "Give a label for the way back within 3 days"
who = "seller"
each = "dispute"
opened_by = { fact = "dispute.settled", where = { goes_back = true } }
met_by = [{ fact = "return.labelled" }, { fact = "return.sent" }]
voided_by = [{ fact = "dispute.withdrawn" }, { fact = "dispute.decided" }]
within = "3 days"
repeats = true
breach = { decide = "buyer" }

[[duty]]
name = "confirm return"
title = "Confirm the return within 5 days"
who = "seller"
each = "dispute"
opened_by = { fact = "return.delivered" }
met_by = [{ fact = "return.confirmed" }, { fact = "return.contested" }]
voided_by = { fact = "dispute.decided" }
within = "5 days"
breach = { decide = "buyer" }

[[duty]]
name = "answer about the return"
title = "Answer what the seller says of the return within 3 days"
who = "buyer"
each = "dispute"
opened_by = { fact = "return.contested" }
met_by = { fact = "return.contest_answered" }
voided_by = { fact = "dispute.decided" }
within = "3 days"
breach = { escalate = true }
""",
    "act": """
[[duty]]
name = "send another"
title = "Send what was promised within 3 days"
who = "seller"
each = "dispute"
opened_by = [{ fact = "dispute.settled", where = { act = "resend" } }, { fact = "dispute.settled", where = { act = "replacement" } }]
met_by = { fact = "dispute.acted" }
voided_by = [{ fact = "dispute.withdrawn" }, { fact = "dispute.decided" }]
within = "3 days"
repeats = true
breach = { decide = "buyer" }
""",
    "information": """
[[duty]]
name = "give information"
title = "Answer what the platform asks within 72 hours"
who = "seller"
each = "dispute"
opened_by = { fact = "dispute.information_asked", where = { of = "seller" } }
met_by = [{ fact = "dispute.information_given" }, { fact = "dispute.information_unavailable" }]
voided_by = [{ fact = "dispute.withdrawn" }, { fact = "dispute.settled" }, { fact = "dispute.decided" }]
within = "72 hours"
repeats = true
breach = { notify = ["seller"] }
""",
}

RULES = """
[dispute]
offers = ["refund", "partial refund", "return and refund", "replacement", "resend", "repair", "discount", "nothing"]
appeals = ["7 days"]
set_aside = "14 days"
correct_within = "7 days"
against_seller = "lost dispute"
bidding = { margin = 0.1, rounds = 2 }

[[dispute.reason]]
name = "not received"
title = "The goods did not arrive"
buyer_evidence = []
seller_evidence = ["proof of delivery"]

[[dispute.reason]]
name = "not as described"
title = "The goods are not as described"
buyer_evidence = ["photo of the goods"]
seller_evidence = ["photo before shipping"]

[[dispute.reason]]
name = "damaged"
title = "The goods came damaged"
buyer_evidence = ["photo of the damage"]

[[dispute.opening]]
name = "any"
after = { fact = "order.paid" }
until = { fact = "order.paid", plus = "90 days" }

[dispute.inputs]
reason = ["not received", "not as described", "damaged"]
tracking = ["delivered", "in transit", "none"]
proof = ["clear", "unclear"]

[[dispute.row]]
name = "shown"
when = { proof = "clear" }
outcome = "buyer"
offer = "refund"
fault = "seller"

[[dispute.row]]
name = "not shown"
when = { proof = "unclear" }
outcome = "seller"
offer = "nothing"
fault = "nobody"

[[conduct]]
name = "lost dispute"
title = "A dispute is decided against the seller"
severity = "low"
proved_by = ["reviewer"]
charge = { ledger = "service", points = 2 }

[[ledger]]
name = "service"
title = "Service points"
expires_after = "365 days"

[[ledger.rung]]
at = 12
measure = "warning"
decided_by = "automatic"
"""


#: When the disputes of `RULES` may be opened.
OPENING = """[[dispute.opening]]
name = "any"
after = { fact = "order.paid" }
until = { fact = "order.paid", plus = "90 days" }
"""


def opened_by(opening: str, *reasons: str) -> str:
    """`RULES` with other openings than its own, and more reasons."""
    more = "".join(f'[[dispute.reason]]\nname = "{name}"\ntitle = "{name.capitalize()}"\n\n' for name in reasons)
    assert OPENING in RULES
    return RULES.replace(OPENING, more + opening)


def sent(here: "Stage", at: datetime, number: str = "RR123456785DE", **contents: int) -> Shipment:
    """Let the seller send a parcel, with pieces of the lines named or with all that is left."""
    held = {here.line(title).pk: count for title, count in contents.items()} or None
    parcel = shipments.Parcel("post", number, contents=held, sure=True)
    return shipments.dispatch(here.cast.li, here.order, parcel, at=at)


def scanned(here: "Stage", parcel: Shipment, status: str, at: datetime, **more: Any) -> None:
    """Let the carrier tell an event of a parcel."""
    scans.scan(here.cast.platform, parcel, scans.Event(status, at, **more), noted_at=at)


def moment(text: str) -> datetime:
    """The moment of a text such as 2026-03-02T10:00:00+01:00; without an offset it is UTC."""
    read = datetime.fromisoformat(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def rulebook(
    *, rules: str = RULES, zone: str = "UTC", drop: Sequence[str] = (), keys: str = "", more: str = "", **parts: str
) -> str:
    """The text of a rulebook for disputes. `parts` take the place of windows, `drop` names those left out.

    `keys` are more lines of [dispute], which take the place of those of the same name; `more`: more tables.
    """
    windows = {**WINDOWS, **parts}
    head = f'name = "duel"\nversion = "1"\nin_force_from = 2020-01-01\nzone = "{zone}"\n'
    named = {line.partition(" = ")[0] for line in keys.splitlines() if " = " in line}
    begun, table, rest = rules.partition("[dispute]\n")
    own, mark, others = rest.partition("\n\n")
    kept = "\n".join(line for line in own.splitlines() if line.partition(" = ")[0] not in named)
    rules = f"{begun}{table}{keys.strip()}\n{kept}{mark}{others}"
    return head + "".join(text for name, text in windows.items() if name not in drop) + rules + more


def assembled(text: str, *, at: datetime) -> Cast:
    """The cast under a rulebook, whatever the analysis would say of the windows that a test leaves out."""
    book = parse(text)
    RulebookVersion.objects.create(
        name=book.name, version=book.version, text=text, in_force_from=book.in_force_from, published_at=at
    )
    return assemble(at=at, publish=False)


@dataclass
class Stage:
    """A case on stage: the cast, the order, the dispute, and the moment that it is."""

    cast: Cast
    order: Order
    dispute: Dispute | None = None
    lines: dict[str, int] = field(default_factory=dict)

    def case(self) -> Case:
        """How the dispute stands now."""
        assert self.dispute is not None
        self.dispute.refresh_from_db()
        return cases.held(self.dispute).case

    def open(self, at: datetime, reason: str = "damaged", amount: int | None = None, **claim: object) -> Dispute:
        asked = Money(amount, self.order.currency) if amount is not None else None
        wanted = opening.Claim(reason=reason, amount=asked, **claim)  # type: ignore[arg-type]
        self.dispute = opening.open_(self.cast.ana, self.order, wanted, at=at)
        return self.dispute

    def money(self) -> dict[str, int]:
        self.order.refresh_from_db()
        kept = money.of(self.order)
        return {name: getattr(kept, name) for name in ("paid", "refunded", "instructed", "charged_back", "refundable")}

    def turn(self, at: datetime) -> None:
        clock.turn(at)

    def line(self, title: str) -> OrderLine:
        """The order's line of that title."""
        return self.order.lines.get(title=title)

    def cash(self, amount: int) -> Money:
        """An amount in the order's currency."""
        return Money(amount, self.order.currency)

    def about(self, at: datetime, amount: int | None = None, reason: str = "damaged", **pieces: int) -> Dispute:
        """Open a dispute about pieces of lines, named by their titles with _ for a space."""
        keys = {self.line(title.replace("_", " ")).pk: count for title, count in pieces.items()}
        return self.open(at, reason, amount, pieces=keys)

    def offer(self, at: datetime, amount: int = 0, kind: str = "partial refund", **terms: Any) -> int:
        """Let the seller offer something in the dispute opened last; the offer's number."""
        new = offers.NewOffer(kind, self.cash(amount) if amount else None, **terms)
        return offers.offer(self.cast.li, self.the_dispute, new, at=at)

    def part(self, kind: str, amount: int = 0, *, title: str = "", count: int = 1, **terms: Any) -> in_parts.NewPart:
        """What is offered for pieces of a line: of that title, or of the order's only one."""
        line = self.line(title) if title else self.order.lines.get()
        return in_parts.NewPart(line.pk, count, kind, self.cash(amount) if amount else None, **terms)

    def offer_parts(self, at: datetime, *parts: in_parts.NewPart, by: Actor | None = None, **terms: Any) -> int:
        """Let the seller, or who is named, offer something in parts; the offer's number."""
        return offers.offer(by or self.cast.li, self.the_dispute, offers.NewOffer(parts=parts, **terms), at=at)

    def settle_parts(self, at: datetime, *parts: in_parts.NewPart, **terms: Any) -> None:
        """Let the seller offer something in parts, and the buyer accept."""
        offers.accept(self.cast.ana, self.the_dispute, number=self.offer_parts(at, *parts, **terms), at=at)

    def settle(self, at: datetime, amount: int = 0, kind: str = "partial refund", **terms: Any) -> None:
        """Let the seller offer, and the buyer accept."""
        offers.accept(self.cast.ana, self.the_dispute, number=self.offer(at, amount, kind, **terms), at=at)

    def mediate(self, at: datetime, agent_: Actor) -> Dispute:
        """Let the seller reject where he may still, the buyer ask the platform, and an agent take the case."""
        if self.case().answer != "rejected":
            version = self.case().version
            claims.reject(self.cast.li, self.the_dispute, text="It is fine.", version=version, at=at)
        mediation.escalate(self.cast.ana, self.the_dispute, at=at)
        mediation.take(agent_, self.the_dispute, at=at)
        return self.the_dispute

    @property
    def the_dispute(self) -> Dispute:
        """The dispute opened last."""
        assert self.dispute is not None
        return self.dispute

    def confirm(self, at: datetime, reference: str = "") -> int:
        """Let the payment system confirm every refund that is under way; how many."""
        under_way = RefundVia.objects.filter(refund__order=self.order, state="instructed", refund__state="instructed")
        ways = list(under_way.select_related("refund__order__seller", "refund__order__buyer"))
        for via in ways:
            assert reports.begin(via, at=at)
            done = reports.Outcome("confirmed", f"{reference or 'r'}-{via.pk}")
            reports.outcome(self.cast.platform, via, done, at=at)
        return len(ways)

    def report(self, at: datetime, kind: str, reference: str, amount: int | None = None, **more: Any) -> str:
        """Let the shop report something that its payment system did."""
        sum_ = None if amount is None else self.cash(amount)
        noted_at = more.pop("noted_at", None)
        what = reports.Report(kind, order=self.order, reference=reference, amount=sum_, **more)
        return reports.report(self.cast.platform, what, at=at, noted_at=noted_at).told

    def sums(self, at: datetime) -> dict[str, int]:
        """Every word for the order's money; it adds up, and every row follows from the facts."""
        self.order.refresh_from_db()
        kept, due = money.of(self.order), payouts.of_order(self.cast.platform, self.order, now=at)
        words = self.money() | {"held": due.held, "due": due.due, "paid_out": kept.paid_out, "owed": due.owed}
        gone = kept.refunded + kept.instructed + kept.charged_back
        assert kept.paid == gone + due.held + due.due + kept.paid_out - due.owed
        assert rebuild.at_odds(self.order.seller) == []
        return words

    def instructions(self) -> list[int]:
        """The amounts sent to the payment system so far, in their order."""
        made = Refund.objects.filter(order=self.order, outside=False).order_by("pk")
        return list(made.values_list("amount", flat=True))

    def seen(self, actor: Actor, at: datetime) -> view.View:
        """What somebody sees of the dispute opened last."""
        dispute = Dispute.objects.select_related("order__seller", "order__buyer").get(pk=self.the_dispute.pk)
        return view.of(actor, dispute, at=at)

    def may(self, actor: Actor, at: datetime) -> set[str]:
        """What somebody may do in it."""
        return {each.verb for each in self.seen(actor, at).may}

    def waits(self, at: datetime) -> tuple[str, datetime | None, str, str]:
        """Whose turn it is, until when, and what follows if nobody acts."""
        turn = self.seen(self.cast.ana, at).turn
        return turn.who, turn.until, turn.what, turn.value


def told(party: Party, *kinds: str) -> list[str]:
    """The kinds of all that a party was told, in order; of those `kinds` alone, where any are named."""
    rows = Notice.objects.filter(party=party).order_by("at", "pk")
    return [kind for kind in rows.values_list("kind", flat=True) if not kinds or kind in kinds]


def values_of(party: Party, kind: str) -> list[dict[str, Any]]:
    """The values of the notices of a kind that a party got."""
    return list(Notice.objects.filter(party=party, kind=kind).order_by("at", "pk").values_list("values", flat=True))


def stage(
    text: str | None = None,
    *,
    lines: Sequence[Line] = (),
    at: datetime = START,
    currency: str = "EUR",
    amount: int = 6000,
    promised: int = 20,
    **order: object,
) -> Stage:
    """Publish a rulebook and have Ana buy from Li. `promised`: in how many days it is to arrive."""
    cast = assembled(text or rulebook(), at=at)
    given = tuple(lines) or (Line("Clock", 1, Money(amount, currency)),)
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, lines=given, handling_hours=72, deliver_by=at + timedelta(days=promised),
        **order,  # type: ignore[arg-type]
    )  # fmt: skip
    placed = orders.place(cast.platform, new, at=at)
    orders.pay(cast.platform, placed, at=at)
    return Stage(cast, placed)


def agent(cast: Cast, name: str, at: datetime = START) -> Actor:
    """One more agent of the platform, who can sign in."""
    from django.contrib.auth import get_user_model

    from comity.actions import parties

    new = parties.NewParty(role="agent", name=name, external_id=name.lower())
    party = parties.add(cast.platform, new, at=at)
    party.user = get_user_model().objects.create_user(username=name.lower())
    party.save(update_fields=["user"])
    return Actor(party)
