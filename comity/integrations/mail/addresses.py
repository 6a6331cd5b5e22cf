"""Reply addresses. Each conversation and reader have their own: service+TOKEN@example.com, where TOKEN is signed.

A token names the conversation and the party and ends in 80 bits of an HMAC with the installation's key. Letters are
lower case and the local part stays within 64 characters (RFC 5321), so it survives servers that fold case. Where a
program or a server drops what follows the plus, the Message-ID that is answered tells the same, signed alike.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings

from comity.lib import options
from comity.records.models import Conversation, Party

_TOKEN = re.compile(r"^([0-9a-z]{1,13})-([0-9a-z]{1,13})-([a-z2-7]{16})$")
_ID = re.compile(r"^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([0-9a-z]{1,13})\.([a-z2-7]{16})@(.+)$")
#: The same of a mail that tells of a dispute: the mail and its reader.
_TOLD = re.compile(r"(?<![\w.])t\.([0-9a-z]{1,13})-([0-9a-z]{1,13})-([a-z2-7]{16})@([\w.-]+)")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Forged(ValueError):
    """A reply address whose token was not made here."""


def own() -> str:
    """Return the address from which mail is sent, in lower case; empty where mail is not set up."""
    return options.value("COMITY_MAIL_ADDRESS").strip().lower()


def reply_address(conversation: Conversation, party: Party) -> str:
    """Return the address to which `party` answers in `conversation`."""
    local, _, domain = own().partition("@")
    return f"{local}+{token(conversation.pk, party.pk)}@{domain}"


def token(conversation: int, party: int) -> str:
    """Return the signed token of a conversation and a party, by their keys."""
    return f"{_base36(conversation)}-{_base36(party)}-{_seal(conversation, party)}"


def read(headers: Iterable[str]) -> list[tuple[int, int]]:
    """Return conversation and party of each genuine reply address in headers that hold addresses, each once.

    Raises Forged where there are addresses of ours with a token, and none is genuine.
    """
    local, _, domain = own().partition("@")
    ours = re.compile(rf"(?<![\w.]){re.escape(local)}\+([^\s@<>,;:\"()]{{1,64}})@{re.escape(domain)}(?![\w-]|\.\w)")
    tokens = [token for header in headers for token in ours.findall(header.lower())] if local and domain else []
    found = dict.fromkeys(pair for token in tokens if (pair := _opened(token)))
    # Another plus address of the same mailbox may stand beside ours; alone, it is no address of a conversation.
    if tokens and not found:
        raise Forged("the reply address was not signed here")
    return list(found)


def _opened(token: str) -> tuple[int, int] | None:
    parts = _TOKEN.match(token)
    if parts is None:
        return None
    conversation, party = int(parts[1], 36), int(parts[2], 36)
    is_genuine = hmac.compare_digest(_seal(conversation, party), parts[3])
    # No key is larger, whatever is signed with a key that leaked.
    return (conversation, party) if is_genuine and max(conversation, party) < 2**63 else None


def mail_id(message: UUID, party: int) -> str:
    """Return the Message-ID of the mail that tells a party of a message."""
    seal = _signed(f"comity.mail.id:{message}:{party}")
    return f"<{message}.{_base36(party)}.{seal}@{own().partition('@')[2]}>"


def read_ids(mail_ids: Iterable[str]) -> tuple[UUID, int] | None:
    """Return message and party of the first genuine Message-ID of ours, each without its angle brackets."""
    domain = own().partition("@")[2]
    for each in mail_ids:
        parts = _ID.match(each.strip().lower())
        if parts and parts[4] == domain:
            message, party = UUID(parts[1]), int(parts[2], 36)
            if hmac.compare_digest(_signed(f"comity.mail.id:{message}:{party}"), parts[3]) and party < 2**63:
                return message, party
    return None


def told_address(mail: int, party: int) -> str:
    """Return the address to which a mail comes back that tells a party of a dispute, by their keys."""
    local, _, domain = own().partition("@")
    return f"{local}+{_told(mail, party)}@{domain}"


def told_id(mail: int, party: int) -> str:
    """Return the Message-ID of such a mail."""
    return f"<{_told(mail, party)}@{own().partition('@')[2]}>"


def read_told(texts: Iterable[str]) -> tuple[int, int] | None:
    """Return mail and party of the first genuine address or Message-ID of such a mail; None where there is none."""
    domain = own().partition("@")[2]
    for text in texts:
        for mail, party, seal, there in _TOLD.findall(text.lower()):
            keys = int(mail, 36), int(party, 36)
            if there == domain and hmac.compare_digest(_signed(f"comity.mail.told:{keys[0]}:{keys[1]}"), seal):
                return keys if max(keys) < 2**63 else None
    return None


def _told(mail: int, party: int) -> str:
    return f"t.{_base36(mail)}-{_base36(party)}-{_signed(f'comity.mail.told:{mail}:{party}')}"


def _seal(conversation: int, party: int) -> str:
    return _signed(f"comity.mail:{conversation}:{party}")


def _signed(text: str) -> str:
    signed = hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256)
    return base64.b32encode(signed.digest()[:10]).decode().lower()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"
