"""comity party add | party password | party forget-issues | token list | token make | token rotate | token revoke"""

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from comity.cli import setup
from comity.cli.show import FINE, Failure, as_json, json_option
from comity.lib import texts

if TYPE_CHECKING:
    from comity.records.models import ApiToken, Party


@click.group()
def party() -> None:
    """Parties."""


@party.command()
@click.argument("role", type=click.Choice(["buyer", "seller", "agent"]))
@click.argument("name")
@click.option("--external-id", help="Its name in the shop.")
@click.option("--email", help="Gives it a login.")
def add(role: str, name: str, external_id: str | None, email: str | None) -> int:
    """Add a party; with --email, the password is read from standard input."""
    setup.django()
    from comity.actions import parties

    now, password = datetime.now(UTC), _typed_password() if email else ""
    joined = parties.join(parties.NewParty(role=role, name=name, external_id=external_id), at=now)
    if email:
        parties.give_login(joined, email=email, password=password)
    print(joined.uuid)
    return FINE


@party.command("forget-issues")
@click.argument("buyer", type=click.UUID)
@json_option
def forget_issues(buyer: UUID, in_json: bool) -> int:
    """Forget names, contacts and words in a network's complaints about a buyer's orders; of open ones names alone."""
    setup.django()
    from comity.actions.network import forgetting
    from comity.records.models import Party

    found = Party.objects.filter(uuid=buyer, role="buyer").first()
    if found is None:
        raise Failure(f"there is no buyer {buyer}; name the uuid that the API tells")
    wholly, by_name = forgetting.forget_buyer(found, datetime.now(UTC))
    if in_json:
        as_json({"wholly": wholly, "by_name": by_name})
    else:
        print(f"forgotten: {wholly} wholly; by name: {by_name}, since they are open: run it again once they are closed")
    return FINE


@party.command()
@click.argument("email")
def password(email: str) -> int:
    """Set a new password, read from standard input, for the login with this address; its sessions end."""
    setup.django()
    from comity.actions import parties

    parties.set_password(email=email, password=_typed_password())
    return FINE


@click.group()
def token() -> None:
    """Access tokens for programs."""


days_option = click.option("--days", type=click.IntRange(1, 3 * 365), help="For how long it is good. Default: a year.")


@token.command()
@click.argument("party", metavar="UUID")
@click.option("--label", required=True, help="What the token is for.")
@click.option("--scope", "scopes", multiple=True, required=True, metavar="ACTION", help="Repeat for several.")
@days_option
def make(party: str, label: str, scopes: tuple[str, ...], days: int | None) -> int:
    """Make a token and print it; it is shown this once. UUID: as whom the program acts; `platform` for the shop."""
    setup.django()
    from comity.actions import parties
    from comity.actions.guard import Actor
    from comity.identity import tokens

    now = datetime.now(UTC)
    actor, whose = Actor(parties.platform(now)), _party(party, now)
    print(tokens.make(actor, party=whose, label=label, scopes=scopes, at=now, expires_at=_until(days, now)))
    return FINE


@token.command("list")
@click.argument("party", metavar="[UUID]", required=False)
@json_option
def list_(party: str | None, in_json: bool) -> int:
    """List tokens, newest first: everybody's, or those of one party (`platform`: the shop's). Never their secrets."""
    setup.django()
    from comity.actions import parties
    from comity.actions.guard import Actor
    from comity.identity import tokens

    now = datetime.now(UTC)
    rows = tokens.listed(Actor(parties.platform(now)), _party(party, now) if party else None)
    found = [_told(row, now) for row in rows]
    if in_json:
        as_json(found)
    for each in () if in_json else found:
        print(
            f"{each['prefix']}  {each['state']:8}  {each['role']} {each['party']}  {each['label']}\n"
            f"          until {each['expires_at']:.10}, last used {each['last_used_at'] or 'never':.16}: "
            f"{', '.join(each['scopes'])}"
        )
    return FINE


@token.command()
@click.argument("prefix")
@click.option("--overlap-hours", type=click.IntRange(0, 30 * 24), default=0, help="The old secret is good for so long.")
@days_option
def rotate(prefix: str, overlap_hours: int, days: int | None) -> int:
    """Give a token a new secret and print it; it is shown this once. The old one ends at once, if you say nothing."""
    setup.django()
    from comity.actions import parties
    from comity.actions.guard import Actor
    from comity.identity import tokens

    now, overlap = datetime.now(UTC), timedelta(hours=overlap_hours)
    actor, known = Actor(parties.platform(now)), _token(prefix)
    print(tokens.rotate(actor, known, at=now, overlap=overlap, expires_at=_until(days, now)))
    return FINE


@token.command()
@click.argument("prefix")
def revoke(prefix: str) -> int:
    """End a token at once, with all that were made with it."""
    setup.django()
    from comity.actions import parties
    from comity.actions.guard import Actor
    from comity.identity import tokens

    now = datetime.now(UTC)
    tokens.revoke(Actor(parties.platform(now)), _token(prefix), at=now)
    return FINE


def _typed_password() -> str:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    try:
        typed = sys.stdin.readline().rstrip("\n")
    except UnicodeDecodeError:
        typed = "\x00"
    if texts.clean(typed) != typed:
        raise Failure("the password on standard input is no text in UTF-8, or holds a NUL character")
    try:
        validate_password(typed)
    except ValidationError as error:
        raise Failure(f"the password on standard input cannot be used: {' '.join(error.messages)}") from None
    return typed


def _told(row: "ApiToken", now: datetime) -> dict[str, Any]:
    return {
        "prefix": row.prefix,
        "state": row.state(now),
        "role": row.party.role,
        "party": str(row.party.uuid),
        "label": row.label,
        "scopes": row.scopes,
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
        "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
    }


def _until(days: int | None, now: datetime) -> datetime | None:
    return None if days is None else now + timedelta(days=days)


def _party(text: str, now: datetime) -> "Party":
    from comity.actions import parties
    from comity.records.models import Party

    found = parties.platform(now) if text == "platform" else Party.objects.filter(uuid=_uuid(text)).first()
    if found is None:
        raise Failure(f"there is no party {text}")
    return found


def _token(prefix: str) -> "ApiToken":
    from comity.records.models import ApiToken

    # The whole text will do, too: it is what somebody finds where it leaked.
    name = prefix.split("_")[1] if prefix.startswith("comity_") else prefix
    row = ApiToken.objects.select_related("party").filter(prefix=name).first()
    if row is None:
        raise Failure(f"there is no token {name:.20}; comity token list shows them")
    return row


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Failure(f"{text!r} is no party: give its UUID, as comity party add printed it") from None
