"""Accounts that may belong to one person."""

from comity.policy.facts.fact import PARTIES
from comity.policy.facts.kind import Field, kind

ALL = (
    kind("account.linked", "Something joins this account to another one, such as the same pay-out account.",
         "seller buyer", parties=PARTIES,
         with_=Field(str, "the other account, as role:id", names="seller buyer"),
         kinds=Field(str, "kinds of links, with spaces between: payout, document, admission, network, device, "
                    "address")),
    kind("account.matched", "Links are enough to propose a measure, for the other account is under one.",
         "seller buyer", parties=PARTIES, from_outside=False,
         with_=Field(str, "the other account, as role:id", names="seller buyer"),
         kinds=Field(str, "kinds of links, with spaces between, the strong ones first"),
         on=Field(str, "the other account's measure"),
         measure=Field(str, "its kind"),
         since=Field(str, "when it took effect")),
    kind("account.cleared", "What a measure rested on is gone: the measure on the other account was taken back.",
         "sanction", parties=PARTIES, matters="sanction", from_outside=False),
)  # fmt: skip
