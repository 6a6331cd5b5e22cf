"""Evidence for a payment system: what a seller may hand in for a dispute there, made of the case here.

Bodies are those of PayPal's provide-evidence (Customer Disputes v1) and of an update of a dispute at Stripe; the files
lie beside them. Nothing is sent: the shop does, with its own access. What is for the mediator alone is in neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from comity.actions.disputes.view import View
from comity.lib import moments
from comity.lib.casefile import bag
from comity.records import files as kept
from comity.records.models import Evidence, Shipment

MAX_NOTES, MAX_TRACKED, MAX_STRIPE_CHARS = 2_000, 10, 20_000
_PAYPAL = {"photo": "PHOTOS_OF_SHIPPED_ITEM", "delivery": "DELIVERY_RECEIPT", "description": "ITEM_DESCRIPTION"}


@dataclass(slots=True)
class Bundle:
    """A body, and the files that go with it, by name."""

    body: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)


def for_paypal(view: View) -> Bundle:
    """Return what is handed in at PayPal for the seller of a case."""
    bundle = Bundle({"evidences": []})
    given: list[dict[str, Any]] = bundle.body["evidences"]
    if tracked := [_tracked(parcel) for parcel in _parcels(view)][:MAX_TRACKED]:
        given.append({"evidence_type": "PROOF_OF_FULFILLMENT", "evidence_info": {"tracking_info": tracked}})
    if refunds := [row.reference for row in _refunded(view)]:
        given.append({"evidence_type": "PROOF_OF_REFUND", "evidence_info": {"refund_ids": refunds[:100]}})
    for piece in _pieces(view):
        kind = next((code for word, code in _PAYPAL.items() if word in piece.item), "OTHER")
        row: dict[str, Any] = {"evidence_type": kind}
        if piece.kind == "file":
            name = _file(piece, bundle.files)
            row |= {"documents": [{"name": name}]} if name else {}
        if notes := piece.text[:MAX_NOTES]:
            row["notes"] = notes
        if len(row) > 1:
            given.append(row)
    if words := _words(view):
        given.append({"evidence_type": "MERCHANT_RESPONSE", "notes": words[:MAX_NOTES]})
    return bundle


def for_stripe(view: View) -> Bundle:
    """Return what is handed in at Stripe for the seller of a case: texts as they are, of files their names."""
    told: dict[str, Any] = {}
    parcel = next(iter(_parcels(view)), None)
    if parcel is not None:
        told |= {"shipping_carrier": parcel.carrier, "shipping_tracking_number": parcel.tracking_number}
        told["shipping_date"] = parcel.dispatched_at.date().isoformat()
    titles = ", ".join(f"{line.quantity} x {line.title}" for line in view.now.order.lines.all())
    told["product_description"] = titles[:MAX_STRIPE_CHARS]
    bundle = Bundle({"evidence": told})
    texts = [_words(view), *(piece.text for piece in _pieces(view) if piece.text)]
    names = [name for piece in _pieces(view) if piece.kind == "file" and (name := _file(piece, bundle.files))]
    if text := "\n\n".join(each for each in texts if each):
        told["uncategorized_text"] = text[:MAX_STRIPE_CHARS]
    # Stripe takes one file in each place; which is which, only people know.
    for place, name in zip(("shipping_documentation", "uncategorized_file"), names, strict=False):
        told[place] = name
    return bundle


def _parcels(view: View) -> list[Shipment]:
    sent = view.now.order.shipments.filter(returns=False).exclude(tracking_number="")
    return list(sent.order_by("dispatched_at", "pk"))


def _tracked(parcel: Shipment) -> dict[str, str]:
    # Their list of carriers has codes of its own: the name as the seller gave it is said beside it.
    return {"carrier_name": "OTHER", "carrier_name_other": parcel.carrier, "tracking_number": parcel.tracking_number}


def _refunded(view: View) -> Iterator[Any]:
    for refund in view.now.order.refunds.filter(state="refunded"):
        yield from refund.ways.exclude(reference="")


def _pieces(view: View) -> Iterator[Evidence]:
    """Yield what the seller gave for both sides to see."""
    for piece in view.evidence:
        if piece.role == "seller" and piece.sees == "all" and piece.kind in ("file", "statement"):
            yield piece


def _words(view: View) -> str:
    said = (text for text in view.texts if text.role == "seller" and text.sees == "all" and text.kind != "offer")
    return "\n\n".join(f"{moments.to_text(text.at)[:10]}: {text.text}" for text in said)


def _file(piece: Evidence, files: dict[str, bytes]) -> str:
    try:
        with kept.opened(piece.sha256) as file:
            name = f"{piece.sha256[:16]}{bag.ending(piece.media)}"
            files[name] = file.read()
            return name
    except kept.Lost:
        return ""
