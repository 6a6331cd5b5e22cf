"""A rulebook's TOML as JSON has it: the same keys, dates and times as text, decimals as numbers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from comity.rulebooks.language.parse import MAX_BYTES, tree_of


def plain(text: str) -> dict[str, Any]:
    """Return the tree of a rulebook's TOML as JSON has it; raise BadRulebook where it is not TOML."""
    tree: dict[str, Any] = _plain(tree_of(text, MAX_BYTES))
    return tree


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
