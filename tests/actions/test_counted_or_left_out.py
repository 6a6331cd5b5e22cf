"""What counts in a standard and what does not: missing dates, the rule's own clock, and what the buyer asked for."""

import csv
import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from io import StringIO
from uuid import UUID, uuid4

import pytest

from comity.actions import clock, messages, orders, rulebooks
from comity.actions.enact import Refused
from comity.policy.health.standards import StandardHealth, standards
from comity.records import health, rebuild
from comity.records.models import Duty, Message, Order, Party, Sanction
from tests.api.client import Api
from tests.cast import START, Cast, assemble, hours, tell
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db
ON_TIME = """
name = "kept"
version = "1"
in_force_from = 2024-01-01
zone = "America/Los_Angeles"

[[duty]]
name = "deliver"
title = "Delivered by the promised day"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.delivered" }
by = "deliver_by"

[[standard]]
name = "on time"
title = "On time"
of_duty = "deliver"
basis = "due"
window = "ever"
evaluated = "daily"
limit = { kept = ">= 95%" }
"""
CANCELLED = """
name = "kept"
version = "1"
in_force_from = 2026-01-01

[[standard]]
name = "cancelled"
title = "Few cancellations"
counted = { fact = "order.paid" }
faulty = { fact = "order.cancelled", where = { by = "seller" } }
excluded = { fact = "order.cancelled", where = { by = "buyer" } }
window = "ever"
evaluated = "daily"
limit = { rate = "<= 2.5%" }
"""


def staged(rules: str, at: datetime = START) -> Cast:
    cast = assemble(at=at, publish=False)
    rulebooks.publish(cast.platform, rules, at=at)
    return cast


def stands(party: Party, at: datetime) -> StandardHealth:
    known = health.known_of(party, at)
    assert known is not None
    (found,) = standards(known)
    return found


# Without a date


def test_an_order_without_its_date_counts_on_neither_side_and_is_listed_as_such() -> None:
    cast = staged(ON_TIME)
    due = hours(48)
    for number in range(307):
        if number < 12:
            tell(cast, "order.paid", f"order:o{number}", hours(1))
        else:
            tell(cast, "order.paid", f"order:o{number}", hours(1), deliver_by=due.isoformat())
    for number in range(307):
        late = 12 <= number < 17
        tell(cast, "shipment.delivered", f"order:o{number}", hours(72 if late else 24))
    clock.turn(hours(100))
    now = stands(cast.seller, hours(100)).now
    assert (now.telling.counted, now.telling.faulty, now.telling.rate, now.state) == (295, 5, Fraction(5, 295), "fine")
    page = text(sign_in(cast.li).get("/sell/health/"))
    assert "290 of 295 good · 98.3% (" in page, "never cut down before it is held against the limit of 95 %"
    assert "12 orders are not counted: the date by which they were due is missing" in page


# By which clock


def test_late_is_what_the_clock_of_the_rule_says_and_every_row_says_which() -> None:
    at = datetime(2024, 7, 18, 9, tzinfo=UTC)
    cast = staged(ON_TIME, at)
    due = datetime(2024, 7, 19, 6, 59, 59, tzinfo=UTC)  # the end of 18 July in Los Angeles
    for name in ("o1", "o2"):
        tell(cast, "order.paid", f"order:{name}", at, deliver_by=due.isoformat())
    tell(cast, "shipment.delivered", "order:o1", datetime(2024, 7, 19, 5, 30, tzinfo=UTC))
    clock.turn(datetime(2024, 7, 19, 7, 15, tzinfo=UTC))
    tell(cast, "shipment.delivered", "order:o2", datetime(2024, 7, 19, 7, 30, tzinfo=UTC))
    assert {duty.matter: duty.status for duty in Duty.objects.all()} == {"order:o1": "met", "order:o2": "cured"}
    browser = sign_in(cast.li)
    address = f"/standards/{cast.seller.uuid}/on time/"
    page = text(browser.get(address, {"which": "counted"}))
    assert page.count("Thu, Jul 18, 2024, 23:59 in America/Los_Angeles") == 2
    assert "Thu, Jul 18, 2024, 22:30 in America/Los_Angeles" in page
    assert "Fri, Jul 19, 2024, 00:30 in America/Los_Angeles" in page
    lines = {
        line["of"]: line for line in csv.DictReader(StringIO(browser.get(f"{address[:-1]}.csv").content.decode()))
    }  # fmt: skip
    assert lines["order:o1"]["due"] == "2024-07-18T23:59:59-07:00"
    assert (lines["order:o2"]["done"], lines["order:o2"]["zone"]) == (
        "2024-07-19T00:30:00-07:00",
        "America/Los_Angeles",
    )
    assert (lines["order:o1"]["faulty_at"], lines["order:o2"]["faulty_at"]) == ("", "2024-07-18T23:59:59-07:00")


# At the buyer's wish


def wish(cast: Cast, order: Order, at: datetime, *, text_: str = "Please cancel, I ordered the wrong size.") -> UUID:
    made = messages.open_conversation(
        cast.ana, messages.NewConversation(buyer=cast.buyer, seller=cast.seller, topic="Size", order=order), at=at
    )
    return messages.send(cast.ana, made, text=text_, at=at).uuid


def test_a_message_of_before_the_cancellation_shows_the_buyers_wish_and_a_word_does_not() -> None:
    cast = staged(CANCELLED)
    first, second, third = (cast.order() for _ in range(3))
    for number in range(97):
        tell(cast, "order.paid", f"order:o{number}", hours(0))
    asked = wish(cast, first, hours(22))
    orders.cancel(cast.li, first, reason="buyer_asked", shows=asked, at=hours(23))
    orders.cancel(cast.li, second, reason="no_stock", at=hours(47))
    one = stands(cast.seller, hours(50)).now
    assert (one.telling.counted, one.telling.faulty, one.state) == (99, 1, "fine")
    orders.cancel(cast.li, third, reason="buyer_asked", at=hours(71))
    two = stands(cast.seller, hours(74)).now
    assert (two.telling.counted, two.telling.faulty, two.state) == (99, 2, "fine"), "with the first it would be 3 %"
    first.refresh_from_db()
    third.refresh_from_db()
    assert (first.cancelled_by, third.cancelled_by) == ("buyer", "seller")

    browser = sign_in(cast.li)
    address = f"/standards/{cast.seller.uuid}/cancelled/"
    left = text(browser.get(address, {"which": "left_out"}))
    assert "the buyer asked for it on Tue, Mar 3, 07:00" in left
    assert f'href="/conversations/{Message.objects.get(uuid=asked).conversation.uuid}/"' in left
    faulty = text(browser.get(address))
    assert faulty.count("It counts, for no request of the buyer is there.") == 1


def test_only_the_own_buyers_own_earlier_message_shows_it() -> None:
    cast = staged(CANCELLED)
    order, other = cast.order(), cast.order()
    about_other = wish(cast, other, hours(1))
    late = wish(cast, order, hours(9))
    conversation = Message.objects.get(uuid=late).conversation
    own = messages.send(cast.li, conversation, text="You wanted to cancel.", at=hours(10)).uuid
    for shows, reason, at in (
        (about_other, "buyer_asked", 11), (late, "buyer_asked", 8), (own, "buyer_asked", 11),
        (uuid4(), "buyer_asked", 11), (late, "no_stock", 11),
    ):  # fmt: skip
        with pytest.raises(Refused, match="Choose a message"):
            orders.cancel(cast.li, order, reason=reason, shows=shows, at=hours(at))
    order.refresh_from_db()
    assert order.cancelled_at is None
    orders.cancel(cast.li, order, reason="buyer_asked", shows=late, at=hours(11))
    order.refresh_from_db()
    assert (order.cancelled_by, order.cancel_reason) == ("buyer", "buyer_asked")


def test_the_api_and_the_form_take_the_message() -> None:
    cast = staged(CANCELLED)
    at = datetime.now(UTC) - timedelta(hours=2)
    order, other = cast.order(), cast.order()
    shows = [wish(cast, each, at) for each in (order, other)]
    answer = Api(cast.platform, cast.li).post(
        f"/orders/{order.uuid}/cancel", {"reason": "buyer_asked", "shows": str(shows[0])}
    )
    assert answer.status_code == 200, answer.content
    browser = sign_in(cast.li)
    page = text(browser.get(f"/orders/{other.uuid}/"))
    assert f'<option value="{shows[1]}">' in page
    assert "Please cancel, I ordered the wrong size." in page
    browser.post(f"/orders/{other.uuid}/cancel/", {"reason": "buyer_asked", "shows": str(shows[1])})
    assert {row.cancelled_by for row in Order.objects.all()} == {"buyer"}


# Of how many buyers

OF_BUYERS = CANCELLED.replace(
    'limit = { rate = "<= 2.5%" }',
    'limit = { rate = "<= 2.5%", buyers = "<= 1", hold = "any" }\n'
    'breach = { measure = { measure = "restriction", notice = "24 hours", length = "7 days" } }',
)


def test_pages_the_api_and_the_reasons_say_of_how_many_buyers_the_faults_are() -> None:
    cast = staged(OF_BUYERS)
    for number, buyer in enumerate(("ida", "ida", "joe", "kay")):
        tell(cast, "order.placed", f"order:o{number}", hours(1), buyer=f"buyer:{buyer}")
        tell(cast, "order.paid", f"order:o{number}", hours(2))
    for number in (0, 1):
        tell(cast, "order.cancelled", f"order:o{number}", hours(3), by="seller")
    browser, now = sign_in(cast.li), stands(cast.seller, hours(4)).now
    assert (now.telling.faulty, now.telling.buyers, now.state) == (2, 1, "fine")
    assert "2 of 4 at fault, of 1 buyer · 50%" in text(browser.get("/sell/health/"))
    tell(cast, "order.cancelled", "order:o2", hours(5), by="seller")
    clock.turn(hours(48))
    (measure,) = Sanction.objects.all()
    assert measure.statement is not None
    assert measure.statement["windows"][0]["buyers"] == 2
    assert "3 of 4, of 2 different buyers · 75%" in text(browser.get(f"/measures/{cast.seller.uuid}/{measure.key}/"))
    told = json.loads(Api(cast.platform, cast.li).get(f"/parties/{cast.seller.uuid}/health").content)
    assert told["standards"][0]["now"]["windows"][0]["buyers"] == 2
    assert rebuild.at_odds(cast.seller) == []
