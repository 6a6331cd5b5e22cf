"""Accounts that became one: which took over which, and what came with them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from comity.policy.facts import DEADLINE, read_fact
from comity.policy.sanctions.taken_over import COMING, TAKEN_OVER
from comity.records import statements
from comity.records.models import AccountMerge, Charge, JournalLine, Party

MOST = 100


def one(uuid: UUID) -> AccountMerge:
    """Return a merge by its id. Raises AccountMerge.DoesNotExist."""
    return AccountMerge.objects.select_related("party", "into").get(uuid=uuid)


def of(account: Party) -> AccountMerge | None:
    """Return the merge in force by which an account was taken over; None where it is one of its own."""
    return AccountMerge.objects.filter(AccountMerge.in_force(), party=account).select_related("party", "into").first()


def last_of(account: Party) -> Party:
    """Return the account in which one goes on that was taken over, however often; the account itself where none was."""
    while (merge := of(account)) is not None:
        account = merge.into
    return account


def one_with(accounts: Iterable[int]) -> set[int]:
    """Return the keys of the accounts that are one with any of these, themselves included."""
    found, new = set(accounts), set(accounts)
    while new:
        rows = AccountMerge.objects.filter(AccountMerge.in_force(), Q(party__in=new) | Q(into__in=new))
        new = {key for pair in rows.values_list("party", "into") for key in pair} - found
        found |= new
    return found


def by_account(accounts: Iterable[int]) -> dict[int, AccountMerge]:
    """Return the merges in force by which some of these accounts were taken over, by their keys. One statement."""
    rows = AccountMerge.objects.filter(AccountMerge.in_force(), party__in=set(accounts)).select_related("party", "into")
    return {row.party_id: row for row in rows}


def about(account: Party) -> QuerySet[AccountMerge]:
    """Return every merge of an account, whether it was taken over or took over another, the newest first."""
    either = Q(party=account) | Q(into=account)
    return AccountMerge.objects.filter(either).select_related("party", "into").order_by("-asked_at", "-pk")[:MOST]


def waiting() -> QuerySet[AccountMerge]:
    """Return those that wait for a second agent, the longest first."""
    rows = AccountMerge.objects.filter(AccountMerge.waiting()).select_related("party", "into")
    return rows.order_by("asked_at", "pk")[:MOST]


def to_look_at() -> QuerySet[AccountMerge]:
    """Return those by which a sum passed a rung, at which nobody has looked since, the longest first."""
    new = Q(looked_at=None) | Q(looked_at__lt=F("passed_at"))
    rows = AccountMerge.objects.filter(AccountMerge.in_force() & new, passed_at__isnull=False)
    return rows.select_related("party", "into").order_by("passed_at", "pk")[:MOST]


def came_with(merge: AccountMerge) -> QuerySet[Charge]:
    """Return the points that count by a merge, in the order of time."""
    rows = Charge.objects.filter(party=merge.into_id, taken_from=merge.party.ref, overturned_at=None)
    return rows.order_by("at", "pk")[:MOST]


def passed_by(merge: AccountMerge) -> list[tuple[str, int]]:
    """Return the thresholds that a sum passed by a merge, each once with its ledger, in their order."""
    facts = statements.facts_of_kinds(merge.into_id, [TAKEN_OVER])
    mine = [
        fact.data for fact in facts if fact.data["merge"] == str(merge.uuid) and fact.data.get("passes") is not None
    ]
    return sorted({(str(data["ledger"]), int(str(data["passes"]))) for data in mine})


def facts_about(merge: AccountMerge) -> list[str]:
    """Return the ids of the facts in the chain of the account that say what was decided of a merge."""
    facts = statements.facts_of_matter(merge.party_id, merge.party.ref)
    return [fact.id for fact in facts if fact.data.get("merge") == str(merge.uuid)]


def last_told(account: Party) -> datetime:
    """Return when an account's newest fact was told; those are left out that a moment or another account brought."""
    lines = JournalLine.objects.filter(party=account, fact_id__isnull=False).exclude(kind__in=[DEADLINE, *COMING])
    told = (read_fact(body) for body in lines.order_by("-seq").values_list("body", flat=True).iterator(chunk_size=20))
    return next((fact.noted_at for fact in told if not fact.follows), account.joined_at)


def root_of(charge: Charge) -> Charge:
    """Return the charge as it was first made, where it came with another account; else the charge itself."""
    while charge.taken_from:
        made = Charge.objects.filter(party__uuid=charge.taken_from.partition(":")[2], key=charge.because)
        charge = made.select_related("party").get()
    return charge
