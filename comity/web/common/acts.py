"""Acts: how deeds look on a page. A page offers what nothing stands against; one address takes the form of each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, Literal

from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from comity.actions.doing import Deed, T
from comity.actions.doubts import Doubtful
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.policy.powers import ROLES
from comity.web.common.doors import actor_of
from comity.web.common.gate import refused

#: What a field may be; `parts/fields.html` draws each.
Kind = Literal["text", "textarea", "select", "check", "stars", "date", "datetime-local"]
#: The choices of a field, as values and words, for who looks at which thing.
Choices = Callable[[Actor, Any], Iterable[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    kind           `select` and `stars` go with `choices`, `check` is not required; the others are typed
    most           characters at most, 0 for any number
    autocomplete   what a browser may fill in, as HTML names it
    given          what stands there before anything is typed: `value`, for the thing at hand
    """

    name: str
    label: Any
    kind: Kind = "text"
    most: int = 0
    required: bool = True
    choices: Choices | None = None
    autocomplete: str = ""
    given: Callable[[Any], str] | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Act(Generic[T]):
    """A deed with its form.

    do      does it with what was typed, and returns what to say then. Raises Refused
    title   what folds the form out; empty where the page shows it in a place of its own
    hints   what to know before, by role; "" for every other role
    roles   whose pages offer it; others who may do it have the API
    """

    deed: Deed[T]
    do: Callable[[HttpRequest, Actor, T, datetime], str]
    title: Any = ""
    button: Any = ""
    fields: tuple[Field, ...] = ()
    hints: dict[str, Any] | None = None
    roles: tuple[str, ...] = ROLES
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """An act that can be done now, as a template shows it: with its address, its hint, and its fields' choices."""

    act: Act[Any]
    url: str
    hint: Any
    fields: list[tuple[Field, list[tuple[str, str]]]]


def offers(acts: Iterable[Act[T]], actor: Actor, thing: T, at: datetime, *, address: str) -> dict[str, Offer]:
    """Return what `actor` may do with `thing` now, by slug with underscores; `address`: the page of the thing."""
    offered = {}
    for act in acts:
        if actor.role in act.roles and act.deed.why_not(actor, thing, at=at) is None:
            hints = act.hints or {}
            fields = [_filled(each, actor, thing) for each in act.fields]
            hint = hints.get(actor.role, hints.get("", ""))
            # A template cannot look up a name with a hyphen.
            offered[act.deed.slug.replace("-", "_")] = Offer(act, f"{address}{act.deed.slug}/", hint, fields)
    return offered


def _filled(field: Field, actor: Actor, thing: Any) -> tuple[Field, list[tuple[str, str]]]:
    """Return a field with what stands in it, and its choices."""
    filled = replace(field, value=field.given(thing)) if field.given else field
    return filled, list(field.choices(actor, thing)) if field.choices else []


def carry_out(request: HttpRequest, acts: Iterable[Act[T]], slug: str, thing: T, *, address: str) -> HttpResponse:
    """Do what a form of the page at `address` asks for, and say there what was done, or why not.

    404 for what is not one of `acts`. Raises Forbidden, and Doubtful for a number that a person may be sure of.
    """
    act = next((act for act in acts if act.deed.slug == slug), None)
    if act is None:
        raise Http404
    try:
        flash.success(request, act.do(request, actor_of(request), thing, datetime.now(UTC)))
    # Refused as well, but the page then asks whether the person is sure.
    except Doubtful:
        raise
    except Refused as error:
        return refused(request, error, address)
    return redirect(address)
