"""Whether the shop has taken what it was told: of a matter, the newest line against the place of each webhook."""

from dataclasses import dataclass
from datetime import datetime

from comity.records.models import JournalLine, Party, Webhook, WebhookCursor

#: Of a matter's lines, how many are looked at for one that an address wants.
MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What one address of the shop's has taken of a matter.

    kind, at   the newest line of the matter that it is told
    taken      whether it has answered that it has it
    attempts   how often it has failed in a row; `why`: with what, the last time; `due_at` None: it was given up
    """

    url: str
    kind: str
    at: datetime
    taken: bool
    attempts: int = 0
    why: str = ""
    due_at: datetime | None = None


def confirmations(party: Party, matter: str) -> list[Confirmation]:
    """Return what each webhook of the platform has taken of what was ruled on a matter; none where there is none."""
    hooks = list(Webhook.objects.filter(owner__role="platform").order_by("pk"))
    if not hooks:
        return []
    cursors = dict(WebhookCursor.objects.filter(webhook__in=hooks, party=party).values_list("webhook_id", "seq"))
    newest_first = JournalLine.objects.filter(party=party, matter=matter).order_by("-seq")
    lines = list(newest_first.values("seq", "kind", "at")[:MOST_LINES])
    found = []
    for hook in hooks:
        newest = next((each for each in lines if hook.wants(each["kind"])), None)
        if newest is not None:
            taken = cursors.get(hook.pk, 0) >= newest["seq"]
            failed = () if taken else (hook.attempts, hook.failed_why, hook.due_at)
            found.append(Confirmation(hook.url, newest["kind"], newest["at"], taken, *failed))
    return found
