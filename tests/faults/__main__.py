"""Let every fault happen on both engines, and print as JSON what was lost, doubled and slow: `make faults`."""

import argparse
import json
import sys

from tests.faults import kinds, running


def main() -> int:
    """Print what was found; 1 where something was lost or doubled, or does not hold."""
    told = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    told.add_argument("--engine", choices=kinds.BOTH, action="append", help="only this one")
    told.add_argument("--fault", choices=list(kinds.FAULTS), action="append", help="only this one; repeat for several")
    told.add_argument("--short", action="store_true", help="as in CI: fewer faults, for a shorter time")
    asked = told.parse_args()
    only = asked.fault or (running.SHORT if asked.short else tuple(kinds.FAULTS))
    lasts = kinds.LASTS if asked.short else 4 * kinds.LASTS
    found = [running.run(engine, writers=8, lasts=lasts, only=only) for engine in asked.engine or kinds.BOTH]
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return int(any(each["wrong"] or any(one["lost"] or one["doubled"] for one in each["faults"]) for each in found))


if __name__ == "__main__":
    sys.exit(main())
