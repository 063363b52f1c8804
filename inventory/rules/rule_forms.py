"""Forms and filters of stock rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import Listing, Product
from inventory.forms import TwoStepForm
from inventory.ledger import LARGEST
from inventory.models import ListingRule, ProductRule
from ui.filters import FilterSet, SearchFilter
from ui.forms import Form

BUFFER_HINT = _("Units held back: they are never offered at Mercado Libre.")
LAST_HINT = _(
    "When this many units or fewer are available, only one listing of the product goes on selling and the others "
    "show zero. Empty or 0: never."
)


def units(label: Any, hint: Any, *, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=hint, min_value=0, max_value=LARGEST, required=required)


class SellerRuleForm(TwoStepForm):
    buffer = units(_("Buffer"), BUFFER_HINT, required=True)
    last_units = units(_("Last units"), LAST_HINT)


class ProductRuleForm(TwoStepForm):
    buffer = units(_("Buffer"), BUFFER_HINT)
    last_units = units(
        _("Last units"),
        _("As for a seller; 0 switches the seller's rule off for this product, empty leaves it to the seller."),
    )
    preferred = forms.ModelChoiceField(
        Listing.objects.none(),
        label=_("Sells the last units"),
        required=False,
        empty_label=_("The one that sold most; on a tie, the oldest"),
        help_text=_("While it cannot sell, the one that sold most does."),
    )

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        linked = Listing.objects.filter(variations__mapping__product=product, missing_since=None).distinct()
        field = self.fields["preferred"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = linked.exclude(status="closed").defer("raw").order_by("item_id")


class ListingRuleForm(TwoStepForm):
    buffer = units(_("Buffer"), BUFFER_HINT)


class FindForm(Form):
    """A SKU or an item id; `url` is the page of its rule."""

    code = forms.CharField(label=_("SKU or item id"), max_length=100)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        code = cleaned.get("code", "").strip()
        product = Product.objects.filter(sku=code).first()
        listing = None if product else Listing.objects.filter(item_id=code.upper()).only("pk").first()
        if product:
            cleaned["url"] = reverse("inventory:product_rule", args=[product.pk])
        elif listing:
            cleaned["url"] = reverse("inventory:listing_rule", args=[listing.pk])
        elif code:
            self.add_error("code", _("There is neither a product with this SKU nor a listing with this item id."))
        return cleaned


class ProductRuleFilters(FilterSet):
    q = SearchFilter(exact=["product__sku"], text=["product__sku", "product__name"], placeholder=_("SKU or name"))

    class Meta:
        model = ProductRule
        fields: list[str] = []


class ListingRuleFilters(FilterSet):
    q = SearchFilter(exact=["listing__item_id"], text=["listing__title"], placeholder=_("Item id or title"))

    class Meta:
        model = ListingRule
        fields: list[str] = []
