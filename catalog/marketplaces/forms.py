"""Forms that change a Global Selling item, or its listing in one country. `value()` is what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.forms import AMOUNT, OwnPriceForm
from catalog.imports.pictures import MOST_PICTURES, PicturesField
from catalog.marketplaces.fields import DELETED, Pictures, picture_ids
from mercadolibre.checks import Package, package_of
from mercadolibre.checks.package import MEASURES
from mercadolibre.resources.items import Item
from mercadolibre.variations import NewVariation
from ui.forms import OperationForm

ADD, REPLACE = "add", "replace"
MEASURE: dict[str, Any] = {"max_digits": 8, "decimal_places": 2}
LARGEST = 99_999


class MarketplacePriceForm(OwnPriceForm):
    """The price of a listing on one marketplace."""

    price = forms.DecimalField(
        label=_("Price"), **AMOUNT, help_text=_("Empty: no price from here, Mercado Libre keeps the one it has.")
    )


class ChangeForm(OperationForm):
    """One kind of change. `item` is as it was read last."""

    names: Mapping[str, str] = {}  # ML's names of the fields that are called otherwise here

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item

    def value(self) -> Any:
        raise NotImplementedError

    def blame(self, field: str, words: str) -> None:
        """Say it beside the field, above all where it has none."""
        name = self.names.get(field, field)
        self.add_error(name if name in self.fields else None, words)


class NetProceedsForm(ChangeForm):
    """What the seller is to receive for a listing on one marketplace."""

    net_proceeds = forms.DecimalField(
        label=_("Net proceeds"),
        max_digits=14,
        decimal_places=2,
        help_text=_(
            "What is left for you after Mercado Libre's fee and shipping. Mercado Libre makes the price from it."
        ),
    )

    def value(self) -> Any:
        return self.cleaned_data["net_proceeds"]


class StatusForm(ChangeForm):
    """Pausing a listing, or selling it again: in one country, or an item everywhere."""

    status = forms.ChoiceField(label=_("Change to"), choices=[("active", _("For sale")), ("paused", _("Paused"))])

    def value(self) -> Any:
        return self.cleaned_data["status"]


class DeleteForm(ChangeForm):
    names = {"status": "sure"}

    sure = forms.BooleanField(label=_("Delete it for good: it cannot be brought back"))

    def value(self) -> Any:
        return DELETED


class TitleForm(ChangeForm):
    title = forms.CharField(label=_("Title"), max_length=120)

    def value(self) -> Any:
        return self.cleaned_data["title"]


class PackageForm(ChangeForm):
    """The package that the item is sent in, from which Mercado Libre computes what shipping costs."""

    names = MEASURES

    width = forms.DecimalField(label=_("Width in cm"), **MEASURE)
    height = forms.DecimalField(label=_("Height in cm"), **MEASURE)
    length = forms.DecimalField(label=_("Length in cm"), **MEASURE)
    weight = forms.DecimalField(label=_("Weight in g"), **MEASURE)

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        present = package_of(item.raw.get("attributes"))
        kwargs["initial"] = {name: getattr(present, name) for name in MEASURES.values()}
        super().__init__(*args, item=item, **kwargs)

    def value(self) -> Any:
        return Package(**{name: self.cleaned_data[name] for name in MEASURES.values()})


class PicturesForm(ChangeForm):
    names = {"pictures": "addresses"}

    addresses = PicturesField(label=_("New pictures"))
    how = forms.ChoiceField(
        label=_("Those that are there"),
        choices=[(ADD, _("Stay, the new ones follow")), (REPLACE, _("Go, the new ones take their place"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.item.variations:
            del self.fields["how"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "addresses" in cleaned and len(self._kept()) + len(cleaned["addresses"]) > MOST_PICTURES:
            self.add_error("addresses", _("At most %(most)s pictures, those that are there among them.") % MOST)
        return cleaned

    def value(self) -> Any:
        return Pictures(self._kept(), tuple(self.cleaned_data["addresses"]))

    def _kept(self) -> tuple[str, ...]:
        return () if self.cleaned_data.get("how") == REPLACE else picture_ids(self.item)


MOST = {"most": MOST_PICTURES}


class VariationForm(ChangeForm):
    """One more variation of an item: a value for each thing its variations differ by."""

    names = {"variation": ""}

    quantity = forms.IntegerField(
        label=_("Units for sale"), min_value=0, max_value=LARGEST, help_text=_("Until its SKU is linked to our stock.")
    )
    sku = forms.CharField(
        label="SKU",
        max_length=100,
        required=False,
        help_text=_("The SKU of a product of yours: then it is linked by itself."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.differences = differences(self.item)
        for name, label in self.differences.items():
            self.fields[f"by_{name}"] = forms.CharField(label=label, max_length=100)
        self.order_fields([*(f"by_{name}" for name in self.differences), "quantity", "sku"])

    def value(self) -> Any:
        entered = self.cleaned_data
        combination = {name: entered[f"by_{name}"] for name in self.differences}
        return NewVariation(combination, entered["quantity"], entered["sku"])


def differences(item: Item) -> dict[str, str]:
    """What variations of an item differ by: ML's ids, with the names to show."""
    found = (one for each in item.raw.get("variations") or () for one in each.get("attribute_combinations") or ())
    return {str(one["id"]): str(one.get("name") or one["id"]) for one in found if one.get("id")}
