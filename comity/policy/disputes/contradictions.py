"""x"""

from datetime import datetime

from comity.lib import moments


def place_key(subject: str, at: datetime) -> str:
    """Return how an event of a parcel is named where its places are told beside the facts."""
    return f"{subject}@{moments.to_text(at)}"
