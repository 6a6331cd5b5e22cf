"""Rows change in the order in which the database lets them."""

import pytest

from comity.records.follow.updates import update
from comity.records.models import Address, Order
from tests.actions.test_deeds import NOW, order
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_place_is_left_before_it_is_taken(cast: Cast) -> None:
    """Whichever row stands first in the table: one gives way to another, and that one to a third, in one turn."""
    about = order(cast)
    in_force = Address.objects.get(order=about, state="in_force")
    later, waits = _address(about, "replaced"), _address(about, "asked")
    rows, was, becomes = (in_force, later, waits), ("in_force", "replaced", "asked"), ("replaced", "asked", "in_force")
    for row, state in zip(rows, becomes, strict=True):
        row.state = state
    update(Address, [(row, {"state": state}) for row, state in zip(rows, was, strict=True)])
    assert [Address.objects.get(pk=row.pk).state for row in rows] == list(becomes)


def _address(about: Order, state: str) -> Address:
    return Address.objects.create(order=about, state=state, given_at=NOW, salt=b"", country="BR")
