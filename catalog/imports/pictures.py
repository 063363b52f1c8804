"""Pictures that staff names by their addresses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_PICTURES = 12


class PicturesField(forms.CharField):
    """Addresses, one on each line; its value is a list of them."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("Pictures"))
        options.setdefault("help_text", gettext_lazy("Addresses that begin with https://, one on each line."))
        super().__init__(**options)
        self.widget.attrs["rows"] = 3

    def clean(self, value: Any) -> Any:
        return addresses_of(super().clean(value))


def addresses_of(written: str) -> list[str]:
    """Raises ValidationError for a line that is no address, and for too many."""
    found = [line.strip() for line in written.splitlines() if line.strip()]
    check = URLValidator(schemes=["https"], message=_("Each line has to be an address that begins with https://."))
    for address in found:
        check(address)
    if len(found) > MOST_PICTURES:
        raise ValidationError(_("At most %(most)s pictures.") % {"most": MOST_PICTURES})
    return found
