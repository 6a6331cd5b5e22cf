"""Starting with a marketplace that already runs: its past is judged, nobody is told, and people decide on measures."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.actions import clock, facts, imports, sanctions
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor
from comity.history import source
from comity.integrations.olist import facts as olist
from comity.integrations.olist.tables import Review, Sale, Tables
from comity.lib import canonical
from comity.lib.moments import to_text
from comity.policy.facts import Fact
from comity.policy.memory import fold
from comity.policy.sanctions.measures import MeasureStatus
from comity.records import journal, rebuild, rulebooks
from comity.records.models import Duty, JournalLine, Notice, Party, Sanction
from tests.cast import Cast, assemble, hours, tell
from tests.data import real
from tests.properties.stories import replayed, ruled


def paid(order: str, hour: float, *, party: str = "seller:shop-1", **data: Any) -> Fact:
    """An order that is to be sent within two days."""
    at = hours(hour)
    return Fact(
        id=f"paid:{order}", kind="order.paid", at=at, noted_at=at, subject=f"order:{order}", matter=f"order:{order}",
        party=party, data={"dispatch_by": to_text(at + timedelta(days=2)), **data},
    )  # fmt: skip


def sent(order: str, hour: float, *, party: str = "seller:shop-1") -> Fact:
    at = hours(hour)
    return Fact(
        id=f"sent:{order}", kind="shipment.dispatched", at=at, noted_at=at, subject=f"shipment:{order}",
        matter=f"order:{order}", party=party, data={"tracked": True},
    )  # fmt: skip


def delivered(order: str, hour: float, *, party: str = "seller:shop-1") -> Fact:
    at = hours(hour)
    return Fact(
        id=f"delivered:{order}", kind="shipment.delivered", at=at, noted_at=at, subject=f"shipment:{order}",
        matter=f"order:{order}", party=party, data={},
    )  # fmt: skip


def lines_of(told: list[Fact]) -> list[str]:
    return [canonical.text(journal.body_of(fact, fact.noted_at)) for fact in told]


def run(cast: Cast, folder: Path, lines: list[str], *, now: datetime, make_parties: bool = True) -> imports.Imported:
    path = folder / "past.ndjson"
    path.write_text("\n".join(lines) + "\n")
    gathered = imports.gather(path, folder, now=now)
    return imports.record(cast.platform, gathered, make_parties=make_parties)


def the_shop() -> Party:
    return Party.objects.get(role="seller", external_id="shop-1")


def test_a_clean_past_accuses_nobody_and_is_known_the_second_time(cast: Cast, tmp_path: Path) -> None:
    told = [fact for n in range(40) for fact in (paid(str(n), n), sent(str(n), n + 20), delivered(str(n), n + 30))]
    now = hours(2_000)
    outcome = run(cast, tmp_path, lines_of(told), now=now)
    assert (outcome.recorded, outcome.known, outcome.refused) == (120, 0, {})
    assert (outcome.parties, outcome.made) == (1, Counter(seller=1))
    shop = the_shop()
    assert set(Duty.objects.filter(party=shop).values_list("status", flat=True)) == {"met"}
    assert not Notice.objects.filter(party=shop).exists()
    assert list(journal.verify(shop)) == []
    assert rebuild.at_odds(shop) == []
    assert replayed(shop, until=now) == ruled(shop)
    again = run(cast, tmp_path, lines_of(told), now=now + timedelta(hours=1))
    assert (again.recorded, again.known, again.made) == (0, 120, Counter())
    assert JournalLine.objects.filter(party=shop, kind="history.imported").count() == 1


def test_what_would_stand_is_proposed_and_stays_for_a_person(cast: Cast, tmp_path: Path) -> None:
    """Six orders that were never sent: the warning of long ago is over, the restriction and the freeze would stand."""
    now = hours(24 * 60)
    old = [paid(f"old{n}", n) for n in range(2)]
    new = [paid(f"new{n}", 24 * 56.5 + n) for n in range(4)]
    run(cast, tmp_path, lines_of([*old, *new]), now=now)
    shop = the_shop()
    assert Duty.objects.filter(party=shop, status="breached").count() == 6
    measures = Sanction.objects.filter(party=shop).exclude(status="overturned")
    assert set(measures.values_list("measure", "status")) == {("restriction", "proposed"), ("freeze", "proposed")}
    assert not Notice.objects.filter(party=shop).exists()

    # One of the old orders was sent in time after all: there are fewer points, and what is left waits still.
    for fact in (sent("old0", 20), delivered("old0", 21)):
        enact(shop, msgspec.structs.replace(fact, party=shop.ref, noted_at=now + timedelta(hours=2)))
    assert set(measures.values_list("measure", "status")) == {("restriction", "proposed")}
    assert sanctions.approve(cast.ken, measures.get(), at=now + timedelta(hours=3))
    approved = measures.get()
    assert (approved.status, approved.decided_by) == ("placed", cast.ken.party.ref)
    # A breach that is learned of late, after the one that brought it: what a person decided stands as it is.
    at = hours(24 * 56.5 + 1.5)
    due = to_text(at + timedelta(days=2))
    tell(cast, "order.paid", "order:late", at, now + timedelta(hours=4), whose=shop, dispatch_by=due)
    assert set(measures.values_list("measure", "status")) == {("restriction", "placed"), ("freeze", "proposed")}
    assert JournalLine.objects.filter(party=shop, kind="sanction.placed").count() == 1
    clock.turn(now + timedelta(days=30))
    assert measures.get(pk=approved.pk).status == "lifted"
    assert replayed(shop, until=now + timedelta(days=30)) == ruled(shop)
    assert rebuild.at_odds(shop) == []


def test_what_happens_afterwards_is_judged_as_ever(cast: Cast, tmp_path: Path) -> None:
    now = hours(24 * 60)
    run(cast, tmp_path, lines_of([paid("old", 0)]), now=now)
    shop = the_shop()
    assert not Sanction.objects.filter(party=shop).exists(), "its warning would be over"
    for number in range(2):
        at = now + timedelta(hours=number)
        tell(cast, "order.paid", f"order:new{number}", at, whose=shop, dispatch_by=to_text(at + timedelta(days=2)))
    clock.turn(now + timedelta(days=4))
    assert Sanction.objects.get(party=shop).status == "placed"
    assert Notice.objects.filter(party=shop, kind="duty.breached").count() == 2


def test_each_bad_line_is_refused_alone_with_its_number(cast: Cast, tmp_path: Path) -> None:
    good = lines_of([paid("1", 0)])
    now = hours(100)
    moment = json.loads(good[0])
    event = {
        "specversion": "1.0", "id": "7", "source": "shop", "type": "order.paid", "time": to_text(hours(1)),
        "subject": "order:7", "data": {"party": "seller:shop-1", "dispatch_by": to_text(hours(40))},
    }  # fmt: skip
    lines = [
        good[0],
        "{",
        json.dumps({**moment, "id": "a", "at": "2031-01-01T00:00:00Z"}),
        json.dumps({**moment, "id": "b", "at": "1969-01-01T00:00:00Z"}),
        json.dumps({**moment, "id": "c", "kind": "order.wrapped"}),
        json.dumps({**moment, "id": "d", "at": "2032-01-01T00:00:00Z"}),
        json.dumps(event),
        json.dumps({**event, "id": 8}),
        json.dumps({**moment, "data": {}}),
        "",
        json.dumps({**moment, "id": "e", "kind": "deadline.fell"}),
        json.dumps({"ruling": "Open", "key": "x"}),
        json.dumps({**moment, "id": "f", "party": f"seller:{'x' * 192}"}),
        json.dumps({**moment, "id": "g", "at": "2026-03-02T09:00:00"}),
        '"a text"',
    ]
    outcome = run(cast, tmp_path, lines, now=now)
    assert outcome.recorded == 2
    assert outcome.left_out == Counter({"deadline.fell": 1, "ruling": 1})
    refused = {line: reason.sentence for reason in outcome.refused.values() for line in reason.lines}
    assert sorted(refused) == [2, 3, 4, 5, 6, 8, 9, 13, 14, 15]
    assert refused[3] is refused[6], "one reason, two lines"
    for line, says in {
        2: "not JSON", 3: "is in the future", 4: "must lie between 1970", 5: "unknown kind", 8: "id must be a text",
        9: "with another data", 13: "no id of a party", 14: "has no zone", 15: "must be a JSON object",
    }.items():  # fmt: skip
        assert says in refused[line]
    assert JournalLine.objects.filter(party=the_shop(), fact_id="shop|7").exists()


def test_parties_are_made_or_asked_for(cast: Cast, tmp_path: Path) -> None:
    placed = Fact(
        id="placed", kind="order.placed", at=hours(0), noted_at=hours(0), subject="order:1", matter="order:1",
        party=f"seller:{cast.seller.uuid}", data={"buyer": "buyer:b-1"},
    )  # fmt: skip
    lines = lines_of([placed, paid("2", 1), paid("3", 1, party="seller:max roth")])
    outcome = run(cast, tmp_path, lines, now=hours(9), make_parties=False)
    assert outcome.recorded == 2, "Li by our id, Max by the shop's"
    assert [reason.lines for reason in outcome.refused.values()] == [[2]]
    assert not Party.objects.filter(external_id="shop-1").exists()
    assert Party.objects.filter(external_id="b-1").exists(), "a buyer whom a fact names joins, whoever tells it"
    other = paid("4", 2, party="seller:shop-2")
    outcome = run(cast, tmp_path, [*lines, *lines_of([other])], now=hours(10))
    assert (outcome.recorded, outcome.known) == (2, 2)
    assert outcome.made == Counter(seller=2)
    assert the_shop().standing.chain_seq > 0
    assert Party.objects.get(role="buyer", external_id="b-1").name == "b-1"


def test_without_a_rulebook_nothing_is_recorded(db: None, tmp_path: Path) -> None:
    from comity.actions import parties

    platform = Actor(parties.platform(hours(0)))
    path = tmp_path / "past.ndjson"
    path.write_text(lines_of([paid("1", 0)])[0])
    gathered = imports.gather(path, tmp_path, now=hours(1))
    with pytest.raises(Refused, match="no rulebook"):
        imports.record(platform, gathered)
    assert not JournalLine.objects.exists()


def test_a_past_in_several_slices_leaves_what_one_leaves(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [paid(str(n), 13 * n) for n in range(60)] + [sent(str(n), 13 * n + 30) for n in range(0, 60, 3)]
    run(cast, tmp_path, lines_of(told), now=hours(1_000))
    monkeypatch.setattr(facts, "SITTING", 7)
    other = [json.loads(line.replace("seller:shop-1", "seller:shop-2")) for line in lines_of(told)]
    run(cast, tmp_path, [json.dumps(each) for each in other], now=hours(1_000))
    one, two = (Party.objects.get(external_id=name) for name in ("shop-1", "shop-2"))
    assert JournalLine.objects.filter(party=two, kind="history.imported").count() > 5
    for model in (Duty, Sanction):
        in_force = [
            Counter(
                model.objects.filter(party=p)
                .exclude(status="overturned")
                .values_list("status", "at" if model is Sanction else "due")
            )
            for p in (one, two)
        ]
        assert in_force[0] == in_force[1]
    assert replayed(two, until=hours(1_000)) == ruled(two)
    assert rebuild.at_odds(two) == []


class Share(Tables):
    """Olist's orders of one seller in twenty."""

    def sales(self) -> Iterator[Sale]:
        yield from (sale for sale in super().sales() if chosen(sale.seller))

    def reviews(self) -> Iterator[Review]:
        yield from (review for review in super().reviews() if chosen(review.seller))


def chosen(seller: str | None) -> bool:
    return seller is not None and int(seller[:8], 16) % 20 == 0


def sound(fact: Fact) -> bool:
    """Whether the door takes it: a few promises of the data set lie before the payment."""
    return all(str(fact.data.get(name) or "9") >= to_text(fact.at) for name in ("dispatch_by", "deliver_by"))


def test_a_share_of_olist(db: None, tmp_path: Path) -> None:
    """What stands after the import of real sellers is what stands where each fact was noted when it happened."""
    cast = assemble("olist")
    now = datetime(2018, 3, 15, tzinfo=UTC)
    told = olist.facts(Share(real("olist")), Counter())
    past = [fact for fact in told if fact.at <= now and sound(fact)]
    path = tmp_path / "olist.parquet"
    source.write(path, past)
    outcome = imports.record(cast.platform, imports.gather(path, tmp_path, now=now))
    assert (outcome.recorded, outcome.refused) == (len(past), {})
    assert outcome.made["seller"] == len({fact.party for fact in past})
    assert not Notice.objects.exclude(kind="rulebook.announced").exists()

    by_party: dict[str, list[Fact]] = {}
    for fact in past:
        by_party.setdefault(fact.party, []).append(fact)
    proposed = 0
    for ref, own in by_party.items():
        party = Party.objects.get(role="seller", external_id=ref.partition(":")[2])
        in_time = fold(rulebooks.current(), ref, own, until=now)
        duties = Counter(duty.status.value for duty in in_time.all_duties())
        assert (
            Counter(Duty.objects.filter(party=party).exclude(status="overturned").values_list("status", flat=True))
            == duties
        )
        stands = {
            (m.rung, m.at) for m in in_time.measures.values()
            if m.status is MeasureStatus.PLACED or (m.status is MeasureStatus.PROPOSED and m.at > now - timedelta(days=9))
        }  # fmt: skip
        measures = Sanction.objects.filter(party=party)
        assert set(measures.filter(status="proposed").values_list("rung", "at")) == stands
        assert not measures.filter(status="placed").exists()
        proposed += len(stands)
    assert proposed > 0
    largest = Party.objects.order_by("-standing__chain_seq")[:3]
    for party in largest:
        assert replayed(party, until=now) == ruled(party)
        assert rebuild.at_odds(party) == []
