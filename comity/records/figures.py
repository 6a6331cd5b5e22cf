"""What figures of disputes are counted from: cases, their facts, windows of requests, guided openings. Bounded."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, Value

from comity.policy.disputes.case import OPEN, Stage
from comity.policy.disputes.turn import ASKED
from comity.policy.facts import NEVER, Fact
from comity.records import rulebooks, statements
from comity.records.models import Dispute, Duty, GuidedOpening

#: Cases at the most: of those that ended the newest, of those that go on the oldest.
MOST = 2_000


def ended(since: datetime) -> list[Dispute]:
    """Return the cases that ended since then, the newest first. One statement."""
    rows = Dispute.objects.filter(ended_at__gte=since).select_related("order__seller", "order__buyer")
    return list(rows.order_by("-ended_at", "-pk")[:MOST])


def going_on() -> list[Dispute]:
    """Return the cases that go on, the oldest first. One statement."""
    rows = Dispute.objects.filter(stage__in=[*OPEN, Stage.INQUIRY]).select_related("order__seller", "order__buyer")
    return list(rows.order_by("opened_at", "pk")[:MOST])


def oldest_unassigned() -> Dispute | None:
    """Return the case that nobody has and that has waited longest since the platform was asked."""
    rows = Dispute.objects.filter(stage=Stage.MEDIATION, holder=None, leaves_at=None, escalated_at__isnull=False)
    return rows.select_related("order").order_by("escalated_at", "pk").first()


def facts_of(rows: Iterable[Dispute]) -> Mapping[int, Sequence[Fact]]:
    """Return all that is noted of the orders that cases are about, by the order's key, in time. One statement."""
    orders = {(row.order.seller_id, row.order.ref): row.order_id for row in rows}
    found: defaultdict[int, list[Fact]] = defaultdict(list)
    for party, fact in statements.facts_of_pairs(list(orders)):
        found[orders[party, fact.matter]].append(fact)
    return {order: sorted(facts, key=lambda fact: fact.place) for order, facts in found.items()}


def windows_of_requests(refs: Mapping[str, int]) -> Mapping[str, Sequence[Duty]]:
    """Return the duties to answer a request for information, by the case that they are about. One statement.

    `refs`: cases as facts name them, with the party whose matter each is.
    """
    rules = (rule for book in rulebooks.current() for rule in book.duties)
    asking = {rule.name for rule in rules if any(match.fact == ASKED for match in rule.opened_by)}
    found: defaultdict[str, list[Duty]] = defaultdict(list)
    if not refs or not asking:
        return found
    rows = Duty.objects.filter(party__in=set(refs.values()), subject__in=refs, rule__in=asking, due__lt=NEVER)
    for duty in rows:
        if refs[duty.subject] == duty.party_id:
            found[duty.subject].append(duty)
    return found


def guided(since: datetime, until: datetime, within: timedelta) -> list[tuple[str, int, int, int]]:
    """Return of the guided openings begun from `since` until before `until` what was advised, and how many there were.

    And how many of them were followed by an inquiry alone, and by a claim. One statement.
    """
    told_by_the_shop = Dispute.objects.filter(
        order=OuterRef("order"), named_by_shop=True, opened_at__gte=OuterRef("began_at"),
        opened_at__lt=ExpressionWrapper(OuterRef("began_at") + Value(within), output_field=DateTimeField()),
    ).exclude(stage=Stage.INQUIRY)  # fmt: skip
    rows = GuidedOpening.objects.filter(began_at__gte=since, began_at__lt=until).annotate(told=Exists(told_by_the_shop))
    claimed = Q(claimed_at__lt=F("began_at") + within) | Q(told=True)
    counted = rows.values("advised").annotate(
        n=Count("pk"),
        claims=Count("pk", filter=claimed),
        asked=Count("pk", filter=Q(dispute__isnull=False) & ~claimed),
    )
    return [(row["advised"], row["n"], row["asked"], row["claims"]) for row in counted.order_by("-n", "advised")]
