"""The form that publishes a listing with stock by warehouse."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.imports.pictures import PicturesField
from catalog.models import Product, ProductPrice
from inventory.models import SellerWarehouse
from inventory.publishing.categories import PREFIX, asked, field_for
from inventory.publishing.errors import STORES
from inventory.publishing.publishing import Draft
from inventory.targets.stock_targets import most_units
from inventory.targets.words import ONE_AT_A_TIME
from mercadolibre.resources.categories import CategoryAttribute
from mercadolibre.sites import PRICE_LIMIT, SITES
from sellers.models import SellerAccount
from ui.forms import OperationForm

TYPES = (("gold_special", _("Classic")), ("gold_pro", _("Premium")), ("free", _("Free")))
CONDITIONS = (("new", _("New")), ("used", _("Used")))
LARGEST = 99_999
LONGEST_DESCRIPTION = 50_000
MARKUP = re.compile(r"<[a-zA-Z/!]")


class PublishForm(OperationForm):
    """What the listing is; below it, how many each linked store has."""

    sku = forms.CharField(label="SKU", max_length=100)
    name = forms.CharField(max_length=120)
    category_id = forms.RegexField(
        r"^[A-Z]{3}\d{1,12}$", label=_("Category"), help_text=_("Its number at Mercado Libre, for example MLA1577.")
    )
    price = forms.DecimalField(min_value=Decimal("0.01"), max_value=PRICE_LIMIT - 1, max_digits=12, decimal_places=2)
    listing_type_id = forms.ChoiceField(label=_("Listing type"), choices=TYPES)
    condition = forms.ChoiceField(label=_("Condition"), choices=CONDITIONS)
    pictures = PicturesField(required=False)
    description = forms.CharField(
        label=_("Description"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        help_text=_("Plain text. It is sent by itself as soon as the listing is there."),
    )
    catalog_product_id = forms.RegexField(
        r"^[A-Z]{3}\d{1,15}$",
        label=_("Catalog product"),
        required=False,
        help_text=_("Its number in Mercado Libre's catalog, for example MLA15810042: then the catalog says the rest."),
    )

    def __init__(
        self,
        *args: Any,
        account: SellerAccount,
        links: Sequence[SellerWarehouse],
        there: Mapping[str, int],
        attributes: Sequence[CategoryAttribute] | None = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.has_category = attributes is not None
        self._ask_for(attributes or ())
        self.account, self.links = account, links
        by_family = "user_product_seller" in account.tags
        self.fields["name"].label = _("Family name") if by_family else _("Title")
        if by_family:
            self.fields["name"].help_text = _(
                "Mercado Libre builds the title from this name and from what tells variants apart."
            )
        self.fields["price"].label = _("Price in %(currency)s") % {"currency": self.currency_id}
        for link in links:
            self.fields[f"store_{link.store_id}"] = forms.IntegerField(
                label=_("Units in %(warehouse)s") % {"warehouse": link.warehouse.code},
                min_value=0,
                max_value=LARGEST,
                initial=there.get(link.store_id, 0),
                help_text=_("Store %(id)s at Mercado Libre") % {"id": link.store_id},
            )

    def _ask_for(self, attributes: Sequence[CategoryAttribute]) -> None:
        """What the category asks for; a product of the catalog says it by itself."""
        by_catalog = bool(self.data.get("catalog_product_id", "").strip())
        condition = self.data.get("condition") or "new"
        self.attribute_ids = []
        for attribute, needed in asked(attributes, condition=condition):
            self.fields[f"{PREFIX}{attribute.id}"] = field_for(attribute, required=needed and not by_catalog)
            self.attribute_ids.append(attribute.id)
        self.order_fields(["sku", "name", "category_id", *(f"{PREFIX}{one}" for one in self.attribute_ids)])

    @property
    def currency_id(self) -> str:
        return SITES[self.account.site_id].currency_id

    def clean_sku(self) -> Product:
        product = Product.objects.filter(sku=self.cleaned_data["sku"].strip()).first()
        if product is None:
            raise forms.ValidationError(_("There is no product with this SKU. Create it on the page Products first."))
        return product

    def clean_category_id(self) -> str:
        category_id: str = self.cleaned_data["category_id"]
        if not category_id.startswith(self.account.site_id):
            site = {"site": self.account.site_id}
            raise forms.ValidationError(_("The seller's categories begin with %(site)s.") % site)
        if not self.has_category:
            raise forms.ValidationError(_("Mercado Libre has no such category."))
        return category_id

    def clean_catalog_product_id(self) -> str:
        product_id: str = self.cleaned_data["catalog_product_id"]
        if product_id and not product_id.startswith(self.account.site_id):
            site = {"site": self.account.site_id}
            raise forms.ValidationError(_("The catalog products of the seller's country begin with %(site)s.") % site)
        return product_id

    def clean_description(self) -> str:
        words: str = self.cleaned_data["description"].strip()
        if MARKUP.search(words):
            raise forms.ValidationError(_("Plain text only: Mercado Libre takes no HTML."))
        return words

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        units = sum(self.quantities().values())
        if not any(name.startswith("store_") for name in self.errors) and units == 0:
            self.blame(STORES, _("Say of at least one store how many it has."))
        most = most_units(condition=cleaned.get("condition", ""), category_id=cleaned.get("category_id", ""))
        if most is not None and units > most:
            self.blame(STORES, ONE_AT_A_TIME)
        self._check_floor(cleaned)
        return cleaned

    def _check_floor(self, cleaned: Mapping[str, Any]) -> None:
        if not cleaned.get("sku") or not cleaned.get("price"):
            return
        kept = ProductPrice.objects.filter(product=cleaned["sku"], currency_id=self.currency_id, floor__isnull=False)
        floor = kept.values_list("floor", flat=True).first()
        if floor is not None and cleaned["price"] < floor:
            self.add_error("price", _("The price is below the product's floor of %(floor)s.") % {"floor": floor})

    def quantities(self) -> dict[str, int]:
        """Units by ML's store; those that are not filled in are left out."""
        entered = ((link.store_id, self.cleaned_data.get(f"store_{link.store_id}")) for link in self.links)
        return {store_id: units for store_id, units in entered if units is not None}

    def draft(self) -> Draft:
        entered = self.cleaned_data
        return Draft(
            product=entered["sku"],
            name=entered["name"],
            category_id=entered["category_id"],
            price=entered["price"],
            listing_type_id=entered["listing_type_id"],
            quantities=self.quantities(),
            condition=entered["condition"],
            pictures=entered["pictures"],
            attributes=self.attributes(),
            catalog_product_id=entered["catalog_product_id"],
            description=entered["description"],
        )

    def attributes(self) -> dict[str, str]:
        """What was said of the category's attributes, by ML's id."""
        said = {one: self.cleaned_data.get(f"{PREFIX}{one}") for one in self.attribute_ids}
        return {one: words for one, words in said.items() if words}

    def blame(self, field: str, words: str | Promise) -> None:
        """Say it beside the field; beside the first store where all are meant, above all where there is none."""
        if field == STORES:
            field = next((name for name in self.fields if name.startswith("store_")), "")
        self.add_error(field if field in self.fields else None, str(words))
