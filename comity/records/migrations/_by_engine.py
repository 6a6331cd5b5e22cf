"""What the database does by itself, on either engine: triggers, search, telling who listens.

SQLite makes a table anew where a migration adds or changes a column, and loses its triggers: such a migration ends with
`RunPython(by_engine.again)`, which makes those that are missing. A test finds a migration that forgot.
"""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState

#: Rows that are only ever added: the database refuses to change or delete them, whoever asks.
APPEND_ONLY = ("records_journalline", "records_pause", "records_rulebookversion")

_REFUSE_SQLITE = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
#: FTS5 by groups of three signs, kept by triggers beside the table, without a second copy of the texts.
_SEARCH_SQLITE = [
    "CREATE VIRTUAL TABLE IF NOT EXISTS message_words USING fts5(text, content='records_message', content_rowid='id', "
    "tokenize='trigram')",
    "CREATE TRIGGER IF NOT EXISTS message_words_in AFTER INSERT ON records_message BEGIN "
    "INSERT INTO message_words(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER IF NOT EXISTS message_words_out AFTER DELETE ON records_message BEGIN "
    "INSERT INTO message_words(message_words, rowid, text) VALUES ('delete', old.id, old.text); END",
    "CREATE TRIGGER IF NOT EXISTS message_words_new AFTER UPDATE OF text ON records_message BEGIN "
    "INSERT INTO message_words(message_words, rowid, text) VALUES ('delete', old.id, old.text); "
    "INSERT INTO message_words(rowid, text) VALUES (new.id, new.text); END",
]

#: Words of disputes that ended, ranked by BM25; `records.similar` writes them.
_CASES_SQLITE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS closed_case_words USING fts5(words, tokenize='unicode61 remove_diacritics 2')",
    "CREATE VIRTUAL TABLE IF NOT EXISTS closed_case_vocabulary USING fts5vocab('closed_case_words', 'row')",
)
_CASES_POSTGRESQL = """
ALTER TABLE records_closedcase ADD COLUMN vector tsvector GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED;
CREATE INDEX closed_case_words ON records_closedcase USING gin (vector)
"""

_REFUSE_POSTGRESQL = """
CREATE FUNCTION records_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""
_REFUSE_POSTGRESQL_TABLE = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION records_append_only();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION records_append_only()
"""
#: Words of the `simple` configuration; signs of Chinese, Japanese and Korean count as a word each.
_SEARCH_POSTGRESQL = r"""
CREATE FUNCTION records_words(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT to_tsvector('simple', regexp_replace(said, '([\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF\uF900-\uFAFF])', ' \1 ', 'g'))
$$;
CREATE INDEX message_words ON records_message USING gin (records_words(text)) WITH (fastupdate = on)
"""


def missing(connection: Any) -> list[str]:
    """Return the triggers that the database should have and has not, has switched off, or has with another text."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            wanted = {f"{table}_{what}" for table in APPEND_ONLY for what in ("append_only", "no_truncate")}
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
            return sorted(wanted - {name for (name,) in cursor.fetchall()})
        made = [" ".join(statement.split()) for statement in _triggers_sqlite()]
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
        there = {" ".join(sql.split()) for (sql,) in cursor.fetchall()}
        return sorted(text.split()[5] for text in made if text.replace("IF NOT EXISTS ", "") not in there)


def _triggers_sqlite() -> list[str]:
    guards = [_REFUSE_SQLITE.format(table=table, verb=verb) for table in APPEND_ONLY for verb in ("update", "delete")]
    return [*guards, *_SEARCH_SQLITE[1:]]


def first(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make all of it, in a new database."""
    if schema_editor.connection.vendor != "postgresql":
        again(apps, schema_editor)
        return
    tables = [_REFUSE_POSTGRESQL_TABLE.format(table=table) for table in APPEND_ONLY]
    for statement in (_REFUSE_POSTGRESQL, *tables, _SEARCH_POSTGRESQL):
        schema_editor.execute(statement, params=None)


class AtOnce(migrations.SeparateDatabaseAndState):
    """Changes of the state alone, after which it is rendered once and not after each of them."""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Take the rendered models away before, as they would be rendered again with every change."""
        state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)


def make_tables(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make all tables as the state says that they are."""
    for model in apps.get_app_config("records").get_models():
        schema_editor.create_model(model)


def drop_tables(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take them back."""
    for model in reversed(list(apps.get_app_config("records").get_models())):
        schema_editor.delete_model(model)


def again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make what SQLite lost when it made a table anew; PostgreSQL loses nothing."""
    if schema_editor.connection.vendor == "sqlite":
        for statement in (_SEARCH_SQLITE[0], *_triggers_sqlite()):
            schema_editor.execute(statement, params=None)


def words_of_cases(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the index of the words of disputes that ended."""
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in (_CASES_POSTGRESQL,) if on_postgresql else _CASES_SQLITE:
        schema_editor.execute(statement, params=None)


def tell_afterwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the trigger that told of new lines (decision 26)."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER IF EXISTS journal_tells ON records_journalline", params=None)
        schema_editor.execute("DROP FUNCTION IF EXISTS records_tell_noted()", params=None)


def drop_indexes(*names: str) -> migrations.RunSQL:
    """Return an operation that drops indexes; SQLite would make the whole table anew for a change of its column."""
    return migrations.RunSQL([f'DROP INDEX IF EXISTS "{name}"' for name in names], migrations.RunSQL.noop)


#: A table that stands while rows are to be made anew from the chains: what was cut off is taken up again.
ASKED_FOR_ROWS = "records_rows_to_make_anew"


def ask_for_rows(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have rows made anew that a migration could not keep; `records.apps` does it once all migrations are through."""
    schema_editor.execute(f"CREATE TABLE IF NOT EXISTS {ASKED_FOR_ROWS} (asked integer)", params=None)


def forget_to_ask(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take it back."""
    schema_editor.execute(f"DROP TABLE IF EXISTS {ASKED_FOR_ROWS}", params=None)
