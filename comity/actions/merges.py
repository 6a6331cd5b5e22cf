"""Two accounts of one person become one: an agent asks, another approves; so do two where that is undone.

An account that was taken over keeps its record and its measures, and is judged as before. Its points count on the other
account as well, and go from there when they go here (`policy.sanctions.taken_over`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from comity.actions.doing import Deed, NotNow, WhyNot, not_before
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.actions.measured import NOTHING, Words, fact_of, require_some, tell
from comity.actions.parties import platform
from comity.actions.sanctions import interested
from comity.actions.telling import micros
from comity.lib.ids import name_of
from comity.lib.moments import to_text
from comity.policy.facts import LATEST, PARTIES
from comity.policy.sanctions import taken_over
from comity.policy.sanctions.points import ChargeState, passed, standing
from comity.policy.sanctions.taken_over import Carried
from comity.records import merges, rulebooks, statements
from comity.records.carry_out import CHARGES
from comity.records.follow.identity import uuid_of_merge
from comity.records.models import AccountMerge, Party
from comity.records.tallies import Tallies

POWER = "account.merge"


def _against(actor: Actor, account: Party, into: Party) -> Iterator[WhyNot]:
    """Yield why an account cannot be taken over into another one by an agent."""
    names = {"account": account.name, "into": into.name}
    if account.pk == into.pk:
        yield WhyNot("itself", _("An account is not taken over into itself: name another one."))
        return
    if account.role not in PARTIES or into.role not in PARTIES:
        yield WhyNot("no_account", _("Only accounts of buyers and of sellers are taken over."))
    elif account.role != into.role:
        said = _("A buyer's account and a seller's stay apart: one is not taken over into the other.")
        yield WhyNot("other_role", said)
    if (before := merges.of(account)) is not None:
        said = _("%(account)s has been taken over already, into %(other)s. Undo that first.")
        yield WhyNot("taken_over_already", said % {**names, "other": before.into.name})
    elif (last := merges.last_of(into)).pk == account.pk:
        said = _("%(into)s has been taken over into %(account)s: the two are one already.")
        yield WhyNot("one_already", said % names)
    elif last.pk != into.pk:
        said = _("%(into)s has itself been taken over, and what is new begins with %(other)s: name that one.")
        yield WhyNot("target_taken_over", said % {**names, "other": last.name})
    for party in (account, into):
        if (why := interested(actor, party)) is not None:
            yield why


def _no_person(actor: Actor) -> WhyNot | None:
    """Return why who acts is not one of the two agents who decide."""
    return None if actor.role == "agent" else WhyNot("no_person", _("Two agents decide this, and no program."))


def _against_deciding(actor: Actor, merge: AccountMerge, at: datetime) -> WhyNot | None:
    if merge.stage != "asked":
        return WhyNot("decided_already", _("This has been decided already."))
    if (why := _no_person(actor) or not_before(at, merge.asked_at)) is not None:
        return why
    return interested(actor, merge.party) or interested(actor, merge.into)


def _against_approving(actor: Actor, merge: AccountMerge, at: datetime) -> WhyNot | None:
    if (why := _against_deciding(actor, merge, at)) is not None:
        return why
    if merge.asked_by == actor.party.ref:
        return WhyNot("asked_yourself", _("You asked for this yourself; another agent approves it."))
    return next(_against(actor, merge.party, merge.into), None)


def _against_asking_to_undo(actor: Actor, merge: AccountMerge, at: datetime) -> WhyNot | None:
    match merge.stage:
        case "undone":
            return WhyNot("undone_already", _("This has been undone already."))
        case "undo_asked":
            return WhyNot("undo_asked_already", _("That this is undone has been asked for already."))
        case "asked" | "declined":
            return WhyNot("not_taken_over", _("There is nothing to undo: the account was not taken over."))
    if (why := _no_person(actor) or not_before(at, merge.merged_at)) is not None:
        return why
    return interested(actor, merge.party) or interested(actor, merge.into)


def _against_deciding_undo(actor: Actor, merge: AccountMerge, at: datetime) -> WhyNot | None:
    if merge.stage == "undone":
        return WhyNot("undone_already", _("This has been undone already."))
    if merge.stage != "undo_asked":
        return WhyNot("undo_not_asked", _("Nobody has asked that this is undone."))
    if (why := _no_person(actor) or not_before(at, merge.undo_asked_at)) is not None:
        return why
    return interested(actor, merge.party) or interested(actor, merge.into)


def _against_undoing(actor: Actor, merge: AccountMerge, at: datetime) -> WhyNot | None:
    if (why := _against_deciding_undo(actor, merge, at)) is not None:
        return why
    if merge.undo_asked_by == actor.party.ref:
        return WhyNot("asked_yourself", _("You asked for this yourself; another agent approves it."))
    return None


def _against_looking(actor: Actor, merge: AccountMerge, at: datetime) -> WhyNot | None:
    if not merge.is_to_be_looked_at:
        return WhyNot("nothing_to_look_at", _("Nothing of this waits to be looked at."))
    if (why := _no_person(actor) or not_before(at, merge.passed_at)) is not None:
        return why
    return interested(actor, merge.party) or interested(actor, merge.into)


def _asked_at(merge: AccountMerge) -> datetime | None:
    return merge.asked_at if merge.stage == "asked" else None


def _undo_asked_at(merge: AccountMerge) -> datetime | None:
    return merge.undo_asked_at if merge.stage == "undo_asked" else None


APPROVE = Deed(AccountMerge, "approve", POWER, _against_approving, _asked_at)
DECLINE = Deed(AccountMerge, "decline", POWER, _against_deciding, _asked_at)
ASK_UNDO = Deed(AccountMerge, "ask_undo", POWER, _against_asking_to_undo)
UNDO = Deed(AccountMerge, "undo", POWER, _against_undoing, _undo_asked_at)
KEEP = Deed(AccountMerge, "keep", POWER, _against_deciding_undo, _undo_asked_at)
LOOK = Deed(AccountMerge, "look", POWER, _against_looking)


def ask(actor: Actor, account: Party, into: Party, *, words: Words, at: datetime, identity: str = "") -> AccountMerge:
    """Ask that an account is taken over into another one of the same person; another agent approves it.

    `words` say why, with what shows it. The same `identity` again is the same question. Raises Refused with everything
    that is wrong, NotNow with its code where that is one thing, Forbidden.
    """
    require(actor, POWER, at=at)
    kind, apart = "account.merge_asked", identity or micros(at)
    with _held(account, into):
        asked = uuid_of_merge(fact_of(actor, kind, account.ref, apart))
        if identity and AccountMerge.objects.filter(uuid=asked).exists():
            return merges.one(asked)
        wrong = [why for why in (_no_person(actor), *_against(actor, account, into)) if why is not None]
        if account.role in PARTIES and AccountMerge.objects.filter(AccountMerge.asked(), party=account).exists():
            said = _("That this account is taken over has been asked for already; another agent decides.")
            wrong.append(WhyNot("asked_already", said))
        if words.are_empty:
            wrong.append(WhyNot("no_reason", _("Say why, with what shows that both accounts are one person's.")))
        if len(wrong) == 1:
            raise NotNow(wrong[0])
        if wrong:
            raise Refused([why.sentence for why in wrong])
        tell(
            actor, account, kind, at=at, about=account.ref, apart=apart, words=words,
            data={"agent": actor.party.ref, "into": into.ref},
        )  # fmt: skip
        return merges.one(asked)


def approve(
    actor: Actor, merge: AccountMerge, *, at: datetime, shown: datetime | None = None, words: Words = NOTHING
) -> None:
    """Approve that an account is taken over: from now on its points count on the other one, and it begins nothing new.

    `shown`: when that was asked which is approved; None for what is asked now. Raises NotNow, Forbidden.
    """
    with _held(merge.party, merge.into), APPROVE.doing(actor, merge, at=at, shown=shown):
        _decide(actor, merge, "account.taken_over", merge.asked_by, at=at, words=words, other="account.took_over")
        carry(merge.party, at=at)


def decline(actor: Actor, merge: AccountMerge, *, at: datetime, words: Words, shown: datetime | None = None) -> None:
    """Decline that an account is taken over, and say why. Raises NotNow, Refused, Forbidden."""
    _say(DECLINE, actor, merge, "account.merge_declined", at=at, words=words, shown=shown)


def ask_undo(actor: Actor, merge: AccountMerge, *, at: datetime, words: Words) -> None:
    """Ask that an account is given back, and say why; another agent approves it. Raises NotNow, Refused, Forbidden."""
    _say(ASK_UNDO, actor, merge, "account.undo_asked", at=at, words=words)


def undo(
    actor: Actor, merge: AccountMerge, *, at: datetime, shown: datetime | None = None, words: Words = NOTHING
) -> None:
    """Approve that an account is given back: what came with it goes, and both are judged as if they had stayed two.

    Raises NotNow, Forbidden.
    """
    with _held(merge.party, merge.into), UNDO.doing(actor, merge, at=at, shown=shown):
        _decide(actor, merge, "account.given_back", merge.undo_asked_by, at=at, words=words, other="account.gave_back")


def keep(actor: Actor, merge: AccountMerge, *, at: datetime, words: Words, shown: datetime | None = None) -> None:
    """Decline that an account is given back, and say why. Raises NotNow, Refused, Forbidden."""
    _say(KEEP, actor, merge, "account.undo_declined", at=at, words=words, shown=shown)


def look(actor: Actor, merge: AccountMerge, *, at: datetime, words: Words) -> None:
    """Note that an agent looked at a sum that passed a rung by a merge. Raises NotNow, Refused, Forbidden."""
    _say(LOOK, actor, merge, "account.looked_at", at=at, words=words)


def _say(
    deed: Deed[AccountMerge], actor: Actor, merge: AccountMerge, kind: str, *, at: datetime, words: Words,
    shown: datetime | None = None,
) -> None:  # fmt: skip
    require_some(words)
    with _held(merge.party, merge.into), deed.doing(actor, merge, at=at, shown=shown):
        tell(
            actor, merge.party, kind, at=at, about=merge.party.ref, words=words, apart=f"{merge.pk}:{micros(at)}",
            data={"agent": actor.party.ref, "merge": str(merge.uuid)},
        )  # fmt: skip
    merge.refresh_from_db()


def _decide(
    actor: Actor, merge: AccountMerge, kind: str, asked_by: str, *, at: datetime, words: Words, other: str
) -> None:
    """Note what two agents decided in the chains of both accounts: `kind` in that of the one that is taken over."""
    data = {"agent": actor.party.ref, "asked_by": asked_by, "merge": str(merge.uuid)}
    note = partial(tell, actor, at=at, apart=f"{merge.pk}")
    note(merge.party, kind, about=merge.party.ref, words=words, data={**data, "into": merge.into.ref})
    note(merge.into, other, about=merge.into.ref, data={**data, "account": merge.party.ref})
    merge.refresh_from_db()


@contextmanager
def _held(account: Party, into: Party) -> Iterator[None]:
    """Hold both accounts still, in the order in which everybody locks several."""
    with transaction.atomic():
        for key in sorted({account.pk, into.pk}):
            statements.lock(key)
        yield


# Points that come with an account


def carry_on(account: Party, moments: Iterable[datetime], *, passed: bool, noted_at: datetime) -> None:
    """Let the account that took `account` over have what changed at some moments, each dated when it was known.

    `passed`: the clock looks at them, which may be late; what is known since a fact was told is known since then.
    """
    if (merge := merges.of(account)) is None or merge.merged_at is None:
        return
    since = max(merge.merged_at, merges.last_told(account)) if passed else merge.merged_at
    for at in sorted({max(each, since) for each in moments}):
        carry(account, at=min(at, noted_at), noted_at=noted_at)


def carry(account: Party, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Let the account that took `account` over have its points as they stand at a moment: new ones, and others.

    What is gone here goes there. Where no account took it over, nothing is to do. `noted_at`: now, where that is later.
    """
    book = rulebooks.current().in_force(at)
    if (merge := merges.of(account)) is None or book is None:
        return
    own: list[ChargeState] = CHARGES.read(account.pk, " AND overturned_at IS NULL")
    held: dict[str, ChargeState] = {
        each.key: each for each in CHARGES.read(merge.into_id, " AND overturned_at IS NULL")
    }
    came = {each.because: each for each in held.values() if each.taken_from == account.ref}
    note = partial(tell, Actor(platform(at)), merge.into, at=at, about=merge.into.ref, noted_at=noted_at)
    for gone in sorted(came.keys() - {charge.key for charge in own}):
        del held[came[gone].key]
        note("charge.cleared", data={"account": account.ref, "of": gone}, apart=name_of(gone, micros(at)))
    rows = Tallies(merge.into_id)
    for charge, points in taken_over.carried(book, own, at):
        if charge.key in came and came[charge.key].points == points:
            continue
        key = taken_over.key_of(account.ref, charge.key)
        was = standing(book, charge.ledger, held.values(), at, rows)
        held[key] = taken_over.as_it_comes(key, Carried(charge, points), account.ref, at)
        now = standing(book, charge.ledger, held.values(), at, rows)
        note(
            "charge.taken_over", apart=name_of(key, str(points), micros(at)),
            data={
                "account": account.ref, "merge": str(merge.uuid), "of": charge.key, "ledger": charge.ledger,
                "points": points, "rule": charge.rule, "rulebook": charge.rulebook, "charged_at": to_text(charge.at),
                "expires_at": to_text(min(charge.expires_at, LATEST)),
                "passes": passed(book.ledgers[charge.ledger], was, now),
            },
        )  # fmt: skip
