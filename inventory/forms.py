"""Forms of what staff does to stock and to warehouses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.kits import MAX_QUANTITY
from catalog.models import Product
from catalog.queries import product_named
from inventory.ledger import LARGEST
from inventory.models import SellerWarehouse, Warehouse
from inventory.queries import in_use
from inventory.reasons import LONGEST, Cause
from ui.forms import Form, ModelForm, OperationForm

KIT_HAS_NO_STOCK = _("It is a kit and has no stock of its own: move or count its components.")


class MoveForm(OperationForm):
    """Product, warehouse and quantity; what the quantity means is the kind's."""

    sku = forms.CharField(label="SKU", max_length=100)
    warehouse = forms.ModelChoiceField(in_use(), to_field_name="code", label=_("Warehouse"), empty_label=None)
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=LARGEST)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def clean_sku(self) -> Product:
        """The product of that SKU."""
        product = Product.objects.filter(sku=self.cleaned_data["sku"].strip()).first()
        if product is None:
            raise forms.ValidationError(
                _("There is no product with this SKU. Create it on the page SKU mapping first.")
            )
        if product.components.exists():
            raise forms.ValidationError(KIT_HAS_NO_STOCK)
        return product


class ReceiveForm(MoveForm):
    pass


class CountForm(MoveForm):
    quantity = forms.IntegerField(label=_("Counted"), min_value=0, max_value=LARGEST)


class AdjustForm(MoveForm):
    quantity = forms.IntegerField(
        label=_("Change"),
        min_value=-LARGEST,
        max_value=LARGEST,
        help_text=_("A negative number takes units away, for example -2 for two broken ones."),
    )
    cause = forms.ChoiceField(label=_("Why"), choices=[("", _("Choose")), *Cause.choices])
    reason = forms.CharField(label=_("In your words"), max_length=LONGEST - 60, required=False)
    field_order = ["sku", "warehouse", "quantity", "cause", "reason"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("cause") == Cause.OTHER and not cleaned.get("reason"):
            self.add_error("reason", _("Say in a few words what happened."))
        return cleaned

    def clean_quantity(self) -> int:
        delta: int = self.cleaned_data["quantity"]
        if delta == 0:
            raise forms.ValidationError(_("A change of zero changes nothing."))
        return delta


class TransferForm(MoveForm):
    target = forms.ModelChoiceField(in_use(), to_field_name="code", label=_("To warehouse"), empty_label=None)
    field_order = ["sku", "warehouse", "target", "quantity", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["warehouse"].label = _("From warehouse")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("warehouse") and cleaned.get("warehouse") == cleaned.get("target"):
            self.add_error("target", _("Choose another warehouse than the one the units leave."))
        return cleaned


class ComponentForm(Form):
    """A component of a kit and its quantity in one kit; `remove` takes it out whatever the quantity says."""

    sku = forms.CharField(label=_("SKU of the component"), max_length=100)
    quantity = forms.IntegerField(
        label=_("Quantity in one kit"), min_value=0, max_value=MAX_QUANTITY, help_text=_("0 takes it out of the kit.")
    )

    def clean_sku(self) -> Product:
        product = product_named(self.cleaned_data["sku"].strip())
        if product is None:
            raise forms.ValidationError(_("There is no product with this SKU. Choose one from the list, or create it."))
        return product

    def clean_quantity(self) -> int:
        quantity: int = self.cleaned_data["quantity"]
        return 0 if "remove" in self.data else quantity


class TwoStepForm(Form):
    """`seen` is what the rule said when the page was made, `to_zero` how many zeros the reader was shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    to_zero = forms.IntegerField(widget=forms.HiddenInput, required=False)


class WarehouseForm(ModelForm):
    class Meta:
        model = Warehouse
        fields = ["code", "name"]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip().upper()
        return code


class WarehouseEditForm(ModelForm):
    class Meta:
        model = Warehouse
        fields = ["name", "active"]


class LinkForm(TwoStepForm):
    """From which warehouse a seller sells or never does, how preferred it is, and which of ML's stores it is."""

    warehouse = forms.ModelChoiceField(in_use(), label=_("Warehouse"), empty_label=None)
    priority = forms.IntegerField(
        label=_("Priority"), min_value=0, max_value=999, initial=50, help_text=_("The lowest number is used first.")
    )
    excluded = forms.BooleanField(
        label=_("Never sell from it"),
        required=False,
        help_text=_("For a seller who sells from every warehouse but a few."),
    )
    store = forms.ChoiceField(label=_("Store at Mercado Libre"), required=False)

    def __init__(self, *args: Any, stores: list[tuple[str, str]], taken: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = taken
        field = self.fields["store"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("None")), *stores]
        if not stores:
            field.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("store") in self.taken:
            self.add_error("store", _("This store is linked to another warehouse already. Remove that link first."))
        if cleaned.get("store") and cleaned.get("excluded"):
            self.add_error("excluded", _("What is never sold from cannot be a store at Mercado Libre too."))
        return cleaned


def taken_stores(links: list[SellerWarehouse], *, except_warehouse: str) -> set[str]:
    return {link.store_id for link in links if link.store_id and str(link.warehouse_id) != except_warehouse}
