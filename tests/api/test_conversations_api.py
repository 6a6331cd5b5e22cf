"""Conversations by program: offers, messages with files, changes, notes, saved answers, wishes, webhooks."""

import json
from base64 import b64encode
from typing import Any

import pytest
from django.http import HttpResponse

from comity.records.models import AnswerModel, Listing, Message, Webhook
from tests.api.client import Api
from tests.cast import Cast
from tests.files.test_uploads import picture


def body(response: HttpResponse, status: int) -> Any:
    assert response.status_code == status, response.content
    return json.loads(response.content)


def put(api: Api, path: str, what: dict[str, Any], *, method: str = "PUT") -> HttpResponse:
    return api.client.generic(  # type: ignore[return-value]
        method, f"/api/v1{path}", json.dumps(what), content_type="application/json",
        headers={"Authorization": f"Bearer {api.token}"},
    )  # fmt: skip


@pytest.fixture
def apis(cast: Cast) -> dict[str, Api]:
    return {name: Api(cast.platform, getattr(cast, name)) for name in ("platform", "ana", "li", "ken", "bea", "max")}


def test_a_question_about_an_offer_with_a_picture(cast: Cast, apis: dict[str, Api]) -> None:
    offer = {
        "seller": str(cast.seller.uuid),
        "title": "Lamp",
        "amount": 1999,
        "currency": "EUR",
        "handling_hours": 48,
        "external_id": "1",
    }
    listing = body(apis["li"].post("/listings", offer), 201)
    assert body(apis["li"].post("/listings", offer | {"title": "Lamp, black"}), 201)["uuid"] == listing["uuid"]
    body(apis["max"].post("/listings", offer), 403)
    assert body(apis["bea"].get(f"/listings/{listing['uuid']}"), 200)["title"] == "Lamp, black"
    body(apis["max"].get(f"/listings/{listing['uuid']}"), 403)
    talk = body(
        apis["ana"].post("/conversations", {"seller": str(cast.seller.uuid), "topic": "?", "listing": listing["uuid"]}),
        201,
    )
    path = f"/conversations/{talk['uuid']}/messages"
    files = [{"name": "lamp.jpg", "content": b64encode(picture()).decode()}]
    sent = body(apis["ana"].post(path, {"text": "This one?", "files": files, "quote": True}), 201)
    assert json.loads(sent["quoted"])["title"] == "Lamp, black"
    assert (sent["channel"], sent["files"][0]["kind"]) == ("api", "image/jpeg")
    assert body(apis["li"].get(path), 200)["items"][0]["files"] == sent["files"]
    content = apis["li"].get(f"/files/{sent['files'][0]['uuid']}")
    assert b"".join(content.streaming_content).startswith(b"\xff\xd8")  # type: ignore[attr-defined]
    body(apis["bea"].get(f"/files/{sent['files'][0]['uuid']}"), 403)

    for bad in ("no base64 ü", "", b64encode(b"<html>").decode()):
        refused = body(apis["ana"].post(path, {"text": "x", "files": [{"name": "a.png", "content": bad}]}), 422)
        assert refused["errors"]
    body(apis["ana"].post(path, {}), 422)
    changed = body(put(apis["ana"], f"{path}/{sent['uuid']}", {"text": "That one?"}), 200)
    assert (changed["text"], bool(changed["edited_at"])) == ("That one?", True)
    body(put(apis["li"], f"{path}/{sent['uuid']}", {"text": "No"}), 403)
    assert (Listing.objects.count(), Message.objects.count()) == (1, 1)


def test_notes_and_what_was_read(cast: Cast, apis: dict[str, Api]) -> None:
    talk = f"/conversations/{cast.conversation().uuid}"
    assert body(apis["li"].post(f"{talk}/notes", {"text": "A regular."}), 201)["side"] == "seller"
    assert [note["text"] for note in body(apis["li"].get(f"{talk}/notes"), 200)] == ["A regular."]
    assert body(apis["ken"].get(f"{talk}/notes"), 200) == []
    body(apis["ana"].get(f"{talk}/notes"), 403)
    body(apis["ana"].post(f"{talk}/read"), 200)


def test_saved_answers(cast: Cast, apis: dict[str, Api]) -> None:
    what = {
        "title": "Returns",
        "texts": {"en": "Within 15 days, {buyer}."},
        "examples": ["May I return it?"],
        "automatic": False,
    }
    saved = body(apis["li"].post("/answers", what), 201)
    assert (saved["times_sent"], saved["automatic"]) == (0, False)
    assert (
        body(put(apis["li"], f"/answers/{saved['uuid']}", what | {"title": "Return it"}), 200)["title"] == "Return it"
    )
    assert "unknown placeholders" in body(apis["li"].post("/answers", what | {"texts": {"en": "{x}"}}), 422)["detail"]
    body(put(apis["max"], f"/answers/{saved['uuid']}", what), 404)
    body(apis["ana"].get("/answers"), 403)
    body(put(apis["li"], f"/answers/{saved['uuid']}", {}, method="DELETE"), 200)
    assert body(apis["li"].get("/answers"), 200) == []
    assert not AnswerModel.objects.exists()


def test_wishes_and_webhooks(cast: Cast, apis: dict[str, Api]) -> None:
    path = f"/parties/{cast.seller.uuid}/contact"
    assert body(put(apis["platform"], path, {"email": "li@shop.example"}), 200)["email"] == "li@shop.example"
    assert (
        body(put(apis["li"], path, {"digest": "daily", "quiet_from": 22, "quiet_until": 7}), 200)["digest"] == "daily"
    )
    body(put(apis["li"], path, {"email": "mine@evil.example"}), 403)
    body(put(apis["max"], path, {}), 403)
    body(put(apis["li"], path, {"time_zone": "Nowhere"}), 422)

    made = body(apis["li"].post("/webhooks", {"url": "https://shop.example/hook", "kinds": ["duty."]}), 201)
    assert made["secret"].startswith("whsec_")
    listed = body(apis["li"].get("/webhooks"), 200)
    assert [(each["url"], "secret" in each) for each in listed] == [("https://shop.example/hook", False)]
    body(apis["li"].post("/webhooks", {"url": "http://10.0.0.1/"}), 422)
    body(apis["max"].post(f"/webhooks/{made['uuid']}/again"), 404)
    body(apis["li"].post(f"/webhooks/{made['uuid']}/again"), 200)
    body(put(apis["li"], f"/webhooks/{made['uuid']}", {}, method="DELETE"), 200)
    assert not Webhook.objects.exists()
