"""What is sold and at which price: products, listings, their sellable units, SKU mapping, prices."""

import uuid

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from catalog.marketplaces.models import MarketplaceChange
from catalog.shapes.models import SalesSpeed, ShapeChange
from sellers.models import SellerAccount

__all__ = [
    "KitComponent", "Listing", "MarketplaceChange", "PriceTarget", "Product", "ProductPrice", "SalesSpeed",
    "ShapeChange", "SkuMapping", "Upload", "Variation", "every_change", "normalised",
]  # fmt: skip


def every_change() -> tuple[pghistory.Tracker, ...]:
    """History of removals too, which pghistory leaves out by itself."""
    return pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()


def normalised(field: str) -> Func:
    """A code without case, spaces and punctuation, as `suggestions.normalised` makes it."""
    return Func(
        Upper(field),
        Value("[^A-Z0-9]"),
        Value(""),
        Value("g"),
        function="regexp_replace",
        output_field=models.CharField(),
    )


@pghistory.track(model_name="ProductEvent")
class Product(models.Model):
    """The thing in the warehouse, named by the merchant's own SKU."""

    sku = models.CharField(_("SKU"), max_length=100, unique=True)
    name = models.CharField(_("name"), max_length=250)
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency_id = models.CharField(_("currency of the cost"), max_length=3, blank=True)
    gtin = models.CharField("GTIN", max_length=14, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["sku"]
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.CheckConstraint(name="cost_not_negative", condition=Q(cost__isnull=True) | Q(cost__gte=0)),
            models.CheckConstraint(name="sku_not_blank", condition=~Q(sku="")),
        ]
        indexes = [
            models.Index(fields=["gtin"], condition=~Q(gtin=""), name="product_gtin"),
            models.Index(Upper("sku"), name="product_sku_upper"),
            models.Index(normalised("sku"), name="product_sku_normalised"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="product_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.sku


@pghistory.track(*every_change(), model_name="KitComponentEvent")
class KitComponent(models.Model):
    """A product that is part of a kit, and how many units of it one kit takes.

    A product with components is a kit: it has no stock of its own. The database refuses a kit inside a kit and keeps a
    kit's cost equal to the sum of its components' costs, where all are known in one currency.
    """

    kit = models.ForeignKey(Product, models.CASCADE, related_name="components")
    component = models.ForeignKey(Product, models.PROTECT, related_name="part_of")
    quantity = models.PositiveIntegerField(_("quantity"), default=1)

    class Meta:
        verbose_name = _("component of a kit")
        verbose_name_plural = _("components of kits")
        constraints = [
            models.UniqueConstraint(fields=["kit", "component"], name="one_row_per_component"),
            models.CheckConstraint(name="component_quantity_in_range", condition=Q(quantity__range=(1, 10_000))),
            models.CheckConstraint(name="kit_not_of_itself", condition=~Q(kit=F("component"))),
        ]


@pghistory.track(*every_change(), model_name="ProductPriceEvent")
class ProductPrice(models.Model):
    """A product's price and floor in one currency, per unit of the product."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="prices")
    currency_id = models.CharField(_("currency"), max_length=3)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=2, null=True, blank=True)
    floor = models.DecimalField(_("floor"), max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("product price")
        verbose_name_plural = _("product prices")
        constraints = [
            models.UniqueConstraint(fields=["product", "currency_id"], name="one_price_per_currency"),
            models.CheckConstraint(name="price_above_zero", condition=Q(price__isnull=True) | Q(price__gt=0)),
            models.CheckConstraint(name="floor_not_negative", condition=Q(floor__isnull=True) | Q(floor__gte=0)),
            models.CheckConstraint(
                name="price_not_below_floor",
                condition=Q(price__isnull=True) | Q(floor__isnull=True) | Q(price__gte=F("floor")),
            ),
        ]


@pghistory.track(fields=["own_price", "status", "title"], model_name="ListingEvent")
class Listing(models.Model):
    """An item of a seller as ML last showed it, and the price that staff set for it, if any."""

    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="listings")
    item_id = models.CharField(_("item id"), max_length=30, unique=True)
    title = models.CharField(_("title"), max_length=300)
    status = models.CharField(_("status"), max_length=30)
    sub_status = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    category_id = models.CharField(max_length=30, blank=True)
    condition = models.CharField(max_length=20, blank=True)
    listing_type_id = models.CharField(max_length=30, blank=True)
    currency_id = models.CharField(max_length=3)
    price = models.DecimalField(_("price on ML"), max_digits=14, decimal_places=2, null=True, blank=True)
    original_price = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    available_quantity = models.IntegerField(_("quantity on ML"), default=0)
    sold_quantity = models.IntegerField(_("sold"), default=0)
    user_product_id = models.CharField(max_length=30, blank=True)
    family_id = models.BigIntegerField(null=True, blank=True)
    inventory_id = models.CharField(max_length=30, blank=True)
    catalog_product_id = models.CharField(max_length=30, blank=True)
    catalog_listing = models.BooleanField(default=False)
    logistic_type = models.CharField(max_length=30, blank=True)
    permalink = models.URLField(max_length=500, blank=True)
    thumbnail = models.URLField(max_length=500, blank=True)
    tags = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    raw = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    ml_last_updated = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(_("last seen on ML"))
    missing_since = models.DateTimeField(null=True, blank=True)  # ML answers 404: gone, never created again
    own_price = models.DecimalField(_("own price"), max_digits=14, decimal_places=2, null=True, blank=True)
    # Of a marketplace's listing in Global Selling: the item whose stock it sells, named before it may be here.
    parent_item = models.ForeignKey(
        "self",
        models.DO_NOTHING,
        to_field="item_id",
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="marketplaces",
    )
    net_proceeds = models.DecimalField(_("net proceeds"), max_digits=14, decimal_places=2, null=True, blank=True)
    frozen_by = models.CharField(max_length=20, blank=True, default="", db_default="")  # kind of an open ShapeChange
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        constraints = [
            models.CheckConstraint(
                name="own_price_above_zero", condition=Q(own_price__isnull=True) | Q(own_price__gt=0)
            ),
        ]
        indexes = [
            models.Index(fields=["account", "status"], name="listing_by_status"),
            models.Index(fields=["user_product_id"], condition=~Q(user_product_id=""), name="listing_by_user_product"),
            models.Index(fields=["-sold_quantity", "id"], name="listing_by_sold"),
            models.Index(fields=["parent_item"], condition=Q(parent_item__isnull=False), name="listing_of_marketplace"),
            GinIndex(OpClass(Upper("title"), "gin_trgm_ops"), name="listing_title_trgm"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.title}"

    @property
    def is_of_marketplace(self) -> bool:
        """Sells the stock of a Global Selling item in one country: no stock and no SKU link of its own."""
        return self.parent_item_id is not None


@pghistory.track(pghistory.UpdateEvent(), fields=["ignored", "seller_sku"], model_name="VariationEvent")
class Variation(models.Model):
    """A sellable unit: a variation of an item, or the item itself where it has none (variation_id 0)."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="variations")
    variation_id = models.BigIntegerField(default=0)
    attributes_text = models.CharField(_("attributes"), max_length=300, blank=True)  # "Color: Rojo · Talle: M"
    seller_sku = models.CharField(_("seller SKU"), max_length=150, blank=True)
    seller_custom_field = models.CharField(max_length=150, blank=True)
    gtin = models.CharField("GTIN", max_length=20, blank=True)
    user_product_id = models.CharField(max_length=30, blank=True)
    inventory_id = models.CharField(max_length=30, blank=True)  # filled: ML's own warehouse (Full) holds stock of it
    available_quantity = models.IntegerField(_("quantity on ML"), default=0)
    sold_quantity = models.IntegerField(_("sold"), default=0)
    ignored = models.BooleanField(_("ignored"), default=False)
    gone_at = models.DateTimeField(null=True, blank=True)  # ML no longer shows this variation

    class Meta:
        verbose_name = _("variation")
        verbose_name_plural = _("variations")
        constraints = [models.UniqueConstraint(fields=["listing", "variation_id"], name="one_row_per_variation")]
        indexes = [
            models.Index(Upper("seller_sku"), name="variation_sku_upper"),
            models.Index(fields=["gtin"], condition=~Q(gtin=""), name="variation_gtin"),
            models.Index(
                fields=["user_product_id"], condition=~Q(user_product_id=""), name="variation_by_user_product"
            ),
            models.Index(fields=["-sold_quantity", "id"], name="variation_by_sold"),
        ]

    def __str__(self) -> str:
        return f"{self.listing.item_id}/{self.variation_id}" if self.variation_id else self.listing.item_id


@pghistory.track(*every_change(), model_name="SkuMappingEvent")
class SkuMapping(models.Model):
    """Which product a sellable unit is, and how many units of the product one sale takes."""

    class Source(models.TextChoices):
        EXACT_SKU = "exact_sku", _("Exact seller SKU, found by import")
        ACCEPTED = "accepted", _("Suggestion accepted")
        TYPED = "typed", _("Typed by staff")
        BULK = "bulk", _("Bulk accept")
        FILE = "file", _("Imported from a file")

    variation = models.OneToOneField(Variation, models.CASCADE, related_name="mapping")
    product = models.ForeignKey(Product, models.PROTECT, related_name="mappings")
    units = models.PositiveIntegerField(_("units per sale"), default=1)
    source = models.CharField(max_length=12, choices=Source)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("SKU mapping")
        verbose_name_plural = _("SKU mappings")
        constraints = [models.CheckConstraint(name="units_above_zero", condition=Q(units__gt=0))]


class PriceTarget(models.Model):
    """The three lamps of a listing's price: wanted, accepted by ML, observed on ML, each with its time."""

    class State(models.TextChoices):
        EQUAL = "equal", _("Equal on ML")
        WAITING = "waiting", _("Waiting to be sent")
        ACCEPTED = "accepted", _("Accepted, not seen yet")
        AUTOMATED = "automated", _("ML's price automation decides")
        PROMOTION = "promotion", _("In a promotion")
        BELOW_FLOOR = "below_floor", _("Below the floor")
        BLOCKED = "blocked", _("Cannot be changed now")
        DRIFT = "drift", _("ML shows something else")
        REJECTED = "rejected", _("Refused by ML")

    listing = models.OneToOneField(Listing, models.CASCADE, related_name="price_target")
    wanted = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    wanted_at = models.DateTimeField(null=True, blank=True)
    accepted = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    observed = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    explanation = models.TextField(blank=True)


class Upload(models.Model):
    """A spreadsheet as staff uploaded it, between checking it and applying it. Kept for a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=200)
    rows = models.JSONField(default=list)  # [[number in the sheet, {column: text}], ...]
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
