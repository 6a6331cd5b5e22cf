"""Full-text search of a seller's messages, by the engine's own means (`migrations._by_engine`)."""

import re

from django.db.models import Q

from comity.records import statements
from comity.records.models import Conversation

MAX_FOUND = 200
_KEY = re.compile(r"^[OC]-[0-9A-Z]{7,10}$")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_POSTGRESQL = """
SELECT c.id FROM records_message m JOIN records_conversation c ON c.id = m.conversation_id
WHERE c.seller_id = %s AND records_words(m.text) @@ to_tsquery('simple', %s)
GROUP BY c.id, c.last_at ORDER BY c.last_at DESC LIMIT %s
"""
_SQLITE = """
SELECT c.id FROM message_words w JOIN records_message m ON m.id = w.rowid
JOIN records_conversation c ON c.id = m.conversation_id
WHERE message_words MATCH %s AND c.seller_id = %s GROUP BY c.id ORDER BY c.last_at DESC LIMIT %s
"""
#: SQLite's index holds groups of three signs; what is shorter is looked for sign by sign.
_LEAST_SIGNS = 3


def conversations(seller_id: int, asked: str) -> list[int]:
    """Return the ids of a seller's conversations that `asked` is found in, newest first, at most MAX_FOUND.

    A key of an order or conversation finds just that; else every word must be in one message, at its beginning (or,
    in SQLite, anywhere within), or all of `asked` in the topic, or be the shop's own id of the order.
    """
    asked = asked.replace("\x00", "").strip()[:200]
    own = Conversation.objects.filter(seller_id=seller_id)
    if _KEY.match(asked.upper()):
        rows = own.filter(Q(key=asked.upper()) | Q(order__key=asked.upper()))
        return list(rows.order_by("-last_at").values_list("pk", flat=True)[:MAX_FOUND])
    # Words alone, so that no sign of the engines' own query languages gets through.
    words = re.findall(r"\w+", asked)
    if not words:
        return []
    # Messages before topics, each newest first; what both find counts once.
    said = _by_words(seller_id, words)
    named = own.filter(Q(topic__icontains=asked) | Q(order__external_id=asked))
    topics = named.order_by("-last_at").values_list("pk", flat=True)[:MAX_FOUND]
    return list(dict.fromkeys([*said, *topics]))[:MAX_FOUND]


def _by_words(seller_id: int, words: list[str]) -> list[int]:
    if statements.on_postgresql():
        query = " & ".join(_prefix(word) for word in words)
        return [row[0] for row in statements.fetch(_POSTGRESQL, [seller_id, query, MAX_FOUND])]
    if all(len(word) >= _LEAST_SIGNS for word in words):
        query = " AND ".join(f'"{word}"' for word in words)
        return [row[0] for row in statements.fetch(_SQLITE, [query, seller_id, MAX_FOUND])]
    # Slower, for every message of the seller is looked at; but words of one or two signs are whole words in Chinese.
    rows = Conversation.objects.filter(seller_id=seller_id)
    for word in words:
        rows = rows.filter(messages__text__icontains=word)
    return list(rows.order_by("-last_at").distinct().values_list("pk", flat=True)[:MAX_FOUND])


def _prefix(word: str) -> str:
    """Return a word as PostgreSQL asks for it: its beginning; signs of Chinese and the like one after the other."""
    if not _CJK.search(word):
        return f"{word}:*"
    return "(" + " <-> ".join(part for part in _CJK.sub(r" \g<0> ", word).split()) + ")"
