"""Ids belong to one party, and every row follows from its chain."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.actions import clock, parties, rulebooks, sanctions
from comity.actions.enact import enact
from comity.actions.guard import Actor
from comity.cli.main import run
from comity.lib import chain
from comity.lib.moments import to_text
from comity.policy.facts import Fact, Scalar
from comity.records import journal, rebuild, tallies
from comity.records.models import Charge, Duty, JournalLine, Party, Rating, Sanction, Standing, Tally
from tests.actions.test_standards import BOOK, live, next_monday, sell, standing_of
from tests.cast import START, Cast, assemble, hours, tell
from tests.properties.stories import replayed, ruled
from tests.records.test_journal import unguarded
from tests.web.test_pages import sign_in

__all__ = ["live"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def two(live: Cast) -> tuple[Cast, Party]:
    """Two sellers whose orders have the same numbers, evaluated at the same moment."""
    other = parties.add(live.platform, parties.NewParty(role="seller", name="Other"), at=START)
    sell(live, 4, 1)
    for n in range(5):
        tell(live, "order.paid", f"order:{n}", hours(1), whose=other)
    for n in range(2):
        tell(live, "dispute.opened", f"order:{n}", hours(2), whose=other)
    clock.turn(next_monday(START) + (hours(1) - START))
    return live, other


def test_two_sellers_evaluated_at_one_moment_each_have_their_rows(two: tuple[Cast, Party]) -> None:
    cast, other = two
    mine, theirs = cast.seller.ratings.get(), other.ratings.get()
    assert mine.key == theirs.key
    assert [(row.counted, row.faulty) for row in (mine, theirs)] == [(4, 1), (5, 2)]
    for party in (cast.seller, other):
        assert {row.measure for row in party.sanctions.all()} == {"warning", "restriction"}
        assert rebuild.at_odds(party) == []
    restriction = other.sanctions.get(measure="restriction")
    sanctions.decline(cast.ken, restriction, reason="mistake", at=hours(500))
    assert cast.seller.sanctions.get(key=restriction.key).status == "proposed"
    li = sign_in(cast.li)
    assert li.get(f"/why/sanction/{cast.seller.uuid}/{restriction.key}/").status_code == 200
    assert li.get(f"/why/sanction/{other.uuid}/{restriction.key}/").status_code == 403


def test_one_event_told_of_two_sellers_is_each_one_s_own(live: Cast) -> None:
    other = parties.add(live.platform, parties.NewParty(role="seller", name="Other"), at=START)
    for seller in (live.seller, other):
        tell(live, "message.sent", "conversation:7", hours(1), whose=seller, by="buyer", automatic=False)
    clock.turn(hours(80))
    for seller in (live.seller, other):
        assert seller.duties.get().status == "breached"
        assert rebuild.at_odds(seller) == []


def change(row: Charge) -> None:
    Charge.objects.filter(pk=row.pk).update(points=1)


def take_away(row: Charge) -> None:
    row.delete()


def slip_in(row: Charge) -> None:
    row.pk, row.key = None, "invented"
    row.save(force_insert=True)


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [(change, "say otherwise of its points"), (take_away, "missing"), (slip_in, "no line speaks of it")],
)
def test_a_row_that_does_not_follow_is_found_and_made_anew(
    two: tuple[Cast, Party], tamper: object, problem: str
) -> None:
    cast, other = two
    before = [
        list(model.objects.order_by("party", "key").values_list("party", "key", "at")) for model in (Rating, Charge)
    ]
    effective = dict(Sanction.objects.values_list("pk", "effective_at"))
    reasons = {row.key: row.statement for row in cast.seller.sanctions.all()}
    tamper(cast.seller.charges.get())  # type: ignore[operator]
    (found,) = rebuild.at_odds(cast.seller)
    assert found.life == "charge"
    assert problem in found.problem
    assert rebuild.rebuild_where_at_odds() == (1, [])
    assert rebuild.at_odds(cast.seller) == rebuild.at_odds(other) == []
    after = [
        list(model.objects.order_by("party", "key").values_list("party", "key", "at")) for model in (Rating, Charge)
    ]
    assert after == before
    assert {row.key: row.statement for row in cast.seller.sanctions.all()} == reasons
    assert sorted(map(str, Sanction.objects.values_list("effective_at", flat=True))) == sorted(
        map(str, effective.values())
    )


def test_the_command_compares_and_makes_anew(two: tuple[Cast, Party], capsys: pytest.CaptureFixture[str]) -> None:
    cast, other = two
    assert run(["rebuild", "--check"]) == 0
    assert capsys.readouterr().out == "every row follows\n"
    change(cast.seller.charges.get())
    take_away(other.charges.get())
    assert run(["rebuild", "--check", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["mended"], len(told["rows"])) == (False, 0, 2)
    assert cast.seller.charges.get().points == 1, "compared, not changed"
    assert run(["journal", "verify"]) == 1
    assert "make rows anew from their chains with: comity rebuild" in capsys.readouterr().out
    assert run(["rebuild"]) == 0
    assert "2 rows did not follow from the journal; made anew for 2 parties" in capsys.readouterr().out
    assert run(["journal", "verify"]) == 0


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"effective_at": hours(99_999)}, "of its effective_at"),
        ({"statement": {"measure": "warning"}}, "of its statement"),
        ({"status": "zz"}, "they cannot be read"),
    ],
)
def test_what_stands_beside_a_state_is_compared_too(
    two: tuple[Cast, Party], values: dict[str, Any], problem: str
) -> None:
    cast, _ = two
    Sanction.objects.filter(party=cast.seller, measure="warning").update(**values)
    (found,) = rebuild.at_odds(cast.seller)
    assert problem in found.problem
    rebuild.rebuild(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


@pytest.fixture
def counted(two: tuple[Cast, Party]) -> Party:
    """A seller with rows of both sorts: orders, some in dispute, and what became of duties."""
    cast, _ = two
    for number in range(3):  # one is answered in time, one in time as is heard late, one never
        tell(cast, "message.sent", f"conversation:{number}", hours(200 + number), by="buyer", automatic=False)
    tell(cast, "message.sent", "conversation:0", hours(210), by="seller", automatic=False)
    clock.turn(hours(240))
    tell(cast, "message.sent", "conversation:1", hours(220), now=hours(250), by="seller", automatic=False)
    return cast.seller


def count_otherwise(row: Tally) -> None:
    Tally.objects.filter(pk=row.pk).update(faulty_at=hours(7))


def count_one_more(row: Tally) -> None:
    row.pk, row.subject = None, "invented"
    row.save(force_insert=True)


@pytest.mark.parametrize("standard", ["disputes", "replies"])
@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        (count_otherwise, "the lines say otherwise of its faulty_at"),
        (take_away, "the row is missing"),
        (count_one_more, "no line speaks of it"),
    ],
)
def test_a_row_that_a_standard_counts_is_found_and_made_anew(
    counted: Party, standard: str, tamper: Any, problem: str
) -> None:
    assert rebuild.at_odds(counted) == []
    before = tallies.as_they_are(counted.pk)
    for row in counted.tallies.filter(standard=standard):
        subject = "invented" if tamper is count_one_more else row.subject
        of_fault = bool(row.fault) and tamper is not count_one_more  # the subject's row has it otherwise, or not at all
        why = "the lines say otherwise of its faults" if of_fault else problem
        if tamper is take_away and not row.fault and counted.tallies.filter(subject=row.subject).count() > 1:
            continue  # its faults still speak of it
        tamper(row)
        assert rebuild.at_odds(counted) == [
            ("standard", f"{standard} {subject}", f"the standard counts otherwise: {why}")
        ]
        rebuild.rebuild(counted)
        assert tallies.as_they_are(counted.pk) == before
    assert {name for name, _ in before} == {"disputes", "replies"}


def test_what_was_told_before_there_were_rules_counts_nowhere(db: None) -> None:
    """The first version binds from a day before it was published; what was judged by none is judged by none again."""
    platform = Actor(parties.platform(START))
    seller = parties.add(platform, parties.NewParty(role="seller", name="S"), at=START)
    for number, at in ((1, hours(1)), (2, hours(3))):
        if number == 2:
            rulebooks.publish(platform, BOOK, at=hours(2))
        paid = Fact(
            id=f"p{number}", kind="order.paid", at=at, noted_at=at, subject=f"order:{number}",
            matter=f"order:{number}", party=seller.ref, data={},
        )  # fmt: skip
        enact(seller, paid)
    assert {row.subject for row in seller.tallies.all()} == {"order:2"}
    assert rebuild.at_odds(seller) == []


def test_a_party_that_is_looked_at_too_late_is_found(live: Cast) -> None:
    tell(live, "message.sent", "conversation:7", hours(1), by="buyer", automatic=False)
    Standing.objects.filter(party=live.seller).update(next_due=None)
    assert "later than something of it falls due" in rebuild.at_odds(live.seller)[0].problem


@pytest.mark.parametrize(("was", "is_now"), [('"points":2', '"points":52'), ('"ruling":"Charge"', '"ruling":"Nope"')])
def test_nothing_is_made_of_a_chain_that_does_not_hold(two: tuple[Cast, Party], was: str, is_now: str) -> None:
    cast, other = two
    with unguarded():
        line = JournalLine.objects.get(party=cast.seller, kind="ledger.charged")
        JournalLine.objects.filter(pk=line.pk).update(body=line.body.replace(was, is_now))
    assert list(journal.verify(cast.seller))
    assert rebuild.at_odds(cast.seller)
    take_away(other.charges.get())
    count, (broken,) = rebuild.rebuild_where_at_odds()
    assert (count, cast.seller.charges.get().points) == (1, 2)
    assert f"the chain of {cast.seller.ref} does not hold" in broken
    assert run(["rebuild"]) == 1


def test_what_waits_goes_on_after_its_rows_were_made_anew(live: Cast) -> None:
    tell(live, "message.sent", "conversation:7", hours(1), by="buyer", automatic=False)
    next_due = standing_of(live.seller).next_due
    Duty.objects.all().delete()
    rebuild.rebuild(live.seller)
    assert standing_of(live.seller).next_due == next_due
    clock.turn(hours(80))
    assert Duty.objects.get().status == "breached"
    assert replayed(live.seller, until=hours(80)) == ruled(live.seller)


def fact(seller: Party, number: int, at: datetime, noted_at: datetime) -> Fact:
    return Fact(
        id=f"m{number}", kind="message.sent", at=at, noted_at=noted_at, subject="conversation:7",
        matter="conversation:7", party=seller.ref, data={"by": "buyer" if number % 2 else "seller", "automatic": False},
    )  # fmt: skip


def test_a_chain_never_runs_backwards(live: Cast) -> None:
    """Two at once: the second read its clock first, and then waited for the first."""
    enact(live.seller, fact(live.seller, 1, hours(1), hours(1)))
    clock.turn(hours(40))
    enact(live.seller, fact(live.seller, 2, hours(24), hours(39)))
    noted = list(JournalLine.objects.filter(party=live.seller).order_by("seq").values_list("noted_at", flat=True))
    assert noted == sorted(noted)
    assert noted[-1] == hours(40) == standing_of(live.seller).noted_at
    assert replayed(live.seller, until=hours(40)) == ruled(live.seller)


def test_facts_of_an_old_chain_are_told_as_they_were_judged(live: Cast) -> None:
    for number, at in ((1, hours(1)), (2, hours(9))):
        enact(live.seller, fact(live.seller, number, at, at))
    with unguarded():
        line = JournalLine.objects.get(party=live.seller, fact_id="m2")
        old = msgspec.json.decode(line.body)
        old["at"] = old["noted_at"] = "2026-03-02T09:00:00.000000Z"
        JournalLine.objects.filter(pk=line.pk).update(body=msgspec.json.encode(old).decode())
    assert [each.noted_at for each in journal.facts_of(live.seller)] == [hours(1), hours(1)]


def test_lines_beyond_the_head_and_lines_of_another_party_are_found(live: Cast) -> None:
    other = parties.add(live.platform, parties.NewParty(role="seller", name="Other"), at=START)
    for seller in (live.seller, other):
        enact(seller, fact(seller, 1, hours(1), hours(1)))
    assert [list(journal.verify(seller)) for seller in (live.seller, other)] == [[], []]
    mine, theirs = standing_of(live.seller), standing_of(other)
    with unguarded():  # both chains whole, each in the other's place
        JournalLine.objects.filter(party=live.seller).update(
            seq=-1 * (JournalLine.objects.none().count() or 1)
        ) if False else None
        spare = parties.add(live.platform, parties.NewParty(role="seller", name="Spare"), at=START)
        for source, place in ((live.seller, spare), (other, live.seller), (spare, other)):
            JournalLine.objects.filter(party=source).update(party=place)
        Standing.objects.filter(party=live.seller).update(chain_seq=theirs.chain_seq, chain_hash=theirs.chain_hash)
        Standing.objects.filter(party=other).update(chain_seq=mine.chain_seq, chain_hash=mine.chain_hash)
    assert {trouble.problem for trouble in journal.verify(live.seller)} == {f"the line is of {other.ref}"}
    with unguarded():
        Standing.objects.filter(party=other).update(chain_seq=0, chain_hash=bytes(32))
    (trouble,) = journal.verify(other)
    assert "beyond the chain's head" in trouble.problem


def test_a_reader_is_not_alarmed_by_whoever_writes_meanwhile(live: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    enact(live.seller, fact(live.seller, 1, hours(1), hours(1)))
    whole = chain.breaks

    def slow(*arguments: Any, **named: Any) -> object:
        enact(live.seller, fact(live.seller, 2, hours(2), hours(2)))
        return whole(*arguments, **named)

    monkeypatch.setattr(chain, "breaks", slow)
    assert list(journal.verify(live.seller)) == []
    assert JournalLine.objects.filter(party=live.seller, fact_id="m2").exists()


def test_an_emptied_chain_is_found_by_its_rows(live: Cast) -> None:
    enact(live.seller, fact(live.seller, 1, hours(1), hours(1)))
    with unguarded():
        JournalLine.objects.filter(party=live.seller)._raw_delete("default")
        Standing.objects.filter(party=live.seller).update(chain_seq=0, chain_hash=bytes(32))
    assert list(journal.verify(live.seller)) == []
    found = {(row.life, row.problem.partition(":")[0]) for row in rebuild.at_odds(live.seller)}
    assert found == {
        ("duty", "no line speaks of it"),
        ("conversation", "no fact speaks of it"),
        ("message", "no fact speaks of this"),
    }


def test_a_duty_counts_as_it_stood_when_it_was_settled(db: None, tmp_path: Path) -> None:
    """Two facts noted at one moment: the first opens a duty again, the second moves when it is due."""
    path = tmp_path / "due.toml"
    path.write_text(BOOK.replace('of_duty = "reply"', 'of_duty = "reply"\nbasis = "due"'))
    cast = assemble(str(path))
    outage: dict[str, Scalar] = {
        "from": to_text(hours(5)),
        "until": to_text(hours(9)),
        "cause": "platform_outage",
        "by": "agent",
    }
    told: tuple[tuple[int, str, dict[str, Scalar]], ...] = (
        (1, "message.sent", {"by": "buyer", "automatic": False}),
        (2, "message.sent", {"by": "seller", "automatic": True}),
        (3, "answer.rejected", {"of": "f2"}),
        (4, "pause.recorded", outage),
    )
    for number, kind, data in told:
        noted = Fact(
            id=f"f{number}", kind=kind, at=hours(min(number, 3)), noted_at=hours(min(number, 3)), subject="conversation:7",
            matter="conversation:7", party=cast.seller.ref, data=data,
        )  # fmt: skip
        enact(cast.seller, noted)
    assert rebuild.at_odds(cast.seller) == []
    assert cast.seller.tallies.get().basis != cast.seller.duties.get().due
