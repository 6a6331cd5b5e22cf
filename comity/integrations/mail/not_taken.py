"""What parties are told on their pages of mails that were not taken."""

from dataclasses import dataclass
from datetime import timedelta

from comity.lib import moments
from comity.records.models import IncomingMail, Notice, Party


@dataclass(frozen=True, slots=True)
class About:
    """What a party is told of: the matter, its topic, and why a mail, or a file of it, was not taken."""

    matter: str
    topic: str
    why: str


def tell(party: Party, row: IncomingMail, about: About, *, kind: str = "mail.not_taken", once: bool = False) -> None:
    """Tell a party on its pages that a mail, or a file in it, was not taken, and why.

    `once`: not again within an hour; what strangers or machines send must not fill a party's pages.
    """
    since = row.noted_at - timedelta(hours=1)
    if once and Notice.objects.filter(party=party, kind=kind, matter=about.matter, at__gt=since).exists():
        return
    values = {"topic": about.topic, "why": about.why, "at": moments.to_text(row.received_at)}
    Notice.objects.create(party=party, kind=kind, matter=about.matter, at=row.noted_at, values=values)
