"""Standards live: rows, evaluations, ratings, what follows, and what is taken back."""

import json
from datetime import datetime, timedelta

import pytest

from comity.actions import clock, messages, pauses, rulebooks, sanctions
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden, is_frozen
from comity.policy.memory import fold
from comity.policy.rulebook import Rulebooks
from comity.policy.standards.running import Tallies
from comity.records import journal, statements, tallies
from comity.records.models import Charge, Finding, JournalLine, Message, Party, Rating, Sanction, Standing, Tally
from comity.records.scorecards import scorecards
from comity.rulebooks.language.parse import parse
from tests.api.client import Api
from tests.cast import START, Cast, assemble, hours, tell
from tests.web.test_pages import sign_in

pytestmark = pytest.mark.django_db

BOOK = """
name = "live"
version = "1"
in_force_from = 2026-01-01

[[duty]]
name = "reply"
title = "Reply within a day"
who = "seller"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "24 hours"
repeats = true

[[standard]]
name = "disputes"
title = "Few disputes"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened", unless = "withdrawn" }
window = "30 days"
evaluated = "weekly on monday"
limit = { rate = "<= 20%", at_least = 4 }
breach = { charge = { ledger = "points", points = 2 }, measure = { measure = "restriction", notice = "1 day", length = "7 days" } }

[[standard]]
name = "replies"
title = "Replies in time"
of_duty = "reply"
window = "30 days"
evaluated = "daily"
limit = { kept = ">= 90%", at_least = 2 }

[[conduct]]
name = "spam"
title = "No spam"
severity = "low"
charge = { ledger = "points", points = 2 }

[[ledger]]
name = "points"
expires_after = "365 days"
earn = [{ by = { fact = "course.passed" }, points = 2 }]
[[ledger.rung]]
at = 2
measure = "warning"
length = "30 days"
decided_by = "automatic"
[[ledger.rung]]
at = 6
measure = "freeze"
length = "7 days"
notice = "1 day"
decided_by = "two reviewers"
"""


@pytest.fixture
def live(db: None, tmp_path: object) -> Cast:
    from pathlib import Path

    path = Path(str(tmp_path)) / "live.toml"
    path.write_text(BOOK)
    return assemble(str(path))


def next_monday(at: datetime) -> datetime:
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=7 - day.weekday())


def sell(cast: Cast, number: int, disputed: int) -> None:
    for n in range(number):
        tell(cast, "order.paid", f"order:{n}", hours(1))
    for n in range(disputed):
        tell(cast, "dispute.opened", f"order:{n}", hours(2))


def standing_of(party: Party) -> Standing:
    return Standing.objects.get(party=party)


def test_an_evaluation_falls_and_what_it_brings_follows(live: Cast) -> None:
    sell(live, 4, 1)
    due = next_monday(START)
    assert standing_of(live.seller).next_evaluations == {"disputes": due}
    clock.turn(due)
    assert not Rating.objects.exists(), "a moment has passed only after it"
    clock.turn(due + timedelta(hours=1))
    (rated,) = Rating.objects.all()
    assert (rated.at, rated.counted, rated.faulty) == (due, 4, 1)
    assert [(charge.points, charge.because) for charge in Charge.objects.all()] == [(2, rated.key)]
    assert {row.measure for row in Sanction.objects.all()} == {"warning", "restriction"}
    lines = JournalLine.objects.filter(matter="standard:disputes").order_by("seq").values_list("kind", flat=True)
    assert list(lines) == ["deadline.fell", "standard.rated", "ledger.charged"][: len(lines)]
    assert standing_of(live.seller).next_evaluations["disputes"] == due + timedelta(days=7)


def test_late_news_takes_the_rating_and_all_that_hung_on_it_back(live: Cast) -> None:
    sell(live, 4, 1)
    due = next_monday(START)
    clock.turn(due + timedelta(hours=1))
    tell(live, "dispute.withdrawn", "order:0", hours(3), now=due + timedelta(days=1))
    assert Rating.objects.get().overturned_at is not None
    assert Charge.objects.get().overturned_at is not None
    assert {row.status for row in Sanction.objects.all()} == {"overturned"}
    assert list(journal.verify(live.seller)) == []


def test_live_equals_replay(live: Cast) -> None:
    sell(live, 6, 3)
    conversation = live.conversation()
    messages.send(live.ana, conversation, text="Hello?", at=hours(5))
    clock.turn(hours(40))
    messages.send(live.li, conversation, text="Here.", at=hours(50))
    tell(live, "violation.found", "listing:1", hours(60), rule="spam", by="reviewer")
    tell(live, "course.passed", live.seller.ref, hours(70))
    tell(live, "dispute.withdrawn", "order:0", hours(4), now=hours(100))
    end = hours(24 * 20)
    clock.turn(end)
    again = fold(Rulebooks([parse(BOOK)]), live.seller.ref, list(journal.facts_of(live.seller)), until=end)
    assert {(r.key, r.level) for r in again.ratings.values()} == set(
        Rating.objects.filter(overturned_at=None).values_list("key", "level")
    )
    assert {(c.key, c.points, c.at) for c in again.charges.values()} == set(
        Charge.objects.filter(overturned_at=None).values_list("key", "points", "at")
    )
    assert {(m.key, m.status.value) for m in again.measures.values()} == set(
        Sanction.objects.values_list("key", "status")
    )
    assert isinstance(again.counting, Tallies)
    rows = {row for of in again.counting.rows.values() for row in of.values()}
    assert rows == set(tallies.as_they_are(live.seller.pk).values())
    states = again.of("standard").values()
    assert {state.key: state.next_at for state in states if state.next_at} == {
        f"standard:{name}": at for name, at in standing_of(live.seller).next_evaluations.items()
    }


def test_a_message_stays_within_its_statements(live: Cast, django_assert_num_queries: object) -> None:
    conversation = live.conversation()
    messages.send(live.ana, conversation, text="Hello?", at=hours(1))
    with django_assert_num_queries(9, exact=False):  # type: ignore[operator]
        messages.send(live.li, conversation, text="Here.", at=hours(2))
    (row,) = Tally.objects.filter(standard="replies")
    assert (row.counted_at, row.faulty_at) == (hours(2), None)


def test_scorecards_are_official_and_as_of_now(live: Cast) -> None:
    sell(live, 4, 1)
    now = next_monday(START) - timedelta(hours=1)
    card = next(card for card in scorecards(live.seller, now) if card.rule.name == "disputes")
    assert (card.current.state, card.projected.state) == ("not_enough", "broken")
    assert (card.projected.seen.faulty, card.projected.seen.counted) == (1, 4)
    assert card.next_at == next_monday(START)
    low, high = card.projected.interval or (0.0, 0.0)
    assert 0.04 < low < 0.25 < high < 0.71


def test_a_new_version_with_an_earlier_day_brings_the_evaluation_forward(live: Cast) -> None:
    sell(live, 4, 1)
    second = (
        BOOK.replace('version = "1"', 'version = "2"')
        .replace("2026-01-01", "2026-03-04")
        .replace("on monday", "on friday")
    )
    rulebooks.publish(live.platform, second, at=hours(10))
    friday = START.replace(hour=0) + timedelta(days=4 - START.weekday())
    assert standing_of(live.seller).next_evaluations["disputes"] == friday
    assert statements.lock(live.seller.pk).next_due == friday


def test_two_reviewers(live: Cast) -> None:
    for n in range(3):
        tell(live, "violation.found", f"listing:{n}", hours(1), rule="spam", by="reviewer")
    freeze = Sanction.objects.get(measure="freeze")
    assert not sanctions.approve(live.ken, freeze, at=hours(2)), "it waits for another"
    freeze.refresh_from_db()
    assert (freeze.status, freeze.seconded_by) == ("proposed", live.ken.party.ref)
    with pytest.raises(Refused, match="another reviewer"):
        sanctions.approve(live.ken, freeze, at=hours(3))
    for who, may in ((live.ken, False), (live.platform, True)):
        assert (sanctions.APPROVE.why_not(who, freeze, at=hours(3)) is None) is may
        told = json.loads(
            Api(live.platform, who).get(f"/parties/{freeze.party.uuid}/sanctions/{freeze.key}/deeds").content
        )
        said = {each["deed"]: each["possible"] for each in told}
        assert (said["approve"], said["decline"]) == (may, True)
    page = sign_in(live.ken).get(f"/desk/parties/{live.seller.uuid}/").content.decode()
    assert "it is waiting for another reviewer" in page
    assert 'value="approve"' not in page
    assert 'value="decline"' in page
    assert sanctions.approve(live.platform, freeze, at=hours(4))
    freeze.refresh_from_db()
    assert freeze.status == "placed"


def test_a_freeze_that_asks_for_something_is_in_effect_until_that_is_done(cast: Cast) -> None:
    book = BOOK.replace('"two reviewers"', '"automatic"\nrestored_by = { fact = "course.passed" }').replace(
        "at = 6", "at = 3"
    )
    book = book.replace('version = "1"', 'version = "9"').replace("2026-01-01", "2026-03-02T09:00:00Z")
    rulebooks.publish(cast.platform, book, at=hours(0))
    for n in range(2):
        tell(cast, "violation.found", f"listing:{n}", hours(1), rule="spam", by="reviewer")
    freeze = Sanction.objects.get(measure="freeze")
    assert freeze.until is not None
    over = freeze.until + timedelta(hours=1)
    clock.turn(over)
    assert Sanction.objects.get(pk=freeze.pk).status == "placed", "its time is over, the course was not passed"
    assert is_frozen(cast.seller, over)
    tell(cast, "course.passed", cast.seller.ref, over)
    assert Sanction.objects.get(pk=freeze.pk).status == "lifted"
    assert not is_frozen(cast.seller, over)


def test_nothing_is_published_that_fails_its_cases_or_has_open_findings(live: Cast) -> None:
    later = BOOK.replace('version = "1"', 'version = "2"').replace("2026-01-01", "2026-06-01")
    wrong = '\n[[case]]\nname = "never so"\ncharges = ["2026-06-02 2 points on points"]\nat = 2026-06-02\n[case.expect]\npoints = { points = 7 }\n'
    with pytest.raises(Refused, match="the worked case 'never so' fails: points on points: must be 7, are 2"):
        rulebooks.publish(live.platform, later + wrong, at=hours(1))
    idle = '\n[[ledger]]\nname = "idle"\nexpires_after = "9 days"\n'
    with pytest.raises(Refused, match="dead:idle: nothing charges the ledger idle"):
        rulebooks.publish(live.platform, later + idle, at=hours(1))
    accepted = '\n[[accepted]]\nfinding = "dead:idle"\nreason = "for later"\n'
    rulebooks.publish(live.platform, later + idle + accepted, at=hours(1))


def test_the_rulebooks_powers_narrow_what_agents_may(live: Cast) -> None:
    pauses.record(live.ken, live.seller, begins=hours(1), ends=hours(2), cause="force_majeure", at=hours(3))
    later = BOOK.replace('version = "1"', 'version = "2"').replace("2026-01-01", "2026-03-05")
    rulebooks.publish(live.platform, later + '\n[[power]]\nwho = "agent"\nmay = ["suspend"]\n', at=hours(4))
    after = datetime.fromisoformat("2026-03-06T00:00:00+00:00")
    with pytest.raises(Forbidden, match="rulebook_forbids"):
        pauses.record(live.ken, live.seller, begins=hours(1), ends=hours(2), cause="force_majeure", at=after)
    pauses.record(live.platform, live.seller, begins=hours(1), ends=hours(2), cause="force_majeure", at=after)


def test_a_greeting_is_marked(live: Cast) -> None:
    conversation = live.conversation()
    messages.send(live.ana, conversation, text="Where is it?", at=hours(1))
    messages.send(live.li, conversation, text="Hello!", at=hours(2))
    sent = JournalLine.objects.filter(kind="message.sent").order_by("seq")
    assert ['"greeting":true' in line.body for line in sent] == [False, True]
    assert Message.objects.count() == 2


def test_what_was_done_for_a_measure_counts_though_the_measure_came_to_be_known_later(cast: Cast) -> None:
    book = (
        BOOK
        + """
[[ledger]]
name = "conduct"
expires_after = "30 days"
[[ledger.rung]]
at = 1
measure = "warning"
length = "1 day"
decided_by = "automatic"
restored_by = { fact = "course.passed" }
[[conduct]]
name = "shouting"
title = "No shouting"
severity = "low"
proved_by = ["reviewer"]
charge = { ledger = "conduct", points = 1 }
"""
    )
    book = book.replace('version = "1"', 'version = "9"').replace("2026-01-01", "2026-03-02T09:00:00Z")
    rulebooks.publish(cast.platform, book, at=hours(0))
    tell(cast, "course.passed", cast.seller.ref, hours(20))
    tell(cast, "violation.found", "listing:1", hours(10), now=hours(30), rule="shouting", by="reviewer")
    clock.turn(hours(60))
    measure = Sanction.objects.get(origin="ledger:conduct")
    assert (measure.status, measure.restored_at, measure.ended_at) == ("lifted", hours(20), hours(34))
    (found,) = Finding.objects.all()
    assert (found.rule, found.severity, found.overturned_at) == ("shouting", "low", None)
    tell(cast, "violation.cleared", "listing:1", hours(70), of=found.found_by)
    assert Finding.objects.get().overturned_at == hours(70)
    assert Sanction.objects.get(origin="ledger:conduct").status == "overturned"
