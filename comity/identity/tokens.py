"""Access tokens for programs. The secret is shown once; only its hash is kept."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from comity.actions.enact import Refused
from comity.actions.guard import SCOPES, Actor, allows, require
from comity.policy.powers import RELATIONS, power
from comity.records.models import ApiToken, Party

PREFIX_CHARS, MAX_LABEL_CHARS = 8, 100
#: How long a token is good where nothing is said, and at the most.
LIFE, MAX_LIFE = timedelta(days=365), timedelta(days=3 * 365)
#: For how long the secret before may be good beside the new one.
MAX_OVERLAP = timedelta(days=30)
#: How often it is noted that a token is used.
NOTED_EVERY = timedelta(hours=1)
NO_TIME = timedelta()
#: For how long a process takes a token's word without asking the database again.
REMEMBERED, _MOST_REMEMBERED = timedelta(seconds=1), 10_000
_remembered: dict[str, tuple[datetime, Actor]] = {}


def make(
    actor: Actor,
    *,
    party: Party,
    label: str,
    scopes: Iterable[str],
    at: datetime,
    expires_at: datetime | None = None,
) -> str:
    """Make a token for `party` limited to `scopes` (names of actions); return its text, which is shown only now.

    Raises Refused, also for one that could do more or would be good for longer than the token that makes it; Forbidden.
    """
    require(actor, "token.make", party)
    label, wanted, until = label.replace("\x00", "").strip(), set(scopes), _until(actor, expires_at, at)
    wrong = list(_wider(actor, wanted))
    if unknown := sorted(wanted - SCOPES):
        wrong.append(f"unknown scopes: {', '.join(unknown)[:200]}; known: {', '.join(sorted(SCOPES))}")
    if not wanted:
        wrong.append(_("A token has at least one scope: what it may be used for."))
    if not 1 <= len(label) <= MAX_LABEL_CHARS:
        wrong.append(_("Say in 1 to %(most)s characters what the token is for.") % {"most": MAX_LABEL_CHARS})
    if wrong:
        raise Refused(wrong)
    prefix, secret = secrets.token_hex(PREFIX_CHARS // 2), secrets.token_urlsafe(32)
    ApiToken.objects.create(
        party=party,
        label=label,
        prefix=prefix,
        secret_hash=_hash(secret),
        scopes=sorted(wanted),
        created_at=at,
        expires_at=until,
        made_with_id=actor.token,
    )
    return _text(prefix, secret)


def rotate(
    actor: Actor, token: ApiToken, *, at: datetime, overlap: timedelta = NO_TIME, expires_at: datetime | None = None
) -> str:
    """Give a token a new secret, and a new time to be good; return its text, which is shown only now.

    The secret before is good for `overlap` more, at once no longer where that is nothing. Raises Refused, Forbidden.
    """
    require(actor, "token.rotate", token)
    if wrong := list(_wider(actor, set(token.scopes))):
        raise Refused(wrong)
    if not NO_TIME <= overlap <= MAX_OVERLAP:
        raise Refused([_("The secret before can be good for at most %(days)s days more.") % {"days": MAX_OVERLAP.days}])
    until, secret = _until(actor, expires_at, at), secrets.token_urlsafe(32)
    with transaction.atomic():
        row = ApiToken.objects.select_for_update().get(pk=token.pk)
        if row.state(at) != "in_force":
            raise Refused([_("This token is revoked or has expired. Make a new one.")])
        # Never for longer than it was good before it was rotated.
        row.old_hash, row.old_until = row.secret_hash, min(at + overlap, row.expires_at)
        row.secret_hash, row.rotated_at, row.expires_at = _hash(secret), at, until
        row.save(update_fields=["old_hash", "old_until", "secret_hash", "rotated_at", "expires_at"])
    forget()
    return _text(row.prefix, secret)


def revoke(actor: Actor, token: ApiToken, *, at: datetime) -> None:
    """End a token at once, and all that were made with it. A second time changes nothing. Raises Forbidden."""
    require(actor, "token.revoke", token)
    ended = {token.pk}
    while made := set(ApiToken.objects.filter(made_with__in=ended).values_list("pk", flat=True)) - ended:
        ended |= made
    ApiToken.objects.filter(pk__in=ended, revoked_at=None).update(revoked_at=at)
    forget()


def forget() -> None:
    """Drop what this process remembers of tokens."""
    _remembered.clear()


def listed(actor: Actor, party: Party | None = None) -> QuerySet[ApiToken]:
    """Return the tokens of a party, newest first; with none named, everybody's. Raises Forbidden."""
    # Everybody's: of a party that the actor is not.
    require(actor, "token.list", party)
    rows = ApiToken.objects.select_related("party").order_by("-created_at", "-pk")
    return rows if party is None else rows.filter(party=party)


def seen(actor: Actor, prefix: str) -> QuerySet[ApiToken]:
    """Return the token of that prefix, if it is one that the actor may know of; else nothing."""
    rows = ApiToken.objects.select_related("party").filter(prefix=prefix.replace("\x00", ""))
    return rows if allows(actor, "token.list") else rows.filter(party=actor.party)


def useful(role: str) -> list[str]:
    """Return the scopes that are of use to a role: the actions that it may do in some relation."""
    return [action for action in sorted(SCOPES) if any(power(role, action, each).allowed for each in RELATIONS)]


def of_text(text: str) -> ApiToken:
    """Return the row of a token's text that was just made."""
    return ApiToken.objects.select_related("party").get(prefix=text.split("_")[1])


def actor_of(text: str, now: datetime) -> Actor | None:
    """Return the actor whose token `text` is at `now`, or None. Notes that it is used.

    The one place where a token is looked up. What was found is remembered for a second: that long another process may
    take a token that is revoked here.
    """
    known = _remembered.get(text)
    if known is not None and known[0] <= now < known[0] + REMEMBERED:
        return known[1]
    actor = _looked_up(text, now)
    if actor is not None:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[text] = (now, actor)
    return actor


def _looked_up(text: str, now: datetime) -> Actor | None:
    # The secret may hold underscores itself.
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != "comity" or not parts[1].isalnum():
        return None
    # The prefix finds the row; the secret is compared in a time that tells nothing of it.
    token = ApiToken.objects.select_related("party").filter(prefix=parts[1]).first()
    if token is None or token.state(now) != "in_force" or not _is_secret(token, parts[2], now):
        return None
    if token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return Actor(token.party, frozenset(token.scopes), token.pk)


def _is_secret(token: ApiToken, secret: str, now: datetime) -> bool:
    given = _hash(secret)
    if hmac.compare_digest(bytes(token.secret_hash), given):
        return True
    is_old = token.old_until is not None and now < token.old_until
    return is_old and hmac.compare_digest(bytes(token.old_hash or b""), given)


def _until(actor: Actor, wanted: datetime | None, at: datetime) -> datetime:
    """Return until when a token is good. One that is made with another is good no longer than that. Raises Refused."""
    longest, life = at + MAX_LIFE, at + LIFE
    if actor.token is not None:
        longest = min(longest, ApiToken.objects.get(pk=actor.token).expires_at)
    until = wanted or min(life, longest)
    if not at < until <= longest:
        said = _("A token expires between now and %(longest)s.") % {"longest": longest.isoformat(timespec="seconds")}
        raise Refused([said])
    return until


def _wider(actor: Actor, scopes: set[str]) -> Iterable[str]:
    if actor.scopes is not None and not scopes <= actor.scopes:
        yield "a token cannot make or rotate another with wider scopes than its own"


def _text(prefix: str, secret: str) -> str:
    return f"comity_{prefix}_{secret}"


def _hash(secret: str) -> bytes:
    """SHA-256 is enough here: the secret is 256 random bits, not something that a person chose."""
    return hashlib.sha256(secret.encode()).digest()
