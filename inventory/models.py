"""How many there are and where: warehouses, the append-only ledger, levels, what each listing should show."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Product, Variation, every_change
from inventory.documents.models import CountLine, Receipt, StockCount, Transfer, TransferLine
from inventory.places.full_models import FullStock
from inventory.places.store_models import SellerStore
from inventory.publishing.models import Publication
from inventory.pushes.blast_models import MassZero, Zeroing
from inventory.rules.models import ListingRule, ProductRule, SellerRule
from sellers.models import SellerAccount

__all__ = [
    "CountLine",
    "FullStock",
    "ListingRule",
    "MassZero",
    "ProductRule",
    "Publication",
    "Receipt",
    "SellerRule",
    "SellerStore",
    "SellerWarehouse",
    "StockCount",
    "StockLevel",
    "StockMovement",
    "StockTarget",
    "Transfer",
    "TransferLine",
    "Warehouse",
    "Zeroing",
]


@pghistory.track(model_name="WarehouseEvent")
class Warehouse(models.Model):
    class Kind(models.TextChoices):
        SHELF = "shelf", _("Shelf")
        TRANSIT = "transit", _("On the way")  # between two warehouses: there, and sold by nobody

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SHELF)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["code"]
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        constraints = [models.UniqueConstraint(fields=["kind"], condition=Q(kind="transit"), name="one_transit")]

    def __str__(self) -> str:
        return self.code


@pghistory.track(*every_change(), model_name="SellerWarehouseEvent")
class SellerWarehouse(models.Model):
    """A warehouse that a seller sells from, or is never to sell from.

    A seller who chose none sells from every active warehouse but those excluded.
    """

    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="warehouses")
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="sellers")
    priority = models.PositiveSmallIntegerField(_("priority"), default=50)  # lower first
    excluded = models.BooleanField(_("excluded"), default=False)
    store_id = models.CharField(_("ML store id"), max_length=40, blank=True)
    network_node_id = models.CharField(_("ML's id of the store"), max_length=40, blank=True)

    class Meta:
        ordering = ["priority", "id"]
        verbose_name = _("seller's warehouse")
        verbose_name_plural = _("sellers' warehouses")
        constraints = [
            models.UniqueConstraint(fields=["account", "warehouse"], name="one_link_per_warehouse"),
            models.UniqueConstraint(
                fields=["account", "store_id"], condition=~Q(store_id=""), name="one_link_per_store"
            ),
            models.CheckConstraint(name="excluded_has_no_store", condition=Q(excluded=False) | Q(store_id="")),
        ]


class StockLevel(models.Model):
    """Units of a product in a warehouse. Only the ledger's trigger writes the numbers.

    on_hand may fall below zero: an oversold unit is a fact to show, not a sale to refuse.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="levels")
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="levels")
    on_hand = models.IntegerField(_("on hand"), default=0)
    reserved = models.IntegerField(_("reserved"), default=0)
    seq = models.BigIntegerField(default=0)  # number of the last movement; forms send back the one they saw

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        constraints = [
            models.UniqueConstraint(fields=["product", "warehouse"], name="one_level_per_warehouse"),
            models.CheckConstraint(name="reserved_not_negative", condition=Q(reserved__gte=0)),
        ]

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class StockMovement(models.Model):
    """One line of the ledger. The database refuses UPDATE, DELETE and TRUNCATE.

    Every movement happens once: by its `owner` and `effect_no` (an order line's n-th effect) or by its `operation`.
    """

    class Kind(models.TextChoices):
        RESERVE = "reserve", _("Reserved")
        RELEASE = "release", _("Released")
        SHIP = "ship", _("Shipped")
        RETURN = "return", _("Returned")
        RECEIVE = "receive", _("Received")
        COUNT = "count", _("Counted")
        ADJUST = "adjust", _("Adjusted")
        TRANSFER = "transfer", _("Transferred")

    level = models.ForeignKey(StockLevel, models.PROTECT, related_name="movements")
    seq = models.BigIntegerField(default=0)  # 1, 2, 3 … per level, set by the trigger
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    on_hand_delta = models.IntegerField(default=0)
    reserved_delta = models.IntegerField(default=0)
    on_hand_after = models.IntegerField(default=0)  # set by the trigger
    reserved_after = models.IntegerField(default=0)  # set by the trigger
    owner = models.CharField(max_length=80, blank=True)  # "order:2001:0"
    effect_no = models.PositiveIntegerField(null=True)
    operation = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001  unique where present
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("at"), db_default=Now())
    left_at = models.DateTimeField(null=True, blank=True)  # of what was shipped: when it left, by ML's clock

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        constraints = [
            models.UniqueConstraint(fields=["level", "seq"], name="gap_free_chain"),
            models.UniqueConstraint(fields=["owner", "effect_no"], condition=~Q(owner=""), name="one_effect_once"),
            models.UniqueConstraint(fields=["operation", "level"], name="one_operation_once"),
            models.CheckConstraint(
                name="movement_moves", condition=~Q(on_hand_delta=0, reserved_delta=0) | Q(kind="count")
            ),
            models.CheckConstraint(
                name="movement_has_an_identity",
                condition=Q(owner="", effect_no__isnull=True, operation__isnull=False)
                | (~Q(owner="") & Q(effect_no__isnull=False, operation__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], name="movement_newest"),
            models.Index(fields=["owner"], condition=~Q(owner=""), name="movement_by_owner"),
            models.Index(fields=["level", "created_at"], condition=Q(kind="count"), name="movement_counts"),
        ]


class StockTarget(models.Model):
    """The three lamps of a sellable unit's quantity: wanted, accepted by ML, observed on ML, each with its time."""

    class State(models.TextChoices):
        UNLINKED = "unlinked", _("Not linked")
        EQUAL = "equal", _("Equal on ML")
        WAITING = "waiting", _("Waiting to be sent")
        ACCEPTED = "accepted", _("Accepted, not seen yet")
        DRIFT = "drift", _("ML shows something else")
        FULL = "full", _("Full: ML holds this stock")
        BLOCKED = "blocked", _("Cannot be changed now")
        REJECTED = "rejected", _("Refused by ML")

    variation = models.OneToOneField(Variation, models.CASCADE, related_name="stock_target")
    wanted = models.IntegerField(null=True, blank=True)
    wanted_at = models.DateTimeField(null=True, blank=True)
    accepted = models.IntegerField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    sales_from = models.DateTimeField(null=True, blank=True)  # later sales may not be in `accepted`: before it was read
    observed = models.IntegerField(null=True, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    version = models.BigIntegerField(null=True, blank=True)  # x-version of the last read, where ML has one
    places_at = models.DateTimeField(null=True, blank=True)  # last read place by place, where stock is written so
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    explanation = models.TextField(blank=True)
    settle_rounds = models.PositiveSmallIntegerField(default=0)  # times a push waited for an order it had not seen
    ignored_times = models.PositiveSmallIntegerField(default=0)  # writes answered yes that changed nothing

    class Meta:
        constraints = [
            models.CheckConstraint(name="wanted_not_negative", condition=Q(wanted__isnull=True) | Q(wanted__gte=0))
        ]
        indexes = [
            models.Index(fields=["state"], name="target_by_state"),
            models.Index(F("observed_at"), name="target_seen"),
        ]
