"""The components of the pages, each in every state, light and dark, left to right and right to left.

They are drawn by the very templates that the pages use, with made-up values: what changes there, changes here.
"""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comity.policy.sanctions.measures import Rung
from comity.records.models import Scan
from comity.web.common.gate import needs
from comity.web.trade import ways
from comity.web.trade.writing import WORDS

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3
QUOTED = {"key": "O-7KQ2M9PXA4", "title": "Desk lamp", "amount": 1999, "currency": "EUR", "state": "paid"}
RUNGS = tuple(
    Rung(at, measure, None, timedelta(0), "automatic")
    for at, measure in ((6, "warning"), (12, "freeze"), (48, "closure"))
)
#: The key of an automatic answer of which nobody has said yet whether it helped.
_OPEN_VERDICT = 1
_SPACE = UUID("0195c0de-0000-7000-8000-000000000000")
SETS = (
    ("light", _("Left to right"), {"class": "", "dir": "ltr", "lang": "en"}),
    ("dark", _("Dark"), {"class": "dark", "dir": "ltr", "lang": "en"}),
    ("rtl", _("Right to left"), {"class": "", "dir": "rtl", "lang": "ar"}),
)


@needs("agent", "platform")
@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """All of them."""
    sets = [{"name": name, "title": title, "look": look, **samples(name)} for name, title, look in SETS]
    return render(request, "agent/components.html", {"sets": sets, "now": datetime.now(UTC)})


def samples(name: str) -> dict[str, Any]:
    """Return the values of one set. Names differ from set to set, so that no id stands twice on the page."""
    now, arabic = datetime.now(UTC), name == "rtl"
    buyer = SimpleNamespace(name="سارة" if arabic else "Ana Souza")
    topic = "أين طلبي؟" if arabic else "Where is my lamp?"
    talk = SimpleNamespace(
        uuid=uuid5(_SPACE, name),
        topic=topic,
        is_untitled=False,
        key="C-7KQ2M9PXA4",
        turn="seller",
        due_at=now + timedelta(hours=3),
        last_at=now,
        closed_at=None,
        seller=SimpleNamespace(name="Li Wei"),
        buyer=buyer,
        last_message=SimpleNamespace(text="…"),
    )
    text = "هل يمكنكم إرسالها غدًا؟ O-7KQ2M9PXA4" if arabic else "Could you send it tomorrow?"
    return {
        "talk": talk,
        "duties": _duties(talk, now),
        "rows": _rows(talk, now),
        "bubbles": _bubbles(name, talk, text, now),
        "judgeable": {_OPEN_VERDICT},
        "rungs": RUNGS,
        "remark": [(SimpleNamespace(words="+49 30 901820"), WORDS["phone"])],
        "ways": _ways(now),
        "badges": ("calm", "soon", "late", "paid", "delivered", "proposed", "placed", "cancelled"),
    }


def _duties(talk: Any, now: datetime) -> list[dict[str, Any]]:
    """Return a duty with time, one that is due soon, a late one, and one with a long text."""
    duties, seller = [], SimpleNamespace(uuid=_SPACE)
    for hours, title in ((48, ""), (3, ""), (-5, ""), (48, LONG)):
        duty = SimpleNamespace(
            key="sample",
            party=seller,
            due=now + timedelta(hours=hours),
            opened_at=now - timedelta(hours=24),
            matter=talk.key,
        )
        about = SimpleNamespace(**{**vars(talk), "topic": title or talk.topic})
        duties.append(
            {
                "duty": duty,
                "title": str(_("Reply to a buyer's message within 72 hours")),
                "about": about,
                "kind": "conversation",
            }
        )
    return duties


def _rows(talk: Any, now: datetime) -> list[dict[str, Any]]:
    """Return rows of an inbox: unread and due, late, the buyer's turn, ended, long, kept by the shop."""

    def row(*, unread: bool = False, **more: Any) -> dict[str, Any]:
        return {"row": SimpleNamespace(**{**vars(talk), **more}), "unread": unread}

    return [
        row(unread=True),
        row(due_at=now - timedelta(hours=5)),
        row(turn="buyer"),
        row(turn="", closed_at=now),
        row(topic=LONG, last_message=SimpleNamespace(text=LONG)),
        row(last_message=SimpleNamespace(is_kept_by_shop=True)),
    ]


def _ways(now: datetime) -> list[dict[str, Any]]:
    """Return orders on their way: paid, with the carrier, overdue, arrived."""
    orders = []
    for here, days, place in ((0, 9, ""), (2, 4, "São Paulo"), (3, -2, "Curitiba"), (4, -3, "")):
        arrived, due = here == 4, now + timedelta(days=days)
        order = SimpleNamespace(state="delivered" if arrived else "sent", deliver_by=due, delivered_at=due)
        status = "in_transit" if here == 2 else "out_for_delivery"
        newest = Scan(status=status, place=place, at=now - timedelta(hours=5)) if place else None
        names = list(ways.WORDS)
        orders.append(
            {
                "order": order,
                "way": ways.Way(
                    steps=[(str(ways.WORDS[name]), number <= here) for number, name in enumerate(names)],
                    here=here,
                    newest=newest,
                    next="" if arrived else str(ways.NEXT[names[here + 1]]),
                    late=here == 3,
                    arrived=arrived,
                    parcels=2,
                    there=1 if here == 3 else 0,
                ),
            }
        )
    return orders


def _bubbles(name: str, talk: Any, text: str, now: datetime) -> list[dict[str, Any]]:
    """Return messages: theirs with a quote, mine and changed, automatic, by mail with a file, long, the shop's."""

    def bubble(number: int, said: str, *, mine: bool = False, **more: Any) -> dict[str, Any]:
        values = {
            "uuid": uuid5(_SPACE, f"{name}{number}"),
            "author": talk.seller if mine else talk.buyer,
            "text": said,
            "at": now,
            "automatic": False,
            "channel": "page",
            "quoted": "",
            "edited_at": None,
            "sent_answer": None,
            "files": _all(),
            "versions": _all(),
        }
        return {"message": SimpleNamespace(**{**values, **more}), "mine": mine, "at": now}

    paper = SimpleNamespace(uuid=_SPACE, name="bill.pdf", size=48_000, is_picture=False)
    before = SimpleNamespace(text=text[:10], until=now)
    verdict = SimpleNamespace(pk=_OPEN_VERDICT, rejected_at=None, helped_at=None)
    return [
        bubble(1, text, quoted=json.dumps(QUOTED)),
        bubble(2, text, mine=True, edited_at=now, versions=_all(before)),
        bubble(3, text, automatic=True, sent_answer=verdict),
        bubble(4, text, channel="mail", files=_all(paper)),
        bubble(5, LONG, mine=True),
        bubble(6, "", is_kept_by_shop=True),
    ]


def _all(*rows: Any) -> Any:
    """Return what a template asks for as `rows.all`."""
    return SimpleNamespace(all=lambda: rows)


urlpatterns = [
    path("desk/components/", components, name="components"),
]
