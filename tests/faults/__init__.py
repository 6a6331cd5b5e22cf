"""Faults while people write: processes killed, databases stopped, disks full, clocks off. `python -m tests.faults`."""
