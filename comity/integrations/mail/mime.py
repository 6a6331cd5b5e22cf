"""The parts of a mail (RFC 5322, 2045 to 2047, 2231), read from whatever bytes come.

Our own reader, not the standard library's: that one raises on headers that strangers write, goes as deep as they nest,
and its time grows with depth times lines. Here a mail is read in one pass a level, with a limit on everything.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote_to_bytes

from comity.integrations.mail.charsets import storable, to_text

MAX_DEPTH = 20
MAX_PARTS = 500
MAX_HEADERS = 1_000
MAX_HEADER_CHARS = 20_000
MAX_HEAD_BYTES = 1_000_000
#: Of a longer text the beginning is read.
MAX_TEXT_BYTES = 2_000_000
_BREAK = re.compile(rb"\r?\n|\r")
_BLANK_LINE = re.compile(rb"(?:\r?\n|\r(?!\n))(?:\r?\n|\r)")
_FIRST_BOUNDARY = re.compile(rb"\s{0,100}--([^\s]{1,200})[ \t]{0,100}\r?\n")
_AFTER_BOUNDARY = re.compile(rb"(--)?[ \t]{0,1000}(?:\r?\n|\r|$)")
_PARAMETER = re.compile(r""";\s*([^\s=;"]{1,100})\s*=\s*(?:"((?:[^"\\]|\\.)*+)"?|([^;]*))""", re.DOTALL)
_NUMBERED = re.compile(r"^([^*]+)\*(\d{1,3})(\*?)$")
_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,2000})\?=")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,9}=[\s\"']{0,9}([A-Za-z0-9_:-]{1,40})", re.IGNORECASE)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(frozen=True, slots=True)
class Value:
    """A header with parameters: its first word in lower case, and the parameters by their names in lower case."""

    word: str
    parameters: dict[str, str]


@dataclass(eq=False)
class Part:
    """One part of a mail: its headers, the bytes of its body, and the parts in it where it is a multipart."""

    headers: list[tuple[str, str]]
    #: The whole mail, and where in it the body begins and ends: parts in parts need no copies of one another.
    raw: bytes
    begin: int
    end: int
    parts: list["Part"] = field(default_factory=list)

    def header(self, name: str) -> str:
        """Return the first header of a name, in lower case, as it came; empty without one."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        """Return the values of all headers of a name, in lower case."""
        return [value for key, value in self.headers if key == name]

    @cached_property
    def content_type(self) -> Value:
        """What the part says that it is; plain text where it says nothing that is understood."""
        value = _value(self.header("content-type"))
        main, slash, sub = value.word.partition("/")
        return value if main and slash and sub else Value("text/plain", value.parameters)

    @property
    def kind(self) -> str:
        """The media type, in lower case, such as text/html."""
        return self.content_type.word

    @cached_property
    def disposition(self) -> Value:
        """Whether it says to be an attachment or to be shown inline."""
        return _value(self.header("content-disposition"))

    @property
    def name(self) -> str:
        """The name of the file; empty without one."""
        given = self.disposition.parameters.get("filename") or self.content_type.parameters.get("name") or ""
        return words(given).strip()

    @property
    def cid(self) -> str:
        """The name by which the text shows this part; empty without one."""
        return self.header("content-id").strip().strip("<>").lower()

    @property
    def data(self) -> bytes:
        """The body, decoded."""
        body, way = self.raw[self.begin : self.end], self.header("content-transfer-encoding").strip().lower()
        if way == "base64":
            return from_base64(body)
        if way == "quoted-printable":
            return binascii.a2b_qp(body)
        return body

    @property
    def text(self) -> str:
        """The body as text, its lines ended by line feeds alone."""
        data, charset = self.data[:MAX_TEXT_BYTES], self.content_type.parameters.get("charset", "")
        # A page may name its charset itself.
        if not charset and self.kind == "text/html" and (named := _META_CHARSET.search(data, 0, 2_000)):
            charset = named[1].decode("ascii")
        text = to_text(data, charset)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def walk(self) -> Iterator["Part"]:
        """Yield this part and all within it, as they stand in the mail."""
        yield self
        for part in self.parts:
            yield from part.walk()


def read(raw: bytes) -> Part:
    """Read a mail. Raises nothing, whatever the bytes are."""
    return _part(raw, 0, len(raw), depth=0, left=[MAX_PARTS])


def _part(raw: bytes, begin: int, end: int, *, depth: int, left: list[int]) -> Part:
    """Read the part that stands between two places. `left` holds how many more parts are read of this mail."""
    left[0] -= 1
    head_end = min(end, begin + MAX_HEAD_BYTES)
    blank = _BREAK.match(raw, begin, end) or _BLANK_LINE.search(raw, begin, head_end)
    head = raw[begin : blank.start() if blank else head_end]
    part = Part(list(_headers(head)), raw, blank.end() if blank else head_end, end)
    if part.kind.startswith("multipart/") and depth < MAX_DEPTH:
        for piece in _pieces(part):
            if left[0] <= 0:
                break
            part.parts.append(_part(raw, *piece, depth=depth + 1, left=left))
        if not part.parts and depth == 0:
            # It says to have parts and has none: what it holds is read as text, rather than lost.
            part.content_type = Value("text/plain", part.content_type.parameters)
    return part


def _headers(head: bytes) -> Iterator[tuple[str, str]]:
    """Yield names, in lower case, and unfolded values. Lines that are no header are passed over."""
    count, name, value = 0, "", ""
    for line in (*_BREAK.split(head), b"end:"):
        text = to_text(line[:MAX_HEADER_CHARS], "")
        if text[:1] in (" ", "\t"):
            if len(value) < MAX_HEADER_CHARS:
                value += " " + text.strip()
            continue
        if name and (count := count + 1) <= MAX_HEADERS:
            yield name, value.strip()
        name, colon, value = text.partition(":")
        name = name.strip().lower() if colon and len(name) < 200 else ""


def _pieces(part: Part) -> Iterator[tuple[int, int]]:
    """Yield where what stands between the boundaries of a multipart begins and ends; the last may lack its end."""
    boundary = part.content_type.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
    marks = list(_marks(part, boundary)) if boundary else []
    if not marks and (guess := _FIRST_BOUNDARY.match(part.raw, part.begin, part.end)):
        marks = list(_marks(part, guess[1]))
    for at, (_start, begin, is_last) in enumerate(marks):
        if is_last:
            return
        yield begin, marks[at + 1][0] if at + 1 < len(marks) else part.end


def _marks(part: Part, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield where each boundary begins and ends, and whether it is the last; no more than can be of use."""
    raw, line, at, count = part.raw, b"--" + boundary, part.begin, 0
    while count <= MAX_PARTS and (start := raw.find(line, at, part.end)) >= 0:
        at = start + len(line)
        rest = _AFTER_BOUNDARY.match(raw, at, part.end)
        if rest and (start == part.begin or raw[start - 1 : start] in (b"\n", b"\r")):
            # The line break before a boundary belongs to the boundary (RFC 2046, 5.1.1).
            before = start - (raw[start - 2 : start] == b"\r\n") - (start > part.begin)
            yield max(before, part.begin), rest.end(), bool(rest[1])
            at, count = rest.end(), count + 1


def _value(header: str) -> Value:
    """Return a header's word and parameters, those in several pieces or with a charset put together (RFC 2231)."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, quoted, bare in _PARAMETER.findall(header):
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted else bare.strip()
        key = name.lower()
        if numbered := _NUMBERED.match(key):
            pieces.setdefault(numbered[1], {})[int(numbered[2])] = (value, bool(numbered[3]))
        elif key.endswith("*"):
            pieces.setdefault(key[:-1], {})[0] = (value, True)
        else:
            plain.setdefault(key, value)
    joined = {name: _joined([found[at] for at in sorted(found)]) for name, found in pieces.items()}
    return Value(header.partition(";")[0].strip().lower().partition(" ")[0], plain | joined)


def _joined(pieces: list[tuple[str, bool]]) -> str:
    first, is_coded = pieces[0]
    charset = ""
    if is_coded and first.count("'") >= 2:
        charset, _language, first = first.split("'", 2)
    data = b"".join(
        unquote_to_bytes(value) if coded else value.encode("utf-8", "replace")
        for value, coded in [(first, is_coded), *pieces[1:]]
    )
    return to_text(data, charset)


def words(header: str) -> str:
    """Return a header with its encoded words (RFC 2047) as text; what is no such word stays as it is."""
    said: list[str] = []
    waiting, charset, at = b"", "", 0
    for found in _ENCODED.finditer(header):
        between = header[at : found.start()]
        # Between two encoded words a space is no space; a letter may even begin in one and end in the next.
        if between.strip() or found[1].lower() != charset or not at:
            said += [to_text(waiting, charset), "" if waiting and not between.strip() else between]
            waiting, charset = b"", found[1].lower()
        coded = found[3].encode("utf-8", "replace")
        waiting += from_base64(coded) if found[2] in "bB" else binascii.a2b_qp(coded, header=True)
        at = found.end()
    return storable("".join([*said, to_text(waiting, charset), header[at:]]))


def from_base64(data: bytes) -> bytes:
    """Decode base64; what does not belong to it is passed over, and an end that is missing is missed by nobody."""
    letters = _NOT_BASE64.sub(b"", data)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
