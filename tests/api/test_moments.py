"""Moments that no calendar reaches, or nobody can believe, are refused with a sentence, whatever asks for one."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

import comity.api
from comity.api.shapes import In
from comity.records.models import Excuse
from tests.api.client import Api
from tests.cast import Cast

FAR = ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "3000-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"]


def asked() -> Iterator[tuple[str, Any]]:
    """Each field of a request's body that is a moment."""
    modules = [import_module(f"comity.api.{found.name}") for found in iter_modules(comity.api.__path__)]
    shapes = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    for shape in sorted((each for each in shapes if issubclass(each, In)), key=lambda each: each.__name__):
        for name, field in shape.model_fields.items():
            if "datetime" in repr(field.annotation).lower():
                meant: Any = field.annotation
                yield f"{shape.__name__}.{name}", Annotated[meant, *field.metadata] if field.metadata else meant


ASKED = dict(asked())


@pytest.mark.parametrize("name", ASKED)
def test_no_body_takes_a_moment_that_nobody_can_believe(name: str) -> None:
    adapter = TypeAdapter[Any](ASKED[name])
    for far in FAR:
        with pytest.raises(ValidationError):
            adapter.validate_python(far)
    adapter.validate_python("2026-03-02T10:00:00+08:00")


@pytest.mark.django_db
@pytest.mark.parametrize("far", FAR)
def test_the_api_says_what_is_wrong_with_it(cast: Cast, far: str) -> None:
    api = Api(cast.platform, cast.ken)
    for name in ("begins", "ends"):
        body = {"carrier": "post", "begins": "2026-03-02T10:00:00Z", "ends": "2026-03-03T10:00:00Z"} | {name: far}
        answer = api.post("/outages", body)
        assert (answer.status_code, name in answer.content.decode()) == (422, True)
    assert not Excuse.objects.exists()
