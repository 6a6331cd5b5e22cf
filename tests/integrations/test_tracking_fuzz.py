"""Tracking bodies as no aggregator sends them, made from genuine ones by chance: none raises, none is slow.

The genuine one behind them is read.
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from comity.actions import clock, shipments
from comity.integrations.tracking.fake import SCENARIOS, FakeCarrier
from comity.integrations.tracking.news import read_all, take_in
from comity.integrations.tracking.reading import MOST_EVENTS, PROVIDERS, read
from comity.policy.tracking_numbers import kept
from comity.records import journal, rebuild
from comity.records.models import TrackingBody
from tests.cast import Cast, hours
from tests.profiles import LONG, examples

NUMBER, OTHER = "RR123456785CN", "RB123456785GB"
NOW, LONGEST_SECONDS = 24 * 60, 1.0
THROUGH_THE_READER, ALL_THE_WAY = examples(5_000), 150 if LONG else 30


def _deep(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = {"a": [value]}
    return value


#: What may stand anywhere in a body.
ODD: list[Any] = [
    None, True, 0, -1, 10**400, 1e308, float("nan"), float("inf"), "", " ", "\x00", "\ud800", "a\udfff\x00b", [], {},
    [[]], [{}], {"a": None}, "x" * 3_000, "١٢٣", "1e400", "<![", "0001-01-01T00:00:00+14:00", "10000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-12:00", "1969-12-31", "2026-03-04", "2026-03-04T08:00:00", "2026-02-30T00:00:00Z", NUMBER,
    f"420100011234{NUMBER}", OTHER, "delivered", "RETURNED", "out_for_delivery", "Mars/Olympus", "Exception_011",
    _deep(40),
]  # fmt: skip


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a body: what holds it, and by which key or number."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _change(body: Any, chance: random.Random) -> None:
    places = list(_places(body))
    if not places:
        return
    holder, key = chance.choice(places)
    what = chance.randrange(5)
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(holder[key], list):
        holder[key] = holder[key] * chance.choice((2, 40))
    elif what == 2 and isinstance(holder[key], str):
        place = chance.randrange(len(holder[key]) + 1)
        holder[key] = holder[key][:place] + str(chance.choice(ODD))[:50] + holder[key][place:]
    elif what == 3:
        holder[key] = {str(chance.choice(ODD))[:30]: holder[key]}
    else:
        holder[key] = deepcopy(chance.choice(ODD))


def _broken(body: bytes, chance: random.Random) -> bytes:
    """Return bytes that are no JSON any more, or another."""
    place = chance.randrange(len(body))
    tricks: list[Callable[[], bytes]] = [
        lambda: body[:place],
        lambda: body[:place] + bytes([chance.randrange(256)]) + body[place + 1 :],
        lambda: body[:place] + b"[" * 90_000 + body[place:],
        lambda: body[:place] + b'{"a":' * 30_000 + body[place:],
        lambda: body[:place] + b"9" * 6_000 + body[place:],
        lambda: b"\xff\xfe" + body.decode().encode("utf-16-le"),
        lambda: body + body,
    ]
    return chance.choice(tricks)()


def bodies(count: int, *, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield aggregators and what they would never say."""
    chance = random.Random(seed)
    genuine = [
        (provider, _genuine(provider, scenario, NUMBER)) for provider in PROVIDERS for scenario in sorted(SCENARIOS)
    ]
    for _ in range(count):
        provider, body = chance.choice(genuine)
        made = json.loads(body)
        for _ in range(chance.randint(1, 4)):
            _change(made, chance)
        written = json.dumps(made).encode()
        yield provider, _broken(written, chance) if chance.random() < 0.15 else written


def _genuine(provider: str, scenario: str, number: str) -> bytes:
    carrier = FakeCarrier(hours(NOW))
    carrier.send(number, scenario, hours(5))
    return carrier.body(provider, number)


def test_any_body_is_read_or_refused_in_no_time() -> None:
    told = refused = 0
    for provider, body in bodies(THROUGH_THE_READER, seed=1):
        began = time.monotonic()
        try:
            news = read(provider, body)
            told += len(news)
            assert len(news) <= MOST_EVENTS
            for each in news:
                kept(each.number)
                "".join((each.number, each.carrier, each.at, each.said, each.place, each.key)).encode()
        except UnicodeEncodeError:
            raise
        except ValueError:
            refused += 1
        assert time.monotonic() - began < LONGEST_SECONDS, body[:300]
    assert told > THROUGH_THE_READER, "most are still read"
    assert THROUGH_THE_READER // 50 < refused < THROUGH_THE_READER // 4


@pytest.mark.parametrize("seed", [2])
def test_any_body_goes_all_the_way_and_the_genuine_one_behind_is_read(cast: Cast, seed: int) -> None:
    cast.seller.time_zone = "Mars/Olympus"
    cast.seller.save(update_fields=["time_zone"])
    for number in (NUMBER, OTHER):
        parcel = shipments.Parcel("sample-post", number)
        last = shipments.dispatch(cast.li, cast.order(), parcel, at=hours(5))
    slow = []
    for provider, body in bodies(ALL_THE_WAY, seed=seed):
        is_new = take_in(provider, body, at=hours(NOW))
        began = time.monotonic()
        assert read_all(hours(NOW)) >= is_new
        if time.monotonic() - began > LONGEST_SECONDS:
            slow.append(body[:300])
    take_in("aftership", _genuine("aftership", "in_time", OTHER), at=hours(NOW))
    while read_all(hours(NOW)):  # a long one is read in parts
        pass
    assert slow == []
    failed = TrackingBody.objects.filter(outcome__in=["failed", ""])
    assert [(row.provider, row.why, bytes(row.body)[:2_000]) for row in failed] == []
    assert TrackingBody.objects.filter(outcome="taken").count() > ALL_THE_WAY // 3
    last.refresh_from_db()
    assert "accepted" in last.scans.values_list("status", flat=True)
    clock.turn(hours(NOW))
    assert rebuild.at_odds(cast.seller) == []
    assert not list(journal.verify(cast.seller))
