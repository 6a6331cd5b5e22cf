"""Who proposes does not approve, the party is heard, each measure is its own, and an appeal undoes it all."""

from datetime import timedelta

import pytest

from comity.actions import appeals, clock, measured, sanctions
from comity.actions.disputes import interests
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.actions.measured import written
from comity.records import rebuild
from comity.records.models import Charge, Duty, JournalLine, MeasureText, Notice, Sanction
from tests.actions.sanctions.rules import FREEZE, agent, asked, in_force, staged, violation
from tests.cast import Cast, hours
from tests.properties.stories import replayed, ruled
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db
DAY = 24
WEEK = timedelta(days=7)


def one(key: str) -> Sanction:
    return Sanction.objects.get(key=key)


def same_when_replayed(cast: Cast, at: float) -> None:
    clock.turn(hours(at))
    assert replayed(cast.seller, until=hours(at)) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


# Who decides


def test_who_asked_does_not_approve_and_who_had_a_part_does_not_hear_the_appeal() -> None:
    cast = staged()
    noor, omar, iris = agent(cast, "Noor"), agent(cast, "Omar"), agent(cast, "Iris")
    asked_for = asked(cast, noor, "freeze", hours(0), WEEK, notice=48)
    with pytest.raises(NotNow, match="yourself"):
        sanctions.approve(noor, asked_for, at=hours(48))
    assert in_force(cast, 48) == []
    sanctions.approve(omar, asked_for, at=hours(49))
    assert in_force(cast, 49) == [("freeze", hours(49 + 7 * DAY))]
    appeals.file(cast.li, one(asked_for.key), words=written("It was not me."), at=hours(51))
    for had_a_part in (omar, noor):
        with pytest.raises(NotNow, match="had a part"):
            appeals.decide(had_a_part, one(asked_for.key), result="falls", because="Right.", at=hours(72))
    assert noor.party not in appeals.who_may_decide(one(asked_for.key))
    # Iris was away: it waits, and the platform's clock runs.
    clock.turn(hours(51 + 7 * DAY + 1))
    duty = Duty.objects.get(party=cast.seller, rule="decide on a measure")
    assert (duty.status, duty.due) == ("breached", hours(51 + 7 * DAY))
    appeals.decide(iris, one(asked_for.key), result="stands", because="It was he.", at=hours(51 + 8 * DAY))
    assert one(asked_for.key).status == "lifted", "it had come to its end meanwhile"
    same_when_replayed(cast, 30 * DAY)


def test_an_agent_with_an_interest_decides_nothing() -> None:
    cast = staged()
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    interests.declare(omar, cast.seller, at=hours(0))
    row = asked(cast, noor, "freeze", hours(0), WEEK)
    for tries in (
        lambda: sanctions.approve(omar, row, at=hours(1)),
        lambda: sanctions.decline(omar, row, reason="mistake", at=hours(1)),
        lambda: asked(cast, omar, "freeze", hours(1), WEEK),
    ):
        with pytest.raises(NotNow, match="interest"):
            tries()
    assert one(row.key).status == "proposed"


def test_what_cannot_be_asked_for_is_said_all_at_once() -> None:
    cast = staged()
    wanted = sanctions.Wanted("badge", "no such rule", "", timedelta(days=9_999), timedelta(seconds=-1))
    with pytest.raises(Refused) as caught:
        sanctions.ask(cast.ken, cast.seller, wanted, at=hours(0))
    assert len(caught.value.problems) == 5
    with pytest.raises(Refused, match="30 days"):
        sanctions.ask(cast.ken, cast.seller, sanctions.Wanted("closure", "spam", "Why."), at=hours(0))
    with pytest.raises(Forbidden):
        sanctions.ask(cast.li, cast.seller, sanctions.Wanted("freeze", "spam", "Why.", WEEK), at=hours(0))
    assert not Sanction.objects.exists()


def test_asked_for_twice_by_a_double_click_it_is_one() -> None:
    cast = staged()
    wanted = sanctions.Wanted("freeze", "spam", "Seen.", WEEK)
    first = sanctions.ask(cast.ken, cast.seller, wanted, at=hours(0), identity="once")
    sanctions.ask(cast.ken, cast.seller, wanted, at=hours(1), identity="another")
    assert sanctions.ask(cast.ken, cast.seller, wanted, at=hours(2), identity="once") == first, "not the newest"
    assert (Sanction.objects.count(), MeasureText.objects.count()) == (2, 2)


# Each is its own


def test_of_two_measures_for_two_causes_lifting_one_leaves_the_other() -> None:
    cast = staged('[[ledger.rung]]\nat = 12\nmeasure = "freeze"\nlength = "7 days"\nnotice = "1 hour"\n'
                  'decided_by = "automatic"')  # fmt: skip
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    violation(cast, hours(0), 12)
    limited = asked(cast, noor, "messages limited", hours(DAY), timedelta(days=20))
    sanctions.approve(omar, limited, at=hours(DAY))
    both = [("freeze", hours(1 + 7 * DAY)), ("messages limited", hours(21 * DAY))]
    assert in_force(cast, DAY) == both
    sanctions.release(omar, one(limited.key), reason="mistake", at=hours(2 * DAY))
    assert in_force(cast, 2 * DAY) == both[:1]
    with pytest.raises(NotNow):
        sanctions.release(omar, one(limited.key), reason="mistake", at=hours(2 * DAY))
    assert Charge.objects.get().overturned_at is None
    same_when_replayed(cast, 30 * DAY)


def test_the_end_of_a_measure_that_was_lifted_does_not_end_a_later_one() -> None:
    cast = staged()
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    first = asked(cast, noor, "freeze", hours(0), WEEK)
    sanctions.approve(omar, first, at=hours(0))
    sanctions.release(omar, one(first.key), reason="mistake", at=hours(47))
    later = asked(cast, noor, "freeze", hours(72), timedelta(days=60))
    sanctions.approve(omar, later, at=hours(72))
    assert in_force(cast, 48) == []
    clock.turn(hours(7 * DAY + 1))  # the end that the first would have had
    assert in_force(cast, 7 * DAY + 1) == [("freeze", hours(72 + 60 * DAY))]
    clock.turn(hours(72 + 60 * DAY + 1))
    assert in_force(cast, 72 + 60 * DAY) == []
    ended = Notice.objects.filter(party=cast.seller, kind="sanction.lifted").order_by("at")
    assert [notice.at for notice in ended] == [hours(47), hours(72 + 60 * DAY + 1)], "each is told once"
    same_when_replayed(cast, 72 + 60 * DAY + 2)


# Hearing


def test_the_party_is_heard_and_the_agent_says_what_he_made_of_it() -> None:
    cast = staged()
    violation(cast, hours(0), 12)
    row = Sanction.objects.get()
    with pytest.raises(Forbidden):
        sanctions.answer(cast.max, row, words=written("Me neither."), at=hours(1))
    with pytest.raises(Refused, match="own words"):
        sanctions.answer(cast.li, row, words=written("  \x00 "), at=hours(1))
    sanctions.answer(cast.li, row, words=written("这不是垃圾信息。"), at=hours(1))
    with pytest.raises(Refused, match="what you make of that"):
        sanctions.approve(cast.ken, row, at=hours(49))
    sanctions.approve(cast.ken, row, at=hours(49), because="It was sent to thirty people.")
    assert [(text.kind, text.role) for text in measured.texts_of(row)] == [
        ("answered", "seller"),
        ("approved", "agent"),
    ]
    with pytest.raises(NotNow, match="appeal"):
        sanctions.answer(cast.li, one(row.key), words=written("But…"), at=hours(50))
    said = JournalLine.objects.filter(party=cast.seller, body__contains="这不是").count()
    assert said == 0, "the journal holds a digest alone"
    same_when_replayed(cast, 30 * DAY)


# Appeals


def test_an_appeal_is_filed_once_and_what_comes_later_is_added() -> None:
    cast = staged()
    noor, omar, iris = agent(cast, "Noor"), agent(cast, "Omar"), agent(cast, "Iris")
    row = asked(cast, noor, "freeze", hours(0), timedelta(days=30))
    with pytest.raises(NotNow, match="nothing to appeal"):
        appeals.file(cast.li, row, words=written("No!"), at=hours(0.5))
    sanctions.approve(omar, row, at=hours(1))
    row = one(row.key)
    for at, words in ((DAY, "No."), (DAY, "No."), (2 * DAY, "And here is why.")):
        appeals.file(cast.li, row, words=written(words), at=hours(at))
    (appeal,) = appeals.appeals_of(row)
    assert (appeal.filed_at, appeal.added_at) == (hours(DAY), (hours(2 * DAY),))
    appeals.decide(iris, row, result="stands", because="It was as it was.", at=hours(7 * DAY))
    with pytest.raises(NotNow, match="out-of-court"):
        appeals.file(cast.li, one(row.key), words=written("Again."), at=hours(8 * DAY))
    assert len(appeals.appeals_of(row)) == 1
    assert in_force(cast, 8 * DAY) == [("freeze", hours(1 + 30 * DAY))]
    assert Notice.objects.filter(party=cast.seller, kind="appeal.decided").count() == 1
    assert Duty.objects.get(party=cast.seller, rule="decide on a measure").status == "met"
    same_when_replayed(cast, 60 * DAY)


def test_six_months_by_the_calendar_though_the_freeze_is_long_over() -> None:
    cast = staged()
    noor, omar, iris = agent(cast, "Noor"), agent(cast, "Omar"), agent(cast, "Iris")
    row = asked(cast, noor, "freeze", hours(0), WEEK)  # 2 March, 09:00
    sanctions.approve(omar, row, at=hours(0))
    window = appeals.window_of(one(row.key))
    assert window is not None
    assert (window.end - hours(0)).days == 184, "2 September"
    clock.turn(window.end)
    with pytest.raises(NotNow, match="over"):
        appeals.file(cast.li, one(row.key), words=written("Too late."), at=window.end + timedelta(seconds=1))
    appeals.file(cast.li, one(row.key), words=written("Just in time."), at=window.end)
    appeals.decide(iris, one(row.key), result="falls", because="He was right.", at=window.end + timedelta(days=1))
    assert one(row.key).status == "overturned", "it does not stay on the record"
    same_when_replayed(cast, 24 * 190)


def test_one_charge_taken_off_and_what_would_not_have_come_without_it_is_gone_at_once() -> None:
    cast = staged()
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    charges = [violation(cast, hours(at), 6) for at in (0, 1)]
    row = Sanction.objects.get()
    sanctions.approve(noor, row, at=hours(50))
    assert in_force(cast, 50) == [("freeze", hours(50 + 7 * DAY))]
    row = one(row.key)
    appeals.file(cast.li, row, words=written("The first was not mine."), at=hours(51))
    with pytest.raises(Refused, match="does not stand"):
        appeals.decide(omar, row, result="stands", because="Hm.", at=hours(52), charges=charges[:1])
    appeals.decide(omar, row, result="falls", because="The first was another's.", at=hours(52), charges=charges[:1])
    assert in_force(cast, 52) == []
    assert [charge.overturned_at for charge in Charge.objects.order_by("at")] == [hours(52), None]
    assert one(row.key).status == "overturned"
    # A later charge counts with what is left alone.
    violation(cast, hours(60), 5)
    assert Sanction.objects.count() == 1
    violation(cast, hours(61), 1)
    assert set(Sanction.objects.values_list("status", flat=True)) == {"overturned", "proposed"}
    same_when_replayed(cast, 30 * DAY)


def test_what_an_appeal_let_fall_does_not_come_again_for_the_same() -> None:
    cast = staged()
    omar = agent(cast, "Omar")
    violation(cast, hours(0), 12)
    row = Sanction.objects.get()
    sanctions.approve(cast.ken, row, at=hours(49))
    appeals.file(cast.li, one(row.key), words=written("Too hard."), at=hours(50))
    appeals.decide(omar, one(row.key), result="falls", because="It was.", at=hours(51))
    violation(cast, hours(-5), 1, now=hours(60))  # learned late: the whole ladder is compared anew
    assert not Sanction.objects.filter(status__in=["placed", "proposed"]).exclude(at__lt=hours(0)).exists()
    same_when_replayed(cast, 30 * DAY)


def test_a_measure_is_shortened_and_ends_when_it_is_over() -> None:
    cast = staged()
    noor, omar, iris = agent(cast, "Noor"), agent(cast, "Omar"), agent(cast, "Iris")
    row = asked(cast, noor, "freeze", hours(0), timedelta(days=30))
    sanctions.approve(omar, row, at=hours(0))
    appeals.file(cast.li, one(row.key), words=written("Too long."), at=hours(1))
    with pytest.raises(Refused, match="how long"):
        appeals.decide(iris, one(row.key), result="shortened", because="Yes.", at=hours(2))
    appeals.decide(iris, one(row.key), result="shortened", because="Yes.", at=hours(2), length=timedelta(days=3))
    assert in_force(cast, 2) == [("freeze", hours(72))]
    assert in_force(cast, 72) == []
    same_when_replayed(cast, 30 * DAY)


# What is overtaken


TWO_RUNGS = (
    """
[[ledger.rung]]
at = 4
measure = "restriction"
length = "7 days"
notice = "48 hours"
decided_by = "reviewer"
"""
    + FREEZE
)


def test_a_lighter_proposal_closes_with_the_graver_one_and_its_buttons_are_gone() -> None:
    cast = staged(TWO_RUNGS)
    omar = agent(cast, "Omar")
    violation(cast, hours(1), 4)
    violation(cast, hours(2), 8)
    light, grave = Sanction.objects.order_by("points")
    browser, seller, desk = sign_in(omar), sign_in(cast.li), f"/desk/measures/{cast.seller.uuid}/{light.key}/"
    assert 'value="not_proportionate"' in text(browser.get(desk))
    sanctions.approve(omar, grave, at=hours(3))
    assert "Closed: a graver measure for the same points was placed." in text(browser.get(desk))
    assert 'value="not_proportionate"' not in text(browser.get(desk)), "nothing is left to decide"
    for tries in (
        lambda: sanctions.approve(omar, one(light.key), at=hours(4)),
        lambda: sanctions.decline(omar, one(light.key), reason="mistake", at=hours(4)),
    ):
        with pytest.raises(NotNow, match="graver measure"):
            tries()
    assert "Restriction is not decided on any more" in text(seller.get("/notices/"))
    same_when_replayed(cast, 5)
    appeals.file(cast.li, one(grave.key), words=written("It was not me."), at=hours(60))
    appeals.decide(agent(cast, "Iris"), one(grave.key), result="falls", because="It was not he.", at=hours(70))
    again = one(light.key)
    assert (again.status, again.told_at) == ("proposed", hours(70)), "it is heard anew"
    sanctions.approve(omar, again, at=hours(71))
    assert one(light.key).effective_at == hours(70 + 48)
    same_when_replayed(cast, 90)
