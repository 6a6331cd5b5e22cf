"""What may be done with an order from its page: each deed with its form, and what is said once it is done."""

from collections.abc import Iterable
from datetime import datetime, time
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.actions import addresses, cancellations, delays, deliveries, orders, returns, reviews, scans, shipments
from comity.actions.enact import Refused, happened
from comity.actions.guard import Actor
from comity.lib import moments
from comity.policy.facts.reviews import BEST, WORST
from comity.records.models import Order
from comity.web.common import words
from comity.web.common.acts import Act, Choices, Field
from comity.web.common.gate import asked_at, typed
from comity.web.common.times import day, quiet

#: Most messages of a buyer that are offered as the one that shows the wish to cancel.
MOST_WISHES = 20


def _dispatch(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    contents = contents_of(request)
    parcel = shipments.Parcel(typed(request, "carrier"), typed(request, "number"), contents, "sure" in request.POST)
    shipments.dispatch(actor, order, parcel, at=now)
    return _("The parcel is noted as sent.")


def contents_of(request: HttpRequest) -> dict[int, int] | None:
    """Return how many pieces of each line a form names; None where it names none."""
    named: dict[int, int] = {}
    for name, value in request.POST.items():
        key = name.removeprefix("line-")
        # Digits of other scripts are decimal, too; and a long number would fit no column.
        if name == key or not key.isascii() or not key.isdecimal() or len(key) > 15:
            continue
        text = str(value).strip() or "0"
        if not (text.isascii() and text.isdecimal()) or len(text) > 9:
            raise Refused([_("Write how many pieces as a whole number.")])
        named[int(key)] = int(text)
    return named or None


def _cancel(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    shows = typed(request, "shows")
    wish = _uuid(shows) if shows and typed(request, "reason") == orders.ASKED else None
    orders.cancel(actor, order, reason=typed(request, "reason"), at=now, shows=wish)
    return _("The order is cancelled.")


def _ask_cancel(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    cancellations.ask(actor, order, reason=typed(request, "reason"), at=now)
    return _("The seller is asked to cancel the order.")


def _answer_cancel(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    accepted = "accept" in request.POST
    cancellations.answer(actor, order, accepted=accepted, at=now, shown=asked_at(request))
    if accepted and not order.cancelled_at:
        return _("You agreed, but the order had already been sent: it can be sent back.")
    return _("The order is cancelled.") if accepted else _("The buyer is told that the order goes on.")


def _announce_delay(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    delays.announce(actor, order, deliver_by=_day(typed(request, "day")), reason=typed(request, "reason"), at=now)
    return _("The buyer is told, and may accept the later date.")


def _answer_delay(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    accepted = "accept" in request.POST
    delays.answer(actor, order, accepted=accepted, at=now, shown=asked_at(request))
    return _("The later date is the promise now.") if accepted else _("The first date stands.")


def _judge(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    deliveries.judge(actor, order, on_time="on_time" in request.POST, at=now)
    return _("Thank you. That is noted.")


def _ask_address(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    given = {field.name: typed(request, field.name) for field in _ADDRESS}
    given |= {"country": given["country"].upper(), "region": given["region"].upper()}
    addresses.ask(actor, order, addresses.ShipTo(**given), at=now)
    return _("The seller is asked to send it there.")


def _answer_address(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    accepted = "accept" in request.POST
    addresses.answer(actor, order, accepted=accepted, at=now, shown=asked_at(request))
    return _("The order goes to the new address.") if accepted else _("The order goes to the first address.")


def _send_back(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    parcel = shipments.Parcel(typed(request, "carrier"), typed(request, "number"), sure="sure" in request.POST)
    returns.send(actor, order, parcel, at=now)
    return _("The seller is told that the goods are on their way back.")


def _confirm_return(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    returns.confirm(actor, order, at=now)
    return _("It is noted that the goods are back.")


def _scan(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    parcels = order.shipments.select_related("order__seller", "order__buyer")
    shipment = parcels.filter(uuid=_uuid(typed(request, "parcel"))).first()
    if shipment is None:
        raise Refused([_("Choose a parcel of this order.")])
    written = typed(request, "at")
    at, _assumed = moment_of(written, actor.party.time_zone)
    status, place = typed(request, "status"), typed(request, "place")
    event = scans.Event(status, happened(at, now), place, is_day=moments.is_day(written))
    scans.scan(actor, shipment, event, noted_at=now)
    return _("The event is noted as entered by hand.")


def _rate(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    made = reviews.write(actor, order, score=stars_of(request), text=typed(request, "text"), at=now)
    if made.is_visible(now):
        return _("Thank you. Your review is shown.")
    said = _("Thank you. Your review is shown once both sides have rated, or on %(day)s.")
    return said % {"day": day(timezone.localtime(made.shown_from).date())}


def stars_of(request: HttpRequest) -> int:
    """Return how many stars a form gives; none for what is no number, which is refused as such."""
    written = typed(request, "score")
    return int(written) if written.isascii() and written.isdecimal() and len(written) == 1 else 0


def _codes(codes: Iterable[str]) -> list[tuple[str, str]]:
    return [(code, words.code(code)) for code in codes]


def _parcels(actor: Actor, order: Order) -> list[tuple[str, str]]:
    return [(str(each.uuid), str(each)) for each in order.shipments.filter(returns=False).order_by("dispatched_at")]


def _reason(choices: Choices) -> Field:
    return Field("reason", gettext_lazy("Reason"), "select", choices=choices)


def _wishes(actor: Actor, order: Order) -> list[tuple[str, str]]:
    """Return the buyer's newest messages, for whoever else cancels; none for the buyer."""
    if actor.role == "buyer":
        return []
    found = orders.wishes(order, timezone.now())[:MOST_WISHES]
    shown = [(str(each.uuid), f"{quiet(each.at)}: {each.text[:80]}") for each in found]
    return [("", _("none: it counts as the seller's")), *shown] if shown else []


_WHY_CANCELLED = _reason(lambda actor, order: _codes(orders.REASONS[actor.role]))
_ADDRESS = (
    Field("name", gettext_lazy("Name"), most=200, autocomplete="name"),
    Field("street", gettext_lazy("Street"), most=300, autocomplete="street-address"),
    Field("postcode", gettext_lazy("Postcode"), most=20, required=False, autocomplete="postal-code"),
    Field("city", gettext_lazy("City"), most=100, autocomplete="address-level2"),
    Field("region", gettext_lazy("Region, two or three letters"), most=10, required=False),
    Field("country", gettext_lazy("Country, two letters"), most=2, autocomplete="country"),
)

#: How many stars, and what they mean.
STARS = Field(
    "score",
    gettext_lazy("How was it?"),
    "stars",
    choices=lambda *_: [(str(score), words.code(str(score), "stars")) for score in range(BEST, WORST - 1, -1)],
)
REVIEW_TEXT = Field("text", gettext_lazy("In your words"), "textarea", most=reviews.MAX_TEXT_CHARS, required=False)

ACTS: tuple[Act[Order], ...] = (
    Act(reviews.WRITE, _rate, button=gettext_lazy("Send the review"), fields=(STARS, REVIEW_TEXT)),
    Act(shipments.DISPATCH, _dispatch),
    Act(delays.ANSWER, _answer_delay),
    Act(cancellations.ANSWER, _answer_cancel),
    Act(addresses.ANSWER, _answer_address),
    Act(deliveries.JUDGE, _judge),
    Act(returns.CONFIRM, _confirm_return),
    Act(
        delays.ANNOUNCE,
        _announce_delay,
        gettext_lazy("Announce a delay"),
        gettext_lazy("Announce it"),
        fields=(
            Field("day", gettext_lazy("New date"), "date"),
            _reason(lambda actor, order: _codes(delays.REASONS)),
        ),
        hints={
            "": gettext_lazy(
                "The buyer is told at once. Accepted before the promised date has passed, the new date is the promise; "
                "else the first one stands."
            )
        },
    ),
    Act(
        scans.SCAN,
        _scan,
        gettext_lazy("Enter an event by hand"),
        gettext_lazy("Enter it"),
        fields=(
            Field("parcel", gettext_lazy("Parcel"), "select", choices=_parcels),
            Field("status", gettext_lazy("What happened"), "select", choices=lambda *_: _codes(scans.BY_HAND)),
            Field("at", gettext_lazy("When"), "datetime-local"),
            Field("place", gettext_lazy("Where"), most=100, required=False),
        ),
        hints={"": gettext_lazy("It is marked as entered by you, and proves no handing over to the carrier.")},
        roles=("seller",),
    ),
    Act(
        addresses.ASK,
        _ask_address,
        gettext_lazy("Send it to another address"),
        gettext_lazy("Ask the seller"),
        fields=_ADDRESS,
    ),
    Act(
        returns.SEND,
        _send_back,
        gettext_lazy("Send it back"),
        gettext_lazy("Note it as sent back"),
        fields=(
            Field("carrier", gettext_lazy("Carrier"), most=50),
            Field("number", gettext_lazy("Tracking number"), most=60, autocomplete="off"),
            Field(
                "sure",
                gettext_lazy("I compared it with the label; it is right. That is noted."),
                "check",
                required=False,
            ),
        ),
    ),
    Act(
        cancellations.ASK,
        _ask_cancel,
        gettext_lazy("Ask to cancel"),
        gettext_lazy("Ask the seller"),
        fields=(_WHY_CANCELLED,),
        hints={"": gettext_lazy("The seller answers within 48 hours; without an answer the order is cancelled.")},
    ),
    Act(
        orders.CANCEL,
        _cancel,
        gettext_lazy("Cancel the order"),
        gettext_lazy("Cancel the order"),
        fields=(
            _WHY_CANCELLED,
            Field(
                "shows",
                gettext_lazy("If the buyer asked for it: the message that shows it"),
                "select",
                required=False,
                choices=_wishes,
            ),
        ),
        hints={
            "seller": gettext_lazy(
                "This cannot be undone. Being out of stock, a wrong price, or not shipping there counts as the "
                "seller's fault."
            )
        },
    ),
)


def moment_of(text: str, zone: str) -> tuple[datetime, bool]:
    """Return a moment that a person typed; without a zone, in theirs, and then True as well. Raises Refused."""
    try:
        return moments.local(text.strip(), zone)
    except (ValueError, OverflowError):
        said = _("%(text)s is not a time; write it as 2026-03-02 14:30.")
        raise Refused([said % {"text": text[:40] or "“”"}]) from None


def _day(text: str) -> datetime:
    """Return the end of a day in the reader's zone."""
    try:
        day = datetime.combine(datetime.fromisoformat(text).date(), time(23, 59, 59))
        return moments.believable(day.replace(tzinfo=timezone.get_current_timezone()))
    except (ValueError, OverflowError):
        raise Refused([_("Choose the new date.")]) from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        # No parcel has it: what is not an id is answered like a parcel of another order.
        return UUID(int=0)
