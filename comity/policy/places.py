"""Whether a carrier delivered where the order was to go, by what it says of the place: sure, or not known. Pure.

A parcel that was carried to another town was not delivered, whatever its carrier calls it. Places are written in many
ways, though, and a wrong "elsewhere" takes a true delivery from a seller: so whatever may be the same place is.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from babel import Locale


@dataclass(frozen=True, slots=True)
class Place:
    """A place as it is written; what is not known is empty.

    country    ISO 3166, two letters
    region     its subdivision without the country, such as SP
    town       a town, or what a carrier wrote as the place: "3000 Melbourne", "Melbourne VIC, AU", "parcel locker"
    """

    country: str = ""
    postcode: str = ""
    town: str = ""
    region: str = ""


def differs(told: Place, wanted: Place) -> str:
    """Return by what `told` is surely another place than `wanted`: country, postcode or town; empty where it is not.

    Where both have a postcode, that decides, unless the town is told as the same: carriers give their depot's.
    """
    if told.country and wanted.country and _whole(told.country) != _whole(wanted.country):
        return "country"
    text = _plain(told.town)
    ours = _letters(_plain(wanted.postcode))
    if ours:
        code = _letters(_plain(told.postcode))
        codes = list(_codes(text, ours))
        if code or codes:
            same = _same_code(code, ours, told.country or wanted.country) if code else ours in codes
            town = _plain(wanted.town)
            return "" if same or (town and town in text) else "postcode"
    return "town" if _other_town(text, wanted) else ""


def both(told: Place, wanted: Place) -> tuple[str, str]:
    """Return two places as they are told side by side: by postcode, else by town, else by country."""
    ours = _letters(_plain(wanted.postcode))
    theirs = told.postcode.strip() or next(iter(_codes(_plain(told.town), ours) if ours else ()), "").upper()
    if theirs and ours:
        return theirs, wanted.postcode.strip()
    return (told.town.strip(), wanted.town.strip()) if told.town and wanted.town else (told.country, wanted.country)


#: What posts and carriers count as a part of a larger country, or write as one.
_PARTS = {
    "US": "PR VI GU AS MP UM", "GB": "GG JE IM", "FR": "GP MQ GF RE YT PM BL MF NC PF WF MC", "CN": "HK MO TW",
    "FI": "AX", "NO": "SJ", "DK": "FO GL", "NL": "CW AW SX BQ", "AU": "CX CC NF", "IT": "VA SM", "RS": "XK",
}  # fmt: skip
_WHOLE = {part: whole for whole, parts in _PARTS.items() for part in parts.split()}


def _whole(country: str) -> str:
    code = country.upper()
    return _WHOLE.get(code, code)


#: Letters that decompose into nothing plainer, as they are written without them.
_SPELT = str.maketrans({"ß": "ss", "ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def _plain(text: str) -> str:
    """Return a text in lower case, without marks above letters, its digits those of ASCII, its signs spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold()).translate(_SPELT)
    kept = []
    for sign in letters:
        if unicodedata.combining(sign):
            continue
        if (digit := unicodedata.decimal(sign, None)) is not None:
            kept.append(str(digit))
        else:
            kept.append(sign if sign.isalnum() or sign == "-" else " ")
    return " ".join("".join(kept).split())


def _letters(plain: str) -> str:
    return "".join(sign for sign in plain if sign.isalnum())


#: So much of a postcode names a place already: a carrier may write 80010 for 80010-000, or SW1A for SW1A 1AA.
_LEAST_CHARS = 3


def _same_code(one: str, other: str, country: str) -> bool:
    short, long = sorted((_bare(one, country), _bare(other, country)), key=len)
    return short == long or (len(short) >= _LEAST_CHARS and long.startswith(short))


def _bare(code: str, country: str) -> str:
    """Return a postcode without the sign of its country before it: D-10115, AU 3000."""
    sign = re.match(r"[a-z]{1,2}(?=[0-9])", code)
    if sign is None or not country:
        return code
    is_countrys = sign[0] == country.lower() or (len(sign[0]) == 1 and country.lower().startswith(sign[0]))
    # In Britain and Canada postcodes begin with letters of their own.
    return code[sign.end() :] if is_countrys and country.upper() not in ("GB", "CA", "IE", "MT") else code


def _codes(text: str, ours: str) -> Iterator[str]:
    """Yield what may be a postcode in a text; `ours` itself for one that is the same.

    A number is one only where it looks like ours: other numbers are of streets, counters and lockers.
    """
    if _names_a_spot(text):
        return
    words = text.split()
    shape = _shape(ours)
    for first in range(len(words)):
        for last in range(first + 1, min(first + 5, len(words)) + 1):
            code = _letters("".join(words[first:last]))
            bare = re.sub(r"^[a-z]{1,2}(?=[0-9]+$)", "", code)
            if ours in (code, bare):
                yield ours
            elif _shape(code) == shape and any(sign.isdigit() for sign in code):
                yield code
            elif _shape(bare) == shape and bare.isdigit() and "-" in text:
                yield bare


def _shape(code: str) -> str:
    return "".join("9" if sign.isdigit() else "a" for sign in code)


#: Words of a place within a town, or of a carrier's own.
_SPOTS = re.compile(
    r"\b(?:door|porch|reception|lockers?|box|hub|depot|facility|cent(?:er|re)|warehouse|station|office|mail|shop|store|point"
    r"|terminal|port|airport|gate|garage|garden|desk|room|ups|dhl|fedex|usps|gls|dpd|address|customer|home|transit|unknown|na"
    r"|agencia|correos|sucursal|portaria|unidade|agence|bureau|relais|gardien|ufficio|magazzino|punkt|kantoor|buren|postnl"
    r"|(?:neighbo|sorting|distribut|parcel|packstation|paket|filiale|nachbar|haust|briefkasten|paczkomat|sortow"
    r"|internation)\w*)\b"
)


def _names_a_spot(text: str) -> bool:
    return _SPOTS.search(text) is not None


def _other_town(text: str, wanted: Place) -> bool:
    """Whether a text surely names another town than the one that is wanted."""
    town = _plain(wanted.town)
    if not town or not text or _names_a_spot(text):
        return False
    region, ours = _words(_plain(wanted.region)), _words(town)
    parts = [word for word in _words(text) if word in ours or not (word in region or word in _country_words())]
    initials = "".join(word[0] for word in _words(text))
    if region and initials.startswith("".join(region)):  # New South Wales, where NSW is the region
        return False
    # A code of an airport or a state, or what is left of a number, names no town that could be compared.
    if not _comparable(parts, ours) or ("".join(parts).isascii() and sum(map(len, parts)) <= _LEAST_CHARS):
        return False
    return not _alike(parts, ours)


def _words(plain: str) -> list[str]:
    """Return the words of a place without numbers, each as it is spelt where there are no umlauts."""
    words = (_WRITTEN_OUT.get(word, word) for word in re.split(r"[\s-]+", plain))
    return [_folded(word) for word in words if word and not any(sign.isdigit() for sign in word)]


_WRITTEN_OUT = {"st": "saint", "sankt": "saint", "ste": "saint", "sainte": "saint", "mt": "mount", "ft": "fort"}


def _folded(word: str) -> str:
    for written, plain in (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"), ("ss", "s")):
        word = word.replace(written, plain)
    return word


def _comparable(one: Sequence[str], other: Sequence[str]) -> bool:
    return bool(one) and bool(other) and _script("".join(one)) == _script("".join(other))


def _script(text: str) -> str:
    return unicodedata.name(text[0], "?").partition(" ")[0]


#: So alike, one may be the other with a slip of the pen.
_SLIP = 0.75


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names of towns may be the same: in part, by a slip, by another language's name."""
    if set(one) & set(other) - _FILLERS:
        return True
    first, second = "".join(one), "".join(other)
    if first in second or second in first or SequenceMatcher(None, first, second).ratio() >= _SLIP:
        return True
    return any(_one_of(first, names) and _one_of(second, names) for names in _NAMES)


def _one_of(text: str, names: Sequence[str]) -> bool:
    return any(name in text for name in names)


_FILLERS = {
    "am", "an", "der", "die", "de", "la", "le", "el", "do", "da", "del", "di", "du", "upon", "on", "sur", "city",
    "town", "new", "north", "south", "east", "west", "saint", "san", "santa", "sao", "port", "nova", "nueva", "bad",
    "los",
}  # fmt: skip
#: Towns that are called otherwise in other languages, as `_folded` writes them.
_NAMES = tuple(
    tuple(_folded(_plain(name)) for name in line.split())
    for line in (
        "Wien Vienna Vienne Viena Bécs Wenen", "München Munich Monaco Múnich Mnichov Monachium",
        "Köln Cologne Colonia Keulen",
        "Praha Prague Prag Praga", "Warszawa Warsaw Warschau Varsovie Varsovia", "Moskva Moscow Moskau Moscou",
        "København Copenhagen Kopenhagen Copenhague", "Lisboa Lisbon Lissabon Lisbonne", "Roma Rome Rom",
        "Milano Milan Mailand", "Napoli Naples Neapel", "Firenze Florence Florenz", "Venezia Venice Venedig Venise",
        "Torino Turin", "Genova Genoa Genua Gênes", "Genève Geneva Genf Ginevra", "Zürich Zurigo", "Basel Basle Bâle",
        "Bruxelles Brussel Brüssel Brussels Bruselas", "Antwerpen Antwerp Anvers Amberes", "Gent Ghent Gand",
        "Liège Luik Lüttich", "Brugge Bruges", "Mons Bergen", "Kortrijk Courtrai", "Leuven Louvain", "Namur Namen",
        "Haag Hague Haye Gravenhage", "Athina Athens Athen Athènes", "Thessaloniki Saloniki",
        "București Bucharest Bukarest",
        "Beograd Belgrade Belgrad", "Kyiv Kiev Kijów Kiew", "Lviv Lwów Lemberg Lvov", "Kraków Cracow Krakau Cracovie",
        "Wrocław Breslau", "Gdańsk Danzig", "Poznań Posen", "Szczecin Stettin", "Łódź Lodz", "Brno Brünn",
        "Bratislava Pressburg Pozsony", "Ljubljana Laibach", "Göteborg Gothenburg", "Helsinki Helsingfors", "Turku Åbo",
        "Tampere Tammerfors", "Tallinn Reval", "Vilnius Wilno", "Sevilla Seville", "Zaragoza Saragossa",
        "Donostia Sebastián",
        "Nürnberg Nuremberg", "Hannover Hanover", "Braunschweig Brunswick", "Regensburg Ratisbon", "Aachen Aix Aken",
        "Nice Nizza", "Marseille Marsella", "Lyon Lione Lyons", "Strasbourg Straßburg", "Lille Rijsel",
        "Beijing Peking Pékin", "Guangzhou Canton Kanton", "Mumbai Bombay", "Kolkata Calcutta", "Chennai Madras",
        "Bengaluru Bangalore", "Yangon Rangoon", "Saigon Chi-Minh HCMC", "Krung Bangkok", "Quảng Jakarta Djakarta",
        "Cairo Qahira Kairo", "Alger Algiers", "Casablanca Dar-el-Beida", "Tanger Tangier", "Dimashq Damascus",
        "Istanbul Konstantinopel", "Izmir Smyrna", "Jerusalem Yerushalayim", "Havana Habana", "México CDMX Federal",
        "Montréal Montreal", "Petersburg Peterburg", "Tshwane Pretoria",
    )
)  # fmt: skip


@cache
def _country_words() -> frozenset[str]:
    """Return the words of the countries' names in the languages of carriers, and their codes."""
    words: set[str] = set()
    for language in ("en", "de", "fr", "es", "pt", "it", "nl", "pl"):
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2:
                words.add(code.lower())
                words.update(_words(_plain(name)))
    return frozenset(words - _TOWNS_TOO)


#: In countries' names, and of towns that are not called after their country alone.
_TOWNS_TOO = frozenset(
    {"mexico", "york", "singapore", "luxembourg", "luxemburg", "kuwait", "panama", "guatemala", "monaco"}
)
