"""What a person wrote: our mail, what introduces it and signatures are cut, in any language; people's words stay."""

import pytest

from comity.integrations.mail.hypertext import Page
from comity.integrations.mail.quotes import Known, newly_written, rows_of
from tests.postoffice import ADDRESS

pytestmark = pytest.mark.once

WRITER = "li@people.example"
KNOWN = Known(own=ADDRESS, line="##-", writer=WRITER)
OURS = "##- Write your answer above this line -##\n\nWhere is my lamp? (C-1)\n\nAna Souza, 2 March:\nWhere is my lamp?\n\n-- \nYour address is not shown."
ANSWER = "It left today.\nThe number is RR123456785CN."


def marked(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def cut(text: str) -> str:
    return newly_written(rows_of(text), KNOWN)


#: What programs write above a quote that is marked with arrows.
INTRODUCTIONS = {
    "Gmail, English": f"On Mon, Mar 2, 2026 at 10:00 AM Ana Souza · Comity <{ADDRESS}>\nwrote:",
    "Gmail, Polish": f"pon., 2 mar 2026 o 10:00 Ana Souza · Comity <{ADDRESS}> napisał(a):",
    "Gmail, Turkish": f"Ana Souza · Comity <{ADDRESS}>, 2 Mar 2026 Pzt, 10:00 tarihinde şunu yazdı:",
    "Gmail, Japanese": f"2026年3月2日(月) 10:00 Ana Souza · Comity <{ADDRESS}>:",
    "Gmail, Arabic": f"في الاثنين، 2 مارس 2026 في 10:00 ص تمت كتابة ما يلي بواسطة Ana · Comity <{ADDRESS}>:",
    "Thunderbird, Dutch": "Op 02-03-2026 om 10:00 schreef Ana Souza · Comity:",
    "Thunderbird, Czech": "Dne 02. 03. 26 v 10:00 Ana Souza · Comity napsal(a):",
    "Apple Mail, Italian": f"Il giorno 2 mar 2026, alle ore 10:00, Ana Souza · Comity <{ADDRESS}> ha scritto:",
    "broken in three": f"Am Montag, dem 2. März 2026 um 10:00:00 Uhr MEZ hat Ana\nSouza · Comity <{ADDRESS}>\ngeschrieben:",
    "another name in the address book": "On Mon, 2 Mar 2026 at 10:00, The marketplace wrote:",
    "Mail.ru": f"Понедельник, 2 марта 2026, 10:00 +03:00 от Ana Souza · Comity <{ADDRESS}>:",
}
#: What programs write above a quote that is not marked at all.
HEADS = {
    "Outlook, Russian": "_" * 32
    + f"\nОт: Ana · Comity <{ADDRESS}>\nОтправлено: 2 марта 2026 г. 10:00\nКому: {WRITER}\nТема: Lamp",
    "Outlook, Korean": f"보낸 사람: Ana · Comity <{ADDRESS}>\n보낸 날짜: 2026년 3월 2일 10:00\n받는 사람: {WRITER}\n제목: Lamp",
    "Outlook, Greek": "_" * 32
    + f"\nΑπό: Ana · Comity <{ADDRESS}>\nΣτάλθηκε: 2 Μαρτίου 2026\nΠρος: {WRITER}\nΘέμα: Lamp",
    "Outlook, Hebrew": f"מאת: Ana · Comity <{ADDRESS}>\nנשלח: יום שני 2 מרץ 2026\nאל: {WRITER}\nנושא: Lamp",
    "Outlook, bold": f"*From:* Ana · Comity <{ADDRESS}>\n*Sent:* Monday, March 2, 2026 10:00 AM\n*To:* {WRITER}\n*Subject:* Lamp",
    "old Outlook, Spanish": f"-----Mensaje original-----\nDe: Ana · Comity [mailto:{ADDRESS}]\nEnviado el: lunes, 2 de marzo\nPara: {WRITER}\nAsunto: Lamp",
    "QQ": f'------------------ 原始邮件 ------------------\n发件人: "Ana · Comity" <{ADDRESS}>;\n发送时间: 2026年3月2日\n收件人: <{WRITER}>;\n主题: Lamp',
    "163 for telephones": f"---- 回复的原邮件 ----\n| 发件人 | Ana · Comity<{ADDRESS}> |\n| 日期 | 2026年03月02日 10:00 |\n| 收件人 | {WRITER} |\n| 主题 | Lamp |",
    "Foxmail": "发件人： Ana · Comity\n发送时间： 2026-03-02 10:00\n收件人： li\n主题： Lamp",
    "Yandex": f'----------------\nКому: {WRITER};\nТема: Lamp;\n02.03.2026, 10:00, "Ana · Comity" <{ADDRESS}>:',
    "163": f'在 2026-03-02 10:00:00，"Ana · Comity" <{ADDRESS}> 写道：',
    "a language with no table": f"Kinuha: Ana · Comity <{ADDRESS}>\nPetsa: ika-2 ng Marso\nPara kay: {WRITER}\nPaksa: Lamp",
    "with nobody in copy": f"-----Original Message-----\nFrom: Ana · Comity <{ADDRESS}>\nTo: <{WRITER}>\nCc:\nSent: 2026-03-02 (월) 10:00\nSubject: Lamp",
    "a subject in two lines": f"Von: Ana · Comity <{ADDRESS}>\nGesendet: 2. März 2026\nAn: {WRITER}\nBetreff: Wo ist meine Lampe, auf die ich\nso lange warte",
    "Zoho": f"---- On Mon, 02 Mar 2026 10:00:00 +0100 Ana · Comity <{ADDRESS}> wrote ----",
    "Seznam": f"---------- Původní e-mail ----------\nOd: Ana · Comity <{ADDRESS}>\nKomu: {WRITER}\nDatum: 2. 3. 2026 10:00:00\nPředmět: Lamp",
    "Zimbra": f'----- Mail original -----\nDe: "Ana · Comity" <{ADDRESS}>\nÀ: "li" <{WRITER}>\nEnvoyé: Lundi 2 Mars 2026 10:00:00\nObjet: Lamp',
    "Yahoo": f"On Monday, March 2, 2026 at 10:00:00 AM GMT+1, Ana · Comity <{ADDRESS}> wrote: \n ",
    "another name in the address book": "From: The marketplace\nSent: Monday, March 2, 2026\nTo: Li\nSubject: Lamp",
}
SIGNATURES = [
    "-- \nLi Wei\nBest Lamps Ltd.\n+86 10 1234", "--\nLi", "Sent from my iPhone", "Von meinem Samsung Galaxy Smartphone gesendet.", "发自我的 iPhone",
    "Отправлено с iPhone", "Enviado desde mi iPhone", "Get Outlook for iOS<https://aka.ms/o0ukef>", "Télécharger Outlook pour Android", "iPhoneから送信",
    "Best regards,\nLi Wei\nBest Lamps Ltd.", "Mit freundlichen Grüßen\n\nLi Wei", "С уважением,\nЛи", "Atenciosamente,\nLi", "此致\n敬礼\n李伟", "Cordialement, Li",
    "Kind regards\nLi\n\nSent from my Huawei phone", "Odoslané z iPhonu", "Lähetetty iPhonesta", "发自网易邮箱大师", "Viele Grüße aus Hamburg\nLi", "Cheers,\nLi",
]  # fmt: skip
#: Nothing of these is anybody else's.
WHOLE = [
    "I wrote > 5 times\nand <b>nobody</b> answered", "Steps:\n> open the box\n> turn the screw", "Boa tarde.\nData: 12/03/2026\nTransportadora: Correios\nO código é RR1.",
    "The route:\nFrom: Shenzhen\nTo: Sao Paulo\nDate: 3 March\nSubject: to customs", "Do: send it back.\nDo not: throw away the box.\nThen we see.", "Von: Leipzig\nAn: Wien",
    "发件人：深圳\n收件人：圣保罗\n日期：3月3日", "Dear Ana,\nthanks for waiting.\n\nYour lamp has left; Li will call you at 10:00.", "---\nThe lamp is white.\n---\nThe shade is not.",
    f"You can write to {ADDRESS} as well.\nIt left today.", "Sent via DHL, number RR123456785CN.", "Enviado desde Madrid ayer", "Gesendet von Hamburg am 2. März 2026",
    "Best regards to your wife, too. The parcel will be there on Friday, I think.\nDo you need the invoice?", "Regards the colour: it is white.",
    "The carrier wrote:\nWe lost it.", "", "He never wrote", "This is how it is:\nColour: white\nSize: L\nPrice: 3 EUR", "From our side:\nColour: white\nSize: L",
    "---------- Forwarded message ---------\nFrom: Carrier <help@carrier.example>\nDate: Mon, Mar 2, 2026\nSubject: Your claim\n\nWe pay 40 EUR.",
]  # fmt: skip


def test_our_mail_is_cut_with_what_introduces_it() -> None:
    for name, head in INTRODUCTIONS.items():
        for gap in ("\n", "\n\n"):
            assert cut(f"{ANSWER}\n\n{head}{gap}{marked(OURS)}\n") == ANSWER, name
    for name, head in HEADS.items():
        assert cut(f"{ANSWER}\n\n{head}\n\n{OURS}\n") == ANSWER, name
        assert cut(f"{ANSWER}\r\n\r\n{head}\r\n\r\n{OURS}\r\n".replace("\r\n", "\n").replace("\n", "\r\n")) == ANSWER, (
            name
        )
    assert cut(OURS) == "", "nothing was written"


@pytest.mark.parametrize("text", SIGNATURES)
def test_signatures_are_cut(text: str) -> None:
    assert cut(f"{ANSWER}\n\n{text}") == ANSWER
    assert cut(f"{ANSWER}\n\n{text}\n\n{INTRODUCTIONS['Gmail, English']}\n{marked(OURS)}") == ANSWER
    assert cut(f"{ANSWER}\n\n{INTRODUCTIONS['Gmail, English']}\n{marked(OURS)}\n\n{text}") == ANSWER, "below the quote"


@pytest.mark.parametrize("text", WHOLE)
def test_what_a_person_wrote_stays(text: str) -> None:
    assert cut(text) == text
    assert cut(f"{text}\n\n{HEADS['Outlook, Russian']}\n\n{OURS}") == text
    assert cut(f"{text}\n\n{INTRODUCTIONS['Gmail, English']}\n{marked(OURS)}") == text
    assert cut(f"{text}\n\n{marked(OURS)}") == text, "with nothing that introduces the quote"


def test_an_answer_below_or_among_what_it_answers_is_found() -> None:
    head = INTRODUCTIONS["Thunderbird, Dutch"]
    assert cut(f"{head}\n{marked(OURS)}\n\n{ANSWER}\n") == ANSWER
    among = cut(
        f"See below.\n\n{head}\n{marked(OURS)}\n>\n> Which colour?\n\nWhite.\n\n> When?\nTomorrow.\n\n> Thank you!\n"
    )
    assert among == "See below.\n\n> Which colour?\n\nWhite.\n\n> When?\n\nTomorrow."
    long = "What you answer is read by the other side and kept with the\nconversation. Your address is not shown.\n> When and how"
    assert cut(f"{ANSWER}\n\n{head}\n{marked(OURS)}\n> {long}") == ANSWER, "a quoted row that was broken without a mark"
    two = cut(f"{head}\n{marked(OURS)}\n\nYes.\n\n{marked('Anything else?')}\n\nNo.")
    assert two.endswith("Yes.\n\n> Anything else?\n\nNo.")


def test_the_writers_own_address_is_not_passed_on() -> None:
    forwarded = f"See:\n\nFrom: Carrier <help@carrier.example>\nTo: <{WRITER}>\nSubject: Your claim\n\nWe lost it."
    assert WRITER not in (text := cut(forwarded))
    assert "We lost it." in text
    for head in HEADS.values():
        assert WRITER not in cut(f"{ANSWER}\n\n{head}\n\nWhere is my lamp?"), "also where our line is gone"


PAGES = {
    "<p>It left <b>today</b>.</p><script>alert(1)</script><div>Li</div><blockquote>Where is my lamp?</blockquote>": "It left today.\n\nLi",
    "<html><head><meta charset=x><title>Re</title><style>p{}</style><body><p>It left today.": "It left today.",
    '<div style="display:none;font-size:0">preview 0123</div><span hidden>x</span><p style="mso-hide:all">y</p>It left today.': "It left today.",
    '<div dir="ltr">One<div><br></div><div>Two</div></div><div class="gmail_signature">Li</div>': "One\n\nTwo",
    '<p class="MsoNormal">One</p><p class="MsoNormal">&nbsp;</p><p class="MsoNormal">Two</p><p class="MsoNormal">Three</p>': "One\n\nTwo\nThree",
    f'Yes.<div class="gmail_quote"><div class="gmail_attr">El lun, 2 mar, Ana &lt;{ADDRESS}&gt; escribió:<br></div><blockquote>##- x<br>When?</blockquote></div>': "Yes.",
    f'<p>Ja.</p><hr><div id="divRplyFwdMsg"><b>Von:</b> Ana · Comity &lt;{ADDRESS}&gt;<br><b>Gesendet:</b> 2. März<br><b>An:</b> {WRITER}</div><div>##- x</div>': "Ja.",
    "See.<blockquote type=cite>Which?</blockquote>White.<blockquote type=cite>When?</blockquote>Today.": "See.\n\n> Which?\n\nWhite.\n\n> When?\n\nToday.",
    '<blockquote style="margin:0 0 0 40px; border:none; padding:0">indented</blockquote>': "indented",
    "a &lt;b&gt; &amp; 1 < 2 <![if !mso]>c<![endif]><!-- d --><? e ?>": "a <b> & 1 < 2 c",
    '<ul><li>red<li>blue</ul><a href="https://t.example/1">Track</a>': "- red\n- blue\n\nTrack (https://t.example/1)",
    "<table><tr><td>Size</td><td></td><td>L</td></tr><tr><td>Colour<td>white</table>": "Size | L\nColour | white",
    f"Ja.<table><tr><td>发件人<td>Ana · Comity&lt;{ADDRESS}&gt;<tr><td>日期<td>2026年<tr><td>收件人<td>{WRITER}<tr><td>主题<td>L</table>Where?": "Ja.",
    '<STYLE>p{}</STYLE>It<img alt="😀"> left': "It😀 left",
}


def test_pages_are_read_as_text() -> None:
    for page, text in PAGES.items():
        assert newly_written(Page(page).rows, KNOWN) == text, page
