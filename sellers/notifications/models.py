"""How notifications use to come: what silence is judged by, without going through the inbox."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class HeardHour(models.Model):
    """In how many minutes of an hour a seller's topic was heard. Minutes, not notifications: one sale brings many."""

    account = models.ForeignKey("sellers.SellerAccount", models.CASCADE, related_name="+")
    topic = models.CharField(max_length=100)
    hour = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "topic", "hour"], name="one_row_per_heard_hour"),
            models.CheckConstraint(name="an_hour_has_sixty_minutes", condition=models.Q(minutes__range=(1, 60))),
        ]
        indexes = [models.Index(fields=["hour"], name="heard_by_hour")]


class Hearing(models.Model):
    """One topic of one seller: its learned rates, when it was last heard, and since when it is silent.

    `rates` are minutes heard in each hour of the seller's day, empty until they were learned; from `days` of history
    with `minutes` heard. `silent_since` is null while nothing is wrong.
    """

    account = models.ForeignKey("sellers.SellerAccount", models.CASCADE, related_name="hearings")
    topic = models.CharField(max_length=100)
    last_at = models.DateTimeField()
    rates = ArrayField(models.FloatField(), default=list, blank=True)
    days = models.FloatField(default=0)
    minutes = models.PositiveIntegerField(default=0)
    learned_at = models.DateTimeField(null=True)
    silent_since = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("topic heard")
        verbose_name_plural = _("topics heard")
        constraints = [models.UniqueConstraint(fields=["account", "topic"], name="one_hearing_per_topic")]
        indexes = [
            models.Index(fields=["account"], condition=models.Q(silent_since__isnull=False), name="hearing_silent")
        ]
