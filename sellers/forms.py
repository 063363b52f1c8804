"""Forms of the connection."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from sellers.models import SellerAccount
from ui.forms import Form


def sites() -> list[tuple[str, str]]:
    """Countries to connect a seller of, by name; last Global Selling, which is many countries at once."""
    found = sorted(settings.SITES.values(), key=lambda site: (site.family == "global", site.country))
    return [(site.site_id, f"{site.country} ({site.site_id})") for site in found]


class ConnectForm(Form):
    site = forms.ChoiceField(label=_("Country"), choices=sites)


WHERE_SEEN = _("Everybody sees this on every page; of one seller, on its card and on Today.")


class StopForm(Form):
    """Stop writing for everybody, or for one seller."""

    seller = forms.ModelChoiceField(
        SellerAccount.objects.connected().filter(pushes_paused=False),
        label=_("For whom"),
        required=False,
        empty_label=_("All sellers"),
    )
    reason = forms.CharField(label=_("Why"), max_length=300, help_text=WHERE_SEEN)


class PauseForm(Form):
    """Stop writing for the seller whose button was pressed."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
        help_text=_("Everybody sees this on the seller's card and on Today, with your name."),
    )


class SellerSettingsForm(Form):
    drift_policy = forms.ChoiceField(
        label=_("When somebody changes a value at Mercado Libre"),
        choices=SellerAccount.DriftPolicy.choices,
        widget=forms.RadioSelect,
    )
