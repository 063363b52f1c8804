"""The connection to Mercado Libre: accounts and grants; what is asked for stands in `sellers.queue.models`."""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from mercadolibre.resources.marketplaces import GLOBAL_SITE
from sellers.brakes.models import Breaker, CallCount, Installation, WriteStop
from sellers.notifications.models import HeardHour, Hearing
from sellers.queue.models import (
    FailureAction,
    Heartbeat,
    Job,
    Notification,
    PushAttempt,
    ScheduleSlot,
    SyncCursor,
    Work,
)

__all__ = [
    "Breaker",
    "CallCount",
    "FailureAction",
    "Grant",
    "HeardHour",
    "Hearing",
    "Heartbeat",
    "Installation",
    "Job",
    "MarketplaceAccount",
    "Notification",
    "OAuthFlow",
    "PushAttempt",
    "RefreshAttempt",
    "ScheduleSlot",
    "SellerAccount",
    "SyncCursor",
    "Work",
    "WriteStop",
]


class SellerAccountQuerySet(models.QuerySet["SellerAccount"]):
    def connected(self) -> "SellerAccountQuerySet":
        return self.filter(status=SellerAccount.Status.CONNECTED)

    def live(self) -> "SellerAccountQuerySet":
        return self.connected().filter(mode=SellerAccount.Mode.LIVE, pushes_paused=False)


@pghistory.track(
    fields=["status", "status_reason", "mode", "pushes_paused", "buffer", "drift_policy", "nickname", "tags"],
    model_name="SellerAccountEvent",
)
class SellerAccount(models.Model):
    """One Mercado Libre seller. A new one only observes: nothing is written to ML until staff goes live."""

    class Status(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        NEEDS_RECONNECT = "needs_reconnect", _("Needs reconnect")
        DISCONNECTED = "disconnected", _("Disconnected")

    class Mode(models.TextChoices):
        OBSERVE = "observe", _("Observe")
        LIVE = "live", _("Live")

    class DriftPolicy(models.TextChoices):
        OVERWRITE = "overwrite", _("Put our value back")
        ASK = "ask", _("Ask first")

    ml_user_id = models.BigIntegerField(_("ML user id"), unique=True)
    nickname = models.CharField(_("nickname"), max_length=100)
    site_id = models.CharField(_("country"), max_length=3)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.CONNECTED)
    status_reason = models.TextField(_("reason"), blank=True)  # read by `ui.stored.told`
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.OBSERVE)
    live_since = models.DateTimeField(null=True, blank=True)
    live_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    pushes_paused = models.BooleanField(_("pushes paused"), default=False)
    # Paused by a brake that asks staff, not by staff: what buyers took is still written.
    sales_go_on = models.BooleanField(default=False)
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    tags_read_at = models.DateTimeField(null=True, blank=True)
    buffer = models.PositiveIntegerField(_("buffer"), default=0, help_text=_("Units held back on every listing."))
    drift_policy = models.CharField(max_length=10, choices=DriftPolicy, default=DriftPolicy.OVERWRITE)
    rate_factor = models.FloatField(default=1)
    throttle_until = models.DateTimeField(null=True, blank=True)
    slowed_at = models.DateTimeField(null=True, blank=True)  # when ML last answered 429
    slowed_times = models.PositiveSmallIntegerField(default=0)  # how often in a row
    refresh_wanted_at = models.DateTimeField(null=True, blank=True)
    catalog_imported_at = models.DateTimeField(null=True, blank=True)
    connected_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())

    objects = SellerAccountQuerySet.as_manager()

    class Meta:
        ordering = ["nickname"]
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")
        constraints = [
            models.CheckConstraint(name="site_id_is_a_site", condition=Q(site_id__regex=r"^[A-Z]{3}$")),
            models.CheckConstraint(name="rate_factor_in_range", condition=Q(rate_factor__gt=0, rate_factor__lte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.nickname} ({self.site_id})"

    @property
    def state(self) -> str:
        """connected, needs_reconnect, paused or disconnected: the word of `manage.py status`."""
        if self.status == self.Status.CONNECTED and self.pushes_paused:
            return "paused"
        return self.status

    @property
    def may_write(self) -> bool:
        return self.status == self.Status.CONNECTED and self.mode == self.Mode.LIVE and not self.pushes_paused

    @property
    def writes_sales_only(self) -> bool:
        """Paused by a brake that asks staff: of stock nothing is written but what buyers took."""
        live = self.status == self.Status.CONNECTED and self.mode == self.Mode.LIVE
        return live and self.pushes_paused and self.sales_go_on

    @property
    def is_global(self) -> bool:
        """Sells by Global Selling: parent items, and listings of them on the marketplaces of several countries."""
        return self.site_id == GLOBAL_SITE

    @cached_property
    def user_ids(self) -> frozenset[int]:
        """Every number of the seller: that of the account, and those it has on the marketplaces of Global Selling."""
        others = self.marketplaces.values_list("ml_user_id", flat=True) if self.is_global else ()
        return frozenset((self.ml_user_id, *others))

    @property
    def manages_warehouses(self) -> bool:
        return "warehouse_management" in self.tags

    @property
    def several_warehouses(self) -> bool:
        """Whether ML lets the seller keep stock in more than one warehouse."""
        return "multiwarehouse" in self.tags


class MarketplaceAccount(models.Model):
    """A number that a seller of Global Selling has on one marketplace: the seller of the orders and listings there.

    One that ML no longer names is kept: orders of the past still name it.
    """

    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="marketplaces")
    ml_user_id = models.BigIntegerField(unique=True)
    site_id = models.CharField(max_length=3)
    logistic_type = models.CharField(max_length=30, blank=True)
    read_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["site_id", "logistic_type"]

    def __str__(self) -> str:
        return f"{self.site_id} {self.logistic_type}".strip()


class OAuthFlow(models.Model):
    """One press of Connect: single use, ten minutes, bound to the staff member and the session that began it."""

    state_hash = models.BinaryField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    session_hash = models.BinaryField()
    verifier_ct = models.BinaryField()
    site_id = models.CharField(max_length=3)
    account = models.ForeignKey(SellerAccount, models.CASCADE, null=True, related_name="+")
    pending_ct = models.BinaryField(null=True)  # the exchanged token, sealed, until staff confirms the seller
    created_at = models.DateTimeField(db_default=Now())
    used_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)


class Grant(models.Model):
    """One pair of tokens. A refresh adds the next generation of the chain; a reconnect starts a new chain."""

    class State(models.TextChoices):
        CURRENT = "current"
        ROTATED = "rotated"
        DEAD = "dead"

    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="grants")
    chain = models.PositiveIntegerField()
    generation = models.PositiveIntegerField()
    access_ct = models.BinaryField(null=True)
    refresh_ct = models.BinaryField(null=True)
    refresh_fingerprint = models.BinaryField(unique=True)  # keyed hash: proves single use, reveals nothing
    obtained_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.CURRENT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "chain", "generation"], name="one_grant_per_generation"),
            models.UniqueConstraint(fields=["account"], condition=Q(state="current"), name="one_current_grant"),
        ]


class RefreshAttempt(models.Model):
    """The intent to spend a refresh token, committed before the call; an open one means: do not spend it yet."""

    class Outcome(models.TextChoices):
        PENDING = "pending"
        OK = "ok"
        INVALID_GRANT = "invalid_grant"
        INVALID_CLIENT = "invalid_client"
        NOT_SENT = "not_sent"
        REFUSED = "refused"
        UNKNOWN = "unknown"

    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="refresh_attempts")
    grant = models.ForeignKey(Grant, models.CASCADE, related_name="+")
    holder = models.CharField(max_length=100)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=15, choices=Outcome, default=Outcome.PENDING)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(outcome="pending"), name="one_pending_refresh")
        ]
