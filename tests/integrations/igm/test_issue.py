"""What may follow what in an issue: by any messages of either side, and by the ones that try what they may not."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.actions.network import issue as issues
from comity.actions.network.issue import ACTIONS, LEVELS, Invalid, Issue
from comity.integrations.igm import following
from tests.integrations.igm.stage import AT

OWN, DAY, SECOND = "sellerapp.com", timedelta(days=1), timedelta(seconds=1)
REFUND = {"id": "R1", "descriptor": {"code": "REFUND"}, "tags": [
    {"list": [{"descriptor": {"code": "REFUND_AMOUNT"}, "value": "200"}]}
]}  # fmt: skip


def action(number: int, code: str, by: str = "NP1", ref: str = "") -> dict[str, Any]:
    return {
        "id": f"A{number}" if by != OWN else f"C{number}",
        "descriptor": {"code": code},
        "action_by": by,
        "ref_id": ref,
    }


def told(*codes: str | dict[str, Any], level: str = "ISSUE", **more: Any) -> Issue:
    """An issue as a message tells it: theirs by their code, ours as they are."""
    actions = [action(n, each) if isinstance(each, str) else each for n, each in enumerate(codes, 1)]
    return issues.read({
        "id": "I1", "status": "OPEN", "level": level, "created_at": AT.isoformat(), "descriptor": {"code": "ITM004"},
        "refs": [{"ref_id": "O1", "ref_type": "ORDER"}, {"ref_id": "i1", "ref_type": "ITEM"}],
        "expected_resolution_time": {"duration": "P1D"}, "actions": actions, **more,
    })  # fmt: skip


def refusal(known: Issue | None, said: Issue, api: str = "issue", after: timedelta = timedelta()) -> str:
    found = following.against(known, said, api, AT, AT + after, OWN)
    return found.code + ": " + found.why if found else ""


def after(known: Issue | None, said: Issue, api: str = "issue", hours: timedelta = timedelta()) -> Issue:
    assert refusal(known, said, api, hours) == ""
    return issues.read(following.merged(known, said, following.fresh(known, said, OWN) or ()))


OPENED = after(None, told("OPEN"))
PROPOSED = after(OPENED, told("OPEN", action(2, "RESOLUTION_PROPOSED", OWN, "R1"), resolutions=[REFUND]), "on_issue")


def test_the_expected_time_is_the_first_that_was_said_and_a_level_rises_when_it_is_over() -> None:
    hasty = after(OPENED, told("OPEN", "INFO_PROVIDED", expected_resolution_time={"duration": "PT1S"}))
    up = told("OPEN", "INFO_PROVIDED", "ESCALATED", level="GRIEVANCE")
    assert refusal(hasty, up, after=DAY - SECOND).startswith("IGM007: the expected resolution time runs")
    assert after(hasty, up, hours=DAY).level == "GRIEVANCE"


def test_a_level_never_falls_and_never_rises_by_two() -> None:
    high = after(OPENED, told("OPEN", "ESCALATED", level="GRIEVANCE"), hours=DAY)
    assert after(high, told("OPEN", "ESCALATED", "INFO_PROVIDED", level="ISSUE")).level == "GRIEVANCE"
    assert refusal(OPENED, told("OPEN", "ESCALATED", level="DISPUTE"), after=DAY).startswith("IGM007")
    assert refusal(OPENED, told("OPEN", "ESCALATED", level="ISSUE"), after=DAY).startswith("IGM007")
    assert refusal(OPENED, told("OPEN", "INFO_PROVIDED", level="GRIEVANCE"), after=DAY).startswith("IGM001")


@pytest.mark.parametrize(
    ("refs", "code"),
    [([("ORDER", "O2"), ("ITEM", "i1")], "IGM002"), ([("ORDER", "O1"), ("ITEM", "i2")], "IGM004"), ([], "")],
)
def test_what_an_issue_is_about_stays(refs: list[tuple[str, str]], code: str) -> None:
    said = told("OPEN", "INFO_PROVIDED", refs=[{"ref_type": kind, "ref_id": id_} for kind, id_ in refs])
    assert refusal(OPENED, said)[:6] == code
    if not code:
        assert after(OPENED, said).refs == OPENED.refs


def test_what_is_proposed_is_never_made_another_and_only_who_answers_proposes() -> None:
    bid = [action(2, "RESOLUTION_PROPOSED", OWN, "R1"), action(3, "RESOLUTION_ACCEPTED", ref="R1")]
    dearer = {**REFUND, "tags": [{"list": [{"descriptor": {"code": "REFUND_AMOUNT"}, "value": "99900"}]}]}
    (kept,) = after(PROPOSED, told("OPEN", *bid, resolutions=[dearer])).resolutions
    assert kept.amount == "200"
    assert after(PROPOSED, told("OPEN", *bid)).resolutions == PROPOSED.resolutions, "left out is not taken back"
    own = {**dearer, "id": "R2"}
    bid[1]["ref_id"] = "R2"
    assert refusal(PROPOSED, told("OPEN", *bid, resolutions=[REFUND, own])) == "IGM001: there is no resolution 'R2'"
    assert after(None, told("OPEN", resolutions=[own])).resolutions == ()


@pytest.mark.parametrize("amount", ["", "none", "0", "-5", "NaN", "Infinity"])
def test_a_refund_without_an_amount_is_neither_proposed_nor_accepted(amount: str) -> None:
    free = {**REFUND, "tags": [{"list": [{"descriptor": {"code": "REFUND_AMOUNT"}, "value": amount}]}]}
    bid = action(2, "RESOLUTION_PROPOSED", OWN, "R1")
    assert refusal(OPENED, told("OPEN", bid, resolutions=[free]), "on_issue") == "IGM001: a refund needs an amount"


@pytest.mark.parametrize("ref", ["", "R9"])
@pytest.mark.parametrize("code", ["RESOLUTION_ACCEPTED", "RESOLUTION_REJECTED"])
def test_what_was_not_proposed_is_neither_accepted_nor_rejected(code: str, ref: str) -> None:
    bid = action(2, "RESOLUTION_PROPOSED", OWN, "R1")
    assert "there is no resolution" in refusal(PROPOSED, told("OPEN", bid, action(3, code, ref=ref)))
    assert "there is no resolution" in refusal(OPENED, told("OPEN", action(2, code, ref=ref)))


def test_once_opened_once_closed() -> None:
    assert "opened once" in refusal(None, told("OPEN", "OPEN"))
    assert "after CLOSED" in refusal(OPENED, told("OPEN", "CLOSED", "INFO_PROVIDED"))
    assert "closed" in refusal(after(OPENED, told("OPEN", "CLOSED")), told("OPEN", "CLOSED", "INFO_PROVIDED"))


def test_both_ask_at_once_and_neither_question_is_lost() -> None:
    known = after(OPENED, told("OPEN", action(2, "INFO_REQUESTED", OWN)), "on_issue")
    assert after(known, told("OPEN", "INFO_REQUESTED")).codes == ["OPEN", "INFO_REQUESTED", "INFO_REQUESTED"]
    between = told("OPEN", action(3, "INFO_PROVIDED"), action(2, "INFO_REQUESTED", OWN))
    assert after(known, between).codes == ["OPEN", "INFO_REQUESTED", "INFO_PROVIDED"], "ours stands once"


CODES = st.sampled_from(sorted(ACTIONS["issue"] | ACTIONS["on_issue"]))
MESSAGES = st.tuples(
    st.sampled_from(["issue", "on_issue"]), st.integers(0, 3), st.lists(CODES, max_size=3), st.sampled_from(LEVELS),
    st.sampled_from(["", "R1", "R2"]), st.sampled_from(["P1D", "PT0S"]), st.integers(0, 60),
)  # fmt: skip


@given(st.lists(MESSAGES, max_size=12))
def test_whatever_is_sent_the_past_stands(messages: list[tuple[str, int, list[str], str, str, str, int]]) -> None:
    known, now = OPENED, AT
    for api, cut, codes, level, ref, expected, hours in messages:
        now += timedelta(hours=hours)
        by = "NP1" if api == "issue" else "NP2"
        stood = [dict(each.body) for each in known.actions][: len(known.actions) - cut] or [action(1, "OPEN")]
        appended = [action(len(stood) + n, code, by, ref) for n, code in enumerate(codes, 1)]
        said = told(*stood, *appended, level=level, resolutions=[{**REFUND, "id": ref or "R1"}],
                    expected_resolution_time={"duration": expected}, created_at=now.isoformat())  # fmt: skip
        if following.against(known, said, api, AT, now, OWN) is not None:
            continue
        new = following.fresh(known, said, OWN) or ()
        then = issues.read(following.merged(known, said, new))
        assert then.actions[: len(known.actions)] == known.actions
        assert then.resolutions[: len(known.resolutions)] == known.resolutions
        assert (then.id, then.created_at, then.expected, then.refs) == (
            known.id,
            known.created_at,
            known.expected,
            known.refs,
        )
        rise = LEVELS.index(then.level) - LEVELS.index(known.level)
        assert rise == ("ESCALATED" in [each.code for each in new])
        assert not (rise and then.level == "GRIEVANCE" and known.status != "RESOLVED") or now >= AT + DAY
        assert not (known.status == "CLOSED" and new)
        assert following.fresh(then, then, OWN) == (), "the same again brings nothing"
        known = then


@given(st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=2), max_leaves=4),
       st.sampled_from(["id", "level", "created_at", "actions", "resolutions", "refs", "descriptor", "status",
                        "expected_resolution_time"]))  # fmt: skip
def test_no_field_of_any_kind_breaks_the_reading(value: Any, name: str) -> None:
    body = {**OPENED.body, name: value}
    try:
        read = issues.read(body)
    except Invalid:
        return
    following.merged(OPENED, read, following.fresh(OPENED, read, OWN) or ())
