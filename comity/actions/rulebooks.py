"""Rulebooks: a version is published, and every seller is told in time."""

from datetime import datetime, timedelta
from functools import lru_cache

from django.db import IntegrityError, transaction

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.actions.parties import platform
from comity.lib import moments
from comity.policy.rulebook import Rulebook
from comity.policy.standards.counting import next_evaluation
from comity.records import rulebooks, statements
from comity.records.models import Notice, Party, RulebookVersion, Standing
from comity.rulebooks.language.extending import whole
from comity.rulebooks.language.parse import parse
from comity.rulebooks.shelf import Shelf, shipped_text
from comity.rulebooks.workbench.tries import attempt_all


def publish(actor: Actor, text: str, *, at: datetime) -> RulebookVersion:
    """Publish a version of the rules and tell every seller. Raises language.reading.BadRulebook, Refused, Forbidden.

    It must pass its own worked cases, and accept with a reason every finding of the analysis that hinders. The first
    version of an installation binds at once, since there was nothing before it to rely on; each later one binds only
    when its notice has run, counted from now. What extends another is published whole.
    """
    require(actor, "rulebook.publish", at=at)
    text = whole(text, _known)
    book = parse(text)
    if wrong := _unready(text):
        raise Refused(list(wrong))
    publisher = platform(at)
    try:
        with transaction.atomic():
            # Of two first versions at once, the second is a later one.
            statements.lock(publisher.pk)
            later = RulebookVersion.objects.exists()
            if later and book.in_force_from < at + book.notice:
                raise Refused(
                    [
                        f"{book.ref} would be in force from {moments.to_text(book.in_force_from)}, before its notice"
                        f" has run: at the earliest from {moments.to_text(at + book.notice)}"
                    ]
                )
            version = RulebookVersion.objects.create(
                name=book.name, version=book.version, text=text, in_force_from=book.in_force_from, published_at=at
            )
            if later:
                _tell_sellers(version, at)
            _move_evaluations(book)
    except IntegrityError:
        raise Refused([f"{book.ref} is published already, or another version begins at the same moment"]) from None
    return version


def _known(name: str) -> str:
    """Return the text of a published version, or of a rulebook that comes with Comity; raise LookupError."""
    book, _, version = name.partition("@")
    published = RulebookVersion.objects.filter(name=book, version=version).values_list("text", flat=True).first()
    return shipped_text(name) if published is None else published


@lru_cache(maxsize=8)
def _unready(text: str) -> tuple[str, ...]:
    """Return why a rulebook that parses may not be published: worked cases that fail, findings not accepted."""
    # Here: only who publishes a rulebook waits for the solver to be loaded.
    from comity.rulebooks.workbench.analysis import analyse

    book = parse(text)
    wrong = [
        f"line {outcome.case.line}: the worked case {outcome.case.name!r} fails: {'; '.join(outcome.wrong)}"
        for outcome in attempt_all(text, Shelf(book), own=book.name)
        if not outcome.passed
    ]
    wrong += [
        f"{finding.name}: {finding.says}; mend it, or accept it as [[accepted]] with a reason"
        for finding in analyse(book)
        if finding.hinders and not finding.accepted
    ]
    return tuple(wrong)


def _move_evaluations(book: Rulebook) -> None:
    """Bring forward evaluations that the new version holds earlier than the versions before it would have."""
    books = rulebooks.current()
    # By key: two publications at once lock the parties in the same order.
    for party_id in Standing.objects.exclude(evaluations="{}").values_list("pk", flat=True).order_by("pk"):
        standing = statements.lock(party_id)
        moved = standing.next_evaluations
        for name, at in list(moved.items()):
            # From just before: the first evaluation may fall on the very moment at which the version begins.
            first = next_evaluation(books, name, min(at, book.in_force_from) - timedelta(microseconds=1))
            if first is not None:
                moved[name] = min(at, first)
        if moved != standing.next_evaluations:
            standing.set_evaluations(moved)
            standing.next_due = min([*moved.values(), *([standing.next_due] if standing.next_due else [])])
            statements.save_standing(standing)


def _tell_sellers(version: RulebookVersion, at: datetime) -> None:
    values = {"rulebook": str(version), "in_force_from": moments.to_text(version.in_force_from)}
    sellers = Party.objects.filter(role="seller").values_list("pk", flat=True)
    Notice.objects.bulk_create(
        (
            Notice(party_id=pk, kind="rulebook.published", matter=f"rulebook:{version}", at=at, values=values)
            for pk in sellers.iterator()
        ),
        batch_size=1_000,
    )
