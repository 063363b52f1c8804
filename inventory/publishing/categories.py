"""What a category asks of a new listing, as fields of the form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.cache import cache
from django.utils.translation import gettext as _

from mercadolibre.resources.categories import NUMBER, NUMBER_UNIT, CategoryAttribute
from sellers.connection.clients import client_for
from sellers.models import SellerAccount

PREFIX = "attribute_"
KEPT_FOR = 3600  # seconds that what a category asks for is not asked again
ELSEWHERE = {"SELLER_SKU", "ITEM_CONDITION"}  # other fields of the form say these
LONGEST = 255
MEASURE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(\S*)")


def attributes_of(account: SellerAccount, category_id: str) -> tuple[CategoryAttribute, ...]:
    """All that ML knows of a category. Raises what the client raises, and ValueError for what is no category."""
    key = f"category-attributes:{category_id}"
    found: tuple[CategoryAttribute, ...] | None = cache.get(key)
    if found is None:
        found = client_for(account).category_attributes(category_id)
        cache.set(key, found, KEPT_FOR)
    return found


def asked(attributes: Sequence[CategoryAttribute], *, condition: str) -> Iterator[tuple[CategoryAttribute, bool]]:
    """Those that have to be said, then those that some listings of the category have to say; with which of both."""
    ours = [one for one in attributes if one.is_ours_to_say and one.id not in ELSEWHERE]
    needed = [one for one in ours if one.is_required(condition=condition)]
    yield from ((one, True) for one in needed)
    yield from ((one, False) for one in ours if "conditional_required" in one.tags and one not in needed)


def field_for(attribute: CategoryAttribute, *, required: bool) -> forms.Field:
    """A choice, a number, a number with its unit, or words."""
    options: dict[str, Any] = {"label": attribute.name or attribute.id, "required": required}
    if attribute.hint:
        options["help_text"] = attribute.hint
    if attribute.is_closed_list:
        return forms.ChoiceField(choices=[("", "—"), *((one, one) for one in attribute.values)], **options)
    if attribute.value_type == NUMBER_UNIT and attribute.units:
        return MeasureField(attribute.units, attribute.default_unit or attribute.units[0], **options)
    if attribute.value_type == NUMBER:
        return NumberField(**options)
    if attribute.values and "help_text" not in options:
        options["help_text"] = _("For example %(values)s.") % {"values": ", ".join(attribute.values[:3])}
    return forms.CharField(max_length=attribute.max_length or LONGEST, **options)


class NumberField(forms.DecimalField):
    """A number, as the text that ML takes."""

    def clean(self, value: Any) -> str:
        found = super().clean(value)
        return "" if found is None else f"{found:f}"


class MeasureField(forms.CharField):
    """A number and its unit, such as `64 GB`; the usual unit where none is written."""

    def __init__(self, units: Sequence[str], usual: str, **options: Any) -> None:
        options.setdefault("help_text", _("With its unit: %(units)s.") % {"units": ", ".join(units)})
        super().__init__(max_length=LONGEST, **options)
        self.units, self.usual = units, usual

    def clean(self, value: Any) -> str:
        written: str = super().clean(value)
        if not written:
            return ""
        found = MEASURE.fullmatch(written)
        unit = found and (found[2] or self.usual)
        if not found or unit not in self.units:
            words = _("Write a number and one of these units: %(units)s.") % {"units": ", ".join(self.units)}
            raise forms.ValidationError(words)
        return f"{found[1].replace(',', '.')} {unit}"
