"""comity dispute list | show | evidence"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from comity.cli import setup, show
from comity.cli.show import FINE, Failure
from comity.lib import moments
from comity.lib.money import Money

MOST_ROWS = 200


@click.group()
def dispute() -> None:
    """Disputes, as the platform sees them."""


@dispute.command("list")
@click.option("--closed", is_flag=True, help="Those that ended, newest first, instead of those that are open.")
@click.option("--most", type=click.IntRange(1, 10_000), default=MOST_ROWS, show_default=True)
@show.json_option
def list_(closed: bool, most: int, in_json: bool) -> int:
    """List disputes: key, stage, since when, reason, what is asked for."""
    setup.django()
    from comity.records.models import Dispute

    found = Dispute.objects.filter(ended_at__isnull=not closed).select_related("order__buyer", "order__seller")
    rows = [_row(each) for each in found.order_by("-ended_at" if closed else "opened_at", "pk")[:most]]
    if in_json:
        show.as_json({"disputes": rows, "total": found.count()})
        return FINE
    for row in rows:
        asked = Money(row["asked"], row["currency"]).said("en") if row["currency"] else ""
        print("  ".join((row["key"], f"{row['stage']:14}", row["since"], f"{row['reason']:20}", asked)).rstrip())
    total = found.count()
    print(show.many(total, "dispute") + (f", the first {most} of them" if total > len(rows) else ""))
    return FINE


@dispute.command("show")
@click.argument("key")
@show.json_option
def show_(key: str, in_json: bool) -> int:
    """Show a dispute: where it stands, whose turn it is, and every fact about it."""
    setup.django()
    from comity.actions.disputes import view as looking
    from comity.actions.guard import Actor
    from comity.actions.parties import platform
    from comity.integrations.payments import vocabulary
    from comity.records.models import Dispute

    about = Dispute.objects.select_related("order__buyer", "order__seller", "holder").filter(key=key).first()
    if about is None:
        raise Failure(f"there is no dispute {key!r}; comity dispute list has those that are open")
    now = datetime.now(UTC)
    view = looking.of(Actor(platform(now)), about, at=now)
    until = moments.to_text(view.turn.until) if view.turn.until else None
    facts: list[dict[str, Any]] = [
        {"at": moments.to_text(fact.at), "kind": fact.kind, "id": fact.id, "data": dict(fact.data)}
        for fact in view.now.facts
        if fact.subject == about.ref
    ]
    turn = {"who": view.turn.who, "until": until, "otherwise": view.turn.what}
    theirs = vocabulary.standing(view.now.case, view.turn.who)
    paypal = {"reason": vocabulary.reason(about.reason), **theirs._asdict()}
    row: dict[str, Any] = _row(about) | {"turn": turn, "facts": facts, "paypal": paypal}
    if in_json:
        show.as_json(row)
        return FINE
    for name in ("key", "order", "buyer", "seller", "stage", "since", "reason", "outcome", "ended_how"):
        if row[name]:
            print(f"{name:10} {row[name]}")
    print(f"{'turn':10} {view.turn.who}" + (f", until {until}, otherwise {view.turn.what}" if until else ""))
    for fact in facts:
        said = ", ".join(f"{name}={value}" for name, value in fact["data"].items() if name != "digest")
        print(f"  {fact['at']}  {fact['kind']}" + (f"  {said}" if said else ""))
    return FINE


def _row(about: Any) -> dict[str, Any]:
    return {
        "key": about.key, "order": about.order.ref, "buyer": about.order.buyer.ref, "seller": about.order.seller.ref,
        "stage": about.stage, "since": moments.to_text(about.since), "opened_at": moments.to_text(about.opened_at),
        "reason": about.reason, "asked": about.asked, "currency": about.currency, "outcome": about.outcome,
        "amount": about.amount, "ended_how": about.ended_how,
        "ended_at": moments.to_text(about.ended_at) if about.ended_at else None,
    }  # fmt: skip


@dispute.command()
@click.argument("key")
@click.option("--for", "system", type=click.Choice(["paypal", "stripe"]), required=True, help="Which payment system.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Default: evidence-KEY.")
def evidence(key: str, system: str, output: Path | None) -> int:
    """Write what the seller of a dispute can hand in at the payment system: body.json, and the files beside it."""
    setup.django()
    from comity.actions.disputes import view as looking
    from comity.actions.guard import Actor
    from comity.integrations.payments import handing_in
    from comity.records.models import Dispute

    about = Dispute.objects.select_related("order__buyer", "order__seller", "holder").filter(key=key).first()
    if about is None:
        raise Failure(f"there is no dispute {key!r}; comity dispute list has those that are open")
    view = looking.of(Actor(about.order.seller), about, at=datetime.now(UTC))
    made = handing_in.for_paypal(view) if system == "paypal" else handing_in.for_stripe(view)
    folder = output or Path(f"evidence-{key}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "body.json").write_text(json.dumps(made.body, ensure_ascii=False, indent=2) + "\n")
        for name, data in made.files.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise Failure(f"cannot write to {folder}: {error.strerror}") from None
    print(f"{folder}: body.json, {show.many(len(made.files), 'file')}")
    return FINE
