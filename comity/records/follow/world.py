"""The rows of the world that facts of one party move: read once, changed in memory, written once.

Whoever makes a world holds the party's lock. What a verb has read under it, or inserted, is given; the rest is looked
up when a fact names it, and made where it is not known: marked as incomplete, and named as the shop named it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from django.db.models import Model, Q

from comity.lib.ids import short_key
from comity.policy.facts import Fact, moment_of, reference, subject_kind
from comity.records import statements
from comity.records.follow.updates import Changed, update
from comity.records.models import (
    Address,
    CancelRequest,
    ChargeBack,
    Conversation,
    Delay,
    Dispute,
    ImprovementPlan,
    Message,
    Order,
    OrderLine,
    Party,
    Pause,
    PayOut,
    Refund,
    Review,
    Scan,
    Shipment,
    ShipmentLine,
    Standing,
)
from comity.records.models.things import Named
from comity.records.refs import uuid_of, uuid_of_told

N = TypeVar("N", Order, Conversation)
R = TypeVar("R", CancelRequest, Delay, Address, Refund, ChargeBack, PayOut)
#: Data of facts that name a thing or a party.
_NAMES_IN_DATA = ("buyer", "order", "shipment")
#: In the order in which one may refer to another.
_MODELS: tuple[type[Model], ...] = (
    Order, OrderLine, CancelRequest, Delay, Address, Shipment, ShipmentLine, Scan, Conversation, Message, Pause,
    Dispute, Refund, ChargeBack, PayOut, Review, ImprovementPlan,
)  # fmt: skip
_UNKNOWN = "—"


class Contradiction(ValueError):
    """A fact says otherwise than what is known; the sentence says of what."""


class World:
    """What one party's facts are about.

    party     whose matters they are
    fresh     ids of the facts that are told now; rows that are made once for a fact are made for these
    asks      whether facts are told now, and are held against what is known; else they are taken as they are noted
    is_whole  whether the matter in hand is looked at whole, from its first fact on
    standing  the party's, locked; None where nothing is written
    """

    asks = True

    def __init__(self, party: Party, *, given: Iterable[Model] = (), standing: Standing | None = None):
        self.party, self.standing = party, standing
        self.fresh: set[str] = set()
        self.is_whole = False
        #: Reasons of wishes to cancel that are made anew, by order; parcels of which the first fact is still to come.
        self.reasons: dict[str, str] = {}
        self.unmet: set[int] = set()
        #: Parcels that their carrier takes back to their sender, and since when.
        self.went_back: dict[int, datetime] = {}
        #: By order and dispute, the parcel in which its goods go back, where a fact names it.
        self.goes_back: dict[str, str] = {}
        #: What was told of the money of the order in hand, in the order of time.
        self.of_money: list[Fact] = []
        self._things: dict[str, Named] = {}
        self._buyers: dict[str, Party] = {}
        self._parcels: dict[str, list[Shipment]] = {}
        self._disputes: dict[str, list[Dispute]] = {}
        self._reviews: dict[str, list[Review]] = {}
        self._beside: dict[tuple[type[Model], str], list[Any]] = {}
        self._given: list[Model] = []
        self._messages: list[Message] = []
        #: Where pauses that are made stand among the facts: that order says which holiday uses a limit up.
        self.noted: dict[int, tuple[datetime, str]] = {}
        self._dropped: list[Model] = []
        self._made: dict[type[Model], list[Model]] = defaultdict(list)
        self._before: dict[int, tuple[Model, dict[str, Any]]] = {}
        for row in given:
            self._take_up(row)

    def _take_up(self, row: Model) -> None:
        self._given.append(row)
        if isinstance(row, Order | Conversation):
            self._know(row)
        elif isinstance(row, Message):
            self._messages.append(row)

    def _know(self, row: Named) -> None:
        for name in row.names:
            self._things[name] = row

    # What facts name

    def meet(self, facts: Sequence[Fact]) -> None:
        """Look up what `facts` name and nobody has given yet. A statement for each kind of thing, if it is named."""
        names = {name for fact in facts for name in _named(fact)} - self._things.keys() - self._buyers.keys()
        self._look_up(Order, names)
        self._look_up(Conversation, names)
        self._look_up_buyers({name for name in names if subject_kind(name) == "buyer"})

    def _look_up(self, model: type[N], names: Iterable[str]) -> None:
        kind = str(model._meta.model_name)
        ids = {reference(name)[1] for name in names if subject_kind(name) == kind}
        if not ids:
            return
        uuids = {uuid for uuid in map(uuid_of, ids) if uuid is not None}
        mine = Q(seller=self.party) if self.party.role == "seller" else Q(buyer=self.party)
        rows = model._default_manager.filter(Q(uuid__in=uuids) | (mine & Q(external_id__in=ids)))
        # By our id last: where a shop's own looks like one of ours, ours it is.
        for row in sorted(rows, key=lambda row: row.uuid in uuids):
            if self._is_mine(row):
                self._know(row)
            else:
                self._things[f"{kind}:{row.uuid}"] = row  # another's: `_own` refuses it

    def _is_mine(self, row: Order | Conversation) -> bool:
        return self.party.pk in (row.seller_id, row.buyer_id)

    def _look_up_buyers(self, names: set[str]) -> None:
        if not names:
            return
        ids = {reference(name)[1] for name in names}
        uuids = {uuid for uuid in map(uuid_of, ids) if uuid is not None}
        for row in Party.objects.filter(Q(external_id__in=ids) | Q(uuid__in=uuids), role="buyer"):
            self._buyers[row.ref] = row
            if row.external_id is not None:
                self._buyers[f"buyer:{row.external_id}"] = row

    def own_words(self, fact: Fact) -> Fact:
        """Return a fact with its things and parties named as ours are, whatever the shop called them."""
        subject, matter = self._ref(fact.subject), self._ref(fact.matter)
        told = {name: fact.data[name] for name in _NAMES_IN_DATA if name in fact.data}
        data = {name: self._ref(value) if isinstance(value, str) else value for name, value in told.items()}
        if (subject, matter) == (fact.subject, fact.matter) and data == told:
            return fact
        return msgspec.structs.replace(fact, subject=subject, matter=matter, data={**fact.data, **data})

    def is_order(self, name: str) -> bool:
        """Whether there is an order of that name, and it is the party's own."""
        row = self._things.get(name)
        return isinstance(row, Order) and row.seller_id == self.party.pk

    def knows(self, name: str) -> bool:
        """Whether there is a row of that name."""
        return name in self._things

    def writes_its_own(self, fact: Fact) -> bool:
        """Whether a message came with its row: then its conversation is there, and follows it in one statement."""
        return fact.kind == "message.sent" and self.is_given(Message)

    def _ref(self, name: str) -> str:
        named = self._things.get(name) or self._buyers.get(name)
        is_anothers = isinstance(named, Order | Conversation) and not self._is_mine(named)
        return name if named is None or is_anothers else named.ref

    def order(self, fact: Fact) -> Order:
        """Return the order that is the matter of a fact; one that nobody told of is made. Raises Contradiction."""
        row = self._things.get(fact.matter)
        if row is None:
            buyer = self.buyer(None, fact.at)
            row = self._named_by_shop(Order, fact.matter, placed_at=fact.at, complete=False, buyer=buyer)
            # Until we are told more, it is called what the shop calls it.
            row.title, row.amount, row.handling_hours = reference(fact.matter)[1], 0, 0
            self.make(row)
        return self._own(row, Order)

    def conversation(self, fact: Fact) -> Conversation:
        """Return the conversation that a fact is about; one that nobody told of is made. Raises Contradiction."""
        row = self._things.get(fact.subject)
        about = fact.matter if subject_kind(fact.matter) == "order" else fact.data.get("order")
        if row is None:
            order = self._things.get(about) if isinstance(about, str) else None
            buyer = order.buyer if isinstance(order, Order) else self.buyer(fact.data.get("buyer"), fact.at)
            row = self._named_by_shop(Conversation, fact.subject, opened_at=fact.at, buyer=buyer)
            row.topic, row.order = reference(fact.subject)[1], order if isinstance(order, Order) else None
            self.make(row)
            return row
        talk = self._own(row, Conversation)
        if talk.named_by_shop:
            self._told_more(talk, fact, about)
        return talk

    def _told_more(self, talk: Conversation, fact: Fact, about: Any) -> None:
        """Let a conversation of the shop's be what a further fact says of it: about which order, whose, since when."""
        order = self._things.get(about) if isinstance(about, str) else None
        buyer = order.buyer if isinstance(order, Order) else self._buyers.get(str(fact.data.get("buyer")))
        if buyer is not None and _is_known(buyer) and buyer != talk.buyer:
            if _is_known(talk.buyer) and self.asks:
                raise Contradiction(f"conversation {talk.key} is another buyer's")
            self.change(talk, buyer=buyer)
        if isinstance(order, Order) and talk.order_id is None and talk.order is None:
            self.change(talk, order=order)
        if fact.at < talk.opened_at:
            self.change(talk, opened_at=fact.at)

    def is_whose(self, order: Order) -> None:
        """Let the conversations about an order know whose it is, where nobody had said."""
        for row in self._things.values():
            if isinstance(row, Conversation) and row.order == order and not _is_known(row.buyer):
                self.change(row, buyer=order.buyer)
        if order.pk is not None:
            unknown = Conversation.objects.filter(order=order, named_by_shop=True, buyer__external_id="")
            for row in unknown.exclude(pk__in=[row.pk for row in self._things.values() if row.pk]):
                self.change(row, buyer=order.buyer)

    def _named_by_shop(self, model: type[N], ref: str, **values: Any) -> N:
        kind, identity = reference(ref)
        return model(
            # From what it is called, so that the same journal always makes the same row.
            uuid=uuid5(NAMESPACE_URL, f"comity:{self.party.uuid}/{ref}"),
            key=short_key(kind[0].upper()),
            external_id=identity,
            named_by_shop=True,
            seller=self.party,
            **values,
        )

    def _own(self, row: Named, model: type[N]) -> N:
        if not isinstance(row, model) or row.seller_id != self.party.pk:
            raise Contradiction(f"{row.ref} is another seller's")
        return row

    def buyer(self, ref: Any, at: datetime) -> Party:
        """Return the buyer whom a fact names (most have joined by `join`). None: nobody knows who it is."""
        name = ref if isinstance(ref, str) and subject_kind(ref) == "buyer" else "buyer:"
        if name not in self._buyers:
            identity = reference(name)[1]
            party, new = Party.objects.get_or_create(
                role="buyer",
                external_id=identity,
                defaults={
                    "uuid": uuid5(NAMESPACE_URL, f"comity:{name}"),
                    "name": identity or _UNKNOWN,
                    "joined_at": at,
                },
            )
            if new:
                Standing.objects.create(party=party)
            self._buyers[name] = self._buyers[party.ref] = party
        return self._buyers[name]

    def parcel(self, order: Order, fact: Fact, ref: str | None = None, *, returns: bool = False) -> Shipment:
        """Return the parcel of an order that a fact is about; one that nobody told of is made."""
        ref = ref or fact.subject
        for row in [*(row for row in self._given if isinstance(row, Shipment)), *self.parcels(order)]:
            if ref in row.names:
                if id(row) in self.unmet and row.named_by_shop:
                    self.change(row, dispatched_at=fact.at)
                self.unmet.discard(id(row))
                return row
        made = Shipment(
            uuid=uuid5(NAMESPACE_URL, f"comity:{order.uuid}/{ref}"),
            external_id=reference(ref)[1],
            named_by_shop=True,
            order=order,
            salt=b"",
            dispatched_at=fact.at,
            sent=False,
            pieces=order.pieces,
            returns=returns,
        )
        self._parcels[order.ref].append(made)
        self.make(made)
        return made

    def parcels(self, order: Order) -> list[Shipment]:
        """Return all parcels of an order."""
        if order.ref not in self._parcels:
            rows = list(Shipment.objects.filter(order=order)) if order.pk else []
            self._keep_parcels(order, rows)
        return self._parcels[order.ref]

    def _keep_parcels(self, order: Order, rows: Iterable[Shipment]) -> None:
        given = {row.uuid: row for row in self._given if isinstance(row, Shipment)}
        kept = [given.get(row.uuid, row) for row in rows]
        for row in kept:
            row.order = order
        self._parcels[order.ref] = kept

    def beside(self, model: type[R], order: Order) -> list[R]:
        """Return the rows of a kind that an order has beside it: later dates, wishes, addresses. In no order."""
        key = (model, order.ref)
        if key not in self._beside:
            given = {row.pk: row for row in self._given if isinstance(row, model) and row.order_id == order.pk}
            rows = model._default_manager.filter(order=order) if order.pk else ()
            self._beside[key] = [given.get(row.pk, row) for row in rows]
        return self._beside[key]

    def add_beside(self, row: R) -> R:
        """Make a row that an order has beside it."""
        self.beside(type(row), row.order).append(row)
        self.make(row)
        return row

    def disputes(self, order: Order) -> list[Dispute]:
        """Return the disputes about an order."""
        if order.ref not in self._disputes:
            given = {row.pk: row for row in self._given if isinstance(row, Dispute)}
            rows = Dispute.objects.filter(order=order) if order.pk else ()
            self._disputes[order.ref] = [given.get(row.pk, row) for row in rows]
        return self._disputes[order.ref]

    def reviews(self, order: Order) -> list[Review]:
        """Return the reviews of an order."""
        if order.ref not in self._reviews:
            given = {row.pk: row for row in self._given if isinstance(row, Review)}
            rows = Review.objects.filter(order=order) if order.pk else ()
            self._reviews[order.ref] = [given.get(row.pk, row) for row in rows]
        return self._reviews[order.ref]

    def plan(self, key: str) -> ImprovementPlan | None:
        """Return an improvement plan; None where there is none yet."""
        given = next((row for row in self._given if isinstance(row, ImprovementPlan) and row.key == key), None)
        return given or ImprovementPlan.objects.filter(party=self.party, key=key).first()

    def drop(self, row: R) -> None:
        """Take away a row that an order has beside it."""
        self.beside(type(row), row.order).remove(row)
        if row in (made := self._made.get(type(row), [])):
            made.remove(row)
        elif row.pk is not None:
            self._dropped.append(row)

    def is_given(self, model: type[Model]) -> bool:
        """Whether whoever told the fact has written the row of that kind that belongs to it."""
        return any(isinstance(row, model) for row in self._given)

    def uuid_of_message(self, fact: Fact, talk: Conversation) -> UUID:
        """Return the id of the row for a message whose text the shop keeps: from what it is called."""
        return uuid_of_told(talk.uuid, fact.id)

    def messages_of(self, facts: Iterable[Fact]) -> dict[str, Message]:
        """Return the newest of the messages that facts of the shop's told, by conversation. At most two statements."""
        sent = [fact for fact in facts if fact.kind == "message.sent"]
        self.meet(sent)
        uuids = [self.uuid_of_message(fact, self.conversation(fact)) for fact in sent]
        rows = Message.objects.filter(uuid__in=uuids).select_related("conversation") if uuids else ()
        return {row.conversation.ref: row for row in sorted(rows, key=lambda row: row.at)}

    def newest_messages(self) -> dict[str, Message]:
        """Return the newest message of each conversation that was written in just now."""
        rows = sorted((row for row in self._messages if row.pk), key=lambda row: row.at)
        return {row.conversation.ref: row for row in rows}

    def read_whole(self, orders: Iterable[Order]) -> None:
        """Read what belongs to several orders at once. A statement for each kind of row."""
        some = {order.pk: order for order in orders if order.pk and order.ref not in self._parcels}
        if not some:
            return
        parcels = _by_order(Shipment.objects.filter(order__in=some.values()))
        for key, order in some.items():
            self._keep_parcels(order, parcels.get(key, ()))
        for model in (CancelRequest, Delay, Address):
            rows = _by_order(model._default_manager.filter(order__in=some.values()))
            for key, order in some.items():
                self._beside[model, order.ref] = rows.get(key, [])

    # What facts move

    def change(self, row: Model, **values: Any) -> None:
        """Let a row say something else."""
        before = self._before.setdefault(id(row), (row, {}))[1]
        for name, value in values.items():
            if (old := getattr(row, name)) != value:
                before.setdefault(name, old)
                setattr(row, name, value)

    def make(self, row: Model) -> None:
        """Have a row inserted."""
        self._made[type(row)].append(row)
        if isinstance(row, Order | Conversation):
            self._know(row)
        elif isinstance(row, Message):
            self._messages.append(row)

    def made(self, model: type[Model]) -> Sequence[Any]:
        """Return the rows of a kind that were made."""
        return self._made.get(model, ())

    def write(self) -> None:
        """Insert what was made, and update what says something else than it did. A statement or two a kind."""
        for order in self.made(Order):
            amount = order.amount // order.pieces
            line = OrderLine(order=order, title=order.title, quantity=order.pieces, amount=amount, paid=order.amount)
            self.make(line)
        changed: dict[type[Model], list[Changed]] = defaultdict(list)
        for row, said in self._before.values():
            before = {name: old for name, old in said.items() if getattr(row, name) != old}
            if before and row.pk is not None:
                changed[type(row)].append((row, before))
        for row in self._dropped:
            row.delete()
        for model in _MODELS:
            update(model, changed.get(model, ()))
            if made := self._made.pop(model, None):
                if model is Pause:
                    made.sort(key=lambda row: self.noted[id(row)])
                statements.insert_all(made)
                self._after(model, made)
        self._lines_follow(changed.get(Order, ()))
        self._before.clear()

    def _after(self, model: type[Model], made: Sequence[Any]) -> None:
        """Say what the parcels that the shop told of hold."""
        if model is Shipment:
            for held in contents_of(made):
                self.make(held)

    def _lines_follow(self, changed: Iterable[Changed]) -> None:
        """Let the line that stands in for those of an order that the shop told of say what the order says."""
        for order, before in changed:
            if isinstance(order, Order) and order.named_by_shop and before.keys() & {"pieces", "amount"}:
                stands_in = OrderLine.objects.filter(order=order, title=order.external_id)
                price = order.amount // order.pieces
                stands_in.update(quantity=order.pieces, amount=price, paid=order.amount)


def contents_of(parcels: Sequence[Shipment]) -> Iterator[ShipmentLine]:
    """Yield what parcels hold of whose contents nobody has told, where that is beyond doubt."""
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(order__in={parcel.order_id for parcel in parcels}, bundle=None):
        lines[line.order_id].append(line)
    for parcel in parcels:
        of_order = lines[parcel.order_id]
        if parcel.returns or (parcel.pieces < parcel.order.pieces and len(of_order) != 1):
            continue
        for line in of_order:
            yield ShipmentLine(shipment=parcel, line=line, quantity=min(parcel.pieces, line.quantity))


def _is_known(buyer: Party) -> bool:
    """Whether anybody said who it is."""
    return buyer.external_id != ""


def join(facts: Iterable[Fact]) -> None:
    """Let the buyers join whom facts name and nobody knows.

    In the order of their names, and before any party is locked: two that name the same ones at once would wait for
    each other for ever.
    """
    named = {reference(buyer)[1]: fact.at for fact in facts if isinstance(buyer := fact.data.get("buyer"), str)}
    buyers = Party.objects.filter(role="buyer")
    unknown = named.keys() - set(buyers.filter(external_id__in=named).values_list("external_id", flat=True))
    uuids = [uuid for name in unknown if (uuid := uuid_of(name)) is not None]
    unknown -= {str(uuid) for uuid in buyers.filter(uuid__in=uuids).values_list("uuid", flat=True)}
    if not unknown:
        return
    Party.objects.bulk_create(
        [
            Party(
                role="buyer",
                external_id=name,
                name=name,
                uuid=uuid5(NAMESPACE_URL, f"comity:buyer:{name}"),
                joined_at=named[name],
            )
            for name in sorted(unknown)
        ],
        ignore_conflicts=True,
    )
    rows = buyers.filter(external_id__in=unknown, standing=None).order_by("external_id")
    Standing.objects.bulk_create([Standing(party=row) for row in rows], ignore_conflicts=True)


def moment(fact: Fact, name: str) -> datetime | None:
    """Return a moment that a fact's data hold."""
    value = fact.data.get(name)
    return moment_of(value) if isinstance(value, str) else None


def said(fact: Fact, *names: str) -> Mapping[str, Any]:
    """Return those of a fact's data that say something."""
    return {name: fact.data[name] for name in names if fact.data.get(name) is not None}


def _named(fact: Fact) -> Iterator[str]:
    yield fact.subject
    yield fact.matter
    for name in _NAMES_IN_DATA:
        value = fact.data.get(name)
        if isinstance(value, str):
            yield value


def _by_order(rows: Iterable[Any]) -> dict[int, list[Any]]:
    sorted_out: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        sorted_out[row.order_id].append(row)
    return sorted_out
