"""What a push remembers between its rounds."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_ledger_guards")]
    operations = [
        migrations.AddField("stocktarget", "settle_rounds", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("stocktarget", "ignored_times", models.PositiveSmallIntegerField(default=0)),
    ]
