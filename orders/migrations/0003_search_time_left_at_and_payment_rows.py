"""Orders keep why their stock stands as it does; a payment may belong to several orders of a cart.

Payments are emptied: they come back with the next fetch of their order.
"""

import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Upper

RAW = {"default": dict, "encoder": django.core.serializers.json.DjangoJSONEncoder}


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_products_and_sellers_of_orders")]

    operations = [
        migrations.RemoveField("order", "stock_explanation"),
        migrations.AddField("order", "stock_reason", models.CharField(blank=True, max_length=30)),
        migrations.AddField("order", "search_last_updated", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("shipment", "left_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField("order", "raw", models.JSONField(**RAW)),
        migrations.AlterField("shipment", "raw", models.JSONField(**RAW)),
        migrations.AddIndex("order", models.Index(Upper("buyer_nickname"), name="order_by_buyer")),
        migrations.DeleteModel("Payment"),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("payment_id", models.BigIntegerField()),
                ("status", models.CharField(max_length=30)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("total_paid", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("currency_id", models.CharField(max_length=3)),
                ("method", models.CharField(blank=True, max_length=40)),
                ("date_approved", models.DateTimeField(blank=True, null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="payments", to="orders.order"
                    ),
                ),
            ],
            options={
                "ordering": ["payment_id"],
                "constraints": [models.UniqueConstraint(fields=["order", "payment_id"], name="one_row_per_payment")],
            },
        ),
    ]
