"""What a mail says: its text and files in whatever structure, charsets as they are, machines known as machines."""

import base64
import time

import pytest

from comity.integrations.mail import machines
from comity.integrations.mail.parsing import Mail, read
from tests.files.test_uploads import picture
from tests.integrations.odd_mails import mails
from tests.postoffice import ADDRESS
from tests.profiles import LONG

pytestmark = pytest.mark.once

LI = "li@people.example"


def parsed(raw: bytes) -> Mail:
    return read(raw, own=ADDRESS, line="##-")


def mail(body: str | bytes = "It left today.", kind: str = "", sender: str = f"Li Wei <{LI}>", **headers: str) -> bytes:
    """A mail as bytes; the name of a header is written with _ for -."""
    given = {
        "From": sender,
        "To": ADDRESS,
        "Message-ID": "<1@x>",
        "Content-Type": kind,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    return head.encode("utf-8", "surrogateescape") + b"\r\n" + (body.encode() if isinstance(body, str) else body)


def many(kind: str, *parts: str, parameters: str = "") -> str:
    """A multipart: its headers, an empty line and its parts, each of which begins with its own headers."""
    mark = f"mark.{abs(hash((kind, parts)))}"
    inside = "".join(f"\r\n--{mark}\r\n{part}" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{mark}"{parameters}\r\n\r\n{inside}\r\n--{mark}--\r\n'


def plain(text: str, more: str = "") -> str:
    return f"Content-Type: text/plain; charset=utf-8\r\n{more}\r\n{text}"


def page(text: str) -> str:
    return f"Content-Type: text/html; charset=utf-8\r\n\r\n{text}"


def file(name: str, *, kind: str = "image/jpeg", way: str = "attachment", more: str = "") -> str:
    data = base64.encodebytes(b"data of " + name.encode()).decode()
    return f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: {way}; filename="{name}"\r\n{more}Content-Transfer-Encoding: base64\r\n\r\n{data}'


def whole(content: str) -> bytes:
    return f"From: {LI}\r\nTo: {ADDRESS}\r\nMIME-Version: 1.0\r\n{content}".encode()


SHOWN = "Content-ID: <one@x>\r\n"
SIGNATURE = "Content-Type: application/pgp-signature; name=signature.asc\r\nContent-Disposition: attachment\r\n\r\n-----BEGIN PGP SIGNATURE-----"
CLAIM = 'Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename="claim.eml"\r\n\r\nFrom: help@carrier.example\r\n\r\nWe lost it.'
#: Structure, the text and the names of the files that are found in it.
STRUCTURES: dict[str, tuple[str, str, list[str]]] = {
    "a picture and nothing else": (file("p.jpg"), "", ["p.jpg"]),
    "text, picture, text": (many("mixed", plain("First:"), file("a.jpg", way="inline"), plain("Second.\r\n\r\nSent from my iPhone")), "First:\n\nSecond.", ["a.jpg"]),
    "picture, then text": (many("mixed", plain("\r\n"), file("a.jpg", way="inline"), plain("Broken.")), "Broken.", ["a.jpg"]),
    "text below a picture, through Exchange": (many("mixed", file("a.jpg"), file("ATT00001.txt", kind="text/plain")), "data of ATT00001.txt", ["a.jpg"]),
    "picture within a form of the text": (many("alternative", plain("See."), many("mixed", page("See."), file("a.jpg", way="inline"), page("Now."))), "See.", ["a.jpg"]),
    "shown picture beside a file": (many("mixed", many("related", many("alternative", plain("Both.\r\n[cid:one@x]"), page('Both.<img src="cid:one@x">')), file("i.jpg", way="inline", more=SHOWN)), file("b.pdf", kind="application/pdf")), "Both.", ["i.jpg", "b.pdf"]),
    "logo of a signature": (many("related", page('Hi.<img width="120" height="40" src="cid:one@x">'), file("l.jpg", way="inline", more=SHOWN)), "Hi.", []),
    "logo, sized by its style": (many("related", page("Hi.<img style='width:32px; height:32px' src='CID:one@x'>"), file("l.jpg", way="inline", more=SHOWN)), "Hi.", []),
    "picture of a quote": (many("related", page("Hi.<blockquote><img src=cid:one@x></blockquote>"), file("q.jpg", way="inline", more=SHOWN)), "Hi.", []),
    "small picture alone": (many("related", page("<img width=20 height=20 src=cid:one@x>"), file("s.jpg", way="inline", more=SHOWN)), "", ["s.jpg"]),
    "signed": (many("signed", many("mixed", plain("Hi."), file("a.jpg")), SIGNATURE), "Hi.", ["a.jpg"]),
    "a mail attached": (many("mixed", plain("See."), CLAIM), "See.", ["claim.eml"]),
    "our own mail attached": (many("mixed", plain("See."), CLAIM.replace("From:", "X-Comity: 1\r\nFrom:")), "See.", []),
    "an invitation": (many("alternative", plain("Call?"), "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN"), "Call?", []),
    "plain text that sends to the page": (many("alternative", plain("Bitte verwenden Sie ein Programm, das HTML anzeigt."), page("<p>Es ging heute raus.</p>")), "Es ging heute raus.", []),
    "the same in Chinese": (many("alternative", plain("您的邮件客户端不支持此格式"), page("包裹今天寄出")), "包裹今天寄出", []),
    "empty plain text": (many("alternative", plain("\r\n"), page("<p>Hi.</p>")), "Hi.", []),
    "plain text with the page's links": (many("alternative", plain("Track it here: https://t.example/1"), page("<a href=x>Track it here</a>")), "Track it here: https://t.example/1", []),
    "lines to be joined": ('Content-Type: text/plain; format=flowed\r\n\r\nIt left \r\ntoday.\r\n\r\n-- \r\nLi', "It left today.", []),
    "signed within the text": (plain("-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nHi.\r\n-----BEGIN PGP SIGNATURE-----\r\nx"), "Hi.", []),
    "the same file twice": (many("mixed", plain("See."), file("a.jpg"), file("a.jpg")), "See.", ["a.jpg"]),
    "no end, no boundary": ("Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nHi.\r\n--x\r\n" + file("a.jpg"), "Hi.", ["a.jpg"]),
    "parts that are none": ("Content-Type: multipart/mixed; boundary=y\r\n\r\nHi.", "Hi.", []),
}  # fmt: skip


@pytest.mark.parametrize("name", STRUCTURES)
def test_text_and_files_are_found(name: str) -> None:
    content, text, names = STRUCTURES[name]
    found = parsed(whole(content))
    assert (found.text, [each for each, _ in found.files], found.sealed) == (text, names, False)


def test_what_nobody_can_open_is_known() -> None:
    for content in (
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\r\nMII",
        many("encrypted", "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1", file("encrypted.asc", kind="application/octet-stream", way="inline")),
        plain("-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA"),
    ):  # fmt: skip
        found = parsed(whole(content))
        assert (found.text, found.files, found.sealed) == ("", (), True)


def test_names_of_files_are_read_in_every_way() -> None:
    for given, name in {
        'filename="Sendung ü.csv"': "Sendung ü.csv", "filename*=utf-8''%F0%9F%93%A6%20a.csv": "📦 a.csv", 'filename="=?UTF-8?B?8J+TpiBhLmNzdg==?="': "📦 a.csv",
        "filename*0=\"a \"; filename*1=b.csv": "a b.csv", "filename*0*=gbk''%B7%A2; filename*1*=%C6%B1.csv": "发票.csv",
        'filename="=?utf-8?q?a=5F?= =?utf-8?q?b.csv?="': "a_b.csv", "filename": "file.csv", "filename*=x": "x", 'filename="a\\"b.csv"': 'a"b.csv',
    }.items():  # fmt: skip
        part = f"Content-Type: text/csv\r\nContent-Disposition: attachment; {given}\r\n\r\na,b"
        assert parsed(whole(many("mixed", plain("x"), part))).files == ((name, b"a,b"),), given


CHARSETS = {
    ("gb2312", "gb18030"): "您好，包裹今天已寄出。镕", ("iso-8859-1", "cp1252"): "It costs 10 € – “ok”", ("us-ascii", "cp1252"): "Já foi", ("", "cp1252"): "Já foi enviado",
    ("", "utf-8"): "Já foi enviado", ("x-unknown", "utf-8"): "Посылка", ("x-unknown", "cp1252"): "naïve", ("iso-8859-1", "utf-8"): "Já foi", ("utf-8", "cp1252"): "Já foi enviado há",
    ("shift_jis", "cp932"): "①本日発送", ("euc-kr", "cp949"): "오늘 발송했습니다 뷁", ("big5", "big5hkscs"): "包裹今天寄出", ("koi8-r", "koi8-r"): "Посылка", ("windows-1251", "cp1251"): "Посылка",
    ("iso-8859-9", "cp1254"): "Paket bugün yola çıktı", ("utf-16", "utf-16"): "今日", ("iso-2022-jp", "iso2022_jp"): "本日発送", ("UTF8", "utf-8-sig"): "ok é", ("gbk", "utf-8"): "包裹今天已经寄出。",
    ("unicode_escape", "utf-8"): "\\ud800", ("rot13", "utf-8"): "It left", ("windows-1256", "cp1256"): "أرسل اليوم", ("tis-620", "cp874"): "ส่งแล้ว",
}  # fmt: skip


def test_charsets_are_read_as_they_are() -> None:
    for (label, codec), text in CHARSETS.items():
        kind = f"text/plain; charset={label}" if label else ""
        assert parsed(mail(text.encode(codec), kind)).text == text, (label, codec)
        coded = base64.b64encode(text.encode(codec)).decode()
        if label:
            assert parsed(mail(Subject=f"=?{label}?B?{coded}?=")).subject == text, (label, codec)
    named = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><body>包裹今天寄出'
    assert parsed(mail(named.encode("gbk"), "text/html")).text == "包裹今天寄出", "a page names its charset itself"
    # Windows' own signs within ISO-2022-JP: the first of row 13.
    assert parsed(mail(b"\x1b$B-!F|\x1b(B!", "text/plain; charset=iso-2022-jp")).text == "①日!"


REPORT = 'multipart/report; report-type={told}; boundary="x"'


def report(action: str, *, told: str = "delivery-status", kind: str = "message/delivery-status") -> bytes:
    body = f"--x\r\n\r\nSee.\r\n--x\r\nContent-Type: {kind}\r\n\r\nReporting-MTA: dns; x\r\n\r\n{action}\r\n--x--\r\n"
    return mail(body, REPORT.format(told=told), "MAILER-DAEMON@mx.example", Return_Path="<>")


KINDS: list[tuple[bytes, str]] = [
    (mail(), machines.PERSON), (mail(Auto_Submitted="no"), machines.PERSON), (mail(X_Autoreply="no"), machines.PERSON), (mail(Feedback_ID="1:user:proton"), machines.PERSON),
    (mail(Subject="Re: Automatic reply does not work"), machines.PERSON), (mail(X_Auto_Response_Suppress="All"), machines.PERSON), (mail(List_Unsubscribe="<x>"), machines.PERSON),
    (mail(List_ID="<support.people.example>", Precedence="list"), machines.LIST), (mail(Precedence="bulk", List_Id="<x>"), machines.LIST), (mail(sender="no-reply@x.example"), machines.LIST),
    (mail(Auto_Submitted="auto-replied"), machines.AUTOMATIC), (mail(Auto_Submitted="auto-generated; owner=x"), machines.AUTOMATIC), (mail(Precedence="bulk"), machines.AUTOMATIC),
    (mail(Precedence="auto_reply"), machines.AUTOMATIC), (mail(X_Autoreply="yes"), machines.AUTOMATIC), (mail(X_Autorespond="vacation"), machines.AUTOMATIC), (mail(X_Autoreply_Domain="x"), machines.AUTOMATIC),
    (mail(X_MS_Exchange_Inbox_Rules_Loop=LI), machines.AUTOMATIC), (mail(X_MS_Exchange_Inbox_Rules_Loop="service@market.example"), machines.PERSON),
    (mail("BEGIN:VCALENDAR\nMETHOD:REPLY", "text/calendar"), machines.AUTOMATIC), (mail("x", "text/calendar; method=COUNTER"), machines.AUTOMATIC),
    (mail(X_Comity="abc"), machines.OURS), (mail(Return_Path="<>"), machines.BOUNCE), (mail(sender="MAILER-DAEMON@x"), machines.BOUNCE), (mail(X_Failed_Recipients=LI), machines.BOUNCE),
    (mail(sender="Mailer-Daemon@x", Auto_Submitted="auto-generated"), machines.BOUNCE), (mail(sender="postmaster@x", Return_Path="<>"), machines.BOUNCE), (mail(sender="postmaster@x"), machines.LIST),
    (mail(sender="Mailer-Daemon@x", Subject="Warning: message 1 delayed 24 hours"), machines.AUTOMATIC), (mail(Return_Path="<>", Auto_Submitted="auto-replied"), machines.AUTOMATIC),
    (report("Action: failed\r\nStatus: 5.1.1"), machines.BOUNCE), (report("Status: 5.1.1"), machines.BOUNCE), (report("Action: delivered\r\nStatus: 2.0.0"), machines.AUTOMATIC),
    (report("Action: delayed\r\nStatus: 4.4.1"), machines.AUTOMATIC), (report("Disposition: displayed", told="disposition-notification", kind="message/disposition-notification"), machines.AUTOMATIC),
    (report("Feedback-Type: abuse", told="feedback-report", kind="message/feedback-report"), machines.AUTOMATIC),
    *((mail(Subject=subject), machines.AWAY) for subject in [
        "Automatic reply: Lamp", "Out of Office: back on Monday", "Automatische Antwort: Lampe", "Réponse automatique : lampe", "Respuesta automática: lámpara", "Resposta automática: luz",
        "自动答复: 台灯", "自動返信: ランプ", "자동 회신: 램프", "Автоматический ответ: лампа", "Otomatik Yanıt: lamba", "Automatyczna odpowiedź: lampa", "Autosvar: lampa", "رد تلقائي: مصباح",
        f"=?utf-8?B?{base64.b64encode(b'Automatisch antwoord: lamp').decode()}?=",
    ]),
]  # fmt: skip


def test_machines_are_known() -> None:
    for raw, kind in KINDS:
        assert parsed(raw).kind == kind, raw.decode()


def test_a_mail_is_from_one_address() -> None:
    for sender, address in {
        f"Li <{LI.upper()}>": LI, LI: LI, f'"Wei, Li" <{LI}>': LI, f"Li (the shop) <{LI}>": LI, f'"{LI}" <evil@x.example>': "evil@x.example", f"=?utf-8?q?{LI}?= <evil@x.example>": "",
        f"{LI} <evil@x.example>": "", f"{LI}, evil@x.example": "", "Li": "", "(" * 2000: "", f"Li <{LI}>\r\nFrom: evil@x.example": "", f"Li <{LI}>\r\nFrom: {LI}": LI,
    }.items():  # fmt: skip
        assert parsed(mail(sender=sender)).sender == address, sender


def test_the_same_words_under_one_id_are_the_same_mail() -> None:
    raw = mail()
    assert parsed(raw).content == parsed(b"Received: from elsewhere\r\n" + raw).content
    for other in (
        mail("Another."),
        mail(sender="max@people.example"),
        whole(many("mixed", plain("It left today."), file("a.jpg"))),
    ):
        assert parsed(other).content != parsed(raw).content
    bare = f"From: {LI}\r\n\r\nhello".encode()
    assert parsed(bare).mail_id == parsed(bare).mail_id != parsed(bare + b"!").mail_id


POISON: dict[str, bytes] = {
    "a Content-Type on which the standard library raises": mail("x", "text/plain; =; charset*0*=''; charset*1"), "an open marked section": mail("<![", "text/html"),
    "nested": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(5_000)) + b"\r\nx",
    "nested in one boundary": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 5_000, "thousands of parts": mail("\r\n--b\r\n\r\nx" * 20_000, "multipart/mixed; boundary=b"),
    "thousands of pages": mail("\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x" * 5_000, "multipart/mixed; boundary=b"), "headers": b"X-A: b\r\n" * 50_000 + mail(),
    "a long header": mail(Subject="=?utf-8?q?=00" * 20_000), "NUL and surrogates": mail(b"a\x00\xed\xa0\x80", "text/html", Message_ID="<\x00\udcff>", Subject="\x00"),
    "UTF-7 that hides a surrogate": mail("+2AA-", "text/plain; charset=utf-7"), "a year that is none": mail(Date="Fri, 31 Dec 10000 00:00:00 +9999"),
    **{f"many {piece!r}": mail(piece * (60_000 // len(piece))) for piece in ["\n", " \n", "> \n", ">\nx\n", "-", "_", "a: ", "@", f"{ADDRESS}: x\n", "On 2026, · Comity:\n"]},
    **{f"pages of {piece!r}": mail(piece * (60_000 // len(piece)), "text/html") for piece in ["<", "<a ", '<a "', "<!--", "<p>", "</p>", "<li>", "&#x110000;", "<style>", "<td>", "\xa0"]},
    **{f"types of {piece!r}": mail("x", "text/plain" + piece * 5_000) for piece in ["; a=", '; a="', "; a*0*=", "\\", "'", "%"]},
}  # fmt: skip


def storable(found: Mail) -> bool:
    """Whether both databases take what is kept of a mail."""
    texts = [
        found.mail_id,
        found.content,
        found.sender,
        found.subject,
        found.text,
        *found.to,
        *found.answers,
        *(name for name, _ in found.files),
    ]
    return all("\x00" not in text and text.encode() is not None for text in texts) and len(found.mail_id) <= 250


@pytest.mark.parametrize("name", POISON)
def test_poison_is_read_within_a_second(name: str) -> None:
    began = time.process_time()
    assert storable(parsed(POISON[name]))
    assert time.process_time() - began < 1


def test_mails_that_nobody_should_write_are_read() -> None:
    for number, raw in enumerate(mails(5_000 if LONG else 300, seed=15)):
        began = time.process_time()
        assert storable(parsed(raw)), number
        assert time.process_time() - began < 1, number


def test_a_picture_stays_what_it_is() -> None:
    data = picture()
    body = b"--b\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: binary\r\n\r\n" + data + b"\r\n--b--"
    assert parsed(mail(body, "multipart/mixed; boundary=b")).files == (("file.jpg", data),)
