"""Two accounts of one person become one, by two agents; what came goes with what it came from; and it can be undone."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from comity.actions import appeals, clock, deeds, listings, merges, messages, orders, sanctions
from comity.actions.disputes import interests
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.actions.measured import written
from comity.lib.money import Money
from comity.records import dossiers, rebuild
from comity.records import merges as records
from comity.records.models import AccountMerge, Charge, JournalLine, MeasureText, Notice, Party, Sanction
from tests.actions.identity.rules import DAY, joined, link, shut_out
from tests.actions.identity.rules import staged as with_evasion
from tests.actions.sanctions.rules import FREEZE, agent, asked, staged, violation
from tests.api.client import Api
from tests.cast import Cast, hours, tell
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
WHY = written("Same passport, same hand; Max says so himself.")
TWENTY = FREEZE.replace("at = 12", "at = 20").replace("7 days", "30 days")


def merged(cast: Cast, at: float, account: Party | None = None, into: Party | None = None) -> AccountMerge:
    """Noor asks that an account (Max's, where no other is named) is taken over into Li's, and Omar approves."""
    merge = merges.ask(agent(cast, "Noor"), account or cast.max.party, into or cast.seller, words=WHY, at=hours(at))
    merges.approve(agent(cast, "Omar"), merge, at=hours(at))
    return merge


def undone(cast: Cast, merge: AccountMerge, at: float) -> None:
    merges.ask_undo(agent(cast, "Omar"), merge, words=written("Twins."), at=hours(at))
    merges.undo(agent(cast, "Noor"), merge, at=hours(at))


def offered(seller: Party) -> listings.Offered:
    return listings.Offered(seller=seller, title="Lamp", price=Money(100, "EUR"), handling_hours=24)


def points(party: Party, at: float) -> int:
    return dossiers.points_of(party.pk, hours(at))["conduct"]


def measures(party: Party) -> list[tuple[str, int]]:
    rows = Sanction.objects.filter(party=party).exclude(status="overturned").order_by("at")
    return [(row.status, row.points) for row in rows]


def same_when_replayed(at: float, *parties: Party) -> None:
    clock.turn(hours(at))
    for party in parties:
        assert replayed(party, until=hours(at)) == ruled(party)
        assert rebuild.at_odds(party) == []


def test_no_history_is_lost_and_it_is_no_violation() -> None:
    cast = staged()
    li, li2 = cast.seller, cast.max.party
    violation(cast, hours(0), 5)
    violation(cast, hours(31 * DAY), 8, of=li2)
    merge = merged(cast, 50 * DAY)
    assert (merge.stage, points(li, 50 * DAY), measures(li)) == ("merged", 13, [])
    assert points(li2, 50 * DAY) == 8, "its own record stays as it is"
    assert [(each.party.pk, each.is_to_be_looked_at) for each in records.to_look_at()] == [(li2.pk, True)]
    assert records.passed_by(merge) == [("conduct", 12)]
    violation(cast, hours(54 * DAY), 1)
    assert (points(li, 54 * DAY), measures(li)) == (14, []), "twelve lies behind"
    merges.look(agent(cast, "Omar"), merge, words=written("Nothing to do."), at=hours(55 * DAY))
    assert list(records.to_look_at()) == []
    ends = [points(li, each * DAY) for each in (179.9, 180, 211, 234)]
    assert ends == [14, 9, 1, 0], "each ends as it would have"
    told = set(Notice.objects.filter(kind__startswith="account.").values_list("party", "kind"))
    assert told == {(li.pk, "account.took_over"), (li2.pk, "account.taken_over")}
    same_when_replayed(235 * DAY, li, li2)


def test_the_rungs_that_a_sum_passed_are_told_in_their_order() -> None:
    """Credits aside, one charge after another comes, all at one moment: the ids of their facts are in no order."""
    cast = staged("".join(FREEZE.replace("at = 12", f"at = {at}") for at in (4, 8, 12, 16, 20, 24)))
    for each in range(6):
        violation(cast, hours(each), 4, of=cast.max.party)
    merge = merged(cast, 10)
    assert records.passed_by(merge) == [("conduct", at) for at in (4, 8, 12, 16, 20, 24)]


def test_what_is_taken_off_there_goes_here_with_what_stood_on_it() -> None:
    cast = staged(FREEZE + TWENTY)
    li, li2 = cast.seller, cast.max.party
    iris = agent(cast, "Iris")
    first, warned = violation(cast, hours(0), 12, of=li2), violation(cast, hours(1), 7)
    (frozen,) = Sanction.objects.filter(party=li2)
    sanctions.approve(agent(cast, "Noor"), frozen, at=hours(2))
    merge = merged(cast, 5 * DAY)
    assert (points(li, 5 * DAY), measures(li)) == (19, [])
    violation(cast, hours(6 * DAY), 1)
    assert measures(li) == [("proposed", 20)], "the next rung is reached by what was done since"
    frozen.refresh_from_db()
    assert (frozen.status, Sanction.objects.filter(party=li2).count()) == ("placed", 1), (
        "its measures stay where they are"
    )
    appeals.file(cast.max, frozen, words=written("It was not me."), at=hours(7 * DAY))
    appeals.decide(iris, frozen, result="falls", because="It was not.", charges=[first], at=hours(8 * DAY))
    assert (points(li2, 8 * DAY), points(li, 8 * DAY), measures(li)) == (0, 8, [])
    (line,) = JournalLine.objects.filter(party=li, kind="charge.cleared")
    assert line.at == hours(8 * DAY), "in the same transaction"
    violation(cast, hours(9 * DAY), 4)
    assert measures(li) == [("proposed", 12)], "what never was does not stand in the way"
    assert warned.overturned_at is None
    assert records.came_with(merge).count() == 0
    same_when_replayed(10 * DAY, li, li2)


def test_points_that_came_are_taken_off_where_they_were_made() -> None:
    cast = staged()
    first = violation(cast, hours(0), 8, of=cast.max.party)
    merged(cast, DAY)
    (came,) = Charge.objects.filter(party=cast.seller)
    assert (came.points, came.because, came.at, came.expires_at) == (8, first.key, first.at, first.expires_at)
    sanctions.take_off(agent(cast, "Iris"), came, reason="mistake", at=hours(2 * DAY))
    first.refresh_from_db()
    assert first.overturned_at == hours(2 * DAY)
    assert (points(cast.seller, 2 * DAY), points(cast.max.party, 2 * DAY)) == (0, 0)
    same_when_replayed(3 * DAY, cast.seller, cast.max.party)


def test_what_comes_to_be_known_of_the_other_later_comes_too_and_places_nothing() -> None:
    cast = staged()
    violation(cast, hours(0), 5)
    merge = merged(cast, DAY)
    violation(cast, hours(1), 9, of=cast.max.party, now=hours(2 * DAY))
    assert (points(cast.seller, 2 * DAY), measures(cast.seller)) == (14, [])
    assert [each.pk for each in records.to_look_at()] == [merge.pk]
    (charge,) = Charge.objects.filter(party=cast.max.party)
    tell(cast, "violation.cleared", f"listing:{hours(1).isoformat()}", hours(3 * DAY), whose=cast.max.party,
         of=JournalLine.objects.get(party=cast.max.party, kind="violation.found").fact_id)  # fmt: skip
    charge.refresh_from_db()
    assert charge.overturned_at is not None
    assert points(cast.seller, 3 * DAY) == 5
    same_when_replayed(4 * DAY, cast.seller, cast.max.party)


def test_undone_it_is_as_if_it_had_never_been() -> None:
    cast = staged()
    li, li2 = cast.seller, cast.max.party
    violation(cast, hours(0), 11)
    violation(cast, hours(1), 8, of=li2)
    merge = merged(cast, DAY)
    violation(cast, hours(2 * DAY), 1)
    assert (points(li, 2 * DAY), measures(li)) == (20, [])
    undone(cast, merge, 3 * DAY)
    assert (merge.stage, points(li, 3 * DAY), points(li2, 3 * DAY)) == ("undone", 12, 8)
    assert measures(li) == [("proposed", 12)], "what the account did by itself reaches the rung"
    listings.offer(cast.max, offered(li2), at=hours(4 * DAY))
    for kind in ("account.given_back", "account.gave_back"):
        assert Notice.objects.filter(kind=kind).count() == 1
    again = merged(cast, 5 * DAY)
    assert (again.pk != merge.pk, points(li, 5 * DAY)) == (True, 20)
    same_when_replayed(6 * DAY, li, li2)


def test_accounts_in_a_row() -> None:
    cast = staged()
    kim = joined(cast, "Kim").party
    for party, worth in ((cast.seller, 1), (cast.max.party, 2), (kim, 4)):
        violation(cast, hours(worth), worth, of=party)
    inner = merged(cast, DAY, kim, cast.max.party)
    outer = merged(cast, 2 * DAY)
    assert [points(each, 2 * DAY) for each in (cast.seller, cast.max.party, kim)] == [7, 6, 4]
    violation(cast, hours(5), 3, of=kim, now=hours(3 * DAY))
    assert [points(each, 3 * DAY) for each in (cast.seller, cast.max.party, kim)] == [10, 9, 7]
    undone(cast, inner, 4 * DAY)
    assert [points(each, 4 * DAY) for each in (cast.seller, cast.max.party, kim)] == [3, 2, 7]
    undone(cast, outer, 5 * DAY)
    assert [points(each, 5 * DAY) for each in (cast.seller, cast.max.party, kim)] == [1, 2, 7]
    same_when_replayed(6 * DAY, cast.seller, cast.max.party, kim)


def test_a_closed_account_begins_nothing_new_and_finishes_what_it_began() -> None:
    cast = staged()
    order = cast.order()
    talk = cast.conversation(order)
    merged(cast, 1, cast.seller, cast.max.party)
    new = orders.NewOrder(buyer=cast.buyer, seller=cast.seller, title="Lamp", price=Money(100, "EUR"), handling_hours=24,
                          deliver_by=hours(500))  # fmt: skip
    with pytest.raises(Forbidden) as refused:
        orders.place(cast.platform, new, at=hours(2))
    assert refused.value.reason == "taken_over"
    with pytest.raises(Forbidden):
        listings.offer(cast.li, offered(cast.seller), at=hours(2))
    orders.place(cast.platform, new, at=hours(0.9), noted_at=hours(2))  # the shop's word of it was late
    messages.send(cast.li, talk, text="It is on its way.", at=hours(3))
    merged(cast, 4, cast.buyer, cast.bea.party)
    with pytest.raises(Forbidden):
        orders.place(cast.platform, replace(new, seller=cast.max.party), at=hours(5))
    same_when_replayed(6, cast.seller, cast.max.party, cast.buyer, cast.bea.party)


def test_two_people_decide_and_who_may_not_is_told_why() -> None:
    cast = staged()
    noor, omar, li, max_ = agent(cast, "Noor"), agent(cast, "Omar"), cast.seller, cast.max.party
    kim = joined(cast, "Kim").party

    def refused(account: Party, into: Party, actor: Actor = noor, words: str = "Same passport.") -> str:
        with pytest.raises(Refused) as error:
            merges.ask(actor, account, into, words=written(words), at=hours(1))
        return " ".join(error.value.problems)

    assert "into itself" in refused(li, li)
    assert "stay apart" in refused(cast.buyer, li)
    assert "Only accounts of buyers and of sellers" in refused(noor.party, li)
    assert "Say why" in refused(max_, li, words=" ")
    assert "no program" in refused(max_, li, cast.platform)
    with pytest.raises(Forbidden):
        merges.ask(cast.li, max_, li, words=WHY, at=hours(1))
    interests.declare(noor, kim, at=hours(0))
    assert "interest" in refused(kim, li)
    merge = merges.ask(noor, max_, li, words=WHY, at=hours(1))
    assert "asked for already" in refused(max_, kim, omar)
    for deed, actor, code in (
        (merges.APPROVE, noor, "asked_yourself"), (merges.ASK_UNDO, omar, "not_taken_over"),
        (merges.UNDO, omar, "undo_not_asked"), (merges.LOOK, omar, "nothing_to_look_at"),
    ):  # fmt: skip
        why = deed.why_not(actor, merge, at=hours(2))
        assert why is not None
        assert why.code == code
    with pytest.raises(NotNow):
        merges.approve(noor, merge, at=hours(2))
    with pytest.raises(NotNow, match="changed meanwhile"):
        merges.approve(omar, merge, at=hours(2), shown=hours(0))
    merges.approve(omar, merge, at=hours(2))
    with pytest.raises(NotNow, match="decided already"):
        merges.approve(omar, merge, at=hours(3))
    assert "taken over already, into Li Wei" in refused(max_, kim, omar)
    assert "one already" in refused(li, max_)
    assert "name that one" in refused(kim, max_, omar)
    merges.ask_undo(noor, merge, words=written("Twins."), at=hours(4))
    with pytest.raises(NotNow, match="asked for already"):
        merges.ask_undo(omar, merge, words=written("Twins."), at=hours(4))
    with pytest.raises(NotNow, match="yourself"):
        merges.undo(noor, merge, at=hours(5))
    merges.keep(omar, merge, words=written("They are not."), at=hours(5))
    undone(cast, merge, 6)
    with pytest.raises(NotNow, match="undone already"):
        merges.ask_undo(omar, merge, words=written("Twice."), at=hours(7))
    with pytest.raises(NotNow, match="undone already"):
        merges.undo(noor, merge, at=hours(7))
    assert MeasureText.objects.filter(party=max_, kind="merge_asked", text=WHY.text).count() == 1
    declined = merges.ask(noor, max_, li, words=WHY, at=hours(8))
    merges.decline(omar, declined, words=written("Brothers."), at=hours(9))
    assert (declined.stage, points(li, 9)) == ("declined", 0)
    same_when_replayed(10, li, max_)


def test_two_proposals_that_would_make_a_circle() -> None:
    cast = staged()
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    one = merges.ask(noor, cast.max.party, cast.seller, words=WHY, at=hours(1))
    two = merges.ask(omar, cast.seller, cast.max.party, words=WHY, at=hours(1))
    merges.approve(omar, one, at=hours(2))
    with pytest.raises(NotNow, match="one already"):
        merges.approve(noor, two, at=hours(3))
    merges.decline(noor, two, words=written("They are one."), at=hours(4))


def test_a_suspended_agent_merges_nobody() -> None:
    cast = staged()
    merge = merges.ask(agent(cast, "Noor"), cast.max.party, cast.seller, words=WHY, at=hours(1))
    kim, iris = joined(cast, "Kim"), agent(cast, "Iris")
    interests.declare(iris, kim.party, at=hours(0))
    shut_out(cast, kim.party, 1)
    with pytest.raises(Forbidden) as refused:
        merges.approve(iris, merge, at=hours(2))
    assert refused.value.reason == "staff_suspended"


def test_who_is_only_asked_about_reads_nothing_of_the_other() -> None:
    cast = staged()
    merge = merges.ask(agent(cast, "Noor"), cast.max.party, cast.seller, words=WHY, at=hours(1))
    (line,) = JournalLine.objects.filter(party=cast.max.party, kind="account.merge_asked")
    assert cast.seller.ref in line.body, "agents read it"
    told = Api(cast.platform, cast.max).get(f"/parties/{cast.max.party.uuid}/journal?limit=100").content.decode()
    assert "account.merge_asked" in told
    assert str(cast.seller.uuid) not in told
    assert not Notice.objects.filter(party=cast.max.party).exists()
    assert json.loads(line.body)["data"]["agent"] == merge.asked_by


def test_what_is_asked_of_the_closed_one_is_asked_of_it_still() -> None:
    """A measure that runs stays where it is, and so does what is asked for of it."""
    cast = staged()
    row = asked(cast, agent(cast, "Noor"), "freeze", hours(0), timedelta(days=7))
    merged(cast, 1, cast.seller, cast.max.party)
    sanctions.approve(agent(cast, "Omar"), row, at=hours(2))
    row.refresh_from_db()
    assert row.is_in_force(hours(3))
    assert measures(cast.max.party) == []


def test_who_has_an_interest_in_one_has_it_in_both() -> None:
    cast = staged()
    iris = agent(cast, "Iris")
    interests.declare(iris, cast.max.party, at=hours(0))
    row = asked(cast, agent(cast, "Noor"), "freeze", hours(1), timedelta(days=7))
    assert sanctions.APPROVE.why_not(iris, row, at=hours(2)) is None
    merged(cast, 3)
    why = sanctions.APPROVE.why_not(iris, row, at=hours(4))
    assert why is not None
    assert why.code == "interest"
    sanctions.approve(agent(cast, "Omar"), row, at=hours(5))
    other = asked_of(cast, joined(cast, "Kim").party, 6)
    with pytest.raises(Forbidden) as refused:
        sanctions.decline(iris, other, reason="mistake", at=hours(7))
    assert refused.value.reason == "staff_suspended", "the account that goes on is frozen, and it is the agent's own"


def asked_of(cast: Cast, party: Party, at: float) -> Sanction:
    wanted = sanctions.Wanted("freeze", "spam", "Seen by us.", timedelta(days=7))
    return sanctions.ask(agent(cast, "Noor"), party, wanted, at=hours(at))


def test_links_between_what_is_one_already_bring_nothing() -> None:
    cast = with_evasion()
    shut_out(cast, cast.max.party, 0)
    merge = merged(cast, 1)
    link(cast, cast.seller, cast.max.party, "network payout", hours(2))
    assert measures(cast.seller) == []
    undone(cast, merge, 3)
    link(cast, cast.seller, cast.max.party, "device", hours(4))
    assert measures(cast.seller) == [("proposed", 0)], "they are two again"
    same_when_replayed(5, cast.seller, cast.max.party)


#: What can be done in each stage of what Noor asked for, by her and by Omar; of what is undone, Noor asked as well.
CAN = {
    "asked": ({"decline"}, {"approve", "decline"}),
    "declined": (set(), set()),
    "merged": ({"ask_undo", "look"}, {"ask_undo", "look"}),
    "undo_asked": ({"keep", "look"}, {"undo", "keep", "look"}),
    "undone": (set(), set()),
}


@pytest.mark.parametrize("stage", CAN)
def test_every_deed_in_every_stage_by_everybody(stage: str) -> None:
    cast = staged()
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    violation(cast, hours(0), 12, of=cast.max.party)
    merge = merges.ask(noor, cast.max.party, cast.seller, words=WHY, at=hours(1))
    if stage == "declined":
        merges.decline(omar, merge, words=WHY, at=hours(2))
    elif stage != "asked":
        merges.approve(omar, merge, at=hours(2))
    if stage in ("undo_asked", "undone"):
        merges.ask_undo(noor, merge, words=WHY, at=hours(3))
    if stage == "undone":
        merges.undo(omar, merge, at=hours(4))
    merge.refresh_from_db()
    assert merge.stage == stage

    def possible(who: Actor, at: float = 5) -> set[str]:
        return {deed.slug for deed in deeds.of(AccountMerge) if deed.why_not(who, merge, at=hours(at)) is None}

    assert (possible(noor), possible(omar)) == CAN[stage]
    for who in (cast.platform, cast.li, cast.max, cast.ana):
        assert possible(who) == set()
    assert possible(omar, 0.5) == set(), "by a clock that runs behind nothing has happened yet"
