"""Run a text as a program of its own, as `python -m tests.script TEXT [ARGUMENT…]`."""

import sys

if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    exec(sys.argv[0])
