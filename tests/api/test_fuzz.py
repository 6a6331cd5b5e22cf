"""Fuzz: generated requests against the API's own description. No answer of 5xx, whoever asks and whatever they send."""

import json
from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.api import api
from tests.api.client import Api
from tests.cast import Cast
from tests.profiles import examples

SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))
EVERY: Any = SCHEMA.get_all_operations()
OPERATIONS = [found.ok() for found in EVERY]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
@pytest.mark.parametrize("role", ["platform", "ana"])
def test_no_request_breaks_the_api(cast: Cast, operation: Any, role: str) -> None:
    client = Api(cast.platform, getattr(cast, role))

    @given(case=operation.as_strategy())
    @settings(max_examples=examples(15), suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url="http://testserver")
        path = sent["url"].removeprefix("http://testserver")
        body = json.dumps(sent["json"]) if sent.get("json") is not None else sent.get("data") or ""
        response = Client(raise_request_exception=False).generic(
            sent["method"], path, body, content_type=_kind(case), query_params=sent.get("params") or {},
            headers={"Authorization": f"Bearer {client.token}"},
        )  # fmt: skip
        assert response.status_code < 500, (path, body, response.content[:300])
        if response.status_code >= 400:
            assert response["Content-Type"].startswith(("application/problem+json", "text/html")), response[
                "Content-Type"
            ]

    ask()


def _kind(case: Any) -> str:
    return case.media_type or "application/json"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
@pytest.mark.django_db
def test_no_operation_ignores_authentication(operation: Any) -> None:
    path = operation.path.replace("{uuid}", "00000000-0000-0000-0000-000000000000").replace("{key}", "x")
    assert Client().generic(operation.method.upper(), path, "{}", content_type="application/json").status_code == 401


@given(
    st.binary(max_size=300),
    st.sampled_from(["application/x-ndjson", "application/cloudevents-batch+json", "application/json"]),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_answered_in_words(cast: Cast, content: bytes, kind: str) -> None:
    response = Api(cast.platform, cast.platform).post("/facts", content, kind=kind)
    assert response.status_code in (200, 413, 415)
