import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from comity.lib import canonical, chain, ids, moments, texts, zones
from comity.lib.money import Money

AT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)


def test_canonical_json_is_one_sequence_of_bytes() -> None:
    value = {"b": [1, True, None], "a": {"z": "é", "y": AT}, "d": date(2026, 3, 2)}
    assert canonical.encode(value) == (
        b'{"a":{"y":"2026-03-02T09:30:00.123456Z","z":"\xc3\xa9"},"b":[1,true,null],"d":"2026-03-02"}'
    )
    assert canonical.encode(dict(reversed(value.items()))) == canonical.encode(value)


@pytest.mark.parametrize("value", [1.5, {1: "a"}, {"a": object()}, float("nan"), {"a": {"b": [0.1]}}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.encode(value)


def test_endless_nesting_is_refused() -> None:
    value: list[object] = []
    for _ in range(100):
        value = [value]
    with pytest.raises(canonical.NotCanonical, match="nested deeper"):
        canonical.encode(value)


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(_PLAIN)
def test_canonical_json_reads_back_and_writes_the_same(value: object) -> None:
    written = canonical.encode(value)
    assert canonical.decode(written) == value
    assert canonical.encode(canonical.decode(written)) == written


def test_both_writers_of_canonical_json_write_the_same_bytes() -> None:
    """A text of a type of its own is written by the slower one."""

    class Text(str):
        pass

    text = "".join(map(chr, (*range(0x300), 0x2028, 0x2029, 0xFFFF, 0x1F600))) + '"\\/'
    for value in ({"b": text, "a": [1, -(2**62), True, None], "é": {"z": 1, "😀": 2, "\uffff": 3}}, text):
        assert canonical.encode(value) == canonical._dumps(value).encode()
    assert canonical.encode({"a": Text(text)}) == canonical.encode({"a": text})


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_read_back_to_the_microsecond_and_sort_as_text(moment: datetime) -> None:
    text = moments.to_text(moment)
    assert moments.parse(text) == moment
    assert len(text) == len("2026-01-31T23:59:59.000000Z")


def test_a_time_without_a_zone_is_refused() -> None:
    for careless in ("2026-03-02T09:30:00", "2026-03-02"):
        with pytest.raises(moments.ZonelessTime, match="zone"):
            moments.parse(careless)
    with pytest.raises(moments.ZonelessTime):
        moments.require(AT.astimezone(timezone(timedelta(hours=2))))
    assert moments.parse("2026-03-02T11:30:00.123456+02:00") == AT


def _links(bodies: list[bytes]) -> list[chain.Link]:
    links, before = [], chain.START
    for number, body in enumerate(bodies, start=1):
        before = chain.link(before, body)
        links.append(chain.Link(number, body, before))
    return links


BODIES = [b"one", b"two", b"three", b"four"]


def test_a_sound_chain_has_no_breaks_and_its_hash_is_as_documented() -> None:
    links = _links(BODIES)
    assert links[0].hash == hashlib.sha256(b"\x00" + bytes(32) + b"one").digest()
    assert list(chain.breaks(links, head=(4, links[-1].hash))) == []
    assert list(chain.breaks([], head=(0, chain.START))) == []


@pytest.mark.parametrize("position", range(4))
def test_every_changed_dropped_or_inserted_line_is_found(position: int) -> None:
    links = _links(BODIES)
    head = (4, links[-1].hash)
    changed = [*links]
    changed[position] = changed[position]._replace(body=b"other")
    inserted = [*links]
    inserted.insert(position, chain.Link(position + 1, b"new", chain.link(chain.START, b"new")))
    for tampered in (changed, links[:position] + links[position + 1 :], inserted):
        assert list(chain.breaks(tampered, head=head)), tampered


def test_a_rewritten_tail_is_found_by_its_head() -> None:
    assert list(chain.breaks(_links([*BODIES[:3], b"forged"]), head=(4, _links(BODIES)[-1].hash)))


def test_uuid7_carries_its_time_and_version() -> None:
    made = ids.uuid7(AT)
    assert made.version == 7
    assert made.int >> 80 == int(AT.timestamp() * 1000)
    assert made.variant == "specified in RFC 4122"


def test_the_same_seed_gives_the_same_identifiers() -> None:
    def some() -> list[object]:
        with ids.seeded(3):
            return [ids.uuid7(AT), ids.salt(), ids.short_key("O")]

    assert some() == some()
    assert ids.salt() != ids.salt()


def test_digests_depend_on_text_and_salt() -> None:
    assert len({ids.digest(b"a", "x"), ids.digest(b"b", "x"), ids.digest(b"a", "y")}) == 3


def test_money_is_exact() -> None:
    assert Money.of("19.99", "EUR") + Money(1, "EUR") == Money(2000, "EUR")
    assert Money.of("500", "JPY").minor == 500
    assert Money(1234, "KWD").major == Decimal("1.234")
    assert Money(5, "EUR") - Money(7, "EUR") == Money(-2, "EUR")


# ISO 4217, list one, 2026: every other currency there has hundredths.
WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
TEN_THOUSANDTHS = "CLF UYW"
NO_MINOR_UNIT = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"


@pytest.mark.parametrize("code", [each.code for each in Currency])
def test_every_currency_has_its_digits(code: str) -> None:
    digits = 0 if code in WHOLE else 3 if code in THOUSANDTHS else 4 if code in TEN_THOUSANDTHS else 2
    assert Money(0, code).exponent == digits
    assert Money.of("7", code).minor == 7 * 10**digits
    assert Money(12_345, code).major.scaleb(digits) == 12_345
    assert (Currency(code).exponent is None) is (code in NO_MINOR_UNIT)


def test_a_currency_that_nobody_knows_has_hundredths() -> None:
    assert Money.of("19.99", "QQQ").minor == 1999


@pytest.mark.parametrize("wrong", [lambda: Money(1, "euro"), lambda: Money.of("0.001", "EUR"), lambda: Money(1, "EUR") + Money(1, "USD")])  # fmt: skip
def test_money_that_makes_no_sense_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match=r"EUR|currency|euro"):
        wrong()


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "Europe", "../etc/passwd", "\x00", "\ud800", "x" * 5000])
def test_a_zone_that_nobody_knows_is_utc(name: str) -> None:
    assert not zones.is_known(name)
    assert moments.local("2026-03-02T08:00:00", name) == (datetime(2026, 3, 2, 8, tzinfo=UTC), True)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-12:00", "10000-01-01T00:00:00Z"])
def test_a_time_beyond_all_calendars_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"calendars|isoformat"):
        moments.local(text, "UTC")
    with pytest.raises(ValueError, match=r"calendars|isoformat"):
        moments.parse(text)


def test_a_text_that_shows_nothing_is_blank() -> None:
    for blank in ("", " \n\t", "\u200b\ufeff", "\u202e", "\u2800", "\u3164 \u115f", "\x00", "\u2028\u3000"):
        assert texts.is_blank(blank), ascii(blank)
    for seen in (".", "\u200ba", "好", "👍", "\u0645", "\U000e0041?"):
        assert not texts.is_blank(seen), ascii(seen)
