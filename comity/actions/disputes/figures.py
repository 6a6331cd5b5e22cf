"""Figures of disputes: by whose turn it was, of the deciders, whether like cases end alike, of the guided opening."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from comity.actions.disputes import deciding
from comity.actions.disputes.cases import Held
from comity.actions.disputes.guided import WITHIN_DAYS
from comity.actions.guard import Actor, Forbidden, require
from comity.policy.disputes.case import Case
from comity.policy.disputes.figures import (
    Alike,
    Consistency,
    Lengths,
    Line,
    Ruling,
    Share,
    consistency,
    lengths,
    line,
    lines,
    rulings,
)
from comity.policy.disputes.fold import fold
from comity.policy.disputes.spent import WITH, spent, stops_of, with_whom
from comity.policy.disputes.turn import ends_of_requests
from comity.policy.facts import Fact, reference
from comity.policy.rulebook import Rulebooks
from comity.records import figures as counted
from comity.records import rulebooks
from comity.records.models import Dispute, Party
from comity.records.refs import uuid_of

#: Days that are looked at, unless others are asked for; and the most.
DAYS, MOST_DAYS = 90, 730
#: Groups of like cases that ended differently that are told, and cases of one.
MOST_GROUPS, MOST_OF_GROUP = 50, 20


@dataclass(frozen=True, slots=True)
class Decider:
    """How an agent decides. `party`: None where the shop named somebody that we do not know."""

    party: Party | None
    line: Line


@dataclass(frozen=True, slots=True)
class Advice:
    """Guided openings in which something was suggested first; empty: no reason was chosen. `left`: with no claim."""

    advised: str
    left: Share


@dataclass(frozen=True, slots=True)
class Guided:
    """The guided opening. Counted are those begun long enough ago: what is younger may still become a claim.

    begun    how many; `asked`: of them, those followed by an inquiry alone; `claimed`: by a claim
    left     those that were followed by no claim, of all begun
    young    begun within the last `within_days`, and not counted yet
    """

    begun: int
    asked: int
    claimed: int
    left: Share
    young: int
    within_days: int
    by_advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of disputes that ended within so many `days` before `at`.

    ended      how many; `cut`: there were more, and the newest were taken
    whole      how long they took; `spent`: with whom, by each of WITH
    waiting    how many wait with whom now, by each of WITH; `waiting_cut`: there are more
    oldest     the case that nobody has and that has waited longest
    everybody  how all decide; `own`: the reader; `deciders`: each, for who may see them; else None
    cases      the cases by how facts name them, for links
    """

    days: int
    at: datetime
    ended: int
    cut: bool
    whole: Lengths | None
    spent: Mapping[str, Lengths | None]
    waiting: Mapping[str, int]
    waiting_cut: bool
    oldest: Dispute | None
    everybody: Line
    own: Line | None
    deciders: tuple[Decider, ...] | None
    consistency: Consistency
    guided: Guided
    cases: Mapping[str, Dispute]


@dataclass(frozen=True, slots=True)
class _Told:
    """A case and what is noted of its order."""

    row: Dispute
    facts: Sequence[Fact]
    case: Case


def figures(actor: Actor, *, days: int = DAYS, at: datetime) -> Figures:
    """Return the figures of disputes that ended within so many days. Raises Forbidden.

    How colleagues decide sees the platform, and agents where the rulebook says so; everybody else who may look at
    figures sees the own line beside that of all.
    """
    require(actor, "dispute.figures", at=at)
    days = min(max(days, 1), MOST_DAYS)
    since, books = at - timedelta(days=days), rulebooks.current()
    over = _told(counted.ended(since))
    decided = [(each, ruling) for each in over for ruling in rulings(each.facts, each.case.ref)]
    made = [ruling for _, ruling in decided]
    times = _times(books, over)
    now = _told(counted.going_on())
    return Figures(
        days=days,
        at=at,
        ended=len(over),
        cut=len(over) >= counted.MOST,
        waiting=_waiting(books, now, at),
        waiting_cut=len(now) >= counted.MOST,
        oldest=counted.oldest_unassigned(),
        everybody=line("", made),
        own=_own(actor, made),
        deciders=_deciders(made) if _sees_all(actor, at) else None,
        consistency=consistency(_alike(books, decided)),
        guided=_guided(since, at),
        cases={each.case.ref: each.row for each in over},
        whole=lengths([sum(each.values(), timedelta(0)) for each in times]),
        spent={who: lengths([each[who] for each in times]) for who in WITH},
    )


def _told(rows: Sequence[Dispute]) -> list[_Told]:
    facts = counted.facts_of(rows)
    found = []
    for row in rows:
        known = facts.get(row.order_id, ())
        if (case := fold(known, row.ref)) is not None:
            found.append(_Told(row, known, case))
    return found


def _ends(books: Rulebooks, told: Sequence[_Told]) -> Mapping[str, Mapping[str, datetime]]:
    """Return when rules ended the time of requests for information, by case and request."""
    asked = {each.case.ref: each for each in told if each.case.requests}
    windows = counted.windows_of_requests({ref: each.row.order.seller_id for ref, each in asked.items()})
    return {ref: ends_of_requests(books, each.case, windows.get(ref, ())) for ref, each in asked.items()}


def _times(books: Rulebooks, over: Sequence[_Told]) -> list[Mapping[str, timedelta]]:
    """Return of each case how long it was whose turn."""
    ends = _ends(books, over)
    return [
        spent(each.facts, each.case.ref, each.row.ended_at or each.case.since, over=ends.get(each.case.ref))
        for each in over
    ]


def _waiting(books: Rulebooks, now: Sequence[_Told], at: datetime) -> dict[str, int]:
    ends = _ends(books, now)
    who = Counter(
        with_whom(each.case, at, stops_of(each.facts, each.case.ref), ends.get(each.case.ref)) for each in now
    )
    return {each: who[each] for each in WITH}


def _own(actor: Actor, made: Sequence[Ruling]) -> Line | None:
    mine = [ruling for ruling in made if ruling.agent == actor.party.ref]
    return line(actor.party.ref, mine) if actor.role == "agent" else None


def _sees_all(actor: Actor, at: datetime) -> bool:
    try:
        require(actor, "dispute.deciders", at=at)
    except Forbidden:
        return False
    return True


def _deciders(made: Sequence[Ruling]) -> tuple[Decider, ...]:
    found = lines(made)
    uuids = {each.agent: uuid_of(reference(each.agent)[1]) for each in found}
    parties = Party.objects.in_bulk([uuid for uuid in uuids.values() if uuid is not None], field_name="uuid")
    return tuple(Decider(parties.get(uuid) if (uuid := uuids[each.agent]) else None, each) for each in found)


def _alike(books: Rulebooks, decided: Sequence[tuple[_Told, Ruling]]) -> Iterator[tuple[Alike, Ruling]]:
    """Yield each decision with what makes a case like it: by the facts that were known when it was written."""
    for each, ruling in decided:
        book = books.in_force(each.case.claimed_at or each.case.opened_at)
        noted_at = next(fact.noted_at for fact in each.facts if fact.id == ruling.fact)
        known = tuple(fact for fact in each.facts if fact.at <= ruling.at and fact.noted_at <= noted_at)
        held = Held(each.row, each.row.order, known, each.case, book)
        inputs = deciding.known(held, at=ruling.at)
        filled = tuple((name, found.value) for name, found in sorted(inputs.items()))
        yield Alike(book.ref if book else "", ruling.row, filled), ruling


def _guided(since: datetime, at: datetime) -> Guided:
    within = timedelta(days=WITHIN_DAYS)
    rows = counted.guided(since, at - within, within)
    begun, asked, claimed = sum(row[1] for row in rows), sum(row[2] for row in rows), sum(row[3] for row in rows)
    young = counted.guided(max(at - within, since), at + timedelta(microseconds=1), within)
    return Guided(
        begun=begun,
        asked=asked,
        claimed=claimed,
        left=Share(begun - claimed, begun),
        young=sum(row[1] for row in young),
        within_days=WITHIN_DAYS,
        by_advice=tuple(Advice(advised, Share(n - claims, n)) for advised, n, _, claims in rows),
    )
