"""The connection to Mercado Libre: accounts, grants, the notification inbox, work rows, jobs, heartbeats."""

import uuid

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mercadolibre.resources.marketplaces import GLOBAL_SITE


class SellerAccountQuerySet(models.QuerySet["SellerAccount"]):
    def connected(self) -> "SellerAccountQuerySet":
        return self.filter(status=SellerAccount.Status.CONNECTED)

    def live(self) -> "SellerAccountQuerySet":
        return self.connected().filter(mode=SellerAccount.Mode.LIVE, pushes_paused=False)


@pghistory.track(
    fields=["status", "mode", "pushes_paused", "buffer", "drift_policy", "nickname", "tags"],
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
    status_reason = models.TextField(blank=True)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.OBSERVE)
    live_since = models.DateTimeField(null=True, blank=True)
    live_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    pushes_paused = models.BooleanField(_("pushes paused"), default=False)
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    tags_read_at = models.DateTimeField(null=True, blank=True)
    buffer = models.PositiveIntegerField(_("buffer"), default=0, help_text=_("Units held back on every listing."))
    drift_policy = models.CharField(max_length=10, choices=DriftPolicy, default=DriftPolicy.OVERWRITE)
    rate_factor = models.FloatField(default=1)
    throttle_until = models.DateTimeField(null=True, blank=True)
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


class Notification(models.Model):
    """What arrived at the notification URL, exactly as it arrived: a hint to look, never a fact."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", pgettext_lazy("notification", "Accepted")
        UNKNOWN_APPLICATION = "unknown_application", _("Another application")
        UNKNOWN_ACCOUNT = "unknown_account", _("Unknown seller")
        UNKNOWN_TOPIC = "unknown_topic", _("Not needed here")
        MALFORMED = "malformed", _("Cannot be read")

    received_at = models.DateTimeField(db_default=Now())
    remote_ip = models.GenericIPAddressField(null=True)
    application_id = models.BigIntegerField(null=True)
    ml_user_id = models.BigIntegerField(null=True)  # the seller's, where it was sent to a number on a marketplace
    topic = models.CharField(max_length=100, blank=True)
    resource = models.CharField(max_length=300, blank=True)
    event_id = models.CharField(max_length=100, blank=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(null=True)
    body = models.BinaryField()  # at most 64 KiB
    verdict = models.CharField(max_length=20, choices=Verdict)
    work_kind = models.CharField(max_length=30, blank=True)
    work_key = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            BrinIndex(fields=["received_at"], name="notification_received"),
            models.Index(fields=["ml_user_id", "topic", "-id"], name="notification_by_seller"),
            models.Index(fields=["work_kind", "work_key", "-id"], name="notification_by_work"),
        ]


class Work(models.Model):
    """Everything that may have to be tried again: one row per (seller, kind, key). See `sellers.work`."""

    class State(models.TextChoices):
        READY = "ready", pgettext_lazy("task", "Waiting")
        LEASED = "leased", pgettext_lazy("task", "Running")
        IDLE = "idle", pgettext_lazy("task", "Done")
        DEAD = "dead", pgettext_lazy("task", "Failed")

    account = models.ForeignKey(SellerAccount, models.CASCADE, null=True, blank=True, related_name="work")
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=200)
    lane = models.SmallIntegerField()
    priority = models.SmallIntegerField(default=50)
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    due_at = models.DateTimeField(db_default=Now())
    wanted_since = models.DateTimeField(db_default=Now())
    want_seq = models.BigIntegerField(default=1)
    claim_seq = models.BigIntegerField(null=True)
    done_seq = models.BigIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=100, blank=True)
    claims = models.SmallIntegerField(default=0)
    fails = models.IntegerField(default=0)
    last_error = models.TextField(blank=True)
    last_error_class = models.CharField(max_length=60, blank=True)
    last_error_at = models.DateTimeField(null=True)
    last_done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "key"], nulls_distinct=False, name="one_row_per_key"),
            models.CheckConstraint(
                name="a_lease_has_token_and_end",
                condition=Q(state="leased", lease_token__isnull=False, lease_until__isnull=False)
                | (~Q(state="leased") & Q(lease_token__isnull=True, lease_until__isnull=True)),
            ),
            models.CheckConstraint(name="done_is_not_ahead_of_wanted", condition=Q(done_seq__lte=F("want_seq"))),
        ]
        indexes = [
            models.Index(fields=["lane", "priority", "due_at", "id"], condition=Q(state="ready"), name="work_due"),
            models.Index(fields=["lease_until"], condition=Q(state="leased"), name="work_leased"),
            models.Index(fields=["kind", "-last_error_at"], condition=Q(state="dead"), name="work_dead"),
        ]


class PushAttempt(models.Model):
    """One try to make ML equal to what is wanted: old and new values, ML's answer, how long it took."""

    class Kind(models.TextChoices):
        STOCK = "stock", _("Stock")
        PRICE = "price", _("Price")

    class Outcome(models.TextChoices):
        PENDING = "pending", _("Sending")
        UNCHANGED = "unchanged", _("Already equal")
        VERIFIED = "verified", _("Verified on ML")
        ACCEPTED = "accepted", _("Accepted, not seen yet")
        IGNORED = "ignored", _("Accepted but without effect")
        CONFLICT = "conflict", _("Changed meanwhile")
        REJECTED = "rejected", _("Refused by ML")
        FAILED = "failed", _("No answer")
        UNKNOWN = "unknown", _("Outcome unknown")

    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="push_attempts")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=200)  # the work row's key: an item id or a user product id
    item_id = models.CharField(max_length=30, blank=True)
    changes = models.JSONField(default=list)  # [{"variation_id": 0, "old": "5", "new": "3"}, ...]
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    tries = models.PositiveIntegerField(default=1)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.PENDING)
    http_status = models.PositiveSmallIntegerField(null=True)
    ml_words = models.TextField(blank=True)
    meaning = models.TextField(blank=True)
    todo = models.TextField(blank=True)

    class Meta:
        verbose_name = _("push")
        verbose_name_plural = _("pushes")
        indexes = [
            models.Index(fields=["account", "kind", "key", "-id"], name="push_by_key"),
            models.Index(fields=["outcome", "-id"], name="push_by_outcome"),
            models.Index(fields=["item_id", "-id"], name="push_by_item"),
            models.Index(fields=["started_at"], name="push_started"),
        ]


class Job(models.Model):
    """A long action that staff started: its progress is this row, so the page can be left and reopened."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("job", "Waiting")
        RUNNING = "running", pgettext_lazy("job", "Running")
        DONE = "done", pgettext_lazy("job", "Done")
        FAILED = "failed", pgettext_lazy("job", "Failed")
        CANCELLED = "cancelled", pgettext_lazy("job", "Cancelled")

    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=200)
    account = models.ForeignKey(SellerAccount, models.CASCADE, null=True, blank=True, related_name="jobs")
    params = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    checkpoint = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    message = models.TextField(blank=True)
    cancel_requested = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=Q(kind="catalog_import", state__in=["queued", "running"]),
                name="one_catalog_import_at_a_time",
            )
        ]


class ScheduleSlot(models.Model):
    """One run of a scheduled thing: two beats cannot run the same slot twice."""

    pk = models.CompositePrimaryKey("name", "slot")
    name = models.CharField(max_length=40)
    slot = models.DateTimeField()
    ran_at = models.DateTimeField(db_default=Now())


class Heartbeat(models.Model):
    """When a process was last seen alive."""

    name = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField(db_default=Now())
    detail = models.JSONField(default=dict)


class SyncCursor(models.Model):
    """How far a poll has read a seller's stream, in ML's time."""

    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="cursors")
    stream = models.CharField(max_length=30)
    high_water = models.DateTimeField()
    full_pass_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "stream"], name="one_cursor_per_stream")]


def new_operation_key() -> uuid.UUID:
    """Key that makes a form's operation happen once, made when the form is rendered."""
    return uuid.uuid4()
