"""Whatever links are found between accounts, in whatever order: few bring nothing, and nothing outlives its ground.

Whatever accounts do that become one: what counts on one is what counts on all that it took over, and in the end nothing.
"""

from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.actions import appeals, clock, merges, sanctions
from comity.actions.guard import Actor
from comity.actions.measured import written
from comity.policy.identity.links import KINDS_OF_LINKS
from comity.records import dossiers, rebuild
from comity.records.models import AccountMerge, Charge, Party, Sanction
from tests.actions.identity.rules import joined, link, shut_out, staged
from tests.actions.sanctions.rules import FREEZE, agent, violation
from tests.actions.sanctions.rules import staged as under
from tests.cast import Cast, hours
from tests.profiles import examples
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db


class Undo(Exception):
    """Rolls a story back, so that the next one begins on an empty stage."""


class Found(NamedTuple):
    """A link that was found of one of three sellers to another, so many hours after the one before."""

    of: int
    to: int
    kind: str
    after: int


found = st.builds(
    Found, of=st.integers(0, 2), to=st.integers(0, 2), kind=st.sampled_from(sorted(KINDS_OF_LINKS)), after=st.integers(1, 30)
).filter(lambda each: each.of != each.to)  # fmt: skip


def wanted(story: list[Found], shut: int) -> set[tuple[int, int]]:
    """Who is to be proposed for whose account, straight from the words of the rule."""
    kinds: dict[tuple[int, int], set[str]] = {}
    proposed: set[tuple[int, int]] = set()
    for each in story:
        pair = (each.of, each.to)
        kinds.setdefault(pair, set()).add(each.kind)
        strong = kinds[pair] & {"payout", "document", "admission"}
        if each.to == shut and len(kinds[pair]) >= 2 and strong and not proposed & {pair, pair[::-1]}:
            proposed.add(pair)
    return proposed


def live(cast: Cast, sellers: list[Actor], story: list[Found], shut: int, *, falls: bool) -> None:
    with pytest.raises(Undo), transaction.atomic():
        on, at = shut_out(cast, sellers[shut].party, 0), 1
        for each in story:
            at += each.after
            link(cast, sellers[each.of].party, sellers[each.to].party, each.kind, hours(at))
        rows = Sanction.objects.filter(origin="evasion:evasion")
        assert {row.party_id for row in rows} == {sellers[of].party.pk for of, _ in wanted(story, shut)}
        assert {row.status for row in rows} <= {"proposed"}
        if falls:
            appeals.file(sellers[shut], on, words=written("It was not me."), at=hours(at + 1))
            appeals.decide(agent(cast, "Iris"), on, result="falls", because="It was not.", at=hours(at + 2))
            assert {row.status for row in rows.all()} <= {"overturned"}
        assert not Charge.objects.exists()
        clock.turn(hours(at + 3))
        for seller in sellers:
            assert replayed(seller.party, until=hours(at + 3)) == ruled(seller.party)
            assert rebuild.at_odds(seller.party) == []
        raise Undo


def test_random_links_propose_what_the_rule_says_and_nothing_more() -> None:
    cast = staged()
    sellers = [cast.li, cast.max, joined(cast, "Kim")]

    @given(st.lists(found, max_size=8), st.integers(0, 2), st.booleans())
    @settings(max_examples=examples(40))
    def lived(story: list[Found], shut: int, falls: bool) -> None:
        live(cast, sellers, story, shut, falls=falls)

    lived()


class Done(NamedTuple):
    """Something that happens to one of three sellers, so many hours after the one before."""

    what: str
    of: int
    to: int
    worth: int
    after: int
    late: int


#: Twice as often is something found; what is taken off is the newest of the own that is there.
_WHAT = ("found", "found", "found", "taken off", "merge", "merge", "undo")
done = st.builds(
    Done, what=st.sampled_from(_WHAT), of=st.integers(0, 2), to=st.integers(0, 2), worth=st.integers(1, 9),
    after=st.integers(1, 500), late=st.sampled_from([0, 0, 0, 700]),
)  # fmt: skip


def do(cast: Cast, sellers: list[Actor], each: Done, at: int, number: int) -> None:
    """Let it happen where it can: what stands against it is tried elsewhere."""
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    party, to = sellers[each.of].party, sellers[each.to].party
    own = Charge.objects.filter(party=party, overturned_at=None).select_related("party").order_by("pk")
    merge = AccountMerge.objects.filter(AccountMerge.in_force(), party=party).select_related("party", "into").first()
    measures = Sanction.objects.count()
    match each.what:
        case "found":
            violation(cast, hours(max(at - each.late, 0) + number / 1000), each.worth, of=party, now=hours(at))
        case "taken off" if (charge := own.last()) is not None:
            sanctions.take_off(omar, charge, reason="mistake", at=hours(at))
        case "merge" if not list(merges._against(noor, party, to)):
            asked = merges.ask(noor, party, to, words=written("The same passport."), at=hours(at))
            merges.approve(omar, asked, at=hours(at))
            assert Sanction.objects.count() == measures, "a merge places nothing"
        case "undo" if merge is not None:
            merges.ask_undo(noor, merge, words=written("Twins."), at=hours(at))
            merges.undo(omar, merge, at=hours(at))


def own_points(party: Party, at: int) -> int:
    rows = Charge.objects.filter(
        party=party, taken_from="", overturned_at=None, at__lte=hours(at), expires_at__gt=hours(at)
    )
    return sum(rows.values_list("points", flat=True))


def wanted_points(party: Party, at: int) -> int:
    """What ought to count on an account: its own, and that of each that it took over."""
    taken = AccountMerge.objects.filter(AccountMerge.in_force(), into=party).select_related("party")
    return own_points(party, at) + sum(wanted_points(each.party, at) for each in taken)


def test_random_merges_sum_what_counts_and_leave_nothing() -> None:
    cast = under(FREEZE + FREEZE.replace("at = 12", "at = 20").replace("7 days", "30 days"))
    sellers = [cast.li, cast.max, joined(cast, "Kim")]

    @given(st.lists(done, max_size=14))
    @settings(max_examples=examples(25))
    def lived(story: list[Done]) -> None:
        with pytest.raises(Undo), transaction.atomic():
            at = 24
            for number, each in enumerate(story):
                at += each.after
                do(cast, sellers, each, at, number)
                for seller in sellers:
                    counted = dossiers.points_of(seller.party.pk, hours(at))["conduct"]
                    assert counted == wanted_points(seller.party, at)
            clock.turn(hours(at + 1))
            for seller in sellers:
                assert replayed(seller.party, until=hours(at + 1)) == ruled(seller.party)
                assert rebuild.at_odds(seller.party) == []
            raise Undo

    lived()
