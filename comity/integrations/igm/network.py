"""How this installation takes part in the network: who it is, its key, and whom it knows. COMITY_IGM names the file.

subscriber_id = "seller.example.com"
key_id = "k1"
key_file = "igm_key"                       # beside this file: the secret key in base 64, of 32 bytes or NaCl's 64
untold_orders = "refuse"                   # or "accept": complaints about orders of which no participant was told
[reasons]                                  # categories of the network, or how they begin: reasons of the rulebook
FLM = "not received"
[[participant]]
subscriber_id = "buyer.example.com"
key_id = "b1"
public_key = "base 64"
url = "https://buyer.example.com/ondc"
"""

import base64
import binascii
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from comity.integrations.igm.signing import Signer
from comity.lib import options

KEY_BYTES = 32
UNTOLD: Final = ("refuse", "accept")


@dataclass(frozen=True, slots=True)
class Network:
    """Who we are, the public keys of participants by subscriber and key, where each is reached, reasons by category.

    accepts_untold   whether any participant may complain about an order of which no participant was told
    """

    own: Signer
    keys: Mapping[tuple[str, str], bytes]
    urls: Mapping[str, str]
    reasons: Mapping[str, str]
    accepts_untold: bool = False

    def reason(self, category: str) -> str:
        """Return the rulebook's reason for a category: that of the longest beginning that is listed; or none."""
        fitting = [begin for begin in self.reasons if category.startswith(begin)]
        return self.reasons[max(fitting, key=len)] if fitting else ""


def here() -> Network | None:
    """Return how this installation takes part; None where it does not. Raises BadOption."""
    named = options.value("COMITY_IGM")
    if not named:
        return None
    path = Path(named)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise options.BadOption(f"COMITY_IGM: {path} cannot be used: {error!r}; see docs/igm.md") from None


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Network:
    del changed  # read again when it was
    said = tomllib.loads(path.read_text())
    secret = _key(path.parent.joinpath(said["key_file"]).read_text().strip())
    participants, untold = said.get("participant", []), said.get("untold_orders", UNTOLD[0])
    if untold not in UNTOLD:
        raise ValueError(f"untold_orders is one of {', '.join(UNTOLD)}")
    return Network(
        own=Signer(str(said["subscriber_id"]), str(said["key_id"]), secret),
        keys={(str(each["subscriber_id"]), str(each["key_id"])): _key(each["public_key"]) for each in participants},
        urls={str(each["subscriber_id"]): str(each["url"]).rstrip("/") for each in participants},
        reasons={str(begin): str(reason) for begin, reason in said.get("reasons", {}).items()},
        accepts_untold=untold == "accept",
    )


def _key(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"a key is written in base 64: {error}") from None
    if len(data) not in (KEY_BYTES, 2 * KEY_BYTES):
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(data)}")
    return data[:KEY_BYTES]
