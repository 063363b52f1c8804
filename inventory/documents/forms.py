"""Forms of receipts, transfers and counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.kits import compositions
from catalog.models import Product
from inventory.documents import entered_lines
from inventory.ledger import LARGEST
from inventory.models import StockCount, Transfer, TransferLine, Warehouse
from inventory.queries import in_use
from inventory.reasons import LONGEST, Cause, reason_of
from ui.filters import FilterSet, SearchFilter, SelectFilter
from ui.forms import Form, OperationForm

CAUSES = [("", gettext_lazy("Choose")), *Cause.choices]


class LinesField(forms.CharField):
    """Products and units, one product in a line; its value is units by product."""

    widget = forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"})

    def __init__(self, *, least: int, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.least = least

    def clean(self, value: Any) -> dict[Product, int]:
        try:
            lines = entered_lines.read(super().clean(value))
        except entered_lines.NotALine as wrong:
            told = _("Line %(row)s is not a SKU and a whole number: %(text)s")
            raise forms.ValidationError(told % {"row": wrong.row, "text": wrong.text}) from wrong
        if len(lines) > entered_lines.LONGEST:
            raise forms.ValidationError(_("At most %(most)s products at once.") % {"most": entered_lines.LONGEST})
        known, kits = products_named(line.code for line in lines)
        problems = [problem for line in lines if (problem := self._problem(line, known, kits))]
        if problems:
            raise forms.ValidationError(problems)
        return _added_up(lines, known)

    def _problem(self, line: entered_lines.Entered, known: dict[str, Product], kits: set[str]) -> str:
        if line.code in kits:
            return _("Line %(row)s: %(code)s is a kit and has no stock of its own. Enter its components.") % vars(line)
        if line.code not in known:
            return _("Line %(row)s: there is no product with the SKU or barcode %(code)s.") % vars(line)
        if not self.least <= line.units <= LARGEST:
            return _("Line %(row)s: %(units)s is not a number of units that can be.") % vars(line)
        return ""


def products_named(codes: Iterator[str]) -> tuple[dict[str, Product], set[str]]:
    """Products by SKU, and by barcode where no SKU reads the same and only one product has it; and which are kits."""
    asked = set(codes)
    found = list(Product.objects.filter(Q(sku__in=asked) | Q(gtin__in=asked)).order_by("sku"))
    gtins = [product.gtin for product in found]
    by_code = {product.gtin: product for product in found if gtins.count(product.gtin) == 1}
    by_code |= {product.sku: product for product in found}
    kits = compositions(product.pk for product in found)
    return by_code, {code for code, product in by_code.items() if product.pk in kits}


def _added_up(lines: list[entered_lines.Entered], known: dict[str, Product]) -> dict[Product, int]:
    units: dict[Product, int] = {}
    for line in lines:
        product = known[line.code]
        units[product] = units.get(product, 0) + line.units
    return units


LINES_HINT = gettext_lazy("One product in a line: SKU or barcode, then the units. A scan alone is one unit.")


def place(label: Any) -> forms.ModelChoiceField[Warehouse]:
    return forms.ModelChoiceField(in_use(), to_field_name="code", label=label, empty_label=None)


class ReceiptForm(OperationForm):
    warehouse = place(gettext_lazy("Warehouse"))
    lines = LinesField(label=gettext_lazy("What came in"), help_text=LINES_HINT, least=1)
    reference = forms.CharField(label=gettext_lazy("Delivery note or invoice"), max_length=100, required=False)


class TransferForm(OperationForm):
    source = place(gettext_lazy("From warehouse"))
    target = place(gettext_lazy("To warehouse"))
    lines = LinesField(label=gettext_lazy("What is sent"), help_text=LINES_HINT, least=1)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("source") and cleaned.get("source") == cleaned.get("target"):
            self.add_error("target", _("Choose another warehouse than the one the units leave."))
        return cleaned


class Caused(Form):
    """A cause from the list and words of one's own; the words are needed where the list has nothing."""

    cause = forms.ChoiceField(label=gettext_lazy("Why"), choices=CAUSES, required=False)
    words = forms.CharField(label=gettext_lazy("In your words"), max_length=LONGEST - 60, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("cause") == Cause.OTHER and not cleaned.get("words"):
            self.add_error("words", _("Say in a few words what happened."))
        cleaned["reason"] = reason_of(cleaned.get("cause", ""), cleaned.get("words", ""))
        return cleaned


class ReceptionForm(Caused):
    """What arrived of a transfer, line by line; what is left stays on its way or is missing for good."""

    rest_is_missing = forms.BooleanField(
        label=gettext_lazy("Nothing more will come"),
        required=False,
        help_text=gettext_lazy("What is still on its way is taken off as missing, with the reason below."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ["rest_is_missing", "cause", "words"]

    def __init__(self, *args: Any, lines: list[TransferLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = [line for line in lines if line.on_the_way]
        for line in self.lines:
            self.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=f"{line.product.sku} · {line.product.name}",
                initial=line.on_the_way,
                min_value=0,
                max_value=line.on_the_way,
                help_text=_("On its way: %(units)s") % {"units": line.on_the_way},
            )
        self.order_fields([*(f"line_{line.pk}" for line in self.lines), "rest_is_missing", "cause", "words"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("rest_is_missing") and not cleaned.get("cause"):
            self.add_error("cause", _("Say why units are missing."))
        return cleaned

    @property
    def units(self) -> dict[int, int]:
        return {line.pk: self.cleaned_data[f"line_{line.pk}"] for line in self.lines}


class CountForm(Caused, OperationForm):
    warehouse = place(gettext_lazy("Warehouse"))
    lines = LinesField(
        label=gettext_lazy("What was counted"),
        help_text=gettext_lazy(
            "One product in a line: SKU or barcode, then the units in the house. Sold and packed ones count too, "
            "until they have left."
        ),
        least=0,
    )
    cause = forms.ChoiceField(label=gettext_lazy("Why it differs, if it does"), choices=CAUSES, required=False)
    field_order = ["warehouse", "lines", "cause", "words"]


class CountDecisionForm(Form):
    because = forms.CharField(
        label=gettext_lazy("Why nobody else approves it"),
        max_length=LONGEST,
        help_text=gettext_lazy("You counted this yourself, and more than a fifth of the units differ."),
        error_messages={"required": gettext_lazy("Say why nobody else approves it.")},
    )


def shelves() -> list[tuple[str, str]]:
    rows = Warehouse.objects.filter(kind=Warehouse.Kind.SHELF)
    return [(code, f"{code} · {name}") for code, name in rows.values_list("code", "name")]


class TransferFilters(FilterSet):
    q = SearchFilter(exact=["lines__product__sku"], text=["note"], placeholder=gettext_lazy("SKU or note"))
    target = SelectFilter(
        shelves,
        field_name="target__code",
        label=gettext_lazy("To warehouse"),
        all_label=gettext_lazy("All warehouses"),
    )

    class Meta:
        model = Transfer
        fields: list[str] = []


class CountFilters(FilterSet):
    state = SelectFilter(
        StockCount.State.choices,
        field_name="state",
        label=gettext_lazy("State"),
        all_label=gettext_lazy("Any state"),
    )
    warehouse = SelectFilter(
        shelves,
        field_name="warehouse__code",
        label=gettext_lazy("Warehouse"),
        all_label=gettext_lazy("All warehouses"),
    )

    class Meta:
        model = StockCount
        fields: list[str] = []
