"""The text of an HTML mail, row by row: what is quoted is known as such, what is hidden is left out.

Our own reader of tags, in one pass whatever comes: the standard library's raises on some tags and slows down on
others. A page's looks matter nothing here, its rows and quotes do.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape

MAX_CHARS = 400_000
MAX_ATTRIBUTE_CHARS = 5_000
#: How far up an end tag looks for its beginning.
_REACH = 100
_EMBEDDED = re.compile(r"data:[^\"'\s>]{500,}")
_TAG = re.compile(r"(/?)([a-zA-Z][^\s/>]{0,60})")
_STOP = re.compile("[>\"']")
_ATTRIBUTE = re.compile(r"""([^\s=/>"']{1,60})(?:\s{0,50}=\s{0,50}(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?""")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|opacity\s*:\s*0(?![.\d]*[1-9])|(?:font-size|max-height)\s*:\s*0(?![.\d]*[1-9])"
)
_SIZE = re.compile(r"(?<![-\w])(width|height)\s*:\s*(\d{1,5})(?:\.\d+)?\s*(?:px|pt)?")
_SIGNATURE = re.compile(r"(?:^|[\s_-])signature(?:$|[\s_-])", re.IGNORECASE)
#: Elements in which clients put what they answer to, and what introduces it.
_QUOTES = re.compile(r"gmail_attr|moz-cite-prefix|yahoo_quoted|protonmail_quote|tutanota_quote|mail_android_quote")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
_LINES = frozenset(
    {
        "div",
        "tr",
        "li",
        "dt",
        "dd",
        "address",
        "article",
        "section",
        "header",
        "footer",
        "main",
        "form",
        "option",
        "body",
        "html",
        "center",
    }
)
_PARAGRAPHS = frozenset(
    {"p", "blockquote", "table", "ul", "ol", "dl", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "figure", "fieldset"}
)
_UNTOLD = frozenset({"template", "noscript", "select", "object", "svg", "math"})
#: What holds anything but tags, up to its own end.
_RAW = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "title", "textarea", "iframe")}
#: What ends where another of its kind begins.
_ENDED_BY_ITSELF = frozenset({"p", "li", "td", "th", "tr", "option", "dt", "dd"})
RULE = "_" * 32
#: Stands between the cells of a table until its row ends.
_CELL = "\x1f"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a text; `quoted` where the mail's own marks say that it is a quote."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the text shows: its Content-ID, the size it is shown in (0 where that is not said).

    aside   whether it stands in a quote, in a signature or among what is hidden
    """

    cid: str
    width: int
    height: int
    aside: bool


@dataclass(frozen=True, slots=True)
class _Open:
    """An element that has begun: whether it stands apart, whether what is in it is left out, a quote, a signature."""

    tag: str
    apart: bool = False
    untold: bool = False
    quoted: bool = False
    signature: bool = False
    link: str = ""


class Page:
    """The rows and pictures of one page."""

    def __init__(self, html: str) -> None:
        self.rows: list[Row] = []
        self.pictures: list[Picture] = []
        self._open = [_Open("")]
        self._said: list[str] = []
        self._is_apart = False
        for kind, what, rest in _tokens(_EMBEDDED.sub("", html)[:MAX_CHARS]):
            if kind == "text":
                if what:
                    self._say(what)
            elif kind == "end":
                self._end(what)
            else:
                self._begin(what, rest)
        self._break()

    @property
    def text(self) -> str:
        """All rows, quotes marked as in plain text."""
        return "\n".join(f"> {row.text}" if row.quoted else row.text for row in self.rows)

    def _say(self, text: str) -> None:
        around = self._open[-1]
        if not (around.untold or around.signature):
            told = unescape(text)
            # A space that does not break is a row of its own where it stands alone: so clients write empty ones.
            self._said.append(told if around.tag == "pre" else re.sub(r"[^\S\xa0]+", " ", told))

    def _begin(self, tag: str, rest: str) -> None:
        if tag in _ENDED_BY_ITSELF and self._open[-1].tag == tag:
            self._end(tag)
        given = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(rest[:MAX_ATTRIBUTE_CHARS])}
        begun = _opened(tag, given, self._open[-1])
        if tag in _PARAGRAPHS or tag in _LINES:
            self._break()
        self._is_apart = self._is_apart or begun.apart
        if tag == "br":
            self._break(always=True)
        elif tag == "hr":
            self._break()
            self._say(RULE)
            self._break()
        elif tag == "img":
            self._show(given)
        elif tag == "li":
            self._say("- ")
        elif tag in ("td", "th"):
            self._said.append(_CELL)
        if tag not in _VOID and not rest.endswith("/"):
            self._open.append(begun)

    def _end(self, tag: str) -> None:
        at = next((n for n in range(1, min(_REACH, len(self._open))) if self._open[-n].tag == tag), 0)
        if not at:
            return
        ended = self._open[-at]
        if ended.link and ended.link not in (said := "".join(self._said)):
            # Where it leads is said, unless that is what stands there.
            self._say(f" ({ended.link})" if said.strip() else ended.link)
        if tag in _PARAGRAPHS or tag in _LINES:
            self._break()
        del self._open[-at:]
        # After a paragraph, too, what follows stands apart.
        self._is_apart = self._is_apart or ended.apart

    def _show(self, given: dict[str, str]) -> None:
        around, style = self._open[-1], dict(_SIZE.findall(given.get("style", "").lower()))
        width, height = (_pixels(style.get(side) or given.get(side, "")) for side in ("width", "height"))
        source, alt = given.get("src", ""), given.get("alt", "")
        if source[:4].lower() == "cid:":
            aside = around.quoted or around.signature or around.untold
            self.pictures.append(Picture(unescape(source[4:]).strip("<>").lower(), width, height, aside))
        elif 0 < len(alt) <= 4 and not alt.isascii():  # an emoji as a picture
            self._say(alt)

    def _break(self, *, always: bool = False) -> None:
        """End the row that is being written; an empty one only where one is asked for."""
        text = "".join(self._said)
        self._said.clear()
        is_there = bool(text.strip(f" \n{_CELL}"))
        if not is_there and not always:
            return
        quoted = self._open[-1].quoted
        if self._is_apart and self.rows and self.rows[-1].text:
            self.rows.append(Row("", quoted and self.rows[-1].quoted))
        self._is_apart = False
        for line in text.replace("\xa0", " ").split("\n"):
            cells = [cell.strip() for cell in line.split(_CELL)]
            row = Row(" | ".join(cell for cell in cells if cell), quoted)
            if row.text or not (self.rows and not self.rows[-1].text):
                self.rows.append(row)


def _opened(tag: str, given: dict[str, str], around: _Open) -> _Open:
    """Return an element as it begins in another: what holds for that one holds for it."""
    names = f"{given.get('class', '')} {given.get('id', '')} {given.get('data-smartmail', '')}"
    style = given.get("style", "").lower()
    # Some clients indent a paragraph by a quotation that has no border.
    indents = "border:none" in style.replace(" ", "") and given.get("type") != "cite" and "quote" not in names
    return _Open(
        tag,
        # Outlook writes each line as a paragraph of this class.
        apart=tag in _PARAGRAPHS and "MsoNormal" not in names,
        untold=around.untold or tag in _UNTOLD or "hidden" in given or bool(_HIDDEN.search(style)),
        quoted=around.quoted or bool(_QUOTES.search(names)) or (tag == "blockquote" and not indents),
        signature=around.signature or bool(_SIGNATURE.search(names)),
        link=_link(given.get("href", "")) if tag == "a" else "",
    )


def _link(given: str) -> str:
    address = unescape(given).strip()
    return address if address.lower().startswith(("http://", "https://")) and len(address) <= 500 else ""


def _pixels(given: str) -> int:
    number = re.match(r"\s*(\d{1,5})(?!\d*%)", given)
    return int(number[1]) if number else 0


def _tokens(html: str) -> Iterator[tuple[str, str, str]]:
    """Yield ("text", what, ""), ("begin", tag, what else stands in it) and ("end", tag, "").

    Every search goes on from where the one before ended, or is not made again once it found nothing: one pass.
    """
    at, ends = 0, _Ends(html)
    while (begin := html.find("<", at)) >= 0:
        yield "text", html[at:begin], ""
        if html.startswith("<!--", begin) and (end := ends.of("-->", begin + 4)) >= 0:
            at = end + 3
        elif html[begin + 1 : begin + 2] in ("!", "?") and (end := ends.of(">", begin)) >= 0:
            at = end + 1
        elif (tag := _TAG.match(html, begin + 1)) and (end := ends.of_tag(tag.end())) >= 0:
            at, name = end + 1, tag[2].lower()
            if tag[1] or name not in _RAW:
                yield "end" if tag[1] else "begin", name, html[tag.end() : end]
            # What holds no tags is passed over; without an end, it is as if it had not begun.
            elif (close := ends.of_raw(name, at)) >= 0:
                at = close
        else:
            yield "text", "<", ""
            at = begin + 1
    yield "text", html[at:], ""


class _Ends:
    """Where what has begun ends in a page; -1 where it does not. What is nowhere is not looked for again."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._missing: set[str] = set()

    def of(self, what: str, at: int) -> int:
        """Return where `what` stands, from `at` on."""
        return self._found(what, lambda: self._html.find(what, at))

    def of_raw(self, name: str, at: int) -> int:
        """Return where the end tag of a script or another element without tags stands."""

        def look() -> int:
            found = _RAW[name].search(self._html, at)
            return found.start() if found else -1

        return self._found(name, look)

    def of_tag(self, at: int) -> int:
        """Return where a tag ends; signs in quotation marks do not end it."""
        if (first := self.of(">", at)) < 0:
            return -1
        while stop := _STOP.search(self._html, at):
            if stop[0] == ">":
                return stop.start()
            close = self.of(stop[0], stop.end())
            at = close + 1 if close >= 0 else stop.end()
        # Marks that belong to nothing: the first sign that could end it does.
        return first

    def _found(self, what: str, look: Callable[[], int]) -> int:
        if what in self._missing or (found := look()) < 0:
            self._missing.add(what)
            return -1
        return found
