"""Two people who do something with the same thing at once, each in a process of its own: what each may do, and what
becomes of the thing. `test_two_at_once` has it done at once, and one after the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import combinations_with_replacement
from typing import Any, NamedTuple
from unittest.mock import patch
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.test import Client

from comity.actions import (
    addresses,
    answers,
    appeals,
    cancellations,
    contacts,
    conversations,
    deeds,
    delays,
    deliveries,
    listings,
    messages,
    orders,
    parties,
    reviews,
    rulebooks,
    sanctions,
    scans,
    shipments,
)
from comity.actions import webhooks as hooks
from comity.actions.doing import Deed, NotNow
from comity.actions.enact import Refused, catch_up
from comity.actions.guard import SCOPES, Actor, Forbidden
from comity.actions.measured import written
from comity.actions.plans import verbs as plans
from comity.identity import tokens
from comity.lib.money import Money
from comity.records import journal, rebuild
from comity.records.models import (
    Address,
    Answer,
    CancelRequest,
    Contact,
    Conversation,
    Delay,
    ImprovementPlan,
    JournalLine,
    Listing,
    MeasureText,
    Message,
    Notice,
    Order,
    Party,
    Review,
    Sanction,
    Shipment,
    Webhook,
)
from tests.actions import test_deeds
from tests.actions.plans.rules import BOOK as PLAN_BOOK
from tests.actions.plans.rules import LOOKED_AT
from tests.actions.sanctions.rules import staged, violation
from tests.actions.test_standards import BOOK
from tests.cast import START, Cast, assemble, hours, tell

#: How far after the first the second of a pair reads its clock.
APART = timedelta(seconds=1)


@dataclass(frozen=True)
class Verb:
    """What somebody of the cast does to a thing at a moment; `deed`: what is asked whether it can be done.

    `do` is given when that was asked which was shown, too.
    """

    who: str
    do: Callable[[Actor, Any, datetime, datetime | None], object]
    deed: Deed[Any] | None = None

    def can(self, cast: Cast, thing: Any, at: datetime) -> bool:
        return self.deed is None or self.deed.why_not(getattr(cast, self.who), thing, at=at) is None


@dataclass(frozen=True)
class Kind:
    """A kind of thing: the states it can be made in, what can be done to it, how it is read, what became of it."""

    states: dict[str, Callable[[Cast], Any]]
    verbs: dict[str, Verb]
    read: Callable[[int], Any]
    became: Callable[[Any], object]
    rulebook: str = "aliexpress"


class Job(NamedTuple):
    """A pair of verbs in a state, with three things in that state: for both at once, and for each order of the two."""

    state: str
    first: str
    second: str
    things: tuple[int, int, int]

    def __str__(self) -> str:
        return f"{self.state}: {self.first} and {self.second}"


def _order(pk: int) -> Order:
    return Order.objects.select_related("buyer", "seller").get(pk=pk)


def _talk(pk: int) -> Conversation:
    return Conversation.objects.select_related("buyer", "seller").get(pk=pk)


def _measure(pk: int) -> Sanction:
    return Sanction.objects.select_related("party").get(pk=pk)


def _deed(who: str, slug: str) -> Verb:
    do = test_deeds.ACTIONS[slug]
    return Verb(who, lambda actor, about, at, shown: do(actor, about, at), ORDERS_DEEDS[slug])


def _answer(who: str, module: Any, *, accepted: bool) -> Verb:
    return Verb(
        who,
        lambda actor, about, at, shown: module.answer(actor, about, accepted=accepted, at=at, shown=shown),
        module.ANSWER,
    )


def _an_even_later_date(actor: Actor, about: Order, at: datetime, shown: datetime | None) -> object:
    later = test_deeds.later(about) + timedelta(days=1)
    return delays.announce(actor, about, deliver_by=later, reason="production", at=at)


def _another_address(actor: Actor, about: Order, at: datetime, shown: datetime | None) -> object:
    return addresses.ask(actor, about, replace(test_deeds.BERLIN, city="Potsdam"), at=at)


ORDERS_DEEDS: dict[str, Deed[Any]] = {deed.slug: deed for deed in deeds.of(Order)}
ORDERS = Kind(
    test_deeds.STATES,
    {
        "pay": _deed("platform", "pay"),
        "the seller cancels": _deed("li", "cancel"),
        "an agent cancels": _deed("ken", "cancel"),
        "send": _deed("li", "dispatch"),
        "the carrier delivers": Verb("platform", lambda who, about, at, shown: _arrives(who, about, at), ORDERS_DEEDS["scan"]),
        "it was in time": _deed("ana", "judge"),
        "it was late": Verb(
            "ana", lambda who, about, at, shown: deliveries.judge(who, about, on_time=False, at=at), deliveries.JUDGE
        ),
        "ask to cancel": _deed("ana", "ask-cancel"),
        "agree to cancel": _answer("li", cancellations, accepted=True),
        "do not cancel": _answer("li", cancellations, accepted=False),
        "announce a delay": _deed("li", "announce-delay"),
        "announce another": Verb("li", _an_even_later_date, delays.ANNOUNCE),
        "accept the delay": _answer("ana", delays, accepted=True),
        "keep the date": _answer("ana", delays, accepted=False),
        "ask for Berlin": _deed("ana", "ask-address"),
        "ask for Potsdam": Verb("ana", _another_address, addresses.ASK),
        "send it there": _answer("li", addresses, accepted=True),
        "do not send it there": _answer("li", addresses, accepted=False),
        "send it back": _deed("ana", "send-back"),
        "it is back": _deed("li", "confirm-return"),
        "the buyer rates": _deed("ana", "rate"),
        "the buyer rates otherwise": Verb(
            "ana", lambda who, about, at, shown: reviews.write(who, about, score=1, at=at), reviews.WRITE
        ),
        "the seller rates": _deed("li", "rate"),
    },
    _order,
    lambda order: (
        order.state, bool(order.paid_at), bool(order.sent_at), bool(order.delivered_at), order.cancelled_by,
        order.cancel_reason, order.risk, order.deliver_by - order.placed_at,
        sorted(CancelRequest.objects.filter(order=order).values_list("reason", "accepted")),
        [(d.deliver_by - order.placed_at, d.accepted) for d in Delay.objects.filter(order=order).order_by("pk")],
        sorted(Address.objects.filter(order=order).values_list("city", "state")),
        sorted(Review.objects.filter(order=order).values_list("by", "score", "removed_by")),
        [(r.shown_from - r.written_at).days for r in Review.objects.filter(order=order).order_by("by")],
        sorted((s.tracking_number, s.returns, bool(s.delivered_at)) for s in Shipment.objects.filter(order=order)),
    ),
)  # fmt: skip


def _arrives(who: Actor, about: Order, at: datetime) -> object:
    parcel = about.shipments.select_related("order__seller", "order__buyer").order_by("pk")[0]
    return scans.scan(who, parcel, scans.Event("delivered", at), noted_at=at)


def _say(who: str) -> Verb:
    return Verb(who, lambda actor, talk, at, shown: messages.send(actor, talk, text=f"{who} writes", at=at))


def _talked(cast: Cast, steps: Sequence[str]) -> Conversation:
    """A conversation in which so much happened, each at a moment of its own."""
    talk = cast.conversation()
    for number, step in enumerate(steps):
        at = test_deeds.NOW + timedelta(seconds=number)
        match step:
            case "ask":
                messages.send(cast.ana, talk, text="Where is it?", at=at)
            case "answer":
                messages.send(cast.li, talk, text="On its way.", at=at)
            case "end":
                conversations.close(cast.ana, talk, reason="solved", at=at)
            case "agent":
                conversations.ask_agent(cast.ana, talk, at=at)
            case "join":
                conversations.join(cast.ken, talk, at=at)
    return talk


def _joins(actor: Actor, talk: Conversation, at: datetime, shown: datetime | None) -> None:
    conversations.join(actor, talk, at=at)


TALKS = Kind(
    {" ".join(steps): partial(_talked, steps=steps) for steps in test_deeds.TALKS},
    {
        "the buyer writes": _say("ana"),
        "the seller writes": _say("li"),
        "the buyer ends it": Verb(
            "ana", lambda who, talk, at, shown: conversations.close(who, talk, reason="solved", at=at), conversations.CLOSE
        ),
        "the seller ends it": Verb(
            "li", lambda who, talk, at, shown: conversations.close(who, talk, reason="silent", at=at), conversations.CLOSE
        ),
        "no reply is needed": Verb(
            "li",
            lambda who, talk, at, shown: conversations.no_reply_needed(who, talk, reason="thanks", at=at),
            conversations.NO_REPLY_NEEDED,
        ),
        "the buyer asks for an agent": Verb(
            "ana", lambda who, talk, at, shown: conversations.ask_agent(who, talk, at=at), conversations.ASK_AGENT
        ),
        "an agent joins": Verb("ken", _joins, conversations.JOIN),
        "another agent joins": Verb("bea", _joins, conversations.JOIN),
    },
    _talk,
    lambda talk: (
        talk.turn, bool(talk.due_at), bool(talk.closed_at), bool(talk.asked_agent_at),
        talk.joined_by and talk.joined_by.name, Message.objects.filter(conversation=talk).count(),
        talk.last_message and talk.last_message.role,
    ),
)  # fmt: skip


def _proposed(cast: Cast) -> Sanction:
    for number in range(3):
        tell(
            cast,
            "violation.found",
            f"listing:{cast.seller.uuid}-{number}",
            hours(1 + number / 9),
            rule="spam",
            by="reviewer",
        )
    return Sanction.objects.select_related("party").get(party=cast.seller, measure="freeze")


def _seconded(cast: Cast) -> Sanction:
    measure = _proposed(cast)
    sanctions.approve(cast.max, measure, at=hours(2))
    return measure


def _approves(who: str) -> Verb:
    def do(actor: Actor, measure: Sanction, at: datetime, shown: datetime | None) -> None:
        sanctions.approve(actor, measure, at=at, shown=shown)

    return Verb(who, do, sanctions.APPROVE)


def _declines(who: str) -> Verb:
    def do(actor: Actor, measure: Sanction, at: datetime, shown: datetime | None) -> None:
        sanctions.decline(actor, measure, reason="mistake", at=at, shown=shown)

    return Verb(who, do, sanctions.DECLINE)


def _placed(cast: Cast) -> Sanction:
    measure = _seconded(cast)
    sanctions.approve(cast.ken, measure, at=hours(3))
    return Sanction.objects.select_related("party").get(pk=measure.pk)


def _appealed(cast: Cast) -> Sanction:
    measure = _placed(cast)
    appeals.file(cast.li, measure, words=written("It was not me."), at=hours(4))
    return measure


def _appeals(text: str) -> Verb:
    def do(actor: Actor, measure: Sanction, at: datetime, shown: datetime | None) -> None:
        appeals.file(actor, measure, words=written(text), at=at)

    return Verb("li", do, appeals.FILE)


def _takes_back(actor: Actor, measure: Sanction, at: datetime, shown: datetime | None) -> None:
    appeals.withdraw(actor, measure, at=at)


def _ends(actor: Actor, measure: Sanction, at: datetime, shown: datetime | None) -> None:
    sanctions.release(actor, measure, reason="mistake", at=at)


def _hears(result: str) -> Verb:
    def do(actor: Actor, measure: Sanction, at: datetime, shown: datetime | None) -> None:
        appeals.decide(actor, measure, result=result, because="As I see it.", at=at)

    return Verb("bea", do, appeals.DECIDE)


MEASURES = Kind(
    {"proposed": _proposed, "approved by one": _seconded, "placed": _placed, "appealed": _appealed},
    {
        "Ken approves": _approves("ken"),
        "Bea approves": _approves("bea"),
        "Ken declines": _declines("ken"),
        "Bea declines": _declines("bea"),
        "Bea ends it": Verb("bea", _ends, sanctions.RELEASE),
        "Li appeals": _appeals("Not me."),
        "Li takes the appeal back": Verb("li", _takes_back, appeals.WITHDRAW),
        "Bea lets it fall": _hears("falls"),
        "Bea lets it stand": _hears("stands"),
    },
    _measure,
    lambda measure: (
        measure.status,
        bool(measure.seconded_by),
        bool(measure.decided_by),
        [(appeal.result, len(appeal.added_at), bool(appeal.withdrawn_at)) for appeal in appeals.appeals_of(measure)],
    ),
    BOOK,
)


def _asked(cast: Cast) -> ImprovementPlan:
    for number in range(5):
        tell(cast, "order.paid", f"order:{cast.seller.uuid}-{number}", hours(1))
        if number < 2:
            tell(cast, "dispute.opened", f"order:{cast.seller.uuid}-{number}", hours(2))
    catch_up(cast.seller, hours(LOOKED_AT))
    return ImprovementPlan.objects.select_related("party").get(party=cast.seller)


def _written(cast: Cast) -> ImprovementPlan:
    plan = _asked(cast)
    plans.write(cast.li, plan, text="With care.", actions=["ship_earlier"], at=hours(LOOKED_AT + 1))
    return plan


def _writes(text: str) -> Verb:
    def do(actor: Actor, plan: ImprovementPlan, at: datetime, shown: datetime | None) -> None:
        plans.write(actor, plan, text=text, actions=["other_carrier"], at=at)

    return Verb("li", do, plans.WRITE)


def _accepts(who: str) -> Verb:
    def do(actor: Actor, plan: ImprovementPlan, at: datetime, shown: datetime | None) -> None:
        plans.accept(actor, plan, at=at, shown=shown)

    return Verb(who, do, plans.ACCEPT)


def _sends_back(actor: Actor, plan: ImprovementPlan, at: datetime, shown: datetime | None) -> None:
    plans.send_back(actor, plan, because="How?", at=at, shown=shown)


#: Nobody's time is over when the two act, months after the story began.
PLANS = Kind(
    {"asked": _asked, "written": _written},
    {
        "Li writes": _writes("By air."),
        "Li writes otherwise": _writes("By sea."),
        "Ken accepts": _accepts("ken"),
        "Bea accepts": _accepts("bea"),
        "Ken sends it back": Verb("ken", _sends_back, plans.SEND_BACK),
        "Bea sends it back": Verb("bea", _sends_back, plans.SEND_BACK),
    },
    lambda pk: ImprovementPlan.objects.select_related("party").get(pk=pk),
    lambda plan: (
        plan.stage, plan.version, bool(plan.accepted_by), bool(plan.check_at),
        MeasureText.objects.filter(matter=plan.ref).count(),
    ),
    PLAN_BOOK.replace('within = "7 days"', 'within = "3000 days"').replace('within = "5 days"', 'within = "3000 days"'),
)  # fmt: skip
KINDS = {"orders": ORDERS, "conversations": TALKS, "measures": MEASURES, "plans": PLANS}


# What processes do

#: All parcels have the same number here.
_any_number = patch.object(shipments, "doubt", lambda *given: "")


@_any_number
def prepare(name: str) -> list[Job]:
    """Make three things for each pair of verbs, in one of the states in which both can be done."""
    kind = KINDS[name]
    jobs: list[Job] = []
    with patch.object(rulebooks, "_unready", lambda text: ()):
        cast = stage(kind.rulebook)
    at = test_deeds.NOW + timedelta(minutes=1)
    can: dict[str, set[str]] = {}
    for state, make in kind.states.items():
        theirs = _others(cast, state)
        thing = kind.read(make(theirs).pk)
        can[state] = {verb for verb, each in kind.verbs.items() if each.can(theirs, thing, at)}
    for first, second in combinations_with_replacement(kind.verbs, 2):
        both = [state for state, verbs in can.items() if {first, second} <= verbs]
        if both:
            state = both[len(jobs) % len(both)]  # not always the same
            with transaction.atomic():
                things = [kind.states[state](_others(cast, f"{len(jobs)}.{n}")).pk for n in range(3)]
            jobs.append(Job(state, first, second, (things[0], things[1], things[2])))
    return jobs


def stage(rulebook: str) -> Cast:
    """The cast, with three agents."""
    if "\n" not in rulebook:
        cast = assemble(rulebook)
    else:
        with patch("tests.cast.text_of", lambda text: text):
            cast = assemble(rulebook)
    agents = [
        Actor(parties.add(cast.platform, parties.NewParty(role="agent", name=name, external_id=name), at=START))
        for name in ("Bea", "Max")
    ]
    return replace(cast, bea=agents[0], max=agents[1])


def _others(cast: Cast, name: str) -> Cast:
    """A buyer and a seller of their own: nobody else's matter is locked with theirs."""
    ana, li = (
        Actor(parties.add(cast.platform, parties.NewParty(role=role, name=role, external_id=name), at=START))
        for role in ("buyer", "seller")
    )
    return replace(cast, ana=ana, li=li)


def _actor(who: str, thing: Any) -> Actor:
    match who:
        case "ana":
            return Actor(thing.buyer)
        case "li":
            return Actor(thing.party if isinstance(thing, Sanction | ImprovementPlan) else thing.seller)
        case "platform":
            return Actor(Party.objects.get(role="platform"))
    name = {"ken": "Ken Adams", "bea": "Bea"}[who]
    return Actor(Party.objects.get(role="agent", name=name))


def _said(do: Callable[[], object]) -> str:
    """Do it, and return what was said against it."""
    try:
        do()
    except NotNow as error:
        return error.code
    except (Refused, Forbidden) as error:
        return str(error)
    return "done"


def _ready(kind: Kind, verb: Verb, pk: int, at: datetime) -> Callable[[], object]:
    """Read a thing as a page shows it, and return what does something with what was read."""
    thing = kind.read(pk)
    actor = _actor(verb.who, thing)
    shown = verb.deed.asked_at(thing) if verb.deed and verb.deed.asked_at else None
    return lambda: verb.do(actor, thing, at, shown)


@_any_number
def at_once(name: str, place: int, jobs: Sequence[Job], at: datetime, together: Any) -> list[str]:
    """Do the verb of each pair that is at `place`, when the other is ready to do its own; return what was said."""
    kind, said = KINDS[name], []
    for job in jobs:
        do = _ready(kind, kind.verbs[(job.first, job.second)[place]], job.things[0], at + place * APART)
        together.wait(20)
        said.append(_said(do))
    return said


@_any_number
def one_after_the_other(name: str, jobs: Sequence[Job], at: datetime) -> list[list[tuple[str, str]]]:
    """Do both verbs of each pair to what was shown to both at first, in either order; return what was said to each."""
    kind, said = KINDS[name], []
    for job in jobs:
        of_job = []
        for places, pk in (((0, 1), job.things[1]), ((1, 0), job.things[2])):
            verbs = [kind.verbs[job.first], kind.verbs[job.second]]
            do = [_ready(kind, verb, pk, at + place * APART) for place, verb in enumerate(verbs)]
            answers = {place: _said(do[place]) for place in places}
            of_job.append((answers[0], answers[1]))
        said.append(of_job)
    return said


def became(name: str, jobs: Sequence[Job]) -> list[list[object]]:
    """Return what became of the three things of each pair: the rows, both sides' journals, who was told."""
    return [[_became(KINDS[name], pk) for pk in job.things] for job in jobs]


def _became(kind: Kind, pk: int) -> object:
    thing = kind.read(pk)
    of = [thing.whose, *([thing.buyer_id] if hasattr(thing, "buyer_id") else [])]
    rows = [JournalLine.objects.filter(party=party).order_by("seq") for party in of]
    # What was done in its order; of rulings that follow from one thing done, the order is by their random names.
    lines = [list(each.filter(fact_id__isnull=False).values_list("kind", flat=True)) for each in rows]
    ruled = [sorted(each.filter(fact_id=None).values_list("kind", flat=True)) for each in rows]
    told = [sorted(Notice.objects.filter(party=party).values_list("kind", flat=True)) for party in of]
    return (kind.became(thing), lines, ruled, told)


def at_odds(name: str, jobs: Sequence[Job]) -> list[str]:
    """Return what does not hold of the parties of whose things two made something at once."""
    whose = {KINDS[name].read(job.things[0]).whose for job in jobs}
    return [
        f"{party.ref}: {found}"
        for party in Party.objects.filter(pk__in=whose)
        for found in (*journal.verify(party), *rebuild.at_odds(party))
    ]


# The same thing, told twice at once


def _wishes(cast: Cast, name: str, at: datetime) -> object:
    wishes = contacts.Wishes(by_mail=True, digest="each", email=f"{name}@example.com")
    return contacts.save(cast.platform, cast.seller, wishes, at=at)


def _offers(cast: Cast, name: str, at: datetime) -> object:
    what = listings.Offered(cast.seller, "Lamp", Money(1, "EUR"), 24, external_id=name)
    return listings.offer(cast.platform, what, at=at)


def _places(cast: Cast, name: str, at: datetime) -> object:
    new = orders.NewOrder(
        cast.buyer, cast.seller, "Lamp", Money(1, "EUR"), handling_hours=9, deliver_by=at + timedelta(days=9),
        external_id=name,
    )  # fmt: skip
    return orders.place(cast.platform, new, at=at)


def _opens(cast: Cast, name: str, at: datetime) -> object:
    new = messages.NewConversation(cast.buyer, cast.seller, "Lamp")
    return messages.open_conversation(cast.ana, new, at=at, identity=uuid5(NAMESPACE_URL, name))


def _joins_anew(cast: Cast, name: str, at: datetime) -> object:
    return parties.add(cast.platform, parties.NewParty(role="buyer", name="B", external_id=f"twin-{name}"), at=at)


def _has_one_more_answer(cast: Cast, name: str, at: datetime) -> object:
    wording = answers.Wording("Hours", {"en": "From nine to five."}, [], automatic=False)
    with patch.object(answers, "MAX_ANSWERS", 1):
        return answers.save(cast.li, wording, at=at)


def _has_one_more_webhook(cast: Cast, name: str, at: datetime) -> object:
    with patch.object(hooks, "MOST", 1):
        return hooks.add(cast.li, owner=cast.seller, url="https://shop.example/", kinds=[], at=at)


TWICE: dict[str, tuple[Callable[[Cast, str, datetime], object], type[Any]]] = {
    "wishes": (_wishes, Contact), "offer": (_offers, Listing), "order": (_places, Order),
    "conversation": (_opens, Conversation), "party": (_joins_anew, Party), "answer": (_has_one_more_answer, Answer),
    "webhook": (_has_one_more_webhook, Webhook),
}  # fmt: skip


def seat(times: int) -> tuple[list[tuple[int, int]], dict[str, int]]:
    """Set the stage for things that are told twice; return so many buyers and sellers, and how many things there are."""
    with patch.object(rulebooks, "_unready", lambda text: ()):
        cast = stage("aliexpress")
    pairs = [_others(cast, str(number)) for number in range(times)]
    return [(each.buyer.pk, each.seller.pk) for each in pairs], counts()


def counts() -> dict[str, int]:
    """Return how many things of each kind there are."""
    return {name: model._default_manager.count() for name, (_, model) in TWICE.items()}


def tell_twice(pairs: Sequence[tuple[int, int]], at: datetime, together: Any) -> dict[str, list[str]]:
    """Tell each thing for each pair of a buyer and a seller, when another is ready to tell it too."""
    platform = Actor(Party.objects.get(role="platform"))
    said: dict[str, list[str]] = {}
    for name, (do, _) in TWICE.items():
        said[name] = []
        for buyer, seller in pairs:
            ana, li = Actor(Party.objects.get(pk=buyer)), Actor(Party.objects.get(pk=seller))
            cast = Cast(platform, ana, li, platform, ana, li)
            together.wait(20)
            said[name].append(_said(partial(do, cast, f"{name}-{seller}", at)))
    return said


def publish(version: str, together: Any) -> str:
    """Publish a rulebook that binds at once, when another is ready to publish one too."""
    platform = Actor(parties.platform(START))
    text = BOOK.replace('version = "1"', f'version = "{version}"').replace("2026-01-01", f"2026-01-0{version}")
    with patch.object(rulebooks, "_unready", lambda text: ()):
        together.wait(20)
        return _said(lambda: rulebooks.publish(platform, text, at=START))


# One message, by four requests with one Idempotency-Key


def talk_with_token(number: int) -> tuple[str, list[str]]:
    """Return a token of a buyer's, and the ids of so many conversations."""
    with patch.object(rulebooks, "_unready", lambda text: ()):
        cast = stage("aliexpress")
    token = tokens.make(cast.platform, party=cast.buyer, label="x", scopes=sorted(SCOPES), at=datetime.now(UTC))
    return token, [str(cast.conversation().uuid) for _ in range(number)]


def write(token: str, talks: Sequence[str], together: Any) -> list[tuple[int, bytes]]:
    """Write the same in each conversation, with one key, when the others are ready to; return the answers."""
    answered, client = [], Client(headers={"Authorization": f"Bearer {token}"})
    for talk in talks:
        together.wait(20)
        answer = client.post(
            f"/api/v1/conversations/{talk}/messages", {"text": "Where is it?"}, content_type="application/json",
            headers={"Idempotency-Key": talk, "Host": "localhost"},
        )  # fmt: skip
        answered.append((answer.status_code, answer.content))
    return answered


def messages_in(talks: Sequence[str]) -> list[int]:
    """Return how many messages each conversation holds."""
    return [Message.objects.filter(conversation__uuid=talk).count() for talk in talks]


# Orders under a cap


def under_a_cap(most: int) -> str:
    """Put a seller under a cap of so many orders a day; return the id of what she offers."""
    rung = (
        f'[[ledger.rung]]\nat = 6\nmeasure = "orders capped"\nmost = {most}\nlength = "7 days"\n'
        'notice = "1 hour"\ndecided_by = "automatic"'
    )
    with patch.object(rulebooks, "_unready", lambda text: ()):
        cast = staged(rung)
    violation(cast, hours(0), 6)
    offered = listings.Offered(
        seller=cast.seller, title="Lamp", price=Money(900, "EUR"), handling_hours=24, delivery=listings.Delivery(days=5)
    )
    return str(listings.offer(cast.li, offered, at=hours(0)).uuid)


def order_many(listing: str, number: int, together: Any) -> list[str]:
    """Order so often, each time when another is ready to order too; return what was said."""
    lamp = Listing.objects.select_related("seller").get(uuid=listing)
    ana = Actor(Party.objects.filter(role="buyer").order_by("pk")[0])
    said = []
    for _ in range(number):
        line = orders.Line(lamp.title, 1, lamp.price, listing=lamp)
        new = orders.NewOrder(buyer=ana.party, seller=lamp.seller, lines=(line,))
        together.wait(20)
        try:
            orders.place(ana, new, at=hours(3))
            said.append("done")
        except Forbidden as error:
            said.append(error.reason)
    return said
