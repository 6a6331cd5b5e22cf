"""A client for the API in tests: speaks JSON as a given actor."""

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client

from comity.actions.guard import SCOPES, Actor
from comity.identity import tokens


class Api:
    """Requests in the name of one actor, by a token with all scopes or those given."""

    def __init__(self, platform: Actor, actor: Actor, scopes: list[str] | None = None):
        at = datetime.now(UTC)
        self.token = tokens.make(platform, party=actor.party, label="test", scopes=scopes or sorted(SCOPES), at=at)
        self.client = Client()

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token}", **headers})  # type: ignore[return-value]

    def post(self, path: str, body: Any = None, *, kind: str = "application/json", **headers: str) -> HttpResponse:
        content = body if isinstance(body, bytes | str) else json.dumps(body or {})
        return self.client.post(  # type: ignore[return-value]
            f"/api/v1{path}", content, content_type=kind,
            headers={"Authorization": f"Bearer {self.token}"} | {k.replace("_", "-"): v for k, v in headers.items()},
        )  # fmt: skip

    def put(self, path: str, body: Any) -> HttpResponse:
        return self.client.put(  # type: ignore[return-value]
            f"/api/v1{path}", json.dumps(body), headers={"Authorization": f"Bearer {self.token}"}
        )
