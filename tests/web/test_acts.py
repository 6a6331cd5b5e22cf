"""Each kind of field of a form is drawn as what it is."""

import re
from types import SimpleNamespace
from typing import get_args

import pytest
from django.template.loader import render_to_string

from comity.web.common.acts import Field, Kind

#: Types of an input in HTML that need nothing beside them.
INPUTS = {"text", "date", "datetime-local", "time", "number", "email", "tel", "url"}


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_template_draws_each_kind_of_field(kind: Kind) -> None:
    field = Field("what", "What", kind, most=10, choices=lambda *_: [("a", "A")])
    html = render_to_string("parts/fields.html", {"offer": SimpleNamespace(fields=[(field, [("a", "A")])])})
    (tag,) = re.findall(r"<(input|select|textarea)\b", html)
    (of_type,) = re.findall(r' type="([^"]+)"', html) or ["text"]
    assert tag == kind if kind in ("select", "textarea") else (tag == "input")
    if tag == "input":
        assert of_type == {"check": "checkbox", "stars": "radio"}.get(kind, kind)
        assert kind in ("check", "stars") or kind in INPUTS, (
            f"no browser knows an input of type {kind}: see parts/fields.html"
        )
    assert ('<option value="a">A</option>' in html) is (kind == "select")
    assert ('maxlength="10"' in html) is (kind not in ("select", "check", "stars"))
