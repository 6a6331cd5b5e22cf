"""What a mail says, from its bytes: the new part of its text, its files, and whether a person wrote it."""

import hashlib
import re
from dataclasses import dataclass

from comity.integrations.mail import contents, machines, mime, quotes
from comity.integrations.mail.charsets import storable

MAX_ID_CHARS = 250
_MAIL_ID = re.compile(r"<([^<>\s]{1,300})>")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that was read.

    mail_id     its Message-ID, or a digest of the whole where it has none
    content     digest of what it says: under one Message-ID, another content is another mail
    sender      the one address in From, lower case; empty where there is none or several
    to          values of all headers, any of which may hold the reply address; To and Cc first
    answers     Message-IDs of what it answers, the nearest first; of a report those of what it is about
    subject     as it is read, on one line
    text        what was newly written, without quotes
    files       names and contents of what was attached
    kind        who wrote it (`machines`)
    delivered   whether it is a mail server's word that a mail of ours was delivered
    sealed      whether it is encrypted, or has to be opened otherwise before it can be read
    """

    mail_id: str
    content: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    files: tuple[tuple[str, bytes], ...] = ()
    kind: str = machines.PERSON
    delivered: bool = False
    sealed: bool = False


def read(raw: bytes, *, own: str, line: str) -> Mail:
    """Read a mail. `own` is our address, `line` marks where what we sent began. Takes whatever bytes it is given."""
    mail = mime.read(raw)
    found, sender = contents.of(mail), machines.sender_of(mail)
    text = quotes.newly_written(found.rows, quotes.Known(own, line, sender))
    files = tuple((storable(name), data) for name, data in found.named_files(has_text=bool(text)))
    # Servers write down where a mail came to under many names; a reply address is signed, wherever it stands.
    to = tuple(value for _name, value in sorted(mail.headers, key=lambda each: each[0] not in ("to", "cc")))
    return Mail(
        mail_id=mail_id_of(mail.header("message-id"), raw),
        content=_digest(sender, text, files),
        sender=sender,
        to=to,
        answers=_answers(mail),
        subject=" ".join(mime.words(mail.header("subject")).split())[:200],
        text=text,
        files=files,
        kind=machines.kind(mail, sender),
        delivered=machines.is_delivered(mail),
        sealed=found.sealed,
    )


def mail_id_of(header: str, raw: bytes) -> str:
    """Return the id of a mail, as it is kept. Without one, its bytes name it: the same bytes are the same mail."""
    return storable(header).strip()[:MAX_ID_CHARS] or f"<{hashlib.sha256(raw).hexdigest()}>"


def _digest(sender: str, text: str, files: tuple[tuple[str, bytes], ...]) -> str:
    """Return the digest of what a mail says. Where it passed by, and who else got it, is not in it."""
    digest = hashlib.sha256()
    for piece in (sender.encode(), text.encode(), *(each for name, data in files for each in (name.encode(), data))):
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()


def _answers(mail: mime.Part) -> tuple[str, ...]:
    """Return the ids of the mails that this one answers: the newest first, as References names the oldest first."""
    if reported := machines.returned(mail):
        return reported
    nearest = _MAIL_ID.findall(mail.header("in-reply-to"))[:20]
    return tuple(dict.fromkeys([*nearest, *reversed(_MAIL_ID.findall(mail.header("references"))[-50:])]))
