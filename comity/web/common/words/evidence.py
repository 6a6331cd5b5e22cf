"""What rulebooks ask to be shown, and what their decision tables ask: the names that the shipped ones use."""

from django.utils.translation import gettext_lazy as _

CODES = {
    "description at the time of the order": _("description at the time of the order"),
    "invoice of the maker": _("invoice of the maker"), "packing list": _("packing list"), "photo": _("photo"),
    "photo before shipping": _("photo before shipping"), "photo of the damage": _("photo of the damage"),
    "photo of the goods": _("photo of the goods"), "photo of the parcel": _("photo of the parcel"),
    "photo of what came": _("photo of what came"), "photo or video": _("photo or video"),
    "photo or video of the goods": _("photo or video of the goods"), "proof of delivery": _("proof of delivery"),
    "proof of delivery to the address": _("proof of delivery to the address"),
    "proof of the packing": _("proof of the packing"), "proof of the refund": _("proof of the refund"),
    "tracking number": _("tracking number"), "tracking that shows delivery": _("tracking that shows delivery"),
    "tracking that shows delivery in time": _("tracking that shows delivery in time"),
    "weight at posting": _("weight at posting"), "weight of the parcel": _("weight of the parcel"),
    "what shows that it is counterfeit": _("what shows that it is counterfeit"),
    "input:reason": _("what is claimed"), "input:tracking": _("what tracking says"),
    "input:proof": _("how clear the evidence is"), "input:answered": _("whether the seller answered"),
    "input:delivered": _("whether it was delivered"), "input:returned": _("whether it was sent back"),
    "input:delivery": _("how the delivery ended"), "input:shown": _("who has shown it"),
    "input:refunded": _("whether money went back"),
    # what may be answered
    "answer:delivered in time": _("delivered in time"), "answer:in transit": _("on its way"), "answer:late": _("late"),
    "answer:none": _("nothing"), "answer:clear": _("clear"), "answer:unclear": _("unclear"), "answer:yes": _("yes"),
    "answer:no": _("no"), "answer:back": _("back at the sender"), "answer:on the way": _("on its way"),
    "answer:elsewhere": _("delivered elsewhere"), "answer:neither": _("neither side"),
    "not received": _("not received"), "not as described": _("not as described"), "wrong item": _("wrong item"),
    "counterfeit": _("counterfeit"), "changed mind": _("changed mind"),
    "refund not received": _("refund not received"),
}  # fmt: skip
