"""The rules in force, in plain words and as machines read them. Open to everyone; decisions link to each rule."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.text import slugify
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.policy.duties.rule import DutyRule
from comity.policy.rulebook import Rulebook
from comity.policy.standards.rule import StandardRule
from comity.records import rulebooks
from comity.records.models import RulebookVersion
from comity.rulebooks import words
from comity.rulebooks.language import schema, tree
from comity.rulebooks.words import illustrate
from comity.web.common import times
from comity.web.common.tongue import PAGE

_ICONS = {
    "duty": "clock", "standard": "scale", "conduct": "alert", "ledger": "book", "clock": "clock", "disputes": "scale",
    "reviews": "star", "evasion": "alert",
    "checklist": "check",
    "powers": "check", "accepted": "check",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder: what names it (a level, a number of points), what it says, its source."""

    entry: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Card:
    """One rule as the page shows it: its anchor, title, facts as (label, text), ladders by their labels, and source."""

    anchor: str
    title: str
    icon: str
    section: str
    facts: list[tuple[str, str]]
    ladders: dict[str, list[Step]]
    source: str


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in force now, and those that are announced."""
    now = datetime.now(UTC)
    book = rulebooks.current().in_force(now)
    coming = [each for each in rulebooks.current() if each.in_force_from > now]
    shown = shown_of(book) if book is not None else {}
    return render(request, "public/rules.html", {"book": book, "coming": coming, **shown})


def shown_of(book: Rulebook) -> dict[str, Any]:
    """Return what `parts/rulebook.html` shows of a rulebook: its head, and its rules by sections."""
    sections: dict[str, list[Card]] = {}
    for part in words.sections(book):
        card = card_of(part)
        sections.setdefault(card.section, []).append(card)
    return {"book": book, "head": card_of(words.head(book)), "sections": sections.items()}


@require_GET
def source(request: HttpRequest, form: str) -> HttpResponse:
    """The rules in force as TOML or JSON, or the language's JSON Schema."""
    if form == "schema.json":
        return JsonResponse(schema.schema())
    book = rulebooks.current().in_force(datetime.now(UTC))
    if book is None or form not in ("toml", "json"):
        raise Http404
    # As it was published, comments and all.
    text = RulebookVersion.objects.get(name=book.name, version=book.version).text
    if form == "toml":
        return HttpResponse(text, content_type="application/toml; charset=utf-8")
    body = json.dumps(tree.plain(text), ensure_ascii=False, indent=2)
    return HttpResponse(body, content_type="application/json")


def card_of(part: words.Part) -> Card:
    """Return a part of a rulebook in the reader's language."""
    facts: list[tuple[str, str]] = []
    ladders: dict[str, list[Step]] = {}
    for line in part.lines:
        label, text = PAGE.label(line.told), line.text(PAGE)
        if line.entry is None:
            facts.append((label, text))
        else:
            ladders.setdefault(label, []).append(Step(line.named(PAGE), text, line.source))
    facts += _examples(part.rule)
    title, section = gettext(part.title), gettext(part.section) if part.section else ""
    icon = _ICONS.get(part.kind, "book")
    return Card(_anchor(part), title, icon, section, facts, ladders, part.source)


def _anchor(part: words.Part) -> str:
    if part.kind in ("duty", "standard", "conduct"):
        return slugify(part.name)
    return f"about-{part.kind}" if part.name == part.kind else f"{part.kind}-{slugify(part.name)}"


def _examples(rule: Any) -> Iterator[tuple[str, str]]:
    """Yield worked examples, computed by the code that judges."""
    if isinstance(rule, DutyRule) and (example := illustrate.due_example(rule)) is not None:
        begins, due = map(times.there, example)  # with the day: a week later is the same weekday
        yield _("For example"), _("what begins on %(begins)s is due on %(due)s") % {"begins": begins, "due": due}
    if isinstance(rule, StandardRule) and not rule.certain:
        for level in rule.levels:
            if (broken := illustrate.break_example(level)) is not None:
                values = {"faulty": broken[0], "counted": broken[1], "level": level.name}
                said = ngettext(
                    "%(faulty)s faulty of %(counted)s breaks the level %(level)s",
                    "%(faulty)s faulty of %(counted)s break the level %(level)s",
                    broken[0],
                )
                yield _("For example"), said % values


urlpatterns = [
    path("help/rules/", rules, name="rules"),
    path("help/rules.<str:form>", source, name="rules_source"),
]
