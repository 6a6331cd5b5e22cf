"""What is found of a party, and what is done about it: complaints, violations, courses, measures."""

from datetime import datetime

from comity.policy.facts.fact import PARTIES
from comity.policy.facts.kind import Field, kind
from comity.policy.powers import ROLES

#: Causes of pauses by whom they excuse: everybody, a carrier's orders, those of places, one matter, one seller.
EVERYBODY, BY_CARRIER, PLACES, WAITING, HOLIDAY = PAUSE_CAUSES = (
    "platform_outage", "carrier_outage", "force_majeure", "waiting_for_buyer", "holiday",
)  # fmt: skip
_ALONE = Field(bool, "whether it is for this order or conversation alone, not for many", required=False)

ALL = (
    kind("complaint.received", "A right holder or an authority complained.", "listing seller order",
         about=Field(str, "a code, such as trademark or prohibited", required=False)),
    kind("complaint.answered", "The seller answered the complaint.", "listing seller order"),
    kind("violation.found", "Conduct that a rule forbids was found.", "conversation order listing review seller buyer",
         parties=PARTIES,
         rule=Field(str, "name of the conduct rule"),
         by=Field(str, "what shows it", choices=("reviewer", "report", "classifier")),
         score=Field(int, "the classifier's probability, in thousandths", required=False, least=0, most=1000),
         points=Field(int, "points within the range that the rule allows", required=False)),
    kind("violation.cleared", "What was found turned out to be no violation.",
         "conversation order listing review seller buyer",
         parties=PARTIES,
         of=Field(str, "id of the fact that found it")),
    kind("course.assigned", "A party is to take a course.", "seller buyer", parties=PARTIES, from_outside=False,
         course=Field(str, "the course's code"), because=Field(str, "what brought it", required=False)),
    kind("course.passed", "A party passed a course.", "seller buyer", parties=PARTIES,
         course=Field(str, "the course's code", required=False)),
    kind("peers.measured", "How a party's peers do by a standard, for comparison.", "seller buyer", parties=PARTIES,
         standard=Field(str, "name of the standard"),
         counted=Field(int, "how many of the peers' subjects count", least=0),
         faulty=Field(int, "how many of these are faulty", least=0)),
    kind("pause.recorded", "A time that counts against nobody: an outage, force majeure, waiting for the buyer.",
         "conversation order seller buyer listing", parties=PARTIES, from_outside=False, tells="seller",
         from_=Field(datetime, "its beginning"),
         until=Field(datetime, "its end"),
         cause=Field(str, "a code", choices=PAUSE_CAUSES),
         by=Field(str, "who recorded it", choices=ROLES),
         evidence=Field(str, "an id or address of what shows it", required=False),
         files=Field(str, "digests of the files that show it, with spaces between", required=False, several=10),
         alone=_ALONE),
    kind("pause.ended", "A time that counts against nobody ends early, or was a mistake: from now on it counts.",
         "conversation order seller buyer listing", parties=PARTIES, from_outside=False, tells="seller",
         of=Field(str, "id of the fact that recorded it"),
         from_=Field(datetime, "from when on it counts: never before this was noted"),
         until=Field(datetime, "its end as it was recorded"),
         cause=Field(str, "its cause", choices=PAUSE_CAUSES),
         by=Field(str, "who ended it", choices=ROLES),
         alone=_ALONE),
    kind("history.imported", "A part of a party's past was imported. Measures for what was before wait for a person.",
         "seller buyer", parties=PARTIES, from_outside=False,
         facts=Field(int, "how many facts it holds", least=1),
         from_=Field(datetime, "when the first of them happened"),
         until=Field(datetime, "when the last of them happened")),
    kind("deadline.fell", "A moment that a rule had set has passed. Written by the clock, dated at that moment.",
         "*", parties=PARTIES, from_outside=False,
         of=Field(str, "the state whose moment it is: a duty, a measure, the evaluations of a standard"),
         turn=Field(int, "how many of its moments had passed before")),
)  # fmt: skip
