"""What a mail holds: its text, in the order in which it is read, and its files, wherever programs put them."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from comity.integrations.mail import mime
from comity.integrations.mail.hypertext import Page, Picture, Row
from comity.integrations.mail.mime import Part
from comity.integrations.mail.quotes import rows_of

#: Longer texts are cut here before they are read, and of many the first ones are read; a message is far shorter.
MAX_TEXT_CHARS = 200_000
MAX_ROWS = 20_000
MAX_TEXTS = 40
#: A picture that a page shows smaller than this, in pixels, decorates a signature.
MAX_LOGO_HEIGHT, MAX_LOGO_AREA = 80, 20_000
_ASIDE = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-keys",
    }
)
_SEALED = frozenset(
    {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"}
)
_ENDINGS = {
    "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "application/pdf": ".pdf",
    "text/plain": ".txt", "text/csv": ".csv", "message/rfc822": ".eml", "video/mp4": ".mp4", "video/quicktime": ".mov",
}  # fmt: skip
#: Exchange gives the text below a picture this name.
_NAMED_TEXT = re.compile(r"^att\d{5}\.(txt|html?)$", re.IGNORECASE)
_PLACE_OF_PICTURE = re.compile(r"\[(?:cid|image):[^\]\n]{1,200}\]|<image\d{3}\.[a-z]{3,4}>", re.IGNORECASE)
_ARMOUR = "-----BEGIN PGP MESSAGE-----"
_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:Hash:[^\n]*\n)*")
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_WORD = re.compile(r"[^\W\d_]{2,}")
_LINK = re.compile(r"https?://\S+|\S{1,100}@\S+")


@dataclass(eq=False)
class Text:
    """A part that is read: plain text or a page."""

    part: Part

    @property
    def is_page(self) -> bool:
        """Whether it is HTML."""
        return self.part.kind == "text/html"

    @cached_property
    def page(self) -> Page:
        """The page that it is."""
        return Page(self.part.text)

    @cached_property
    def rows(self) -> list[Row]:
        """What it says, row by row."""
        if self.is_page:
            return self.page.rows
        text = _PLACE_OF_PICTURE.sub("", _unarmoured(self.part.text[:MAX_TEXT_CHARS]))
        is_flowed = self.part.content_type.parameters.get("format", "").lower() == "flowed"
        return _joined(text, self.part) if is_flowed else rows_of(text)

    @property
    def said(self) -> str:
        """All that it says, quotes and all."""
        return "\n".join(row.text for row in self.rows).strip()


@dataclass
class Contents:
    """What was found in a part: the texts to read, the pages that show pictures, the files; and what nobody can open.

    sealed   encrypted, or signed in such a way that it has to be opened first
    """

    texts: list[Text] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    sealed: bool = False

    @property
    def rows(self) -> list[Row]:
        """Every text, one below the other."""
        rows: list[Row] = []
        for text in self.texts:
            rows += [Row(""), *text.rows] if rows else text.rows
            if len(rows) > MAX_ROWS:
                break
        return rows[:MAX_ROWS]

    def named_files(self, *, has_text: bool) -> list[tuple[str, bytes]]:
        """Return each file once, with its name; beside a text, without the pictures of signatures and quotes."""
        shown = {picture.cid: picture for page in self.pages for picture in page.pictures}
        found: dict[tuple[str, bytes], None] = {}
        for part in self.files:
            picture = shown.get(part.cid) if part.disposition.word != "attachment" else None
            if (data := part.data) and not (has_text and picture and _is_decoration(picture)):
                found[(part.name or f"file{_ENDINGS.get(part.kind, '')}", data)] = None
        return list(found)


def of(mail: Part) -> Contents:
    """Return what a mail holds."""
    found = _of(mail, [MAX_TEXTS])
    if any(not text.is_page and _ARMOUR in text.part.text for text in found.texts):
        found.sealed = True
    return found


def _of(part: Part, left: list[int]) -> Contents:
    """Return what a part holds. `left` holds how many more texts are read of this mail."""
    if part.kind in _SEALED:
        return Contents(sealed=True)
    if part.parts:
        return _together(part, [_of(each, left) for each in part.parts])
    if _is_text(part):
        left[0] -= 1
        if left[0] < 0:
            return Contents()
        text = Text(part)
        return Contents([text], [text.page] if text.is_page else [])
    return Contents(files=[] if _is_aside(part) else [part])


def _together(part: Part, inside: list[Contents]) -> Contents:
    """Return what several parts hold together. Of several forms of one text one is read; files hang in any of them."""
    texts = [each.texts for each in inside]
    is_choice = part.kind == "multipart/alternative"
    told = [each for at, each in enumerate(inside) if not (is_choice and _is_form(part.parts[at]))]
    return Contents(
        texts=_best(texts) if is_choice else [text for each in texts for text in each],
        pages=[page for each in inside for page in each.pages],
        files=[file for each in told for file in each.files],
        sealed=any(each.sealed for each in inside),
    )


def _is_text(part: Part) -> bool:
    if part.kind not in ("text/plain", "text/html"):
        return False
    if _NAMED_TEXT.match(part.name):
        return True
    return part.disposition.word != "attachment" and "filename" not in part.disposition.parameters


def _is_form(part: Part) -> bool:
    """Whether a part that is neither text nor page is another form of the text, such as an invitation."""
    return part.kind.startswith("text/") and part.disposition.word != "attachment"


def _is_aside(part: Part) -> bool:
    """Whether a part is nothing that a person attached: a signature, a server's report, a mail of ours."""
    if part.kind == "message/rfc822":
        return bool(mime.read(part.data[:20_000]).header("x-comity"))
    return part.kind in _ASIDE or part.kind.startswith(("message/", "multipart/"))


def _best(forms: list[list[Text]]) -> list[Text]:
    """Return the form to read: plain text, which needs no reading of tags, unless it is empty or says "use another"."""
    plain = next((form for form in forms if any(not text.is_page and text.said for text in form)), [])
    pages = next((form for form in reversed(forms) if any(text.is_page and text.said for text in form)), [])
    if plain and pages and plain is not pages and _is_placeholder(_said(plain), _said(pages)):
        return pages
    return plain or pages


def _said(form: list[Text]) -> str:
    return "\n".join(text.said for text in form)


def _is_placeholder(plain: str, page: str) -> bool:
    """Whether a plain text is not the page's text, but a sentence that there is a page: their words differ."""
    if len(plain) > 500:
        return False
    # A page begins with what its plain text says.
    words, there = _words(plain), _words(page[:5_000])
    return bool(words) and bool(there) and len(words & there) * 3 < len(words)


def _words(text: str) -> set[str]:
    """Return the words of a text; each sign by itself in scripts that put no spaces between words."""
    found = _WORD.findall(_LINK.sub(" ", text.lower()))
    return {piece for word in found for piece in ([word] if word.isascii() or word[0] < "\u0e00" else word)}


def _unarmoured(text: str) -> str:
    """Return a text without what PGP wrote around it."""
    if _ARMOUR in text:
        return text[: text.index(_ARMOUR)]
    if _SIGNED.search(text) and _SIGNATURE in text:
        return _SIGNED.sub("", text[: text.index(_SIGNATURE)], count=1)
    return text


def _joined(text: str, part: Part) -> list[Row]:
    """Return the rows of a text whose lines were broken to be joined again (RFC 3676)."""
    drops_space = part.content_type.parameters.get("delsp", "").lower() == "yes"
    rows: list[list[str]] = []
    is_open = False
    for line in text.split("\n"):
        is_quote = line.startswith(">")
        said = line[1:] if line.startswith(" ") else line
        if is_open and not is_quote and said != "-- ":
            rows[-1].append(said)
        else:
            rows.append([said])
        is_open = not is_quote and said.endswith(" ") and said != "-- "
        if is_open and drops_space:
            rows[-1][-1] = said[:-1]
    return [Row("".join(pieces).rstrip()) for pieces in rows]


def _is_decoration(picture: Picture) -> bool:
    """Whether a picture stands in a quote or a signature, or is shown as small as a logo."""
    if picture.aside:
        return True
    sides = [side for side in (picture.width, picture.height) if side]
    if len(sides) == 2:
        return picture.height <= MAX_LOGO_HEIGHT and picture.width * picture.height <= MAX_LOGO_AREA
    return bool(sides) and sides[0] <= MAX_LOGO_HEIGHT
