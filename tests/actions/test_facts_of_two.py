"""An event that counts for two parties is noted in both chains, or in neither."""

from datetime import datetime
from typing import Any

import pytest

from comity.actions import enact, facts
from comity.actions.judging import moments
from comity.policy import memory
from comity.policy.dossier import Dossier
from comity.policy.facts import DEADLINE, Fact
from comity.policy.judge import judge
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.records import journal, rebuild
from comity.records.models import Conversation, Finding, JournalLine, Party
from tests.cast import Cast, assemble, hours, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    """Under rules that know of conduct."""
    return assemble("etsy")


def quarrel(cast: Cast, identity: str = "q1", **data: Any) -> dict[str, Any]:
    both = ["seller:li wei", "buyer:ana souza"]
    return {
        "specversion": "1.0", "id": identity, "source": "shop", "type": "violation.found",
        "time": hours(5).isoformat(), "subject": "conversation:c1",
        "data": {"party": both, "rule": "harassment", "by": "reviewer", **data},
    }  # fmt: skip


def lines(cast: Cast) -> dict[str, int]:
    rows = JournalLine.objects.filter(kind="violation.found")
    return {who.name: rows.filter(party=who).count() for who in (cast.seller, cast.buyer)}


def test_it_is_noted_for_both_and_once(cast: Cast) -> None:
    tell(cast, "message.sent", "conversation:c1", hours(1), by="buyer", automatic=False, buyer="buyer:ana souza")
    first, again = (facts.record(cast.platform, quarrel(cast), now=hours(6)) for _ in range(2))
    assert (first.status, again.status) == ("recorded", "known"), first.problems
    assert lines(cast) == {"Li Wei": 1, "Ana Souza": 1}
    for party in (cast.seller, cast.buyer):
        assert list(journal.verify(party)) == []
        assert rebuild.at_odds(party) == []
    assert Conversation.objects.count() == 1, "the buyer's chain makes no second one"
    assert {row.party for row in Finding.objects.all()} <= {cast.seller, cast.buyer}


def test_with_another_content_or_unsound_it_is_refused_for_both(cast: Cast) -> None:
    facts.record(cast.platform, quarrel(cast), now=hours(6))
    other = facts.record(cast.platform, quarrel(cast, by="report"), now=hours(7))
    assert other.status == "refused"
    assert "with another data" in other.problems[0]
    wrong = facts.record(cast.platform, quarrel(cast, "q2", score=2000), now=hours(7))
    assert (wrong.status, lines(cast)) == ("refused", {"Li Wei": 1, "Ana Souza": 1})
    nobody = quarrel(cast, "q3")
    nobody["data"]["party"] = ["seller:li wei", "buyer:nobody"]
    assert "there is no buyer:nobody" in facts.record(cast.platform, nobody, now=hours(7)).problems[0]
    nobody["data"]["party"] = []
    assert "data.party is missing" in facts.record(cast.platform, nobody, now=hours(7)).problems[0]
    assert lines(cast) == {"Li Wei": 1, "Ana Souza": 1}


def test_where_the_second_cannot_be_noted_the_first_is_not(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Memory.note

    def failing(mine: Memory, fact: Any) -> Any:
        if mine.party == max((cast.seller, cast.buyer), key=lambda party: party.pk).ref:
            raise KeyboardInterrupt
        return real(mine, fact)

    monkeypatch.setattr(Memory, "note", failing)
    with pytest.raises(KeyboardInterrupt):
        facts.record(cast.platform, quarrel(cast), now=hours(6))
    assert lines(cast) == {"Li Wei": 0, "Ana Souza": 0}


def test_a_moment_of_the_second_that_fails_steps_aside(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(cast, "message.sent", "conversation:c1", hours(1), by="buyer", automatic=False, buyer="buyer:ana souza")
    seen, real_aside, real_judge = [], moments.step_aside, judge

    def aside(party: Party, stuck: memory.Stuck, *, at: datetime) -> None:
        seen.append(party)
        real_aside(party, stuck, at=at)

    def broken(books: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
        if fact.kind == DEADLINE:
            raise LookupError("no such rule")
        return real_judge(books, dossier, fact)

    monkeypatch.setattr(enact, "step_aside", aside)
    monkeypatch.setattr(memory, "judge", broken)
    event = quarrel(cast)
    event["time"] = hours(2000).isoformat()
    assert facts.record(cast.platform, event, now=hours(2000)).status == "recorded"
    assert set(seen) == {cast.seller}
    assert lines(cast) == {"Li Wei": 1, "Ana Souza": 1}


def test_one_that_cannot_be_judged_takes_no_other_with_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Memory.note

    def poisoned(mine: Memory, fact: Any) -> Any:
        if fact.id == "shop|q2":
            raise LookupError("a rule that is not there")
        return real(mine, fact)

    monkeypatch.setattr(Memory, "note", poisoned)
    answers = facts.record_all(cast.platform, [quarrel(cast, "q1"), quarrel(cast, "q2")], now=hours(6))
    assert [answer.status for answer in answers] == ["recorded", "refused"]
    assert "cannot be judged: LookupError" in answers[1].problems[0]
    assert lines(cast) == {"Li Wei": 1, "Ana Souza": 1}
