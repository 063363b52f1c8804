"""What staff changes of a Global Selling item, or of its listing on one marketplace."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MarketplaceChange(models.Model):
    """A change that staff asked for: who, from what to what, and what became of it.

    Old and new value are texts, as `marketplace_fields` writes and reads them. At most one of a kind waits for each
    listing; a newer one takes its place. `sent_at` is when Mercado Libre first said yes, `times_sent` how often it did.
    """

    class Field(models.TextChoices):
        NET_PROCEEDS = "net_proceeds", _("Net proceeds")
        STATUS = "status", _("Status")
        PACKAGE = "package", _("Package")
        TITLE = "title", _("Title")
        PICTURES = "pictures", _("Pictures")
        VARIATION = "variation", _("New variation")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        DONE = "done", _("Verified on ML")
        REFUSED = "refused", _("Refused by ML")
        HANDLED = "handled", _("Settled at Mercado Libre")
        REPLACED = "replaced", pgettext_lazy("change", "Replaced by a newer one")

    listing = models.ForeignKey("catalog.Listing", models.CASCADE, related_name="marketplace_changes")
    field = models.CharField(max_length=15, choices=Field)
    old = models.TextField(blank=True)
    new = models.TextField()
    operation = models.UUIDField(unique=True)  # a form that is sent twice is one change
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    sent_at = models.DateTimeField(null=True, blank=True)
    times_sent = models.PositiveSmallIntegerField(default=0, db_default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    ml_words = models.TextField(blank=True)
    explanation = models.TextField(blank=True)

    class Meta:
        verbose_name = _("change on a marketplace")
        verbose_name_plural = _("changes on marketplaces")
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "field"], condition=Q(state="waiting"), name="one_waiting_change_of_a_kind"
            ),
            models.CheckConstraint(
                name="marketplace_change_sent_has_a_time",
                condition=Q(sent_at__isnull=True, times_sent=0) | Q(sent_at__isnull=False, times_sent__gt=0),
            ),
            models.CheckConstraint(name="marketplace_change_to_something", condition=~Q(new="")),
        ]
        indexes = [
            models.Index(fields=["listing", "-id"], name="marketplace_change_newest"),
            models.Index(fields=["listing", "field"], condition=Q(state="refused"), name="marketplace_change_refused"),
        ]
