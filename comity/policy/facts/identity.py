"""Accounts that may belong to one person, and accounts that become one."""

from datetime import datetime

from comity.policy.facts.fact import PARTIES
from comity.policy.facts.kind import Field, Kind, kind

_KINDS = "kinds of links, with spaces between: payout, document, admission, network, device, address"
_AGENT = Field(str, "who, as role:id")
_ASKED_BY = Field(str, "the agent who asked for it, as role:id")
_WORDS = Field(str, "digest of the words", required=False)
_FILES = Field(str, "digests of the files, with spaces between", required=False, several=10)
_MERGE = Field(str, "its id")
_INTO = Field(str, "the account that takes it over, as role:id", names="seller buyer")
_TAKEN = Field(str, "the account that was taken over, as role:id", names="seller buyer")


def _of_merge(name: str, doc: str, *, tells: str = "", **fields: Field) -> Kind:
    fields = {"agent": _AGENT, **fields}
    return kind(name, doc, "seller buyer", matters="", parties=PARTIES, from_outside=False, tells=tells, **fields)


ALL = (
    kind("account.linked", "Something joins this account to another one, such as the same pay-out account.",
         "seller buyer", parties=PARTIES,
         with_=Field(str, "the other account, as role:id", names="seller buyer"),
         kinds=Field(str, _KINDS)),
    kind("account.unlinked", "What was told to join this account to another one does not.",
         "seller buyer", parties=PARTIES,
         with_=Field(str, "the other account, as role:id", names="seller buyer"),
         kinds=Field(str, _KINDS),
         agent=Field(str, "who took it back, as role:id, where an agent did", required=False),
         words=_WORDS),
    kind("account.matched", "Links are enough to propose a measure, for the other account is under one.",
         "seller buyer", parties=PARTIES, from_outside=False,
         with_=Field(str, "the other account, as role:id", names="seller buyer"),
         kinds=Field(str, "kinds of links, with spaces between, the strong ones first"),
         on=Field(str, "the other account's measure"),
         measure=Field(str, "its kind"),
         since=Field(str, "when it took effect")),
    kind("account.cleared", "What a measure rested on is gone: the other account's measure, or the links to it.",
         "sanction", parties=PARTIES, matters="sanction", from_outside=False,
         because=Field(str, "what is gone: the other's measure where nothing is said", required=False,
                       choices=("overturned", "unlinked")),
         agent=Field(str, "who decided it, as role:id, where a person did", required=False),
         words=_WORDS),
    kind("sanction.kept", "An agent looked at a measure whose links were taken back: it stays.",
         "sanction", parties=PARTIES, matters="sanction", from_outside=False, agent=_AGENT, words=_WORDS),
    _of_merge("account.merge_asked", "An agent asks that this account is taken over into another one.",
              into=_INTO, words=_WORDS, files=_FILES),
    _of_merge("account.merge_declined", "An agent declined that this account is taken over.", merge=_MERGE,
              words=_WORDS),
    _of_merge("account.taken_over", "This account was taken over into another one of the same person.",
              tells="seller", into=_INTO, merge=_MERGE, asked_by=_ASKED_BY, words=_WORDS),
    _of_merge("account.took_over", "This account took over another one of the same person.",
              tells="seller", account=_TAKEN, merge=_MERGE, asked_by=_ASKED_BY),
    _of_merge("account.undo_asked", "An agent asks that this account is given back.", merge=_MERGE, words=_WORDS),
    _of_merge("account.undo_declined", "An agent declined that this account is given back.", merge=_MERGE,
              words=_WORDS),
    _of_merge("account.given_back", "This account is one of its own again.",
              tells="seller", into=_INTO, merge=_MERGE, asked_by=_ASKED_BY, words=_WORDS),
    _of_merge("account.gave_back", "An account that was taken over is one of its own again: what came with it goes.",
              tells="seller", account=_TAKEN, merge=_MERGE, asked_by=_ASKED_BY),
    _of_merge("account.looked_at", "An agent looked at what this account brought the one that took it over.",
              merge=_MERGE, words=_WORDS),
    kind("charge.taken_over", "Points of an account that was taken over count here, dated as they were.",
         "seller buyer", parties=PARTIES, from_outside=False,
         account=_TAKEN,
         merge=_MERGE,
         of=Field(str, "the charge's key there"),
         ledger=Field(str, "the ledger"),
         points=Field(int, "what it adds there; a credit's are below zero"),
         rule=Field(str, "the rule that it is for"),
         rulebook=Field(str, "the version by which it was charged, as name@version"),
         charged_at=Field(datetime, "when it was charged"),
         expires_at=Field(datetime, "until when it counts"),
         passes=Field(int, "the threshold that the sum passes with it; nothing follows", required=False)),
    kind("charge.cleared", "A charge is gone from the account with which it came, and so from here.",
         "seller buyer", parties=PARTIES, from_outside=False,
         account=_TAKEN,
         of=Field(str, "the charge's key there")),
)  # fmt: skip
