"""Rules in the reader's language: what `rulebooks.words` says, translated; facts as the sentences of `words`."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.utils import formats, translation
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.policy.matching import Match, Test
from comity.rulebooks.words import Tongue
from comity.rulebooks.words.labels import NAMED
from comity.web.common import words
from comity.web.common.timeline import when

#: What a fact's flags say, where a rule asks for them.
_FLAGS = {
    ("automatic", False): gettext_lazy("not automatically"), ("automatic", True): gettext_lazy("automatically"),
    ("tracked", True): gettext_lazy("with a tracking number"),
    ("tracked", False): gettext_lazy("without a tracking number"),
    ("greeting", False): gettext_lazy("more than a greeting"), ("greeting", True): gettext_lazy("only a greeting"),
    ("date_known", False): gettext_lazy("at an unknown time"), ("date_known", True): gettext_lazy("at a known time"),
    ("zone_assumed", True): gettext_lazy("its time came without a zone"),
    ("zone_assumed", False): gettext_lazy("its time came with a zone"),
    ("drafted", True): gettext_lazy("first written by a drafting helper"),
    ("drafted", False): gettext_lazy("written without a drafting helper"),
    ("accepted", True): gettext_lazy("agreed"), ("accepted", False): gettext_lazy("refused"),
    ("on_time", True): gettext_lazy("in time"), ("on_time", False): gettext_lazy("too late"),
}  # fmt: skip
#: Fields of facts whose values do not speak for themselves.
_FIELDS = {
    "fault": gettext_lazy("fault: %(value)s"), "channel": gettext_lazy("by way of: %(value)s"),
    "source": gettext_lazy("said by: %(value)s"),
}  # fmt: skip
#: Codes that only rules name.
_CODES = {"carrier": gettext_lazy("the carrier")}
#: What a sentence says where the rule does not ask who, what or how many.
_ANY = {
    "by": gettext_lazy("Somebody"), "status": gettext_lazy("any news"), "score": gettext_lazy("any number"),
    "outcome": gettext_lazy("any outcome"), "deliver_by": gettext_lazy("any date"),
    "reason": gettext_lazy("any reason"), "cause": gettext_lazy("any cause"),
    "act": gettext_lazy("any act"), "answer": gettext_lazy("any answer"), "because": gettext_lazy("any reason"),
    "course": gettext_lazy("any course"), "leaves_at": gettext_lazy("any date"), "of": gettext_lazy("Somebody"),
    "number": gettext_lazy("any number"), "offer": gettext_lazy("any offer"), "result": gettext_lazy("any result"),
    "round": gettext_lazy("any number"), "says": gettext_lazy("anything"), "state": gettext_lazy("any state"),
}  # fmt: skip


class _Page(Tongue):
    """The reader's language, whichever is in force."""

    def gettext(self, text: str) -> str:
        return translation.gettext(text) if text else ""

    def ngettext(self, one: str, many: str, count: int) -> str:
        return translation.ngettext(one, many, count)

    def pgettext(self, context: str, text: str) -> str:
        return translation.pgettext(context, text)

    def code(self, code: str) -> str:
        return str(_CODES.get(code) or words.code(code))

    def kind(self, kind: str) -> str:
        return words.sentence(kind, _ANY)

    def moment(self, moment: datetime) -> str:
        return when(moment)

    def day(self, day: date) -> str:
        return formats.date_format(day, "DATE_FORMAT")

    def hour(self, hour: time) -> str:
        return formats.time_format(hour, "H:i")

    def weekday(self, number: int) -> str:
        return str(WEEKDAYS[number])

    def named(self, name: str) -> str:
        return _(NAMED[name]) if name in NAMED else name

    def facts(self, said: Iterable[str]) -> str:
        return " / ".join(said)  # whole sentences: an "or" between them would be lost

    def match(self, match: Match) -> str:
        """Return the sentence of a kind of fact, with what the rule asks of it."""
        values = {name: self._value(name, value) for name, value in match.where.items()}
        values |= {test.field: self._test(test) for test in match.tests}
        sentence = words.sentence(match.fact, _ANY | values)
        if match.no_later_than:
            sentence += f", {self.named(match.no_later_than)}"
        told = str(words.SENTENCES[match.fact].sentence)
        more = [_field(name, value) for name, value in values.items() if f"%({name})s" not in told]
        sentence += f" ({', '.join(more)})" if more else ""
        if match.unless:
            sentence += "; " + _("cleared by: %(what)s") % {"what": self.either(map(self.match, match.unless))}
        return sentence

    def _value(self, name: str, value: object) -> str:
        if isinstance(value, bool):
            yes = _("yes") if value else _("no")
            return str(_FLAGS.get((name, value)) or f"{name}: {yes}")
        return self.code(str(value))

    def _test(self, test: Test) -> str:
        if test.values:
            return self.either(self._value(test.field, value) for value in test.values)
        if test.most is not None:
            return f"{self.code('<=')} {test.most}"
        return f"{self.code('>=')} {test.least}"


def _field(name: str, value: str) -> str:
    return str(_FIELDS[name]) % {"value": value} if name in _FIELDS else value


PAGE = _Page()
