"""Many at once: the doors, and the errand that tells. Run by `test_at_once` on a PostgreSQL database of its own."""

import tempfile
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

import pytest  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from comity.actions import orders  # noqa: E402
from comity.actions.disputes import mediation  # noqa: E402
from comity.actions.orders import Line  # noqa: E402
from comity.integrations.igm import acting, signing  # noqa: E402
from comity.lib.money import Money  # noqa: E402
from comity.records.models import Dispute, Evidence  # noqa: E402
from comity.records.models.network import NetworkIssue, NetworkReply  # noqa: E402
from tests.disputing import Stage, agent, stage  # noqa: E402
from tests.integrations.igm.stage import AT, BUYER, World, joined  # noqa: E402
from tests.integrations.igm.test_bodies import message  # noqa: E402
from tests.integrations.paypal_at_once import what_paypal_tells_at_once_counts_once  # noqa: E402


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """Begin all at the same moment; return what each returned."""
    begin, found = threading.Barrier(len(tasks)), dict[int, Any]()

    def run(number: int, task: Callable[[], Any]) -> None:
        try:
            begin.wait(10)
            found[number] = task()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [found[number] for number in range(len(tasks))]


def posted(world: World, bodies: Sequence[bytes]) -> list[str]:
    """Send all at the same moment; return whether each was acknowledged."""
    signed = [(body, {"Authorization": signing.header(BUYER, body, world.now)}) for body in bodies]
    sent = at_once(*(lambda each=each: world.post("issue", *each)[1] for each in signed))
    return [said["message"]["ack"]["status"] for said in sent]


def about(world: World, order: str, number: int, category: str = "ITM004") -> bytes:
    names = {"O1": order, "I1": f"{order}-I{number}", "M1": f"{order}-M{number}", "ITM004": category}
    body = message(world)
    for name, other in names.items():
        body = body.replace(f'"{name}"'.encode(), f'"{other}"'.encode())
    return body


def the_same_message_is_one(world: World, order: str) -> None:
    assert posted(world, [about(world, order, 1)] * 4) == ["ACK"] * 4
    issue = NetworkIssue.objects.get(number=f"{order}-I1")
    assert (issue.replies.count(), Dispute.objects.filter(order=issue.order).count()) == (1, 1)


def two_complaints_are_one_and_a_double(world: World, order: str, category: str) -> None:
    assert posted(world, [about(world, order, number, category) for number in range(4)]) == ["ACK"] * 4
    assert NetworkIssue.objects.filter(number__startswith=order).count() == 1
    said = [each.body for each in NetworkReply.objects.all() if each.body["message"]["issue"]["id"].startswith(order)]
    assert [each.get("error", {}).get("code") for each in said].count("IGM008") == 3


def what_comes_while_it_is_told_is_kept(here: Stage, world: World, order: str) -> None:
    world.opened(order)
    issue = NetworkIssue.objects.get(number="ISSUE-1")
    ada, dispute = agent(here.cast, "ada"), issue.dispute
    assert dispute is not None
    world.goes_by(days=1)
    world.does("ESCALATED", level="GRIEVANCE")
    mediation.take(ada, dispute, at=world.now)

    def appends() -> None:
        for number in range(6):
            world.does("INFO_PROVIDED", text=f"Part {number}.")

    def tells() -> None:
        for number in range(6):
            mediation.tell_progress(ada, dispute, text=f"We look at it: {number}.", at=world.now)
            acting.tell(world.now)

    at_once(appends, tells)
    issue.refresh_from_db()
    done = [each["descriptor"]["code"] for each in issue.body["actions"]]
    assert (done.count("INFO_PROVIDED"), Evidence.objects.filter(dispute=dispute).count()) == (6, 6)
    ids = [each["id"] for each in issue.body["actions"]]
    assert len(set(ids)) == len(ids), "no id twice"


def main() -> None:
    setup_test_environment()
    call_command("migrate", verbosity=0)
    patch = pytest.MonkeyPatch()
    with tempfile.TemporaryDirectory() as folder:
        joined(Path(folder), patch, BUYER)
        world = World(patch, AT)
        here, placed = stage(at=AT - timedelta(days=3)), AT - timedelta(days=3)
        for number in range(1, 5):
            new = orders.NewOrder(
                buyer=here.cast.buyer, seller=here.cast.seller, lines=(Line("Clock", 1, Money(6000, "EUR")),),
                handling_hours=72, deliver_by=placed + timedelta(days=20), external_id=f"O-{number}",
            )  # fmt: skip
            orders.pay(here.cast.platform, orders.place(here.cast.platform, new, at=placed), at=placed)
        the_same_message_is_one(world, "O-1")
        two_complaints_are_one_and_a_double(world, "O-2", "ITM004")
        two_complaints_are_one_and_a_double(world, "O-3", "VIS001")  # no reason of the rulebook: no dispute
        what_comes_while_it_is_told_is_kept(here, world, "O-4")
        what_paypal_tells_at_once_counts_once(here, at_once, Path(folder), patch)


if __name__ == "__main__":
    main()
