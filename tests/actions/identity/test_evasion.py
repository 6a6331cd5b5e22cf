"""Who came back with another account is heard; who shares a line with somebody is left alone."""

import json
from datetime import timedelta

import pytest

from comity.actions import appeals, clock, facts, sanctions
from comity.actions.measured import written
from comity.policy.facts import Fact
from comity.records import identity, rebuild
from comity.records.models import AccountLink, JournalLine, Notice, Party, Sanction
from comity.web.trade import measure_words
from tests.actions.identity.rules import DAY, joined, link, shut_out, staged
from tests.actions.sanctions.rules import agent
from tests.api.client import Api
from tests.cast import Cast, hours, tell
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db


def measures(party: Party) -> list[Sanction]:
    return list(Sanction.objects.filter(party=party).order_by("pk"))


def same_when_replayed(cast: Cast, at: float, *parties: Party) -> None:
    clock.turn(hours(at))
    for party in parties:
        assert replayed(party, until=hours(at)) == ruled(party)
        assert rebuild.at_odds(party) == []


def test_five_behind_one_line_are_not_one_person() -> None:
    cast = staged()
    kim, li, sam = joined(cast, "Kim"), cast.seller, cast.max.party
    closed = shut_out(cast, kim.party, 0)
    link(cast, li, kim.party, "network", hours(19 * DAY))
    link(cast, sam, kim.party, "network payout", hours(19 * DAY + 0.1))

    assert measures(li) == []
    assert not Notice.objects.filter(party=li).exists()
    (proposed,) = measures(sam)
    assert (proposed.measure, proposed.status, proposed.origin) == ("freeze", "proposed", "evasion:evasion")
    assert proposed.points == 0
    (why,) = measure_words.reasons(proposed.statement or {})
    assert "No second account after a closure" in why
    assert "same pay-out account, same network address" in why
    assert "frozen on" in why
    assert "Mar 2, 2026" in why
    assert Notice.objects.filter(party=sam).count() == 1
    assert (closed.status, closed.is_in_force(hours(20 * DAY))) == ("placed", True)
    same_when_replayed(cast, 21 * DAY, kim.party, li, sam)


def test_who_is_linked_never_learns_to_whom() -> None:
    cast = staged()
    kim = joined(cast, "Kim Hidden")
    on = shut_out(cast, kim.party, 0)
    link(cast, cast.seller, kim.party, "network payout", hours(1))
    (row,) = measures(cast.seller)
    path = f"/parties/{cast.seller.uuid}"
    seen = [
        json.dumps(row.statement),
        json.dumps(list(Notice.objects.filter(party=cast.seller).values_list("values", flat=True))),
    ]
    seen += [
        Api(cast.platform, cast.li).get(f"{path}/{what}").content.decode()
        for what in ("journal?limit=100", f"sanctions/{row.key}")
    ]
    for text in seen:
        for secret in (str(kim.party.uuid), "Kim Hidden", on.key):
            assert secret not in text
    assert all('"payout", "network"' in seen[place] or '"payout","network"' in seen[place] for place in (0, 3))
    lines = json.loads(Api(cast.platform, cast.ken).get(f"{path}/journal?limit=100").content)["items"]
    assert [line["body"]["data"]["with"] for line in lines if line["kind"] == "account.matched"] == [kim.party.ref]


def test_links_add_up_and_bring_it_once() -> None:
    cast = staged()
    kim = joined(cast, "Kim")
    shut_out(cast, kim.party, 0)
    link(cast, cast.seller, kim.party, "network", hours(1))
    link(cast, cast.seller, kim.party, "network device", hours(2))
    assert measures(cast.seller) == [], "three times, and none of them strong"
    link(cast, cast.seller, kim.party, "document", hours(3))
    link(cast, cast.seller, kim.party, "payout", hours(4))
    (row,) = measures(cast.seller)
    assert row.at == hours(3)
    link(cast, kim.party, cast.seller, "payout document", hours(5))
    assert len(measures(kim.party)) == 1, "nobody is linked in a circle"
    (pair, back) = identity.pairs_of(cast.seller)
    assert (pair.kinds, pair.since, pair.matched) == (("payout", "document", "network", "device"), hours(1), True)
    assert (back.party, back.other) == (kim.party, cast.seller)
    same_when_replayed(cast, 10 * DAY, cast.seller, kim.party)


@pytest.mark.parametrize(("linked_at", "told_at", "comes"), [(8, 8, 0), (5, 8, 1), (-1, 8, 0), (5, 5, 1)])
def test_the_other_must_have_been_shut_out_when_it_was_found(linked_at: int, told_at: int, comes: int) -> None:
    """Frozen from day 2 to day 7; told later, of what was found meanwhile."""
    cast = staged()
    kim = joined(cast, "Kim")
    shut_out(cast, kim.party, 2 * DAY, timedelta(days=5))
    clock.turn(hours(max(told_at, 2) * DAY - 1))
    link(cast, cast.seller, kim.party, "network payout", hours(linked_at * DAY), now=hours(told_at * DAY))
    assert len(measures(cast.seller)) == comes


def test_what_was_found_before_counts_with_what_is_found_afterwards() -> None:
    cast = staged()
    kim = joined(cast, "Kim")
    link(cast, cast.seller, kim.party, "payout device", hours(0))
    shut_out(cast, kim.party, 1)
    clock.turn(hours(5))
    assert measures(cast.seller) == []
    link(cast, cast.seller, kim.party, "network", hours(6))
    (row,) = measures(cast.seller)
    assert row.statement is not None
    assert row.statement["evasion"]["kinds"] == ["payout", "network", "device"]
    same_when_replayed(cast, 7, cast.seller, kim.party)


def test_links_of_the_past_wait_a_minute_and_imported_ones_for_somebody_who_looks() -> None:
    cast = staged()
    kim = joined(cast, "Kim")
    shut_out(cast, kim.party, 0)
    data = {"party": cast.seller.ref, "with": kim.party.ref, "kinds": "payout network"}
    event = {
        "specversion": "1.0", "id": "1", "source": "shop", "type": "account.linked", "time": hours(1).isoformat(),
        "subject": cast.seller.ref, "data": data,
    }  # fmt: skip
    (told,) = facts.record_all(cast.platform, [event], now=hours(10), waits=True)
    assert told.judge_at is not None, "they would accuse somebody"
    assert (measures(cast.seller), AccountLink.objects.count()) == ([], 1)
    clock.turn(hours(11))
    (row,) = measures(cast.seller)
    assert (row.status, row.at, row.told_at) == ("proposed", hours(11), hours(11)), "when it was noted and told"
    max_ = cast.max.party
    past = Fact(
        id="past", kind="account.linked", at=hours(2), noted_at=hours(12), subject=max_.ref, matter=max_.ref,
        party=max_.ref, data={"with": kim.party.ref, "kinds": "payout network"},
    )  # fmt: skip
    assert [each[0].status for each in facts.record_past(max_, [(0, past)])] == ["recorded"]
    assert measures(max_) == []
    assert [pair.matched for pair in identity.pairs_of(max_)] == [False]
    same_when_replayed(cast, 13, cast.seller, max_, kim.party)


def test_one_fact_for_both_accounts_is_refused_for_both() -> None:
    cast = staged()
    kim = joined(cast, "Kim")
    event = {
        "specversion": "1.0", "id": "1", "source": "shop", "type": "account.linked", "time": hours(1).isoformat(),
        "subject": cast.seller.ref,
        "data": {"party": [cast.seller.ref, kim.party.ref], "with": kim.party.ref, "kinds": "payout network"},
    }  # fmt: skip
    told = facts.record(cast.platform, event, now=hours(1))
    assert told.status == "refused"
    assert not AccountLink.objects.exists()


def test_without_a_rule_links_are_shown_and_bring_nothing() -> None:
    cast = staged(evasion="")
    kim = joined(cast, "Kim")
    shut_out(cast, kim.party, 0)
    link(cast, cast.seller, kim.party, "network payout", hours(1))
    assert measures(cast.seller) == []
    assert [pair.matched for pair in identity.pairs_of(cast.seller)] == [False]


@pytest.mark.parametrize("stage", ["proposed", "placed", "over", "declined"])
def test_it_falls_with_the_other_ones(stage: str) -> None:
    cast = staged()
    kim, noor, iris = joined(cast, "Kim"), agent(cast, "Noor"), agent(cast, "Iris")
    on = shut_out(cast, kim.party, 0)
    link(cast, cast.seller, kim.party, "network payout", hours(1))
    (row,) = measures(cast.seller)
    if stage == "declined":
        sanctions.decline(noor, row, reason="mistake", at=hours(2))
    elif stage != "proposed":
        sanctions.approve(noor, row, at=hours(2))
    later = 120 if stage == "over" else 20
    clock.turn(hours(later * DAY))
    appeals.file(kim, on, words=written("It was not me."), at=hours(later * DAY))
    before = Notice.objects.filter(party=cast.seller).count()
    assert JournalLine.objects.filter(kind="account.cleared").count() == 0
    appeals.decide(iris, on, result="falls", because="It was not.", at=hours((later + 1) * DAY))

    row.refresh_from_db()
    told = Notice.objects.filter(party=cast.seller).count() - before
    if stage == "declined":
        assert (row.status, told) == ("declined", 0)
        return
    assert (row.status, told) == ("overturned", 1)
    assert not row.is_in_force(hours((later + 1) * DAY))
    (line,) = JournalLine.objects.filter(party=cast.seller, kind="account.cleared")
    assert line.at == hours((later + 1) * DAY)
    same_when_replayed(cast, (later + 2) * DAY, cast.seller, kim.party)


def test_a_chain_of_accounts_falls_as_a_whole_and_what_stands_by_itself_stays() -> None:
    cast = staged()
    kim, noor, iris, third = joined(cast, "Kim"), agent(cast, "Noor"), agent(cast, "Iris"), cast.max.party
    on = shut_out(cast, kim.party, 0)
    link(cast, cast.seller, kim.party, "network payout", hours(1))
    (second,) = measures(cast.seller)
    sanctions.approve(noor, second, at=hours(2))
    own = shut_out(cast, third, 3)
    link(cast, third, cast.seller, "device document", hours(10 * DAY))
    assert [row.status for row in measures(third)] == ["placed", "proposed"]
    appeals.file(kim, on, words=written("It was not me."), at=hours(11 * DAY))
    appeals.decide(iris, on, result="falls", because="It was not.", at=hours(12 * DAY))
    assert [row.status for row in measures(third)] == ["placed", "overturned"]
    assert measures(third)[0].pk == own.pk
    same_when_replayed(cast, 13 * DAY, cast.seller, kim.party, third)


def test_a_measure_that_was_taken_back_before_brings_nothing() -> None:
    cast = staged()
    kim, iris = joined(cast, "Kim"), agent(cast, "Iris")
    on = shut_out(cast, kim.party, 0)
    appeals.file(kim, on, words=written("It was not me."), at=hours(1))
    appeals.decide(iris, on, result="falls", because="It was not.", at=hours(2))
    link(cast, cast.seller, kim.party, "network payout", hours(0.5), now=hours(3))
    assert measures(cast.seller) == []


def test_a_buyer_who_was_frozen_is_found_again_and_strangers_are_refused() -> None:
    cast = staged()
    shut_out(cast, cast.bea.party, 0)
    link(cast, cast.buyer, cast.bea.party, "admission address", hours(1))
    assert [row.status for row in measures(cast.buyer)] == ["proposed"]
    for other, kinds, says in (
        ("seller:nobody", "payout", "there is no seller:nobody"),
        (cast.buyer.ref, "payout", "linked to itself"),
        (cast.bea.party.ref, "telepathy", "unknown kinds of links: telepathy"),
    ):
        data: dict[str, object] = {"with": other, "kinds": kinds}
        with pytest.raises(AssertionError, match=says):
            tell(cast, "account.linked", cast.buyer.ref, hours(2), None, whose=cast.buyer, **data)
    assert AccountLink.objects.count() == 1
    same_when_replayed(cast, 3, cast.buyer, cast.bea.party)


def test_rebuilt_links_are_as_they_were() -> None:
    cast = staged()
    kim = joined(cast, "Kim")
    shut_out(cast, kim.party, 0)
    link(cast, cast.seller, kim.party, "network payout", hours(1))
    before = list(AccountLink.objects.values_list("party", "other", "kinds", "at", "fact"))
    rebuild.rebuild(cast.seller)
    assert list(AccountLink.objects.values_list("party", "other", "kinds", "at", "fact")) == before
    assert [row.status for row in measures(cast.seller)] == ["proposed"]
