"""Improvement plans as their seller writes them and an agent looks at them: what each page says, and who may open it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from comity.actions import clock, orders, rulebooks
from comity.actions.plans import verbs
from comity.actions.shipments import Parcel, dispatch
from comity.lib.money import Money
from comity.records.models import Duty, ImprovementPlan, Order, Sanction
from comity.web.trade import plan_words
from tests.actions.plans.rules import BOOK, plan
from tests.cast import Cast, assemble, tell
from tests.web.test_pages import sign_in

pytestmark = pytest.mark.django_db


def asked_for(cast: Cast) -> ImprovementPlan:
    """A plan that was asked for since the last evaluation: 3 of 6 orders of last week, all to one place."""
    now = datetime.now(UTC)
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
    at = monday - timedelta(days=3)
    for number in range(6):
        lamp = orders.NewOrder(
            buyer=cast.buyer, seller=cast.seller, title=f"Lamp {number}", price=Money(1999, "EUR"), handling_hours=72,
            deliver_by=at + timedelta(days=9), lane=orders.Lane("CN", "BR-SP" if number < 5 else "DE"),
        )  # fmt: skip
        order = orders.pay(cast.platform, orders.place(cast.platform, lamp, at=at), at=at)
        dispatch(cast.li, order, Parcel("slow post", f"RR{number}"), at=at)
        if number < 3:
            tell(cast, "dispute.opened", order.ref, at + timedelta(hours=1))
    clock.turn(now)
    return plan()


def staged(book: str = BOOK) -> Cast:
    early = datetime.now(UTC) - timedelta(days=60)
    made = assemble(publish=False, at=early)
    rulebooks.publish(made.platform, book.replace("2026-01-01", f"{early:%Y-%m-%d}"), at=early)
    return made


@pytest.fixture
def cast() -> Cast:
    return staged()


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_seller_reads_why_writes_and_reads_what_the_agent_says(cast: Cast) -> None:
    row = asked_for(cast)
    li, ken = sign_in(cast.li), sign_in(cast.ken)
    address = f"/sell/plans/{row.key}/"
    today = page(li, "/sell/")
    assert f'href="{address}">Write the plan</a>' in today
    assert "Improvement plan · Few orders end in a dispute" in today
    notices = page(li, "/notices/")
    assert "An improvement plan is asked for: Few orders end in a dispute, 3 of 6 at fault" in notices
    assert f'href="{address}"' in notices
    duty = Duty.objects.get(matter=row.ref)
    why = page(li, f"/why/duty/{cast.seller.uuid}/{duty.key}/")
    assert "the improvement plan has failed" in why, "what follows if it is not written"
    assert f'<a href="{address}">Improvement plan</a>: to be written' in page(li, "/sell/health/")
    stands = page(ken, f"/desk/parties/{cast.seller.uuid}/")
    assert f'<a href="/desk/plans/{row.key}/">Improvement plan</a>: to be written' in stands
    said = page(li, address)
    assert "3 of 6 · 50%" in said
    assert "to BR-SP, carrier slow post" in said
    assert "3 of 5 · 60%" in said
    assert "3 orders at fault" in said
    for order in Order.objects.filter(title__in=["Lamp 0", "Lamp 1", "Lamp 2"]):
        assert f'href="/orders/{order.uuid}/"' in said
    assert "faulty at most 20%" in said
    assert "Where fewer than 4 count" in said
    assert "30 days" in said
    assert "If the plan is kept, it falls." in said
    assert "after that it has failed." in said
    assert "if it is accepted now" in said, "the check is shown before it is signed"

    empty = li.post(f"{address}write/", {"text": "With another carrier."})
    assert empty.status_code == 422
    assert "Say at least one thing that you will do." in empty.content.decode()
    assert "With another carrier." in empty.content.decode(), "nothing that was typed is lost"
    form = {"text": "With <b>another</b> carrier.", "action": ["other_carrier"]}
    for _ in range(2):  # a double click
        done = li.post(f"{address}write/", form, follow=True).content.decode()
    assert "Your plan is handed in." in done
    assert "With &lt;b&gt;another&lt;/b&gt; carrier." in done
    assert (plan().stage, plan().version) == ("written", 1)

    assert "Few orders end in a dispute · Li Wei" in page(ken, "/desk/plans/")
    seen = page(ken, f"/desk/plans/{row.key}/")
    assert "Use another carrier" in seen
    form = {"asked_at": str(plan().written_at and plan().written_at.isoformat())}  # type: ignore[union-attr]
    refused = ken.post(f"/desk/plans/{row.key}/send-back/", form)
    assert refused.status_code == 422
    back = {**form, "because": "Which one?"}
    assert "Sent back." in ken.post(f"/desk/plans/{row.key}/send-back/", back, follow=True).content.decode()
    again = page(li, address)
    assert "It was sent back, and is to be written anew by" in again
    assert again.index("Which one?") < again.index("Why it is asked for"), "what the agent wants comes first"
    assert "With &lt;b&gt;another&lt;/b&gt; carrier.</textarea>" in again, "what was written stands in the form"


def test_an_agent_accepts_the_version_that_was_shown(cast: Cast) -> None:
    row = asked_for(cast)
    verbs.write(cast.li, row, text="First.", actions=["ship_earlier"], at=datetime.now(UTC))
    shown = plan().written_at
    verbs.write(cast.li, plan(), text="Second.", actions=["ship_earlier"], at=datetime.now(UTC))
    ken = sign_in(cast.ken)
    assert shown is not None
    late = ken.post(f"/desk/plans/{row.key}/accept/", {"asked_at": shown.isoformat()})
    assert late.status_code == 422
    assert "It has changed meanwhile, and nothing was done." in late.content.decode()
    assert plan().stage == "written"
    newest = plan().written_at
    assert newest is not None
    said = ken.post(f"/desk/plans/{row.key}/accept/", {"asked_at": newest.isoformat()}, follow=True).content.decode()
    assert "Accepted. It runs from now on." in said
    assert "It runs, and is checked on" in said
    assert "0 of 0: too few to judge yet" in " ".join(said.split())
    assert plan().accepted_by == cast.ken.party.ref


def test_a_measure_says_that_it_waits_for_the_plan(cast: Cast) -> None:
    row, measure = asked_for(cast), Sanction.objects.get
    li, ken = sign_in(cast.li), sign_in(cast.ken)
    said = page(li, f"/measures/{cast.seller.uuid}/{measure().key}/")
    assert "It waits for an improvement plan: if that is kept, it falls." in said
    assert f'href="/sell/plans/{row.key}/"' in said
    desk = page(ken, f"/desk/measures/{cast.seller.uuid}/{measure().key}/")
    assert f'href="/desk/plans/{row.key}/"' in desk


@pytest.mark.parametrize(("disputed", "stands", "ended"), [(0, "be kept", "has fallen"), (3, "fail", "goes on")])
def test_a_plan_shows_how_it_stands_and_what_came_of_its_measure(
    cast: Cast, disputed: int, stands: str, ended: str
) -> None:
    row, now = asked_for(cast), datetime.now(UTC)
    verbs.write(cast.li, row, text="We look twice.", actions=["ship_earlier"], at=now)
    verbs.accept(cast.ken, plan(), at=now + timedelta(seconds=1))
    then = now + timedelta(days=1)
    for number in range(6):
        tell(cast, "order.paid", f"order:new-{number}", then)
    for number in range(disputed):
        tell(cast, "dispute.opened", f"order:new-{number}", then)
    said = plan_words.shown(plan(), cast.seller, then + timedelta(hours=1))
    assert said["so_far"] == f"{disputed} of 6 · {disputed * 100 // 6}%: checked now, it would {stands}"
    assert "this measure waits: Freeze." in said["of_measure"][0]
    measure = Sanction.objects.get()
    clock.turn(now + timedelta(days=31))
    over = page(sign_in(cast.li), f"/sell/plans/{row.key}/")
    assert f"The measure that waited {ended}: Freeze." in over
    assert "this measure waits" not in over
    assert f'href="/measures/{cast.seller.uuid}/{measure.key}/"' in over


def test_what_waits_for_a_plan_is_not_among_what_is_to_be_decided() -> None:
    cast = staged(BOOK.replace('decided_by = "automatic"', 'decided_by = "reviewer"'))
    asked_for(cast)
    queue = page(sign_in(cast.ken), "/desk/measures/")
    assert queue.index("Nothing is proposed.") < queue.index("Waiting for an improvement plan")
    assert "Freeze · Li Wei" in queue


def test_nobody_else_sees_a_plan(cast: Cast) -> None:
    row = asked_for(cast)
    rival, buyer = sign_in(cast.max), sign_in(cast.ana)
    form = {"text": "Mine.", "action": ["ship_earlier"]}
    assert rival.get(f"/sell/plans/{row.key}/").status_code == 404
    assert rival.post(f"/sell/plans/{row.key}/write/", form).status_code == 404
    assert buyer.get(f"/sell/plans/{row.key}/").status_code == 403
    assert rival.get(f"/desk/plans/{row.key}/").status_code == 403
    assert "No plan was ever asked for." in page(rival, "/sell/plans/")
    assert sign_in(cast.ken).post(f"/desk/plans/{row.key}/burn/").status_code == 404
    assert Duty.objects.filter(matter=row.ref, rule="write the plan").count() == 1
