"""One statement for the Transparency Database, of a measure and its statement of reasons; and what it takes.

Written in English from codes and values: no name, no words of anybody and no identity of the party is in it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from comity.lib import moments
from comity.policy.sanctions.measures import MEASURES
from comity.records.models import Sanction

Statement = dict[str, Any]

MAX_BATCH, MAX_PUID, MAX_GROUND, MAX_EXPLANATION, MAX_FACTS, MAX_OTHER = 100, 500, 500, 2_000, 5_000, 500
PUID = re.compile(r"[a-zA-Z0-9_-]{1,500}\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
#: What each measure is there: the field, its value, and the field that says until when.
_DECISIONS: Mapping[str, tuple[str, Any, str]] = {
    "lower ranking": ("decision_visibility", ["DECISION_VISIBILITY_CONTENT_DEMOTED"], "visibility"),
    "restriction": ("decision_provision", "DECISION_PROVISION_PARTIAL_SUSPENSION", "service"),
    "fee": ("decision_monetary", "DECISION_MONETARY_OTHER", "monetary"),
    "messages limited": (
        "decision_visibility", ["DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED"], "visibility"
    ),
    "listing off": ("decision_visibility", ["DECISION_VISIBILITY_CONTENT_DISABLED"], "visibility"),
    "no new listings": ("decision_provision", "DECISION_PROVISION_PARTIAL_SUSPENSION", "service"),
    "orders capped": ("decision_provision", "DECISION_PROVISION_PARTIAL_SUSPENSION", "service"),
    "payout held": ("decision_monetary", "DECISION_MONETARY_SUSPENSION", "monetary"),
    "freeze": ("decision_account", "DECISION_ACCOUNT_SUSPENDED", "account"),
    "closure": ("decision_account", "DECISION_ACCOUNT_TERMINATED", "account"),
}  # fmt: skip
#: Only what restricts is stated there: no warning, and nothing to be glad of.
STATED = tuple(name for name in MEASURES if name in _DECISIONS)
_DECIDED = {
    "fully": "AUTOMATED_DECISION_FULLY", "partially": "AUTOMATED_DECISION_PARTIALLY",
    "not": "AUTOMATED_DECISION_NOT_AUTOMATED",
}  # fmt: skip


def puid_of(row: Sanction) -> str:
    """Return what a measure's statement is called there for ever; a measure that is issued anew has another one."""
    return f"{row.party.uuid}-{row.key}-{row.issue}"


def statement(row: Sanction, *, ground: str) -> Statement:
    """Return the statement of a measure that was placed. `row` comes with its party.

    ground  the title of the rule that it follows from, in English. Raises LookupError for what is not stated there
    """
    said: Mapping[str, Any] = row.statement or {}
    field, value, until = _DECISIONS[row.measure]
    placed = row.placed_at or row.at
    body: Statement = {
        "puid": puid_of(row),
        field: value,
        "account_type": "ACCOUNT_TYPE_PRIVATE" if row.party.role == "buyer" else "ACCOUNT_TYPE_BUSINESS",
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": f"{row.rulebook}: {ground}"[:MAX_GROUND],
        "incompatible_content_explanation": _explained(row, said)[:MAX_EXPLANATION],
        "incompatible_content_illegal": "No",
        "content_type": ["CONTENT_TYPE_PRODUCT"] if row.of else ["CONTENT_TYPE_OTHER"],
        "category": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        "content_date": _first_day(row, said).isoformat(),
        "application_date": (row.effective_at or placed).date().isoformat(),
        "decision_facts": _facts(said)[:MAX_FACTS],
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes" if said.get("automated_detection") else "No",
        "automated_decision": _DECIDED[str(said.get("automated_decision") or "partially")],
    }
    if not row.of:
        body["content_type_other"] = "The account as a whole"
    if row.measure == "fee":
        body["decision_monetary_other"] = "A fee"
    if row.until is not None:  # no end date says that it has none
        body[f"end_date_{until}_restriction"] = row.until.date().isoformat()
    return body


def _first_day(row: Sanction, said: Mapping[str, Any]) -> date:
    """Return the day of the first thing that counted."""
    days = [moments.parse(each["at"]).date() for each in said.get("charges", ())]
    return min(days, default=row.at.date())


def _explained(row: Sanction, said: Mapping[str, Any]) -> str:
    if "sum" in said:
        told = said["sum"]
        return f"Points came to {told['points']}; the rules provide for this measure at {told['threshold']}."
    if "windows" in said:
        return "A standard of the rules was not kept: " + "; ".join(
            f"{each['faulty']} of {each['counted']} at fault{_of_buyers(each)} in {each['span']},"
            f" limit {' and '.join(each['limits'])} ({'kept' if each['kept'] else 'not kept'})"
            for each in said["windows"]
        )
    if "duty" in said:
        return "Something that the rules ask for was not done in time."
    return "Conduct that the rules forbid." if row.asked_by else "The rules provide for this measure."


def _of_buyers(window: Mapping[str, Any]) -> str:
    return "" if window.get("buyers") is None else f", from {window['buyers']} different buyers,"


def _facts(said: Mapping[str, Any]) -> str:
    if "charges" in said:
        lines = [
            f"{moments.parse(each['at']).date()}: {each['rule']} ({each['rulebook']}), {each['weighed']} points"
            for each in said["charges"]
        ]
        return "Every infringement that counted. " + "; ".join(lines)
    if "windows" in said:
        lines = [
            f"{each['begin'][:10]} to {each['end'][:10]}: {each['faulty']} of {each['counted']}"
            for each in said["windows"]
        ]
        return f"Evaluation of {said['standard']['rule']}. " + "; ".join(lines)
    if "duty" in said:
        return f"{said['duty']['rule']}: due {said['duty'].get('due') or said['duty']['broken_at']}, not done by then."
    if "evasion" in said:
        links, other = said["evasion"], said["evasion"]["measure"]
        kinds = ", ".join(links["kinds"])
        return f"{links['rule']}: linked to an account under a {other} since {links['since'][:10]}, by: {kinds}."
    return f"Found by people: {said.get('agent', {}).get('rule', 'conduct')}."


def problems(body: Mapping[str, Any]) -> list[str]:
    """Return what the database would not take of a statement, by its published limits: a sentence for each."""
    wrong = [f"{name} is missing" for name in _REQUIRED if not body.get(name)]
    if not any(body.get(name) for name in _ONE_OF):
        wrong.append("one decision is needed: visibility, monetary, provision or account")
    wrong += [f"{name} is not as it must be" for name, fits in _FITS.items() if body.get(name) and not fits(body[name])]
    wrong += [f"{name} is no day" for name, value in body.items() if _is_day(name) and value and not _DAY.match(value)]
    if body.get("decision_ground") == "DECISION_GROUND_INCOMPATIBLE_CONTENT":
        wrong += [f"{name} is missing" for name in _INCOMPATIBLE if not body.get(name)]
    if body.get("decision_ground") == "DECISION_GROUND_ILLEGAL_CONTENT":
        wrong += [f"{name} is missing" for name in _ILLEGAL if not body.get(name)]
    for name, other in _OTHERS.items():
        if any(str(each).endswith("_OTHER") for each in _listed(body.get(name))) and not body.get(other):
            wrong.append(f"{other} is missing")
    return wrong


def _is_day(name: str) -> bool:
    return name.endswith("_date") or name.startswith("end_date_")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and len(value) <= most


def _of(*beginnings: str) -> Callable[[Any], bool]:
    return lambda value: all(isinstance(each, str) and each.startswith(beginnings) for each in _listed(value))


_ONE_OF = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")
_REQUIRED = (
    "puid", "decision_ground", "content_type", "category", "content_date", "application_date", "decision_facts",
    "source_type", "automated_detection", "automated_decision",
)  # fmt: skip
_INCOMPATIBLE = ("incompatible_content_ground", "incompatible_content_explanation")
_ILLEGAL = ("illegal_content_legal_ground", "illegal_content_explanation")
_OTHERS = {
    "decision_visibility": "decision_visibility_other", "decision_monetary": "decision_monetary_other",
    "content_type": "content_type_other",
}  # fmt: skip
_FITS: Mapping[str, Callable[[Any], bool]] = {
    "puid": lambda value: isinstance(value, str) and PUID.match(value) is not None,
    "decision_visibility": _of("DECISION_VISIBILITY_"),
    "decision_monetary": _of("DECISION_MONETARY_"),
    "decision_provision": _of("DECISION_PROVISION_"),
    "decision_account": lambda value: value in ("DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"),
    "account_type": lambda value: value in ("ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE"),
    "decision_ground": lambda value: value in (
        "DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    ),
    "content_type": _of("CONTENT_TYPE_"),
    "category": _of("STATEMENT_CATEGORY_"),
    "incompatible_content_ground": _text(MAX_GROUND),
    "incompatible_content_explanation": _text(MAX_EXPLANATION),
    "illegal_content_legal_ground": _text(MAX_GROUND),
    "illegal_content_explanation": _text(MAX_EXPLANATION),
    "decision_visibility_other": _text(MAX_OTHER),
    "decision_monetary_other": _text(MAX_OTHER),
    "content_type_other": _text(MAX_OTHER),
    "decision_facts": _text(MAX_FACTS),
    "source_type": _of("SOURCE_"),
    "automated_detection": lambda value: value in ("Yes", "No"),
    "automated_decision": lambda value: value in _DECIDED.values(),
}  # fmt: skip
