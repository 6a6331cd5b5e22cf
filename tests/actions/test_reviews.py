"""Reviews: written by both sides, hidden until both have, changed, answered, removed; and what is refused."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from comity.actions import clock, facts, orders, parties, review_appeals, reviews, rulebooks
from comity.actions.disputes import interests
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.actions.seal import casefile
from comity.lib import moments
from comity.lib.ids import digest
from comity.lib.money import Money
from comity.policy.facts import Fact
from comity.policy.memory import fold
from comity.policy.reviews.fold import fold as review_fold
from comity.policy.rulebook import Rulebooks
from comity.records import journal, rebuild
from comity.records import rulebooks as versions
from comity.records.models import JournalLine, Notice, Order, Party, Review
from comity.records.reviews import Summary, masked, summary_of
from comity.records.tallies import Tallies
from comity.rulebooks.language.parse import parse
from comity.rulebooks.shelf import text_of
from tests.cast import START, Cast, assemble, hours, tell
from tests.properties.stories import replayed, ruled

DAY = 24
WINDOW = (START - timedelta(days=1), START + timedelta(days=300))
#: As the house rules, and a standard over stars.
STARS = """
[[standard]]
name = "stars"
counted = { fact = "review.written" }
faulty = { fact = "review.written", where = { score = "<= 2" } }
value = "score"
window = "30 days"
limit = { faulty = "<= 0" }
"""


@pytest.fixture
def cast(db: None) -> Cast:
    made = assemble(publish=False)
    rulebooks.publish(made.platform, text_of("comity") + STARS, at=START)
    return made


def delivered(cast: Cast, *, at: float = 10, buyer: Actor | None = None) -> Order:
    """An order that arrived ten hours after it was placed."""
    order = orders.place(
        cast.platform,
        orders.NewOrder(buyer=(buyer or cast.ana).party, seller=cast.seller, title="Desk lamp", price=Money(1999, "EUR"),
                        handling_hours=72, deliver_by=hours(20 * DAY)),
        at=hours(at - 10),
    )  # fmt: skip
    orders.pay(cast.platform, order, at=hours(at - 9))
    tell(cast, "shipment.delivered", order.ref, hours(at))
    return Order.objects.get(pk=order.pk)


def after(days: int, *, since: float = 10) -> datetime:
    """So many days after the order arrived, by the calendar of the house rules: summer time has begun in Berlin."""
    return hours(since) + timedelta(days=days) - timedelta(hours=1)


def about_dispute(cast: Cast, kind: str, order: Order, at: datetime, **data: object) -> None:
    event = {
        "specversion": "1.0", "id": kind, "source": "shop", "type": kind, "time": at.isoformat(),
        "subject": "dispute:1", "data": {"party": cast.seller.ref, "matter": order.ref, **data},
    }  # fmt: skip
    recorded = facts.record(cast.platform, event, now=at)
    assert recorded.status == "recorded", recorded.problems


def agents(cast: Cast, name: str) -> Party:
    return parties.add(cast.platform, parties.NewParty(role="agent", name=name, external_id=name.lower()), at=START)


def lines(kind: str) -> list[dict[str, Any]]:
    bodies = [fact.data for fact in journal.facts_of(JournalLine.objects.earliest("pk").party) if fact.kind == kind]
    return [dict(each) for each in bodies]


def said_to(actor: Actor) -> list[tuple[str, Any]]:
    rows = Notice.objects.filter(party=actor.party, kind__startswith="review.").order_by("pk")
    return [(row.kind, row.values.get("score")) for row in rows]


def code_of(refused: Callable[[], object]) -> str:
    with pytest.raises(NotNow) as caught:
        refused()
    return caught.value.code


def stars(cast: Cast, at: float = 400) -> tuple[int, int, int]:
    counted = Tallies(cast.seller.pk).count("stars", WINDOW, hours(at))
    return counted.counted, counted.faulty, counted.total


def fact_of(kind: str, cast: Cast) -> Fact:
    return next(fact for fact in journal.facts_of(cast.seller) if fact.kind == kind)


def test_hidden_until_both_have_rated(cast: Cast) -> None:
    order = delivered(cast)
    hers = reviews.write(cast.ana, order, score=2, text="  It flickers.  ", at=hours(20))
    until = after(60)
    hers.refresh_from_db()
    assert (hers.text, hers.shown_from) == ("It flickers.", until)
    assert not hers.is_visible(hours(21))
    assert not Review.objects.filter(Review.visible_at(hours(21))).exists()
    assert summary_of(cast.seller, hours(21)).number == 0
    fact = fact_of("review.written", cast)
    assert fact.data == {"by": "buyer", "score": 2, "review": hers.name, "digest": digest(bytes(hers.salt), "It flickers."),
                         "shown_by": moments.to_text(until)}  # fmt: skip
    assert "flickers" not in JournalLine.objects.get(kind="review.written").body
    assert said_to(cast.li) == [("review.waits", None)], "without what was said"
    his = reviews.write(cast.li, order, score=5, at=hours(30))
    hers.refresh_from_db()
    assert (hers.shown_from, his.shown_from) == (hours(30), hours(30))
    line = JournalLine.objects.filter(kind="review.written").earliest("seq")
    withheld = [casefile.line_of(line, cast.seller, cast.li, at=hours(at)).withheld for at in (29, 30)]
    assert withheld == ["reader", ""], "a case file shows what its reader may see when it is made"
    assert [each.is_visible(hours(30)) for each in (hers, his)] == [True, True]
    assert [each.is_visible(hours(29)) for each in (hers, his)] == [False, False]
    assert (said_to(cast.ana), said_to(cast.li)[1:]) == ([("review.written", 5)], [("review.written", 2)])
    assert summary_of(cast.seller, hours(30)) == Summary(1, Fraction(2), {5: 0, 4: 0, 3: 0, 2: 1, 1: 0})
    assert summary_of(cast.buyer, hours(30)).shown == "5.00"
    assert rebuild.at_odds(cast.seller) == []


def test_alone_it_is_shown_when_the_time_is_over_whether_a_worker_looked_or_not(cast: Cast) -> None:
    review = reviews.write(cast.ana, delivered(cast), score=4, at=hours(20))
    end = after(60)
    assert [review.is_visible(at) for at in (end - timedelta(microseconds=1), end)] == [False, True]
    assert [Review.objects.filter(Review.visible_at(at)).count() for at in (end - timedelta(seconds=1), end)] == [0, 1]


def test_where_the_rules_say_so_it_is_shown_at_once(db: None) -> None:
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, text_of("comity").replace('hidden = "until both"', 'hidden = "never"'), at=START)
    review = reviews.write(cast.ana, delivered(cast), score=3, at=hours(20))
    assert review.is_visible(hours(20))
    assert said_to(cast.li) == [("review.written", 3)]


def test_what_hides_is_in_no_line_that_the_other_side_reads(cast: Cast) -> None:
    reviews.write(cast.ana, delivered(cast), score=1, text="Broken", at=hours(20))
    body = json.loads(JournalLine.objects.get(kind="review.written").body)
    seen = masked(body, cast.seller, cast.seller, hours(21))
    assert {"score", "digest"}.isdisjoint(seen["data"])
    for reader in (cast.ana.party, cast.ken.party, None):
        assert masked(body, cast.seller, reader, hours(21)) == body
    assert masked(body, cast.seller, cast.seller, after(60)) == body


def test_a_removed_review_is_gone_at_once(cast: Cast) -> None:
    """As in shared/cases: six reviews, two removed; the same number and mean everywhere."""
    made = [delivered(cast, at=10 + number) for number in range(6)]
    for order, score in zip(made, [5, 5, 5, 5, 1, 3], strict=True):
        reviews.write(cast.ana, order, score=score, at=hours(30))
        reviews.write(cast.li, order, score=5, at=hours(31))
    assert (summary_of(cast.seller, hours(32)).number, summary_of(cast.seller, hours(32)).shown) == (6, "4.00")
    assert stars(cast) == (6, 1, 24)
    clock.turn(hours(5 * DAY))
    assert cast.seller.ratings.filter(standard="stars", overturned_at=None).exists()
    one, three = Review.objects.get(by="buyer", score=1), Review.objects.get(by="buyer", score=3)
    reviews.moderate(cast.ken, one, because="extortion", at=hours(10 * DAY))
    assert (summary_of(cast.seller, hours(10 * DAY)).number, summary_of(cast.seller, hours(10 * DAY)).shown) == (
        5,
        "4.60",
    )
    assert stars(cast) == stars(cast, at=40) == (5, 0, 23), "in every window, also as things stood before"
    assert not cast.seller.ratings.filter(standard="stars", overturned_at=None).exists()
    reviews.moderate(cast.ken, three, because="not_about_the_order", at=hours(11 * DAY))
    assert (summary_of(cast.seller, hours(11 * DAY)).number, summary_of(cast.seller, hours(11 * DAY)).shown) == (
        4,
        "5.00",
    )
    assert stars(cast) == (4, 0, 20)
    removed = [row.values for row in Notice.objects.filter(party=cast.buyer, kind="review.removed").order_by("pk")]
    assert [values["because"] for values in removed] == ["extortion", "not_about_the_order"]
    assert lines("review.removed")[0] | {"review": ""} == {
        "by": "agent", "because": "extortion", "of": "buyer", "agent": cast.ken.party.ref, "review": "",
    }  # fmt: skip
    assert rebuild.at_odds(cast.seller) == []
    replayed = fold(versions.current(), cast.seller.ref, list(journal.facts_of(cast.seller)), until=hours(12 * DAY))
    assert replayed.counting.count("stars", WINDOW, hours(400)) == Tallies(cast.seller.pk).count(
        "stars", WINDOW, hours(400)
    )


def test_the_writer_changes_and_withdraws_it(cast: Cast) -> None:
    order = delivered(cast)
    review = reviews.write(cast.ana, order, score=1, text="Bad", at=hours(20))
    reviews.revise(cast.ana, review, score=4, text="Good after all", at=hours(21))
    review.refresh_from_db()
    assert (review.score, review.text, review.revised_at) == (4, "Good after all", hours(21))
    assert stars(cast) == (1, 0, 4)
    assert lines("review.revised")[0]["digest"] == digest(bytes(review.salt), "Good after all")
    reviews.revise(cast.ana, review, score=4, text="Good after all", at=hours(22))
    assert len(lines("review.revised")) == 1, "the same again changes nothing"
    assert said_to(cast.li) == [("review.waits", None)], "of what hides nothing is told"
    reviews.withdraw(cast.ana, review, at=hours(23))
    reviews.withdraw(cast.ana, review, at=hours(24))
    assert len(lines("review.removed")) == 1
    assert stars(cast) == (0, 0, 0)
    assert code_of(lambda: reviews.write(cast.ana, order, score=5, at=hours(25))) == "removed"
    assert code_of(lambda: reviews.revise(cast.ana, review, score=5, at=hours(25))) == "removed"
    assert rebuild.at_odds(cast.seller) == []


def test_who_was_rated_answers_once(cast: Cast) -> None:
    order = delivered(cast)
    review = reviews.write(cast.ana, order, score=2, at=hours(20))
    assert code_of(lambda: reviews.answer(cast.li, review, text="Sorry!", at=hours(21))) == "hidden"
    reviews.write(cast.li, order, score=4, at=hours(22))
    with pytest.raises(Refused, match="Write something"):
        reviews.answer(cast.li, review, text=" ​ ", at=hours(23))
    assert code_of(lambda: reviews.answer(cast.ana, review, text="Me", at=hours(23))) == "not_rated"
    reviews.answer(cast.li, review, text="Sorry!", at=hours(23))
    review.refresh_from_db()
    assert (review.answer, review.answered_at) == ("Sorry!", hours(23))
    assert lines("review.answered")[0]["digest"] == digest(bytes(review.answer_salt), "Sorry!")
    assert said_to(cast.ana)[-1] == ("review.answered", None)
    assert code_of(lambda: reviews.answer(cast.li, review, text="And", at=hours(24))) == "answered_already"
    assert rebuild.at_odds(cast.seller) == []


@pytest.mark.parametrize("agreed", [True, False])
def test_a_removal_is_asked_for_once_and_the_writer_decides(cast: Cast, agreed: bool) -> None:
    order = delivered(cast)
    review = reviews.write(cast.ana, order, score=1, at=hours(20))
    reviews.write(cast.li, order, score=4, at=hours(22))
    reviews.ask_removal(cast.li, review, at=hours(23))
    assert said_to(cast.ana)[-1][0] == "review.removal_asked"
    assert code_of(lambda: reviews.ask_removal(cast.li, review, at=hours(24))) == "asked_already"
    assert code_of(lambda: reviews.answer_removal(cast.li, review, accepted=True, at=hours(24))) == "not_yours"
    with pytest.raises(NotNow) as changed:
        reviews.answer_removal(cast.ana, review, accepted=agreed, shown=hours(1), at=hours(24))
    assert changed.value.code == "changed"
    reviews.answer_removal(cast.ana, review, accepted=agreed, shown=hours(23), at=hours(25))
    reviews.answer_removal(cast.ana, review, accepted=not agreed, at=hours(26))
    review.refresh_from_db()
    assert (review.removed_by, review.declined_at) == (("agreement", None) if agreed else ("", hours(25)))
    assert stars(cast)[0] == (0 if agreed else 1)
    told = "review.removed" if agreed else "review.removal_declined"
    assert said_to(cast.li)[-1][0] == told
    assert rebuild.at_odds(cast.seller) == []


def test_what_is_not_to_be_rated(cast: Cast) -> None:
    under_way = cast.order()
    assert code_of(lambda: reviews.write(cast.ana, under_way, score=5, at=hours(1))) == "not_delivered"
    unpaid = cast.order(paid=False)
    assert code_of(lambda: reviews.write(cast.ana, unpaid, score=5, at=hours(30 * DAY))) == "not_delivered"
    cancelled = cast.order()
    orders.cancel(cast.li, cancelled, reason="no_stock", at=hours(2))
    assert code_of(lambda: reviews.write(cast.ana, cancelled, score=1, at=hours(30 * DAY))) == "cancelled"
    order = delivered(cast)
    for rival in (cast.bea, cast.max, cast.ken):
        with pytest.raises(Forbidden):
            reviews.write(rival, order, score=1, at=hours(20))
    assert code_of(lambda: reviews.write(cast.platform, order, score=1, at=hours(20))) == "no_side"
    for score in (0, 6):
        with pytest.raises(Refused, match="1 to 5 stars"):
            reviews.write(cast.ana, order, score=score, at=hours(20))
    with pytest.raises(Refused, match="at most"):
        reviews.write(cast.ana, order, score=1, text="x" * 4001, at=hours(20))
    reviews.write(cast.ana, order, score=5, at=hours(20))
    assert code_of(lambda: reviews.write(cast.ana, order, score=1, at=hours(21))) == "written_already"
    over = after(60)
    assert code_of(lambda: reviews.write(cast.li, order, score=1, at=over)) == "window_over"
    assert Review.objects.count() == len(lines("review.written")) == 1


def test_what_never_came_is_rated_once_its_promise_has_passed(cast: Cast) -> None:
    order = cast.order(days=5)
    assert code_of(lambda: reviews.write(cast.ana, order, score=1, at=hours(5 * DAY - 1))) == "not_delivered"
    review = reviews.write(cast.ana, order, score=1, at=hours(5 * DAY))
    assert review.shown_from == after(60, since=5 * DAY)


def test_under_rules_without_reviews_nobody_writes_any(db: None) -> None:
    cast = assemble(publish=False)
    before, _, after_it = text_of("comity").partition("[reviews]")
    rulebooks.publish(cast.platform, before + "[dispute]" + after_it.partition("[dispute]")[2], at=START)
    assert code_of(lambda: reviews.write(cast.ana, delivered(cast), score=1, at=hours(20))) == "no_reviews"


def test_nobody_touches_anothers_review(cast: Cast) -> None:
    order = delivered(cast)
    review = reviews.write(cast.ana, order, score=2, at=hours(20))
    assert code_of(lambda: reviews.revise(cast.li, review, score=5, at=hours(21))) == "not_yours"
    assert code_of(lambda: reviews.withdraw(cast.li, review, at=hours(21))) == "not_yours"
    for rival in (cast.bea, cast.max):
        with pytest.raises(Forbidden):
            reviews.revise(rival, review, score=5, at=hours(21))
        with pytest.raises(Forbidden):
            reviews.answer(rival, review, text="x", at=hours(21))
    for side in (cast.ana, cast.li):
        with pytest.raises(Forbidden):
            reviews.moderate(side, review, because="offensive", at=hours(21))
    with pytest.raises(Refused, match="because must be one of"):
        reviews.moderate(cast.ken, review, because="own_wish", at=hours(21))


def test_nothing_is_done_to_a_review_before_it_was_written_or_last_changed(cast: Cast) -> None:
    """A shop may tell what happened earlier; not what cannot have."""
    order = delivered(cast)
    review = reviews.write(cast.ana, order, score=2, at=hours(20))
    reviews.write(cast.li, order, score=2, at=hours(21))
    assert code_of(lambda: reviews.revise(cast.ana, review, score=5, at=hours(19))) == "changed"
    reviews.revise(cast.ana, review, score=3, at=hours(30))
    assert code_of(lambda: reviews.revise(cast.ana, review, score=5, at=hours(29))) == "changed"
    assert code_of(lambda: reviews.answer(cast.li, review, text="No", at=hours(29))) == "changed"
    assert code_of(lambda: reviews.withdraw(cast.ana, review, at=hours(29))) == "changed"
    assert code_of(lambda: reviews.moderate(cast.ken, review, because="offensive", at=hours(29))) == "changed"
    reviews.ask_removal(cast.li, review, at=hours(31))
    assert code_of(lambda: reviews.answer_removal(cast.ana, review, accepted=True, at=hours(30))) == "changed"
    reviews.moderate(cast.ken, review, because="offensive", at=hours(40))
    reviews.moderate(cast.ken, review, because="extortion", at=hours(35))
    assert [each["because"] for each in lines("review.removed")] == ["offensive"]
    assert stars(cast) == (0, 0, 0)


def test_once_the_time_is_over_it_changes_once_more_after_a_dispute(cast: Cast) -> None:
    order = delivered(cast)
    review = reviews.write(cast.ana, order, score=1, at=hours(20))
    late = after(70)
    assert code_of(lambda: reviews.revise(cast.ana, review, score=4, at=late)) == "too_late"
    about_dispute(cast, "dispute.opened", order, hours(30), reason="defective")
    about_dispute(cast, "dispute.withdrawn", order, late - timedelta(days=1))
    assert order.disputes.get().ended_at == late - timedelta(days=1)
    reviews.revise(cast.ana, review, score=4, at=late)
    assert code_of(lambda: reviews.revise(cast.ana, review, score=5, at=late + timedelta(hours=1))) == "too_late"
    assert stars(cast) == (1, 0, 4)
    assert Review.objects.get().score == 4


def test_what_the_shop_tells_has_rows_and_is_shown_at_once(cast: Cast) -> None:
    tell(cast, "review.written", "order:77", hours(5), score=2, review="r1")
    tell(cast, "review.written", "order:77", hours(6), score=5, review="r2")
    tell(cast, "review.answered", "order:77", hours(7), review="r1")
    one, two = Review.objects.order_by("written_at")
    assert (one.told, one.name, one.answered_at, one.is_visible(hours(5))) == (True, "r1", hours(7), True)
    assert summary_of(cast.seller, hours(8)).shown == "3.50"
    reviews.moderate(cast.ken, one, because="offensive", at=hours(9))
    assert summary_of(cast.seller, hours(9)).shown == "5.00"
    assert code_of(lambda: reviews.revise(Actor(two.order.buyer), two, score=1, at=hours(9))) == "kept_by_shop"
    tell(cast, "review.removed", "order:77", hours(6.5), now=hours(20), by="agent", because="offensive", review="r2")
    assert summary_of(cast.seller, hours(20)).number == 0
    assert stars(cast) == (0, 0, 0)
    assert rebuild.at_odds(cast.seller) == []


def test_a_removal_that_is_told_first_waits_for_its_review(cast: Cast) -> None:
    tell(cast, "review.removed", "order:5", hours(9), by="agent", because="offensive")
    tell(cast, "review.written", "order:5", hours(5), now=hours(10), score=1)
    assert Review.objects.get().removed_at == hours(9)
    assert stars(cast) == (0, 0, 0)
    assert rebuild.at_odds(cast.seller) == []
    rebuild.rebuild(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


def test_a_review_that_somebody_changed_in_the_database_is_found_and_mended(cast: Cast) -> None:
    order = delivered(cast)
    review = reviews.write(cast.ana, order, score=1, text="Bad", at=hours(20))
    Review.objects.update(score=5, shown_from=hours(20))
    assert [each.life for each in rebuild.at_odds(cast.seller)] == ["review", "review"]
    rebuild.rebuild(cast.seller)
    review.refresh_from_db()
    assert (review.score, review.text) == (1, "Bad")
    assert rebuild.at_odds(cast.seller) == []


@pytest.mark.parametrize("seed", range(8))
def test_in_whatever_parts_it_is_told_standards_count_the_same(cast: Cast, seed: int) -> None:
    """As the rows of the database have it, as a replay has it, and as the lines say once more."""
    chance = random.Random(seed)
    events = [_some(cast, chance, number) for number in range(chance.randint(4, 12))]
    chance.shuffle(events)
    now = hours(100)
    while events:
        size = chance.randint(1, 4)
        request, events = events[:size], events[size:]
        told = facts.record_all(cast.platform, request, now=now, waits=chance.random() < 0.5)
        assert {each.status for each in told} == {"recorded"}, [each.problems for each in told]
        assert rebuild.at_odds(cast.seller) == []
        now += timedelta(seconds=chance.choice((5, 100_000)))
    clock.turn(now + timedelta(minutes=10))
    assert rebuild.at_odds(cast.seller) == []
    replayed = fold(versions.current(), cast.seller.ref, list(journal.facts_of(cast.seller)), until=now)
    ours = Tallies(cast.seller.pk)
    for moment in (hours(30), hours(60), hours(1000)):
        assert ours.count("stars", WINDOW, moment) == replayed.counting.count("stars", WINDOW, moment)
    in_force = cast.seller.ratings.filter(overturned_at=None, standard="stars")
    assert {row.key for row in in_force} == {key for key, each in replayed.ratings.items() if each.standard == "stars"}


def _some(cast: Cast, chance: random.Random, number: int) -> dict[str, Any]:
    side = chance.choice(("buyer", "buyer", "seller"))
    named: dict[str, Any] = chance.choice(({}, {}, {"review": "a"}))
    kind, data = chance.choice(
        (
            ("review.written", {"by": side, "score": chance.randint(1, 5), **named}),
            ("review.written", {"score": chance.randint(1, 5), **named}),
            ("review.revised", {"by": side, "score": chance.randint(1, 5), **named}),
            ("review.removed", {"of": side, "by": "agent", "because": "offensive", **named}),
            ("review.answered", {"of": side}),
        )
    )
    return {
        "specversion": "1.0", "id": str(number), "source": "shop", "type": kind,
        "time": hours(chance.randint(1, 90)).isoformat(), "subject": f"order:{chance.randint(1, 2)}",
        "data": {"party": cast.seller.ref, **data},
    }  # fmt: skip


# Appeals against a removal


def test_a_review_that_is_restored_counts_again_everywhere_at_once(cast: Cast) -> None:
    order, omar = delivered(cast), Actor(agents(cast, "Omar"))
    review = reviews.write(cast.ana, order, score=1, text="Broken", at=hours(20))
    reviews.write(cast.li, order, score=5, at=hours(21))
    clock.turn(hours(30))

    def stands(at: float) -> tuple[str | None, int, bool]:
        rows = Tallies(cast.seller.pk).count("stars", WINDOW, hours(at))
        review.refresh_from_db()
        return summary_of(cast.seller, hours(at)).shown, rows.faulty, review.is_visible(hours(at))

    assert stands(30) == ("1.00", 1, True)
    reviews.moderate(cast.ken, review, because="offensive", at=hours(40))
    assert stands(41) == ("", 0, False)
    told = Notice.objects.get(party=cast.ana.party, kind="review.removed")
    assert told.values["what"] == "writer", "she is told how to object"
    assert code_of(lambda: review_appeals.appeal(cast.li, review, text="No.", at=hours(42))) == "not_yours"
    with pytest.raises(Forbidden):
        review_appeals.appeal(cast.bea, review, text="No.", at=hours(42))
    review_appeals.appeal(cast.ana, review, text="It was broken indeed.", at=hours(42))
    assert code_of(lambda: review_appeals.appeal(cast.ana, review, text="And so.", at=hours(43))) == "appealed_already"
    decide = partial(review_appeals.decide, review=review, result="restored", text="It is about the goods.")
    assert code_of(lambda: decide(cast.ken, at=hours(44))) == "took_part", "who removed it does not decide"
    interests.declare(omar, cast.seller, at=hours(44))
    assert code_of(lambda: decide(omar, at=hours(45))) == "interest"
    iris = Actor(agents(cast, "Iris"))
    decide(iris, at=hours(46))
    assert stands(47) == ("1.00", 1, True)
    assert Notice.objects.filter(kind="review.appeal_decided", party__in=[cast.ana.party, cast.seller]).count() == 2
    assert code_of(lambda: decide(iris, at=hours(47))) == "nothing_asked"
    (said,) = lines("review.appealed")
    assert said["digest"] == digest(bytes(review.objection_salt), "It was broken indeed.")
    clock.turn(hours(60))
    assert replayed(cast.seller, until=hours(60)) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []
    # Removed again, for another reason, it can be contested again; whoever decided before does not.
    reviews.moderate(omar, review, because="private_data", at=hours(61))
    review_appeals.appeal(cast.ana, review, text="No name is in it.", at=hours(62))
    review.refresh_from_db()
    assert code_of(lambda: decide(iris, at=hours(63))) == "took_part"


def test_an_upheld_removal_stays_and_there_is_a_last_day(cast: Cast) -> None:
    order = delivered(cast)
    review = reviews.write(cast.ana, order, score=1, at=hours(20))
    assert code_of(lambda: review_appeals.appeal(cast.ana, review, text="Why?", at=hours(21))) == "not_removed"
    reviews.moderate(cast.ken, review, because="not_genuine", at=hours(22))
    review.refresh_from_db()
    until = review_appeals.appealable_until(review)
    assert until == datetime(2026, 9, 3, 6, tzinfo=UTC), "six months by the calendar of the house rules"
    assert code_of(lambda: review_appeals.appeal(cast.ana, review, text="Late.", at=until)) == "too_late"
    review_appeals.appeal(cast.ana, review, text="In time.", at=until - timedelta(seconds=1))
    iris = Actor(agents(cast, "Iris"))
    review_appeals.decide(iris, review, result="upheld", text="As I see it.", at=until + timedelta(days=1))
    review.refresh_from_db()
    assert (review.removed_at, review.appeal_decided_at) == (hours(22), until + timedelta(days=1))
    own = reviews.write(cast.li, order, score=5, at=hours(23))
    reviews.withdraw(cast.li, own, at=hours(24))
    assert code_of(lambda: review_appeals.appeal(cast.li, own, text="Mine.", at=hours(25))) == "not_removed"
    assert rebuild.at_odds(cast.seller) == []


def test_whichever_is_known_first_a_restored_review_stands() -> None:
    def about(kind: str, at: float, **data: Any) -> Fact:
        return Fact(id=f"{kind}{at}", kind=kind, at=hours(at), noted_at=hours(at), subject="order:1", matter="order:1",
                    party="seller:1", data=data)  # fmt: skip

    written = about("review.written", 1, score=2)
    steps = [
        about("review.removed", 2, by="agent", because="offensive", agent="agent:1"),
        about("review.appealed", 3),
        about("review.appeal_decided", 4, result="restored", agent="agent:2"),
        about("review.revised", 5, score=3),
    ]
    books = Rulebooks([parse(text_of("comity") + STARS)])
    for order in permutations(steps):
        told = [replace(each, noted_at=hours(10 + n)) for n, each in enumerate(order)]
        memory = fold(books, "seller:1", [written, *told])
        count = memory.counting.count("stars", WINDOW, hours(20))
        assert (count.counted, count.faulty, count.total) == (1, 0, 3)
    (state,) = review_fold([written, *steps])
    assert (state.removed_at, state.score, state.appeal_decided_at) == (None, 3, hours(4))
    again = about("review.removed", 6, by="agent", because="private_data", agent="agent:3")
    (state,) = review_fold([written, *steps, again])
    assert (state.removed_at, state.appealed_at) == (hours(6), None)
