"""What a person wrote in an answer: without our mail that it quotes, what introduces the quote, and the signature.

What is answered is always a mail of ours, and ours are known: by the line that begins them, by our address and by the
name of their sender. So what is a quote is told by what it quotes, in any language and from any program. A quote of
somebody else, a list of arrows, a line "Date: 3 March" is what a person wrote, and stays.

Every step looks at each row a fixed number of times: the time grows with the length of the text, not faster.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from comity.integrations.mail import phrases
from comity.integrations.mail.hypertext import Row

#: The name of our mails' senders ends so (`outgoing`), whatever address a program shows.
SENDER = "· comity"
#: A signature is short, and so are its rows.
MAX_SIGNATURE_ROWS, MAX_SIGNATURE_CHARS = 12, 100
#: How many rows of a question stand above its answer.
MAX_CONTEXT_ROWS = 5
#: How long a row is at most that introduces a quote, and what stands before the colon of "To: somebody".
MAX_HEAD_CHARS, MAX_LABEL_CHARS = 300, 40
#: Programs break no rows that are shorter than this.
MIN_BROKEN_CHARS = 55
#: How far above a quote the rows may begin that introduce it.
_REACH = 12
#: What stands below a stretch of rows: a quote with marks, one without, or none.
_MARKED, _BARE, _NOTHING = "marked", "bare", "nothing"
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u00ad"))
_DIVIDER = re.compile(r"^[|>\s]*[-_=*~─━—]{3,}(?:.{0,80}[-_=*~─━—]{3,})?\s*$")
_MOMENT = re.compile(r"\d{1,2}[:.h]\d\d|\b20\d\d\b|20\d\d\s?[年년]")
_WROTE = re.compile(
    rf"(?:{'|'.join(re.escape(each) for each in phrases.WROTE)})\s?(?:[:：]|-{{3,}})\s*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a quote of ours is known by: our address, the sign that begins our mails; and the writer's own address."""

    own: str
    line: str
    writer: str = ""

    def begins(self, row: Row) -> bool:
        """Whether our mail begins with this row."""
        return row.text[:MAX_HEAD_CHARS].translate(_UNSEEN).lstrip("> |*_\\\t").startswith(self.line)

    def names_us(self, row: Row) -> bool:
        """Whether a row names the sender of our mails."""
        local, _, domain = self.own.partition("@")
        low = row.text.lower()
        # The address of the conversation has a token before the @.
        return SENDER in low or (bool(local) and local in low and f"@{domain}" in low)

    def names_writer(self, row: Row) -> bool:
        """Whether a row holds the writer's own address, which the other side is not shown."""
        return bool(self.writer) and self.writer in row.text.lower()


def rows_of(text: str) -> list[Row]:
    """Return the rows of a plain text."""
    return [Row(line.rstrip()) for line in text.replace("\r\n", "\n").split("\n")]


def newly_written(rows: Sequence[Row], known: Known) -> str:
    """Return what a person wrote. Where it stands among what it answers, the question stays above each answer."""
    rows, was_cut = _above_ours(rows, known)
    begin = _first_quote(rows, known)
    if begin is None:
        return _joined(_written(rows, known, above=_BARE if was_cut else _NOTHING))
    head = _written(rows[:begin], known, above=_MARKED)
    answers = [(quote, said) for quote, own in _turns(rows[begin:]) if (said := _written(own, known))]
    if not answers:
        return _joined(head)
    if len(answers) == 1 and not head:
        return _joined(answers[0][1])
    kept = [*head]
    for quote, said in answers:
        kept += [Row(""), *_context(quote, known), Row(""), *said]
    return _joined(kept)


def _joined(rows: Sequence[Row]) -> str:
    text = "\n".join(row.text for row in rows)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _is_marked(row: Row) -> bool:
    return row.quoted or row.text.lstrip().startswith((">", "＞"))


def _is_blank(row: Row) -> bool:
    return not row.text.translate(_UNSEEN).strip("> |\xa0\t")


def _above_ours(rows: Sequence[Row], known: Known) -> tuple[Sequence[Row], bool]:
    """Return the rows above our mail where it stands below without marks of a quote, and whether it does."""
    for at, row in enumerate(rows):
        if _is_marked(row):
            continue
        if known.begins(row):
            return rows[:at], True
        if known.names_us(row) and (found := _introduction(rows, at)):
            begin, end = found
            following = next((each for each in rows[end : end + _REACH] if not _is_blank(each)), None)
            if following is None or not _is_marked(following):
                return rows[:begin], True
    return rows, False


def _introduction(rows: Sequence[Row], at: int) -> tuple[int, int] | None:
    """Return where what introduces our mail begins and ends, if the row that names us is part of such; else None."""
    begin, end = _labels_around(rows, at)
    # Heads have who, when, whom and what; two such rows may be anything.
    if end - begin >= 3:
        return begin, end
    # One line with who and when, perhaps broken: "On Monday, 2 March 2026, Ana <…>" and "wrote:".
    begin = at - 1 if at and not _has_moment(rows[at]) and _has_moment(rows[at - 1]) else at
    end = at + 2 if at + 1 < len(rows) and len(rows[at + 1].text) < 40 and _ends_introduction(rows[at + 1]) else at + 1
    if _ends_introduction(rows[end - 1]) and any(_has_moment(row) for row in rows[begin:end]):
        return begin, end
    return None


def _labels_around(rows: Sequence[Row], at: int) -> tuple[int, int]:
    """Return where the block of lines like "To: somebody" around a row begins and ends."""
    begin = end = at
    while begin > max(0, at - _REACH) and (_is_label(rows[begin - 1]) or _is_bare_label(rows[begin - 1])):
        begin -= 1
    while end < min(len(rows), at + _REACH) and (_is_label(rows[end]) or _is_bare_label(rows[end])):
        end += 1
    # "Cc:" may stand among the others without anybody; "The route:" above them is what a person wrote.
    while begin < at and _is_bare_label(rows[begin]):
        begin += 1
    return (begin, end) if end > at else (at, at)


def _is_bare_label(row: Row) -> bool:
    text = row.text.strip("|> *_\t")
    return 1 < len(text) <= 20 and text.endswith((":", "：")) and text[0].isalpha()


def _is_label(row: Row) -> bool:
    text = row.text.lstrip("|> *_\t")[: MAX_LABEL_CHARS + 1]
    ends = [at for at in map(text.find, ":：|") if at > 0]
    return bool(ends) and text[0].isalpha() and not row.text.rstrip().endswith((":", "："))


def _ends_introduction(row: Row) -> bool:
    return row.text.rstrip().endswith((":", "：")) or _says_wrote(row)


def _says_wrote(row: Row) -> bool:
    return bool(_WROTE.search(row.text.rstrip()[-60:]))


def _has_moment(row: Row) -> bool:
    return bool(_MOMENT.search(row.text[:MAX_HEAD_CHARS]))


def _is_divider(row: Row) -> bool:
    return len(row.text) <= MAX_HEAD_CHARS and bool(_DIVIDER.match(row.text))


def _first_quote(rows: Sequence[Row], known: Known) -> int | None:
    """Return where the first quote begins; None without one.

    Marks are not enough: people draw arrows. A quote comes from HTML that says so, holds our mail, or is introduced.
    """
    at = 0
    while at < len(rows):
        if not _is_marked(rows[at]):
            at += 1
            continue
        begin = at
        while at < len(rows) and _is_marked(rows[at]):
            at += 1
        quote = rows[begin:at]
        is_ours = any(row.quoted or known.begins(row) or known.names_us(row) for row in quote)
        if is_ours or _is_introduced(rows, begin, known):
            return begin
    return None


def _is_introduced(rows: Sequence[Row], begin: int, known: Known) -> bool:
    above = [row for row in rows[max(0, begin - _REACH) : begin] if not _is_blank(row)]
    return bool(above) and (_says_wrote(above[-1]) or known.names_us(above[-1]))


def _turns(rows: Sequence[Row]) -> list[tuple[list[Row], list[Row]]]:
    """Return quotes, each with what was written below it and above the next one."""
    turns: list[tuple[list[Row], list[Row]]] = [([], [])]
    is_answered = False
    for at, row in enumerate(rows):
        if _is_marked(row) or _is_rest(rows, at):
            if is_answered:
                turns.append(([], []))
            is_answered = False
            turns[-1][0].append(row)
        else:
            is_answered = is_answered or not _is_blank(row)
            turns[-1][1].append(row)
    return turns


def _is_rest(rows: Sequence[Row], at: int) -> bool:
    """Whether a row is the end of a quoted one that a program broke without a mark: within the quote, in the middle."""
    if not 0 < at < len(rows) - 1 or not rows[at].text[:1].islower():
        return False
    return len(rows[at - 1].text) >= MIN_BROKEN_CHARS and _is_marked(rows[at - 1]) and _is_marked(rows[at + 1])


def _context(quote: Sequence[Row], known: Known) -> list[Row]:
    """Return the last paragraph of a quote, as plain text marks it: the question that is answered below."""
    plain = [row.text.lstrip("> ＞").rstrip() if not row.quoted else row.text.strip() for row in quote]
    while plain and not plain[-1]:
        plain.pop()
    begin = next((at + 1 for at in reversed(range(len(plain))) if not plain[at]), 0)
    last = [Row(text) for text in plain[begin:]][-MAX_CONTEXT_ROWS:]
    if any(known.begins(row) or known.names_us(row) or known.names_writer(row) or _is_divider(row) for row in last):
        return []
    return [Row(f"> {row.text}") for row in last]


def _written(rows: Sequence[Row], known: Known, *, above: str = _NOTHING) -> list[Row]:
    """Return the rows that a person wrote of a stretch, `above` a quote or not: without introduction and signature."""
    kept = list(rows)
    if above != _NOTHING:
        _drop_introduction(kept, known, is_bare=above == _BARE)
    _drop_signature(kept)
    if any(known.names_writer(row) for row in kept):
        kept = [row for at, row in enumerate(kept) if not _shows_writer(kept, at, known)]
    return kept


def _shows_writer(rows: Sequence[Row], at: int, known: Known) -> bool:
    """Whether a row of a block like "To: somebody" holds the writer's own address: the other side is not shown it."""
    if not known.names_writer(rows[at]):
        return False
    begin, end = _labels_around(rows, at)
    return end - begin >= 2


def _drop_introduction(rows: list[Row], known: Known, *, is_bare: bool) -> None:
    """Take away what a program wrote between the answer and the quote below it. `is_bare`: the quote has no marks."""
    _drop_blank(rows)
    count = len(rows)
    if rows and _ends_introduction(rows[-1]) and _is_broken(rows, known):
        rows.pop()
    is_complete = False
    while rows and known.names_us(rows[-1]):
        is_complete = _has_moment(rows.pop()) or is_complete
    if len(rows) < count and not is_complete and rows and _is_begin(rows[-1]):
        rows.pop()
    begin = _labels_around(rows, len(rows) - 1)[0] if rows and _is_label(rows[-1]) else len(rows)
    head = rows[begin:]
    # Four such rows right above a mail of ours are its head, whatever their language is and whoever they name.
    is_head = is_bare and len(rows) == count and len(head) >= 4
    if is_head or any(known.names_us(row) or known.names_writer(row) for row in head):
        del rows[begin:]
    elif len(rows) == count and rows and _is_dated(rows[-1]):
        rows.pop()
    while rows and (_is_blank(rows[-1]) or _is_divider(rows[-1])):
        rows.pop()


def _is_broken(rows: Sequence[Row], known: Known) -> bool:
    """Whether the last row is the end of a line that a program broke: "wrote:" below the rest."""
    return len(rows) > 1 and len(rows[-1].text) < 40 and known.names_us(rows[-2]) and not known.names_us(rows[-1])


def _is_begin(row: Row) -> bool:
    """Whether a row is the beginning of a line that a program broke: long, with a moment, and no end."""
    return len(row.text) >= 40 and _has_moment(row) and not row.text.rstrip().endswith((".", "!", "?", "。"))


def _is_dated(row: Row) -> bool:
    """Whether a row says when somebody wrote, though not under a name of ours."""
    return _says_wrote(row) or (_ends_introduction(row) and _has_moment(row))


def _drop_blank(rows: list[Row]) -> None:
    while rows and _is_blank(rows[-1]):
        rows.pop()


def _drop_signature(rows: list[Row]) -> None:
    """Take away a signature, and what a program for telephones adds; not where nothing would be left."""
    begin = max(0, len(rows) - MAX_SIGNATURE_ROWS - 1)
    for at in range(len(rows) - 1, begin - 1, -1):
        if rows[at].text.rstrip() == "--":
            del rows[at:]
            break
    _drop_blank(rows)
    while rows and _is_sent_from(rows[-1]):
        rows.pop()
        while rows and (_is_blank(rows[-1]) or _is_divider(rows[-1])):
            rows.pop()
    for at in range(max(1, len(rows) - MAX_SIGNATURE_ROWS), len(rows)):
        if _is_closing(rows[at]) and all(_is_in_signature(row) for row in rows[at + 1 :]):
            del rows[at:]
            break
    _drop_blank(rows)


def _is_sent_from(row: Row) -> bool:
    text = row.text[:MAX_HEAD_CHARS].strip(" *_[(-").lower()
    # "Sent from Hamburg today" is an answer: a program names itself, or the telephone.
    return text.startswith(phrases.SENT_FROM) and any(each in text for each in phrases.PROGRAMS)


def _is_closing(row: Row) -> bool:
    text = row.text.strip(" *_,，.。!！").casefold()
    words = next((each for each in _CLOSINGS if text.startswith(each)), None)
    if words is None or len(text) > len(words) + 30:
        return False
    rest = text[len(words) :]
    return not rest or rest[0] in ",，.。!！/\t" or (" " in words and rest[0] == " ")


_CLOSINGS = tuple(sorted((each.casefold() for each in phrases.CLOSINGS), key=len, reverse=True))


def _is_in_signature(row: Row) -> bool:
    text = row.text.strip()
    is_sentence = text.endswith(("?", "？", "!", "。", "！")) or (text.endswith(".") and text.count(" ") >= 4)
    return len(text) <= MAX_SIGNATURE_CHARS and not is_sentence and not re.match(r"p\.?\s?s\b", text, re.IGNORECASE)
