"""Why? The rule's words at that version, the facts that led there, the numbers, what would change it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_GET

from comity.actions import reached
from comity.actions.appeals import state_of
from comity.actions.guard import require
from comity.lib import moments
from comity.policy.facts import PAUSES
from comity.policy.sanctions.outcome import rung_of
from comity.records import lines as lines_of
from comity.records import refs, rulebooks
from comity.records.models import Charge, Duty, JournalLine, Party, Sanction
from comity.rulebooks import words
from comity.web.common.called import called
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs
from comity.web.common.timeline import entry_of, title_of, title_of_charge
from comity.web.common.tongue import PAGE
from comity.web.trade.health import address_of

#: What a party needs of a rule to understand what became of it; the rest stands on the rules page.
_CHIEF = {
    "duty.within", "duty.by", "duty.by_fact", "duty.plus", "duty.seasons", "duty.clock", "duty.breach",
    "standard.windows", "standard.levels", "conduct.severity", "conduct.proved_by", "conduct.points",
}  # fmt: skip
MOST_PAUSES = 50


@needs()
@require_GET
def duty(request: HttpRequest, party: UUID, key: str) -> HttpResponse:
    """Why is this due, or was it not done in time?"""
    row = get_object_or_404(Duty.objects.select_related("party"), party__uuid=party, key=key)
    _may_see(request, row.party, row.matter)
    charges = list(Charge.objects.filter(party=row.party, because=key, overturned_at=None))
    return _page(
        request,
        {
            "duty": row,
            "charges": charges,
            **_rule(row.rulebook, row.rule),
            **_facts(request, row.party, [key], _stops(row)),
        },
    )


@needs()
@require_GET
def charge(request: HttpRequest, party: UUID, key: str) -> HttpResponse:
    """Why these points?"""
    row = get_object_or_404(Charge.objects.select_related("party"), party__uuid=party, key=key)
    _may_see(request, row.party, row.matter)
    # The buyer of the order sees why; what measures the seller is under is not the buyer's.
    contests = actor_of(request).party == row.party or actor_of(request).role != "buyer"
    # What counted it is found by its key: of the party's measures, few enough.
    known = Sanction.objects.filter(party=row.party).order_by("at") if contests else ()
    resting = [each for each in known if key in each.because]
    return _page(
        request,
        {
            "charge": row,
            "resting": resting,
            "contests": contests,
            **_rule(row.rulebook, row.rule),
            **_facts(request, row.party, [key, row.because]),
        },
    )


@needs()
@require_GET
def sanction(request: HttpRequest, party: UUID, key: str) -> HttpResponse:
    """Why this measure? The statement of reasons, with every charge that counted."""
    row = get_object_or_404(Sanction.objects.select_related("party"), party__uuid=party, key=key)
    _may_see(request, row.party, "")
    if actor_of(request).party == row.party:
        reached.seen(row.party, at=datetime.now(UTC))
    counted = list(Charge.objects.filter(party=row.party, key__in=row.because).order_by("at"))
    books = rulebooks.current()
    book = books.version(row.rulebook)
    try:
        rung = rung_of(books, state_of(row))
    except LookupError:
        rung = None
    things = refs.things((row.party_id, each.matter) for each in counted)
    titled = []
    for each in counted:
        thing = things.get((row.party_id, each.matter))
        about = ("", "") if thing is None else (called(thing), address_of(thing))
        titled.append(
            {
                "row": each,
                "title": title_of_charge(each.rulebook, each.rule, taken_over=bool(each.taken_from)),
                "about": about,
            }
        )
    return _page(
        request,
        {
            "sanction": row,
            "counted": titled,
            "ledger": book.ledgers.get(row.comes_from.label),
            "rung": rung,
            "title": title_of(row.rulebook, row.comes_from.name),
            "follows": PAGE.measure(rung) if rung else "",
        },
    )


def _page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The panel alone where htmx asks for it, else a page of its own."""
    panel = getattr(request, "htmx", False)
    return render(request, "parts/why.html" if panel else "trade/why.html", context)


def _may_see(request: HttpRequest, party: Party, matter: str) -> None:
    """The party itself, agents, and for an order's or conversation's duties the buyer of it."""
    actor = actor_of(request)
    if actor.role == "buyer" and (about := refs.thing(party, matter)) and about.relation(actor.party) == "its_buyer":
        return
    require(actor, "party.read", party)


def _rule(ref: str, name: str) -> dict[str, Any]:
    book = rulebooks.current().version(ref)
    rule = book.rules.get(name)
    said = [line for line in words.part_of(rule).lines if line.code in _CHIEF] if rule else []
    says = [(PAGE.label(line.told), line.full_text(PAGE)) for line in said]
    return {"book": book, "rule": rule, "title": title_of(ref, name), "says": says}


def _stops(duty: Duty) -> list[JournalLine]:
    """Return the lines of the pauses that stopped a duty while it ran, and of what ended these early."""
    rule = rulebooks.current().version(duty.rulebook).by_name.get(duty.rule)
    if rule is None:
        return []
    lines = lines_of.of_matter(duty.party, duty.matter).filter(kind__in=PAUSES).order_by("seq")[:MOST_PAUSES]
    told = [(line, json.loads(line.body)["data"]) for line in lines]
    since, until = duty.opened_at, duty.ended_at or duty.due
    return [
        line
        for line, data in told
        if data["cause"] in rule.pauses and moments.parse(data["from"]) < until and moments.parse(data["until"]) > since
    ]


def _facts(request: HttpRequest, party: Party, keys: list[str], more: Sequence[JournalLine] = ()) -> dict[str, Any]:
    """Return the lines that speak of these keys, the facts that they name, and `more`."""
    lines = [
        line
        # A key is twenty hexadecimal digits: what holds it speaks of it. The party's lines are few enough for a page.
        for line in JournalLine.objects.filter(party=party, body__contains=keys[-1]).order_by("seq")[:200]
        if any(key in line.body for key in keys)
    ]
    named: set[str] = set()
    for line in lines:
        body = json.loads(line.body)
        named |= {
            str(body[name]) for name in ("opened_by", "met_by", "cured_by", "waived_by", "voided_by") if name in body
        }
    facts = JournalLine.objects.filter(party=party, fact_id__in=named)
    rows = sorted({line.seq: line for line in [*lines, *facts, *more]}.values(), key=lambda line: (line.at, line.seq))
    reader = actor_of(request).party
    return {"entries": [entry_of(line, party, reader=reader) for line in rows if line.kind != "deadline.fell"]}


urlpatterns = [
    path("why/duty/<uuid:party>/<str:key>/", duty, name="why_duty"),
    path("why/charge/<uuid:party>/<str:key>/", charge, name="why_charge"),
    path("why/sanction/<uuid:party>/<str:key>/", sanction, name="why_sanction"),
]
