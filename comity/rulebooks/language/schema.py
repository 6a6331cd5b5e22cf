"""JSON Schema of the rulebook language, for editors: made from `keys.FIELDS`, types read off the examples."""

import tomllib
from datetime import date, datetime
from typing import Any

from comity.policy.facts import KINDS
from comity.rulebooks.language.keys import FIELDS, FRAMES, LISTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    date: "string",
    datetime: "string",
}


def schema() -> dict[str, Any]:
    """Return the schema of a rulebook. Dates, which JSON has not, are texts."""
    head = _table("")
    properties = head["properties"]
    for name in LISTS:
        properties[name] = {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}
    for name in ("dispute", "reviews", "evasion"):
        properties[name] = {"$ref": f"#/$defs/{name}"}
    properties["extends"] = {
        "type": "string",
        "description": "The rulebook whose rules it takes over, as name@version.",
    }
    properties["case"] = {"type": "array", "items": {"type": "object"}, "description": "Worked cases."}
    return {
        "$schema": DIALECT,
        "title": "A rulebook of Comity",
        **head,
        "$defs": {name: _table(name) for name in FIELDS if name},
    }


def _table(name: str) -> dict[str, Any]:
    required = [key for key in FRAMES[name] if name in LISTS and key in ("name", "title", "met_by")]
    if name == "standard":
        required = ["name", "window"]
    if name == "":
        required = ["name", "version", "in_force_from"]
    return {
        "type": "object",
        "additionalProperties": False,
        **({"required": required} if required else {}),
        "properties": {key: _key(name, key) for key in FIELDS[name]},
    }


def _key(table: str, key: str) -> dict[str, Any]:
    field = FIELDS[table][key]
    # The example shows the type, and the docs check that it is right.
    value = tomllib.loads(field.example)[key]
    described: dict[str, Any] = {"description": field.doc}
    if field.holds and not isinstance(value, str):
        one = {"$ref": f"#/$defs/{field.holds}"}
        many: dict[str, Any] = {"type": "array", "items": one}
        plain = [{"type": "string"}, {"type": "array"}] if (table, key) in _ALSO_TEXT else []
        return described | {"anyOf": [one, many, *plain]}
    if (table, key) in _ALSO_TEXT:
        return described | {"anyOf": [{"type": "string"}, {"type": "array"}, {"type": "object"}]}
    if (table, key) in _ALSO_NUMBERS:
        return described | {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}
    if (table, key) == ("match", "fact"):
        kinds = {"enum": list(KINDS)}
        return described | {"anyOf": [kinds, {"type": "array", "items": kinds}]}
    if (table, key) == ("standard", "error"):
        return described | {"type": "number"}
    return described | {"type": _TYPES[type(value)]}


_ALSO_TEXT = {("standard", "window"), ("standard", "counted"), ("standard", "faulty"), ("standard", "basis")}
_ALSO_NUMBERS = {("charge", "points")}
