"""comity carriers scorecards | play"""

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from comity.cli import show
from comity.cli.main import FINE, Failure
from comity.lib import moments
from comity.lib import options as settings

MOST_ROWS = 40


def scorecards(options: argparse.Namespace) -> int:
    """Say how carriers do by lane, from files of parcels."""
    from comity.history import carriers

    files = options.files or sorted((settings.data_folder() / "history").glob("parcels*.parquet"))
    if not files:
        raise Failure("no file of parcels; name one, or run: comity import olist DIR")
    now = _moment(options.now) if options.now else datetime.now(UTC)
    cards = carriers.scorecards([Path(file) for file in files], now=now.replace(tzinfo=None).isoformat(" "))
    if options.json:
        show.as_json({"by_carrier": [_plain(card) for card in cards.by_carrier],
                      "by_lane": [_plain(card) for card in cards.by_lane]})  # fmt: skip
        return FINE
    print(f"{'carrier':16}{'lane':28}{'parcels':>9}{'on time':>9}{'between':>17}{'median':>8}{'9 in 10':>9}{'lost':>7}")
    ranked = sorted(cards.by_lane, key=lambda card: -card.parcels)[:MOST_ROWS]
    for card in [*cards.by_carrier, *ranked]:
        low, high = card.bounds
        lane = f"{card.origin} > {card.destination} {card.service}".strip(" >") or "everywhere"
        print(f"{card.carrier[:15]:16}{lane[:27]:28}{card.parcels:9,}{_share(card.share)}{low:9.1%} -{high:6.1%}"
              f"{_days(card.median_days)}{_days(card.p90_days)} {_share(card.lost_share)}")  # fmt: skip
    return FINE


def play(options: argparse.Namespace) -> int:
    """Let the fake carrier tell a scenario: print the body, or send it, signed, to a Comity."""
    import httpx

    from comity.integrations.tracking.fake import FakeCarrier, signature

    until = _moment(options.until) if options.until else datetime.now(UTC)
    carrier = FakeCarrier(until, name=options.carrier)
    carrier.send(options.number, options.scenario, _moment(options.since))
    body = carrier.body(options.provider, options.number)
    if not options.to:
        print(json.dumps(json.loads(body), indent=2, ensure_ascii=False))
        return FINE
    secret = settings.value(f"COMITY_{options.provider.upper()}_SECRET")
    if not secret:
        raise Failure(f"set COMITY_{options.provider.upper()}_SECRET to what the Comity at {options.to} expects")
    url = f"{options.to.rstrip('/')}/hooks/tracking/{options.provider}/"
    query = {"token": secret} if options.provider == "shippo" else {}
    headers = {"Content-Type": "application/json", **signature(options.provider, body, secret)}
    try:
        answer = httpx.post(url, content=body, params=query, headers=headers, timeout=10, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Failure(f"{options.to} does not answer ({type(error).__name__}); is it running there?") from None
    print(f"{answer.status_code}: {answer.text[:300]}")
    return FINE if answer.is_success else 1


def _moment(text: str) -> datetime:
    try:
        return moments.local(text, "UTC")[0]
    except (ValueError, OverflowError):
        raise Failure(f"{text!r} is no time; write it as 2026-03-02 or 2026-03-02T14:30Z") from None


def _plain(card: Any) -> dict[str, Any]:
    return {**asdict(card), "share": card.share, "bounds": card.bounds}


def _share(value: float | None) -> str:
    return f"{'':>8}-" if value is None else f"{value:9.1%}"


def _days(value: float | None) -> str:
    return f"{'':>7}-" if value is None else f"{value:8.1f}"
