"""comity party add | token make"""

import argparse
import sys
from datetime import UTC, datetime
from uuid import UUID

from comity.cli import setup
from comity.cli.main import FINE, Failure


def add(options: argparse.Namespace) -> int:
    """Add a party, with a login if an address is given."""
    setup.django()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from comity.actions import parties

    now = datetime.now(UTC)
    password = ""
    if options.email:
        password = sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password)
        except ValidationError as error:
            raise Failure(f"the password on standard input cannot be used: {' '.join(error.messages)}") from None
    party = parties.join(role=options.role, name=options.name, at=now, external_id=options.external_id)
    if options.email:
        parties.give_login(party, email=options.email, password=password)
    print(party.uuid)
    return FINE


def token(options: argparse.Namespace) -> int:
    """Make a token for a party."""
    setup.django()
    from comity.actions import parties
    from comity.actions.guard import Actor
    from comity.identity import tokens
    from comity.records.models import Party

    now = datetime.now(UTC)
    platform = parties.platform(now)
    party = platform if options.party == "platform" else Party.objects.filter(uuid=_uuid(options.party)).first()
    if party is None:
        raise Failure(f"there is no party {options.party}")
    print(tokens.make(Actor(platform), party=party, label=options.label, scopes=options.scope, at=now))
    return FINE


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Failure(f"{text!r} is no party: give its UUID, as comity party add printed it") from None
