"""Statements for the Transparency Database: what one says, its limits, and batches that are taken whole or not at all."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.cli.main import main
from comity.integrations.transparency import sending
from comity.integrations.transparency.statements import STATED, problems, puid_of, statement
from comity.lib.moments import to_text
from comity.policy.sanctions.measures import MEASURES
from comity.records.models import Party, Sanction, TransparencyStatement
from tests.actions.sanctions.rules import staged, violation
from tests.cast import Cast, hours
from tests.data import real

AT = datetime(2026, 5, 1, 9, tzinfo=UTC)
AUTOMATIC = """
[[ledger.rung]]
at = 12
measure = "freeze"
length = "7 days"
notice = "48 hours"
decided_by = "automatic"
"""

texts = st.text(max_size=3_000)
moments = st.integers(0, 5_000).map(lambda days: datetime(2020, 1, 1, 12, tzinfo=UTC) + timedelta(days=days))
charges = st.fixed_dictionaries(
    {"at": moments.map(to_text), "rule": texts, "rulebook": st.just("b@1"), "weighed": st.integers(-5, 60)}
)
said = st.one_of(
    st.fixed_dictionaries(
        {"sum": st.fixed_dictionaries({"points": st.integers(0, 99), "threshold": st.integers(0, 99)}),
         "charges": st.lists(charges, min_size=1, max_size=80)}
    ),
    st.fixed_dictionaries(
        {"standard": st.fixed_dictionaries({"rule": texts}),
         "windows": st.lists(
             st.fixed_dictionaries({"begin": moments.map(to_text), "end": moments.map(to_text), "span": texts,
                                    "counted": st.integers(0, 10**6), "faulty": st.integers(0, 10**6),
                                    "limits": st.lists(texts, max_size=3), "kept": st.booleans()}), max_size=3)}
    ),
    st.fixed_dictionaries({"duty": st.fixed_dictionaries({"rule": texts, "broken_at": moments.map(to_text)})}),
    st.fixed_dictionaries({"agent": st.fixed_dictionaries({"rule": texts})}),
)  # fmt: skip


@st.composite
def measures(draw: st.DrawFn) -> Sanction:
    """A measure of any kind with any statement of reasons."""
    party = Party(role=draw(st.sampled_from(["seller", "buyer"])), uuid=draw(st.uuids()))
    words = draw(said) | {
        "automated_detection": draw(st.booleans()),
        "automated_decision": draw(st.sampled_from(["fully", "partially", "not"])),
    }
    placed = draw(moments)
    return Sanction(
        party=party, key=draw(st.from_regex(r"[0-9a-f]{20}", fullmatch=True)), measure=draw(st.sampled_from(STATED)),
        issue=draw(st.integers(0, 9)), rulebook="b@1", at=placed, placed_at=placed, statement=words,
        effective_at=draw(st.none() | st.just(placed + timedelta(days=2))),
        until=draw(st.none() | st.just(placed + timedelta(days=9))), of=draw(st.sampled_from([[], ["listing:1"]])),
        asked_by=draw(st.sampled_from(["", "agent:noor"])),
    )  # fmt: skip


@settings(max_examples=1_000)
@given(measures(), texts)
def test_a_statement_keeps_the_limits_of_the_database(row: Sanction, ground: str) -> None:
    body = statement(row, ground=ground)
    assert problems(body) == []
    assert json.loads(json.dumps(body)) == body
    ends = [name for name in body if name.startswith("end_date_")]
    assert len(ends) == (row.until is not None), "no end date says that it has no end"


def test_what_restricts_is_stated_and_nothing_else() -> None:
    assert set(MEASURES) - set(STATED) == {"warning", "badge", "lower fee"}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"puid": "a b"}, "puid is not as it must be"),
        ({"puid": "x" * 501}, "puid is not as it must be"),
        ({"decision_facts": "x" * 5_001}, "decision_facts is not as it must be"),
        ({"incompatible_content_explanation": "x" * 2_001}, "incompatible_content_explanation is not as it must be"),
        ({"incompatible_content_ground": ""}, "incompatible_content_ground is missing"),
        ({"decision_account": None}, "one decision is needed: visibility, monetary, provision or account"),
        ({"decision_account": None, "decision_monetary": "DECISION_MONETARY_OTHER"}, "decision_monetary_other is missing"),
        ({"application_date": "1 May 2026"}, "application_date is no day"),
        ({"automated_detection": True}, "automated_detection is not as it must be"),
    ],
)  # fmt: skip
def test_what_the_database_would_not_take_is_found_before(change: dict[str, Any], wrong: str) -> None:
    row = Sanction(
        party=Party(role="seller", uuid=UUID(int=1)), key="k", measure="freeze", rulebook="b@1", at=AT, placed_at=AT,
        statement={"automated_decision": "fully", "agent": {"rule": "spam"}},
    )  # fmt: skip
    assert problems(statement(row, ground="Conduct") | change) == [wrong]


def test_the_sample_statements_keep_the_limits_and_use_known_values() -> None:
    samples = real("dsa-transparency")
    enums = json.loads((samples / "schema_enums.json").read_text())
    single = json.loads((samples / "fixture_example_statement.json").read_text())
    several = json.loads((samples / "fixture_example_multi_statements.json").read_text())["statements"]
    assert [problems(each) for each in (single, *several)] == [[]] * (1 + len(several))
    known = {name for values in enums["enums"].values() for name in values}
    row = Sanction(
        party=Party(role="seller", uuid=UUID(int=1)), key="k", rulebook="b@1", at=AT, placed_at=AT, until=AT,
        statement={"automated_decision": "fully"},
    )  # fmt: skip
    for row.measure in STATED:
        body = statement(row, ground="Conduct")
        assert set(body) <= set(enums["request_fields"])
        codes = [each for value in body.values() for each in (value if isinstance(value, list) else [value])]
        assert {each for each in codes if each.isupper() and "_" in each} <= known


# Sending


class Database:
    """A transparency database that plays: it knows puids, and answers as it is told."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.batches: list[list[dict[str, Any]]] = []
        self.bad: set[str] = set()
        self.silent = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        batch = json.loads(request.content)["statements"]
        self.batches.append(batch)
        puids = [each["puid"] for each in batch]
        if old := [puid for puid in puids if puid in self.known]:
            said = {"message": "not all unique", "errors": {"puid": ["The identifiers exist."], "existing_puids": old}}
            return httpx.Response(422, json=said)
        if wrong := [f"statements.{place}.category" for place, puid in enumerate(puids) if puid in self.bad]:
            return httpx.Response(422, json={"errors": {name: ["is invalid"] for name in wrong}})
        self.known.update(puids)
        if self.silent:
            self.silent -= 1
            raise httpx.ReadTimeout("no answer")
        return httpx.Response(201, json={"statements": []})


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("COMITY_TRANSPARENCY_URL", "https://transparency.example/api/v1/statements")
    monkeypatch.setenv("COMITY_TRANSPARENCY_TOKEN", "secret")
    return Database()


def sent(database: Database, now: datetime) -> int:
    return sending.send_due(now, transport=httpx.MockTransport(database))


def hundred(cast: Cast) -> list[TransparencyStatement]:
    """A hundred statements that wait, p1 to p100."""
    violation(cast, hours(0), 12)
    row = Sanction.objects.get()
    TransparencyStatement.objects.all().delete()
    made = [
        TransparencyStatement(sanction=row, issue=n, puid=f"p{n}", body={"puid": f"p{n}"}, made_at=AT, due_at=AT)
        for n in range(1, 101)
    ]
    return TransparencyStatement.objects.bulk_create(made)


@pytest.mark.django_db
def test_one_that_is_known_does_not_stop_the_other_ninety_nine(database: Database) -> None:
    hundred(staged(AUTOMATIC))
    database.known.add("p37")
    assert sent(database, AT) == 100
    first, second = database.batches
    assert len(first) == 100
    assert second == [each for each in first if each["puid"] != "p37"], "the same puids and texts"
    known = TransparencyStatement.objects.get(was_known=True)
    assert (known.puid, known.accepted_at) == ("p37", AT)
    assert TransparencyStatement.objects.filter(accepted_at=AT).count() == 100
    assert sent(database, AT + timedelta(days=1)) == 0, "nothing is sent again"
    assert len(database.batches) == 2


@pytest.mark.django_db
def test_after_a_time_out_the_same_is_sent_again_and_known_is_accepted(database: Database) -> None:
    hundred(staged(AUTOMATIC))
    database.silent = 1  # it took them, and its answer was lost
    assert sent(database, AT) == 0
    waiting = TransparencyStatement.objects.filter(accepted_at=None)
    assert waiting.count() == 100
    assert "ReadTimeout" in waiting[0].failed_why
    assert sent(database, AT + timedelta(seconds=30)) == 0, "not yet"
    later = AT + timedelta(minutes=2)
    assert sent(database, later) == 100
    assert database.batches[0] == database.batches[1]
    assert TransparencyStatement.objects.filter(accepted_at=later, was_known=True).count() == 100


@pytest.mark.django_db
def test_one_that_is_not_taken_keeps_no_other_waiting(database: Database) -> None:
    hundred(staged(AUTOMATIC))
    database.bad = {"p5", "p60"}
    assert sent(database, AT) == 98
    assert {row.puid for row in TransparencyStatement.objects.filter(accepted_at=None, due_at=None)} == {"p5", "p60"}
    assert "not taken" in TransparencyStatement.objects.get(puid="p5").failed_why


@pytest.mark.django_db
def test_a_placed_measure_is_stated_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cast = staged(AUTOMATIC)
    violation(cast, hours(0), 12)
    row = Sanction.objects.get()
    file = tmp_path / "statements.json"
    with pytest.raises(SystemExit) as ended:
        main(["transparency", "export", "--dry-run", str(file)])
    assert ended.value.code == 0
    (body,) = json.loads(file.read_text())["statements"]
    assert body["puid"] == puid_of(row)
    assert body["incompatible_content_ground"] == "small@1: Conduct"
    assert body["automated_decision"] == "AUTOMATED_DECISION_FULLY"
    assert row.until is not None
    assert body["end_date_account_restriction"] == row.until.date().isoformat()
    assert not TransparencyStatement.objects.exists(), "a dry run changes nothing"
    assert (sending.plan(AT), sending.plan(AT)) == (1, 0)
    assert TransparencyStatement.objects.get().body == body
    assert sent(database, AT) == 1
    monkeypatch.setenv("COMITY_TRANSPARENCY_URL", "")
    assert (sending.plan(AT), sent(database, AT)) == (0, 0), "nothing is sent where nobody asked for it"
