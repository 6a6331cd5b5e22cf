"""What a thing is called on a page: by its title, or where nobody told one, by the shop's own number."""

from django.utils.translation import gettext, ngettext

from comity.lib.titles import parted
from comity.records.models import Conversation, Order, OrderLine


def called(thing: Order | OrderLine | Conversation) -> str:
    """Return an order's, a line's or a conversation's name for people."""
    if isinstance(thing, OrderLine):
        return called(thing.order) if thing.title == thing.order.title else thing.title
    if not thing.is_untitled:
        return _titled(thing.title) if isinstance(thing, Order) else thing.topic
    if isinstance(thing, Order):
        return gettext("Order %(id)s") % {"id": thing.external_id}
    if thing.order is not None:
        return gettext("About: %(what)s") % {"what": called(thing.order)}
    return gettext("Conversation %(id)s") % {"id": thing.external_id}


def _titled(title: str) -> str:
    """Return an order's title in the reader's language: of several things, the first and how many more."""
    first, more = parted(title)
    if not more:
        return title
    return f"{first} " + ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more}
