"""[[checklist]]: what is looked at before goods leave."""

from comity.policy.checks import ASKS, MOST_PHOTOS, WITHOUT, Checklist, Item
from comity.rulebooks.language.reading import Table

MAX_ITEMS = 12
MAX_CATEGORIES = 100


def checklist(table: Table) -> Checklist:
    """Read a checklist."""
    table.known("checklist")
    name = table.name("name") or "?"
    items = tuple(table.each("item", _item))
    if not 1 <= len(items) <= MAX_ITEMS:
        hint = 'item = [{ name = "count", title = "All is there" }]'
        table.wrong("item", f"a checklist has 1 to {MAX_ITEMS} items", hint)
    if sum(item.asks == "photo" for item in items) > MOST_PHOTOS:
        table.wrong("item", f"at most {MOST_PHOTOS} items of a checklist ask for a photo")
    categories = tuple(each.strip().lower() for each in table.texts("categories", default=[]))
    if len(categories) > MAX_CATEGORIES:
        table.wrong("categories", f"at most {MAX_CATEGORIES} categories")
    return Checklist(
        name=name,
        title=table.text("title") or name,
        items=items,
        categories=categories,
        under_plan=table.flag("under_plan"),
        without=table.text("without", choices=WITHOUT) or WITHOUT[0],
        source=table.text("source"),
    )


def _item(table: Table) -> Item:
    table.known("item")
    name = table.name("name") or "?"
    return Item(name, table.text("title") or name, table.text("asks", choices=ASKS) or ASKS[0])
