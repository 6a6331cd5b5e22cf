"""The language of a text: said where it is plain, and not guessed."""

from hypothesis import given
from hypothesis import strategies as st

from comity.lib.languages import UNKNOWN, language_of

PLAIN = {
    "en": ("Where is my parcel?", "Can I send it back after a month?"),
    "es": ("¿Dónde está mi paquete?", "No me queda bien, quiero devolverlo"),
    "pt": ("Onde está a minha encomenda?", "Não recebi nada ainda"),
    "fr": ("Où est mon colis ?", "Je n'ai pas reçu la facture"),
    "de": ("Wo ist mein Paket?", "Kann ich das zurückgeben?"),
    "it": ("Dove è il mio pacco?", "Non ho ancora ricevuto il rimborso"),
    "nl": ("Waar is mijn pakket?", "Kan ik het nog omruilen?"),
    "pl": ("Gdzie jest moja paczka?", "Czy mogę to zwrócić?"),
    "tr": ("Kargom nerede?", "Bu ürün ne zaman gelir?"),
    "ru": ("Где моя посылка?", "Можно вернуть?"),
    "uk": ("Де моє замовлення і коли воно їде?",),
    "zh": ("包裹在哪里？", "可以退吗"),
    "ja": ("荷物はどこですか", "返品できますか"),
    "ko": ("택배 어디에 있어요?",),
    "ar": ("أين طردي؟",),
    "he": ("איפה החבילה שלי?",),
    "th": ("พัสดุอยู่ที่ไหน",),
}


def test_plain_texts_have_their_language() -> None:
    found = {text: language_of(text) for texts in PLAIN.values() for text in texts}
    assert found == {text: language for language, texts in PLAIN.items() for text in texts}


def test_what_is_not_plain_has_none() -> None:
    for text in (
        "",
        "123 ???",
        "RR123456785CN",
        "Lisboa",
        "parcel",
        "😀",
        "Где parcel order number",
        "OK 包裹 tracking",
    ):
        assert language_of(text) == UNKNOWN, text
    assert language_of("我的 iPhone 订单在哪里，什么时候可以送到这里") == "zh", "a brand makes no mixture"


@given(st.text(max_size=300))
def test_any_text_can_be_asked_of(text: str) -> None:
    assert len(language_of(text)) <= len("other")
