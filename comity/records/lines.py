"""Lines of a matter: its own, and those of the party's pauses that count in it."""

import json
from collections.abc import Iterator

from django.db.models import Q, QuerySet

from comity.lib import moments
from comity.policy.facts import DEADLINE, PAUSES
from comity.records.models import JournalLine, Party, Pause


def of_matter(party: Party, matter: str) -> QuerySet[JournalLine]:
    """Return what a party's journal says of a matter, deadlines left out, in no order.

    A pause for a party stands once, beside its matters, and moves deadlines in all of them: of those that last into
    the matter and were noted before its last line, the lines are there as well. Whoever reads why a time is longer
    needs them, in a case file too.
    """
    own = JournalLine.objects.filter(party=party, matter=matter).exclude(kind=DEADLINE)
    pauses = list(_pauses(party, own)) if matter != party.ref else []
    if not pauses:  # as nearly always: one index serves
        return own
    return JournalLine.objects.filter(Q(matter=matter) | Q(pk__in=pauses), party=party).exclude(kind=DEADLINE)


def _pauses(party: Party, own: QuerySet[JournalLine]) -> Iterator[int]:
    first, last = (own.order_by(by).values_list("seq", "at").first() for by in ("at", "-seq"))
    if first is None or last is None:
        return
    if not Pause.objects.filter(party=party, matter="", ends__gt=first[1]).exists():
        return
    rows = JournalLine.objects.filter(party=party, matter=party.ref, kind__in=PAUSES, seq__lt=last[0])
    for pk, body in rows.values_list("pk", "body"):
        if moments.parse(str(json.loads(body)["data"]["until"])) > first[1]:
            yield pk
