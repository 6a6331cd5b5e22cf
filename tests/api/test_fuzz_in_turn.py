"""Fuzz in turn: what one request makes, the next ones read and act on. No 5xx, and nobody is answered without a token."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from comity.api import api
from tests.api.client import Api
from tests.cast import Cast

#: What makes a thing of which the answer has the id, and where the addresses of what can be done with it begin.
MAKES = {
    "/api/v1/orders": "/api/v1/orders/{uuid}",
    "/api/v1/conversations": "/api/v1/conversations/{uuid}",
    "/api/v1/parties": "/api/v1/parties/{uuid}",
    "/api/v1/orders/{uuid}/shipments": "/api/v1/shipments/{uuid}",
    "/api/v1/orders/{uuid}/disputes": "/api/v1/disputes/{uuid}",
    "/api/v1/answers": "/api/v1/answers/{uuid}",
}


def description() -> dict[str, Any]:
    """The API's description, with links from what makes a thing to all that can be done with it."""
    told: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    for path, begins in MAKES.items():
        made = told["paths"][path]["post"]["responses"]["201"]
        made["links"] = {
            f"{method} {other}": {
                "operationId": operation["operationId"],
                "parameters": {"path.uuid": "$response.body#/uuid"},
            }
            for other, methods in told["paths"].items()
            if other.startswith(begins)
            for method, operation in methods.items()
        }
    return told


def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The product, but for that description."""
    if environ["PATH_INFO"] == "/described.json":
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(description()).encode()]
    for signal in SIGNALS:  # the test's own connection stays open
        signal.disconnect(close_old_connections)
    answer: Iterable[bytes] = get_wsgi_application()(environ, start_response)
    return answer


SIGNALS = (request_started, request_finished)


@pytest.fixture
def closing() -> Iterator[None]:
    """Connections are closed after requests again, once the test is over."""
    yield
    for signal in SIGNALS:
        signal.connect(close_old_connections)


def test_what_was_made_can_be_acted_on(cast: Cast, closing: None) -> None:
    schema = schemathesis.openapi.from_wsgi("/described.json", served)
    token, seen = Api(cast.platform, cast.platform).token, {"done": 0, "linked": 0}

    class Turns(schema.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            # Each example begins with the same things.
            self.point = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.point)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": {"Authorization": f"Bearer {token}"}}

        def validate_response(self, response: Any, case: Any, **given: Any) -> None:
            assert response.status_code < 500, (case.method, case.path, response.content[:300])
            seen["linked"] += "{uuid}" in case.path and response.status_code not in (404, 400)
            if response.status_code < 400:
                seen["done"] += 1
                again = Client().generic(case.method, case.formatted_path, "{}", content_type="application/json")
                assert again.status_code == 401, (case.method, case.path)

    run_state_machine_as_test(
        Turns,
        settings=settings(
            max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    # Chance says how much was done; only "nothing" would say that the links lead nowhere.
    assert seen["linked"], seen
    assert seen["done"], seen
