"""How long answers took: what counts, in whose zone, and what is shown of all sellers together."""

from datetime import timedelta

import pytest

from comity.actions import answer_times as errand
from comity.actions import clock, conversations, messages, parties
from comity.actions.guard import Actor
from comity.records import answer_times
from comity.records.models import MarketAnswerTimes, Party
from comity.web.seller.numbers import duration, strip_plot
from tests.cast import Cast, hours
from tests.web.test_pages import sign_in, text


def answered(cast: Cast, after: float, *, at: float = 1, seller: Actor | None = None) -> None:
    """Ana asks, and the answer comes so many hours later."""
    who = seller or cast.li
    talk = messages.open_conversation(
        cast.ana, messages.NewConversation(buyer=cast.buyer, seller=who.party, topic="?"), at=hours(at)
    )
    messages.send(cast.ana, talk, text="Where is it?", at=hours(at))
    messages.send(who, talk, text="It is here.", at=hours(at + after))


def test_what_counts(cast: Cast) -> None:
    for after in (1, 2, 3, 80):
        answered(cast, after)
    waived = cast.conversation()
    messages.send(cast.ana, waived, text="Thank you!", at=hours(2))
    conversations.no_reply_needed(cast.li, waived, reason="thanks", at=hours(3))
    unanswered = cast.conversation()
    messages.send(cast.ana, unanswered, text="Hello?", at=hours(3))
    open_ = cast.conversation()
    messages.send(cast.ana, open_, text="Hello?", at=hours(99))
    clock.turn(hours(100))
    found = answer_times.of_seller(cast.seller, hours(100))
    times = answer_times.together(found)
    assert (times.counted, times.in_time, times.share) == (5, 3, 0.6)
    assert times.median == timedelta(hours=2.5).total_seconds()
    assert times.p95 is None, "of four answers there is no 95th percentile"
    assert answer_times.together(found * 5).p95 is not None
    assert answer_times.of_seller(cast.max.party, hours(100)) == []
    assert answer_times.of_seller(cast.seller, hours(100) + timedelta(days=answer_times.DAYS)) == []


def test_days_are_the_sellers_own(cast: Cast) -> None:
    answered(cast, 1, at=14)  # Monday, eleven in the evening in London; in Shanghai it is Tuesday
    assert [day.counted for day in answer_times.by_weekday(answer_times.of_seller(cast.seller, hours(20)))] == [
        1,
        0,
        0,
        0,
        0,
        0,
        0,
    ]
    Party.objects.filter(pk=cast.seller.pk).update(time_zone="Asia/Shanghai")
    there = answer_times.of_seller(Party.objects.get(pk=cast.seller.pk), hours(20))
    assert [day.counted for day in answer_times.by_weekday(there)] == [0, 1, 0, 0, 0, 0, 0]


def test_the_marketplace_is_measured_once_an_hour_and_shown_of_many_alone(cast: Cast) -> None:
    answered(cast, 1)
    assert (errand.measure(hours(10)), errand.measure(hours(10.5))) == (1, 0)
    assert answer_times.of_marketplace() is None
    for number in range(answer_times.LEAST_SELLERS):
        seller = Actor(parties.add(cast.platform, parties.NewParty(role="seller", name=f"S{number}"), at=hours(0)))
        answered(cast, number + 1, seller=seller)
    assert errand.measure(hours(12)) == 1
    market = answer_times.of_marketplace()
    assert market is not None
    assert (market.sellers, market.counted, market.in_time, market.median) == (6, 6, 6, 2.5 * 3600)
    assert market.days_of_week[0] == {"median": 2.5 * 3600, "share": 1.0}
    errand.measure(hours(24 * 40))
    assert MarketAnswerTimes.objects.count() == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "—"), (3, "1 min"), (600, "10 min"), (7200, "2 h"), (9000, "2.5 h"), (86_400 * 3, "3 days")],
)
def test_durations_in_words(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_the_plot_shows_every_answer_and_the_late_ones_otherwise(cast: Cast) -> None:
    for after in (1, 80):
        answered(cast, after)
    plot = strip_plot(answer_times.of_seller(cast.seller, hours(100)), market=3600.0)
    assert (plot.count('class="dot"'), plot.count('class="cross"'), plot.count('class="market"')) == (1, 1, 1)
    assert "Time to answer of 2 questions" in plot
    assert strip_plot([], None).count('class="dot"') == 0


def test_the_page_without_and_with_numbers(cast: Cast) -> None:
    seller = sign_in(cast.li)
    assert "Your times will appear here." in text(seller.get("/sell/numbers/"))
    assert sign_in(cast.ana).get("/sell/numbers/").status_code == 403
