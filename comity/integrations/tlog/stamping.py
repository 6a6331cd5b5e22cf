"""Time-stamps (RFC 3161): an authority that is not ours says when a signed head was there, now and then.

Needs the extra `timestamp`. Where the authority is away nothing else waits: heads are signed and published without it.
"""

from datetime import datetime, timedelta

import httpx

from comity.integrations.calling import Caller, NoAnswer
from comity.lib import options
from comity.records.models import Checkpoint

EVERY, SECONDS, MAX_BYTES = timedelta(hours=1), 20.0, 100_000


class StampTrouble(RuntimeError):
    """No time-stamp was had; the message says why. It is tried again with the next round."""


def stamp_due(now: datetime, *, transport: httpx.AsyncBaseTransport | None = None) -> int:
    """Have the newest head stamped, once an hour; return how many were. Raises StampTrouble, BadOption."""
    url = options.value("COMITY_TIMESTAMP_URL")
    if not url:
        return 0
    newest = Checkpoint.objects.order_by("-size").first()
    last = Checkpoint.objects.exclude(stamp=None).order_by("-size").first()
    if newest is None or newest.stamp is not None or (last is not None and now - last.at < EVERY):
        return 0
    Checkpoint.objects.filter(size=newest.size, stamp=None).update(stamp=_stamp(url, newest.note.encode(), transport))
    return 1


def _stamp(url: str, data: bytes, transport: httpx.AsyncBaseTransport | None) -> bytes:
    """Return what the authority at `url` answers about data: that it is theirs to stamp, for these bytes and now."""
    try:
        from rfc3161_client import PKIStatus, TimestampRequestBuilder, decode_timestamp_response
    except ImportError:
        raise options.BadOption(
            "COMITY_TIMESTAMP_URL takes the extra timestamp: pip install comity[timestamp]"
        ) from None
    asked = TimestampRequestBuilder().data(data).nonce(nonce=True).cert_request(cert_request=True).build()
    headers = {"Content-Type": "application/timestamp-query"}
    with Caller(seconds=SECONDS, most=MAX_BYTES, transport=transport) as caller:
        try:
            answer = caller.send(httpx.Request("POST", url, content=asked.as_bytes(), headers=headers))
        except (NoAnswer, httpx.InvalidURL) as wrong:
            raise StampTrouble(f"the time-stamp authority does not answer: {wrong}") from None
    if answer.status != httpx.codes.OK:
        raise StampTrouble(f"the time-stamp authority answers with status {answer.status}")
    try:
        said = decode_timestamp_response(answer.body)
        granted = PKIStatus(said.status) in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS)
        fits = granted and (said.tst_info.message_imprint.message, said.tst_info.nonce) == (
            asked.message_imprint.message, asked.nonce,
        )  # fmt: skip
    except ValueError:
        raise StampTrouble("what the time-stamp authority answers cannot be read") from None
    if not fits:
        why = "is for something else" if granted else f"was refused: {'; '.join(said.status_string)}"
        raise StampTrouble(f"the time-stamp {why}")
    return answer.body
