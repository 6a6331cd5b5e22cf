"""How a dispute stands, and the deeds that may be done to it: the base of every verb here."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from comity.actions.disputes.interests import has_conflict
from comity.actions.disputes.why import sentence
from comity.actions.doing import NotNow, WhyNot
from comity.actions.enact import Refused, catch_up, enact
from comity.actions.guard import Actor, Forbidden, require
from comity.lib.ids import digest, salt
from comity.policy.disputes.case import Case, Stage
from comity.policy.disputes.fold import fold
from comity.policy.disputes.moves import Look, against
from comity.policy.disputes.rule import DisputeRules
from comity.policy.facts import Fact, Scalar
from comity.policy.rulebook import Rulebook
from comity.records import rulebooks, statements
from comity.records.models import Dispute, DisputeText, Order, Party
from comity.records.models.orders import MONEY

MAX_TEXT_CHARS = 10_000
#: Nobody waits longer for what was asked or promised: a date beyond is a promise that cannot be broken.
MOST_AHEAD = timedelta(days=180)
#: What agents may do only without an interest of their own, apart from handing a case to somebody else.
_JUDGING = frozenset({"dispute.mediate", "dispute.decide", "dispute.mend", "dispute.hear_appeal"})
_HANDS_ON = frozenset({"give-back", "hand-over"})
_NO_RULES = DisputeRules({}, (), (), (), {}, ())


@dataclass(frozen=True, slots=True)
class Held:
    """A dispute as it stands at one look: its row, its order, the facts of that, the fold over them, the rules.

    book   the version of the rulebook that was in force when it was opened: the case is judged by that to its end
    """

    dispute: Dispute
    order: Order
    facts: tuple[Fact, ...]
    case: Case
    book: Rulebook | None

    @property
    def rules(self) -> DisputeRules:
        """What that version says of disputes."""
        return (self.book.dispute if self.book else None) or _NO_RULES

    @property
    def seller(self) -> Party:
        """Whose matter it is."""
        return self.order.seller

    @property
    def buyer(self) -> Party:
        """Who opened it."""
        return self.order.buyer


def not_told_yet(dispute: Dispute, order: Order, book: Rulebook | None) -> Held:
    """Return a dispute of which the first fact is still to be noted."""
    at = dispute.opened_at
    case = Case(ref=dispute.ref, matter=order.ref, opened_at=at, stage=Stage.INQUIRY, since=at, last="")
    return Held(dispute, order, (), case, book)


class Gone(LookupError):
    """A dispute of which the journal knows nothing: its row was made, and its first fact refused."""


def held(dispute: Dispute) -> Held:
    """Return a dispute as it stands now. Reads the facts of its order. Raises Gone."""
    order = dispute.order
    # Its sums move with reports of the payment system; the row may have been read before one.
    order.refresh_from_db(fields=[*MONEY, "cancelled_at", "delivered_at"])
    facts = facts_of(order)
    case = fold(facts, dispute.ref)
    if case is None:
        raise Gone(dispute.ref)
    return Held(dispute, order, facts, case, rulebooks.current().in_force(case.claimed_at or case.opened_at))


def facts_of(order: Order) -> tuple[Fact, ...]:
    """Return all that is noted of an order, in the order of time."""
    return tuple(sorted(statements.facts_of_matter(order.seller_id, order.ref), key=lambda fact: fact.place))


def around(order: Order) -> tuple[Fact, ...]:
    """Return all that is noted of an order and of the conversations about it: some rules ask that one wrote first."""
    talks = [talk.ref for talk in order.conversations.all()]
    facts = statements.facts_of_matters(order.seller_id, [order.ref, *talks])
    return tuple(sorted(facts, key=lambda fact: fact.place))


def look(actor: Actor, now: Held, at: datetime) -> Look:
    """Return with what a verb of an actor is looked at."""
    return Look(now.case, now.rules, actor.role, actor.party.ref, at, _rounds_gone(now))


def _rounds_gone(now: Held) -> int:
    """Return how many rounds of sealed bids there were in other disputes of the same order about the same lines."""
    apart = (fact.subject for fact in now.facts if fact.kind == "dispute.bids_apart")
    rounds = Counter(ref for ref in apart if ref != now.dispute.ref)
    if not rounds:
        return 0
    lines = now.dispute.about.values("line")
    others = Dispute.objects.filter(order=now.order, about__line__in=lines).distinct()
    return sum(rounds[other.ref] for other in others if other.ref in rounds)


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that may be done in a dispute.

    slug    its name in addresses, and in `policy.disputes.moves`
    power   the action of `policy.powers` that allows it
    """

    slug: str
    power: str

    def why_not(self, actor: Actor, now: Held, *, at: datetime) -> WhyNot | None:
        """Return why `actor` cannot do it now, be it the guard's reason or the case's; None where it can be done."""
        try:
            require(actor, self.power, now.dispute, at=at)
        except Forbidden as error:
            return WhyNot(error.reason, str(error))
        code = self._against(actor, now, at)
        return WhyNot(code, sentence(code)) if code else None

    @property
    def is_judging(self) -> bool:
        """Whether an agent with an interest of the own may not do it, whenever that was declared."""
        return self.power in _JUDGING and self.slug not in _HANDS_ON

    def _against(self, actor: Actor, now: Held, at: datetime) -> str:
        if code := against(self.slug, look(actor, now, at)):
            return code
        is_partial = self.is_judging and actor.role == "agent" and has_conflict(actor.party, now.order)
        return "conflict" if is_partial else ""

    @contextmanager
    def doing(
        self, actor: Actor, dispute: Dispute, *, at: datetime, noted_at: datetime | None = None, shown: str = ""
    ) -> Iterator[Held]:
        """Hold a case still while the verb is done to it, and give it as it stands now.

        The seller is locked, as `enact` locks it, and time has caught up: of two at once the second sees what the first
        has done, and a silence whose moment has passed has had its consequence, whenever the act is said to have been.
        `shown`: the fact that had changed the case last when the actor looked at it; another one means that there is
        something new to see first. Raises Forbidden, NotNow.
        """
        require(actor, self.power, dispute, at=at)
        with transaction.atomic():
            statements.lock(dispute.whose)
            catch_up(dispute.order.seller, noted_at or at)
            dispute.refresh_from_db()
            now = held(dispute)
            if code := self._against(actor, now, at):
                raise NotNow(WhyNot(code, sentence(code)))
            if shown and shown != now.case.last:
                raise NotNow(WhyNot("changed", sentence("changed")))
            yield now


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody writes beside an act. `kind`: what it is; `sees`: who may read it."""

    kind: str
    text: str
    sees: str = "all"

    def row(self, dispute: Dispute, actor: Actor, fact: str, at: datetime) -> DisputeText:
        """Return it as it is kept."""
        return DisputeText(
            dispute=dispute,
            fact=fact,
            kind=self.kind,
            author=actor.party,
            role=actor.role,
            text=self.text,
            salt=salt(),
            sees=self.sees,
            at=at,
        )


def tell(
    now: Held,
    actor: Actor,
    kind: str,
    data: Mapping[str, Scalar],
    *,
    at: datetime,
    noted_at: datetime | None = None,
    words: Words | None = None,
    rows: Sequence[Model] = (),
) -> Held:
    """Note a fact about a dispute, with the words that belong to it; return the dispute as it stands then.

    `rows`: new ones that the fact moves, inserted before it is judged.
    """
    # Of what is told at one moment, the order is told by the ids.
    number = sum(fact.id.startswith(f"dispute:{now.dispute.uuid}:") for fact in now.facts)
    name = f"dispute:{now.dispute.uuid}:{number:06}:{kind}"
    said: dict[str, Scalar] = {key: value for key, value in data.items() if value is not None and value != ""}
    text = words.row(now.dispute, actor, name, at) if words is not None and words.text else None
    if text is not None:
        said["digest"] = digest(bytes(text.salt), text.text)
    fact = Fact(
        id=name,
        kind=kind,
        at=at,
        noted_at=noted_at or at,
        subject=now.dispute.ref,
        matter=now.order.ref,
        party=now.seller.ref,
        data=said,
        spoken_by=actor.spoken_by,
    )
    about = (now.order,) if rows else (now.order, now.dispute)
    if enact(now.seller, fact, rows=rows, about=about, once=True) is not None and text is not None:
        text.save(force_insert=True)
    return anew(now)


def anew(now: Held) -> Held:
    """Return the same dispute as it stands after what was just done."""
    facts = facts_of(now.order)
    case = fold(facts, now.dispute.ref)
    return replace(now, facts=facts, case=case or now.case)


def require_ahead(*moments: datetime | None, at: datetime) -> None:
    """Return if every moment that is named lies ahead, and within MOST_AHEAD; else raise Refused."""
    named = [moment for moment in moments if moment is not None]
    if any(moment <= at for moment in named):
        raise Refused([_("Name a moment that lies ahead.")])
    if any(moment - at > MOST_AHEAD for moment in named):
        raise Refused([_("Name a moment within %(days)s days.") % {"days": MOST_AHEAD.days}])


def written(text: str, *, needed: str = "") -> str:
    """Return a text as it is kept: empty where it shows nothing, such as spaces of no width.

    Raises Refused for one that is too long, or missing where it is `needed`.
    """
    kept = text.strip().replace("\x00", "")
    if not any(sign.isprintable() and not sign.isspace() for sign in kept):
        kept = ""
    if needed and not kept:
        raise Refused([needed])
    if len(kept) > MAX_TEXT_CHARS:
        raise Refused([_("Write at most %(most)s characters.") % {"most": MAX_TEXT_CHARS}])
    return kept
