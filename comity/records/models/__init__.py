"""The tables, one file for each noun. Each file is found; models that many rooms use can be had from here, too."""

from importlib import import_module
from pkgutil import iter_modules

from comity.records.models.access import ApiToken, IdempotentAnswer
from comity.records.models.addresses import Address
from comity.records.models.answer_times import MarketAnswerTimes
from comity.records.models.answers import Answer, AnswerModel, SentAnswer
from comity.records.models.checks import Check, CheckPhoto
from comity.records.models.conduct import Finding
from comity.records.models.conversations import (
    Attachment,
    Conversation,
    Message,
    MessageVersion,
    Note,
    ReadMark,
)
from comity.records.models.disputes import (
    ClosedCase,
    Dispute,
    DisputePiece,
    DisputeText,
    DraftDecision,
    Evidence,
    Interest,
    SealedBid,
)
from comity.records.models.drafts import Draft
from comity.records.models.duties import Duty, Pause
from comity.records.models.errands import ErrandLane
from comity.records.models.guided import GuidedOpening
from comity.records.models.identity import AccountLink, AccountMerge
from comity.records.models.journal import JournalLine
from comity.records.models.listings import Listing
from comity.records.models.mails import Contact, IncomingMail, NoticeMail, OutgoingMail, UnreadMail
from comity.records.models.money import ChargeBack, Payment, PayOut, Refund, RefundPart, RefundVia
from comity.records.models.notices import Notice
from comity.records.models.orders import CancelRequest, Order, OrderLine
from comity.records.models.parties import Party, Standing
from comity.records.models.pauses import Excuse
from comity.records.models.plans import ImprovementPlan
from comity.records.models.promises import Advice, Delay, LaneCard, Watch
from comity.records.models.reviews import Review
from comity.records.models.rulebooks import RulebookVersion
from comity.records.models.sanctions import Charge, MeasureFile, MeasureText, Sanction
from comity.records.models.seals import (
    Checkpoint,
    Cosignature,
    Seal,
    SealedEntry,
    SealedHead,
    SealedRulebook,
    SealKey,
    SealTile,
)
from comity.records.models.shipments import Scan, Shipment, ShipmentLine
from comity.records.models.standards import Rating, Tally
from comity.records.models.tracking import TrackingBody
from comity.records.models.transparency import TransparencyStatement
from comity.records.models.webhooks import Webhook, WebhookCursor

__all__ = [
    "AccountLink",
    "AccountMerge",
    "Address",
    "Advice",
    "Answer",
    "AnswerModel",
    "ApiToken",
    "Attachment",
    "CancelRequest",
    "Charge",
    "ChargeBack",
    "Check",
    "CheckPhoto",
    "Checkpoint",
    "ClosedCase",
    "Contact",
    "Conversation",
    "Cosignature",
    "Delay",
    "Dispute",
    "DisputePiece",
    "DisputeText",
    "Draft",
    "DraftDecision",
    "Duty",
    "ErrandLane",
    "Evidence",
    "Excuse",
    "Finding",
    "GuidedOpening",
    "IdempotentAnswer",
    "ImprovementPlan",
    "IncomingMail",
    "Interest",
    "JournalLine",
    "LaneCard",
    "Listing",
    "MarketAnswerTimes",
    "MeasureFile",
    "MeasureText",
    "Message",
    "MessageVersion",
    "Note",
    "Notice",
    "NoticeMail",
    "Order",
    "OrderLine",
    "OutgoingMail",
    "Party",
    "Pause",
    "PayOut",
    "Payment",
    "Rating",
    "ReadMark",
    "Refund",
    "RefundPart",
    "RefundVia",
    "Review",
    "RulebookVersion",
    "Sanction",
    "Scan",
    "Seal",
    "SealKey",
    "SealTile",
    "SealedBid",
    "SealedEntry",
    "SealedHead",
    "SealedRulebook",
    "SentAnswer",
    "Shipment",
    "ShipmentLine",
    "Standing",
    "Tally",
    "TrackingBody",
    "TransparencyStatement",
    "UnreadMail",
    "Watch",
    "Webhook",
    "WebhookCursor",
]  # fmt: skip

for found in iter_modules(__path__):
    import_module(f"{__name__}.{found.name}")
