"""What is new in the inbox gets into its index at once, not at the next vacuum: it is read every minute."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sellers", "0009_let_go")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex("notification", "notification_received"),
                migrations.AddIndex(
                    "notification",
                    django.contrib.postgres.indexes.BrinIndex(
                        autosummarize=True, fields=["received_at"], name="notification_received"
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "alter index notification_received set (autosummarize = on)",
                    "alter index notification_received reset (autosummarize)",
                )
            ],
        )
    ]
