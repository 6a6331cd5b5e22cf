"""A duty as the rulebook asks for it."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from comity.policy.facts import DERIVED_CAUSES, PAUSE_CAUSES
from comity.policy.matching import Match
from comity.policy.sanctions.measures import NOTHING, ChargeOf, Consequences
from comity.policy.time.clocks import ALWAYS, Clock

#: What a duty may be counted by: one for each of these.
EACH = ("conversation", "order", "shipment", "dispute", "listing", "seller", "sanction", "plan")
#: What can stop a duty, and what does where the rule does not say. A claim on a carrier, and a repair, stop only what
#: names them: nobody waits for others without having been told.
CAUSES = (*PAUSE_CAUSES, *DERIVED_CAUSES)
USUAL_CAUSES = (*PAUSE_CAUSES, "charge_back")


@dataclass(frozen=True, slots=True)
class Season:
    """Dates, both included, between which a duty has another length; `yearly` ones come again every year."""

    first: date
    last: date
    within: timedelta
    yearly: bool = False

    def holds(self, day: date) -> bool:
        """Whether `day` falls into it."""
        if not self.yearly:
            return self.first <= day <= self.last
        first, last, here = ((each.month, each.day) for each in (self.first, self.last, day))
        # A season may run over the turn of the year: 12-20 to 01-05.
        return first <= here <= last if first <= last else here >= first or here <= last


@dataclass(frozen=True)
class DutyRule:
    """Who must do what within how long after which fact, on which clock, and what follows if not.

    Due `within` a length of time on `clock` (another one in its `seasons`), or `by` a moment in the opening fact's
    data, or in the latest earlier fact of kind `by_fact`, and `plus` a length on the clock; where it has both, `within`
    counts for facts that name no such moment; or when the clock's cut-off says. `latest`: a further opening fact moves
    the deadline of the open duty, else the first unanswered one counts. `pauses`: the causes that stop it; a seller's
    holidays up to `holiday_limit` a year. `repeats`: opens again after it has ended (each unanswered message), else
    once for each subject. `counts_before`: an act dated before the duty opened meets it. `not_after`: after such a fact
    it opens no more, unless one of `anew_after` came since. `decided_after`: so long after the deadline it is decided
    by what is known then, once: in time, broken by `broken_by`, or not counted (`duties.verdicts`). Lengths in days are
    days of the calendar of `zone` where the clock is always open, lengths in hours are hours.
    """

    name: str
    title: str
    who: str
    each: str
    opened_by: tuple[Match, ...]
    met_by: tuple[Match, ...]
    within: timedelta | None = None
    by: str = ""
    by_fact: str = ""
    plus: timedelta = timedelta(0)
    seasons: tuple[Season, ...] = ()
    latest: bool = False
    pauses: tuple[str, ...] = USUAL_CAUSES
    holiday_limit: timedelta | None = None
    clock: Clock = ALWAYS
    waived_by: tuple[Match, ...] = ()
    voided_by: tuple[Match, ...] = ()
    unknown_by: tuple[Match, ...] = ()
    not_after: tuple[Match, ...] = ()
    anew_after: tuple[Match, ...] = ()
    warn_before: tuple[timedelta, ...] = ()
    repeats: bool = False
    counts_before: bool = False
    decided_after: timedelta | None = None
    broken_by: tuple[Match, ...] = ()
    breach: Consequences = NOTHING
    zone: str = "UTC"
    source: str = ""

    @property
    def charge(self) -> ChargeOf | None:
        """The points that a breach brings."""
        return self.breach.charge

    @cached_property
    def stopped_by(self) -> tuple[str, ...]:
        """The causes for which it stops by itself. What is not about a dispute goes on while the bank has the money."""
        causes = [cause for cause in self.pauses if cause in DERIVED_CAUSES]
        return tuple(causes) if self.each == "dispute" else ()

    @property
    def opens_stopped(self) -> bool:
        """Whether its breach opens another duty about a dispute, which may be stopped by itself from the beginning."""
        return bool(self.breach.opens) and self.each == "dispute"

    @cached_property
    def met_by_automatic(self) -> bool:
        """Whether an answer that no person wrote meets the duty."""
        return any(match.fact == "message.sent" and match.where.get("automatic") is not False for match in self.met_by)

    @cached_property
    def ended_by(self) -> frozenset[str]:
        """Kinds of facts that may end the duty; most facts may not, and are passed over by a look at this."""
        ways = (*self.met_by, *self.waived_by, *self.voided_by, *self.unknown_by)
        return frozenset(match.fact for match in ways)

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """Kinds of facts that the duty looks at, whatever it makes of them."""
        ways = (*self.opened_by, *self.not_after, *self.anew_after, *self.broken_by)
        return self.ended_by | {match.fact for match in ways} | {self.by_fact}
