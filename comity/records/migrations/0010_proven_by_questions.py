"""Whether answers are sent by themselves is proven by buyers' questions, not chosen with the model."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0009_mails")]

    operations = [migrations.RemoveField("answermodel", "auto_at")]
