"""The record on which a decision rests: its digest, so that everybody can see later that nothing was changed."""

import hashlib

from comity.actions.disputes.cases import Held
from comity.lib.canonical import encode


def digest_of(now: Held) -> str:
    """Return the digest of a case as it stands: its facts, and the digests of its evidence, in their order."""
    facts = [[fact.id, fact.kind] for fact in now.facts if fact.subject == now.dispute.ref]
    evidence = [[str(piece.uuid), piece.digest] for piece in now.dispute.evidence.order_by("at", "pk")]
    return hashlib.sha256(encode({"evidence": evidence, "facts": facts})).hexdigest()
