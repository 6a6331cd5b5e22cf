"""Mails that nobody should write, made by chance: well-formed ones of many kinds, spoiled in one to four ways."""

import base64
import random
from collections.abc import Callable, Iterator

TEXTS = [
    "It left today.", "Das Paket ist unterwegs.", "包裹今天已经寄出。", "Посылка отправлена.", "本日発送しました。", "أُرسل اليوم",
    "See:\n> first\n> second", "Data: 12/03/2026\nFrom: Shenzhen\nTo: Wien", "-- \nLi", "\u202egpj.exe", "\ufeff\u200b\u2028x", "a\x00b",
    "On Mon, 2 Mar 2026, Ana · Comity <service@market.example> wrote:\n> ##- x -##\n> y\n\nbelow", "_" * 300, ": " * 200, "> " * 300,
]  # fmt: skip
CHARSETS = [
    "utf-8", "us-ascii", "iso-8859-1", "gb2312", "big5", "iso-2022-jp", "shift_jis", "koi8-r", "utf-16", "utf-7", "x-unknown", "hz",
    "idna", "punycode", "unicode_escape", "rot13", "zlib", "undefined", "\udcff", "",
]  # fmt: skip
SOUP = [
    "<![", "<!--", "-->", "<![CDATA[", "<?", "<p", "<div style='display:none'>", "</div>", "<blockquote>", "</blockquote>", "&#xD800;",
    "&#0;", "&#x110000;", "<a href='http://x'>", "<img src=cid:1 width=9999999999>", '<a "', "<a '", "<style>", "<title>", "<", ">", "hello",
    "\n", "<br>", "<td>", "\x00", "<table>" * 50, "</" * 50, "<script>", "</script", "&" * 50, "<p hidden>", "<html><head>",
]  # fmt: skip
KINDS = [
    "text/plain", "text/html", "multipart/mixed", "multipart/alternative", "multipart/related", "multipart/signed", "multipart/report",
    "multipart/encrypted", "message/rfc822", "message/delivery-status", "text/calendar", "image/jpeg", "application/pkcs7-mime", "multipart/", "/", "x",
]  # fmt: skip
HEADERS = [
    "Content-Type: ;", "Content-Type: text/plain; charset*0*=utf-8''%; charset*1", "Content-Type: multipart/mixed; boundary*=x'", "From: " + "(" * 900,
    "Content-Disposition: attachment; filename*0*=x; filename*99*=%FF", "Date: Fri, 31 Dec 9999 99:99:99 +9999", "Message-ID: <\x00\ud800>",
    "Subject: =?utf-8?b?////?= =?x?q?=FF?=", "To: =?utf-8?q?=00?= <service+1-1-aaaaaaaaaaaaaaaa@market.example>", "Received: for <>",
    "References: " + "<a@b> " * 400, "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable", "Auto-Submitted: ",
    "Content-Type: text/html; charset=\"", "Return-Path: <>", "From: a@b, c@d", "In-Reply-To: <" + "x" * 3000, "X: y\r\n\tz", "no header at all",
]  # fmt: skip

MAX_BYTES = 60_000


def mails(count: int, seed: int) -> Iterator[bytes]:
    """Yield so many odd mails: the same ones for the same seed."""
    for number in range(count):
        chance = random.Random(f"{seed}:{number}")
        raw = _mail(chance)
        for _ in range(chance.randint(1, 4)):
            raw = chance.choice(SPOILT)(raw, chance)[:MAX_BYTES]
        yield raw


def _mail(chance: random.Random) -> bytes:
    head = [
        "From: Li Wei <li@people.example>", "To: service+1-2-aaaaaaaaaaaaaaaa@market.example", f"Message-ID: <{chance.random()}@x>",
        "Subject: Re: Where is my lamp?", "MIME-Version: 1.0",
    ]  # fmt: skip
    return "\r\n".join(head).encode() + b"\r\n" + _part(chance, chance.randint(0, 4))


def _part(chance: random.Random, depth: int) -> bytes:
    if depth and chance.random() < 0.8:
        mark = f"b{chance.randint(0, 3)}"
        kind = chance.choice(["mixed", "alternative", "related", "signed", "report"])
        inside = b"".join(
            b"\r\n--%s\r\n%s" % (mark.encode(), _part(chance, depth - 1)) for _ in range(chance.randint(1, 3))
        )
        return (
            f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n'.encode()
            + inside
            + f"\r\n--{mark}--\r\n".encode()
        )
    charset, is_page = chance.choice(CHARSETS), chance.random() < 0.4
    text = (
        "".join(chance.choices(SOUP + TEXTS, k=chance.randint(1, 30)))
        if is_page
        else "\n".join(chance.choices(TEXTS, k=3))
    )
    data = text.encode(
        chance.choice(["utf-8", "utf-16", "gb18030"]), "surrogatepass" if "utf" in charset else "replace"
    )
    way = chance.choice(["8bit", "base64", "quoted-printable"])
    body = base64.encodebytes(data) if way == "base64" else data
    kind = (
        "text/html"
        if is_page
        else chance.choice(["text/plain", "text/plain", "text/plain; format=flowed", chance.choice(KINDS)])
    )
    head = f"Content-Type: {kind}; charset={charset}\r\nContent-Transfer-Encoding: {way}\r\n"
    if chance.random() < 0.3:
        head += f'Content-Disposition: attachment; filename="{chance.choice(TEXTS)}.jpg"\r\n'
    return head.encode("utf-8", "surrogateescape") + b"\r\n" + body


def _bytes_turned(raw: bytes, chance: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.randint(1, 30)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _header_added(raw: bytes, chance: random.Random) -> bytes:
    line = chance.choice(HEADERS).encode("utf-8", "surrogatepass") + b"\r\n"
    return line + raw if chance.random() < 0.5 else raw.replace(b"\r\n", b"\r\n" + line, 1)


def _header_dropped(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.split(b"\r\n")
    del lines[chance.randrange(min(len(lines), 8))]
    return b"\r\n".join(lines) or b"x"


def _lines_doubled(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.split(b"\n")
    at = chance.randrange(len(lines))
    lines[at:at] = lines[at : at + 1] * chance.choice([2, 50, 2000])
    return b"\n".join(lines)


def _cut_off(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randrange(1, len(raw) + 1)]


def _line_ends_changed(raw: bytes, chance: random.Random) -> bytes:
    return raw.replace(b"\r\n", chance.choice([b"\n", b"\r", b"\r\r\n", b"\n\r"]))


def _nested(raw: bytes, chance: random.Random) -> bytes:
    for number in range(chance.choice([5, 30, 200])):
        mark = b"n%d" % (number % 3)
        raw = b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n%s\r\n--%s--\r\n" % (mark, mark, raw, mark)
    return raw


def _blown_up(raw: bytes, chance: random.Random) -> bytes:
    piece = chance.choice(
        [
            b"\n",
            b" \n",
            b">\n",
            b"> \r\n",
            b"<a ",
            b"<!--",
            b'<a "',
            b"(",
            b"--b0\r\n",
            b"-",
            b"_",
            b"a: b\n",
            b"\xff",
            b"&#",
            b"=?",
        ]
    )
    return raw + piece * (20_000 // len(piece))


def _replaced(raw: bytes, chance: random.Random) -> bytes:
    odd = chance.choice(
        [b"\x00", b"\xed\xa0\x80", b"\r", b"\xff\xfe", b"=00", b"\x1b$B", b"+2AA-", b";", b'"', b"\xf0\x9f\x93\xa6"]
    )
    at = chance.randrange(len(raw))
    return raw[:at] + odd * chance.choice([1, 3, 500]) + raw[at:]


SPOILT: list[Callable[[bytes, random.Random], bytes]] = [
    _bytes_turned, _header_added, _header_dropped, _lines_doubled, _cut_off, _line_ends_changed, _nested, _blown_up, _replaced,
]  # fmt: skip
