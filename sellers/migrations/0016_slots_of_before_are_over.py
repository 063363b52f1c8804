from django.db import migrations


class Migration(migrations.Migration):
    """Slots that ran before their end was kept did end: none runs again."""

    dependencies = [
        ("sellers", "0015_slots_that_ended"),
    ]

    operations = [
        migrations.RunSQL("update sellers_scheduleslot set done_at = ran_at where done_at is null", migrations.RunSQL.noop),
    ]
