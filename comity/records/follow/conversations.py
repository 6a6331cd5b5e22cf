"""Conversations follow facts: written in, ended, joined. Whose turn it is follows from rulings (`actions.enact`)."""

from uuid import UUID

from django.db.models import QuerySet

from comity.policy.facts import Fact, reference
from comity.records.follow.world import Contradiction, World
from comity.records.models import Conversation, Message, Party, SentAnswer


def written(world: World, fact: Fact) -> None:
    """Somebody wrote. Where the shop keeps the text, the row has none."""
    if world.is_given(Message):
        return  # `statements.take_turn` lets the conversation follow, in the same statement as whose turn it is
    talk = world.conversation(fact)
    if world.is_whole:
        world.change(talk, closed_at=None)
    if fact.id not in world.fresh:
        return
    by = str(fact.data["by"])
    world.make(
        Message(
            uuid=world.uuid_of_message(fact, talk),
            conversation=talk,
            author=_author(talk, by),
            role=by,
            automatic=bool(fact.data["automatic"]),
            text="",
            salt=b"",
            at=fact.at,
            channel=fact.data.get("channel") or "",
            unsent=False,
        )
    )


def _author(talk: Conversation, role: str) -> Party:
    """Return who wrote. Which of the platform's people it was, a fact does not say."""
    if role in ("buyer", "seller"):
        party: Party = getattr(talk, role)
        return party
    platform = Party.objects.filter(role="platform").first()
    if platform is None:
        raise Contradiction("the platform has no party yet; publish a rulebook first")
    return platform


def edited(world: World, fact: Fact) -> None:
    """A message was changed."""
    if fact.id in world.fresh and (uuid := _named(fact.data.get("message"))) is not None:
        mine = Message.objects.filter(uuid=uuid, conversation__seller=world.party)
        mine.exclude(edited_at__gt=fact.at).update(edited_at=fact.at)


def rejected(world: World, fact: Fact) -> None:
    """An automatic answer did not help."""
    if fact.id in world.fresh and (uuid := _named(reference(str(fact.data["of"]))[1])) is not None:
        _sent(world, uuid).update(rejected_at=fact.at)


def no_reply_needed(world: World, fact: Fact) -> None:
    """The last message asks for no answer; where that was an automatic one, it has helped."""
    if fact.id in world.fresh and (uuid := _named(fact.data.get("helped"))) is not None:
        _sent(world, uuid).update(helped_at=fact.at)


def closed(world: World, fact: Fact) -> None:
    """It was ended, until somebody writes again."""
    talk = world.conversation(fact)
    if world.is_whole or talk.last_at is None or talk.last_at <= fact.at:
        world.change(talk, closed_at=fact.at)


def agent_asked(world: World, fact: Fact) -> None:
    """A side asked for the platform's help."""
    talk = world.conversation(fact)
    if talk.asked_agent_at is None or fact.at < talk.asked_agent_at:
        world.change(talk, asked_agent_at=fact.at)


def agent_joined(world: World, fact: Fact) -> None:
    """An agent joined it."""
    role, identity = reference(str(fact.data["agent"]))
    uuid = _named(identity)
    agent = Party.objects.filter(role=role, uuid=uuid).first() if uuid else None
    world.change(world.conversation(fact), joined_by=agent)


def spoken(world: World, fact: Fact) -> None:
    """What is said of it moves nothing here, but it is one that we know now."""
    world.conversation(fact)


def _sent(world: World, message: UUID) -> QuerySet[SentAnswer]:
    return SentAnswer.objects.filter(message__uuid=message, message__conversation__seller=world.party)


def _named(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
