"""Forms of what may be done in a dispute: what they ask, what was typed into them, and how it is read."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.actions.disputes.view import May, View
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.lib.money import Money
from comity.records.models import Dispute, OrderLine
from comity.web.common.gate import typed
from comity.web.trade.order_acts import moment_of

MAX_TEXT = 10_000
_AMOUNT = re.compile(r"[0-9]{1,12}([.,][0-9]{1,6})?\Z")


@dataclass(frozen=True, slots=True)
class Ask:
    """A field of a form.

    kind     text, textarea, select, radio, check, several (boxes under one name), money, number, moment, files
    value    what stands in it: of `several`, the values that are chosen
    choices  values and words
    """

    name: str
    label: Any
    kind: str = "text"
    value: Any = ""
    choices: Sequence[tuple[str, Any]] = ()
    hint: Any = ""
    required: bool = False
    most: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Fields of a form that belong together. `slug`: tells its fields from those of other forms and groups."""

    slug: str
    title: Any
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class Folded:
    """Groups of fields that few need, behind a line that opens. `is_open`: where something was typed into them."""

    title: Any
    says: Any
    groups: tuple[Group, ...]
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form as a page shows it.

    hidden  names and values that say what was shown
    folded  more of it, folded away
    lead    what is asked, where somebody asked for it
    items   of what it is about, one thing a line
    says    what follows, before it is done
    may     until when, and what happens if nobody does it; None where it is not known
    wrong   why what was typed was refused: then it is open, and filled
    """

    slug: str
    title: Any
    button: Any
    asks: tuple[Ask, ...] = ()
    hidden: tuple[tuple[str, Any], ...] = ()
    says: Any = ""
    lead: Any = ""
    items: tuple[str, ...] = ()
    folded: Folded | None = None
    may: May | None = None
    primary: bool = False
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """What forms are made from: who looks at which case, when, and what they see of it."""

    actor: Actor
    view: View
    at: datetime

    @property
    def dispute(self) -> Dispute:
        """The dispute's row."""
        return self.view.now.dispute

    @property
    def currency(self) -> str:
        """The order's currency: no other is taken."""
        return self.view.now.order.currency

    def money(self, minor: int) -> Money:
        """Return an amount of the order's currency."""
        return Money(minor, self.currency)


#: Makes the forms of a verb: mostly one; of offers, one for each.
Made = Callable[[Sight], Iterable[Form]]
#: Does what a form asks for, and returns what is said then. Raises Refused.
Do = Callable[[HttpRequest, Actor, Dispute, datetime], str]


@dataclass(frozen=True, slots=True)
class DisputeAct:
    """A verb with its forms. `verb`: the one of `actions.disputes` that has to be possible, where its name differs."""

    slug: str
    made: Made
    do: Do
    verb: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was sent and refused: which form, what was typed, and why it was refused."""

    slug: str = ""
    typed: Any = field(default_factory=dict)
    wrong: tuple[str, ...] = ()

    def fills(self, form: Form) -> bool:
        """Whether it was this form: of several of a verb, the one with the same hidden values that tell them apart."""
        if form.slug != self.slug:
            return False
        told = [(name, value) for name, value in form.hidden if name not in ("shown", "version")]
        return all(str(self.typed.get(name, "")) == str(value) for name, value in told)


def forms(acts: Iterable[DisputeAct], sight: Sight, *, tried: Tried | None = None) -> list[Form]:
    """Return the forms of what the reader may do now, in the order of `acts`, filled with what was refused."""
    may = {each.verb: each for each in sight.view.may}
    made = [
        replace(form, may=may[act.verb or act.slug], hidden=(*form.hidden, ("shown", sight.view.now.case.last)))
        for act in acts
        if (act.verb or act.slug) in may
        for form in act.made(sight)
    ]
    return [filled(form, tried) if tried is not None and tried.fills(form) else form for form in made]


def filled(form: Form, tried: Tried) -> Form:
    """Return a form with what was typed into it, and with why it was refused."""
    asks = tuple(_filled(ask, tried.typed) for ask in form.asks)
    return replace(form, asks=asks, folded=form.folded and _unfolded(form.folded, tried.typed), wrong=tried.wrong)


def _unfolded(folded: Folded, given: Any) -> Folded:
    groups = tuple(replace(each, asks=tuple(_filled(ask, given) for ask in each.asks)) for each in folded.groups)
    chosen = any(ask.kind == "select" and ask.value for each in groups for ask in each.asks)
    return replace(folded, groups=groups, is_open=chosen)


def _filled(ask: Ask, given: Any) -> Ask:
    if ask.kind == "several":
        return replace(ask, value=given.getlist(ask.name))
    if ask.kind == "check":
        return replace(ask, value=ask.name in given)
    return replace(ask, value=given.get(ask.name, ask.value)) if ask.kind != "files" else ask


# What forms ask for often


def text(label: Any, *, name: str = "text", required: bool = False, hint: Any = "") -> Ask:
    """Return a field for several lines."""
    return Ask(name, label, "textarea", required=required, most=MAX_TEXT, hint=hint)


def amount(label: Any, *, name: str = "amount", value: str = "", hint: Any = "") -> Ask:
    """Return a field for an amount in the order's currency."""
    return Ask(name, label, "money", value=value, hint=hint, most=20)


def choice(name: str, label: Any, choices: Iterable[tuple[str, Any]], *, value: str = "", hint: Any = "") -> Ask:
    """Return a field to choose one of several from."""
    return Ask(name, label, "select", value=value, choices=tuple(choices), hint=hint)


def pieces(lines: dict[OrderLine, int], *, value: dict[OrderLine, int] | None = None) -> tuple[Ask, ...]:
    """Return a field for each line of an order: how many of its pieces."""
    return tuple(
        Ask(
            f"line-{line.pk}",
            line.title,
            "number",
            value=(value or lines).get(line, 0),
            most=count,
            hint=_("of %(left)s") % {"left": count},
        )
        for line, count in lines.items()
    )


PAYERS = (
    ("", gettext_lazy("as the rules say")), ("buyer", gettext_lazy("the buyer")),
    ("seller", gettext_lazy("the seller")), ("platform", gettext_lazy("the platform")),
)  # fmt: skip


def money_typed(request: HttpRequest, currency: str, name: str = "amount") -> Money | None:
    """Return the amount that was typed, None for none. Raises Refused for what is no amount of that currency."""
    written = typed(request, name).replace(" ", "").replace("\u00a0", "")
    if not written:
        return None
    if not _AMOUNT.match(written):
        raise Refused([_("Write the amount as a number, such as 12.50, without a currency: it is %(currency)s.") % {
            "currency": currency,
        }])  # fmt: skip
    try:
        return Money.of(written.replace(",", "."), currency)
    except ValueError:
        digits = Money(0, currency).exponent
        said = _("%(written)s has more digits than %(currency)s has: write at most %(digits)s after the point.")
        raise Refused([said % {"written": written, "currency": currency, "digits": digits}]) from None


def moment_typed(request: HttpRequest, actor: Actor, name: str) -> datetime | None:
    """Return the moment that was typed, in the actor's zone; None for none. Raises Refused."""
    written = typed(request, name)
    return moment_of(written, actor.party.time_zone)[0] if written else None


def number_typed(request: HttpRequest, name: str) -> int:
    """Return a number that a form carries hidden; one that is none is 0, which names nothing."""
    written = typed(request, name)
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 8 else 0


def plain(price: Money) -> str:
    """Return an amount as a person types it, and `money_typed` reads it."""
    return str(price.major)


def one(slug: str, title: Any, button: Any, *asks: Ask, says: Any = "") -> Made:
    """Return what makes one form, the same for every case."""
    return lambda sight: iter([Form(slug, title, button, asks, says=says)])
