"""What is sent by who may send it and is no message: answered, never a failure, and nothing is kept of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.actions.network.issue import Invalid
from comity.integrations.igm import reading, signing
from comity.records.models.network import NetworkIssue, NetworkMessage
from tests.disputing import Stage
from tests.integrations.igm.stage import BUYER, World

REST: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def message(world: World, api: str = "issue", **said: Any) -> bytes:
    at = world.now.isoformat()
    issue = {
        "id": "I1", "status": "OPEN", "level": "ISSUE", "created_at": at, "refs": [{"ref_id": "O1", "ref_type": "ORDER"}],
        "expected_resolution_time": {"duration": "P1D"}, "descriptor": {"code": "ITM004", "short_desc": "broken"},
        "actions": [{"id": "A1", "descriptor": {"code": "OPEN"}, "action_by": "NP1"}],
    }  # fmt: skip
    context = {
        "domain": "ONDC:RET10", "action": api, "bap_id": "buyerapp.com", "bap_uri": "https://buyerapp.com/ondc",
        "bpp_id": "sellerapp.com", "transaction_id": "T1", "message_id": "M1", "timestamp": at,
    }  # fmt: skip
    return json.dumps({"context": context, "message": said or {"issue": issue}}).encode()


def sent(world: World, api: str, raw: bytes) -> tuple[int, str, str]:
    status, said = world.post(api, raw, {"Authorization": signing.header(BUYER, raw, world.now)})
    return status, said["message"]["ack"]["status"], said.get("error", {}).get("code", "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"NP1"', "NaN"), ('"NP1"', "1e999"), ('"NP1"', "-Infinity"), ('"NP1"', "9" * 5_000),
        ('"I1"', r'"\ud800"'), ('"M1"', r'"\ud800"'), ('"O1"', r'"\udfff"'), ('"broken"', r'"so \ud83d broken"'),
        ('"NP1"', r'"\u0000"'), ('"action_by"', r'"\u0000"'),
        ('"NP1"', "[" * 900 + "]" * 900), ('"NP1"', '{"a":' * 90 + "1" + "}" * 90),
        ("P1D", "P999999999D"), ("P1D", "-P1D"), ("P1D", "P4000D"),
    ],
)  # fmt: skip
def test_what_no_database_takes_or_no_clock_counts_is_a_nack(
    world: World, here: Stage, before: str, after: str
) -> None:  # fmt: skip
    del here
    raw = message(world)
    assert before.encode() in raw
    assert sent(world, "issue", raw.replace(before.encode(), after.encode())) == (200, "NACK", "IGM001")
    assert (NetworkIssue.objects.count(), NetworkMessage.objects.count()) == (0, 0)
    assert sent(world, "issue", raw) == (200, "ACK", ""), "the same id is free for what is right"


@pytest.mark.parametrize("api", ["issue_status", "on_issue_status"])
@pytest.mark.parametrize("said", [{"issue": "x"}, {"issue": []}, {"issue_id": 5}, {"issue": {"id": 5}}, {"other": 1}])
def test_a_status_of_nothing_is_a_nack(world: World, here: Stage, api: str, said: dict[str, Any]) -> None:
    del here
    assert sent(world, api, message(world, api, **said)) == (200, "NACK", "IGM001")


@given(st.binary(max_size=60) | REST.map(lambda said: json.dumps(said).encode()))
def test_what_is_read_can_be_kept_and_nothing_else_fails(raw: bytes) -> None:
    try:
        body = reading.read(raw)
    except Invalid:
        return
    kept = json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    assert "\\u0000" not in kept.decode().replace("\\\\", "")
    assert reading.read(kept) == body
