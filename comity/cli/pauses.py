"""comity pause list | record | end | take-back; comity clock stuck | retry"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from comity.cli import setup
from comity.cli.show import FINE, FOUND, Failure, as_json, json_option, many

if TYPE_CHECKING:
    from comity.actions.excuses.asked import Asked
    from comity.actions.guard import Actor
    from comity.records.models import Excuse

MOST = 200
FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group()
def pause() -> None:
    """Times that count against nobody."""


@pause.command("list")
@json_option
def list_(in_json: bool) -> int:
    """List pauses, the newest first."""
    setup.django()
    from comity.records.models import Excuse

    rows = [_told(row) for row in Excuse.objects.select_related("party")[:MOST]]
    if in_json:
        as_json(rows)
    for row in () if in_json else rows:
        print(f"{row['uuid']}  {row['cause']:18} {row['begins']:.16} – {row['ends']:.16}  {row['whom']} {row['state']}")
    return FINE


@pause.command()
@click.argument("cause")
@click.option("--from", "begins", required=True, metavar="MOMENT", help="As 2026-03-02T10:00Z; without a zone, UTC.")
@click.option("--until", "ends", required=True, metavar="MOMENT")
@click.option("--about", default="", metavar="KIND:ID", help="One seller, buyer, order or conversation.")
@click.option("--carrier", default="")
@click.option("--place", "places", multiple=True, help="A country or region, such as BR or BR-SP; repeat for several.")
@click.option("--evidence", default="", help="What shows it.")
@click.option("--file", "paths", multiple=True, type=FILE, help="A file that shows it; repeat for several.")
@click.option("--dry-run", is_flag=True, help="Only say whom it would excuse.")
@json_option
def record(
    cause: str,
    begins: str,
    ends: str,
    about: str,
    carrier: str,
    places: tuple[str, ...],
    evidence: str,
    paths: tuple[Path, ...],
    dry_run: bool,
    in_json: bool,
) -> int:
    """Record a pause: platform_outage, carrier_outage, force_majeure, waiting_for_buyer or holiday."""
    setup.django()
    from comity.actions import files
    from comity.actions.excuses import verbs
    from comity.actions.excuses.asked import Asked, of_ref

    actor, now = _platform()
    whose = of_ref(about) if about else None
    if about and whose is None:
        raise Failure(f"there is no {about!r:.80}")
    asked = Asked(cause, _moment(begins), _moment(ends), whose, carrier, places, evidence)
    if dry_run:
        return _previewed(actor, asked, now, in_json)
    given = files.taken((path.name, path.read_bytes()) for path in paths)
    row = _told(verbs.record(actor, asked, at=now, files=given))
    if in_json:
        as_json(row)
    else:
        print(row["uuid"])
    return FINE


def _previewed(actor: "Actor", asked: "Asked", now: datetime, in_json: bool) -> int:
    from comity.actions.excuses import preview

    seen = preview.of(actor, asked, at=now)
    told = {"parties": seen.parties, "orders": seen.orders, "open": seen.open, "broken": seen.broken, "more": seen.more}
    if in_json:
        as_json(told)
    else:
        least = "at least " if seen.more else ""
        orders = f", {many(seen.orders, 'order')}" if seen.orders is not None else ""
        print(
            f"It would concern {least}{many(seen.parties, 'party', 'parties')}{orders}: "
            f"{many(seen.open, 'open duty', 'open duties')}, {seen.broken} not done in time. Nothing was recorded."
        )
        for each in seen.examples:
            print(f"  {each.title}: {each.due:%Y-%m-%d %H:%M} → {each.new_due:%Y-%m-%d %H:%M} ({each.new_status})")
    return FINE


@pause.command()
@click.argument("uuid", metavar="UUID")
@json_option
def end(uuid: str, in_json: bool) -> int:
    """End a pause: from now on time counts again."""
    return _ended(uuid, in_json=in_json)


@pause.command("take-back")
@click.argument("uuid", metavar="UUID")
@click.option("--because", required=True, help="Why it was a mistake.")
@json_option
def take_back(uuid: str, because: str, in_json: bool) -> int:
    """Take a pause back that was a mistake. What it excused until now stays excused."""
    return _ended(uuid, because=because, mistaken=True, in_json=in_json)


def _ended(uuid: str, *, because: str = "", mistaken: bool = False, in_json: bool) -> int:
    setup.django()
    from comity.actions.excuses import verbs
    from comity.records.models import Excuse

    actor, now = _platform()
    try:
        known = Excuse.objects.filter(uuid=UUID(uuid)).first()
    except ValueError:
        known = None
    if known is None:
        raise Failure(f"there is no pause {uuid!r:.60}; see: comity pause list")
    row = _told(verbs.end(actor, known, at=now, mistaken=mistaken, because=because))
    if in_json:
        as_json(row)
    else:
        print(f"{row['uuid']} {row['state']}")
    return FINE


@click.group()
def clock() -> None:
    """Moments that could not be ruled on."""


@clock.command()
@json_option
def stuck(in_json: bool) -> int:
    """List moments that stepped aside; exit code 1 where there are some."""
    setup.django()
    from comity.actions import clock as actions

    actor, _now = _platform()
    rows = [{"key": row.key, "party": row.party.ref, "why": row.stuck_why} for row in actions.stuck(actor)]
    if in_json:
        as_json(rows)
    for row in () if in_json else rows:
        print(f"{row['key']}  {row['party']}  {row['why']}")
    return FOUND if rows else FINE


@clock.command()
@click.argument("key", default="")
@json_option
def retry(key: str, in_json: bool) -> int:
    """Try one moment again, by its key, or all; exit code 1 where some still cannot be ruled on."""
    setup.django()
    from comity.actions import clock as actions

    actor, now = _platform()
    try:
        done = actions.retry_all(actor, now=now, key=key)
    except LookupError as error:
        raise Failure(str(error.args[0])) from error
    if in_json:
        as_json({"ruled": done.ruled, "again": dict(done.again)})
    else:
        print(f"{many(done.ruled, 'moment')} ruled on, {len(done.again)} stepped aside again")
        for name, why in done.again.items():
            print(f"  {name}: {why}")
    return FOUND if done.again else FINE


def _platform() -> "tuple[Actor, datetime]":
    from comity.actions import parties
    from comity.actions.guard import Actor

    now = datetime.now(UTC)
    return Actor(parties.platform(now)), now


def _moment(text: str) -> datetime:
    from comity.lib import moments

    try:
        return moments.local(text.strip(), "UTC")[0]
    except (ValueError, OverflowError):
        raise Failure(f"{text!r:.40} is not a time; write it as 2026-03-02T10:00Z") from None


def _told(row: "Excuse") -> dict[str, str]:
    from comity.lib import moments

    whom = row.matter or (row.party.ref if row.party else "") or row.places or row.carrier or "everybody"
    return {
        "uuid": str(row.uuid),
        "cause": row.cause,
        "begins": moments.to_text(row.begins),
        "ends": moments.to_text(row.ends),
        "whom": whom,
        "state": row.ended_as,
        "evidence": row.evidence,
    }
