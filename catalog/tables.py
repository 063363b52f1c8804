"""The catalog's lists."""

import json
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog import lifecycle
from catalog.mapping.suggestions import Suggestion
from catalog.models import Listing, Product, Variation
from ui import formatting, lamps, tables
from ui.lamps import Lamps
from ui.stored import told

STATE_TONES = {
    "equal": "ok",
    "waiting": "info",
    "accepted": "info",
    "automated": "warn",
    "promotion": "warn",
    "below_floor": "bad",
    "blocked": "warn",
    "drift": "bad",
    "rejected": "bad",
}


def unit_name(unit: Variation) -> str:
    """The item id with the words that tell its variations apart."""
    return f"{unit.listing.item_id} · {unit.attributes_text}" if unit.attributes_text else unit.listing.item_id


def row_attributes() -> dict[str, Any]:
    """A row that saves itself when a product is picked in it."""
    return {
        "id": lambda record: f"unit-{record.pk}",
        "data-key": lambda record: record.pk,
        "hx-post": lambda record: reverse("catalog:unit", args=[record.pk]),
        "hx-trigger": "pick",
        "hx-include": lambda record: f"#unit-{record.pk} [name=sku], #unit-{record.pk} [name=units]",
        "hx-vals": '{"do": "link"}',
        "hx-swap": "outerHTML",
    }


class UnitTable(tables.Table):
    pk = tables.CheckboxColumn(label=lambda record: f"{record.listing.title} {unit_name(record)}")
    title = tables.LinkColumn(
        "catalog:unit",
        accessor="listing__title",
        detail=lambda record: f"{unit_name(record)} · {record.listing.account.nickname}",
        verbose_name=_("Listing"),
    )
    status = tables.StatusColumn(accessor="listing__status", verbose_name=_("Status"), orderable=False)
    seller_sku = tables.Column(verbose_name=_("Seller SKU, GTIN"), empty_values=())
    sold_quantity = tables.QuantityColumn(verbose_name=_("Sold"))
    product = tables.Column(
        accessor="pk",
        empty_values=(),
        orderable=False,
        verbose_name=_("Our SKU"),
        exclude_from_export=True,
        attrs=tables.with_class(None, "c-link"),
    )

    class Meta:
        order_by = "-sold_quantity"
        attrs = {"class": "t t-wrap"}
        row_attrs = row_attributes()

    def __init__(
        self,
        *args: Any,
        may_edit: bool = False,
        suggestions: dict[int, Suggestion] | None = None,
        errors: dict[int, str] | None = None,
        typed: dict[int, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.may_edit, self.suggestions = may_edit, suggestions or {}
        self.errors, self.typed = errors or {}, typed or {}
        super().__init__(*args, **kwargs)

    def render_status(self, record: Variation) -> SafeString:
        if record.gone_at is not None:
            return tables.pill(gettext("Variation gone"), "off")
        words = lifecycle.words_of(record.listing)
        return tables.pill(words.meaning, words.tone, hint=words.todo)

    def render_seller_sku(self, record: Variation) -> SafeString:
        if not record.gtin:
            return code(record.seller_sku)
        return format_html('{}<span class="detail"><code>{}</code></span>', code(record.seller_sku), record.gtin)

    def render_product(self, record: Variation) -> SafeString:
        suggestion = self.suggestions.get(record.pk)
        context = {
            "unit": record,
            "name": unit_name(record),
            "mapping": getattr(record, "mapping", None),
            "suggestion": suggestion,
            "may_edit": self.may_edit,
            "error": self.errors.get(record.pk, ""),
            "typed": self.typed.get(record.pk, suggestion.sku if suggestion else ""),
            "conflict": conflict_words(record),
            "field_id": f"sku-{record.pk}",
            "accept": json.dumps({"do": "accept", "sku": suggestion.sku}) if suggestion else "",
        }
        return SafeString(render_to_string("catalog/link_cell.html", context))


def code(value: str) -> SafeString:
    return format_html("<code>{}</code>", value) if value else formatting.NOTHING


def conflict_words(unit: Variation) -> str:
    """Why a link is among the conflicts; empty on other tabs."""
    if getattr(unit, "sku_names_another", False):
        return gettext("The seller SKU %(sku)s is the SKU of another product.") % {"sku": unit.seller_sku}
    if getattr(unit, "sku_linked_twice", False):
        return gettext("Another listing with the seller SKU %(sku)s is linked to another product.") % {
            "sku": unit.seller_sku
        }
    return ""


class ProductTable(tables.Table):
    sku = tables.LinkColumn("catalog:product", detail="name", verbose_name="SKU")
    name = tables.Column(verbose_name=_("Name"), visible=False)
    cost = tables.MoneyColumn(verbose_name=_("Cost"))
    currency_id = tables.Column(verbose_name=_("Currency"), visible=False)
    gtin = tables.Column(verbose_name="GTIN")
    parts = tables.Column(verbose_name=_("Kit"))
    links = tables.QuantityColumn(verbose_name=_("Linked listings"))

    class Meta:
        model = Product
        fields = ("sku", "name", "parts", "cost", "currency_id", "gtin", "links")
        order_by = "sku"

    def render_parts(self, value: int) -> SafeString:
        if not value:
            return formatting.NOTHING
        return tables.pill(ngettext("Kit of %(many)d", "Kit of %(many)d", value) % {"many": value}, "info")

    def value_parts(self, value: int) -> int:
        return value


class KitTable(tables.Table):
    kit = tables.LinkColumn("catalog:product", accessor="kit__sku", detail="kit__name", verbose_name=_("Kit"))
    component = tables.CodeColumn(accessor="component__sku", verbose_name=_("Component"))
    quantity = tables.QuantityColumn(verbose_name=_("Quantity"))

    class Meta:
        order_by = "kit"


class PriceTable(tables.Table):
    pk = tables.CheckboxColumn(label=lambda record: f"{record.title} {record.item_id}")
    title = tables.LinkColumn(
        "catalog:listing_price",
        detail=lambda record: f"{record.item_id} · {record.account.nickname}",
        verbose_name=_("Listing"),
    )
    item_id = tables.Column(verbose_name=_("Item id"), visible=False)
    seller = tables.Column(accessor="account__nickname", verbose_name=_("Seller"), visible=False)
    skus = tables.Column(accessor="pk", verbose_name="SKU", orderable=False)
    own_price = tables.MoneyColumn(verbose_name=_("Own price"))
    price = tables.MoneyColumn(verbose_name=_("On ML"))
    wanted = tables.MoneyColumn(accessor="price_target__wanted", verbose_name=_("Wanted"))
    lamps = tables.LampsColumn(accessor="pk", verbose_name=_("Wanted, accepted, seen"), exclude_from_export=True)
    state = tables.Column(accessor="price_target__state", verbose_name=_("State"))

    class Meta:
        order_by = "-sold_quantity"

    def __init__(self, *args: Any, skus: dict[int, list[str]] | None = None, **kwargs: Any) -> None:
        self.skus_of = skus or {}
        super().__init__(*args, **kwargs)

    def render_skus(self, record: Listing) -> SafeString:
        found = self.skus_of.get(record.pk, [])
        more = f" +{len(found) - 2}" if len(found) > 2 else ""
        return code(", ".join(found[:2]) + more)

    def value_skus(self, record: Listing) -> str:
        return " ".join(self.skus_of.get(record.pk, []))

    def render_lamps(self, record: Listing) -> SafeString:
        return lamps.render(lamps_of(record))

    def render_state(self, record: Listing) -> SafeString:
        target = record.price_target
        pill = tables.pill(target.get_state_display(), STATE_TONES.get(target.state, ""))
        if not target.explanation:
            return pill
        return format_html('{}<span class="detail">{}</span>', pill, told(target.explanation))

    def value_state(self, value: str) -> str:
        return value


def lamps_of(listing: Listing) -> Lamps | None:
    """The three lamps of a listing's price; None where nobody wants one."""
    target = getattr(listing, "price_target", None)
    if target is None:
        return None
    return Lamps(
        wanted=target.wanted,
        accepted=target.accepted,
        observed=target.observed,
        wanted_at=target.wanted_at,
        accepted_at=target.accepted_at,
        observed_at=target.observed_at,
        failed=target.state == "rejected",
    )
