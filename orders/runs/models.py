"""What every reading of a seller's orders or missed notifications came to."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sellers.models import SellerAccount


class Run(models.Model):
    """One run: asked for, begun, read, and ended when every order that it asked for was fetched.

    `found` is what Mercado Libre showed, `asked` how many orders had to be fetched for it. Of those `recovered` were
    not stored and no notification had announced them, `changed` were stored and are different now, `missing` could
    not be fetched. These three are only known at the end.
    """

    class Kind(models.TextChoices):
        ORDERS = "orders", _("Orders")
        MISSED = "missed", _("Missed notifications")

    class Reason(models.TextChoices):
        CLOCK = "clock", pgettext_lazy("run", "Every few minutes")
        NIGHT = "night", pgettext_lazy("run", "Every night")
        WEEK = "week", pgettext_lazy("run", "Every week")
        BUTTON = "button", pgettext_lazy("run", "Asked for here")
        COMMAND = "command", pgettext_lazy("run", "From the command line")
        SILENCE = "silence", pgettext_lazy("run", "Notifications were silent")

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("run", "Waiting")
        READING = "reading", pgettext_lazy("run", "Reading")
        FETCHING = "fetching", pgettext_lazy("run", "Fetching orders")
        COMPLETE = "complete", pgettext_lazy("run", "Complete")
        INCOMPLETE = "incomplete", pgettext_lazy("run", "Incomplete")
        REFUSED = "refused", pgettext_lazy("run", "Not shown to this seller")
        FAILED = "failed", pgettext_lazy("run", "Failed")

    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.CharField(max_length=10, choices=Reason)
    key = models.CharField(max_length=20, blank=True)  # of the work row that does it
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    operation = models.UUIDField(null=True, unique=True)  # of the form: a double click asks once
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    began_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    found = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    recovered = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    whole = models.BooleanField(default=True)  # no row of the search can have been missed
    words = models.TextField(blank=True)  # why it is not complete, or what it stumbled over so far
    # order id -> what was stored of it when it was asked for; emptied at the end
    pending = models.JSONField(default=dict)

    ENDED = (State.COMPLETE, State.INCOMPLETE, State.REFUSED, State.FAILED)
    NOT_READ = (State.WAITING, State.READING)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "key"],
                condition=Q(state__in=["waiting", "reading"]),
                name="one_unread_run_per_key",
            ),
            models.CheckConstraint(
                name="an_ended_run_has_an_end",
                condition=Q(state__in=["complete", "incomplete", "refused", "failed"], finished_at__isnull=False)
                | Q(state__in=["waiting", "reading", "fetching"], finished_at__isnull=True),
            ),
            models.CheckConstraint(
                name="no_more_came_than_was_asked",
                condition=Q(asked__gte=F("recovered") + F("changed") + F("missing")),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="run_by_seller"),
            models.Index(fields=["asked_at"], name="run_asked"),
            models.Index(fields=["account", "id"], condition=Q(state="fetching"), name="run_fetching"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def took(self) -> timedelta | None:
        """From its beginning to the last order; None where it has not ended or never began."""
        return self.finished_at - self.began_at if self.finished_at and self.began_at else None
