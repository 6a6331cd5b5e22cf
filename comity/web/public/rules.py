"""The rules in force, in plain words and as machines read them. Open to everyone; decisions link to each rule."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.text import slugify
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.policy.conduct.rule import ConductRule
from comity.policy.duties.rule import DutyRule
from comity.policy.matching import DUE, Match, Test
from comity.policy.rulebook import Rulebook
from comity.policy.sanctions.measures import ChargeOf, Consequences, Rung
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards.rates import percent
from comity.policy.standards.rule import Level, StandardRule
from comity.policy.time.calendars import Recurring, Span
from comity.records import rulebooks
from comity.records.models import RulebookVersion
from comity.rulebooks.language import schema, tree
from comity.rulebooks.workbench import illustrate
from comity.web.common import words
from comity.web.templatetags.comity import limit


@dataclass
class Card:
    """One rule as the page shows it: its anchor, title, facts as (label, text), and source."""

    anchor: str
    title: str
    icon: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    ladder: list[tuple[str, str]] = field(default_factory=list)
    source: str = ""

    def say(self, label: str, text: str) -> None:
        """Add a fact, where there is anything to say."""
        if text:
            self.facts.append((label, text))


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in force now, and those that are announced."""
    now = datetime.now(UTC)
    book = rulebooks.current().in_force(now)
    coming = [each for each in rulebooks.current() if each.in_force_from > now]
    sections = [] if book is None else [(title, cards) for title, cards in _sections(book) if cards]
    return render(request, "public/rules.html", {"book": book, "sections": sections, "coming": coming})


@require_GET
def source(request: HttpRequest, form: str) -> HttpResponse:
    """The rules in force as TOML or JSON, or the language's JSON Schema."""
    if form == "schema.json":
        return JsonResponse(schema.schema())
    book = rulebooks.current().in_force(datetime.now(UTC))
    if book is None or form not in ("toml", "json"):
        raise Http404
    text = RulebookVersion.objects.get(name=book.name, version=book.version).text
    if form == "toml":
        return HttpResponse(text, content_type="application/toml; charset=utf-8")
    body = json.dumps(tree.plain(text), ensure_ascii=False, indent=2)
    return HttpResponse(body, content_type="application/json")


def _sections(book: Rulebook) -> Iterable[tuple[str, list[Card]]]:
    yield _("What is due"), [_duty(rule) for rule in book.duties]
    yield _("Standards"), [_standard(rule) for rule in book.standards.values()]
    yield _("Conduct"), [_conduct(rule) for rule in book.conduct.values()]
    yield _("Ledgers and what they lead to"), [_ledger(ledger) for ledger in book.ledgers.values()]
    yield _("Disputes"), _disputes(book)


def _duty(rule: DutyRule) -> Card:
    card = Card(slugify(rule.name), gettext(rule.title), "clock", source=rule.source)
    card.say(_("Who"), words.code(rule.who))
    card.say(_("How long"), _time(rule))
    card.say(_("Begins when"), _facts(rule.opened_by) or _("another duty was not done"))
    card.say(_("Done by"), _facts(rule.met_by))
    if rule.decided_after is not None:
        card.say(_("Decided"), _("%(span)s after that, by what is known then") % {"span": span(rule.decided_after)})
        card.say(_("Too late by"), _facts(rule.broken_by))
        card.say(_("Else"), _("not counted"))
    card.say(_("Falls away when"), _facts((*rule.voided_by, *rule.waived_by)))
    card.say(_("If not"), "; ".join(_consequences(rule.breach)) or _("it is noted, nothing else"))
    if (found := illustrate.due_example(rule)) is not None:
        begins, due = (formats.date_format(each, "l H:i") for each in found)
        card.say(_("For example"), _("what begins on %(begins)s is due on %(due)s") % {"begins": begins, "due": due})
    return card


def _time(rule: DutyRule) -> str:
    if rule.clock.cutoff is not None:
        asked, answered = (formats.time_format(each, "H:i") for each in rule.clock.cutoff)
        return _("asked before %(asked)s, by %(answered)s the same day; later, the next day") % {
            "asked": asked, "answered": answered}  # fmt: skip
    if rule.within is None:
        plus = f" + {span(rule.plus)}" if rule.plus else ""
        return _("by the promised moment") + plus
    clock = "" if rule.clock.name == "always" else f" ({rule.clock.name})"
    return span(rule.within, days_from=1 if clock and rule.clock.whole_days else 4) + clock


def span(length: timedelta, *, days_from: int = 4) -> str:
    """Return a length of time in words: 72 hours, 15 days; as days from `days_from` whole days on."""
    days, rest = divmod(length, timedelta(days=1))
    if not rest and days >= days_from:
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    hours, rest = divmod(length, timedelta(hours=1))
    if not rest:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    minutes = length // timedelta(minutes=1)
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def _facts(matches: Iterable[Match]) -> str:
    said: dict[str, None] = {}
    for match in matches:
        values = {name: words.code(str(value)) for name, value in match.where.items()}
        values |= {test.field: _test(test) for test in match.tests}
        unsaid = {"by": _("Somebody"), "status": _("any news"), "score": _("any number"), "outcome": _("any outcome")}
        sentence = words.sentence(match.fact, unsaid | values)
        if match.no_later_than:
            until = (
                _("by the deadline")
                if match.no_later_than == DUE
                else _NAMED.get(match.no_later_than, match.no_later_than)
            )
            sentence += f", {until}"
        told = str(words.SENTENCES[match.fact].sentence)
        flags = {name: _FLAGS.get((name, value)) for name, value in match.where.items() if isinstance(value, bool)}
        more = [values[name] for name in values if f"%({name})s" not in told and name not in flags]
        more += [str(flag) for flag in flags.values() if flag]
        said[sentence + (f" ({', '.join(more)})" if more else "")] = None
    return " / ".join(said)


_NAMED = {
    DUE: gettext_lazy("by the deadline"), "dispatch_by": gettext_lazy("within the handling time"),
    "deliver_by": gettext_lazy("by the promised date"),
}  # fmt: skip
#: What a fact's flags say, where a rule asks for them.
_FLAGS = {
    ("automatic", False): gettext_lazy("not automatically"), ("automatic", True): gettext_lazy("automatically"),
    ("tracked", True): gettext_lazy("with a tracking number"),
    ("tracked", False): gettext_lazy("without a tracking number"),
    ("greeting", False): gettext_lazy("more than a greeting"),
    ("date_known", False): gettext_lazy("at an unknown time"),
    ("accepted", True): gettext_lazy("agreed"), ("accepted", False): gettext_lazy("refused"),
    ("on_time", True): gettext_lazy("in time"), ("on_time", False): gettext_lazy("too late"),
}  # fmt: skip


def _test(test: Test) -> str:
    if test.values:
        return f" {pgettext('between facts', 'or')} ".join(words.code(str(value)) for value in test.values)
    if test.most is not None:
        return f"{words.code('<=')} {test.most}"
    return f"{words.code('>=')} {test.least}"


def _consequences(breach: Consequences) -> Iterable[str]:
    if breach.charge:
        yield _points(breach.charge)
    if breach.decide:
        yield _("the dispute is decided for the %(side)s") % {"side": words.code(breach.decide).lower()}
    if breach.escalate:
        yield _("the platform takes the dispute over")
    if breach.cancel:
        yield _("the order is cancelled")
    if breach.opens:
        yield _("another duty begins: %(duty)s") % {"duty": breach.opens}
    if breach.assign:
        yield _("a course must be taken: %(course)s") % {"course": breach.assign}
    if breach.measure:
        yield _measure(breach.measure)


def _points(charge: ChargeOf) -> str:
    return ngettext(
        "%(points)s point on the ledger %(ledger)s", "%(points)s points on the ledger %(ledger)s", charge.points
    ) % {"points": charge.points, "ledger": charge.ledger}


def _measure(rung: Rung) -> str:
    said = [words.code(rung.measure) + " " + (span(rung.length, days_from=1) if rung.length else _("without end"))]
    if rung.notice:
        said.append(_("after a notice of %(notice)s") % {"notice": span(rung.notice)})
    said.append({"automatic": _("by the rule alone"), "reviewer": _("if a person approves")}.get(
        rung.decided_by, _("if two people approve")))  # fmt: skip
    if rung.restored_by:
        said.append(_("until: %(facts)s") % {"facts": _facts(rung.restored_by)})
    if rung.appeals:
        said.append(_("appeal within %(spans)s") % {"spans": ", ".join(map(span, rung.appeals))})
    return ", ".join(said)


def _standard(rule: StandardRule) -> Card:
    card = Card(slugify(rule.name), gettext(rule.title), "scale", source=rule.source)
    card.say(_("Who"), words.code(rule.who))
    if rule.of_duty:
        card.say(_("Counts"), _("what became of the duty %(duty)s") % {"duty": rule.of_duty})
    else:
        card.say(_("Counts when"), _facts(rule.counted))
        card.say(_("Faulty when"), _facts(rule.faulty))
        card.say(_("Not counted when"), _facts(rule.excluded))
        card.say(_("Not faulty after all when"), _facts(rule.cleared))
    card.say(_("Looks back"), ", ".join(_window(window.span) for window in rule.windows) + (
        f"; {_('ending %(lag)s before') % {'lag': span(rule.lag)}}" if rule.lag else ""))  # fmt: skip
    card.say(
        _("Evaluated"), _("every midnight; follows when it gets worse") if rule.continuous else _again(rule.evaluated)
    )
    if rule.certain:
        chance = percent(rule.error)
        card.say(
            _("Decided"), _("only on evidence that would mislead in at most %(chance)s of cases") % {"chance": chance}
        )
    for level in rule.levels:
        card.ladder.append((level.name, _level(rule, level)))
    return card


def _window(back: Span) -> str:
    if back.unit == "ever":
        return _("ever since")
    if back.unit == "day":
        return span(timedelta(days=back.count), days_from=1)
    months = back.count * {"month": 1, "quarter": 3, "year": 12}[back.unit]
    text = ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
    if back.complete:
        text = _("the last %(months)s, whole ones") % {"months": text}
    return text + (f" {_('and the current one')}" if back.running else "")


def _again(recurring: Recurring) -> str:
    """Return when something comes again, in the reader's language."""
    weekday = str(WEEKDAYS[recurring.weekday]) if recurring.weekday is not None else ""
    values = {"weekday": weekday, "day": recurring.day, "month": recurring.month}
    texts = {
        "day": _("daily"), "week": _("weekly, on %(weekday)s"), "month": _("monthly, on day %(day)s"),
        "quarter": _("quarterly, on day %(day)s"), "year": _("yearly, on %(month)s-%(day)s"),
    }  # fmt: skip
    if recurring.every == "quarter" and weekday:
        first = _("quarterly, on the first %(weekday)s")
        return (first if recurring.nth == 0 else _("quarterly, on the last %(weekday)s")) % values
    return texts[recurring.every] % values


def _level(rule: StandardRule, level: Level) -> str:
    said = [_("keep %(limit)s") % {"limit": "; ".join(map(limit, level.limits))}]
    if level.at_least > 1:
        said.append(_("judged from %(count)s on") % {"count": level.at_least})
    if level.running > 1:
        said.append(_("%(count)s times running") % {"count": level.running})
    follows = ([_points(level.charge)] if level.charge else []) + ([_measure(level.measure)] if level.measure else [])
    said.append(_("if not: %(follows)s") % {"follows": "; ".join(follows) or _("it is shown, nothing else")})
    if not rule.certain and (found := illustrate.break_example(level)) is not None:
        said.append(_("for example %(faulty)s of %(counted)s") % {"faulty": found[0], "counted": found[1]})
    return ", ".join(said)


def _conduct(rule: ConductRule) -> Card:
    card = Card(slugify(rule.name), gettext(rule.title), "alert", source=rule.source)
    card.say(_("Who"), words.code(rule.who))
    card.say(_("Severity"), words.code(rule.severity))
    card.say(_("Such as"), ", ".join(rule.examples))
    card.say(_("Proved by"), ", ".join(words.code(each) for each in rule.proved_by))
    if rule.ledger:
        fewest, most = rule.points
        points = str(fewest) if fewest == most else f"{fewest}–{most}"
        card.say(
            _("Brings"),
            ngettext("%(points)s point on the ledger %(ledger)s", "%(points)s points on the ledger %(ledger)s", most)
            % {"points": points, "ledger": rule.ledger},
        )
    return card


def _ledger(ledger: LedgerRule) -> Card:
    card = Card(f"ledger-{slugify(ledger.name)}", gettext(ledger.title), "book", source=ledger.source)
    card.say(_("A charge counts"), span(ledger.expires_after) if ledger.expires_after else "")
    card.say(_("All end"), _again(ledger.resets) if ledger.resets else "")
    card.say(_("At most a day"), str(ledger.cap) if ledger.cap else "")
    card.say(_("Count as one within"), span(ledger.merges) if ledger.merges else "")
    if ledger.is_score:
        card.say(_("A score"), _("begins at %(start)s, at most %(most)s; charges lower it") % {
            "start": ledger.start, "most": ledger.most})  # fmt: skip
    for rung in ledger.rungs:
        at = f"{rung.at}, +{rung.every}…" if rung.every else str(rung.at)
        card.ladder.append((at, _measure(rung)))
    return card


def _disputes(book: Rulebook) -> list[Card]:
    if book.dispute is None:
        return []
    card = Card("about-disputes", _("Disputes"), "scale", source=book.dispute.source)
    card.say(_("Reasons"), ", ".join(reason.title for reason in book.dispute.reasons.values()))
    card.say(_("Offers"), ", ".join(book.dispute.offers))
    card.say(_("Appeals"), ", ".join(map(span, book.dispute.appeals)))
    for row in book.dispute.table:
        when = ", ".join(f"{name}: {'/'.join(values)}" for name, values in row.when.items()) or _("any case")
        outcome: dict[str, Any] = {"side": words.code(row.outcome), "offer": row.offer or "—"}
        card.ladder.append((when, _("for %(side)s: %(offer)s") % outcome))
    return [card]
