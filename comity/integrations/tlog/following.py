"""What a witness needs around it: requests with limits, and a file that keeps how far it saw."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from comity.integrations.tlog.witness import Seen, read_seen
from comity.lib.tlog import notes

try:
    import fcntl
except ImportError:  # on Windows, where two witnesses of one file are not kept apart
    fcntl = None  # type: ignore[assignment]

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


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Keep a witness's file from every other one meanwhile. Raises BadWitness where another has it.

    The lock goes with the process, however it ends; the empty file beside `state` stays.
    """
    try:
        lock = state.with_name(f"{state.name}.lock").open("a")
    except OSError as error:
        raise BadWitness(f"{state} cannot be written ({error.strerror}): name another --state") from None
    with lock:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BadWitness(
                    f"{state} is in use by another witness: stop that one, or give each its own --state"
                ) from None
        yield


def seen(client: Client, state: Path, keys: Sequence[str]) -> Seen:
    """Return how far this witness saw: from its file, or from the beginning. Raises BadWitness."""
    try:
        kept = read_seen(json.loads(state.read_text()))
        known = [notes.read_verifier(key).text for key in kept.keys]
    except FileNotFoundError:
        return Seen(*_told(client, keys))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadWitness(f"{state} cannot be read ({type(error).__name__}): begin anew with another --state") from None
    given = [_key(key) for key in keys]
    if any(key.name != kept.origin for key in given):
        raise BadWitness(f"{state} follows {kept.origin}, and the key is of another log: give each log its own --state")
    kept.keys = list(dict.fromkeys([*known, *(key.text for key in given)]))
    return kept


def head_of(checkpoint: Path) -> str:
    """Return the signed head in a file. Raises BadWitness."""
    try:
        text = checkpoint.read_text()
        notes.read(text)
    except (OSError, ValueError):
        raise BadWitness(f"{checkpoint} is no head of a log: a file like data/checkpoint of a case file") from None
    return text


def note_of(receipt: Path) -> str:
    """Return the signed note of a receipt's file. Raises BadWitness."""
    try:
        note = str(json.loads(receipt.read_bytes())["receipt"])
        notes.read(note)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise BadWitness(
            f"{receipt} is no receipt: a file as the page, the API or comity casefile receipt gives it"
        ) from None
    return note


def keep(state: Path, seen_: Seen) -> None:
    """Keep how far a witness saw: whole, or as it was."""
    new = state.with_name(state.name + ".new")
    new.write_text(json.dumps(seen_.as_json(), indent=1) + "\n")
    os.replace(new, state)


def _told(client: Client, keys: Sequence[str]) -> tuple[str, list[str]]:
    """Return the name of the log and its keys: those that were given, else those that it publishes now."""
    try:
        texts = list(keys) or [line.split(" ")[0] for line in client.fetch("keys").decode().splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadWitness(f"the key of the log is not known, for the log does not answer: {error}") from None
    verifiers = [_key(text) for text in texts]
    if len({each.name for each in verifiers}) != 1:
        raise BadWitness("the keys are not of one log")
    return verifiers[0].name, [each.text for each in verifiers]


def _key(text: str) -> notes.Verifier:
    try:
        return notes.read_verifier(text)
    except notes.BadNote as error:
        raise BadWitness(f"{text!r} is no key of a log: {error}") from None
