"""Reply addresses. Each conversation and reader have their own: service+TOKEN@example.com, where TOKEN is signed.

A token names the conversation and the party and ends in 80 bits of an HMAC with the installation's key. Letters are
lower case and the local part stays within 64 characters (RFC 5321), so it survives servers that fold case.
"""

import base64
import hashlib
import hmac
import re
from email.utils import getaddresses

from django.conf import settings

from comity.lib import options
from comity.records.models import Conversation, Party

_TOKEN = re.compile(r"^([0-9a-z]{1,13})-([0-9a-z]{1,13})-([a-z2-7]{16})$")
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


def read(headers: list[str]) -> tuple[int, int] | None:
    """Return conversation and party of the first reply address of ours in address headers; None without any.

    Raises Forged.
    """
    local, _, domain = own().partition("@")
    for _name, address in getaddresses(headers):
        there, _at, where = address.lower().rpartition("@")
        # Others may have been written to as well.
        if where != domain or not there.startswith(f"{local}+"):
            continue
        parts = _TOKEN.match(there[len(local) + 1 :])
        if parts is None:
            raise Forged("the reply address is not one of ours")
        conversation, party = int(parts[1], 36), int(parts[2], 36)
        if not hmac.compare_digest(_seal(conversation, party), parts[3]):
            raise Forged("the reply address was not signed here")
        return conversation, party
    return None


def _seal(conversation: int, party: int) -> str:
    signed = hmac.new(settings.SECRET_KEY.encode(), f"comity.mail:{conversation}:{party}".encode(), hashlib.sha256)
    return base64.b32encode(signed.digest()[:10]).decode().lower()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"
