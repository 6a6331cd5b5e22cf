"""Every kind of fact, by its name."""

from collections.abc import Mapping
from types import MappingProxyType

from comity.policy.facts import disputes, identity, measures, money, orders, plans, returns, reviews, standing, talk
from comity.policy.facts.kind import Kind

ROOMS = (orders, talk, money, disputes, returns, reviews, standing, measures, identity, plans)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for room in ROOMS for kind in room.ALL})
PAUSE, PAUSE_ENDED = "pause.recorded", "pause.ended"
#: What says which times count against nobody.
PAUSES = (PAUSE, PAUSE_ENDED)
IMPORTED = "history.imported"
PEERS = "peers.measured"
REJECTED = "answer.rejected"
NO_REPLY = "conversation.no_reply_needed"
#: The cause of the time for which an automatic answer stood that was then rejected.
ANSWERED = "answered"
#: Causes of pauses that nobody records: facts of the matter begin and end them (`policy.time.stops`).
DERIVED_CAUSES = ("charge_back", "carrier_claim", "repair")
