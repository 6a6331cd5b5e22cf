"""Pauses and stuck moments by the API: looked at, recorded with files, ended, tried again."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comity.records.models import Duty, Excuse, MeasureFile
from tests.api.client import Api
from tests.cast import START, Cast

pytestmark = pytest.mark.django_db


def body(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def test_a_pause_is_looked_at_then_recorded_with_what_shows_it_then_taken_back(cast: Cast) -> None:
    ken, li, day = Api(cast.platform, cast.ken), Api(cast.platform, cast.li), timedelta(days=1)
    begins, ends = ((datetime.now(UTC) + after).isoformat() for after in (-day, day))
    asked = {"cause": "platform_outage", "begins": begins, "ends": ends, "evidence": "status page"}
    assert body(ken.post("/pauses/preview", asked))["parties"] > 1
    spoiled = asked | {"files": [{"name": "page.txt", "content": "?"}]}
    assert "base64" in body(ken.post("/pauses", spoiled), 422)["detail"]
    assert not Excuse.objects.exists()
    shown = [{"name": "page.txt", "content": b64encode(b"Down from noon").decode()}]
    made = body(ken.post("/pauses", asked | {"files": shown}), 201)
    assert MeasureFile.objects.get().text.matter == f"outage:{made['uuid']}"
    assert body(li.get("/pauses"))["items"] == [], "one for many is the desk's"
    assert body(li.post("/pauses", asked), 403)
    end = f"/pauses/{made['uuid']}/end"
    assert "Say why" in body(ken.post(end, {"how": "mistaken"}), 422)["detail"]
    assert body(ken.post(end, {"how": "mistaken", "because": "It was up"}))["ended_as"] == "mistaken"
    assert "taken back already" in body(ken.post(end, {}), 422)["detail"]


def test_what_is_stuck_is_tried_again_one_or_all(cast: Cast) -> None:
    for at in (0, 1, 2):
        cast.order(at=at)
    Duty.objects.update(stuck_at=START, stuck_why="a mistake of ours")
    ken, li = Api(cast.platform, cast.ken), Api(cast.platform, cast.li)
    keys = [row["key"] for row in body(ken.get("/clock/stuck"))]
    assert len(keys) == Duty.objects.count()
    assert body(li.post("/clock/retry", {}), 403)
    assert body(ken.post("/clock/retry", {"key": keys[0]})) == {"ruled": 1, "again": {}}
    assert body(ken.post("/clock/retry", {"key": keys[0]}), 404)
    assert body(ken.post("/clock/retry", {})) == {"ruled": len(keys) - 1, "again": {}}
    assert body(ken.get("/clock/stuck")) == []
