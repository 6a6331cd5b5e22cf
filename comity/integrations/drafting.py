"""A drafting helper over an OpenAI-compatible endpoint: asked by errands, so that no page waits for it.

It is told the roles and texts of the conversation, the order's facts, and nothing else: no names, no addresses.
"""

from datetime import datetime, timedelta
from typing import Any

import httpx

from comity.lib import options
from comity.records.models import Draft, Order

TIMEOUT_SECONDS = 60
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
    count = 0
    for draft in Draft.objects.filter(done_at=None).select_related("conversation__order").order_by("asked_at")[:20]:
        try:
            text = _drafted(draft) if now - draft.asked_at < STALE else ""
            draft.text, draft.failed_why = text, "" if text else "the helper gave no answer in time"
        # Whatever the helper answered, the page that waits is told that there is no draft.
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            draft.failed_why = f"{type(error).__name__}: {error}"[:300]
        draft.done_at = now
        draft.save(update_fields=["text", "failed_why", "done_at"])
        count += bool(draft.text)
    return count


def _drafted(draft: Draft) -> str:
    url = options.value("COMITY_DRAFT_URL").rstrip("/") + "/chat/completions"
    key = options.value("COMITY_DRAFT_KEY")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    asked = {"model": options.value("COMITY_DRAFT_MODEL"), "messages": _told(draft), "temperature": 0.3}
    # Not by a proxy of the environment: what buyers write goes where the settings say, and nowhere else.
    answer = httpx.post(url, json=asked, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False)
    answer.raise_for_status()
    text = answer.json()["choices"][0]["message"]["content"]
    if not isinstance(text, str):
        raise TypeError("the helper's answer holds no text")
    return text.strip().replace("\x00", "")[:MAX_DRAFT_CHARS]


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
