"""What a witness needs around it: requests with limits, and a file that keeps how far it saw."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import httpx

from comity.integrations.tlog.witness import Seen, read_seen
from comity.lib.tlog import notes

TIMEOUT_SECONDS = 20.0
#: A bundle has at most 256 entries of some 150 bytes.
MAX_BYTES = 4_000_000


class BadWitness(ValueError):
    """A witness cannot begin; the message says why and what to do."""


class Client:
    """Fetches what lies below the address of a log."""

    def __init__(self, url: str):
        if not url.startswith(("https://", "http://")):
            raise BadWitness(f"{url!r} is no address: it begins with https://, and ends with /journal")
        self._url = url.rstrip("/")
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)

    def fetch(self, path: str) -> bytes:
        """Return what lies at `path`. Raises OSError."""
        try:
            with self._client.stream("GET", f"{self._url}/{path}") as answer:
                if answer.status_code != httpx.codes.OK:
                    raise OSError(f"{path}: {answer.status_code}")
                data = b""
                for part in answer.iter_bytes():
                    data += part
                    if len(data) > MAX_BYTES:
                        raise OSError(f"{path}: longer than {MAX_BYTES} bytes")
                return data
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise OSError(f"{path}: {type(error).__name__}") from None


def seen(client: Client, state: Path, keys: Sequence[str]) -> Seen:
    """Return how far this witness saw: from its file, or from the beginning. Raises BadWitness."""
    try:
        kept = read_seen(json.loads(state.read_text()))
    except FileNotFoundError:
        return Seen(*_told(client, keys))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadWitness(f"{state} cannot be read ({type(error).__name__}): begin anew with another --state") from None
    kept.keys += [key for key in keys if key not in kept.keys]
    return kept


def note_of(receipt: Path) -> str:
    """Return the signed note of a receipt's file. Raises BadWitness."""
    try:
        return str(json.loads(receipt.read_bytes())["receipt"])
    except (OSError, ValueError, KeyError, TypeError):
        raise BadWitness(
            f"{receipt} is no receipt: a file as the page, the API or comity casefile receipt gives it"
        ) from None


def keep(state: Path, seen_: Seen) -> None:
    """Keep how far a witness saw: whole, or as it was."""
    new = state.with_name(state.name + ".new")
    new.write_text(json.dumps(seen_.as_json(), indent=1) + "\n")
    os.replace(new, state)


def _told(client: Client, keys: Sequence[str]) -> tuple[str, list[str]]:
    """Return the name of the log and its keys: those that were given, else those that it publishes now."""
    try:
        texts = list(keys) or [line.split(" ")[0] for line in client.fetch("keys").decode().splitlines()]
        verifiers = [notes.read_verifier(text) for text in texts]
    except (OSError, UnicodeDecodeError, notes.BadNote) as error:
        raise BadWitness(f"the key of the log is not known: {error}") from None
    if len({each.name for each in verifiers}) != 1:
        raise BadWitness("the keys are not of one log")
    return verifiers[0].name, [each.text for each in verifiers]
