"""What speaks against a tracking number, found while it is typed, and said with what to do."""

from django.utils.translation import gettext as _

from comity.actions.enact import Refused
from comity.policy import tracking_numbers
from comity.records.models import Address, Order, Shipment


class Doubtful(Refused):
    """A number that does not look right. It is taken from a seller who is sure; the doubt is then noted."""


def doubt(carrier: str, number: str, order: Order) -> str:
    """Return what speaks against a number of an order's parcel, as a code; empty for nothing.

    wrong_digit, unknown_form, other_carrier (see policy.tracking_numbers); used_twice: it is another order's already;
    other_destination: it is for parcels to another place than the order's.
    """
    if not tracking_numbers.plain(number):
        return ""
    if problem := tracking_numbers.check(number, carrier).problem:
        return problem
    others = Shipment.objects.filter(tracking_number=tracking_numbers.kept(number), carrier__iexact=carrier).exclude(
        order=order
    )
    if others.exists():
        return "used_twice"
    to = Address.objects.filter(order=order, state="in_force").first()
    country, postcode = (to.country, to.postcode) if to else (order.destination[:2], "")
    return "" if tracking_numbers.may_go_to(number, carrier, country, postcode) else "other_destination"


def explained(code: str, carrier: str, number: str) -> str:
    """Return a sentence about a doubt, with what to do."""
    values = {"number": tracking_numbers.plain(number)[: tracking_numbers.MAX_CHARS], "carrier": carrier}
    if code == "other_carrier":
        values["others"] = ", ".join(tracking_numbers.check(number, carrier).carriers)
    return {
        "wrong_digit": _("%(number)s has a wrong check digit: a digit may be missing or mistyped."),
        "unknown_form": _("%(number)s does not look like a number of %(carrier)s. Compare it with the label."),
        "other_carrier": _("%(number)s looks like a number of %(others)s, not of %(carrier)s."),
        "used_twice": _("%(number)s has already been given for another order. Each parcel has a number of its own."),
        "other_destination": _(
            "%(number)s is for a parcel to a different place from this order's address. Is it another order's label?"
        ),
        "empty": _("The tracking number is empty."),
        "too_long": _("The tracking number is too long."),
    }[code] % values
