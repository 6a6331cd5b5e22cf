"""The door for programs."""

import json

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from comity.api.entrance import ForPrograms


def never(request: HttpRequest) -> HttpResponse:
    raise AssertionError("nobody is asked")


def test_a_database_that_is_away_is_no_mistake_of_ours() -> None:
    door, request = ForPrograms(never), RequestFactory().post("/api/v1/facts")
    answer = door.process_exception(request, OperationalError("database is locked"))
    assert answer is not None
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert json.loads(answer.content)["detail"] == "Send the same request again in some seconds."
    assert door.process_exception(request, ValueError("ours")) is None
