"""What is let, and when, without a history: powers, reviews, checks, links, disputes, the beginning of rules."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from comity.policy.checks import Checklist, needed
from comity.policy.powers import ROLES, VERBS, lets
from comity.policy.reviews.rule import ReviewRules
from comity.policy.rulebook import Rulebook
from comity.rulebooks.words import ENGLISH
from comity.rulebooks.workbench.difference import plainly


class Answer(NamedTuple):
    """A case, and what two rulebooks say of it."""

    rule: str
    case: str
    before: str
    after: str


def permitted(old: Rulebook, new: Rulebook) -> Iterator[Answer]:
    """Yield one case of each of these that the two answer differently."""
    for asked in (_begins, _powers, _reviews, _checks, _links, _disputes):
        if (first := next(asked(old, new), None)) is not None:
            yield first


def _begins(old: Rulebook, new: Rulebook) -> Iterator[Answer]:
    if old.in_force_from != new.in_force_from:
        at = ENGLISH.moment(min(old.in_force_from, new.in_force_from))
        said = [f"judged by {each.ref}" for each in (old, new)]
        said[old.in_force_from < new.in_force_from] = "judged by the version before"
        yield Answer(new.name, f"what begins on {at}", *said)


def _powers(old: Rulebook, new: Rulebook) -> Iterator[Answer]:
    for role in ROLES:
        for verb, actions in VERBS.items():
            said = ["let" if lets(book.powers, role, sorted(actions)[0]) else "refused" for book in (old, new)]
            if said[0] != said[1]:
                yield Answer("powers", f"the {role} who wants to {verb}", *said)


def _reviews(old: Rulebook, new: Rulebook) -> Iterator[Answer]:
    one, other = old.reviews or ReviewRules(zone=old.zone), new.reviews or ReviewRules(zone=new.zone)
    delivered = max(old.in_force_from, new.in_force_from) + timedelta(days=1, hours=12)
    for what, case in (
        ("window", "an order that was delivered"),
        ("shown", "a review that was written"),
        ("changed", "a change of a review that was written"),
        ("again", "a change after a dispute that ended"),
    ):
        said = []
        for rules in (one, other):
            window = rules.open(delivered, None)
            assert window is not None
            moment = {
                "window": window[1],
                "shown": rules.shown_by(window[1]),
                "changed": rules.changeable_until(delivered, window[1]),
                "again": rules.once_more_until(delivered),
            }[what]
            word = "shown by" if what == "shown" else "let until"
            said.append(f"{word} {ENGLISH.moment(moment)}" if moment is not None else "shown at once")
        if said[0] != said[1]:
            yield Answer("reviews", f"{case} on {ENGLISH.moment(delivered)}", *said)


def _checks(old: Rulebook, new: Rulebook) -> Iterator[Answer]:
    categories = {each for book in (old, new) for checklist in book.checklists for each in checklist.categories}
    for under_plan in (False, True):
        for category in ("", *sorted(categories)):
            said = [_asked(needed(book.checklists, [category], under_plan=under_plan)) for book in (old, new)]
            if said[0] != said[1]:
                of = f"of {category} " if category else ""
                yield Answer("checklists", f"an order {of}{'under a plan ' if under_plan else ''}sent unchecked", *said)


def _links(old: Rulebook, new: Rulebook) -> Iterator[Answer]:
    least = [book.evasion.least if book.evasion else None for book in (old, new)]
    for kinds in range(2, 1 + max(each or 0 for each in least)):
        said = ["proposed" if each is not None and kinds >= each else "not proposed" for each in least]
        if said[0] != said[1]:
            yield Answer("evasion", f"a measure for {kinds} kinds of links to an account that is closed", *said)


def _disputes(old: Rulebook, new: Rulebook) -> Iterator[Answer]:
    """What is read off the rules as they stand, and not counted in time: who proves what, which offers there are."""
    if old.dispute is None or new.dispute is None:
        return
    for name in {**old.dispute.reasons, **new.dispute.reasons}:
        if name not in old.dispute.reasons or name not in new.dispute.reasons:
            said = ["taken" if name in book.reasons else "not taken" for book in (old.dispute, new.dispute)]
            yield Answer("disputes", f"a dispute for {name}", *said)
        else:
            yield from _plainly(f"a dispute for {name}", old.dispute.reasons[name], new.dispute.reasons[name])
    yield from _plainly("a dispute", old.dispute, new.dispute)


def _plainly(case: str, was: Any, now: Any) -> Iterator[Answer]:
    for (label, before), (_, after) in zip(plainly(was), plainly(now), strict=True):
        if before != after:
            yield Answer("disputes", f"{case}, {label.lower()}:", before, after)


def _asked(lists: tuple[Checklist, ...]) -> str:
    told = [
        f"{each.without} for {each.name} ({', '.join(f'{i.name}: {i.asks}' for i in each.items)})" for each in lists
    ]
    return "; ".join(told) or "sent"
