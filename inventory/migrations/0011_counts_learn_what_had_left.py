"""A shipment in the ledger tells when it left; who approves a large count of their own says why."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0010_new_levels_hold_their_product"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="stockcount",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="stockcount",
            name="update_update",
        ),
        migrations.AddField(
            model_name="stockcount",
            name="decided_because",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="stockcountevent",
            name="decided_because",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="stockmovement",
            name="left_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="stockmovement",
            index=models.Index(
                condition=models.Q(("kind", "count")), fields=["level", "created_at"], name="movement_counts"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stockcount",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "inventory_stockcountevent" ("counted_at", "counted_by_id", "decided_at", "decided_because", "decided_by_id", "id", "operation", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "state", "warehouse_id") VALUES (NEW."counted_at", NEW."counted_by_id", NEW."decided_at", NEW."decided_because", NEW."decided_by_id", NEW."id", NEW."operation", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."state", NEW."warehouse_id"); RETURN NULL;',
                    hash="0d3336281dd5e6401c6c325955624f07d29f733b",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_62ab4",
                    table="inventory_stockcount",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stockcount",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "inventory_stockcountevent" ("counted_at", "counted_by_id", "decided_at", "decided_because", "decided_by_id", "id", "operation", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "state", "warehouse_id") VALUES (NEW."counted_at", NEW."counted_by_id", NEW."decided_at", NEW."decided_because", NEW."decided_by_id", NEW."id", NEW."operation", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."state", NEW."warehouse_id"); RETURN NULL;',
                    hash="79a8113e38fd09aea88e25363315427dfbb4cd09",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_615d7",
                    table="inventory_stockcount",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="stockcount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_because", ""),
                    models.Q(("decided_by", models.F("counted_by")), ("state", "approved")),
                    _connector="OR",
                ),
                name="only_ones_own_count_needs_a_reason",
            ),
        ),
    ]
