"""Where an event was: its country with two letters, and in which time zone clocks go there."""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping

from babel.core import get_global

#: CLDR knows countries of three letters as aliases of those of two.
_ALIASES: Mapping[str, list[str]] = get_global("territory_aliases")
#: Of countries with several zones, the one in which most people live.
_MOST_LIVE_IN = {
    "AR": "America/Buenos_Aires", "AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto",
    "CD": "Africa/Kinshasa", "CL": "America/Santiago", "CN": "Asia/Shanghai", "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin", "EC": "America/Guayaquil", "ES": "Europe/Madrid", "FM": "Pacific/Ponape",
    "GL": "America/Godthab", "ID": "Asia/Jakarta", "KI": "Pacific/Tarawa", "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro", "MN": "Asia/Ulaanbaatar", "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland", "PF": "Pacific/Tahiti", "PG": "Pacific/Port_Moresby", "PS": "Asia/Gaza",
    "PT": "Europe/Lisbon", "RU": "Europe/Moscow", "UA": "Europe/Kiev", "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}  # fmt: skip


def country_of(written: str) -> str:
    """Return a country as ISO 3166 has it with two letters, from two or three; empty for what is none."""
    code = written.strip().upper()
    if len(code) == 3:
        code = next(iter(_ALIASES.get(code, ())), "")
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def zone_of(country: str, city: str) -> str:
    """Return the name of the zone of a place; empty where it is not known. `country`: two letters."""
    zones = _ZONES.get(country, {})
    if (named := zones.get(_plain(city.partition(",")[0]))) is not None:
        return named  # zones are called by their largest city
    return _MOST_LIVE_IN.get(country) or (next(iter(zones.values())) if len(zones) == 1 else "")


def _plain(city: str) -> str:
    """Return a city as zones are called: without marks above letters, in lower case."""
    letters = unicodedata.normalize("NFKD", city)
    return "".join(sign for sign in letters if not unicodedata.combining(sign)).strip().lower()


def _zones() -> dict[str, dict[str, str]]:
    zones: dict[str, dict[str, str]] = defaultdict(dict)
    for name, country in get_global("zone_territories").items():
        zones[country][name.rpartition("/")[2].replace("_", " ").lower()] = name
    return dict(zones)


#: By country, its zones by the cities after which they are called.
_ZONES = _zones()
