"""Access tokens for programs. The secret is shown once; only its hash is kept."""

import hashlib
import hmac
import secrets
from datetime import datetime

from comity.actions.enact import Refused
from comity.actions.guard import SCOPES, Actor, require
from comity.records.models import ApiToken, Party

PREFIX_CHARS = 8


def make(actor: Actor, *, party: Party, label: str, scopes: list[str], at: datetime) -> str:
    """Make a token for `party` limited to `scopes` (names of actions); return its text, which is shown only now."""
    require(actor, "token.make", party)
    unknown = sorted(set(scopes) - SCOPES)
    if unknown or not scopes:
        raise Refused([f"unknown scopes: {', '.join(unknown) or 'none given'}; known: {', '.join(sorted(SCOPES))}"])
    if actor.scopes is not None and not set(scopes) <= actor.scopes:
        raise Refused(["a token cannot make another with wider scopes than its own"])
    prefix, secret = secrets.token_hex(PREFIX_CHARS // 2), secrets.token_urlsafe(32)
    ApiToken.objects.create(
        party=party,
        label=label[:100],
        prefix=prefix,
        secret_hash=_hash(secret),
        scopes=sorted(set(scopes)),
        created_at=at,
    )
    return f"comity_{prefix}_{secret}"


def actor_of(text: str) -> Actor | None:
    """Return the actor whose token `text` is, or None."""
    # The secret may hold underscores itself.
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != "comity":
        return None
    # The prefix finds the row; the secret is compared in a time that tells nothing of it.
    token = ApiToken.objects.select_related("party").filter(prefix=parts[1], revoked_at=None).first()
    if token is None or not hmac.compare_digest(bytes(token.secret_hash), _hash(parts[2])):
        return None
    return Actor(token.party, frozenset(token.scopes))


def _hash(secret: str) -> bytes:
    """SHA-256 is enough here: the secret is 256 random bits, not something that a person chose."""
    return hashlib.sha256(secret.encode()).digest()
