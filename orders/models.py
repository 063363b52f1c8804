"""What was bought: orders, packs, lines, payments, shipments and where each line stands with our stock."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from catalog.models import Product, Variation
from orders import wording
from orders.runs.models import Run
from sellers.models import SellerAccount

__all__ = ["Order", "OrderLine", "Payment", "Run", "Shipment"]


class Shipment(models.Model):
    """GET /shipments/{id}. Its logistic_type, not the listing's, says whose stock a sale takes."""

    shipment_id = models.BigIntegerField(_("shipment id"), primary_key=True)
    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="shipments")
    status = models.CharField(_("status"), max_length=40)
    substatus = models.CharField(max_length=60, blank=True)
    logistic_type = models.CharField(_("logistics"), max_length=30, blank=True)
    mode = models.CharField(max_length=30, blank=True)
    node_id = models.CharField(max_length=40, blank=True)
    tracking_number = models.CharField(max_length=100, blank=True)
    dispatch_by = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)  # out of the house; stays when ML cancels it afterwards
    ml_last_updated = models.DateTimeField(null=True, blank=True)
    fetched_at = models.DateTimeField(db_default=Now())
    # without the receiver's address, name and phone
    raw = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")

    def __str__(self) -> str:
        return str(self.shipment_id)

    @property
    def words(self) -> str:
        return wording.parcel(self.status, self.substatus)

    @property
    def holder(self) -> str:
        return wording.holder(self.logistic_type)

    @property
    def way(self) -> str:
        return wording.way(self.logistic_type)


class Order(models.Model):
    """GET /orders/{id} as last fetched. Orders of one cart share `pack_id`."""

    class StockState(models.TextChoices):
        UNLINKED = "unlinked", _("Waiting for a SKU link")
        NONE = "none", _("Takes no stock yet")
        RESERVED = "reserved", _("Reserved")
        SHIPPED = "shipped", _("Shipped")
        RELEASED = "released", _("Released")
        FULL = "full", _("Served from Full")
        UNKNOWN = "unknown", _("Unknown status, look at it")

    order_id = models.BigIntegerField(_("order id"), primary_key=True)
    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="orders")
    pack_id = models.BigIntegerField(_("pack id"), null=True, blank=True)
    pack_key = models.BigIntegerField()  # pack_id, or the order id where ML sent none: one row of the list
    status = models.CharField(_("status"), max_length=40)
    status_detail = models.CharField(max_length=200, blank=True)
    tags = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    date_created = models.DateTimeField(_("created"))
    date_closed = models.DateTimeField(null=True, blank=True)
    ml_last_updated = models.DateTimeField()
    # `date_last_updated` that a search last showed; the order itself has no such field
    search_last_updated = models.DateTimeField(null=True, blank=True)
    total_amount = models.DecimalField(_("total"), max_digits=14, decimal_places=2)
    paid_amount = models.DecimalField(_("paid"), max_digits=14, decimal_places=2, default=0)  # Σ approved payments
    currency_id = models.CharField(max_length=3)
    buyer_id = models.BigIntegerField(null=True, blank=True)
    buyer_nickname = models.CharField(_("buyer"), max_length=100, blank=True)
    shipping_id = models.BigIntegerField(null=True, blank=True)
    shipment = models.ForeignKey(Shipment, models.SET_NULL, null=True, blank=True, related_name="orders")
    cancel_group = models.CharField(max_length=40, blank=True)
    cancel_code = models.CharField(max_length=80, blank=True)
    cancel_description = models.CharField(max_length=300, blank=True)
    cancel_requested_by = models.CharField(max_length=40, blank=True)
    stock_state = models.CharField(_("stock"), max_length=10, choices=StockState, default=StockState.NONE)
    stock_reason = models.CharField(max_length=30, blank=True)  # a code of stock_effects.Reason
    # first notification of it received; null: found by a poll
    announced_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField(db_default=Now())
    fetched_at = models.DateTimeField(db_default=Now())
    # without the buyer's name, document and contact
    raw = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            models.Index(fields=["-date_created", "-order_id"], name="order_newest"),
            models.Index(fields=["pack_key", "order_id"], name="order_by_pack_and_id"),
            models.Index(fields=["shipping_id"], name="order_by_shipping"),
            models.Index(fields=["account", "status"], name="order_by_status"),
            models.Index(fields=["stock_state", "-date_created"], name="order_by_stock_state"),
            models.Index(Upper("buyer_nickname"), name="order_by_buyer"),
        ]

    def __str__(self) -> str:
        return str(self.order_id)

    @property
    def stock_explanation(self) -> str:
        """Why the stock stands as it does, and what staff does about it."""
        return wording.reason(self.stock_reason)

    @property
    def words(self) -> str:
        return wording.order(self.status)


class OrderLine(models.Model):
    """One item of an order, what it was resolved to and the stock effect that was applied."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    item_id = models.CharField(max_length=30)
    # of Global Selling: the item whose stock was sold; `item_id` is the listing of it that the buyer saw
    parent_item_id = models.CharField(max_length=30, blank=True)
    variation_id = models.BigIntegerField(default=0)
    user_product_id = models.CharField(max_length=30, blank=True)
    title = models.CharField(max_length=300)
    attributes_text = models.CharField(max_length=300, blank=True)
    seller_sku = models.CharField(max_length=150, blank=True)
    quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=14, decimal_places=2)
    sale_fee = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)  # per line, ML's figure
    # of Global Selling, whose amounts are in dollars: what one was in the buyer's currency
    exchange_rate = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    exchange_currency_id = models.CharField(max_length=3, blank=True)
    store_id = models.CharField(max_length=40, blank=True)
    node_id = models.CharField(max_length=40, blank=True)
    listing_variation = models.ForeignKey(Variation, models.SET_NULL, null=True, blank=True, related_name="order_lines")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="order_lines")
    units = models.PositiveIntegerField(null=True, blank=True)  # of the product, per sale, when it was applied

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="one_line_per_position"),
            models.CheckConstraint(name="quantity_above_zero", condition=Q(quantity__gt=0)),
        ]
        indexes = [
            models.Index(fields=["item_id", "variation_id"], name="line_by_item"),
            models.Index(fields=["parent_item_id"], condition=~Q(parent_item_id=""), name="line_by_parent"),
            models.Index(fields=["order"], condition=Q(product__isnull=True), name="line_unlinked"),
            models.Index(Upper("seller_sku"), name="line_by_seller_sku"),
        ]

    @property
    def stock_item_id(self) -> str:
        """The item whose stock was sold."""
        return self.parent_item_id or self.item_id

    @property
    def owner(self) -> str:
        """Whose stock effects these are, in the ledger's words."""
        return f"order:{self.order_id}:{self.position}"


class Payment(models.Model):
    """One attempt to pay an order. Refused ones stay: only approved ones are money."""

    payment_id = models.BigIntegerField()
    order = models.ForeignKey(Order, models.CASCADE, related_name="payments")
    status = models.CharField(max_length=30)
    amount = models.DecimalField(max_digits=14, decimal_places=2)  # transaction_amount
    total_paid = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency_id = models.CharField(max_length=3)
    method = models.CharField(max_length=40, blank=True)
    date_approved = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["payment_id"]
        constraints = [models.UniqueConstraint(fields=["order", "payment_id"], name="one_row_per_payment")]

    @property
    def words(self) -> str:
        return wording.payment(self.status)

    @property
    def paid_with(self) -> str:
        return wording.method(self.method)

    @property
    def whole(self) -> Decimal:
        """With the shipping that the buyer paid, where ML says so."""
        return self.amount if self.total_paid is None else self.total_paid
