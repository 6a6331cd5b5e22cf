"""The vocabulary."""

from comity.policy.facts.kinds import KINDS, ROOMS


def test_no_kind_is_written_down_twice() -> None:
    assert sum(len(room.ALL) for room in ROOMS) == len(KINDS)
