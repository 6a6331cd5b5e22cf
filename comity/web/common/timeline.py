"""One timeline: facts and rulings of a matter in the order of time, messages as bubbles, rulings as thin lines."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext

from comity.actions.money import said
from comity.lib import moments
from comity.lib.money import Money
from comity.policy.duties.life import DUTIES
from comity.policy.facts import NEVER
from comity.policy.rulebook import Rulebook
from comity.policy.rulings import Overturn
from comity.policy.sanctions.accounts import CHARGES, EARNED
from comity.policy.sanctions.ladder import SANCTIONS
from comity.records import lines as lines_of
from comity.records import masks, rulebooks
from comity.records.models import JournalLine, Message, Party
from comity.records.refs import uuid_of, uuid_of_told
from comity.web.common import words
from comity.web.common.times import quiet
from comity.web.common.words.said import Words

MAX_ENTRIES = 500
_MOMENTS = (
    "due", "at", "effective_at", "until", "expires_at", "in_force_from", "was", "deliver_by", "leaves_at", "shown_by",
    "check_at", "rated_at", "from",
)  # fmt: skip
#: The lives whose states have a page that explains them, by the kinds of their rulings.
_EXPLAINED = {
    ruling.kind: life.name
    for life in (DUTIES, CHARGES, SANCTIONS)
    for ruling in life.rulings
    if not issubclass(ruling, Overturn)
}

#: What is between agents: it would tell the two sides who spoke with whom, what is not decided yet, or which account
#: is linked to which.
_OF_AGENTS = frozenset(
    {
        "dispute.heard_in_private", "dispute.drafted", "dispute.draft_stopped", "dispute.seconded",
        "dispute.record_closed", "account.linked", "account.matched", "account.unlinked",
        "account.merge_asked", "account.merge_declined", "account.undo_asked", "account.undo_declined",
        "account.looked_at",
    }
)  # fmt: skip

#: What says how somebody rated, unless that is hidden.
_RATES = ("review.written", "review.revised")
_NO_TEXTS: Mapping[UUID, Message] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a timeline. `message` is set for a bubble; `why` is the address that explains a ruling.

    `told_by_shop`: the shop spoke for the party that did it. `fact`: the id of the fact; empty for a ruling.
    """

    at: datetime
    kind: str
    icon: str
    tone: str
    sentence: str
    why: str = ""
    message: Message | None = None
    mine: bool = False
    told_by_shop: bool = False
    fact: str = ""


def of_matter(
    seller: Party, matter: str, *, reader: Party | None = None, messages: Iterable[Message] = ()
) -> list[Entry]:
    """Return the entries of a matter; `messages` are those that its message facts speak of."""
    texts = {message.uuid: message for message in messages}
    lines = lines_of.of_matter(seller, matter).order_by("-seq")[:MAX_ENTRIES]
    entries = [entry_of(line, seller, texts, reader) for line in reversed(lines) if may_see(line.kind, reader)]
    # By when things happened; among those of one moment, sorting keeps the order of the journal.
    return sorted(entries, key=lambda entry: entry.at)


def may_see(kind: str, reader: Party | None) -> bool:
    """Whether a timeline shows facts of a kind to somebody; None for whoever may see all of it."""
    return kind not in _OF_AGENTS or reader is None or reader.role in ("agent", "platform")


def entry_of(
    line: JournalLine, whose: Party, texts: Mapping[UUID, Message] = _NO_TEXTS, reader: Party | None = None
) -> Entry:
    """Return one line of a party's chain as a timeline shows it."""
    body = masks.masked(json.loads(line.body), whose, reader, datetime.now(UTC))
    spoken = words.SENTENCES.get(line.kind, Words("clock", line.kind))
    message = _message(line, body, texts) if line.kind == "message.sent" else None
    sentence = told(line.kind, {**body, **_of_review(line.kind), **body.get("data", {})})
    if told_by_shop := bool(body.get("spoken_by")):
        sentence = gettext("%(sentence)s (told by the shop)") % {"sentence": sentence}
    return Entry(
        at=line.at,
        kind=line.kind,
        icon=spoken.icon,
        tone=spoken.tone,
        sentence=sentence,
        why=_why(line.kind, whose, body),
        message=message,
        mine=bool(message and reader and message.author_id == reader.pk),
        told_by_shop=told_by_shop,
        fact=line.fact_id or "",
    )


def _of_review(kind: str) -> Mapping[str, Any]:
    """Return whose review a fact is about where it does not say: the buyer's."""
    return {"by": "buyer", "of": "buyer"} if kind.startswith("review.") else {}


def _message(line: JournalLine, body: Mapping[str, Any], texts: Mapping[UUID, Message]) -> Message | None:
    """Return the message of which a line tells; one whose text the shop keeps is known by the line's fact."""
    named = uuid_of(str(body.get("data", {}).get("message")))
    if named in texts or not texts:
        return texts.get(named) if named else None
    conversation = next(iter(texts.values())).conversation
    return texts.get(uuid_of_told(conversation.uuid, str(line.fact_id)))


#: Values by which a kind may have a sentence of its own, as `kind:value`.
_MORE = ("what", "by", "granted", "because")
#: What is so or not, and has a sentence of its own likewise: `kind:name`, or `kind:not name`.
_WHETHER = ("unchecked", "passed", "points")


def told(kind: str, values: Mapping[str, Any]) -> str:
    """Return the sentence of a kind with its values; where these are about money, with the amount."""
    # Of some of what a ruling does, who does it or why, more can be said; of a review that is hidden, less.
    hidden = [f"{kind}:hidden"] if kind in _RATES and "score" not in values else []
    own = [*hidden, *(f"{kind}:{values[name]}" for name in _MORE if name in values)]
    own += [f"{kind}:{name}" if values[name] else f"{kind}:not {name}" for name in _WHETHER if name in values]
    sentence = words.sentence(next((each for each in own if each in words.SENTENCES), kind), readable(values))
    if "part" in values and "parts" in values:
        which = gettext("part %(part)s of %(parts)s") % {"part": values["part"], "parts": values["parts"]}
        sentence = f"{sentence} ({which})"
    amount, currency = values.get("amount"), values.get("currency")
    if type(amount) is int and isinstance(currency, str) and len(currency) == 3:
        return f"{sentence} · {said(Money(amount, currency))}"
    return sentence


def readable(values: Mapping[str, Any]) -> dict[str, str | int]:
    """Return values for a sentence to a reader: codes as words, moments in the reader's zone, titles, numbers as such.

    A rule and a ledger are named by their titles in the rulebook that is cited.
    """
    shown = {name: _readable(name, value) for name, value in values.items()}
    rulebook = str(values.get("rulebook", ""))
    if "rule" in values:
        shown["rule"] = title_of(rulebook, str(values["rule"]))
    if "standard" in values:
        shown["standard"] = title_of(rulebook, str(values["standard"]))
    if "ledger" in values:
        shown["ledger"] = ledger_of(rulebook, str(values["ledger"]))
    return shown


def title_of(rulebook: str, rule: str) -> str:
    """Return a rule's title in its version, translated where it is one of ours; of a credit, where it was earned."""
    if (book := _version(rulebook)) is not None:
        if (named := book.rules.get(rule)) is not None:
            return gettext(named.title)
        ledger, _, what = rule.partition(":")
        if what == EARNED and ledger in book.ledgers:
            return gettext("Earned back on the ledger %(ledger)s") % {"ledger": ledger_of(rulebook, ledger)}
    return rule


def title_of_charge(rulebook: str, rule: str, *, taken_over: bool) -> str:
    """Return what a charge is for, and whether it came with another account."""
    title = title_of(rulebook, rule)
    return gettext("%(title)s (came with another account)") % {"title": title} if taken_over else title


def ledger_of(rulebook: str, name: str) -> str:
    """Return a ledger's title in its version, translated where it is one of ours."""
    book = _version(rulebook)
    return gettext(book.ledgers[name].title) if book is not None and name in book.ledgers else name


def _version(rulebook: str) -> Rulebook | None:
    try:
        return rulebooks.version(rulebook)
    except LookupError:
        return None


def when(moment: datetime) -> str:
    """Return a moment in the reader's zone and language; of what waits for something, that nobody knows when."""
    if moment >= NEVER:
        return gettext("a time that is not known yet")
    return quiet(moment)


def _readable(name: str, value: Any) -> str | int:
    if type(value) is int:  # a sentence may count by it
        return value
    if isinstance(value, str) and name in _MOMENTS:
        try:
            return when(moments.parse(value))
        except ValueError:
            return words.code(value, name)
    if name == "says" and isinstance(value, str):  # several codes, each a sentence
        return " ".join(words.code(each) for each in value.split())
    return words.code(value, name) if isinstance(value, str) else str(value)


def _why(kind: str, whose: Party, body: Mapping[str, Any]) -> str:
    ruled = kind in _EXPLAINED and "ruling" in body  # a fact may have the name of a ruling: sanction.declined
    return reverse(f"why_{_EXPLAINED[kind]}", args=[whose.uuid, body["key"]]) if ruled else ""
