import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from comity.actions import clock, messages
from comity.actions.guard import Actor
from comity.api.shapes import OrderOut
from comity.identity import tokens
from comity.records.models import ApiToken, Conversation, Duty, JournalLine, Message, Order, Party
from tests.api.client import Api
from tests.cast import START, Cast, hours


@pytest.fixture
def shop(cast: Cast) -> Api:
    return Api(cast.platform, cast.platform)


def as_(cast: Cast, actor: Actor, scopes: list[str] | None = None) -> Api:
    return Api(cast.platform, actor, scopes)


def body(response: Any) -> Any:
    return json.loads(response.content)


def order_of(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "buyer": str(cast.buyer.uuid), "seller": str(cast.seller.uuid), "title": "Desk lamp", "amount": 1999,
        "currency": "EUR", "handling_hours": 72,
        "deliver_by": (datetime.now(UTC) + timedelta(days=20)).isoformat(), **changes,
    }  # fmt: skip


def test_an_order_from_the_shop_to_the_door(cast: Cast, shop: Api) -> None:
    placed = shop.post("/orders", order_of(cast, external_id="A-1"))
    assert placed.status_code == 201
    uuid = body(placed)["uuid"]
    assert body(shop.post("/orders", order_of(cast, external_id="A-1")))["uuid"] == uuid, "told twice, placed once"
    assert body(shop.post(f"/orders/{uuid}/pay"))["state"] == "paid"
    sent = as_(cast, cast.li).post(f"/orders/{uuid}/shipments", {"carrier": "post", "tracking_number": "RR1"})
    assert sent.status_code == 201
    now = datetime.now(UTC).isoformat()
    for _ in range(2):
        scanned = shop.post(f"/shipments/{body(sent)['uuid']}/scans", {"status": "delivered", "at": now})
        assert scanned.status_code == 200
    assert body(shop.get(f"/orders/{uuid}"))["state"] == "delivered"
    assert {d.rule: d.status for d in Duty.objects.all()} == {"dispatch": "met", "deliver": "met", "first scan": "met"}


def test_a_conversation_and_whose_turn_it_is(cast: Cast) -> None:
    ana, li = as_(cast, cast.ana), as_(cast, cast.li)
    opened = ana.post("/conversations", {"seller": str(cast.seller.uuid), "topic": "Lamp"})
    uuid = body(opened)["uuid"]
    assert ana.post(f"/conversations/{uuid}/messages", {"text": "Where?"}).status_code == 201
    assert [item["rule"] for item in body(li.get("/duties"))["items"]] == ["reply"]
    li.post(f"/conversations/{uuid}/messages", {"text": "Here."})
    thread = body(li.get(f"/conversations/{uuid}/messages"))
    assert [(m["role"], m["text"]) for m in thread["items"]] == [("buyer", "Where?"), ("seller", "Here.")]
    assert thread["duties"][0]["status"] == "met"


def test_ending_asking_and_joining_by_api(cast: Cast) -> None:
    buyer, seller, agent = (as_(cast, who) for who in (cast.ana, cast.li, cast.ken))
    made = body(buyer.post("/conversations", {"seller": str(cast.seller.uuid), "topic": "Lamp"}))
    place = f"/conversations/{made['uuid']}"
    sent = body(buyer.post(f"{place}/messages", {"text": "Where is it?"}))
    listed = body(seller.get("/conversations"))["items"][0]
    assert (listed["turn"], listed["due_at"] > listed["turn_since"]) == ("seller", True)
    assert seller.post(f"{place}/end", {"reason": "solved"}).status_code == 422
    assert agent.post(f"{place}/join", {}).status_code == 422
    assert buyer.post(f"{place}/ask-agent", {}).status_code == 200
    assert agent.post(f"{place}/join", {}).status_code == 200
    assert buyer.post(f"{place}/messages/{sent['uuid']}/verdict", {"helped": True}).status_code == 422
    assert seller.post(f"{place}/messages/{sent['uuid']}/verdict", {"helped": True}).status_code == 403
    assert buyer.post(f"{place}/end", {"reason": "solved"}).status_code == 200
    assert body(seller.get("/conversations"))["items"][0]["turn"] == ""
    assert Conversation.objects.get().closed_at is not None


def test_standing_tells_the_shop_whether_a_seller_may_sell(cast: Cast, shop: Api) -> None:
    found = body(shop.get(f"/parties/{cast.seller.uuid}/standing"))
    assert found["may_sell"] is True
    assert found["points"]["service"] == 0
    assert set(found["points"].values()) == {0}, "each ledger of the rules in force"


def test_standing_tells_charges_and_measures(cast: Cast, shop: Api) -> None:
    for _ in range(2):
        messages.send(cast.ana, cast.conversation(), text="Hello?", at=hours(1))
    clock.turn(hours(100))
    found = body(shop.get(f"/parties/{cast.seller.uuid}/standing"))
    assert [charge["ledger"] for charge in found["charges"]] == ["service"] * 2
    (warning,) = found["sanctions"]
    assert (warning["measure"], warning["ledger"], warning["rung"]) == ("warning", "service", 2)
    assert warning["statement"]["ground"]["ledger"] == "service"


def test_the_rules_in_force_are_told_line_by_line(cast: Cast) -> None:
    found = body(as_(cast, cast.ana).get("/rulebook"))
    assert found["duties"][0]["within_seconds"] == 72 * 3600
    reply = next(rule for rule in found["rules"] if rule["name"] == "reply")
    assert {"code": "duty.within", "label": "How long", "value": 72 * 3600, "text": "72 hours"} in reply["lines"]
    ledger = next(rule for rule in found["rules"] if (rule["kind"], rule["name"]) == ("ledger", "service"))
    rung = next(line for line in ledger["lines"] if line.get("entry") == "12")
    assert (rung["code"], rung["value"]["measure"]) == ("ledger.rungs", "freeze")
    assert {rule["kind"] for rule in found["rules"]} >= {"rulebook", "conduct", "clock", "disputes", "powers"}


@pytest.mark.parametrize("path", ["/me", "/orders", "/duties", "/parties", "/rulebook"])
@pytest.mark.django_db
def test_nothing_is_answered_without_a_token(path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer comity_00000000_guess"}, {"Authorization": "Bearer x"}):
        response = Client().get(f"/api/v1{path}", headers=headers)
        assert response.status_code == 401
        assert response["Content-Type"] == "application/problem+json"


def test_a_revoked_token_opens_nothing(cast: Cast) -> None:
    api = as_(cast, cast.ana)
    assert api.get("/me").status_code == 200
    ApiToken.objects.update(revoked_at=START)
    tokens.forget()
    assert api.get("/me").status_code == 401


def test_secrets_are_not_stored(cast: Cast) -> None:
    api = as_(cast, cast.ana)
    row = ApiToken.objects.get()
    secret = api.token.split("_", 2)[2]
    assert all(secret not in str(getattr(row, field.name)) for field in row._meta.fields)


def test_scopes_limit_what_a_token_may_do(cast: Cast) -> None:
    narrow = as_(cast, cast.platform, ["order.read"])
    refused = narrow.post("/orders", order_of(cast))
    assert (refused.status_code, body(refused)["type"].rsplit("/")[-1]) == (403, "out-of-scope")


def test_rivals_see_nothing(cast: Cast) -> None:
    order, conversation = cast.order(), cast.conversation()
    for rival in (cast.bea, cast.max):
        api = as_(cast, rival)
        assert api.get(f"/orders/{order.uuid}").status_code == 403
        assert api.get(f"/conversations/{conversation.uuid}/messages").status_code == 403
        assert api.get(f"/parties/{cast.seller.uuid}/journal").status_code == 403
        assert body(api.get("/orders"))["items"] == []
        assert body(api.get("/conversations"))["items"] == []


def test_an_idempotency_key_makes_a_request_happen_once(cast: Cast) -> None:
    conversation, ana = cast.conversation(), as_(cast, cast.ana)
    path, key = f"/conversations/{conversation.uuid}/messages", {"Idempotency_Key": "k1"}
    first, again = (ana.post(path, {"text": "Hello?"}, **key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again["Idempotent-Replay"] == "true"
    assert Message.objects.count() == 1
    other = ana.post(path, {"text": "Something else"}, **key)
    assert (other.status_code, Message.objects.count()) == (422, 1)
    assert as_(cast, cast.li).post(path, {"text": "Mine"}, **key).status_code == 201, "keys belong to their party"


def test_a_refused_request_is_remembered_too(cast: Cast, shop: Api) -> None:
    wrong = order_of(cast, seller=str(uuid4()))
    answers = [shop.post("/orders", wrong, Idempotency_Key="k") for _ in range(2)]
    assert [a.status_code for a in answers] == [422, 422]
    assert answers[0].content == answers[1].content


def test_pages_follow_each_other_without_gap_or_repeat(cast: Cast, shop: Api) -> None:
    for number in range(7):
        cast.order(at=number // 3)
    seen, after = [], ""
    for _ in range(10):
        found = body(shop.get(f"/orders?limit=3&after={after}"))
        seen += [item["uuid"] for item in found["items"]]
        after = found["next"]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 7
    assert seen[0] == str(Order.objects.order_by("-placed_at", "-pk")[0].uuid)


@pytest.mark.parametrize("after", ["x", "bm9uc2Vuc2U", "WyJ4IiwxXQ", "W251bGwsMV0", "%00", "WzEsMV0"])
def test_a_cursor_that_no_page_gave_is_refused(shop: Api, after: str) -> None:
    assert shop.get(f"/orders?after={after}").status_code == 422


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": -1}, {"amount": "ten"}, {"currency": "euro"}, {"deliver_by": "2026-05-01T00:00:00"},
        {"deliver_by": "yesterday"}, {"handling_hours": 0}, {"title": ""}, {"title": "x" * 201}, {"buyer": "nobody"},
        {"buyer": str(uuid4())}, {"deliver_by": "2020-05-01T00:00:00Z"}, {"title": "a\x00b"}, {"amount": 10**30},
    ],
)  # fmt: skip
def test_bad_orders_are_refused_in_words(cast: Cast, shop: Api, changes: dict[str, Any]) -> None:
    response = shop.post("/orders", order_of(cast, **changes))
    assert response.status_code in (400, 422)
    assert response["Content-Type"] == "application/problem+json"
    assert body(response)["title"]
    assert not Order.objects.exists()


def test_a_buyer_orders_what_is_offered_and_says_nothing_of_the_seller_s(cast: Cast, shop: Api) -> None:
    offer = {
        "seller": str(cast.seller.uuid), "title": "Lamp", "amount": 1999, "currency": "EUR", "handling_hours": 48,
        "delivery_days": 9, "ships_from": "CN-GD", "service": "express",
    }  # fmt: skip
    seller = as_(cast, cast.li)
    lamp = {"listing": body(seller.post("/listings", offer))["uuid"]}
    cup = {"listing": body(seller.post("/listings", offer | {"title": "Cup", "currency": "USD"}))["uuid"]}
    plain = {"buyer": str(cast.buyer.uuid), "seller": str(cast.seller.uuid), "currency": "EUR"}
    later = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    refused: tuple[tuple[dict[str, Any], str], ...] = (
        ({"lines": [lamp], "amount": 1}, "amount: only the shop says that"),
        ({"lines": [lamp], "title": "Two lamps", "external_id": "A-1"}, "title, external_id: only the shop says that"),
        ({"lines": [lamp], "handling_hours": 1, "deliver_by": later}, "handling_hours, deliver_by: only the shop"),
        ({"lines": [lamp], "origin": "BR", "service": "slow"}, "origin, service: only the shop says that"),
        ({"lines": [lamp | {"amount": 1}]}, "line 1: its listing says otherwise: Lamp at 19.99 EUR"),
        ({"lines": [lamp, lamp | {"title": "Two lamps"}]}, "line 2: its listing says otherwise"),
        ({"lines": [{"title": "Lamp", "amount": 1}]}, "line 1: name its listing"),
        ({"lines": [cup]}, "line 1: its listing is in USD, the order in EUR"),
        ({"lines": [lamp], "currency": "VND"}, "line 1: its listing is in EUR, the order in VND"),
        ({"title": "Lamp", "amount": 1}, "title, amount: only the shop says that"),
        ({"lines": []}, "at least one line"),
    )
    ana = as_(cast, cast.ana)
    for changes, said in refused:
        for api, more in ((ana, {}), (shop, {"on_behalf_of": cast.buyer.ref})):
            told = api.post("/orders", plain | changes | more)
            assert told.status_code == 422, changes
            assert said in body(told)["detail"], changes
    assert not Order.objects.exists()
    placed = body(ana.post("/orders", plain | {"lines": [lamp | {"amount": 1999, "quantity": 2}]}))
    assert [placed[name] for name in ("title", "amount", "origin", "service")] == ["Lamp", 3998, "CN-GD", "express"]
    order = Order.objects.get()
    assert order.handling_hours == 48
    assert order.deliver_by
    assert (order.deliver_by - order.placed_at).days in (8, 9), "the ninth day counts to its end"
    assert shop.post("/orders", plain | {"lines": [cup]}).status_code == 422, (
        "nor is a price in another currency the same"
    )
    own = plain | {"lines": [lamp | {"amount": 1}], "handling_hours": 1, "deliver_by": later, "external_id": "A-1"}
    assert body(shop.post("/orders", own))["amount"] == 1, "what the shop sold it for, the shop says"


def test_the_journal_is_read_by_its_party_and_by_agents(cast: Cast) -> None:
    messages.send(cast.ana, cast.conversation(), text="Hello?", at=hours(1))
    for who in (cast.li, cast.ken):
        lines = body(as_(cast, who).get(f"/parties/{cast.seller.uuid}/journal"))["items"]
        assert [line["kind"] for line in lines] == ["message.sent", "duty.opened"]
    checked = body(as_(cast, cast.ken).get(f"/parties/{cast.seller.uuid}/journal/verify"))
    assert checked == {"ok": True, "lines": 2, "troubles": []}


# Facts in bulk


def event(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": "1", "source": "shop", "type": "order.paid", "subject": "order:77",
        "time": "2026-03-02T10:00:00Z",
        "data": {"party": f"seller:{cast.seller.external_id}", "dispatch_by": "2026-03-05T10:00:00Z",
                 "deliver_by": "2026-03-20T10:00:00Z"},
        **changes,
    }  # fmt: skip


def ndjson(*events: Any) -> str:
    return "\n".join(item if isinstance(item, str) else json.dumps(item) for item in events)


def test_facts_come_in_bulk_and_each_stands_for_itself(cast: Cast, shop: Api) -> None:
    lines = ndjson(event(cast), "{not json", event(cast, id="2", type="order.unheard"), event(cast))
    found = body(shop.post("/facts?judge=now", lines, kind="application/x-ndjson"))
    assert [item["status"] for item in found["items"]] == ["recorded", "refused", "refused", "known"]
    assert found["judged_by"] is None
    assert (found["recorded"], found["known"], found["refused"]) == (1, 1, 2)
    assert "unknown kind" in found["items"][2]["errors"][0]
    assert {d.rule for d in Duty.objects.filter(matter="order:77")} == {"dispatch", "deliver"}


def test_what_would_accuse_waits_for_the_rest(cast: Cast, shop: Api) -> None:
    found = body(shop.post("/facts", ndjson(event(cast)), kind="application/x-ndjson"))
    assert found["recorded"] == 1
    assert found["judged_by"] > datetime.now(UTC).isoformat(), "paid months ago, and not sent as far as was told"
    assert (Duty.objects.count(), Order.objects.get().state) == (0, "paid")
    clock.turn(datetime.now(UTC) + timedelta(minutes=2))
    assert {duty.status for duty in Duty.objects.all()} == {"breached"}


def test_the_same_fact_again_changes_nothing(cast: Cast, shop: Api) -> None:
    shop.post("/facts", ndjson(event(cast)), kind="application/x-ndjson")
    before = list(JournalLine.objects.values_list("body", flat=True))
    again = body(shop.post("/facts", json.dumps([event(cast)]), kind="application/cloudevents-batch+json"))
    assert again["known"] == 1
    assert list(JournalLine.objects.values_list("body", flat=True)) == before


def parcel(kind: str, **data: Any) -> dict[str, Any]:
    return {"type": kind, "subject": "shipment:9", "data": {"party": "seller:li wei", **data}}


def order(kind: str, **data: Any) -> dict[str, Any]:
    return {"type": kind, "data": {"party": "seller:li wei", **data}}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (parcel("shipment.delivered"), "the matter of shipment.delivered must be order:id, not 'shipment:9'"),
        (parcel("shipment.dispatched", tracked=True, matter="conversation:1"), "must be order:id"),
        (parcel("shipment.scanned", matter="order:77"), "needs data.source"),
        (parcel("shipment.scanned", matter="order:77", source="rumour"), "one of carrier, seller"),
        (order("order.paid", dispatch_by="2026-03-02T09:59:59Z"), "data.dispatch_by (2026-03-02T09:59:59Z) is before"),
        (order("order.paid", deliver_by="2026-03-02T09:59:59Z"), "is before the order.paid itself"),
        (order("order.paid", deliver_by="9999-12-31T23:59:59-14:00"), "data.deliver_by"),
        (order("review.written", score=9), "data.score must be at most 5, not 9"),
        (order("review.written", score=0), "data.score must be at least 1, not 0"),
        (order("order.placed", amount=100, currency="euro"), "data.currency must be a code of ISO 4217"),
        (order("order.placed", amount=100, currency="QQQ"), "ISO 4217"),
        (order("order.refunded", amount=-1, currency="EUR"), "data.amount must be at least 0"),
        (order("order.paid", party="buyer:ana"), "order.paid is a matter of the seller"),
        (order("delay.accepted", deliver_by="0001-01-01T00:00:00Z"), "must lie between 1970 and 2999"),
        ({"time": "0001-01-01T00:00:00Z"}, "must lie between 1970 and 2999"),
        ({"id": "a\x00b"}, "id cannot hold a NUL character"),
        ({"subject": "order:\x00"}, "subject cannot hold a NUL character"),
        (order("order.cancelled", reason="\x00"), "data.reason cannot hold a NUL character"),
        ({"type": "course.passed", "subject": "seller:other", "data": {"party": "seller:li wei"}}, "another party"),
    ],
)  # fmt: skip
def test_a_fact_that_would_mislead_is_refused(cast: Cast, shop: Api, changes: dict[str, Any], says: str) -> None:
    if "data" in changes:
        changes["data"]["party"] = changes["data"]["party"].replace("buyer:ana", cast.buyer.ref)
    told = body(shop.post("/facts", ndjson(event(cast, **changes)), kind="application/x-ndjson"))
    assert says in " ".join(told["items"][0]["errors"])
    assert not JournalLine.objects.exists()


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({"time": "2026-03-02T11:00:00Z"}, "time"),
        ({"subject": "order:78"}, "subject, matter"),
        (order("order.paid"), "data"),
        (order("order.receipt_confirmed"), "kind, data"),
    ],
)
def test_an_id_told_again_with_another_content_is_refused(
    cast: Cast, shop: Api, changes: dict[str, Any], differs: str
) -> None:
    shop.post("/facts", ndjson(event(cast)), kind="application/x-ndjson")
    told = body(shop.post("/facts", ndjson(event(cast, **changes)), kind="application/x-ndjson"))
    assert told["items"][0]["status"] == "refused"
    assert f"with another {differs}; what is new needs an id of its own" in told["items"][0]["errors"][0]
    assert JournalLine.objects.filter(fact_id__startswith="shop|").count() == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"time": "2026-03-02T10:00:00"}, "no zone"), ({"time": "soon"}, "Invalid"), ({"time": "2999-01-01T00:00:00Z"}, "future"),
        ({"type": "deadline.fell"}, "cannot come from outside"), ({"type": "sanction.approved"}, "cannot come from outside"),
        ({"subject": "no colon"}, "kind:id"), ({"subject": "shipment:1"}, "about order"), ({"specversion": "0.3"}, "specversion"),
        ({"data": {"party": "seller:nobody"}}, "there is no seller:nobody"), ({"data": None}, "data.party"),
        ({"data": {"party": "seller:li wei", "colour": "red"}}, "no field 'colour'"),
        ({"data": {"party": "seller:li wei", "dispatch_by": 5}}, "must be a time"),
        ({"data": {"party": "seller:li wei", "dispatch_by": {"deep": 1}}}, "must be a text"), ({"id": ""}, "id is missing"),
        ({"id": "x" * 300}, "characters"), ({"id": 5}, "must be a text"),
    ],
)  # fmt: skip
def test_a_bad_fact_is_refused_in_words(cast: Cast, shop: Api, changes: dict[str, Any], says: str) -> None:
    found = body(shop.post("/facts", ndjson(event(cast, **changes)), kind="application/x-ndjson"))
    assert found["refused"] == 1
    assert says in " ".join(found["items"][0]["errors"])
    assert not JournalLine.objects.exists()


def test_a_clock_a_little_ahead_is_taken_as_now(cast: Cast, shop: Api) -> None:
    ahead = event(cast, time=(datetime.now(UTC) + timedelta(seconds=200)).isoformat(), data={"party": cast.seller.ref})
    assert body(shop.post("/facts", ndjson(ahead), kind="application/x-ndjson"))["recorded"] == 1
    assert body(shop.post("/facts", ndjson(ahead), kind="application/x-ndjson"))["known"] == 1
    line = JournalLine.objects.get(kind="order.paid")
    assert line.at == line.noted_at


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [("\n", "application/x-ndjson", 200), ("[", "application/cloudevents-batch+json", 200), ("hello", "text/plain", 415),
     ("\n".join(["{}"] * 10_001), "application/x-ndjson", 413)],
)  # fmt: skip
def test_whole_bodies_that_cannot_be_read(shop: Api, content: str, kind: str, status: int) -> None:
    assert shop.post("/facts", content, kind=kind).status_code == status


def test_sellers_and_buyers_may_not_record_facts(cast: Cast) -> None:
    for who in (cast.li, cast.ana):
        assert as_(cast, who).post("/facts", ndjson(event(cast)), kind="application/x-ndjson").status_code == 403


def test_a_field_that_nobody_knows_is_refused(cast: Cast, shop: Api) -> None:
    told = shop.post("/parties", json.dumps({"role": "seller", "name": "New", "externalId": "9"}))
    assert (told.status_code, body(told)["errors"]) == (422, ["externalId: there is no such field"])
    assert not Party.objects.filter(name="New").exists()
    described = body(shop.get("/openapi.json"))
    taken = {
        media["schema"]["$ref"].rpartition("/")[2]
        for methods in described["paths"].values()
        for operation in methods.values()
        for media in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in media["schema"]
    }
    assert len(taken) > 20
    open_ = {
        name for name in taken if described["components"]["schemas"][name].get("additionalProperties") is not False
    }
    assert open_ == set(), "request bodies are api.shapes.In"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer comity_nobody"}])
def test_who_is_unknown_is_told_to_send_a_token(cast: Cast, headers: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True, headers=headers)
    for answer in (client.get("/api/v1/me"), client.post("/api/v1/facts", "{}", content_type="application/json")):
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_every_moment_of_an_order_is_told() -> None:
    told = {name for name in OrderOut.model_fields if name.endswith("_at")}
    kept = {field.name for field in Order._meta.fields if field.name.endswith("_at")}
    assert kept - told == {"looked_at"}, "what is not told is when something of ours was looked at"


def test_the_api_describes_itself(shop: Api) -> None:
    described = body(shop.get("/openapi.json"))
    assert {"/api/v1/facts", "/api/v1/orders", "/api/v1/parties/{uuid}/standing"} <= set(described["paths"])
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert "422" in operation["responses"], (path, method)
    assert Conversation.objects.count() == 0


def test_what_the_shop_tells_late_is_not_late(cast: Cast, shop: Api) -> None:
    now = datetime.now(UTC)
    two_hours_ago = (now - timedelta(hours=2)).isoformat()
    uuid = body(shop.post("/orders", order_of(cast, handling_hours=1, at=(now - timedelta(hours=3)).isoformat())))[
        "uuid"
    ]
    paid = body(shop.post(f"/orders/{uuid}/pay", {"at": (now - timedelta(hours=2, minutes=30)).isoformat()}))
    assert paid["dispatch_by"] < now.isoformat(), "it was to be sent an hour and a half ago"
    sent = shop.post(f"/orders/{uuid}/shipments", {"carrier": "post", "tracking_number": "RR1", "at": two_hours_ago})
    assert sent.status_code == 201, body(sent)
    (order,) = Order.objects.all()
    assert order.sent_at is not None
    assert (now - order.sent_at) > timedelta(hours=1, minutes=59)
    clock.turn(datetime.now(UTC))
    assert Duty.objects.get(rule="dispatch").status == "met"
    lines = JournalLine.objects.filter(fact_id__isnull=False)
    assert min(line.noted_at - line.at for line in lines) > timedelta(hours=1)
    assert all(line.noted_at >= now for line in lines), "when it was noted is not for others to say"


#: Every verb of the API that tells that something happens, with what it takes beside `at`.
VERBS = [
    ("pay", {}), ("shipments", {}), ("cancel", {"reason": "other"}), ("cancellation", {"reason": "other"}),
    ("cancellation/answer", {"accepted": True}), ("delays", {"deliver_by": "2027-01-01T00:00:00Z", "reason": "weather"}),
    ("delays/answer", {"accepted": True, "asked_at": "2026-03-02T09:00:00Z"}), ("judgement", {"on_time": True}), ("address/answer", {"accepted": True, "asked_at": "2026-03-02T09:00:00Z"}),
    ("address", {"name": "A", "street": "B", "city": "C", "country": "DE"}),
    ("returns", {"carrier": "post", "tracking_number": "1"}), ("returns/confirm", {}),
]  # fmt: skip
TALKS = [
    ("messages", {"text": "?"}),
    ("no-reply-needed", {"reason": "other"}),
    ("end", {}),
    ("ask-agent", {}),
    ("join", {}),
]


@pytest.mark.parametrize(("verb", "what"), [*VERBS, *TALKS])
@pytest.mark.parametrize(
    ("hours_ago", "says"), [(31 * 24, "more than 30 days ago"), (-2, "is in the future"), (1, "")], ids=str
)
def test_every_verb_takes_the_shops_word_for_when(
    cast: Cast, shop: Api, verb: str, what: dict[str, Any], hours_ago: int, says: str
) -> None:
    thing = f"/conversations/{cast.conversation().uuid}" if (verb, what) in TALKS else f"/orders/{cast.order().uuid}"
    at = (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat()
    mine = as_(cast, cast.li).post(f"{thing}/{verb}", {**what, "at": at})
    assert mine.status_code in (403, 422)
    assert "only the shop's own token" in mine.content.decode() or mine.status_code == 403
    told = shop.post(f"{thing}/{verb}", {**what, "at": at})
    if says:
        assert told.status_code == 422
        assert says in told.content.decode()
    else:
        assert "at:" not in told.content.decode()
        assert told.status_code in (200, 201, 409, 422)
    assert shop.post(f"{thing}/{verb}", {**what, "when": at}).status_code == 422, "a misspelt name is refused"
