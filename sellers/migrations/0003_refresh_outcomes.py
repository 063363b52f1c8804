"""Two more outcomes of a refresh; only the choices change."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sellers", "0002_work_bump")]
    operations = [
        migrations.AlterField(
            model_name="refreshattempt",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("ok", "Ok"),
                    ("invalid_grant", "Invalid Grant"),
                    ("invalid_client", "Invalid Client"),
                    ("not_sent", "Not Sent"),
                    ("refused", "Refused"),
                    ("unknown", "Unknown"),
                ],
                default="pending",
                max_length=15,
            ),
        )
    ]
