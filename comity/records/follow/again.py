"""The rows of the world once more: what a party's facts say that they must be, beside what they are.

What no fact holds (texts, titles, addresses, numbers of parcels) is not compared, and stays.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model

from comity.policy import turns
from comity.policy.facts import DEADLINE, Fact, subject_kind
from comity.policy.turns import Turn
from comity.records import journal, rulebooks
from comity.records.carry_out import DUTIES
from comity.records.follow import follow
from comity.records.follow.orders import UNTOUCHED
from comity.records.follow.world import World
from comity.records.models import (
    CancelRequest,
    ChargeBack,
    Conversation,
    Delay,
    Dispute,
    ImprovementPlan,
    Message,
    Order,
    Party,
    Pause,
    PayOut,
    Refund,
    Review,
    Scan,
    Shipment,
    Standing,
)
from comity.records.refs import by_ref

#: Compared wherever there is a row; what else a fact may say of it, where one does.
_ALWAYS: dict[type[Model], tuple[str, ...]] = {
    Order: ("placed_at", "complete", *UNTOUCHED),
    Shipment: ("dispatched_at", "delivered_at", "sent", "returns"),
    Conversation: ("closed_at", "asked_agent_at", "joined_by_id"),
    Dispute: ("stage", "since", "asked", "version", "outcome", "amount", "ended_how", "ended_at", "holder_id"),
}
_WHERE_SAID: dict[type[Model], tuple[str, ...]] = {
    Order: ("buyer_id", "amount", "currency", "pieces", "deliver_by"),
    Shipment: ("pieces",),
    Conversation: (),
    Dispute: (),
}


class Paper(World):
    """A world on paper: made from facts alone; nothing is read of what facts move, and nothing is written."""

    asks = False

    def __init__(self, party: Party):
        super().__init__(party)
        self.said: dict[int, set[str]] = defaultdict(set)
        self._called = {
            name: row.ref
            for rows in (Order.objects.filter(seller=party), Conversation.objects.filter(seller=party))
            for row in rows
            for name in row.names
        }

    def _ref(self, name: str) -> str:
        return self._called.get(name, name)

    def meet(self, facts: Sequence[Fact]) -> None:
        """Look up the buyers alone: they are no rows that facts move."""
        self._look_up_buyers({str(fact.data["buyer"]) for fact in facts if fact.data.get("buyer")})

    def buyer(self, ref: Any, at: Any) -> Party:
        """Return the buyer whom a fact names; one who is not there is nobody's row."""
        return self._buyers.get(str(ref) if ref else "buyer:") or Party(role="buyer")

    def uuid_of_message(self, fact: Fact, talk: Conversation) -> UUID:
        """Return the id that the fact tells, where it does: texts that are kept here are found by it."""
        return _told(fact) or super().uuid_of_message(fact, talk)

    def change(self, row: Model, **values: Any) -> None:
        """Let a row say something else, and note of what a fact has spoken."""
        self.said[id(row)].update(values)
        super().change(row, **values)

    def plan(self, key: str) -> None:
        """None is there: facts make it."""

    def rows(self, model: type[Model]) -> Sequence[Any]:
        """Return the rows of a kind that facts made."""
        return self.made(model)


def at_odds(party: Party, head: int) -> Iterator[tuple[str, str, str]]:
    """Yield the kind, name and problem of every row that does not follow from the facts up to line `head`."""
    paper = Paper(party)
    facts = [paper.own_words(fact) for fact in _facts(party, head)]
    paper.meet(facts)
    _unfold(paper, facts)
    wanted = {model: {_name(row): row for row in paper.rows(model)} for model in _ALWAYS}
    there: dict[type[Model], dict[str, Any]] = {
        Order: {_name(row): row for row in Order.objects.filter(seller=party)},
        Conversation: {_name(row): row for row in Conversation.objects.filter(seller=party)},
        Shipment: {_name(row): row for row in Shipment.objects.filter(order__seller=party).select_related("order")},
        Dispute: {_name(row): row for row in Dispute.objects.filter(order__seller=party).select_related("order")},
    }
    for model, rows in there.items():
        kind = str(model._meta.model_name)
        # A conversation is there before anything is said in it, and no fact tells of that. One that was told under two
        # matters is judged in each by itself: what was judged last says how it stands.
        torn = _told_under_several(facts)
        silent = {_name(row) for row in rows.values() if model is Conversation and row.last_message_id is None}
        for name in sorted(wanted[model].keys() | rows.keys()):
            if name not in rows:
                yield kind, name, "the row is missing"
            elif name in wanted[model] and name not in torn:
                if columns := _otherwise(wanted[model][name], rows[name], paper):
                    yield kind, name, f"the facts say otherwise of its {', '.join(columns)}"
            elif name not in silent and name not in torn:
                yield kind, name, "no fact speaks of it"
    yield from _beside(party, paper)
    yield from _turns_at_odds(party, _told_under_several(facts))


def rebuild(party: Party, standing: Standing) -> None:
    """Make the rows of a locked party's world anew from its facts."""
    world = _Anew(party, standing=standing)
    facts = list(_facts(party, standing.chain_seq))
    world.meet(facts)
    told = [world.own_words(fact) for fact in facts]
    _unfold(world, told)
    world.write()
    _take_turns(party, told)


class _Anew(World):
    """A world in which rows that are made once for a fact are made where they are missing."""

    asks = False

    def __init__(self, party: Party, *, standing: Standing):
        super().__init__(party, standing=standing)
        scans = Scan.objects.filter(shipment__order__seller=party).select_related("shipment__order")
        self._there: set[Any] = {_place(row) for row in scans}
        self._there |= set(Message.objects.filter(conversation__seller=party).values_list("uuid", flat=True))
        self._there |= {_pause(row) for row in Pause.objects.filter(party=party)}

    def uuid_of_message(self, fact: Fact, talk: Conversation) -> UUID:
        """Return the id that the fact tells, where it does."""
        return _told(fact) or super().uuid_of_message(fact, talk)

    def make(self, row: Model) -> None:
        """Have a row inserted that is not there."""
        name: Any = None
        if isinstance(row, Scan):
            name = _place(row)
        elif isinstance(row, Message):
            name = row.uuid
        elif isinstance(row, Pause):
            name = _pause(row)
        if name is None or name not in self._there:
            super().make(row)


def _told(fact: Fact) -> UUID | None:
    try:
        return UUID(str(fact.data.get("message")))
    except ValueError:
        return None


def _facts(party: Party, head: int) -> Iterator[Fact]:
    return (fact for fact in journal.facts_of(party, head=head) if fact.kind != DEADLINE)


def _unfold(world: World, facts: Iterable[Fact]) -> None:
    matters: dict[str, list[Fact]] = {}
    for fact in facts:
        matters.setdefault(fact.matter, []).append(fact)
    for some in matters.values():
        follow(world, some, {some[0].matter: ()})


def _told_under_several(facts: Iterable[Fact]) -> set[str]:
    under: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        if subject_kind(fact.subject) == "conversation":
            under[fact.subject].add(fact.matter)
    return {talk for talk, matters in under.items() if len(matters) > 1}


def _turns_at_odds(party: Party, torn: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the conversations in which a duty says whose turn it is, and the row says otherwise."""
    by_duties = _turns_by_duties(party)
    for ref, row in by_ref(Conversation.objects.filter(seller=party), by_duties).items():
        if ref not in torn and (row.turn, row.turn_since, row.due_at) != by_duties[ref]:
            yield "conversation", ref, "its duties say otherwise of whose turn it is"


def _turns_by_duties(party: Party) -> dict[str, Turn]:
    """Return whose turn it is, by conversation, where a duty says so."""
    books, about = rulebooks.current(), defaultdict(list)
    for duty in DUTIES.read(party.pk, " AND current"):
        about[duty.matter if subject_kind(duty.matter) == "conversation" else duty.subject].append(duty)
    found = {talk: turns.of_duties(books, duties) for talk, duties in about.items()}
    return {talk: turn for talk, turn in found.items() if turn is not None and subject_kind(talk) == "conversation"}


def _take_turns(party: Party, facts: Sequence[Fact]) -> None:
    """Note in each conversation whose turn it is, and its newest message: where no duty says so, what was said does."""
    books, by_duties = rulebooks.current(), _turns_by_duties(party)
    said: dict[str, Turn] = {}
    for fact in sorted(facts, key=lambda fact: fact.place):
        if subject_kind(fact.subject) == "conversation" and (turn := turns.after(books, (), fact)) is not None:
            before = said.get(fact.subject, turns.NOBODY)
            # Who writes again while the other's turn goes on does not make it begin anew.
            said[fact.subject] = before if turn.who and before.who == turn.who else turn
    rows = list(Conversation.objects.filter(seller=party).prefetch_related("messages"))
    for row in rows:
        row.turn, row.turn_since, row.due_at = by_duties.get(row.ref) or said.get(row.ref, turns.NOBODY)
        row.last_message = max(row.messages.all(), key=lambda each: (each.at, each.pk), default=None)
        row.last_at = row.last_message.at if row.last_message else row.opened_at
    Conversation.objects.bulk_update(rows, ["turn", "turn_since", "due_at", "last_message", "last_at"], batch_size=200)


def _name(row: Any) -> str:
    return f"{row.ref} of {row.order.ref}" if isinstance(row, Shipment) else str(row.ref)


def _place(scan: Scan) -> tuple[Any, ...]:
    return (_name(scan.shipment), scan.at, scan.status, scan.source)


def _pause(pause: Pause) -> tuple[Any, ...]:
    return (pause.matter, pause.begins, pause.ends, pause.cause)


def _otherwise(wanted: Any, row: Any, paper: Paper) -> list[str]:
    """Return the names of the columns that say something else than the facts."""
    said = paper.said[id(wanted)]
    asked = [*_ALWAYS[type(row)], *(name for name in _WHERE_SAID[type(row)] if name.removesuffix("_id") in said)]
    return [name for name in asked if getattr(wanted, name) != getattr(row, name)]


def _beside(party: Party, paper: Paper) -> Iterator[tuple[str, str, str]]:
    """Yield what orders and conversations have beside them that is missing, or that no fact speaks of."""
    of_order = {"order__seller": party}
    asked = CancelRequest.objects.filter(**of_order).select_related("order")
    yield from _sets("cancellation", map(_request, paper.rows(CancelRequest)), map(_request, asked))
    delays = Delay.objects.filter(**of_order).select_related("order")
    yield from _sets("delay", map(_delay, paper.rows(Delay)), map(_delay, delays))
    scans = Scan.objects.filter(shipment__order__seller=party).select_related("shipment__order")
    yield from _sets("scan", map(_place, paper.rows(Scan)), map(_place, scans))
    messages = Message.objects.filter(conversation__seller=party).select_related("conversation")
    yield from _sets("message", map(_message, paper.rows(Message)), map(_message, messages))
    refunds = Refund.objects.filter(**of_order).select_related("order")
    yield from _sets("refund", map(_refund, paper.rows(Refund)), map(_refund, refunds))
    taken = ChargeBack.objects.filter(**of_order).select_related("order")
    yield from _sets("charge-back", map(_charge_back, paper.rows(ChargeBack)), map(_charge_back, taken))
    paid_out = PayOut.objects.filter(**of_order).select_related("order")
    yield from _sets("pay-out", map(_pay_out, paper.rows(PayOut)), map(_pay_out, paid_out))
    reviews = Review.objects.filter(**of_order).select_related("order", "agent")
    yield from _sets("review", map(_review, paper.rows(Review)), map(_review, reviews))
    plans = ImprovementPlan.objects.filter(party=party)
    yield from _sets("plan", map(_plan, paper.rows(ImprovementPlan)), map(_plan, plans))
    yield from _sets("pause", map(_pause, paper.rows(Pause)), map(_pause, Pause.objects.filter(party=party)))


def _request(row: CancelRequest) -> tuple[Any, ...]:
    return (row.order.ref, row.asked_at, row.answered_at, row.accepted)


def _delay(row: Delay) -> tuple[Any, ...]:
    return (row.order.ref, row.announced_at, row.was, row.deliver_by, row.answered_at, row.accepted)


def _message(row: Message) -> tuple[Any, ...]:
    return (row.conversation.ref, row.at, row.role, row.automatic)


def _refund(row: Refund) -> tuple[Any, ...]:
    told = (row.amount, row.currency, row.cost, row.because, row.dispute_ref, row.outside, row.reference)
    return (row.order.ref, row.uuid, *told, row.state, row.confirmed, row.confirmed_at, row.failed_at, row.failed_code)


def _charge_back(row: ChargeBack) -> tuple[Any, ...]:
    return (row.order.ref, row.reference, row.amount, row.reversed, row.at)


def _pay_out(row: PayOut) -> tuple[Any, ...]:
    return (row.order.ref, row.reference, row.amount, row.netted, row.platform, row.at)


def _review(row: Review) -> tuple[Any, ...]:
    said = (row.revised_at, row.answered_at, row.asked_at, row.declined_at, row.appealed_at, row.appeal_decided_at)
    removed = (row.removed_at, row.removed_by, row.because, row.agent.ref if row.agent else "")
    return (row.order.ref, row.by, row.score, row.written_at, row.shown_from, *said, *removed)


def _plan(row: ImprovementPlan) -> tuple[Any, ...]:
    what = (row.standard, row.level, row.rulebook, row.runs, row.rating, row.rated_at, row.counted, row.faulty)
    said = (row.stage, row.since, row.version, row.actions, row.because, row.checked_counted, row.checked_faulty)
    when = (
        row.asked_at,
        row.written_at,
        row.sent_back_at,
        row.accepted_at,
        row.accepted_by,
        row.check_at,
        row.ended_at,
    )
    return (row.ref, *what, *said, *when)


def _sets(
    kind: str, wanted: Iterable[tuple[Any, ...]], rows: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[str, str, str]]:
    facts, there = set(wanted), set(rows)
    for each in sorted(facts - there, key=str):
        yield kind, str(each[0]), f"what the facts say is missing: {_text(each)}"
    for each in sorted(there - facts, key=str):
        yield kind, str(each[0]), f"no fact speaks of this: {_text(each)}"


def _text(values: tuple[Any, ...]) -> str:
    return ", ".join(str(value) for value in values[1:])
