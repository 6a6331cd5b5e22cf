"""Whether a side was reached: nothing is decided by the silence of somebody who never heard.

A side is told on its pages, and by mail where it has an address. That our mail server took a mail counts until it comes
back; who looked at the case, or acted in it, has heard whatever came back.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from comity.actions.disputes.cases import Held
from comity.actions.guard import Actor
from comity.actions.reached import bounced
from comity.lib import moments
from comity.policy.disputes.telling import whose_act
from comity.records.models import Contact, Dispute, Notice, NoticeMail, Party
from comity.records.models.mails import MOST_BOUNCES


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known of how a side was told of a case.

    told_at          when it was told first, on its pages; None for never
    sent_at          when our mail server took the last mail to it that did not come back
    arrived_at       when the side's own mail server said that a mail was delivered
    acknowledged_at  when it is known to have heard: it looked at the case, acted in it, or answered a mail
    refuted          mails to it come back, and nothing shows that it heard otherwise
    """

    told_at: datetime | None
    acknowledged_at: datetime | None
    refuted: bool
    sent_at: datetime | None = None
    arrived_at: datetime | None = None

    @property
    def is_reached(self) -> bool:
        """Whether it counts as told: it was, and nothing speaks against it."""
        return self.told_at is not None and not self.refuted

    @property
    def state(self) -> str:
        """The strongest that is known, as a code: acknowledged, refuted, arrived, sent, deemed or never.

        deemed  it is on the side's pages, and no mail of it went out: that counts as told
        """
        if self.acknowledged_at is not None:
            return "acknowledged"
        if self.refuted:
            return "refuted"
        if self.arrived_at is not None:
            return "arrived"
        if self.sent_at is not None:
            return "sent"
        return "deemed" if self.told_at is not None else "never"

    @property
    def since(self) -> datetime | None:
        """Since when that is known; None where no moment belongs to it."""
        known = {"acknowledged": self.acknowledged_at, "arrived": self.arrived_at, "sent": self.sent_at}
        return known.get(self.state, self.told_at)


def reach(now: Held, side: str) -> Reach:
    """Return how a side was told of a case since the claim was made last."""
    party = now.buyer if side == "buyer" else now.seller
    since = now.case.claimed_at or now.case.opened_at
    mine = [each for each in _notices(party, now.dispute, now.order.ref).order_by("at") if each.at >= since]
    # Of what the side did itself nobody had to tell it: that it acted is seen below.
    told = [notice for notice in mine if whose_act(notice.kind, notice.values) != side]
    seen = [notice.read_at for notice in told if notice.read_at is not None]
    seen += [fact.at for fact in now.facts if fact.data.get("by") == side and fact.at > since and not fact.follows]
    seen += [fact.at for fact in now.facts if side == "seller" and fact.kind == "dispute.answered" and fact.at > since]
    acknowledged = min(seen, default=None)
    mails = list(NoticeMail.objects.filter(party=party, dispute=now.dispute, made_at__gte=since).order_by("pk"))
    return Reach(
        told_at=mine[0].at if mine else None,
        acknowledged_at=acknowledged,
        refuted=acknowledged is None and (_last_came_back(mails) or _comes_back(party)),
        sent_at=next((each.sent_at for each in reversed(mails) if each.sent_at and not each.came_back), None),
        arrived_at=next((each.arrived_at for each in mails if each.arrived_at), None),
    )


def _notices(party: Party, dispute: Dispute, matter: str) -> QuerySet[Notice]:
    return Notice.objects.filter(party=party, matter=matter, values__subject__in=dispute.names)


def _last_came_back(mails: list[NoticeMail]) -> bool:
    """Whether the last mail of those that were tried came back; one that waits says nothing yet."""
    tried = [each for each in mails if each.sent_at is not None or each.came_back]
    return bool(tried) and tried[-1].came_back


def _comes_back(party: Party) -> bool:
    return Contact.objects.filter(party=party, by_mail=True, bounced__gte=MOST_BOUNCES).exists()


def acknowledge(actor: Actor, dispute: Dispute, *, at: datetime) -> None:
    """Note that a side looked at its case: what it was told of it counts as read. Of anybody else nothing is noted."""
    order = dispute.order
    if actor.party.pk in (order.buyer_id, order.seller_id):
        _notices(actor.party, dispute, order.ref).filter(read_at=None).update(read_at=at)


def answered(mail: NoticeMail, *, at: datetime) -> None:
    """Note that the reader of a mail answered it: what it tells is known to have been read."""
    mail.notices.filter(read_at=None).update(read_at=at)


def arrived(mail: NoticeMail, *, at: datetime) -> None:
    """Note that the reader's mail server says that a mail was delivered."""
    NoticeMail.objects.filter(pk=mail.pk, arrived_at=None).update(arrived_at=at)


def came_back(mail: NoticeMail, *, at: datetime, noted_at: datetime) -> None:
    """Note that a mail came back, once; its reader is told so on its pages, and agents see it at the desk."""
    if not bounced(mail, at=at):
        return
    assert mail.dispute is not None, "of measures `actions.reached` hears"
    values = {"topic": mail.dispute.key, "at": moments.to_text(at)}
    matter, kind = mail.dispute.order.ref, "mail.came_back"
    # Once while it is unread: the same again tells nothing new.
    if not Notice.objects.filter(party=mail.party_id, kind=kind, matter=matter, read_at=None).exists():
        Notice.objects.create(party=mail.party, kind=kind, matter=matter, at=noted_at, values=values)
