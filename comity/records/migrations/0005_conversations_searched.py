"""Full-text search of messages by the engine's own means, and whose turn older conversations have.

PostgreSQL: words of the `simple` configuration; signs of Chinese, Japanese and Korean count as a word each.
SQLite: FTS5 by groups of three signs, kept by triggers beside the table, without a second copy of the texts.
"""

from django.db import migrations
from django.db.models import Max

POSTGRESQL = r"""
CREATE FUNCTION records_words(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT to_tsvector('simple', regexp_replace(said, '([\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF\uF900-\uFAFF])', ' \1 ', 'g'))
$$;
CREATE INDEX message_words ON records_message USING gin (records_words(text)) WITH (fastupdate = on);
"""
POSTGRESQL_BACK = """
DROP INDEX message_words;
DROP FUNCTION records_words(text);
"""
SQLITE = [
    "CREATE VIRTUAL TABLE message_words USING fts5(text, content='records_message', content_rowid='id', "
    "tokenize='trigram')",
    "CREATE TRIGGER message_words_in AFTER INSERT ON records_message BEGIN "
    "INSERT INTO message_words(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER message_words_out AFTER DELETE ON records_message BEGIN "
    "INSERT INTO message_words(message_words, rowid, text) VALUES ('delete', old.id, old.text); END",
    "CREATE TRIGGER message_words_new AFTER UPDATE OF text ON records_message BEGIN "
    "INSERT INTO message_words(message_words, rowid, text) VALUES ('delete', old.id, old.text); "
    "INSERT INTO message_words(rowid, text) VALUES (new.id, new.text); END",
    "INSERT INTO message_words(message_words) VALUES ('rebuild')",
]
SQLITE_BACK = [
    "DROP TRIGGER message_words_in", "DROP TRIGGER message_words_out", "DROP TRIGGER message_words_new",
    "DROP TABLE message_words",
]


def index(apps, schema_editor):
    statements = [POSTGRESQL] if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        schema_editor.execute(statement, params=None)


def unindex(apps, schema_editor):
    statements = [POSTGRESQL_BACK] if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK
    for statement in statements:
        schema_editor.execute(statement, params=None)


def take_turns(apps, schema_editor):
    """Note the newest message of every conversation, and whose turn it is by the duties that are open."""
    Conversation, Message, Duty = (apps.get_model("records", name) for name in ("Conversation", "Message", "Duty"))
    live = {}
    for duty in Duty.objects.filter(
        matter__startswith="conversation:", current=True, ended_at=None, status__in=["open", "breached"]
    ).order_by("-due").iterator():
        live[duty.matter] = duty
    for row in Conversation.objects.annotate(newest=Max("messages__at")).iterator():
        last = Message.objects.filter(conversation_id=row.pk, at=row.newest).order_by("-id").first()
        row.last_message, row.last_at = last, last.at if last else row.opened_at
        duty = live.get(f"conversation:{row.uuid}")
        if duty is not None:
            row.turn, row.turn_since, row.due_at = "seller", duty.opened_at, duty.due
        elif last is not None and last.role == "seller":
            row.turn, row.turn_since = "buyer", last.at
        row.save(update_fields=["last_message", "last_at", "turn", "turn_since", "due_at"])


class Migration(migrations.Migration):
    dependencies = [("records", "0004_conversations")]
    operations = [
        migrations.RunPython(index, unindex),
        migrations.RunPython(take_turns, migrations.RunPython.noop),
    ]
