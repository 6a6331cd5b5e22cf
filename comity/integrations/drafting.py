"""A drafting helper over an OpenAI-compatible endpoint: asked by errands, so that no page waits for it.

It is told the roles and texts of the conversation, the order's facts, and nothing else: no names, no addresses.
"""

import json
import time
from datetime import datetime, timedelta
from http.client import OK
from typing import Any

import httpx

from comity.integrations.calling import Caller, NoAnswer
from comity.lib import options
from comity.records import errands
from comity.records.engines import AWAY
from comity.records.models import Draft, Order

#: What one answer may take, and hold; how long a round goes on.
CALL_SECONDS, MAX_ANSWER_BYTES, ROUND_SECONDS = 30.0, 1_000_000, 60.0
MAX_MESSAGES, MAX_DRAFT_CHARS = 20, 4_000
#: A draft that is wanted no more: its page is gone.
STALE = timedelta(minutes=10)
INSTRUCTIONS = (
    "You draft a reply that a seller of a marketplace will read, correct and send to a buyer. Answer in the buyer's "
    "language, courteously and briefly. Use only the facts given. Promise nothing that they do not say. Never ask for "
    "or give contact details, and never suggest a payment outside the marketplace. Write the reply alone."
)


def write_all(now: datetime) -> int:
    """Fetch the drafts that wait; return how many were written. What fails says why to who asked."""
    if not options.value("COMITY_DRAFT_URL"):
        return 0
    count, end = 0, time.monotonic() + ROUND_SECONDS
    with Caller(seconds=CALL_SECONDS, most=MAX_ANSWER_BYTES) as caller:
        while time.monotonic() < end:
            # A page waits for it: there is no second try, but for one that was cut off.
            rows = Draft.objects.select_related("conversation__order")
            taken = errands.take(rows, now, most=1, lease=STALE, waits=())
            if not taken:
                break
            count += _write(taken[0], caller, now)
    return count


def _write(draft: Draft, caller: Caller, now: datetime) -> int:
    try:
        if now - draft.asked_at >= STALE or not (text := _drafted(draft, caller)):
            raise NoAnswer("the helper gave no answer in time")
    except AWAY:
        raise
    # Whatever the helper answered, the page that waits is told that there is no draft.
    except Exception as error:
        errands.failed([draft], f"{type(error).__name__}: {error}", now, ())
        Draft.objects.filter(pk=draft.pk).update(done_at=now)
        return 0
    errands.succeeded([draft], text=text, done_at=now)
    return 1


def _drafted(draft: Draft, caller: Caller) -> str:
    url = options.value("COMITY_DRAFT_URL").rstrip("/") + "/chat/completions"
    key = options.value("COMITY_DRAFT_KEY")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    asked = {"model": options.value("COMITY_DRAFT_MODEL"), "messages": _told(draft), "temperature": 0.3}
    # Not by a proxy of the environment: what buyers write goes where the settings say, and nowhere else.
    answer = caller.send(httpx.Request("POST", url, json=asked, headers=headers))
    if answer.status != OK:
        raise NoAnswer(f"the helper answered {answer.status}")
    text = json.loads(answer.body)["choices"][0]["message"]["content"]
    if not isinstance(text, str):
        raise TypeError("the helper's answer holds no text")
    # A surrogate by itself is no text, and no database takes it.
    return text.strip().replace("\x00", "").encode("utf-8", "replace").decode()[:MAX_DRAFT_CHARS]


def _told(draft: Draft) -> list[dict[str, Any]]:
    facts = _of_order(draft.conversation.order)
    rows = list(draft.conversation.messages.order_by("-at")[:MAX_MESSAGES])
    said = [
        {"role": "user" if row.role == "buyer" else "assistant", "content": row.text}
        for row in reversed(rows)
        if row.text
    ]
    return [{"role": "system", "content": f"{INSTRUCTIONS}\n\n{facts}"}, *said]


def _of_order(order: Order | None) -> str:
    if order is None:
        return "There is no order."
    promised = f"; promised by {order.deliver_by:%Y-%m-%d}" if order.deliver_by else ""
    return f"Order {order.key}: {order.title}, {order.state}{promised}."
