"""Improvement plans: asked for, written, looked at, and held against the standard when they have run.

Each kind is about a plan, and judged under it. Texts are not in the journal: digests are.
"""

from datetime import datetime
from typing import Any

from comity.policy.facts.kind import Field, Kind, kind

#: How a plan came to run: an agent accepted it, or nobody looked at it in time.
ACCEPTED_BY = ("agent", "silence")
#: Why a plan was kept or failed: what counted was held against the limit; too little counted; none was written.
KEPT_BECAUSE, FAILED_BECAUSE = ("checked", "too_few"), ("checked", "not_written")
#: What a seller can say that he will do, as codes.
#: What a plan says where goods are to be checked before they leave.
CHECKING = "check_before_shipping"
ACTIONS = (
    "ship_earlier", "other_carrier", "longer_handling", "correct_listing", CHECKING, "pause_listing",
    "answer_sooner", "something_else",
)  # fmt: skip
MOST_VERSIONS = 1_000
#: Where a plan can stand again once a silence proves to be none.
RESUMED_AS = ("asked", "written", "sent_back", "running")

_AGENT = Field(str, "who, as role:id")
_WORDS = Field(str, "digest of the words", required=False)
_VERSION = Field(int, "which version of the plan", least=1, most=MOST_VERSIONS)
_COUNTED = Field(int, "how many counted", least=0)
_FAULTY = Field(int, "how many of them were at fault", least=0)


def _plan(name: str, doc: str, *, tells: str = "", **fields: Any) -> Kind:
    return kind(name, doc, "plan", from_outside=False, tells=tells, **fields)


ALL = (
    _plan("plan.asked", "A level of a standard was reached that asks for a plan.", tells="seller",
          standard=Field(str, "the standard"),
          level=Field(int, "its level, from 0", least=0),
          rulebook=Field(str, "the version that asks, as name@version"),
          runs=Field(int, "seconds that the plan is to run", least=1),
          rating=Field(str, "the key of the evaluation that reached the level"),
          rated_at=Field(datetime, "when that was"),
          counted=_COUNTED, faulty=_FAULTY),
    _plan("plan.written", "The party wrote its plan, or a further version of it.",
          version=_VERSION,
          actions=Field(str, "what it will do, as codes with spaces between"),
          words=_WORDS),
    _plan("plan.sent_back", "An agent sent a plan back, with words.", tells="seller", agent=_AGENT, version=_VERSION,
          words=_WORDS),
    _plan("plan.accepted", "A plan was accepted: it runs since then.", tells="seller",
          by=Field(str, "by whom", choices=ACCEPTED_BY),
          agent=Field(str, "which agent, as role:id", required=False),
          version=_VERSION,
          check_at=Field(datetime, "when it is held against the standard", not_before=True),
          words=_WORDS),
    _plan("plan.kept", "A plan has run, and the standard was kept meanwhile.", tells="seller",
          because=Field(str, "why", choices=KEPT_BECAUSE), counted=_COUNTED, faulty=_FAULTY),
    _plan("plan.failed", "A plan has run and the standard was not kept, or no plan was written in time.",
          tells="seller",
          because=Field(str, "why", choices=FAILED_BECAUSE),
          counted=Field(int, "how many counted while it ran", required=False, least=0),
          faulty=Field(int, "how many of them were at fault", required=False, least=0)),
    _plan("plan.withdrawn", "The evaluation that asked for a plan does not hold: nothing is asked for any more.",
          tells="seller", because=Field(str, "why", choices=("rating",))),
    _plan("plan.resumed", "A silence that moved a plan was none: it stands again as it stood before.",
          tells="seller",
          of=Field(str, "the id of the fact that the silence had brought"),
          stage=Field(str, "how the plan stands again", choices=RESUMED_AS),
          check_at=Field(datetime, "of one that runs, when it is held against the standard", required=False)),
)  # fmt: skip
