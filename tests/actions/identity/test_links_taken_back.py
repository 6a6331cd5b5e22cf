"""A link that was told in error counts no more: what is proposed closes, what was decided is looked at by a person."""

import pytest

from comity.actions import facts, identity, sanctions
from comity.actions.disputes import interests
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.actions.measured import written
from comity.records import identity as records
from comity.records.models import AccountLink, JournalLine, Notice, Party, Sanction
from tests.actions.identity.rules import DAY, joined, link, shut_out, staged
from tests.actions.identity.test_evasion import measures, same_when_replayed
from tests.actions.sanctions.rules import agent
from tests.cast import Cast, hours, tell

pytestmark = pytest.mark.django_db


def unlink(cast: Cast, whose: Party, to: Party, kinds: str, at: float, *, now: float | None = None) -> None:
    """The shop takes links back."""
    noted = None if now is None else hours(now)
    tell(cast, "account.unlinked", whose.ref, hours(at), noted, whose=whose, **{"with": to.ref, "kinds": kinds})


def stage() -> tuple[Cast, Party, Sanction]:
    """Li is proposed for links to Kim, whose account is frozen."""
    cast = staged()
    kim = joined(cast, "Kim").party
    shut_out(cast, kim, 0)
    link(cast, cast.seller, kim, "network payout", hours(1))
    (row,) = measures(cast.seller)
    return cast, kim, row


def test_what_is_proposed_closes_and_its_party_is_told() -> None:
    cast, kim, row = stage()
    unlink(cast, cast.seller, kim, "network", 2)
    row.refresh_from_db()
    assert (row.status, row.ended_at) == ("overturned", hours(2))
    (line,) = JournalLine.objects.filter(party=cast.seller, kind="account.cleared")
    assert '"unlinked"' in line.body
    assert Notice.objects.filter(party=cast.seller, matter=row.ref).count() == 2
    (pair,) = records.pairs_of(cast.seller)
    assert (pair.kinds, pair.taken_back, pair.matched) == (("payout",), ("network",), False)
    link(cast, cast.seller, kim, "device", hours(3))
    assert [each.status for each in measures(cast.seller)] == ["overturned", "proposed"], "by what stands, it is enough"
    same_when_replayed(cast, 4, cast.seller, kim)


def test_what_is_still_enough_stands() -> None:
    cast, kim, row = stage()
    link(cast, cast.seller, kim, "document", hours(2))
    unlink(cast, cast.seller, kim, "payout", 3)
    row.refresh_from_db()
    assert row.status == "proposed"
    assert not JournalLine.objects.filter(kind="account.cleared").exists()


@pytest.mark.parametrize("falls", [True, False])
def test_what_a_person_approved_is_shown_to_an_agent(falls: bool) -> None:
    cast, kim, row = stage()
    sanctions.approve(agent(cast, "Noor"), row, at=hours(2))
    unlink(cast, cast.seller, kim, "payout", 9 * DAY)
    row.refresh_from_db()
    assert (row.status, row.is_in_force(hours(9 * DAY))) == ("placed", True), "no machine takes it back"
    assert [each.pk for each in records.unfounded()] == [row.pk]
    decide = identity.take_back if falls else identity.keep
    with pytest.raises(Refused, match="own words"):
        decide(agent(cast, "Omar"), row, words=written(" "), at=hours(10 * DAY))
    decide(agent(cast, "Omar"), row, words=written("Another Kim."), at=hours(10 * DAY))
    row.refresh_from_db()
    assert row.status == ("overturned" if falls else "placed")
    assert records.unfounded() == []
    with pytest.raises(Refused, match="somebody has looked"):
        decide(agent(cast, "Omar"), row, words=written("Again."), at=hours(11 * DAY))
    if not falls:
        unlink(cast, cast.seller, kim, "network", 12 * DAY)
        assert [each.pk for each in records.unfounded()] == [row.pk], "there is more to look at"
    same_when_replayed(cast, 13 * DAY, cast.seller, kim)


def test_it_is_judged_in_the_order_of_time() -> None:
    cast, kim, row = stage()
    link(cast, cast.seller, kim, "payout", hours(5))
    unlink(cast, cast.seller, kim, "payout", 3, now=6)
    row.refresh_from_db()
    assert row.status == "proposed", "it was found again since"
    assert list(records.between(cast.seller, kim)) == ["payout", "network"]
    assert records.between(cast.seller, kim)["payout"] == hours(5)
    same_when_replayed(cast, 7, cast.seller, kim)


def test_what_was_not_linked_is_not_unlinked() -> None:
    cast, kim, _ = stage()

    def refused(whose: Party, to: str, kinds: str, at: float = 2) -> str:
        event = {
            "specversion": "1.0", "id": f"{kinds}{to}{at}", "source": "shop", "type": "account.unlinked",
            "time": hours(at).isoformat(), "subject": whose.ref,
            "data": {"party": whose.ref, "with": to, "kinds": kinds},
        }  # fmt: skip
        told = facts.record(cast.platform, event, now=hours(3))
        assert told.status == "refused"
        return " ".join(told.problems)

    li = cast.seller
    assert "device did not join" in refused(li, kim.ref, "payout device")
    assert "what did: nothing" in refused(kim, li.ref, "payout"), "it was told of the other"
    assert "payout network did not join" in refused(li, kim.ref, "payout network", 0.5), "before it was found"
    assert "there is no seller:none" in refused(li, "seller:none", "payout")
    assert "unknown kinds" in refused(li, kim.ref, "telepathy")
    assert "linked to itself" in refused(li, li.ref, "payout")
    unlink(cast, li, kim, "payout", 2)
    assert "payout did not join" in refused(li, kim.ref, "payout", 2.5), "twice"
    assert AccountLink.objects.filter(undoes=True).count() == 1


def test_an_agent_takes_a_link_back_with_a_reason() -> None:
    cast, kim, row = stage()
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    interests.declare(noor, cast.seller, at=hours(1))
    with pytest.raises(Refused, match="interest"):
        identity.unlink(noor, cast.seller, kim, ["payout"], words=written("Me."), at=hours(2))
    with pytest.raises(Forbidden):
        identity.unlink(cast.li, cast.seller, kim, ["payout"], words=written("Me."), at=hours(2))
    for kinds, words, says in (
        ([], "Wrong.", "Name the kinds"),
        (["device"], "Wrong.", "does not join"),
        (["payout"], "", "Say why"),
    ):
        with pytest.raises(Refused, match=says):
            identity.unlink(omar, cast.seller, kim, kinds, words=written(words), at=hours(2))
    identity.unlink(omar, cast.seller, kim, ["payout"], words=written("A typo in the sheet."), at=hours(2))
    row.refresh_from_db()
    assert row.status == "overturned"
    same_when_replayed(cast, 3, cast.seller, kim)
