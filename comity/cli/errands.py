"""comity errands: what takes its time and must not keep the clock or a reader waiting.

Each errand is tried by itself: one that fails is told in the log and stops no other.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

import click

from comity.cli import loops, setup, show
from comity.cli.show import FINE
from comity.lib import options as settings

logger = logging.getLogger(__name__)

#: How often the mailbox is opened, in seconds.
FETCH_SECONDS = 30


@click.command()
@click.option("--once", is_flag=True, help="Do what is to be done now, and stop.")
@show.json_option
def errands(once: bool, in_json: bool) -> int:
    """Do what takes its time: mail, tracking news, webhooks, lanes, models of answers."""
    setup.django()
    if once:
        done = run_all()
        if in_json:
            show.as_json(done)
        else:
            print(", ".join(f"{name} {count}" for name, count in done.items()))
        return FINE

    next_fetch = 0.0

    def step() -> bool:
        nonlocal next_fetch
        fetches = time.monotonic() >= next_fetch
        next_fetch = time.monotonic() + FETCH_SECONDS if fetches else next_fetch
        run_all(fetches=fetches)
        return False

    loops.until_told(step, pause=settings.number("COMITY_ERRANDS_SECONDS"))
    return FINE


def run_all(*, fetches: bool = True) -> dict[str, int]:
    """Run every errand once, `fetches`: mail is read, too; return how much each did."""
    from comity.actions import answer_times, answers, cancellations, lanes, outages, promises
    from comity.integrations import drafting, mail, webhooks
    from comity.integrations.tracking import news, polls

    tasks: dict[str, Callable[[datetime], int]] = {
        "drafts": drafting.write_all,
        "mails planned": mail.plan,
        "mails sent": mail.send_due,
        "mails read": mail.fetch,
        "parcels asked about": polls.poll,
        "tracking bodies": news.read_all,
        "outages spread": outages.spread,
        "cancellations": cancellations.accept_unanswered,
        "lanes counted": lanes.refresh,
        "buyers warned": promises.warn_buyers,
        "webhook lines": webhooks.tell_due,
        "marketplace measured": answer_times.measure,
        "models trained": lambda now: answers.learn_all(at=now),
    }
    if not fetches:
        del tasks["mails read"]
    return {name: _tried(name, task) for name, task in tasks.items()}


def _tried(name: str, task: Callable[[datetime], int]) -> int:
    from django.db import DatabaseError

    try:
        count = task(datetime.now(UTC))
    # For `loops`, which waits until the database is back; every errand would fail alike.
    except DatabaseError:
        raise
    except Exception as error:  # a mail server that is away, a text that no model takes: the next errand goes on
        logger.error("%s: %s: %s", name, type(error).__name__, error)
        return 0
    if count:
        logger.info("%s: %d", name, count)
    return count
