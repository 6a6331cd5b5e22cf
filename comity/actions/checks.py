"""Checks before shipping: which an order needs, filling them in, and what of them it lacks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO
from uuid import UUID, uuid4

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.actions.doing import Deed, NotNow, WhyNot, changed, require_one_of
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.actions.telling import fact_about, micros
from comity.files.uploads import SafeFile
from comity.lib.ids import digest, salt
from comity.policy.checks import Checklist, needed
from comity.policy.facts import Scalar
from comity.policy.facts.plans import CHECKING
from comity.records import files, rulebooks
from comity.records.models import Check, CheckPhoto, ImprovementPlan, JournalLine, Order

MAX_ANSWER_CHARS = 40
ANSWERS = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Filled:
    """A checklist as it was filled in: by the names of its items, answers and photos (`actions.files.taken`)."""

    checklist: str
    answers: Mapping[str, str] = field(default_factory=dict)
    photos: Mapping[str, SafeFile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A checklist that an order needs, and how its newest filling in ended: None where it was not filled in."""

    rule: Checklist
    rulebook: str
    passed: bool | None = None
    at: datetime | None = None


def asked_of(order: Order) -> list[Asked]:
    """Return what an order needs by the rules of the moment at which it was paid, or placed; with what was filled in.

    What the shop tells of checks in an app of its own counts as well.
    """
    book = rulebooks.current().in_force(order.paid_at or order.placed_at)
    if book is None or not book.checklists:
        return []
    listings = order.lines.filter(listing__isnull=False).values_list("listing__category", flat=True)
    wanted = needed(book.checklists, {each for each in listings if each}, under_plan=_has_planned_it(order))
    told = JournalLine.objects.filter(party=order.seller_id, matter=order.ref, kind="check.filled")
    newest: dict[str, tuple[bool, datetime]] = {}
    for line in told.order_by("at", "seq"):
        said = json.loads(line.body)["data"]
        newest[said["checklist"]] = (said["passed"], line.at)
    return [Asked(rule, book.ref, *newest.get(rule.name, (None, None))) for rule in wanted]


def _has_planned_it(order: Order) -> bool:
    """Whether the order was paid while a plan of its seller ran that says that goods are checked before they leave."""
    at = order.paid_at or order.placed_at
    running = Q(accepted_at__lte=at) & (Q(ended_at=None) | Q(ended_at__gt=at))
    return any(CHECKING in plan.codes for plan in ImprovementPlan.objects.filter(running, party=order.seller_id))


def lacking(order: Order) -> list[Checklist]:
    """Return the checklists that an order needs and has not passed."""
    return [each.rule for each in asked_of(order) if not each.passed]


def _against_filling(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if order.cancelled_at:
        return WhyNot("cancelled", _("Order %(order)s was cancelled; do not send it.") % {"order": order.key})
    if order.delivered_at:
        return WhyNot("delivered", _("The order has arrived; a check now says nothing of what was sent."))
    if not asked_of(order):
        return WhyNot("not_needed", _("The rules ask for no check of this order."))
    return None


FILL = Deed(Order, "check", "check.fill", _against_filling)


def fill(actor: Actor, order: Order, what: Filled, *, at: datetime, noted_at: datetime | None = None) -> Check:
    """Fill in a checklist that an order needs. The same once more changes nothing; filled in anew, the newest counts.

    Raises Refused with everything that is missing; NotNow, Forbidden.
    """
    with FILL.doing(actor, order, at=at):
        asked = {each.rule.name: each for each in asked_of(order)}
        require_one_of("checklist", what.checklist, asked)
        rule, rulebook = asked[what.checklist].rule, asked[what.checklist].rulebook
        answers = _answers(rule, what)
        photos = {item.name: what.photos[item.name] for item in rule.items if item.asks == "photo"}
        if (known := _same(order, rule, answers, photos)) is not None:
            return known
        name = f"check.filled:{order.uuid}:{rule.name}:{micros(at)}"
        if Check.objects.filter(fact=name).exists():
            raise NotNow(changed())  # another answer for the same moment
        check = Check.objects.create(
            order=order, by=actor.party, fact=name, checklist=rule.name, passed=rule.passed(answers), answers=answers,
            rulebook=rulebook, salt=salt(), at=at,
        )  # fmt: skip
        data: dict[str, Scalar] = {"checklist": rule.name, "passed": check.passed}
        data["answers"] = digest(bytes(check.salt), json.dumps(answers, sort_keys=True))
        if photos:
            data["photos"] = " ".join(digest(bytes(check.salt), file.sha256) for file in photos.values())
        _keep(check, photos)
        fact = fact_about(order, "check.filled", at=at, noted_at=noted_at, data=data, identity=name, actor=actor)
        enact(order.seller, fact, about=(order,), once=True)
    return check


def _keep(check: Check, photos: Mapping[str, SafeFile]) -> None:
    for item, file in photos.items():
        CheckPhoto.objects.create(
            uuid=uuid4(), of=check, item=item, name=file.name, kind=file.kind, size=len(file.data),
            sha256=files.keep(file), width=file.width, height=file.height,
        )  # fmt: skip


def _same(order: Order, rule: Checklist, answers: dict[str, str], photos: Mapping[str, SafeFile]) -> Check | None:
    """Return the newest filling in of a checklist, where it says the same: a second click."""
    last = Check.objects.filter(order=order, checklist=rule.name).order_by("-at", "-pk").first()
    if last is None or last.answers != answers:
        return None
    there = {photo.item: photo.sha256 for photo in last.photos.all()}
    return last if there == {name: file.sha256 for name, file in photos.items()} else None


def _answers(rule: Checklist, what: Filled) -> dict[str, str]:
    """Return the answers as they are kept. Raises Refused with a sentence for each that is missing or wrong."""
    answers, wrong = {}, []
    for item in rule.items:
        given = what.answers.get(item.name, "").replace("\x00", "").strip()
        told = {"item": _(item.title)}
        if item.asks == "photo":
            file = what.photos.get(item.name)
            if file is None or not file.width:
                wrong.append(_("“%(item)s”: a photo is missing.") % told)
            continue
        if item.asks == "yes" and given not in ANSWERS:
            wrong.append(_("“%(item)s”: say yes or no.") % told)
        elif item.asks == "number" and not _is_number(given):
            wrong.append(_("“%(item)s”: write a number.") % told)
        answers[item.name] = given
    if wrong:
        raise Refused(wrong)
    return answers


def _is_number(text: str) -> bool:
    plain = text.replace(",", ".", 1)
    return len(text) <= MAX_ANSWER_CHARS and plain.isascii() and plain.replace(".", "", 1).isdecimal()


def opened(actor: Actor, uuid: UUID) -> tuple[CheckPhoto, BinaryIO]:
    """Return a photo of a check and its content, for those who may read the order.

    Raises CheckPhoto.DoesNotExist, records.files.Lost where only its content is gone, and Forbidden.
    """
    photo = CheckPhoto.objects.select_related("of__order").get(uuid=uuid)
    require(actor, "order.read", photo.of.order)
    return photo, files.opened(photo.sha256)
