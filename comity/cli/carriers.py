"""comity carriers scorecards | play"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from comity.cli import show
from comity.cli.show import FINE, FOUND, Failure
from comity.lib import moments
from comity.lib import options as settings

MOST_ROWS = 40


@click.group()
def carriers() -> None:
    """How carriers do; and one that only plays."""


@carriers.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[PARCELS.parquet]...")
@click.option("--now", metavar="DATE", help="As of this moment (default: now).")
@show.json_option
def scorecards(files: tuple[Path, ...], now: str | None, in_json: bool) -> int:
    """On time, days, losses by carrier and lane, from files of parcels; default: those in the data folder."""
    from comity.history import carriers as counting

    paths = files or sorted((settings.data_folder() / "history").glob("parcels*.parquet"))
    if not paths:
        raise Failure("no file of parcels; name one, or run: comity import olist DIR")
    at = _moment(now) if now else datetime.now(UTC)
    cards = counting.scorecards(list(paths), now=at.replace(tzinfo=None).isoformat(" "))
    if in_json:
        show.as_json(
            {
                "by_carrier": [_plain(card) for card in cards.by_carrier],
                "by_lane": [_plain(card) for card in cards.by_lane],
            }
        )
        return FINE
    print(f"{'carrier':16}{'lane':28}{'parcels':>9}{'on time':>9}{'between':>17}{'median':>8}{'9 in 10':>9}{'lost':>7}")
    ranked = sorted(cards.by_lane, key=lambda card: -card.parcels)[:MOST_ROWS]
    for card in [*cards.by_carrier, *ranked]:
        low, high = card.bounds
        lane = f"{card.origin} > {card.destination} {card.service}".strip(" >") or "everywhere"
        print(
            f"{card.carrier[:15]:16}{lane[:27]:28}{card.parcels:9,}{_share(card.share)}{low:9.1%} -{high:6.1%}"
            f"{_days(card.median_days)}{_days(card.p90_days)} {_share(card.lost_share)}"
        )
    return FINE


@carriers.command()
@click.argument("scenario", type=show.OneOf("integrations.tracking.fake.SCENARIOS"))
@click.argument("number", metavar="NUMBER")
@click.option("--since", required=True, metavar="DATE", help="When the parcel was given to the carrier.")
@click.option("--until", metavar="DATE", help="Tell what happened until then (default: now).")
@click.option("--carrier", default="sample-post", help="The carrier's name.")
@click.option(
    "--as",
    "provider",
    type=show.OneOf("integrations.tracking.reading.PROVIDERS"),
    default="easypost",
    help="In whose words.",
)
@click.option("--to", metavar="URL", help="A Comity, such as http://127.0.0.1:8000 (default: print it).")
def play(scenario: str, number: str, since: str, until: str | None, carrier: str, provider: str, to: str | None) -> int:
    """Tell a scenario of the fake carrier about the tracking number NUMBER: print the body, or send it, signed."""
    from comity.integrations.tracking.fake import FakeCarrier

    played = FakeCarrier(_moment(until) if until else datetime.now(UTC), name=carrier)
    played.send(number, scenario, _moment(since))
    body = played.body(provider, number)
    if to:
        return _send(body, provider, to)
    print(json.dumps(json.loads(body), indent=2, ensure_ascii=False))
    return FINE


def _send(body: bytes, provider: str, to: str) -> int:
    import httpx

    from comity.integrations.tracking.fake import signature

    secret = settings.value(f"COMITY_{provider.upper()}_SECRET")
    if not secret:
        raise Failure(f"set COMITY_{provider.upper()}_SECRET to what the Comity at {to} expects")
    url = f"{to.rstrip('/')}/hooks/tracking/{provider}/"
    query = {"token": secret} if provider == "shippo" else {}
    headers = {"Content-Type": "application/json", **signature(provider, body, secret)}
    try:
        answer = httpx.post(url, content=body, params=query, headers=headers, timeout=10, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Failure(f"{to} does not answer ({type(error).__name__}); is it running there?") from None
    print(f"{answer.status_code}: {answer.text[:300]}")
    return FINE if answer.is_success else FOUND


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
