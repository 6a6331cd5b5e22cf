"""How pages say moments."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from comity.web.common import times

THIS_YEAR = datetime.now(UTC).year


@pytest.mark.parametrize(
    ("language", "this", "another"),
    [("en", "Mar 9, 20:05", "Mon, Mar 9, 2020, 20:05"), ("zh-hans", "3月9日", "2020年3月9日周一 20:05")],
)
def test_one_way_of_saying_when_and_the_year_only_if_it_is_another(language: str, this: str, another: str) -> None:
    with translation.override(language):
        said = times.quiet(datetime(THIS_YEAR, 3, 9, 20, 5, tzinfo=UTC))
        assert this in said
        assert str(THIS_YEAR) not in said
        assert times.quiet(datetime(2020, 3, 9, 20, 5, tzinfo=UTC)) == another
        assert times.moment(datetime(2020, 3, 9, 20, 5, tzinfo=UTC)) == another


def test_until_midnight_is_until_the_end_of_the_day_before() -> None:
    midnight = datetime(2026, 12, 24, tzinfo=UTC)
    assert times.until(midnight) == "the end of Wed, Dec 23, 2026"
    assert times.until(midnight.replace(minute=1)) == "Thu, Dec 24, 2026, 00:01"
