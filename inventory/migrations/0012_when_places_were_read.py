from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0011_counts_learn_what_had_left'),
    ]

    operations = [
        migrations.AddField(
            model_name='stocktarget',
            name='places_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
