"""A story that the shop tells by facts alone: every page is full, every form works, and rows follow from the facts."""

import importlib.util
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from django.test import Client

from comity.actions import clock, messages, parties
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.records import journal, rebuild
from comity.records.models import Conversation, Order, Party
from tests.api.client import Api
from tests.api.test_api import body
from tests.cast import Cast
from tests.web.test_pages import sign_in, text

SCRIPT = Path(__file__).resolve().parents[2] / "docs/examples/a_day_of_a_shop.py"
NOW = datetime.now(UTC).replace(microsecond=0)


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("a_day_of_a_shop", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def lamps(cast: Cast) -> Party:
    """The seller of whom the shop told a day."""
    day = script()
    new = parties.NewParty(role="seller", name="Lamps and more", external_id=day.SELLER)
    seller = parties.add(cast.platform, new, at=NOW - timedelta(days=30))
    lines = "\n".join(json.dumps(event) for event in day.events(NOW))
    told = body(Api(cast.platform, cast.platform).post("/facts", lines, kind="application/x-ndjson"))
    assert [item for item in told["items"] if item["status"] != "recorded"] == []
    assert told["judged_by"]
    return seller


def order(number: int) -> Order:
    return Order.objects.get(external_id=str(number))


def at(row: Order | Conversation) -> str:
    return f"/orders/{row.uuid}/" if isinstance(row, Order) else f"/conversations/{row.uuid}/"


def of_buyer(name: str) -> Client:
    return sign_in(Actor(Party.objects.get(role="buyer", external_id=name)))


def shown(client: Client, row: Order) -> str:
    """When that was asked which the page of an order shows."""
    return text(client.get(at(row))).partition('name="asked_at" value="')[2].partition('"')[0]


def test_a_day_told_by_the_shop(cast: Cast, lamps: Party) -> None:
    assert rebuild.at_odds(lamps) == []
    li = sign_in(Actor(lamps))

    # Until the past is told, nothing is judged, and the pages say so.
    waits = "at the latest, what it told last is judged with the rest"
    assert waits in text(li.get("/sell/"))
    assert waits in text(li.get("/sell/health/"))
    clock.turn(datetime.now(UTC) + timedelta(minutes=2))
    today = text(li.get("/sell/"))
    assert waits not in today
    assert "Order 1002" in today

    # What the shop did not tell is not made up.
    orders = text(li.get("/sell/orders/"))
    assert "Order 1011" in orders
    assert "not all is told" in orders
    assert "0.00" not in orders
    half_told = text(li.get(at(order(1011))))
    assert "The shop has told of its order 1011, but not yet when it was placed" in half_told
    assert "No date is promised" in half_told
    assert "its number, if it has one, is in the shop" in text(li.get(at(order(1009))))
    assert "Another address than first; the shop has it." in text(li.get(at(order(1009))))
    assert "2 of 3 pieces" in text(li.get(at(order(1009))))

    # The seller sends what is to be sent, agrees to what was asked, announces a delay.
    assert "Order 1002" in text(li.get("/sell/ship/"))
    done = text(li.post(f"{at(order(1002))}dispatch/", {"carrier": "ups", "number": "1Z5R89390357567127"}, follow=True))
    assert "The parcel is noted as sent." in done
    done = text(
        li.post(f"{at(order(1003))}answer-cancel/", {"accept": "1", "asked_at": shown(li, order(1003))}, follow=True)
    )
    assert "The order is cancelled." in done
    done = text(
        li.post(f"{at(order(1008))}answer-address/", {"accept": "1", "asked_at": shown(li, order(1008))}, follow=True)
    )
    assert "The order goes to the new address." in done
    assert [order(number).state for number in (1002, 1003, 1008)] == ["sent", "cancelled", "paid"]

    # A message whose text the shop keeps is a bubble that says so; an answer is written here.
    talk = Conversation.objects.get(external_id="where-is-it")
    assert "About: Order 1005" in text(li.get("/sell/inbox/"))
    said = text(li.get(at(talk)))
    assert 'class="bubble theirs"' in said
    assert "What was written is in the shop." in said
    text(li.post(at(talk), {"text": "It is at the customs. I asked the carrier.", "looked": "1"}, follow=True))
    talk.refresh_from_db()
    assert talk.turn != "seller"
    assert "About: Order 1005" in text(li.get("/sell/inbox/?q=1005"))
    done = text(li.post("/sell/ship/", {"lines": "1006, ups, 1Z999AA10123456784"}, follow=True))
    assert "1 parcel is noted as sent." in done

    # The buyer sees the same things.
    cleo, ana = of_buyer("cleo"), of_buyer("ana")
    assert "It is at the customs." in text(cleo.get(at(talk)))
    told = talk.messages.get(text="")
    assert f"/messages/{told.uuid}/" not in text(cleo.get(at(talk))), "the shop keeps its text: it is not changed here"
    with pytest.raises(Refused):
        messages.edit(Actor(talk.buyer), told, text="Never mind", at=datetime.now(UTC))
    assert "It was to arrive by" in text(cleo.get(at(order(1005))))
    done = text(
        ana.post(f"{at(order(1007))}answer-delay/", {"accept": "1", "asked_at": shown(ana, order(1007))}, follow=True)
    )
    assert "The later date is the promise now." in done
    mine = text(ana.get("/buy/"))
    assert "Order 1001" in mine
    assert "Order 1005" not in mine
    unknown = text(of_buyer("").get("/buy/"))
    assert "Order 1012" in unknown
    assert "None" not in unknown

    assert rebuild.at_odds(lamps) == []
    assert list(journal.verify(lamps)) == []


@pytest.mark.parametrize("who", ["seller", "ana", "cleo", "", "agent"])
def test_every_link_leads_somewhere(cast: Cast, lamps: Party, who: str) -> None:
    actors = {"seller": Actor(lamps), "agent": cast.ken}
    reader = sign_in(actors[who]) if who in actors else of_buyer(who)
    clock.turn(datetime.now(UTC) + timedelta(minutes=2))
    seen, todo = {"/"}, ["/"]
    while todo:
        address = todo.pop()
        answer = reader.get(address, follow=True)
        assert answer.status_code == 200, address
        if answer.streaming or "html" not in answer["Content-Type"]:
            continue
        page = text(answer)
        assert ">None<" not in page, address
        there = answer.redirect_chain[-1][0] if answer.redirect_chain else address
        for link in re.findall(r'href="([/?][^"#]*)', page):
            link = link.replace("&amp;", "&")
            link = there.partition("?")[0] + link if link.startswith("?") else link
            if link not in seen and not link.startswith(("/static/", "/account/", "/help/")):
                seen.add(link)
                todo.append(link)
    assert len(seen) >= 10


def test_the_shop_finds_its_own_things(cast: Cast, lamps: Party) -> None:
    shop = Api(cast.platform, cast.platform)
    (found,) = body(shop.get(f"/orders?external_id=1002&seller={lamps.uuid}"))["items"]
    assert (found["external_id"], found["complete"], found["state"]) == ("1002", True, "paid")
    (half,) = body(shop.get("/orders?external_id=1011"))["items"]
    assert half["complete"] is False
    (talk,) = body(shop.get("/conversations?external_id=where-is-it"))["items"]
    assert talk["external_id"] == "where-is-it"
    assert body(shop.get(f"/orders?external_id=1002&seller={cast.seller.uuid}"))["items"] == []
    assert body(Api(cast.platform, cast.li).get("/orders?external_id=1002"))["items"] == [], "another seller's"


def test_told_again_nothing_is_new(cast: Cast, lamps: Party) -> None:
    day, shop = script(), Api(cast.platform, cast.platform)
    told = body(shop.post("/facts", "\n".join(map(json.dumps, day.events(NOW))), kind="application/x-ndjson"))
    assert (told["recorded"], told["refused"]) == (0, 0)
    told = body(shop.post("/facts", "\n".join(map(json.dumps, day.events(NOW, "b-"))), kind="application/x-ndjson"))
    assert (told["known"], told["refused"]) == (0, 0)
    assert rebuild.at_odds(lamps) == []
