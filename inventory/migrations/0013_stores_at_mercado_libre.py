import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0012_when_places_were_read"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("sellers", "0008_listening"),
    ]

    operations = [
        migrations.CreateModel(
            name="SellerStore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("store_id", models.CharField(max_length=40, verbose_name="ML store id")),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                ("status", models.CharField(blank=True, max_length=40, verbose_name="status")),
                ("left_out", models.BooleanField(default=False, verbose_name="left out")),
                ("first_seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("read_at", models.DateTimeField(verbose_name="read")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stores", to="sellers.selleraccount"
                    ),
                ),
            ],
            options={
                "verbose_name": "store at Mercado Libre",
                "verbose_name_plural": "stores at Mercado Libre",
            },
        ),
        migrations.CreateModel(
            name="SellerStoreEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("store_id", models.CharField(max_length=40, verbose_name="ML store id")),
                ("left_out", models.BooleanField(default=False, verbose_name="left out")),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="sellers.selleraccount",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="account_store_id_left_out_events",
                        to="inventory.sellerstore",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="sellerstore",
            constraint=models.UniqueConstraint(fields=("account", "store_id"), name="one_row_per_store"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sellerstore",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "inventory_sellerstoreevent" ("account_id", "left_out", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "store_id") VALUES (NEW."account_id", NEW."left_out", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."store_id"); RETURN NULL;',
                    hash="31e17a4dc217b0d4225b355a5e9ea0adfe9b5622",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6c019",
                    table="inventory_sellerstore",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sellerstore",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."left_out" IS DISTINCT FROM (NEW."left_out") OR OLD."store_id" IS DISTINCT FROM (NEW."store_id"))',
                    func='INSERT INTO "inventory_sellerstoreevent" ("account_id", "left_out", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "store_id") VALUES (NEW."account_id", NEW."left_out", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."store_id"); RETURN NULL;',
                    hash="5c55dcb3e316026c34054971eb21878ea6779dbf",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_377f4",
                    table="inventory_sellerstore",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sellerstore",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "inventory_sellerstoreevent" ("account_id", "left_out", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "store_id") VALUES (OLD."account_id", OLD."left_out", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."store_id"); RETURN NULL;',
                    hash="7620eff6864e3e83d2477a2d997685b094a008f1",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_cb8e7",
                    table="inventory_sellerstore",
                    when="AFTER",
                ),
            ),
        ),
    ]
