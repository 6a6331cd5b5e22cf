"""PostgreSQL tells whoever listens which matters new lines are of, once a statement; `comity live` listens."""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION records_tell_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('comity_noted', noted.party_id || ' ' || noted.matter)
    FROM (SELECT DISTINCT party_id, matter FROM lines) AS noted;
    RETURN NULL;
END $$;
CREATE TRIGGER journal_tells AFTER INSERT ON records_journalline
REFERENCING NEW TABLE AS lines FOR EACH STATEMENT EXECUTE FUNCTION records_tell_noted();
"""
BACK = """
DROP TRIGGER journal_tells ON records_journalline;
DROP FUNCTION records_tell_noted();
"""


def tell(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)


def be_silent(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BACK, params=None)


class Migration(migrations.Migration):
    dependencies = [("records", "0007_webhooks")]
    operations = [migrations.RunPython(tell, be_silent)]
