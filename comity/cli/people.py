"""comity party add | token make"""

import sys
from datetime import UTC, datetime
from uuid import UUID

import click

from comity.cli import setup
from comity.cli.show import FINE, Failure


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
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from comity.actions import parties

    now = datetime.now(UTC)
    password = ""
    if email:
        password = sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password)
        except ValidationError as error:
            raise Failure(f"the password on standard input cannot be used: {' '.join(error.messages)}") from None
    joined = parties.join(parties.NewParty(role=role, name=name, external_id=external_id), at=now)
    if email:
        parties.give_login(joined, email=email, password=password)
    print(joined.uuid)
    return FINE


@click.group()
def token() -> None:
    """Access tokens for programs."""


@token.command()
@click.argument("party", metavar="UUID")
@click.option("--label", required=True, help="What the token is for.")
@click.option("--scope", "scopes", multiple=True, required=True, metavar="ACTION", help="Repeat for several.")
def make(party: str, label: str, scopes: tuple[str, ...]) -> int:
    """Make a token and print it; it is shown this once. UUID: as whom the program acts; `platform` for the shop."""
    setup.django()
    from comity.actions import parties
    from comity.actions.guard import Actor
    from comity.identity import tokens
    from comity.records.models import Party

    now = datetime.now(UTC)
    platform = parties.platform(now)
    whose = platform if party == "platform" else Party.objects.filter(uuid=_uuid(party)).first()
    if whose is None:
        raise Failure(f"there is no party {party}")
    print(tokens.make(Actor(platform), party=whose, label=label, scopes=list(scopes), at=now))
    return FINE


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Failure(f"{text!r} is no party: give its UUID, as comity party add printed it") from None
