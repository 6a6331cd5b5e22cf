"""Every key's example as a whole rulebook: what the docs print is what the docs check executes."""

from collections.abc import Mapping

from comity.rulebooks.language.keys import FIELDS, FRAMES, INSIDE, LISTS

_HEAD = {"name": 'name = "shop"', "version": 'version = "1"', "in_force_from": "in_force_from = 2026-01-01"}
#: What examples may refer to.
_BASE = {
    "clock": '[[clock]]\nname = "weekdays"\ndays = ["mon", "tue", "wed", "thu", "fri"]\n',
    "ledger": '[[ledger]]\nname = "service"\nexpires_after = "365 days"\n',
    "duty": "[[duty]]\n" + "\n".join({**FRAMES["duty"], "name": 'name = "reply"'}.values()) + "\n",
    "conduct": "[[conduct]]\n" + "\n".join({**FRAMES["conduct"], "name": 'name = "bad faith"'}.values()) + "\n",
    "standard": "[[standard]]\n" + "\n".join({**FRAMES["standard"], "name": 'name = "late dispatch"'}.values()) + "\n",
}


def whole(table: str, key: str) -> str:
    """Return a rulebook in which the example of `key` of `table` stands where it belongs."""
    example = FIELDS[table][key]
    lines = _lines(table, key, example.example, example.instead_of)
    while table in INSIDE:
        parent, inside = INSIDE[table]
        # Three keys whose examples make sense in one place alone, which is not the first that holds such a table.
        if (table, key) == ("match", "unless"):
            parent, inside = "standard", "faulty"
        value = "{ " + ", ".join(lines) + " }"
        more = ""
        if (table, key) == ("match", "no_later_than"):
            parent, inside, more = "duty", "met_by", f"\n{FIELDS['duty']['decided_after'].example}"
        above = FIELDS[parent][inside]
        if (table, key) == ("window", "from"):
            value = f'[{value}, "12 months"]'
        elif any(line.startswith(f"{inside} = [") for line in above.example.splitlines()):
            value = f"[{value}]"
        lines = _lines(parent, inside, f"{inside} = {value}{more}", above.instead_of)
        table, key = parent, inside
    if table == "":
        return "\n".join(lines) + "\n\n" + "\n".join(_BASE.values())
    header = f"[[{table}]]" if table in LISTS else f"[{table}]"
    return "\n".join([*_HEAD.values(), "", *_BASE.values(), header, *lines]) + "\n"


def _lines(table: str, key: str, example: str, instead_of: str) -> list[str]:
    """Return the frame's lines with the example's in place of those it takes the place of."""
    stated = example.splitlines()
    taken = {line.split("=", 1)[0].strip() for line in stated} | {key, *instead_of.split()}
    frame: Mapping[str, str] = FRAMES[table]
    return [line for name, line in frame.items() if name not in taken] + stated
