"""Forms of the catalog's pages."""

from typing import Any

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext_lazy as _

from catalog import queries
from catalog.mapping.sku_mapping import MAX_UNITS
from catalog.models import Product
from catalog.sheets.product_sheet import GTIN
from mercadolibre.sites import CURRENCY_DECIMALS
from ui.forms import Form, ModelForm

CURRENCIES = [("", "—"), *((code, code) for code in sorted(CURRENCY_DECIMALS))]
AMOUNT: dict[str, Any] = {"max_digits": 14, "decimal_places": 2, "required": False}
NO_SUCH_PRODUCT = _("There is no product with this SKU. Choose one from the list, or create it.")


class LinkForm(Form):
    """Which product a unit is, and how many units of it one sale takes."""

    sku = forms.CharField(label="SKU", max_length=100, error_messages={"required": _("Type or choose a SKU.")})
    units = forms.IntegerField(
        label=_("Units per sale"),
        min_value=1,
        max_value=MAX_UNITS,
        initial=1,
        required=False,
        help_text=_("2 for a pair."),
    )

    def clean_sku(self) -> Product:
        product = queries.product_named(self.cleaned_data["sku"].strip())
        if product is None:
            raise forms.ValidationError(NO_SUCH_PRODUCT)
        return product

    def clean_units(self) -> int:
        return self.cleaned_data["units"] or 1


class ProductForm(ModelForm):
    class Meta:
        model = Product
        fields = ["sku", "name", "cost", "currency_id", "gtin"]
        help_texts = {
            "sku": _("Your own code of the thing in the warehouse."),
            "cost": _("What one unit costs you."),
            "gtin": _("The barcode's 8, 12, 13 or 14 digits."),
        }

    currency_id = forms.ChoiceField(label=_("Currency of the cost"), choices=CURRENCIES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.components.exists():
            for name in ("cost", "currency_id"):
                self.fields[name].disabled = True
            self.fields["cost"].help_text = _("A kit costs what its components cost together.")

    def clean_gtin(self) -> str:
        gtin: str = self.cleaned_data["gtin"].strip()
        if gtin and not GTIN.fullmatch(gtin):
            raise forms.ValidationError(_("A GTIN has 8, 12, 13 or 14 digits."))
        return gtin

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("cost") is not None and not cleaned.get("currency_id"):
            self.add_error("currency_id", _("Choose the currency of the cost."))
        return cleaned


class NewProductForm(ProductForm):
    """A product made for a unit that is linked to it at once."""

    units = forms.IntegerField(label=_("Units per sale"), min_value=1, max_value=MAX_UNITS, initial=1)


class ProductPriceForm(Form):
    """A product's price and floor per unit, in one currency."""

    currency_id = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES[1:])
    price = forms.DecimalField(label=_("Price"), **AMOUNT, help_text=_("Per unit. Empty: no price from here."))
    floor = forms.DecimalField(label=_("Floor"), **AMOUNT, help_text=_("No listing is ever sold for less, per unit."))


class OwnPriceForm(Form):
    """A listing's own price, which wins over its product's."""

    price = forms.DecimalField(label=_("Own price"), **AMOUNT, help_text=_("Empty: the product's price is used."))


class SheetForm(Form):
    file = forms.FileField(
        label=_("Spreadsheet"), validators=[FileExtensionValidator(["csv", "xlsx", "txt"])], help_text=_("CSV or XLSX.")
    )
