"""Whose turn it is in conversations, as the duties say once something was ruled."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from comity.actions.judging.desk import Desk
from comity.policy import turns
from comity.policy.duties.matter import DutyState
from comity.policy.duties.rulings import Breach, Warn
from comity.policy.facts import Fact, reference, subject_kind
from comity.policy.memory import Memory
from comity.policy.rulings import Ruling
from comity.records import statements
from comity.records.carry_out.rows import Sitting
from comity.records.models import Message
from comity.records.statements import TurnOf

_KEEP_THE_TURN = frozenset({Warn, Breach})
_TALK = "conversation"


def turns_by_duties(sitting: Sitting, rulings: Iterable[Ruling]) -> Iterator[TurnOf]:
    """Yield whose turn it is, by the duties as they stand now, in the conversations that rulings are about."""
    memory = sitting.memory
    for talk, matter in sorted(_talks(memory, rulings)):
        turn = turns.of_duties(memory.rulebooks, duties_of(memory, matter, talk)) or turns.NOBODY
        yield TurnOf(sitting.standing.party_id, reference(talk)[1], turn)


def take_turns(desk: Desk, rulings: Iterable[Ruling], facts: Sequence[Fact], written: Mapping[str, Message]) -> None:
    """Note in the conversations concerned whose turn it is now, and their newest message (`written`)."""
    memory, party_id = desk.sitting.memory, desk.sitting.standing.party_id
    newest = {fact.subject: fact for fact in facts if subject_kind(fact.subject) == _TALK}
    for talk, matter in sorted(_talks(memory, rulings) | {(name, fact.matter) for name, fact in newest.items()}):
        duties = duties_of(memory, matter, talk)
        if fact := newest.get(talk):
            turn = turns.after(memory.rulebooks, duties, fact)
        else:
            turn = turns.of_duties(memory.rulebooks, duties) or turns.NOBODY
        if (message := written.get(talk)) is not None:
            statements.take_turn(turn, message)
        elif turn is not None:
            statements.take_turns([TurnOf(party_id, reference(talk)[1], turn)])


def _talks(memory: Memory, rulings: Iterable[Ruling]) -> set[tuple[str, str]]:
    """Return the conversations whose turn rulings may change, each with the matter under which it is judged.

    A warning or a breach leaves the turn where it is. A conversation is its seller's matter, whoever else is judged.
    """
    if subject_kind(memory.party) != "seller":
        return set()
    matters = {ruling.matter for ruling in rulings if type(ruling) not in _KEEP_THE_TURN}
    talks = {(matter, matter) for matter in matters if subject_kind(matter) == _TALK and matter in memory.matters}
    return talks | {
        (duty.subject, matter)
        for matter in matters
        if subject_kind(matter) == "order" and matter in memory.matters
        for duty in memory.matters[matter].current.values()
        if subject_kind(duty.subject) == _TALK
    }


def duties_of(memory: Memory, matter: str, talk: str) -> list[DutyState]:
    """Return the current duties about a conversation that is judged under a matter."""
    held = memory.matters.get(matter)
    return [duty for duty in held.current.values() if talk in (matter, duty.subject)] if held else []
