"""What a mail says: quotes and signatures cut, machines known as machines, and no bytes that break the reading."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.integrations.mail.parsing import newly_written, read
from tests.postoffice import ADDRESS

QUOTE = f"""
On Mon, 2 Mar 2026 at 10:00, Ana Souza · Comity <{ADDRESS}> wrote:
> ##- Write your answer above this line -##
> Where is my lamp?
"""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"It left today.\n{QUOTE}", "It left today."),
        (f"It left today.\r\n\r\nIt is white.\r\n{QUOTE}", "It left today.\n\nIt is white."),
        (f"Sie ist unterwegs.\n\nAm 02.03.2026 um 10:00 schrieb Ana Souza · Comity <{ADDRESS}>:\n> ##- x -##", "Sie ist unterwegs."),
        (f"已经寄出。\n\n在 2026年3月2日，Ana · Comity <{ADDRESS}> 写道：\n> ##- x -##\n> 你好", "已经寄出。"),
        (f"Enviado.\n\nEl lun, 2 mar 2026, Ana <{ADDRESS}> escribió:\n\n> ##- x -##", "Enviado."),
        ("##- Write your answer above this line -##\n\nWhere is my lamp?", ""),
        ("I wrote > 5 times\nand <b>nobody</b> answered", "I wrote > 5 times\nand <b>nobody</b> answered"),
        ("", ""),
    ],
)  # fmt: skip
def test_only_what_is_new_is_kept(text: str, kept: str) -> None:
    assert newly_written(text, own=ADDRESS, line="##-") == kept


def mail(**headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Message-ID"] = "Li Wei <li@shop.example>", ADDRESS, "<1@shop.example>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("It left today.")
    return made


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, "person"),
        ({"Auto_Submitted": "no"}, "person"),
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"Auto_Submitted": "auto-generated; owner=x"}, "automatic"),
        ({"Precedence": "bulk"}, "automatic"),
        ({"X_Autoreply": "yes"}, "automatic"),
        ({"List_Id": "<news.example>"}, "automatic"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"X_Comity": "abc"}, "ours"),
    ],
)
def test_machines_are_known(headers: dict[str, str], kind: str) -> None:
    found = read(mail(**headers).as_bytes(), own=ADDRESS, line="##-")
    assert (found.automatic, found.bounce, found.ours) == (kind == "automatic", kind == "bounce", kind == "ours")


def test_a_delivery_report_is_a_bounce() -> None:
    report = mail()
    report.replace_header("Content-Type", 'multipart/report; report-type="delivery-status"; boundary="x"')
    report.set_payload("--x\n\nNot delivered\n--x--\n")
    assert read(report.as_bytes(), own=ADDRESS, line="##-").bounce


def test_html_alone_is_read_as_text_and_its_quote_left_out() -> None:
    made = mail()
    made.set_content(
        "<html><head><style>p{}</style></head><body><p>It left <b>today</b>.</p><script>alert(1)</script>"
        "<div>Li</div><blockquote>Where is my lamp?</blockquote></body></html>", subtype="html",
    )  # fmt: skip
    assert read(made.as_bytes(), own=ADDRESS, line="##-").text == "It left today.\n\nLi"


def test_files_come_with_their_names() -> None:
    made = mail()
    made.add_attachment(b"a,b", maintype="text", subtype="csv", filename="Sendung ü.csv")
    found = read(made.as_bytes(), own=ADDRESS, line="##-")
    assert found.files == (("Sendung ü.csv", b"a,b"),)
    assert found.text == "It left today."


def test_a_mail_without_an_id_has_one_of_its_own() -> None:
    raw = b"From: li@shop.example\r\n\r\nhello"
    first, again = (read(raw, own=ADDRESS, line="##-").mail_id for _ in range(2))
    assert first == again != read(raw + b"!", own=ADDRESS, line="##-").mail_id


PIECES = st.sampled_from([
    b"From: ", b"To: service+1-2-aaaaaaaaaaaaaaaa@market.example", b"\r\n", b"\r\n\r\n", b"Content-Type: multipart/mixed; boundary=",
    b"x", b"--x", b"--x--", b"Content-Transfer-Encoding: base64\r\n", b"charset=nonsense", b"\xff\xfe", b"=?utf-8?q?=FF?=", b"Message-ID: <\x00>",
    b"Content-Disposition: attachment; filename*=utf-8''%FF\r\n", b"<html>", b"</blockquote>", b"Content-Type: text/html; charset=utf-7\r\n",
    b"Content-Type: message/rfc822\r\n",
])  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=20), max_size=25).map(b"".join))
def test_any_bytes_are_read(raw: bytes) -> None:
    found = read(raw, own=ADDRESS, line="##-")
    assert len(found.mail_id) <= 250
