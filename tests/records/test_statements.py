from uuid import uuid4

import pytest

from comity.actions import clock, messages
from comity.policy.duties.matter import DutyState, DutyStatus
from comity.records import statements
from comity.records.carry_out import DUTIES
from comity.records.models import Conversation, Duty, JournalLine, Message, Notice, Party, Standing
from tests.cast import Cast, hours


def state_of(row: Duty) -> DutyState:
    """A duty's row by the ORM, as the judge knows it."""
    return DutyState(
        key=row.key, rule=row.rule, rulebook=row.rulebook, matter=row.matter, subject=row.subject,
        opened_at=row.opened_at, opened_by=row.opened_by, due=row.due, status=DutyStatus(row.status),
        warned=row.warned, next_at=row.next_at, ended_at=row.ended_at,
    )  # fmt: skip


def test_the_written_out_statements_agree_with_the_orm(cast: Cast) -> None:
    order = cast.order(at=0)
    conversation = cast.conversation(order)
    messages.send(cast.ana, conversation, text="Hello?", at=hours(1))
    clock.turn(hours(80))

    standing, orm = statements.lock(cast.seller.pk), Standing.objects.get(party=cast.seller)
    for name in ("chain_seq", "next_due", "paused_until"):
        assert getattr(standing, name) == getattr(orm, name)
    assert bytes(standing.chain_hash) == bytes(orm.chain_hash)

    for matter in (order.ref, conversation.ref):
        last_at, duties = DUTIES.of_matter(cast.seller.pk, matter)
        rows = Duty.objects.filter(matter=matter, current=True)
        assert sorted(duties, key=lambda duty: duty.key) == [state_of(row) for row in rows.order_by("key")]
        lines = JournalLine.objects.filter(party=cast.seller, matter=matter)
        assert last_at == lines.order_by("-at").values_list("at", flat=True)[0]
    assert Notice.objects.get(kind="duty.breached", matter=conversation.ref).values["rule"] == "reply"


def test_a_matter_without_lines_has_nothing(cast: Cast) -> None:
    assert DUTIES.of_matter(cast.seller.pk, "order:none") == (None, [])


def test_duties_are_written_again_in_their_newest_state(cast: Cast) -> None:
    messages.send(cast.ana, cast.conversation(), text="Hello?", at=hours(1))
    (duty,) = map(state_of, Duty.objects.all())
    values = {name: getattr(duty, name) for name in duty.__struct_fields__}
    ended = type(duty)(**values | {"status": DutyStatus.VOIDED, "ended_at": hours(2), "next_at": None})
    DUTIES.put([(cast.seller.pk, ended, {"current": True})])
    assert list(map(state_of, Duty.objects.all())) == [ended]


def test_a_conversation_comes_with_its_people(cast: Cast) -> None:
    made = cast.conversation(cast.order())
    found, orm = statements.conversation(made.uuid), Conversation.objects.get(pk=made.pk)
    for field in Conversation._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(orm, field.attname)
    for party, expected in ((found.buyer, cast.buyer), (found.seller, cast.seller)):
        fresh = Party.objects.get(pk=expected.pk)
        assert [getattr(party, f.attname) for f in Party._meta.concrete_fields] == [getattr(fresh, f.attname) for f in Party._meta.concrete_fields]  # fmt: skip
    with pytest.raises(Conversation.DoesNotExist):
        statements.conversation(uuid4())


def test_inserting_a_row_writes_what_the_orm_would(cast: Cast) -> None:
    message = messages.send(cast.ana, cast.conversation(), text="我的包裹？", at=hours(1))
    orm = Message.objects.get(pk=message.pk)
    for field in Message._meta.concrete_fields:
        assert getattr(message, field.attname) == getattr(orm, field.attname)
