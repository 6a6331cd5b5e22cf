"""What is done inside a marketplace under test, in a process beside its own, in which Django is set up."""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.db import transaction

from comity.actions import clock, messages, orders, parties, rulebooks, shipments
from comity.actions.guard import SCOPES, Actor
from comity.identity import tokens
from comity.lib.money import Money
from comity.records import journal, rebuild, statements
from comity.records.models import JournalLine, Message, Party, Scan
from comity.rulebooks.shelf import text_of
from tests.properties import stories

PARCELS = 12


def prepare(clients: str) -> dict[str, Any]:
    """Set the stage: buyers with tokens and conversations, a shop with a token, parcels that are told of."""
    at = datetime.now(UTC) - timedelta(days=1)
    platform = Actor(parties.platform(at))
    with patch.object(rulebooks, "_unready", lambda text: ()):  # that it may be published is shown elsewhere
        rulebooks.publish(platform, text_of("aliexpress"), at=at)
    talks, numbers = [], []
    for number in range(int(clients)):
        buyer = parties.add(platform, parties.NewParty(role="buyer", name="B", external_id=f"b{number}"), at=at)
        seller = parties.add(platform, parties.NewParty(role="seller", name="S", external_id=f"s{number}"), at=at)
        talk = messages.open_conversation(Actor(buyer), messages.NewConversation(buyer, seller, "Lamp"), at=at)
        talks.append((_token(platform, buyer, at), str(talk.uuid)))
    for number in range(PARCELS):
        new = orders.NewOrder(
            buyer, seller, "Lamp", Money(1, "EUR"), handling_hours=9, deliver_by=at + timedelta(days=9)
        )
        order = orders.pay(platform, orders.place(platform, new, at=at), at=at)
        parcel = shipments.dispatch(Actor(seller), order, shipments.Parcel("post", f"FAULT{number}", sure=True), at=at)
        numbers.append(parcel.tracking_number)
    return {"talks": talks, "shop": _token(platform, platform.party, at), "seller": seller.ref, "parcels": numbers}


def _token(platform: Actor, party: Party, at: datetime) -> str:
    return tokens.make(platform, party=party, label="x", scopes=sorted(SCOPES), at=at)


def turn(seconds: str) -> dict[str, int]:
    """Turn the clock for so long, with a clock that jumps: an hour ahead, an hour behind, and right."""
    until, turned = time.monotonic() + float(seconds), 0
    while time.monotonic() < until:
        for hours in (1, -1, 0):
            turned += clock.turn(datetime.now(UTC) + timedelta(hours=hours)).parties
    return {"turned": turned}


def found() -> dict[str, Any]:
    """Return how often each message, fact and event of a parcel is there, and what does not hold."""
    end = datetime.now(UTC) + timedelta(days=30)
    wrong: list[str] = []
    clock.turn(end)
    for party in Party.objects.filter(standing__chain_seq__gt=0):
        # Held still: errands may go on reading what was told, and what is compared is read one after the other.
        with transaction.atomic():
            statements.lock(party.pk)
            if stories.replayed(party, until=end) != stories.ruled(party):
                wrong.append(f"{party.ref}: replay differs")
            wrong += [f"{party.ref}: {each}" for each in (*journal.verify(party), *rebuild.at_odds(party))]
    facts = JournalLine.objects.filter(fact_id__isnull=False, kind="review.written").values_list("matter", flat=True)
    scans = [f"{scan.shipment.tracking_number} {scan.place}" for scan in Scan.objects.select_related("shipment")]
    texts = Message.objects.values_list("text", flat=True)
    return {"messages": Counter(texts), "facts": Counter(facts), "scans": Counter(scans), "wrong": wrong}


def main() -> None:
    """Do what the command line names, and write what it returns as a line of JSON."""
    works: dict[str, Callable[..., dict[str, Any]]] = {"prepare": prepare, "turn": turn, "found": found}
    sys.stdout.write(json.dumps(works[sys.argv[1]](*sys.argv[2:])) + "\n")
