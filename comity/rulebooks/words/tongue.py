"""Values of a rule in words. `Tongue` itself speaks English, for the terminal; pages have one of the reader's language.

Who adds a language replaces `gettext` and its two siblings, the words for codes and facts, and how days and hours are
written; how values go together is said here, once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from comity.lib.money import Money
from comity.policy.matching import Match
from comity.policy.sanctions.measures import ChargeOf, Rung
from comity.policy.standards.rates import Bound, Limit, decimal, percent
from comity.policy.time.calendars import WEEKDAYS, Days, Recurring, Span
from comity.policy.time.clocks import FULL_DAY, Clock
from comity.rulebooks.words.labels import MAY, SOURCE, TOLD, Told, is_empty, speaks, told_of

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_DAYS_OF_WEEK = 7


class Tongue:
    """Makes words of the values of rules. What has no value is "", or what its field says for that."""

    def gettext(self, text: str) -> str:
        """Translate."""
        return text

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Translate by number."""
        return one if count == 1 else many

    def pgettext(self, context: str, text: str) -> str:
        """Translate within a context."""
        return text

    def code(self, code: str) -> str:
        """Return the word for a code."""
        return code

    def kind(self, kind: str) -> str:
        """Return what a kind of fact says."""
        return kind

    def match(self, match: Match) -> str:
        """Return which facts are meant."""
        return str(match)

    def moment(self, moment: datetime) -> str:
        """Return a moment."""
        return f"{moment:%Y-%m-%d %H:%M} UTC"

    def day(self, day: date) -> str:
        """Return a day."""
        return f"{day:%Y-%m-%d}"

    def hour(self, hour: time) -> str:
        """Return a time of day."""
        return f"{hour:%H:%M}"

    def weekday(self, number: int) -> str:
        """Return a day of the week; 0 is Monday."""
        return WEEKDAYS[number].title()

    # Fields

    def label(self, told: Told) -> str:
        """Return what a field is called."""
        return self.gettext(told.label)

    def phrase(self, told: Told, value: Any) -> str:
        """Return a field's value in its phrase; "" where there is nothing to say."""
        if is_empty(value):
            return self.gettext(told.empty) if told.empty else ""
        if value is True:
            return self.gettext(told.phrase)
        return self.gettext(told.phrase) % {"value": self.value(told, value)}

    def value(self, told: Told, value: Any) -> str:
        """Return a value alone: as its field means it, else by its type."""
        if told.how in _WHOLE:
            return str(getattr(self, told.how)(value))
        if isinstance(value, Mapping):
            return "; ".join(f"{self.code(str(key))}: {self.value(told, each)}" for key, each in value.items() if each)
        if isinstance(value, tuple | frozenset):
            return self._several(told, sorted(value) if isinstance(value, frozenset) else value)
        if told.words:
            return self.gettext(told.words[value]) if value in told.words else str(value)
        if told.how:
            return str(getattr(self, told.how)(value))
        return self._by_type(value)

    def _several(self, told: Told, values: Iterable[Any]) -> str:
        values = list(values)
        # Once each: two conditions may have the same words.
        said = list(dict.fromkeys(self.value(told, each) for each in values))
        if values and isinstance(values[0], Match):
            return self.facts(said)
        plain = (str, int, date, time, timedelta)
        return (", " if all(isinstance(each, plain) for each in values) else "; ").join(said)

    def _by_type(self, value: Any) -> str:
        for kind, say in _BY_TYPE:
            if isinstance(value, kind):
                return str(say(self, value))
        if type(value) in TOLD:
            source = getattr(value, "source", "")
            return self.phrases(value) + (f" ({self.label(SOURCE)}: {source})" if source else "")
        return self.code(str(value))

    def facts(self, said: Iterable[str]) -> str:
        """Join facts of which one is enough."""
        return self.either(said)

    def either(self, said: Iterable[str]) -> str:
        """Join what may be instead of one another."""
        between = self.pgettext("between facts", "or")
        return f" {between} ".join(said)

    def phrases(self, noun: Any) -> str:
        """Return a noun inside a rule as the phrases of its fields, one after another."""
        text = self._joined(noun, "line")
        if any(told.place == "follows" for told in TOLD[type(noun)].values()):
            follows = self.follows(noun) or self.gettext("it is shown, nothing else")
            text += ", " + self.gettext("if not: %(follows)s") % {"follows": follows}
        return text

    def follows(self, noun: Any) -> str:
        """Return what follows where a noun is not kept; "" for nothing."""
        return self._joined(noun, "follows")

    def _joined(self, noun: Any, place: str) -> str:
        text = ""
        for field in fields(noun):
            told = told_of(noun, field)
            if told.place == place and speaks(noun, field):
                said = self.phrase(told, getattr(noun, field.name))
                text += (told.joint if text and said else "") + said
        return text

    # How a field means its value

    def text(self, text: str) -> str:
        """Return the operator's own words."""
        return text

    def title(self, text: str) -> str:
        """Return a title, translated where it is one of ours."""
        return self.gettext(text)

    def side(self, role: str) -> str:
        """Return a role within a sentence."""
        return self.code(role).lower()

    def named(self, name: str) -> str:
        """Return what a moment or value of a fact is called."""
        return name

    def days(self, span: timedelta) -> str:
        """Return a length whose whole days are days, however few."""
        return self.length(span, in_days=True)

    def share(self, share: Fraction) -> str:
        """Return a share as a percentage."""
        return percent(share)

    def thousandths(self, number: int) -> str:
        """Return a probability in thousandths as a percentage."""
        return percent(Fraction(number, 1000))

    def between(self, ends: tuple[int, int]) -> str:
        """Return a range of points."""
        fewest, most = ends
        return str(fewest) if fewest == most else f"{fewest}–{most}"

    def verbs(self, lengths: Mapping[str, timedelta]) -> str:
        """Return after how long a side may do what: "ask the platform after 48 hours"."""
        text = self.gettext("%(verb)s after %(length)s")
        return ", ".join(
            text % {"verb": self.gettext(MAY[verb]), "length": self.length(each)} for verb, each in lengths.items()
        )

    def amounts(self, amounts: Mapping[str, int]) -> str:
        """Return amounts in minor units by currency as "10.00 EUR, 1000 JPY"."""
        return ", ".join(f"{Money(minor, code).major:f} {code}" for code, minor in amounts.items())

    def stretch(self, stretch: tuple[time, time]) -> str:
        """Return a stretch of the day."""
        return f"{self.hour(stretch[0])}–{self.hour(stretch[1])}"

    def cutoff(self, cutoff: tuple[time, time]) -> str:
        """Return a daily cut-off."""
        asked, answered = map(self.hour, cutoff)
        text = self.gettext("asked before %(asked)s, by %(answered)s the same day; later, the next day")
        return text % {"asked": asked, "answered": answered}

    def week(self, week: tuple[tuple[tuple[time, time], ...], ...]) -> str:
        """Return the open days of a week, those with the same hours together."""
        by_hours: dict[tuple[tuple[time, time], ...], list[str]] = {}
        for number, hours in enumerate(week):
            if hours:
                by_hours.setdefault(hours, []).append(self.weekday(number))
        said = []
        for hours, days in by_hours.items():
            when = self.gettext("all day") if hours == FULL_DAY else ", ".join(map(self.stretch, hours))
            open_on = self.gettext("every day") if len(days) == _DAYS_OF_WEEK else ", ".join(days)
            said.append(f"{open_on}: {when}")
        return "; ".join(said)

    def month_day(self, day: date) -> str:
        """Return a day of every year."""
        return f"{day:%m-%d}"

    # Values by their types

    def length(self, span: timedelta, *, in_days: bool = False) -> str:
        """Return "15 days" for what is written in days, else "72 hours": they are not the same where clocks change."""
        days, rest = divmod(span, _DAY)
        if not rest and (in_days or isinstance(span, Days)):
            return self.ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
        hours, rest = divmod(span, _HOUR)
        if not rest:
            return self.ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
        minutes = span // _MINUTE
        return self.ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}

    def points(self, charge: ChargeOf) -> str:
        """Return "2 points on the ledger service"."""
        text = self.ngettext(
            "%(points)s point on the ledger %(ledger)s", "%(points)s points on the ledger %(ledger)s", charge.points
        )
        return text % {"points": charge.points, "ledger": charge.ledger}

    def measure(self, rung: Rung) -> str:
        """Return "freeze for 7 days, after a notice of 48 hours, if a person approves"."""
        return self.phrases(rung)

    def limit(self, limit: Limit) -> str:
        """Return "rate <= 2.5%"."""
        bounds = list(map(self.bound, limit.bounds))
        between = self.pgettext("between limits", "and")
        text = self.either(bounds) if limit.either else f" {between} ".join(bounds)
        if limit.below is not None:
            text += self.gettext(", below %(count)s") % {"count": f"{limit.below:,}"}
        if limit.from_volume:
            text += self.gettext(", from %(count)s on") % {"count": f"{limit.from_volume:,}"}
        return text

    def bound(self, bound: Bound) -> str:
        """Return one condition of a limit."""
        number = percent(bound.value) if bound.what in ("rate", "kept") or bound.of_peers else decimal(bound.value)
        number += " " + self.gettext("of what peers have") if bound.of_peers else ""
        return f"{self.code(bound.what)} {self.code(bound.op)} {number}"

    def span(self, back: Span) -> str:
        """Return how far back a window goes."""
        if back.unit == "ever":
            return self.gettext("ever since")
        if back.unit == "day":
            return self.length(Days(back.count))
        months = back.count * {"month": 1, "quarter": 3, "year": 12}[back.unit]
        text = self.ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
        if back.complete:
            whole = {
                "month": self.gettext("the last %(months)s, whole ones"),
                "quarter": self.gettext("the last %(months)s, whole quarters"),
                "year": self.gettext("the last %(months)s, whole years"),
            }
            text = whole[back.unit] % {"months": text}
        return text + (" " + self.gettext("and the current one") if back.running else "")

    def again(self, recurring: Recurring) -> str:
        """Return when something comes again."""
        if recurring.text == "continuous":
            return self.gettext("every midnight; follows when it gets worse")
        weekday = self.weekday(recurring.weekday) if recurring.weekday is not None else ""
        values = {"weekday": weekday, "day": recurring.day, "month": recurring.month}
        texts = {
            "day": self.gettext("daily"),
            "week": self.gettext("weekly, on %(weekday)s"),
            "month": self.gettext("monthly, on day %(day)s"),
            "quarter": self.gettext("quarterly, on day %(day)s"),
            "year": self.gettext("yearly, on %(month)s-%(day)s"),
        }
        if recurring.every == "quarter" and weekday:
            first = self.gettext("quarterly, on the first %(weekday)s")
            return (first if recurring.nth == 0 else self.gettext("quarterly, on the last %(weekday)s")) % values
        return texts[recurring.every] % values

    def clock(self, clock: Clock) -> str:
        """Return a clock's name, and its cut-off where it has one: that is the deadline."""
        return f"{clock.name}: {self.cutoff(clock.cutoff)}" if clock.cutoff is not None else clock.name


#: Meanings of a field that are about its whole value, though it be a tuple.
_WHOLE = ("week", "stretch", "cutoff", "between", "amounts", "verbs")
_BY_TYPE: tuple[tuple[type, Any], ...] = (
    (datetime, lambda tongue, value: tongue.moment(value)), (date, lambda tongue, value: tongue.day(value)),
    (time, lambda tongue, value: tongue.hour(value)), (timedelta, lambda tongue, value: tongue.length(value)),
    (Match, lambda tongue, value: tongue.match(value)), (ChargeOf, lambda tongue, value: tongue.points(value)),
    (Limit, lambda tongue, value: tongue.limit(value)), (Bound, lambda tongue, value: tongue.bound(value)),
    (Span, lambda tongue, value: tongue.span(value)), (Recurring, lambda tongue, value: tongue.again(value)),
    (Clock, lambda tongue, value: tongue.clock(value)), (Fraction, lambda tongue, value: tongue.share(value)),
)  # fmt: skip

ENGLISH = Tongue()
