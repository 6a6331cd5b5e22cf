"""A story with the cast: a parcel whose scans arrive a week late, a seller who was punished for it, and is not any more."""

from pathlib import Path

from comity.actions import clock, messages, sanctions, scans, shipments
from comity.actions.guard import is_frozen
from comity.history import replay, source
from comity.policy.facts import DEADLINE
from comity.records import journal
from comity.records.models import Charge, JournalLine, Notice, Sanction
from comity.rulebooks.shelf import text_of
from tests.cast import Cast, hours


def test_a_lost_week(cast: Cast, tmp_path: Path) -> None:
    # Li sends six parcels in time; the carrier's feed is silent, and nobody sees that they were scanned.
    parcels = []
    for number in range(6):
        order = cast.order(at=number)
        parcels.append(
            shipments.dispatch(cast.li, order, shipments.Parcel("post", f"RR{number}"), at=hours(number + 5))
        )

    # After five working days the rule says "false shipment", six times two points. Ken sees a freeze proposed, and approves.
    clock.turn(hours(24 * 10))
    assert sum(Charge.objects.filter(party=cast.seller, overturned_at=None).values_list("points", flat=True)) == 12
    freeze = Sanction.objects.get(measure="freeze")
    sanctions.approve(cast.ken, freeze, at=hours(24 * 10))
    assert is_frozen(cast.seller, hours(24 * 13))

    # A frozen seller still answers; then the carrier's week arrives.
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text="Where are my six parcels?", at=hours(24 * 13))
    messages.send(cast.li, conversation, text="The carrier has them since the first day.", at=hours(24 * 13 + 1))
    for number, parcel in enumerate(parcels):
        for status, after in (("accepted", 20), ("delivered", 100)):
            at, noted_at = hours(number + after), hours(24 * 13 + 2)
            scans.scan(cast.platform, parcel, scans.Event(status, at), noted_at=noted_at)

    # Everything is restored by new lines, and Li is told; nothing that was written is gone.
    assert not is_frozen(cast.seller, hours(24 * 13 + 3))
    assert not Charge.objects.filter(party=cast.seller, overturned_at=None).exists()
    assert set(
        Sanction.objects.filter(party=cast.seller).exclude(status="lifted").values_list("status", flat=True)
    ) == {"overturned"}
    assert Notice.objects.filter(party=cast.seller, kind="ruling.overturned").count() >= 13
    assert JournalLine.objects.filter(kind="duty.breached", body__contains='"first scan"').count() == 6
    assert list(journal.verify(cast.seller)) == []

    # Whoever replays the facts, without the database, comes to the same end.
    facts = (fact for fact in journal.facts_of(cast.seller) if fact.kind != DEADLINE)
    source.write(tmp_path / "facts.parquet", facts)
    told = replay.replay(tmp_path / "facts.parquet", [text_of("aliexpress")], tmp_path / "out", processes=1)
    assert told.rules["first scan"]["met"] == 6
    assert told.rules["first scan"]["breached"] == 0
    rulings = JournalLine.objects.filter(party=cast.seller, fact_id=None, noted_at__lte=hours(24 * 13 + 2))
    assert told.rulings == rulings.count()
