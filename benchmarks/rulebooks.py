"""Parsing and analysing: seconds for each rulebook that comes with Comity, and for a thousand rules.

The ratio is of analysing to parsing. The aims: analysis under 5 s each, parsing under a second for a thousand rules.
"""

import time

from benchmarks import stage
from comity.rulebooks import shelf
from comity.rulebooks.language.parse import parse
from comity.rulebooks.workbench.analysis import analyse

RULE = """
[[duty]]
name = "reply {number}"
title = "Reply"
who = "seller"
opened_by = {{ fact = "message.sent", where = {{ by = "buyer" }} }}
met_by = {{ fact = "message.sent", where = {{ by = "seller" }} }}
within = "72 hours"
"""


def main() -> None:
    rows = []
    for name in shelf.all_names():
        text = shelf.text_of(name)
        began = time.perf_counter()
        book = parse(text)
        parsed = time.perf_counter()
        analyse(book)
        done = time.perf_counter()
        rows.append(
            {
                "name": name,
                "parse_ms": round((parsed - began) * 1000, 1),
                "analyse_ms": round((done - parsed) * 1000, 1),
            }
        )
    text = 'name = "many"\nversion = "1"\nin_force_from = 2026-01-01\n' + "".join(
        RULE.format(number=n) for n in range(1_000)
    )
    began = time.perf_counter()
    parse(text)
    thousand = time.perf_counter() - began
    slowest = max(rows, key=lambda row: row["analyse_ms"])
    stage.say({
        "compares": "analysing a rulebook, with parsing it", "rulebooks": len(rows), "slowest": slowest,
        "thousand_rules_parse_ms": round(thousand * 1000),
        "ratio": round(sum(row["analyse_ms"] for row in rows) / sum(row["parse_ms"] for row in rows), 1),
    })  # fmt: skip


if __name__ == "__main__":
    main()
