"""Health: where a party stands, what comes next, what helps, and what would stand if something were taken away.

All of it is found by judging again with the judge's own functions. Nothing here is a ruling, and nothing is written.
"""
