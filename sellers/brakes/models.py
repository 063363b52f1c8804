"""What holds calls and writes back: stops of writing, which installation this is, circuit breakers and their counts."""

import uuid

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WriteStop(models.Model):
    """A time in which nothing is written to Mercado Libre for any seller; one of a cause at a time.

    What an installation found out about itself has to be released first (`released_at`), and ends when the orders of
    the last days were read and compared.
    """

    class Cause(models.TextChoices):
        STAFF = "staff", _("Stopped by staff")
        RESTORED = "restored", _("An older database is back")
        ELSEWHERE = "elsewhere", _("The database came from another installation")

    cause = models.CharField(max_length=10, choices=Cause)
    reason = models.TextField()
    started_at = models.DateTimeField(db_default=Now())
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("stop of writing")
        verbose_name_plural = _("stops of writing")
        constraints = [
            models.UniqueConstraint(fields=["cause"], condition=Q(ended_at=None), name="one_stop_of_a_cause"),
            models.CheckConstraint(name="a_stop_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_stop_ends_after_it_began", condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at"))
            ),
        ]

    @property
    def is_own_finding(self) -> bool:
        """Found out by the installation about itself, not pressed by anybody."""
        return self.cause != self.Cause.STAFF


class Installation(models.Model):
    """Which installation this database belongs to: one row. `epoch` only grows, and is noted outside the database."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    key = models.UUIDField(default=uuid.uuid4)
    epoch = models.BigIntegerField(default=0)
    public_url = models.CharField(max_length=300)
    doubted_at = models.DateTimeField(null=True)  # a process found no note of it, and nobody has answered
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(name="one_installation", condition=Q(id=1))]


@pghistory.track(fields=["state", "words"], model_name="BreakerEvent")
class Breaker(models.Model):
    """The circuit breaker of a scope: all of Mercado Libre, its token endpoint, or one seller (`account`)."""

    class State(models.TextChoices):
        CLOSED = "closed", pgettext_lazy("calls", "Calling")
        OPEN = "open", pgettext_lazy("calls", "Waiting")
        PROBING = "probing", pgettext_lazy("calls", "Trying one call")

    scope = models.CharField(max_length=40, primary_key=True)
    account = models.ForeignKey("sellers.SellerAccount", models.CASCADE, null=True, related_name="breakers")
    state = models.CharField(max_length=10, choices=State, default=State.CLOSED)
    times = models.PositiveSmallIntegerField(default=0)  # openings in a row
    opened_at = models.DateTimeField(null=True)
    probe_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    words = models.TextField(blank=True)  # what it opened for

    class Meta:
        verbose_name = _("circuit breaker")
        verbose_name_plural = _("circuit breakers")
        constraints = [
            models.CheckConstraint(
                name="an_open_breaker_has_its_times",
                condition=Q(state="closed") | Q(opened_at__isnull=False, probe_at__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["account"], condition=~Q(state="closed"), name="breaker_open")]


class CallCount(models.Model):
    """Calls of a scope within ten seconds, by all processes."""

    pk = models.CompositePrimaryKey("scope", "at")
    scope = models.CharField(max_length=40)
    at = models.DateTimeField()
    good = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["at"], name="call_count_at")]
