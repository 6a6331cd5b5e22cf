"""Figures of disputes: what they count, who sees whose line, and that no case costs a statement of its own."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.actions.disputes import appealing, claims, deciding, figures, mediation
from comity.actions.guard import Actor, Forbidden
from comity.lib.money import Money
from comity.policy.disputes.figures import LEAST, Share
from tests.cast import START
from tests.disputing import RULES, agent, rulebook, stage
from tests.disputing import Stage as Scene

DAY = timedelta(days=1)
END = START + 10 * DAY
pytestmark = pytest.mark.django_db
COMPARE = '[[power]]\nwho = "agent"\nmay = ["pause", "compare"]\n\n'


def another(here: Scene) -> Scene:
    """One more order of the same two."""
    return Scene(here.cast, here.cast.order())


def mediated(here: Scene, who: Actor | None) -> None:
    """Opened on day 1, rejected on day 2, asked for the platform on day 4, taken on day 5."""
    dispute = here.open(START + DAY)
    claims.reject(here.cast.li, dispute, text="It is fine.", version=1, at=START + 2 * DAY)
    mediation.escalate(here.cast.ana, dispute, at=START + 4 * DAY)
    if who is not None:
        mediation.take(who, dispute, at=START + 5 * DAY)


def decided(here: Scene, who: Actor, outcome: str = "seller", proof: str = "unclear", reason: str = "") -> Scene:
    """Decided on day 6: nothing goes back, so it ends at once."""
    mediated(here, who)
    judged = deciding.Judgement(
        outcome, Money(100, "EUR") if outcome == "buyer" else None, inputs={"proof": proof}, text="So it is.",
        reason=reason,
    )  # fmt: skip
    deciding.decide(who, here.the_dispute, judged, at=START + 6 * DAY)
    return here


def test_time_is_counted_by_whose_turn_it_was() -> None:
    here = stage()
    decided(here, agent(here.cast, "ada"))
    found = figures.figures(here.cast.platform, at=END)
    assert (found.ended, found.cut, found.days) == (1, False, figures.DAYS)
    assert found.whole is not None
    assert found.whole.median == 5 * DAY
    told = {who: each.median / DAY for who, each in found.spent.items() if each is not None}
    assert told == {"seller": 1, "buyer": 2, "both": 0, "mediator": 2, "nobody": 0}
    assert found.oldest is None
    assert not any(found.waiting.values())
    assert figures.figures(here.cast.platform, days=3, at=END).ended == 0, "it ended four days ago"


def test_who_waits_with_whom_now_and_which_case_longest_for_an_agent() -> None:
    here = stage(rulebook(drop=["mediate", "answer"]))
    ada = agent(here.cast, "ada")
    for scene in (here, another(here), another(here)):
        mediated(scene, None)
    mediation.take(ada, here.the_dispute, at=START + 5 * DAY)
    mediation.ask(ada, here.the_dispute, of="seller", text="Weight?", at=START + 6 * DAY)
    another(here).open(START + 6 * DAY)
    found = figures.figures(ada, at=START + 8 * DAY)
    assert found.waiting == {"buyer": 0, "seller": 2, "both": 0, "mediator": 2, "nobody": 0}
    assert found.oldest is not None
    assert (found.oldest.holder, found.oldest.escalated_at) == (None, START + 4 * DAY)
    # The rulebook gives the seller 72 hours to answer what the platform asks.
    later = figures.figures(ada, at=START + 9 * DAY + timedelta(hours=1))
    assert (later.waiting["seller"], later.waiting["mediator"]) == (1, 3)


def test_an_agent_sees_the_own_line_beside_that_of_all_and_no_colleagues() -> None:
    here = stage()
    ada, ben = agent(here.cast, "ada"), agent(here.cast, "ben")
    decided(here, ada)
    appealing.appeal(here.cast.ana, here.the_dispute, text="No.", at=START + 7 * DAY)
    for _ in range(2):
        decided(another(here), ben)
    mine = figures.figures(ada, at=END)
    assert (mine.deciders, mine.everybody.n) == (None, 3)
    assert mine.own is not None
    assert (mine.own.n, mine.own.appealed, mine.own.took) == (1, Share(1, 1), None)
    assert mine.own.appealed.rate is None, "too few"
    whole = figures.figures(here.cast.platform, at=END)
    assert whole.own is None
    assert whole.deciders is not None
    assert [(each.party and each.party.name, each.line.n) for each in whole.deciders] == [("ben", 2), ("ada", 1)]
    for stranger in (here.cast.ana, here.cast.li):
        with pytest.raises(Forbidden):
            figures.figures(stranger, at=END)


def test_agents_compare_where_the_rulebook_says_so_and_not_by_a_token_for_less() -> None:
    here = stage(rulebook(more=COMPARE))
    ada = agent(here.cast, "ada")
    decided(here, ada)
    found = figures.figures(ada, at=END).deciders
    assert found is not None
    assert [each.party for each in found] == [ada.party]
    by_token = Actor(ada.party, scopes=frozenset({"dispute.figures"}))
    assert figures.figures(by_token, at=END).deciders is None


def test_from_enough_decisions_on_a_rate_is_told() -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    decided(here, ada)
    for _ in range(LEAST - 1):
        decided(another(here), ada)
    own = figures.figures(ada, at=END).own
    assert own is not None
    assert own.for_buyer.rate == 0
    assert own.took is not None
    assert own.took.median == DAY


def test_like_cases_that_end_differently_are_found_by_row_and_inputs() -> None:
    here = stage(rulebook(rules=RULES))
    ada, ben = agent(here.cast, "ada"), agent(here.cast, "ben")
    decided(here, ada)
    decided(another(here), ben)
    split = decided(another(here), ben, "nobody", reason="Both were wrong.")
    found = figures.figures(ada, at=END)
    made = found.consistency
    assert (made.decisions, made.groups, made.by_deviation, made.deviating) == (3, Share(0, 1), 1, Share(1, 3))
    (group,) = made.apart
    assert group.alike.row == "not shown"
    assert dict(group.alike.inputs) == {"reason": "damaged", "tracking": "none"}
    assert found.cases[split.the_dispute.ref] == split.the_dispute
    assert {each.by: (each.n, each.same) for each in made.pairs}["all"] == (3, 1)


def test_no_case_costs_a_statement_of_its_own() -> None:
    here = stage()
    ada = agent(here.cast, "ada")

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            figures.figures(here.cast.platform, at=END)
        return len(asked)

    decided(here, ada)
    mediated(another(here), ada)
    few = statements()
    for _ in range(3):
        decided(another(here), ada)
        mediated(another(here), ada)
    assert statements() == few
    assert few <= 16
