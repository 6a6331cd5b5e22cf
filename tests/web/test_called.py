"""An order of several things is called by the first of them and how many more, in its reader's language."""

import pytest
from django.utils import translation

from comity.actions.orders import Line
from comity.lib.money import Money
from comity.web.common.called import called
from tests.disputing import stage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("placed_in", ["en", "zh-hans"])
def test_whoever_placed_it_each_reads_it_in_the_own_language(placed_in: str) -> None:
    with translation.override(placed_in):
        order = stage(lines=[Line(title, 1, Money(2000, "EUR")) for title in ("Lamp and cord", "Vase", "Bowl")]).order
    assert order.title == "Lamp and cord and 2 more"
    with translation.override("zh-hans"):
        assert called(order) == "Lamp and cord 等另外 2 种"
    with translation.override("en"):
        assert called(order) == "Lamp and cord and 2 more"


def test_a_title_that_names_no_more_stays_as_it_is() -> None:
    order = stage(lines=[Line("Salt and more", 1, Money(2000, "EUR"))]).order
    with translation.override("zh-hans"):
        assert called(order) == "Salt and more"
