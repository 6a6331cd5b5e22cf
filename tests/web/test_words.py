"""Every kind has its sentence, in every shipped language; nothing is left untranslated."""

import os
import shutil
import subprocess
import sys
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from string import Formatter
from typing import cast, get_type_hints

import polib
import pytest
from django.conf import settings
from django.utils import translation

from comity.lib.money import Money
from comity.policy.facts import KINDS, NEVER
from comity.policy.lives import LIVES, RULINGS
from comity.policy.powers import ROLES
from comity.policy.rulings import Overturn
from comity.policy.sanctions.measures import MEASURES
from comity.records import rulebooks
from comity.rulebooks import shelf
from comity.web.common import icons, words
from comity.web.common.timeline import readable, told, when
from comity.web.templatetags.comity import money
from tests.cast import assemble

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "comity" / "web" / "locale"
LANGUAGES = [code for code, _ in settings.LANGUAGES]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*KINDS, *RULINGS])
def test_every_kind_has_a_sentence(kind: str, language: str) -> None:
    with translation.override(language):
        said = words.sentence(kind, {})
    assert said
    assert said != kind
    if language != "en":
        with translation.override("en"):
            assert words.sentence(kind, {}) != said


def test_missing_values_leave_a_gap_not_an_error() -> None:
    assert words.sentence("duty.breached", {"rule": "Reply"}) == "Reply: not done by …"
    assert words.sentence("never.heard", {}) == "never.heard"


@pytest.mark.parametrize(
    ("kind", "points", "said"),
    [
        ("ledger.charged", 1, "1 point on the ledger Service"),
        ("ledger.charged", 0, "0 points on the ledger Service"),
        ("ledger.credited", 1, "1 point taken off the ledger Service"),
        ("ledger.credited", 2, "2 points taken off the ledger Service"),
        ("sanction.proposed", 1, "Freeze proposed at 1 point; a person decides"),
        ("sanction.proposed", 12, "Freeze proposed at 12 points; a person decides"),
    ],
)
def test_points_are_counted(kind: str, points: int, said: str) -> None:
    values = {"points": points, "ledger": "Service", "measure": "Freeze"}
    assert words.sentence(kind, values) == said
    with translation.override("zh-hans"):
        assert f"{points} 分" in words.sentence(kind, values)


def test_a_measure_of_a_standard_is_not_proposed_at_no_points() -> None:
    assert told("sanction.proposed", {"points": 0, "measure": "freeze"}) == "Freeze proposed; a person decides"
    assert told("sanction.proposed", {"points": 12, "measure": "freeze"}).startswith("Freeze proposed at 12 points")


@pytest.mark.django_db
def test_what_is_taken_back_says_what_it_was_and_no_cause_that_may_be_another() -> None:
    for what, said in (("sanction", "A measure is taken back"), ("charge", "Points are taken back: reply")):
        assert told("ruling.overturned", {"what": what, "rule": "reply"}).startswith(said)
    assert "became known late" in told("ruling.overturned", {"what": "duty"})


@pytest.mark.django_db
def test_names_of_the_rulebook_are_shown_as_titles() -> None:
    assemble()
    ref = next(iter(rulebooks.current())).ref
    shown = readable({"rulebook": ref, "rule": "service:earned", "ledger": "service", "points": 2})
    assert (shown["rule"], shown["ledger"], shown["points"]) == ("Earned back on the ledger Service", "Service", 2)
    assert readable({"rulebook": ref, "rule": "never heard", "ledger": "neither"})["ledger"] == "neither"


def test_translations_are_complete_and_keep_their_placeholders() -> None:
    for path in LOCALES.glob("*/LC_MESSAGES/django.po"):
        for entry in polib.pofile(str(path)):
            texts = [entry.msgstr] if not entry.msgid_plural else list(entry.msgstr_plural.values())
            assert all(texts), f"{path}: not translated: {entry.msgid}"
            assert not entry.fuzzy, f"{path}: fuzzy: {entry.msgid}"
            for text in texts:
                assert _names(text) == _names(entry.msgid_plural or entry.msgid), entry.msgid


def _names(text: str) -> set[str]:
    return {part.partition(")s")[0] for part in text.split("%(")[1:]} | {
        name for _, name, _, _ in Formatter().parse(text) if name
    }


def test_compiled_translations_are_those_of_the_texts() -> None:
    for path in LOCALES.glob("*/LC_MESSAGES/django.po"):
        compiled = polib.mofile(str(path.with_suffix(".mo")))
        texts = polib.pofile(str(path))
        assert {(e.msgctxt, e.msgid): e.msgstr for e in compiled} == {(e.msgctxt, e.msgid): e.msgstr for e in texts}


def test_texts_are_gathered_unwrapped() -> None:
    for path in LOCALES.glob("*/LC_MESSAGES/django.po"):
        lines = path.read_text("utf-8").splitlines()
        for line, after in pairwise(lines):
            if line.startswith('"') and after.startswith('"'):
                assert line.endswith('\\n"'), f"{path}: run: make translations; a text goes on after {line}"


def test_every_sentence_has_an_icon_that_there_is() -> None:
    assert {kind for kind, said in words.SENTENCES.items() if said.icon not in icons.PATHS} == set()


def test_every_code_that_a_rulebook_or_a_state_may_have_has_a_word() -> None:
    statuses = {
        (life.name, status.value)
        for life in LIVES
        for kind in (get_type_hints(life.state).values() if life.state else ())
        if isinstance(kind, type) and issubclass(kind, StrEnum)
        for status in kind
    }
    overturned = {(life.name, life.name) for life in LIVES if any(issubclass(each, Overturn) for each in life.rulings)}
    wanted = statuses | overturned | {("sanction", measure) for measure in MEASURES} | {("", role) for role in ROLES}
    assert not {(of, code) for of, code in wanted if words.CODES.keys().isdisjoint({code, f"{of}:{code}"})}


def test_what_shipped_rulebooks_ask_to_be_shown_or_answered_has_a_word() -> None:
    for name in shelf.names():
        rules = shelf.load(name).dispute
        if rules is None:
            continue
        for reason in rules.reasons.values():
            for item in (*reason.buyer_evidence, *reason.seller_evidence):
                assert item in words.CODES, f"{name}: {item}"
        for asked, values in rules.inputs.items():
            assert f"input:{asked}" in words.CODES, f"{name}: {asked}"
            for value in values:
                assert {value, f"answer:{value}"} & set(words.CODES), f"{name}: {asked} {value}"


def test_a_noun_may_have_its_own_word_for_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast(dict[str, str], words.CODES), "plan:accepted", "agreed to")
    assert (words.code("accepted", "plan"), words.code("accepted")) == ("agreed to", "accepted")
    assert words.code("never heard", "plan") == "never heard"


def test_every_text_in_code_and_pages_is_in_the_catalogue(tmp_path: Path) -> None:
    """Gathers the texts anew, as `makemessages` does, and compares."""
    copy = tmp_path / "comity"
    shutil.copytree(ROOT / "comity", copy, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    environment = {
        **os.environ,
        "COMITY_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "comity.config.settings",
        "PYTHONPATH": str(tmp_path),
    }
    environment.pop("COMITY_TEST_DATABASE", None)
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "-l", "zh_Hans", "--no-location", "--no-obsolete"],
        cwd=copy, env=environment, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    gathered = {
        entry.msgid for entry in polib.pofile(str(copy / "web" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"))
    }
    known = {entry.msgid for entry in polib.pofile(str(LOCALES / "zh_Hans" / "LC_MESSAGES" / "django.po"))}
    assert gathered == known, f"new: {gathered - known}; gone: {known - gathered}; run: make translations"


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        (Money(1999, "EUR"), "€19.99"), (Money(500, "JPY"), "¥500"), (Money(1234, "KWD"), "KWD1.234"),
        (Money(1050, "RSD"), "RSD10.5"),
    ],
)  # fmt: skip
def test_a_price_is_shown_whole(price: Money, shown: str) -> None:
    assert money(price) == shown


def test_what_waits_for_something_has_no_date() -> None:
    with translation.override("en"):
        assert when(NEVER) == "a time that is not known yet"
