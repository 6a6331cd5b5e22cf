"""Random rulebooks, as text: two versions of one, with whatever the language has; and histories to judge by them."""

from datetime import timedelta

from hypothesis import strategies as st

from comity.policy.facts import Fact
from comity.policy.rulebook import Rulebooks
from comity.rulebooks.language.parse import parse
from tests.policy.strategies import PARTY, START, _data, hour

CLOCKS = """
[[clock]]
name = "office"
days = ["mon", "tue", "wed", "thu", "fri"]
hours = ["09:00-12:00", "13:00-18:00"]
[[clock]]
name = "cut"
days = ["mon", "tue", "wed", "thu"]
cutoff = "12:00"
answer_by = "15:00"
[[clock]]
name = "late"
defer = { days = ["tue"], to = "wed 12:00" }
"""


PLAN = 'plan = { runs = "2 days" }'
AFTER_PLAN = 'measure = { measure = "restriction", notice = "6 hours", length = "1 day", needs = "failed plan", decided_by = "automatic" }'
#: The times of plans, and what their silences mean.
PLANS = """
[[duty]]
name = "write the plan"
title = "Write it"
who = "seller"
each = "plan"
opened_by = [{ fact = "plan.asked" }, { fact = "plan.sent_back" }]
met_by = { fact = "plan.written" }
voided_by = [{ fact = "plan.withdrawn" }, { fact = "plan.failed" }]
within = "10 hours"
repeats = true
breach = { plan = "failed" }
[[duty]]
name = "look at the plan"
title = "Look at it"
who = "agent"
each = "plan"
opened_by = { fact = "plan.written" }
met_by = [{ fact = "plan.accepted" }, { fact = "plan.sent_back" }]
voided_by = { fact = "plan.withdrawn" }
within = "5 hours"
repeats = true
breach = { plan = "accepted" }
[[duty]]
name = "check the plan"
title = "Check it"
who = "platform"
each = "plan"
opened_by = { fact = "plan.accepted" }
met_by = { fact = "plan.kept" }
voided_by = [{ fact = "plan.failed" }, { fact = "plan.withdrawn" }]
by = "check_at"
repeats = true
breach = { plan = "checked" }
"""
#: After a cancellation no more, and after a delivery again.
ANEW = 'not_after = { fact = "order.cancelled" }\nanew_after = { fact = "shipment.delivered" }'


def _one(draw: st.DrawFn, *lines: str) -> str:
    return draw(st.sampled_from(lines))


def _reply(draw: st.DrawFn) -> str:
    clock = _one(draw, "always", "office", "cut", "late")
    within = "" if clock == "cut" else f'within = "{_one(draw, "2 hours", "12 hours", "30 hours")}"'
    return f"""
[[duty]]
name = "reply"
title = "Reply"
who = "seller"
opened_by = {{ fact = "message.sent", where = {{ by = "buyer" }} }}
met_by = {{ fact = "message.sent", where = {{ by = "seller"{_one(draw, "", ", automatic = false")} }} }}
{_one(draw, "", 'waived_by = { fact = "conversation.no_reply_needed" }')}
clock = "{clock}"
{within}
repeats = {_one(draw, "true", "true", "false")}
{_one(draw, "", 'counts_from = "latest"')}
{_one(draw, "", 'pauses = ["force_majeure"]')}
{_one(draw, "", 'season = [{ from = 2026-03-03, until = 2026-03-04, within = "4 hours" }]') if clock != "cut" else ""}
{_one(draw, "", 'warn_before = ["1 hour"]')}
{_breach(draw)}
"""


_COURSE = 'length = "1 day"\nrestored_by = { fact = "course.passed" }'


def _breach(draw: st.DrawFn, opens: str = "") -> str:
    brings = [
        draw(
            st.sampled_from(
                ["", 'charge = { ledger = "service", points = 1 }', 'charge = { ledger = "care", points = 2 }']
            )
        )
    ]
    brings.append(_one(draw, "", "", 'measure = { measure = "warning", decided_by = "automatic", length = "1 day" }'))
    brings += [opens, _one(draw, "", "", 'notify = ["buyer"]')]
    return f"breach = {{ {', '.join(each for each in brings if each)} }}"


def _orders(draw: st.DrawFn) -> str:
    return f"""
[[duty]]
name = "dispatch"
title = "Dispatch"
who = "seller"
each = "order"
opened_by = {{ fact = "order.paid" }}
met_by = {{ fact = "shipment.dispatched"{_one(draw, "", ", where = { tracked = true }")} }}
voided_by = {{ fact = "order.cancelled" }}
{_one(draw, "", "counts_before = true")}
by = "dispatch_by"
{_one(draw, "", 'plus = "4 hours"')}
{_breach(draw, _one(draw, "", 'opens = "at last"'))}

[[duty]]
name = "at last"
title = "At last"
who = "seller"
each = "order"
opened_by = {{ fact = "shipment.scanned" }}
met_by = {{ fact = "shipment.dispatched" }}
voided_by = {{ fact = "order.cancelled" }}
within = "10 hours"
{_breach(draw)}

[[duty]]
name = "deliver"
title = "Deliver"
who = "seller"
each = "order"
opened_by = [{{ fact = "shipment.scanned" }}]
met_by = {{ fact = "shipment.delivered" }}
unknown_by = {{ fact = "shipment.delivered", where = {{ date_known = false }} }}
by = "deliver_by"
by_fact = "order.paid"
{_one(draw, "", 'not_after = { fact = "order.cancelled" }', ANEW)}
{_breach(draw)}
"""


def _decided(draw: st.DrawFn) -> str:
    """A duty that is decided by what is known some time after its deadline."""
    until = _one(draw, "", ', no_later_than = "due"', ', no_later_than = "dispatch_by"')
    return f"""
[[duty]]
name = "on time"
title = "On time"
who = "seller"
each = "order"
opened_by = {{ fact = "order.paid" }}
met_by = [{{ fact = "shipment.scanned", no_later_than = "dispatch_by" }}, {{ fact = "shipment.delivered"{until} }}]
broken_by = {{ fact = "{_one(draw, "shipment.delivered", "review.written")}" }}
{_one(draw, "", 'unknown_by = { fact = "shipment.delivered", where = { date_known = false } }')}
voided_by = {{ fact = "order.cancelled" }}
by = "deliver_by"
decided_after = "{_one(draw, "2 hours", "1 day")}"
{_one(draw, "", "repeats = true")}
{_one(draw, "", "counts_before = true")}
{_one(draw, "", 'counts_from = "latest"')}
{_one(draw, "", 'warn_before = ["3 hours"]')}
{_breach(draw, _one(draw, "", 'opens = "at last"'))}

[[standard]]
name = "late"
of_duty = "on time"
window = "3 days"
evaluated = "daily"
{_level(draw)}
"""


def _level(draw: st.DrawFn) -> str:
    if draw(st.integers(0, 3)) == 0:
        return _two_levels(draw)
    limit = _one(
        draw, 'rate = "<= 20%"', 'rate = "< 50%", at_least = 2', 'faulty = "<= 0"', 'kept = ">= 80%", faulty = "<= 1", hold = "any"',
        'rate = "<= 10%", from = 2', 'faulty = "<= 0", below = 2', 'counted = ">= 2"',
    )  # fmt: skip
    brings = _brings(draw)
    return (
        f"limit = {{ {limit} }}\n"
        + (f"breach = {{ {brings} }}" if brings else "")
        + _one(draw, "", "", "\nrunning = 2")
    )


def _brings(draw: st.DrawFn) -> str:
    return _one(draw, "", 'charge = { ledger = "service", points = 2 }', 'charge = { ledger = "score", points = 60 }',
                'measure = { measure = "restriction", notice = "6 hours", length = "1 day" }')  # fmt: skip


def _two_levels(draw: st.DrawFn) -> str:
    """Late news may take an evaluation from the one to the other."""
    worse = _one(
        draw, "", 'charge = { ledger = "service", points = 3 }', 'measure = { measure = "freeze", notice = "1 day" }'
    )
    bad = _one(draw, _brings(draw), PLAN, f"{PLAN}\n{AFTER_PLAN}")
    return f"""
[[standard.level]]
name = "bad"
limit = {{ rate = "<= 10%" }}
{bad}
[[standard.level]]
name = "worse"
limit = {{ rate = "<= {_one(draw, "30", "60")}%" }}
{worse}
"""


def _standards(draw: st.DrawFn) -> str:
    every = _one(draw, "continuous", "daily", "weekly on thursday", "monthly on 4")
    window = _one(
        draw, '"2 days"', '["1 day", "3 days"]', '[{ length = "1 day", from = 2 }, "4 days"]', '"ever"', '"1 week"',
        '[{ length = "4 days", weight = "50%" }, { length = "4 days", weight = "50%", latest = "50%" }]', '"last month"',
    )  # fmt: skip
    certain = draw(st.integers(0, 5)) == 0
    if certain:
        window, judged = (
            '"3 days"',
            'limit = { rate = "<= 5%" }\ndecides = "certain"\nerror = 0.2\nbreach = { charge = { ledger = "service", points = 1 } }',
        )
    else:
        judged = _level(draw)
    each = _one(draw, "order", "order", "fact")
    if each == "order" and not certain and "latest" not in window and draw(st.booleans()):
        judged = f'limit = {{ rate = "<= 20%", buyers = "<= {_one(draw, "0", "1")}", hold = "any" }}'
        judged += f"\nbreach = {{ {_brings(draw)} }}"
    unless = _one(
        draw, "", ', unless = "withdrawn"', ', unless = ["withdrawn", { fact = "dispute.decided", where = { outcome = "seller" } }]'
    )  # fmt: skip
    review = _one(draw, "", ', unless = "shipment.delivered"')
    takes_back = _one(draw, "", 'excluded = { fact = "order.cancelled" }', 'cleared = { fact = "shipment.delivered" }')
    if each == "fact":  # nothing else bears on a fact
        unless = review = takes_back = ""
    return f"""
[[standard]]
name = "disputes"
each = "{each}"
counted = {{ fact = ["order.paid", "dispute.opened"] }}
faulty = [{{ fact = "dispute.opened"{unless} }}, {{ fact = "review.written", where = {{ score = "<= 2" }}{review} }}]
{takes_back}
{_one(draw, "", 'basis = { fact = "order.paid", field = "deliver_by" }', 'basis = { fact = "order.paid" }')}
window = {window}
{_one(draw, "", 'lag = "1 day"')}
evaluated = "{every}"
{judged}

[[standard]]
name = "replies"
of_duty = "reply"
{_one(draw, "", 'counted = ["met", "breached", "waived"]')}
{_one(draw, "", 'basis = "opened"', 'basis = "due"')}
window = {_one(draw, '"2 days"', '"4 days"')}
evaluated = "{_one(draw, "daily", "continuous")}"
{_level(draw)}

[[standard]]
name = "good"
counted = {{ fact = "order.paid" }}
window = "3 days"
evaluated = "daily"
"""


def _ledgers(draw: st.DrawFn) -> str:
    lives = _one(draw, 'expires_after = "2 days"', 'expires_after = "30 hours"', 'resets = "weekly on wednesday"',
                 'expires_after = "3 days"\nresets = "monthly on 5"')  # fmt: skip
    return f"""
[[ledger]]
name = "service"
{lives}
{_one(draw, "", "cap_a_day = 2")}
{_one(draw, "", 'merges_within = "10 hours"')}
{_one(draw, "", 'counts = "strikes"')}
{_one(draw, "", 'earn = [{ by = { fact = "course.passed" }, points = 1 }]')}
[[ledger.rung]]
at = 1
measure = "warning"
{_one(draw, 'decided_by = "automatic"', "")}
{_one(draw, "", "every = 2")}
{_one(draw, "", "", 'length = "1 day"', _COURSE)}
[[ledger.rung]]
at = 3
measure = "restriction"
notice = "6 hours"
length = "1 day"
{_one(draw, "", 'decided_by = "automatic"', 'decided_by = "two reviewers"')}

[[ledger]]
name = "care"
expires_after = "5 days"
[[ledger.rung]]
at = 2
measure = "warning"
decided_by = "automatic"

[[ledger]]
name = "score"
expires_after = "2 days"
score = {{ start = 100, most = 120{_one(draw, "", ', rises = { points = 10, every = 1, of = "good" }')} }}
[[ledger.rung]]
at = 60
measure = "warning"
decided_by = "automatic"
[[ledger.rung]]
at = 10
measure = "freeze"
notice = "1 day"

[[conduct]]
name = "spam"
title = "No spam"
severity = "low"
proved_by = ["reviewer", "classifier"]
charge = {{ ledger = "{_one(draw, "service", "score")}", points = {_one(draw, "2", "50")} }}
"""


def _version(draw: st.DrawFn, version: str, start: str) -> str:
    charges = _one(draw, "", "", f"charges_from = {start[:-1]}{int(start[-1]) + 1}")
    return (
        f'name = "random"\nversion = "{version}"\nin_force_from = {start}\n{charges}\n'
        + CLOCKS
        + PLANS
        + _reply(draw)
        + _orders(draw)
        + (_decided(draw) if draw(st.booleans()) else "")
        + _standards(draw)
        + _ledgers(draw)
    )


@st.composite
def texts(draw: st.DrawFn) -> list[str]:
    """One or two versions as TOML; the second comes into force in the middle of every history."""
    versions = [_version(draw, "1", "2026-03-01")]
    if draw(st.booleans()):
        versions.append(_version(draw, "2", "2026-03-04"))
    return versions


def rulebooks() -> st.SearchStrategy[Rulebooks]:
    """The same, read."""
    return texts().map(lambda versions: Rulebooks(map(parse, versions)))


_TALK = ("message.sent", "message.sent", "conversation.no_reply_needed", "pause.recorded", "violation.found")
_TRADE = ("order.placed", "order.paid", "order.paid", "shipment.dispatched", "shipment.scanned", "shipment.delivered", "order.cancelled", "pause.recorded",
          "dispute.opened", "dispute.withdrawn", "dispute.decided", "review.written", "course.passed", "course.passed", "violation.found", "violation.cleared", "peers.measured")  # fmt: skip


@st.composite
def noted(draw: st.DrawFn, *, size: int = 12) -> list[Fact]:
    """Facts of one seller in the order in which they were noted, some late."""
    facts: list[Fact] = []
    for number in range(draw(st.integers(1, size))):
        at = draw(st.integers(0, 100))
        talk = draw(st.integers(0, 2)) == 0
        kind = draw(st.sampled_from(_TALK if talk else _TRADE))
        matter = f"conversation:{draw(st.integers(1, 2))}" if talk else f"order:{draw(st.integers(1, 3))}"
        subject = matter
        if kind == "order.placed" and any(each.kind == kind and each.matter == matter for each in facts):
            kind = "order.paid"  # an order is placed once: who names another buyer then is refused
        if kind.startswith("dispute."):  # about the order, or one of two cases of it
            subject = draw(st.sampled_from([matter, f"dispute:{matter[-1]}", f"dispute:{matter[-1]}b"]))
        if kind.startswith("shipment."):
            subject = f"shipment:{matter[-1]}{draw(st.sampled_from(['', '', 'b']))}"
        if kind in ("course.passed", "peers.measured") or (kind == "pause.recorded" and draw(st.booleans())):
            subject = matter = PARTY
        found = [each for each in facts if each.kind == "violation.found"]
        if kind == "violation.cleared" and found:  # mostly of what was found, after it
            cleared = draw(st.sampled_from(found))
            subject = matter = cleared.matter
            at = max(at, round((cleared.at - START) / timedelta(hours=1)) + draw(st.integers(0, 5)))
        late = draw(st.sampled_from([0, 0, 0, 1, 10, 60]))
        facts.append(
            Fact(id=f"f{number:03d}", kind=kind, at=hour(at), noted_at=hour(at + late), subject=subject, matter=matter,
                 party=PARTY, data=_values(draw, kind, at, found, matter))
        )  # fmt: skip
    return sorted(facts, key=lambda fact: (fact.noted_at, fact.id))


def _values(draw: st.DrawFn, kind: str, at: int, found: list[Fact], matter: str) -> dict[str, str | int | bool | None]:
    if kind == "violation.found":
        by = draw(st.sampled_from(["reviewer", "classifier", "report"]))
        return {
            "rule": draw(st.sampled_from(["spam", "spam", "other"])),
            "by": by,
            "score": draw(st.sampled_from([900, 960])),
        }
    if kind == "shipment.scanned":
        said = draw(st.sampled_from(["in_transit", "returned", "out_for_delivery", "attempted"]))
        return {"source": draw(st.sampled_from(["carrier", "carrier", "seller"])), "status": said}
    if kind == "violation.cleared":
        return {"of": draw(st.sampled_from([each.id for each in found] or ["f999"]))}
    if kind == "peers.measured":
        return {
            "standard": draw(st.sampled_from(["replies", "good"])),
            "counted": 100,
            "faulty": draw(st.integers(0, 100)),
        }
    if kind == "dispute.decided":
        return {"outcome": draw(st.sampled_from(["seller", "buyer"]))}
    if kind == "order.placed":
        return {"buyer": f"buyer:{int(matter[-1]) % 2}"}
    if kind == "review.written":
        return {"score": draw(st.integers(1, 5))}
    if kind == "pause.recorded":
        return _data(draw, kind, at) | {"cause": draw(st.sampled_from(["platform_outage", "force_majeure"]))}
    return _data(draw, kind, at)


END = START + timedelta(hours=300)
