"""In which language is a text? By its script, and among those written in Latin letters by their small words.

Only what is plain is said: a text of one or two names, or one that two languages share, has no known language. The
page's language says nothing of it: people write as they like, whatever language their pages are in.
"""

import re
import unicodedata
from collections import Counter

MAX_CHARS = 2_000
UNKNOWN = ""

#: Small words of languages in Latin letters; a word that several of them have counts for each.
_SMALL = {
    "en": "the is are was my i you it and to of in for where when how what which can do does did have has not this "
          "that with will would please will your a an me we could there any much long",
    "es": "el la los las es son mi yo y de en para dónde donde cuándo cuando cómo como qué cuál puedo tiene tienen "
          "no este esta con por favor un una me lo hay cuánto cuanto está están hola quiero mis se si al del",
    "pt": "o a os as é são meu minha eu e de em para onde quando como que qual posso tem têm não nao este esta com "
          "por favor um uma me vocês voces você há quanto está estão olá oi quero do da no na ao pra pro dá já "
          "ainda meus se pode podem vai foi fui veio fazem mais muito dois duas pelo pela errado",
    "fr": "le la les est sont mon ma je et de en pour où quand comment que quel quelle puis avez a ne pas ce cette "
          "avec un une me vous y combien il elle mes du des au bonjour c'est j'ai",
    "de": "der die das ist sind mein meine ich und zu von in für wo wann wie was welche kann haben hat nicht dieser "
          "diese mit ein eine mir sie es gibt bitte noch wird auf den dem",
    "it": "il lo la gli le è sono mio mia io e di in per dove quando come che quale posso avete ha non questo "
          "questa con un una mi si quanto c'è ci ancora vorrei del della al",
    "nl": "de het een is zijn mijn ik en van in voor waar wanneer hoe wat welke kan heeft hebben niet dit dat met "
          "mij jullie er nog naar op wordt kunt graag",
    "pl": "jest są moje moja mój ja i do z w na dla gdzie kiedy jak co który czy mogę nie to ten z mi się ile już "
          "proszę za",
    "tr": "ne nerede zaman nasıl hangi bir bu ve için var mı mi mu mü değil ben benim kaç ile lütfen çok",
    "id": "di ke yang dan saya apa kapan bagaimana mana bisa ini itu untuk dengan tidak ada berapa sudah belum "
          "pesanan kak",
    "vi": "là của tôi và ở đâu khi nào thế như có không cho này được bao nhiêu bạn mình chưa hàng",
    "sv": "är det en ett min mitt jag och till av i för var när hur vad vilken kan har inte detta med mig ni",
    "ro": "este sunt meu mea eu și de în pentru unde când cum ce care pot aveți nu acest cu un o mi cât",
    "cs": "je jsou můj moje já a do z v na pro kde kdy jak co který mohu ne to s mi se kolik už prosím",
}  # fmt: skip
_LISTED: dict[str, frozenset[str]] = {language: frozenset(words.split()) for language, words in _SMALL.items()}
#: Letters that hardly any other of these languages has.
_OWN_SIGNS = {
    "ñ": "es", "¿": "es", "¡": "es", "ã": "pt", "õ": "pt", "ß": "de", "ł": "pl", "ż": "pl", "ğ": "tr", "ı": "tr",
    "ř": "cs", "ů": "cs", "ț": "ro", "ș": "ro", "ơ": "vi", "ư": "vi", "đ": "vi", "å": "sv",
}  # fmt: skip
#: How Unicode's names of letters begin, and the language that is meant by most who write so.
_SCRIPTS = {
    "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CYRILLIC": "ru", "ARABIC": "ar", "HEBREW": "he",
    "THAI": "th", "GREEK": "el", "DEVANAGARI": "hi", "BENGALI": "bn", "TAMIL": "ta", "GEORGIAN": "ka", "ARMENIAN": "hy",
    "LATIN": "latin",
}  # fmt: skip
#: Letters that one language of a script has and the one named above does not.
_NEIGHBOURS = {"ru": {"uk": "іїєґ", "be": "ў", "kk": "әғқңөұүһ"}, "ar": {"fa": "پچژگ"}}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def language_of(text: str) -> str:
    """Return the two letters of a text's language (ISO 639-1), or UNKNOWN where that is not plain."""
    read = unicodedata.normalize("NFKC", text[:MAX_CHARS]).lower()
    scripts = Counter(filter(None, map(_script, read)))
    if not scripts:
        return UNKNOWN
    script = "ja" if scripts["ja"] else scripts.most_common(1)[0][0]
    # A brand in other letters makes no mixture; half a text does.
    if script != "ja" and scripts[script] < 0.6 * scripts.total():
        return UNKNOWN
    if script == "latin":
        return _of_latin(read)
    return next((name for name, signs in _NEIGHBOURS.get(script, {}).items() if set(signs) & set(read)), script)


def _script(sign: str) -> str:
    if not sign.isalpha():
        return ""
    return _SCRIPTS.get(unicodedata.name(sign, "").partition(" ")[0].partition("-")[0], "other")


def _of_latin(read: str) -> str:
    """Return the one language with the most small words and signs of its own; UNKNOWN where two are alike."""
    words = [word.replace("’", "'") for word in _WORD.findall(read)]
    found = Counter(language for word in words for language, small in _LISTED.items() if word in small)
    found.update(_OWN_SIGNS[sign] for sign in read if sign in _OWN_SIGNS)
    (first, most), (_, next_) = [*found.most_common(2), (UNKNOWN, 0), (UNKNOWN, 0)][:2]
    return first if most > next_ else UNKNOWN
