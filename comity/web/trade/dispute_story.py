"""The one timeline of a dispute: what was written before, facts with their words, rulings folded into these."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.disputes.view import View, messages_before, of_others
from comity.actions.guard import Actor
from comity.policy.disputes.telling import side_of
from comity.records import lines as lines_of
from comity.records.models import DisputeText, JournalLine, Message
from comity.web.common.called import called
from comity.web.common.timeline import MAX_ENTRIES, Entry, entry_of, may_see


@dataclass(slots=True)
class Moment:
    """One thing in the timeline: an entry with its words and its rulings, words alone, or a message from before.

    side      whose it is, where the two accounts stand side by side: buyer, seller, or "" for neither
    left_out  whether an offer stood here that belongs to an earlier dispute: it binds nobody in this one
    """

    at: datetime
    entry: Entry | None = None
    texts: list[DisputeText] = field(default_factory=list)
    rulings: list[Entry] = field(default_factory=list)
    message: Message | None = None
    side: str = ""
    left_out: bool = False


def story(actor: Actor, view: View) -> list[Moment]:
    """Return the timeline of a case for one reader. Other disputes about the same order have their own."""
    now = view.now
    lines = lines_of.of_matter(now.seller, now.order.ref)
    by_fact: dict[str, list[DisputeText]] = {}
    for text in view.texts:
        by_fact.setdefault(text.fact, []).append(text)
    told = list(_told(actor, view, reversed(lines.order_by("-seq")[:MAX_ENTRIES]), by_fact))
    told += [Moment(text.at, texts=[text], side=text.role) for text in by_fact.get("", ())]
    told += [Moment(each.at, message=each, side=each.role) for each in messages_before(view.now)]
    return sorted(told, key=lambda each: each.at)


def _told(
    actor: Actor, view: View, lines: Iterable[JournalLine], by_fact: dict[str, list[DisputeText]]
) -> Iterable[Moment]:
    own, last = view.now.dispute.names, None
    others = of_others(view.now, view.now.seller.duties.all())  # what came of them by itself is on the order's page
    titles = {str(line.pk): called(line) for line in view.now.order.lines.all()}
    for line in lines:
        body = json.loads(line.body)
        subject = str(body.get("subject", ""))
        if subject.startswith("dispute:") and subject not in own:
            if line.kind == "dispute.offered" and line.at < view.now.case.opened_at:
                yield Moment(line.at, left_out=True)
            continue
        entry = entry_of(line, view.now.seller, reader=actor.party)
        if "ruling" in body:
            # A ruling stands with the fact that led to it; what fell due by itself stands alone.
            if body.get("what") == "notify":  # whoever reads this was told
                continue
            if last is not None and last.at == line.at:
                last.rulings.append(entry)
            elif others.isdisjoint((body.get("key"), body.get("because"))):
                yield Moment(line.at, entry)
        elif may_see(line.kind, actor.party):
            last = Moment(
                line.at,
                _with_piece(entry, body.get("data", {}), titles),
                by_fact.get(str(line.fact_id), []),
                side=side_of(line.kind, body.get("data", {})),
            )
            yield last


def _with_piece(entry: Entry, data: Mapping[str, object], titles: Mapping[str, str]) -> Entry:
    """Return an entry; that of a part of an offer with the pieces that the part is about."""
    title = titles.get(str(data.get("line"))) if "part" in data else None
    if title is None:
        return entry
    said = _("%(sentence)s, for %(count)s × %(title)s")
    words = {"sentence": entry.sentence, "count": data.get("quantity", 1), "title": title}
    return replace(entry, sentence=said % words)
