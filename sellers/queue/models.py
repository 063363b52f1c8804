"""What is asked for and what came of it: the notification inbox, work rows, pushes, jobs, heartbeats, cursors."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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
            BrinIndex(fields=["received_at"], name="notification_received", autosummarize=True),
            models.Index(fields=["ml_user_id", "topic", "-id"], name="notification_by_seller"),
            models.Index(fields=["work_kind", "work_key", "-id"], name="notification_by_work"),
        ]


class Work(models.Model):
    """Everything that may have to be tried again: one row per (seller, kind, key). See `sellers.queue.work`."""

    class State(models.TextChoices):
        READY = "ready", pgettext_lazy("task", "Waiting")
        LEASED = "leased", pgettext_lazy("task", "Running")
        IDLE = "idle", pgettext_lazy("task", "Done")
        DEAD = "dead", pgettext_lazy("task", "Failed")

    account = models.ForeignKey("sellers.SellerAccount", models.CASCADE, null=True, blank=True, related_name="work")
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
            models.Index(fields=["kind"], condition=Q(state="idle") & ~Q(last_error_class=""), name="work_let_go"),
        ]


class FailureAction(models.Model):
    """What staff did about work that failed or waited: let it run again, or took it off the list as settled at
    Mercado Libre. Who and when, the state it was in and what it said then, and how it was settled.
    """

    class Action(models.TextChoices):
        RETRY = "retry", pgettext_lazy("task", "Tried again")
        HANDLED = "handled", _("Handled at Mercado Libre")

    work = models.ForeignKey(Work, models.SET_NULL, null=True, related_name="actions")
    account = models.ForeignKey("sellers.SellerAccount", models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=Work.State)
    last_error = models.TextField(blank=True)
    last_error_class = models.CharField(max_length=60, blank=True)
    failed_at = models.DateTimeField(null=True)
    action = models.CharField(max_length=10, choices=Action)
    reason = models.CharField(max_length=300, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("answer to a failure")
        verbose_name_plural = _("answers to failures")
        constraints = [
            models.CheckConstraint(name="handled_for_a_reason", condition=~Q(action="handled") | ~Q(reason=""))
        ]
        indexes = [
            models.Index(fields=["account", "kind", "key", "-id"], name="failure_action_by_key"),
            models.Index(fields=["done_at"], name="failure_action_done"),
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

    account = models.ForeignKey("sellers.SellerAccount", models.CASCADE, related_name="push_attempts")
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
    account = models.ForeignKey("sellers.SellerAccount", models.CASCADE, null=True, blank=True, related_name="jobs")
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
    """One run of a scheduled thing: two beats cannot run the same slot twice. One that did not end is run again."""

    pk = models.CompositePrimaryKey("name", "slot")
    name = models.CharField(max_length=40)
    slot = models.DateTimeField()
    ran_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)


class Heartbeat(models.Model):
    """When a process was last seen alive."""

    name = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField(db_default=Now())
    detail = models.JSONField(default=dict)


class SyncCursor(models.Model):
    """How far a poll has read a seller's stream, in ML's time."""

    account = models.ForeignKey("sellers.SellerAccount", models.CASCADE, related_name="cursors")
    stream = models.CharField(max_length=30)
    high_water = models.DateTimeField()
    full_pass_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "stream"], name="one_cursor_per_stream")]
