"""Checks before shipping: filled in on a phone, beside the parcel; shown wherever the order is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID

from django.contrib import messages as flash
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.actions import checks, files
from comity.actions.checks import Asked, Filled
from comity.actions.enact import Refused
from comity.actions.guard import require
from comity.identity.files import of_check_handed_out
from comity.policy.checks import Item
from comity.records.models import Check, CheckPhoto, Order
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs


@dataclass(frozen=True, slots=True)
class Shown:
    """A checklist of an order as pages show it.

    answers   what was filled in here: the item's title, the answer, the photo
    fields    its items, each with what was typed for it just now
    """

    asked: Asked
    answers: list[tuple[str, str, CheckPhoto | None]]
    fields: list[tuple[Item, str]]


def shown(order: Order, typed: Mapping[str, str] = MappingProxyType({})) -> list[Shown]:
    """Return the checks that an order needs, each with its newest filling in; `typed`: a form that was not taken."""
    newest = {row.checklist: row for row in Check.objects.filter(order=order).prefetch_related("photos")}
    return [_shown(each, newest.get(each.rule.name), typed) for each in checks.asked_of(order)]


def _shown(asked: Asked, check: Check | None, typed: Mapping[str, str]) -> Shown:
    mine = typed if typed.get("checklist") == asked.rule.name else {}
    fields = [(item, mine.get(item.name, "")) for item in asked.rule.items]
    if check is None:
        return Shown(asked, [], fields)
    photos = {photo.item: photo for photo in check.photos.all()}
    answers = [(item.title, check.answers.get(item.name, ""), photos.get(item.name)) for item in asked.rule.items]
    return Shown(asked, answers, fields)


@needs("seller")
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The checklists of an order, a form each; what was typed stays where something is missing."""
    actor, order = actor_of(request), _order(uuid)
    require(actor, "check.fill", order)
    problems: Sequence[str] = ()
    if request.method == "POST":
        try:
            made = checks.fill(actor, order, _typed(request, order), at=datetime.now(UTC))
        except Refused as error:
            problems = error.problems
        else:
            return _said(request, order, passed=made.passed)
    context = {"order": order, "checks": shown(order, request.POST.dict()), "problems": problems}
    return render(request, "seller/check.html", context, status=422 if problems else 200)


def _said(request: HttpRequest, order: Order, *, passed: bool) -> HttpResponse:
    """Say how it ended, and go on to what is left, or to the order."""
    if not passed:
        flash.warning(request, _("It is noted that something is not as it should be. Put it right, then check again."))
        return redirect("check_goods", uuid=order.uuid)
    flash.success(request, _("The check is kept with the order."))
    return redirect("check_goods" if checks.lacking(order) else "order", uuid=order.uuid)


def _typed(request: HttpRequest, order: Order) -> Filled:
    name = request.POST.get("checklist", "")
    rule = next((each.rule for each in checks.asked_of(order) if each.rule.name == name), None)
    items = rule.items if rule is not None else ()
    answers = {item.name: request.POST.get(item.name, "") for item in items if item.asks != "photo"}
    given = [(item.name, request.FILES.get(item.name)) for item in items if item.asks == "photo"]
    there = [(item, file) for item, file in given if file is not None]
    safe = files.taken((file.name or "", file.read()) for _, file in there)
    return Filled(name, answers, {item: file for (item, _), file in zip(there, safe, strict=True)})


@needs()
@require_GET
def photo(request: HttpRequest, uuid: UUID) -> FileResponse:
    """A photo of a check."""
    return of_check_handed_out(actor_of(request), uuid)


def _order(uuid: UUID) -> Order:
    return get_object_or_404(Order.objects.select_related("seller", "buyer"), uuid=uuid)


urlpatterns = [
    path("sell/check/<uuid:uuid>/", check, name="check_goods"),
    path("checks/photos/<uuid:uuid>/", photo, name="check_photo"),
]
