"""Requests that follow from each other: what one answer names, the next asks about. No 5xx, whatever the order."""

import json
from typing import Any

import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core.transport import Response

from comity.api import api
from tests.api.client import Api
from tests.cast import Cast
from tests.profiles import LONG

#: What an answer holds, and which operations take it, by the names of their parameters in the address.
THINGS = ("orders", "conversations", "listings", "parties", "webhooks", "answers", "tokens", "shipments")


def linked() -> dict[str, Any]:
    """Return the API's description with a link from each operation that gives a thing to each that takes its id."""
    described: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    for path, item in described["paths"].items():
        noun = path.removeprefix("/api/v1/").split("/")[0]
        for method, operation in item.items():
            if noun not in THINGS or path != f"/api/v1/{noun}" or method not in ("get", "post"):
                continue
            field = "prefix" if noun == "tokens" else "uuid"
            place = f"/{field}" if method == "post" else f"/items/0/{field}"
            takers = {
                f"{verb} {other}": {
                    "operationId": taker["operationId"],
                    "parameters": {field: f"$response.body#{place}"},
                }
                for other, more in described["paths"].items()
                for verb, taker in more.items()
                if other.startswith(f"/api/v1/{noun}/{{{field}}}")
            }
            for status, answer in operation["responses"].items():
                if str(status).startswith("2"):
                    answer["links"] = takers
    return described


SCHEMA = schemathesis.openapi.from_dict(linked())


def test_no_course_of_requests_breaks_the_api(cast: Cast) -> None:
    cast.order(), cast.conversation()
    told = [each for role in ("platform", "ana", "li") for each in courses(cast, role)]
    done = {path for _, path, status in told if status in (200, 201)}
    assert any("{" in path for path in done), "nothing was ever asked about what an answer named"


def courses(cast: Cast, role: str) -> list[tuple[str, str, int]]:
    """Take courses of requests as somebody; return what was asked and the statuses."""
    token = Api(cast.platform, getattr(cast, role)).token
    django = Client(raise_request_exception=False)
    told: list[tuple[str, str, int]] = []

    class Course(SCHEMA.as_state_machine()):  # type: ignore[misc]
        def call(self, case: Any, **kwargs: Any) -> Any:
            sent = case.as_transport_kwargs(base_url="http://127.0.0.1")
            body = json.dumps(sent["json"]) if sent.get("json") is not None else sent.get("data") or b""
            answer = django.generic(
                sent["method"], sent["url"].removeprefix("http://127.0.0.1"), body, query_params=sent.get("params") or {},
                content_type=case.media_type or "application/json", headers={"Authorization": f"Bearer {token}"},
            )  # fmt: skip
            told.append((sent["method"], case.operation.path, answer.status_code))
            assert answer.status_code < 500, (sent, answer.content[:300])
            asked = requests.Request(sent["method"], sent["url"]).prepare()
            headers = {name.lower(): [value] for name, value in answer.headers.items()}
            return Response(answer.status_code, headers, answer.getvalue(), asked, 0.0, verify=False)

        def validate_response(self, *given: Any, **more: Any) -> None:
            """Statuses are looked at above."""

    Course.run(
        settings=settings(
            max_examples=25 if LONG else 8,
            stateful_step_count=8,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
    )
    return told
