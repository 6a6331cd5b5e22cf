"""Every kind of fact: the vocabulary of the product.

A fact is something that happened. It is never changed; a wrong fact is followed by another fact. It holds ids,
moments and digests, never a text or a name: facts are kept for ever, and what may have to be forgotten is not here.
"""

from comity.policy.facts.disputes import MAX_PARTS, OUTCOMES
from comity.policy.facts.fact import (
    DEADLINE,
    EARLIEST,
    LATEST,
    NEVER,
    PARTIES,
    PLACED,
    Fact,
    Scalar,
    moment_of,
    read_fact,
    reference,
    subject_kind,
)
from comity.policy.facts.kind import ANYTHING, FAULTS, MAX_AMOUNT, MAX_GRAMS, MAX_PIECES, PAYERS, Field, Kind
from comity.policy.facts.kinds import (
    ANSWERED,
    DERIVED_CAUSES,
    IMPORTED,
    KINDS,
    NO_REPLY,
    PAUSE,
    PAUSE_ENDED,
    PAUSES,
    PEERS,
    REJECTED,
)
from comity.policy.facts.money import COSTS
from comity.policy.facts.sound import CLOCK_SKEW_SECONDS, MAX_ID_CHARS, problems
from comity.policy.facts.standing import PAUSE_CAUSES

__all__ = [
    "ANSWERED",
    "ANYTHING",
    "CLOCK_SKEW_SECONDS",
    "COSTS",
    "DEADLINE",
    "DERIVED_CAUSES",
    "EARLIEST",
    "FAULTS",
    "IMPORTED",
    "KINDS",
    "LATEST",
    "MAX_AMOUNT",
    "MAX_GRAMS",
    "MAX_ID_CHARS",
    "MAX_PARTS",
    "MAX_PIECES",
    "NEVER",
    "NO_REPLY",
    "OUTCOMES",
    "PARTIES",
    "PAUSE",
    "PAUSES",
    "PAUSE_CAUSES",
    "PAUSE_ENDED",
    "PAYERS",
    "PEERS",
    "PLACED",
    "REJECTED",
    "Fact",
    "Field",
    "Kind",
    "Scalar",
    "moment_of",
    "problems",
    "read_fact",
    "reference",
    "subject_kind",
]
