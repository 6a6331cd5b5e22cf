"""Tell Comity a day of a shop by facts alone: python3 a_day_of_a_shop.py http://127.0.0.1:8000 TOKEN

The token: comity token make platform --label shop --scope party.add --scope fact.record
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

SELLER, SOURCE, DAY = "lamps", "shop/a-day", 24
#: How many hours ago, the kind of fact, what it is about, under which order, and what else is known.
Line = tuple[float, str, str, str, dict[str, Any]]


def events(now: datetime, day: str = "") -> list[dict[str, Any]]:
    """Return the day as CloudEvents; `day` names its orders, so that another day is not the same."""

    def moment(hours_ago: float) -> str:
        return (now - timedelta(hours=hours_ago)).isoformat()

    def event(number: int, line: Line) -> dict[str, Any]:
        hours_ago, kind, subject, matter, more = line
        data = {"party": f"seller:{SELLER}"} | ({"matter": named(matter)} if matter else {})
        for name, value in more.items():
            is_moment = name in ("dispatch_by", "deliver_by", "was")
            data[name] = moment(value) if is_moment else named(value) if name in ("order", "shipment") else value
        # The same source and id again changes nothing: tell it as often as you like.
        head = {"specversion": "1.0", "source": SOURCE, "id": f"{day}{number}", "type": kind}
        return head | {"subject": named(subject), "time": moment(hours_ago), "data": data}

    def named(thing: str) -> str:
        kind, _, identity = thing.partition(":")
        return f"{kind}:{day}{identity}"

    return [event(number, line) for number, line in enumerate(story(), 1)]


def story() -> Iterator[Line]:
    """Yield what happened."""
    yield from bought(1001, 90, "ana", 4990, promise=-60)  # arrived, and liked
    yield from sent(1001, 70, "accepted", "in_transit")
    yield 3, "shipment.delivered", "shipment:1001-1", "order:1001", {}
    yield 2, "review.written", "order:1001", "", {"score": 5}
    yield from bought(1002, 5, "ana", 1250)  # to be sent
    yield from bought(1003, 4, "ben", 8900)  # asks to cancel
    yield 2, "cancellation.requested", "order:1003", "", {"reason": "changed_mind"}
    yield from bought(1004, 30, "ben", 3300)  # asked, and was cancelled
    yield 26, "cancellation.requested", "order:1004", "", {"reason": "ordered_wrong"}
    yield 25, "cancellation.answered", "order:1004", "", {"accepted": True}
    yield 25, "order.cancelled", "order:1004", "", {"by": "seller", "reason": "buyer_asked"}
    yield from bought(1005, 20 * DAY, "cleo", 15900, promise=30)  # late
    yield from sent(1005, 19 * DAY, "accepted", "in_transit")
    yield from bought(1006, 60, "cleo", 2100)  # a later date, accepted
    yield 40, "delay.announced", "order:1006", "", {"deliver_by": -15 * DAY, "was": -8 * DAY, "reason": "production"}
    yield 35, "delay.accepted", "order:1006", "", {"deliver_by": -15 * DAY, "was": -8 * DAY}
    yield from bought(1007, 50, "ana", 6400)  # a later date that waits for its answer
    yield 1, "delay.announced", "order:1007", "", {"deliver_by": -12 * DAY, "was": -8 * DAY, "reason": "weather"}
    yield from bought(1008, 20, "dora", 2750)  # asks for another address
    yield 3, "address.asked", "order:1008", "", {}
    yield from bought(1009, 44, "dora", 9900, pieces=3)  # went to another address, in two parcels
    yield 40, "address.asked", "order:1009", "", {}
    yield 38, "address.changed", "order:1009", "", {"by": "seller"}
    yield from sent(1009, 30, "accepted", pieces=2, of_pieces=3)
    yield 20, "shipment.dispatched", "shipment:1009-2", "order:1009", {
        "tracked": True, "carrier": "ups", "pieces": 1, "of_pieces": 3}  # fmt: skip
    yield from bought(1010, 18 * DAY, "ben", 7700)  # came, and went back
    yield from sent(1010, 17 * DAY, "accepted", "in_transit")
    yield 12 * DAY, "shipment.delivered", "shipment:1010-1", "order:1010", {}
    yield 3 * DAY, "return.sent", "order:1010", "", {"shipment": "shipment:1010-back"}
    yield 2 * DAY, "return.scanned", "order:1010", "", {
        "status": "in_transit", "source": "carrier", "shipment": "shipment:1010-back"}  # fmt: skip
    yield 2, "return.delivered", "order:1010", "", {"shipment": "shipment:1010-back"}
    yield 6, "order.paid", "order:1011", "", {"dispatch_by": -66}  # nobody told when it was placed, by whom, for what
    yield 5, "order.placed", "order:1012", "", {}  # nor of this one, and it is not paid
    yield from said(4, "where-is-it", "buyer", order="order:1005")  # waits for an answer
    yield from said(28, "which-bulb", "buyer", order="order:1001")
    yield from said(27, "which-bulb", "seller")
    yield 26, "conversation.closed", "conversation:which-bulb", "", {"by": "buyer", "reason": "solved"}
    yield from said(3, "before-buying", "buyer", buyer="buyer:emil")  # about no order
    yield from said(2, "who-asks", "buyer")  # nobody knows who


def bought(order: int, hours_ago: float, buyer: str, amount: int, *, pieces: int = 1, promise: float = 0) -> list[Line]:
    """Placed and paid: to be sent within three days, there by `promise` hours ago, or else in eight days."""
    told = {"buyer": f"buyer:{buyer}", "amount": amount, "currency": "EUR", "pieces": pieces}
    dates = {"dispatch_by": hours_ago - 72, "deliver_by": promise or -8 * DAY}
    return [
        (hours_ago, "order.placed", f"order:{order}", "", told),
        (hours_ago - 0.5, "order.paid", f"order:{order}", "", dates),
    ]


def sent(order: int, hours_ago: float, *scans: str, **parts: int) -> Iterator[Line]:
    """Yield a parcel, and what its carrier scans, ten hours apart."""
    parcel, carrier = f"shipment:{order}-1", {"tracked": True, "carrier": "dhl"}
    yield hours_ago, "shipment.dispatched", parcel, f"order:{order}", carrier | parts
    for number, status in enumerate(scans, 1):
        at = hours_ago - 10 * number
        yield at, "shipment.scanned", parcel, f"order:{order}", {"status": status, "source": "carrier"}


def said(hours_ago: float, conversation: str, by: str, **about: str) -> Iterator[Line]:
    """Yield a message. Its text stays in the shop."""
    yield hours_ago, "message.sent", f"conversation:{conversation}", "", {"by": by, "automatic": False, **about}


def post(address: str, token: str, path: str, kind: str, body: str) -> Any:
    """Ask Comity's API."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    with urlopen(Request(f"{address}/api/v1{path}", body.encode(), headers), timeout=60) as answer:
        return json.load(answer)


if __name__ == "__main__":
    address, token = sys.argv[1].rstrip("/"), sys.argv[2]
    # The seller joins once; buyers join by being named.
    seller = {"role": "seller", "name": "Lamps and more", "external_id": SELLER}
    post(address, token, "/parties", "application/json", json.dumps(seller))
    lines = "\n".join(map(json.dumps, events(datetime.now(UTC).replace(microsecond=0), *sys.argv[3:])))
    told = post(address, token, "/facts", "application/x-ndjson", lines)
    print({name: told[name] for name in ("recorded", "known", "refused", "judged_by")})
    for item in told["items"]:
        if item["errors"]:
            print(item["id"], *item["errors"], sep=": ")
