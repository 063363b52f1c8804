"""What staff did about failures is one table: tried again, or handled at Mercado Libre as before."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

STATES = [("ready", "Waiting"), ("leased", "Running"), ("idle", "Done"), ("dead", "Failed")]
ACTIONS = [("retry", "Tried again"), ("handled", "Handled at Mercado Libre")]


class Migration(migrations.Migration):
    dependencies = [
        ("sellers", "0011_an_installation_is_doubted_aloud"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("HandledFailure", "FailureAction"),
        migrations.AlterModelOptions(
            name="failureaction",
            options={"verbose_name": "answer to a failure", "verbose_name_plural": "answers to failures"},
        ),
        migrations.RenameField("failureaction", "handled_by", "done_by"),
        migrations.RenameField("failureaction", "handled_at", "done_at"),
        migrations.RenameIndex("failureaction", new_name="failure_action_by_key", old_name="handled_by_key"),
        migrations.AlterField(
            model_name="failureaction",
            name="work",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="actions",
                to="sellers.work",
            ),
        ),
        migrations.AddField(
            model_name="failureaction",
            name="action",
            field=models.CharField(choices=ACTIONS, default="handled", max_length=10),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="failureaction",
            name="state",
            field=models.CharField(choices=STATES, default="dead", max_length=10),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="failureaction", name="reason", field=models.CharField(blank=True, max_length=300)
        ),
        migrations.RemoveConstraint("failureaction", "handled_for_a_reason"),
        migrations.AddConstraint(
            "failureaction",
            models.CheckConstraint(
                condition=Q(("action", "handled"), _negated=True) | Q(("reason", ""), _negated=True),
                name="handled_for_a_reason",
            ),
        ),
        migrations.AddIndex("failureaction", models.Index(fields=["done_at"], name="failure_action_done")),
    ]
