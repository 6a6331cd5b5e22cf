"""A message changes fewer indexes, and nobody is told of a line within the transaction that notes it."""

import django.db.models.deletion
from django.db import migrations, models

from comity.records.migrations import _by_engine as by_engine


def _key(to: str, name: str, *, empty: bool = False) -> models.ForeignKey:  # type: ignore[type-arg]
    more = {"null": True, "blank": True} if empty else {}
    return models.ForeignKey(to=to, on_delete=django.db.models.deletion.PROTECT, related_name=name, db_index=False, **more)


class Migration(migrations.Migration):
    dependencies = [("records", "0006_errands")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                by_engine.drop_indexes(
                    "records_conversation_buyer_id_f5549a6a", "records_conversation_seller_id_7b05274f",
                    "records_conversation_order_id_db6186f6", "records_conversation_listing_id_698890e5",
                    "records_conversation_joined_by_id_c3de79fc", "records_conversation_last_message_id_2092058d",
                    "records_message_conversation_id_aae26a4b", "records_message_author_id_6c9e8d64",
                    "records_journalline_party_id_4d302af0", "records_duty_party_id_29fdfbb6",
                )
            ],
            state_operations=[
                migrations.AlterField("conversation", "buyer", _key("records.party", "conversations_as_buyer")),
                migrations.AlterField("conversation", "seller", _key("records.party", "conversations_as_seller")),
                migrations.AlterField("conversation", "order", _key("records.order", "conversations", empty=True)),
                migrations.AlterField("conversation", "listing", _key("records.listing", "conversations", empty=True)),
                migrations.AlterField("conversation", "joined_by", _key("records.party", "+", empty=True)),
                migrations.AlterField(
                    "conversation",
                    "last_message",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+",
                        to="records.message",
                    ),
                ),
                migrations.AlterField("message", "conversation", _key("records.conversation", "messages")),
                migrations.AlterField("message", "author", _key("records.party", "+")),
                migrations.AlterField("journalline", "party", _key("records.party", "journal")),
                migrations.AlterField("duty", "party", _key("records.party", "duties")),
            ],
        ),
        migrations.AddIndex(
            "conversation",
            models.Index(condition=models.Q(("order__isnull", False)), fields=["order"], name="conversation_of_order"),
        ),
        migrations.AddIndex(
            "conversation",
            models.Index(
                condition=models.Q(("listing__isnull", False)), fields=["listing"], name="conversation_of_listing"
            ),
        ),
        migrations.RunPython(by_engine.tell_afterwards, migrations.RunPython.noop),
    ]
