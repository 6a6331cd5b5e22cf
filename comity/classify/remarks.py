"""What a writer may want to look at again before sending: ways out of the marketplace, what was said already, tone.

Only remarks: nothing is blocked and nothing recorded, and each names the words that it is about. Word lists in the
languages of the pages and of large marketplaces; telephone numbers by the rules of each country (phonenumbers).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import phonenumbers
from babel.core import get_global

MAX_REMARKS = 8
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"']+|\bt\.me/\w+|\bwa\.me/\d+", re.IGNORECASE)
_MESSENGERS = re.compile(
    r"\b(?:whats ?app|telegram|we ?chat|viber|line id|skype)\b"
    r"|微信|加[我]?[vV]\b|企鹅号|扣扣|\bQQ\b|вотсап|телеграм|واتساب|تيليجرام",
    re.IGNORECASE,
)
_PAYMENT = re.compile(
    r"\b(?:paypal|western union|moneygram|zelle|venmo|cash ?app|bank transfer|wire transfer|bitcoin|usdt|revolut"
    r"|alipay|pix|transferencia bancaria|überweisung|virement)\b"
    r"|支付宝|微信支付|转账|银行卡号|перевод на карту|حوالة بنكية",
    re.IGNORECASE,
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_RUDE = re.compile(
    r"\b(?:idiots?|stupid|morons?|liars?|shut up|scammers?|fuck\w*|shit\w*|bastards?|asshole|dumb"
    r"|mentirosos?|estúpid[oa]s?|idiotas?|imbécil(?:es)?|dummkopf|lügner|burro|otári[oa]s?)\b"
    r"|傻[逼瓜]|骗子|白痴|滚开|蠢货|идиот\w*|дурак\w*|غبي|كذاب",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"[?？؟]|请(?:提供|发|告)|\b(?:please (?:send|give|tell|provide)|send us|could you)\b", re.IGNORECASE
)
#: What a writer may ask for, and how that sounds.
_ASKED = {
    "order_number": re.compile(
        r"\border (?:number|no\.?|id|key)|which order|número de(?:l)? (?:pedido|orden)|bestellnummer"
        r"|订单(?:号|编号)|номер заказа|رقم الطلب",
        re.IGNORECASE,
    ),
    "picture": re.compile(r"\b(?:photos?|pictures?|images?|fotos?|bild(?:er)?)\b|照片|图片|фото|صورة", re.IGNORECASE),
    "email": re.compile(r"\be-?mail address\b|邮箱", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to look at again: email, link, messenger, payment, phone, tone, shouting or said; and its words."""

    code: str
    words: str


def remarks(text: str, *, zones: Iterable[str] = (), said: frozenset[str] = frozenset()) -> list[Remark]:
    """Return what to look at again in `text`, at most MAX_REMARKS.

    zones   time zones of those who talk: whose countries' telephone numbers to look for
    said    what the reader of the text said already: order_number, picture, email
    """
    remarked = dict.fromkeys(_found(text, zones, said))
    return list(remarked)[:MAX_REMARKS]


def _found(text: str, zones: Iterable[str], said: frozenset[str]) -> Iterator[Remark]:
    for code, pattern in (("email", _EMAIL), ("link", _LINK), ("messenger", _MESSENGERS), ("payment", _PAYMENT)):
        yield from (Remark(code, match[0][:60]) for match in pattern.finditer(text))
    yield from (Remark("payment", match[0]) for match in _IBAN.finditer(text) if _is_iban(match[0]))
    yield from (Remark("phone", number) for number in _numbers(text, zones))
    yield from (Remark("tone", match[0]) for match in _RUDE.finditer(text))
    if shouted := _shouted(text):
        yield Remark("shouting", shouted)
    if _QUESTION.search(text):
        for what, pattern in _ASKED.items():
            if what in said and (match := pattern.search(text)):
                yield Remark("said", match[0])


def _numbers(text: str, zones: Iterable[str]) -> Iterator[str]:
    """Yield telephone numbers as written: international ones, and national ones of the countries of `zones`."""
    # CLDR says in which country a zone lies; without one, only international numbers are found.
    territories = {get_global("zone_territories").get(zone) for zone in zones} | {None}
    for territory in sorted(territories, key=str):
        for match in phonenumbers.PhoneNumberMatcher(text, territory):
            yield match.raw_string


def _shouted(text: str) -> str:
    """Return a stretch of at least three words in capitals or four marks in a row, else nothing."""
    if marks := re.search(r"[!?！？]{4,}", text):
        return marks[0][:10]
    capitals = re.search(r"(?:\b[A-ZÄÖÜÁÉÍÓÚÑÇА-Я]{3,}\b[ ,!?.]*){3,}", text)
    return capitals[0].strip()[:60] if capitals else ""


def _is_iban(text: str) -> bool:
    """Whether the check digits of an account number are right (ISO 13616)."""
    plain = text.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1
