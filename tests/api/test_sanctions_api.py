"""Measures by the API: texts that no database holds and no encoding has, and an appeal that was added to."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comity.actions import appeals, sanctions
from comity.actions.measured import written
from comity.records.models import Sanction
from tests.actions.sanctions.rules import agent, asked, staged
from tests.api.client import Api

pytestmark = pytest.mark.django_db
ODD = ("\x00", "\ud800", "x" * 10_001)


def said(answer: Any) -> tuple[int, dict[str, Any]]:
    return answer.status_code, json.loads(answer.content)


def test_no_text_is_too_odd_to_be_refused() -> None:
    cast = staged()
    now = datetime.now(UTC)
    row = asked(cast, agent(cast, "Noor"), "freeze", now - timedelta(hours=2), timedelta(days=7))
    api = Api(cast.platform, cast.ken)
    path = f"/parties/{cast.seller.uuid}/sanctions"
    wanted = {"measure": "freeze", "rule": "spam", "because": "Seen."}
    for odd in ODD:
        for name in wanted:
            status, body = said(api.post(path, {**wanted, name: odd}))
            assert (status, body["status"]) == (422, 422), (name, odd[:9])
        declined = {"asked_at": row.at.isoformat(), "reason": odd}
        assert said(api.post(f"{path}/{row.key}/decline", declined))[0] == 422
        for body in ({"result": odd, "because": "So."}, {"result": "falls", "because": "So.", "charges": [odd]}):
            assert said(api.post(f"{path}/{row.key}/appeal/decide", body))[0] == 422
    for name in ("length_seconds", "notice_seconds"):
        assert said(api.post(path, {**wanted, name: True}))[0] == 422, "true is no second"
    assert said(api.post(path, {**wanted, "\ud800": 1}))[0] == 422, "what is quoted of it can be sent"
    assert Sanction.objects.count() == 1


def test_an_appeal_that_was_added_to_is_read_first() -> None:
    cast = staged()
    now = datetime.now(UTC)
    row = asked(cast, agent(cast, "Noor"), "freeze", now - timedelta(hours=2), timedelta(days=7))
    sanctions.approve(agent(cast, "Omar"), row, at=now - timedelta(hours=1))
    first, second = now - timedelta(minutes=9), now - timedelta(minutes=5)
    for at, text in ((first, "Not me."), (second, "It was Max.")):
        appeals.file(cast.li, Sanction.objects.get(), words=written(text), at=at)
    api = Api(cast.platform, cast.ken)
    path = f"/parties/{cast.seller.uuid}/sanctions/{row.key}/appeal/decide"
    decision = {"result": "stands", "because": "It was he.", "asked_at": first.isoformat()}
    assert said(api.post(path, decision))[1]["code"] == "changed"
    assert said(api.post(path, {**decision, "asked_at": second.isoformat()}))[0] == 200
    assert appeals.appeals_of(Sanction.objects.get())[0].result == "stands"
