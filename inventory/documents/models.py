"""What staff does to stock on paper of its own: receipts, transfers with their way between, counts to be approved.

Stock itself changes by the ledger's movements only; these rows say for what they were written, and by whom.
"""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Product

USER = settings.AUTH_USER_MODEL


class Receipt(models.Model):
    """Goods that came in together. Its movements carry the operation "receipt:<id>"."""

    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, related_name="+")
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    units = models.PositiveIntegerField(_("units"), default=0)
    received_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    received_at = models.DateTimeField(db_default=Now())
    operation = models.UUIDField(unique=True)  # of the form: sent twice, done once

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")


@pghistory.track(model_name="TransferEvent")
class Transfer(models.Model):
    """Units on their way between two warehouses. Until they are received they are in the warehouse of kind transit."""

    source = models.ForeignKey("inventory.Warehouse", models.PROTECT, related_name="+", verbose_name=_("from"))
    target = models.ForeignKey("inventory.Warehouse", models.PROTECT, related_name="+", verbose_name=_("to"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    sent_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(db_default=Now())
    closed_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)  # receptions so far; forms send back the one they saw
    operation = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.CheckConstraint(name="transfer_between_two", condition=~Q(source=F("target"))),
            models.CheckConstraint(
                name="transfer_closed_by_somebody",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]


@pghistory.track(model_name="TransferLineEvent")
class TransferLine(models.Model):
    """Units of a product in a transfer: sent, received so far, and found to be missing at the end."""

    transfer = models.ForeignKey(Transfer, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    sent = models.PositiveIntegerField(_("sent"))
    received = models.PositiveIntegerField(_("received"), default=0)
    missing = models.PositiveIntegerField(_("missing"), default=0)
    reason = models.CharField(_("reason"), max_length=300, blank=True)  # of what is missing; read by `ui.stored.told`

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "product"], name="one_line_per_product_sent"),
            models.CheckConstraint(name="sent_above_zero", condition=Q(sent__gt=0)),
            models.CheckConstraint(
                name="no_more_received_than_sent", condition=Q(sent__gte=F("received") + F("missing"))
            ),
        ]

    @property
    def on_the_way(self) -> int:
        return self.sent - self.received - self.missing


@pghistory.track(model_name="StockCountEvent")
class StockCount(models.Model):
    """What somebody counted on the shelves. Where it differs, nothing changes until a manager approves it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=300, blank=True)  # of the differences; read by `ui.stored.told`
    counted_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    counted_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_because = models.CharField(
        max_length=200, blank=True, db_default=""
    )  # in the words of who approved their own count
    operation = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        constraints = [
            models.CheckConstraint(
                name="decided_by_somebody",
                condition=Q(state="waiting", decided_by__isnull=True)
                | (~Q(state="waiting") & Q(decided_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="only_ones_own_count_needs_a_reason",
                condition=Q(decided_because="") | Q(state="approved", decided_by=F("counted_by")),
            ),
        ]


class CountLine(models.Model):
    """A product counted: what the ledger said at that moment, with its number of movements, and what was there."""

    count = models.ForeignKey(StockCount, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, related_name="count_lines")
    on_hand = models.IntegerField(_("on hand"))
    seq = models.BigIntegerField()
    counted = models.PositiveIntegerField(_("counted"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["count", "product"], name="one_line_per_product_counted")]

    @property
    def difference(self) -> int:
        return self.counted - self.on_hand
