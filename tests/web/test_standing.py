"""How a party stands is told whole, on the pages and by the API: each kind of state is found."""

import pytest

from comity.api import standing
from comity.records.carry_out import ROWS
from comity.records.carry_out.rows import Rows
from comity.web.common import shown
from tests.cast import Cast
from tests.web.test_pages import sign_in

#: Lives whose states stand elsewhere, and where.
ELSEWHERE = {
    "duty": "Today, a conversation, an order; GET /duties",
    "finding": "the charge that it brings, and the journal",
    "standard": "the numbers of a standard",
    "rating": "the state of a standard; GET /parties/{uuid}/standards",
}


@pytest.mark.parametrize("life", [life for life in ROWS if life not in ELSEWHERE])
def test_the_states_of_a_life_are_told(life: str) -> None:
    kept = ROWS[life]
    assert isinstance(kept, Rows)
    assert kept.model in shown.by_rows(), f"no page shows a {life}: a `Shown` in the module of its pages"
    assert kept.model in {told.of for told in standing.STATES}, f"the API tells of no {life}: a `Told` in its module"


def test_what_is_told_elsewhere_is_a_life() -> None:
    assert set(ELSEWHERE) <= set(ROWS)


@pytest.mark.django_db
def test_a_standing_without_anything_says_what_will_appear(cast: Cast) -> None:
    page = sign_in(cast.li).get("/sell/health/").content.decode()
    assert page.index("No measures. They would appear here") < page.index("No charges. Points for what")
    assert "Waiting for your decision" not in sign_in(cast.ken).get("/desk/").content.decode()
