"""An improvement plan in sentences: why it is asked for, what to do, when it is checked and by what, how it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.numbers import format_percent
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, to_locale
from django.utils.translation import gettext as _

from comity.actions.plans import reading
from comity.policy.facts.plans import ACTIONS
from comity.policy.plans.checking import Checked
from comity.policy.plans.fold import Stage
from comity.records import causes, rulebooks
from comity.records.causes import LANE, LISTING, Cause
from comity.records.models import ImprovementPlan, Party
from comity.web.common import times, words
from comity.web.common.called import called
from comity.web.common.timeline import of_matter, title_of
from comity.web.common.tongue import PAGE

#: So many groups, and orders at fault, are shown.
MOST_GROUPS, MOST_ORDERS = 8, 30
_MONDAY = date(2026, 3, 2)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of what counted: what it is, with its address where it has a page, and what is said of it."""

    name: str
    address: str
    numbers: str
    verdict: str
    telling: bool


def shown(plan: ImprovementPlan, reader: Party, now: datetime) -> dict[str, Any]:
    """Return what a plan's page says, for its party and for agents."""
    rule, level = reading.rule_of(plan), reading.level_of(plan)
    book = rulebooks.current().version(plan.rulebook)
    found = causes.of_evaluation(plan.party, rule, plan.rated_at, book.in_force_from, shown=MOST_ORDERS)
    waits = reading.waits_for(plan)
    return {
        "plan": plan,
        "title": title_of(plan.rulebook, plan.standard),
        "state": state(plan, waits),
        "numbers": numbers(plan.faulty, plan.counted),
        "limits": [PAGE.limit(each) for each in level.limits],
        "at_least": level.at_least if level.at_least > 1 else None,
        "runs": PAGE.days(timedelta(seconds=plan.runs)),
        "check_at": plan.check_at or reading.would_end(plan, now),
        "is_dated": plan.check_at is not None,
        "of_measure": list(waiting_measure(plan)),
        "measure": reading.measure_of(plan),
        "waits": waits,
        "result": result(plan),
        "so_far": so_far(reading.so_far(plan, now)),
        "groups": [group(each, found.faulty, found.counted) for each in found.groups[:MOST_GROUPS]],
        "at_fault": [(called(order), reverse("order", args=[order.uuid]), order.key) for order in found.at_fault],
        "suggested": found.suggested,
        "texts": reading.texts_of(plan),
        "codes": [words.code(code) for code in plan.codes],
        "entries": sorted(of_matter(plan.party, plan.ref, reader=reader), key=lambda entry: entry.at),
        "now": now,
    }


def choices(suggested: tuple[str, ...], chosen: list[str]) -> list[tuple[str, str, bool, bool]]:
    """Return what a seller can choose to do: the code, its words, whether it is chosen, whether the causes suggest it.

    What is suggested comes first.
    """
    in_order = [*suggested, *(code for code in ACTIONS if code not in suggested)]
    return [(code, words.code(code), code in chosen, code in suggested) for code in in_order]


def numbers(faulty: int, counted: int) -> str:
    """Return how many of how many, and which share that is."""
    said = _("%(faulty)s of %(counted)s") % {"faulty": faulty, "counted": counted}
    return f"{said} · {_share(faulty / counted)}" if counted else said


def state(plan: ImprovementPlan, waits: reading.Waits | None) -> str:
    """Return how a plan stands, and until when somebody has to act."""
    due = times.until(waits.due) if waits is not None else ""
    match plan.stage:
        case Stage.ASKED if due:
            return _("It is to be written by %(due)s; after that it has failed.") % {"due": due}
        case Stage.SENT_BACK if due:
            return _("It was sent back, and is to be written anew by %(due)s; after that it has failed.") % {"due": due}
        case Stage.WRITTEN if due:
            return _("It is looked at by %(due)s; if nobody does, it counts as accepted.") % {"due": due}
        case Stage.RUNNING if plan.check_at is not None:
            return _("It runs, and is checked on %(at)s.") % {"at": times.moment(plan.check_at)}
    return str(_STATES[Stage(plan.stage)])


_STATES: Mapping[Stage, Any] = {
    Stage.ASKED: gettext_lazy("It is to be written."),
    Stage.SENT_BACK: gettext_lazy("It was sent back, and is to be written anew."),
    Stage.WRITTEN: gettext_lazy("It waits to be looked at."),
    Stage.RUNNING: gettext_lazy("It runs."),
    Stage.KEPT: gettext_lazy("It was kept."),
    Stage.FAILED: gettext_lazy("It has failed."),
    Stage.WITHDRAWN: gettext_lazy("It is no longer asked for: the evaluation behind it does not hold."),
}


def result(plan: ImprovementPlan) -> str:
    """Return what a plan came to, with its numbers; empty while it is not over."""
    if plan.because == "not_written":
        return _("No plan was written in time.")
    if plan.checked_counted is None or plan.checked_faulty is None:
        return ""
    said = numbers(plan.checked_faulty, plan.checked_counted)
    if plan.because == "too_few":
        return _("While it ran, too little counted to hold it against anybody: %(numbers)s.") % {"numbers": said}
    return _("While it ran: %(numbers)s.") % {"numbers": said}


def so_far(found: Checked | None) -> str:
    """Return how a plan that runs stands by what counted since its acceptance; empty for one that does not run."""
    if found is None:
        return ""
    said = numbers(found.faulty, found.counted)
    if found.because == "too_few":
        return _("%(numbers)s: too few to judge yet") % {"numbers": said}
    if found.result == "kept":
        return _("%(numbers)s: checked now, it would be kept") % {"numbers": said}
    return _("%(numbers)s: checked now, it would fail") % {"numbers": said}


def group(cause: Cause, faulty: int, counted: int) -> Group:
    """Return a group in words."""
    low, high = cause.interval
    said = f"{numbers(cause.faulty, cause.counted)} ({_share(low)}–{_share(high)})"
    own = _share(faulty / counted) if counted else "—"
    if cause.is_few:
        verdict = _("too few to say anything")
    elif cause.is_telling:
        verdict = _("more than elsewhere: over all it is %(share)s") % {"share": own}
    else:
        verdict = _("about as elsewhere: over all it is %(share)s") % {"share": own}
    address = reverse("listing", args=[cause.name]) if cause.kind == LISTING else ""
    return Group(_name(cause), address, said, verdict, cause.is_telling)


def _name(cause: Cause) -> str:
    if cause.kind == LISTING:
        return cause.title
    if cause.kind == LANE:
        place, _blank, carrier = cause.name.partition(" ")
        unknown = _("unknown")
        values = {
            "place": unknown if place == "?" else place,
            "carrier": unknown if carrier == "?" else carrier,
        }
        return _("to %(place)s, carrier %(carrier)s") % values
    day = times.day(_MONDAY + timedelta(days=int(cause.name)), "EEEE")
    return _("paid on a %(day)s") % {"day": day}


def _share(value: float) -> str:
    return str(format_percent(value, "#,##0.#%", locale=to_locale(get_language() or "en")))


def waiting_measure(plan: ImprovementPlan) -> Iterator[str]:
    """Yield what becomes of the measure of the level, or what has become of it."""
    measure = reading.level_of(plan).measure
    if measure is None or measure.needs != "failed plan":
        return
    said = words.code(measure.measure)
    if plan.stage == Stage.KEPT:
        yield _("The measure that waited has fallen: %(measure)s.") % {"measure": said}
    elif plan.stage == Stage.FAILED:
        yield _("The measure that waited goes on: %(measure)s.") % {"measure": said}
    elif plan.stage != Stage.WITHDRAWN:
        yield _("While the plan is open, this measure waits: %(measure)s.") % {"measure": said}
        yield _("If the plan is kept, it falls. If the plan fails, it goes on.")
