"""Webhooks: who is told what happens, at which address. `integrations.webhooks` does the telling."""

import base64
import secrets
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.lib import options
from comity.lib.ids import uuid7
from comity.policy.facts import KINDS
from comity.policy.lives import RULINGS
from comity.records import errands, statements
from comity.records.models import Party, Webhook

MOST = 20


def add(actor: Actor, *, owner: Party, url: str, kinds: list[str], at: datetime) -> Webhook:
    """Have journal lines sent to `url` from now on; `secret` of what is returned verifies them, and is shown only now.

    `kinds` are kinds of facts and rulings, or their beginnings up to a point, such as "duty."; empty for all. Raises
    Refused, Forbidden.
    """
    require(actor, "webhook.edit", owner, at=at)
    require(actor, "journal.read", owner, at=at)  # what is sent is read there
    # As standardwebhooks.com asks: 24 to 64 random bytes, in base64 behind whsec_.
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    with transaction.atomic():
        statements.lock(owner.pk)
        wrong = list(_problems(url, kinds))
        if Webhook.objects.filter(owner=owner).count() >= MOST:
            wrong.append(f"a party has at most {MOST} webhooks; remove one first")
        if wrong:
            raise Refused(wrong)
        return Webhook.objects.create(
            uuid=uuid7(at), owner=owner, url=url, secret=secret, kinds=sorted(set(kinds)), made_at=at, due_at=at
        )


def remove(actor: Actor, webhook: Webhook, *, at: datetime) -> None:
    """Tell an address nothing more."""
    require(actor, "webhook.edit", webhook.owner, at=at)
    webhook.delete()


def again(actor: Actor, webhook: Webhook, *, at: datetime) -> None:
    """Try an address again now that was given up, from where it was left."""
    require(actor, "webhook.edit", webhook.owner, at=at)
    require(actor, "journal.read", webhook.owner, at=at)
    errands.again(webhook, at)


def _problems(url: str, kinds: list[str]) -> list[str]:
    wrong = []
    try:
        parts = urlsplit(url)
        # The port is read for its ValueError: urlsplit looks at it only when asked.
        host, _port = parts.hostname, parts.port
    except ValueError:
        return [f"url: {url!r:.100} is not an address"]
    private = options.flag("COMITY_WEBHOOKS_PRIVATE")
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        wrong.append("url must begin with https://")
    if not host or len(url) > 500 or parts.username or parts.password or any(not "!" <= sign <= "~" for sign in url):
        wrong.append("url must name a host, without a password, in at most 500 ASCII characters")
    known = {*KINDS, *RULINGS}
    groups = {f"{kind.partition('.')[0]}." for kind in known}
    if unknown := sorted(set(kinds) - known - groups):
        wrong.append(f"unknown kinds: {', '.join(unknown)[:200]}; write one such as duty.breached, or duty. for all")
    return wrong
