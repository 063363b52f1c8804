"""The catalog's raw records. Links change through `sku_mapping`, prices through `price_changes`, ML's facts never."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog import queries
from catalog.imports import importing
from catalog.mapping import sku_mapping
from catalog.models import KitComponent, Listing, PriceTarget, Product, ProductPrice, SkuMapping, Variation
from catalog.prices import price_changes, price_targets
from ui.permissions import MANAGER, OPERATOR, has_role

Request = HttpRequest


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: Request, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Request, obj: Any = None) -> bool:
        return False


class ProductPriceInline(ReadOnlyInline):
    model = ProductPrice
    fields = ("currency_id", "price", "floor")


class KitComponentInline(ReadOnlyInline):
    model = KitComponent
    fk_name = "kit"
    fields = ("component", "quantity")
    verbose_name_plural = _("components of the kit")


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("sku", "name", "cost", "currency_id", "gtin")
    search_fields = ("sku__istartswith", "name__icontains", "gtin__exact")
    readonly_fields = ("created_at",)
    inlines = (ProductPriceInline, KitComponentInline)
    show_full_result_count = False


class ProductPriceForm(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses what the database would, beside the field."""

    class Meta:
        model = ProductPrice
        fields = ("product", "currency_id", "price", "floor")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            price_changes.check_product_price(
                cleaned.get("currency_id", ""), cleaned.get("price"), cleaned.get("floor")
            )
        except price_changes.PriceRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return cleaned


@admin.register(ProductPrice)
class ProductPriceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ProductPriceForm
    list_display = ("product", "currency_id", "price", "floor")
    list_select_related = ("product",)
    raw_id_fields = ("product",)
    search_fields = ("product__sku__istartswith",)

    def save_model(self, request: Request, obj: ProductPrice, form: Any, change: bool) -> None:
        try:
            saved = price_changes.set_product_price(
                product=obj.product, currency_id=obj.currency_id, price=obj.price, floor=obj.floor, by=request.user
            )
        except price_changes.PriceRefused as refusal:
            messages.error(request, str(refusal))
        else:
            obj.pk = saved.pk if saved else obj.pk

    def delete_model(self, request: Request, obj: ProductPrice) -> None:
        price_changes.set_product_price(
            product=obj.product, currency_id=obj.currency_id, price=None, floor=None, by=request.user
        )

    def delete_queryset(self, request: Request, queryset: QuerySet[ProductPrice]) -> None:
        for row in queryset.select_related("product"):
            self.delete_model(request, row)


class VariationInline(ReadOnlyInline):
    model = Variation
    fields = ("variation_id", "attributes_text", "seller_sku", "gtin", "available_quantity", "sold_quantity", "gone_at")


@admin.register(Listing)
class ListingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("item_id", "title", "account", "status", "price", "available_quantity", "sold_quantity", "seen_at")
    list_filter = ("status",)
    list_select_related = ("account",)
    search_fields = ("item_id__exact", "title__icontains")
    inlines = (VariationInline,)
    actions = ("sync_now", "push_price")
    show_full_result_count = False

    def get_readonly_fields(self, request: Request, obj: Any = None) -> list[str]:
        return [field.name for field in Listing._meta.fields]

    def has_add_permission(self, request: Request) -> bool:
        return False

    def has_delete_permission(self, request: Request, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("Sync now: import the listings of these sellers"))
    def sync_now(self, request: Request, queryset: QuerySet[Listing]) -> None:
        if not has_role(request.user, OPERATOR):
            return messages.error(request, gettext("This needs the role operator."))
        accounts = {listing.account for listing in queryset.select_related("account").defer("raw")}
        for account in accounts:
            importing.start(account=account, by=request.user)
        told = ngettext("%(many)d import started.", "%(many)d imports started.", len(accounts))
        messages.success(request, told % {"many": len(accounts)})

    @admin.action(description=_("Compute the price again and send what differs"))
    def push_price(self, request: Request, queryset: QuerySet[Listing]) -> None:
        if not has_role(request.user, MANAGER):
            return messages.error(request, gettext("This needs the role manager."))
        price_targets.want(queryset.values_list("pk", flat=True))
        messages.success(request, gettext("Computed again; what differs is sent."))


class LinkedVariationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A unit's link as two fields of its own; empty: not linked."""

    sku = forms.CharField(label="SKU", required=False, help_text=_("Our SKU. Empty: not linked."))
    units = forms.IntegerField(label=_("Units per sale"), min_value=1, max_value=sku_mapping.MAX_UNITS, initial=1)

    class Meta:
        model = Variation
        fields = ("ignored",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        link = SkuMapping.objects.select_related("product").filter(variation=self.instance).first()
        if link is not None:
            self.initial.update(sku=link.product.sku, units=link.units)

    def clean_sku(self) -> Product | None:
        sku = self.cleaned_data["sku"].strip()
        product = queries.product_named(sku) if sku else None
        if sku and product is None:
            raise forms.ValidationError(gettext("There is no product with this SKU."))
        return product


@admin.register(Variation)
class VariationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = LinkedVariationForm
    list_display = ("__str__", "attributes_text", "seller_sku", "gtin", "linked_sku", "sold_quantity", "ignored")
    list_filter = ("ignored",)
    list_select_related = ("listing", "mapping__product")
    search_fields = ("listing__item_id__exact", "seller_sku__iexact", "gtin__exact")
    show_full_result_count = False

    def get_fields(self, request: Request, obj: Any = None) -> list[Any]:
        own = [field.name for field in Variation._meta.fields if field.name not in ("id", "ignored")]
        return ["sku", "units", "ignored", *own]

    def get_readonly_fields(self, request: Request, obj: Any = None) -> list[str]:
        return [field.name for field in Variation._meta.fields if field.name != "ignored"]

    def has_add_permission(self, request: Request) -> bool:
        return False

    def has_delete_permission(self, request: Request, obj: Any = None) -> bool:
        return False

    @admin.display(description="SKU")
    def linked_sku(self, obj: Variation) -> str:
        link = getattr(obj, "mapping", None)
        return link.product.sku if link else ""

    def save_model(self, request: Request, obj: Variation, form: Any, change: bool) -> None:
        """Write the link and the ignoring as the mapping page does."""
        product, ids = form.cleaned_data.get("sku"), [obj.pk]
        try:
            if product is not None:
                units, source = form.cleaned_data["units"], SkuMapping.Source.TYPED
                sku_mapping.link(variation_ids=ids, product=product, units=units, source=source, by=request.user)
            else:
                sku_mapping.unlink(variation_ids=ids, by=request.user)
                sku_mapping.set_ignored(variation_ids=ids, ignored=form.cleaned_data["ignored"], by=request.user)
        except sku_mapping.MappingRefused as refusal:
            messages.error(request, str(refusal))


@admin.register(PriceTarget)
class PriceTargetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("listing", "wanted", "accepted", "observed", "state")
    list_filter = ("state",)
    list_select_related = ("listing",)
    search_fields = ("listing__item_id__exact",)
    raw_id_fields = ("listing",)

    def has_add_permission(self, request: Request) -> bool:
        return False

    def has_change_permission(self, request: Request, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Request, obj: Any = None) -> bool:
        return False
