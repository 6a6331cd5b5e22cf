"""The short faults: nothing lost, nothing doubled, on the engine at hand. `make faults` lets all of them happen."""

import os

from tests.faults import kinds, running

#: With slow clients, no page waits for them. Generous, for other tests run beside this one.
LONGEST_PAGE_SECONDS = 5.0
WRITERS = 4


def test_nothing_is_lost_or_doubled() -> None:
    engine = "postgresql" if os.environ.get("COMITY_TEST_DATABASE") == "postgresql" else "sqlite"
    found = running.run(engine, writers=WRITERS, lasts=kinds.LASTS / 2, only=running.SHORT)
    assert found["wrong"] == []
    faults = {fault["fault"]: fault for fault in found["faults"]}
    assert set(faults) == {name for name in running.SHORT if engine in kinds.FAULTS[name][1]}
    for name, fault in faults.items():
        assert (fault["lost"], fault["doubled"]) == (0, 0), fault
        assert fault["acknowledged"] >= WRITERS, f"{name}: nothing was tried"
    for name in ("all but the supervisor killed", "disk full"):
        assert faults[name]["repeated"] > 0, f"{name}: nobody noticed"
    assert faults["eight slow clients"]["slowest_page_seconds"] < LONGEST_PAGE_SECONDS
