"""Tables of stock rules."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from inventory.models import ProductRule
from ui import tables


class ProductRuleTable(tables.Table):
    sku = tables.LinkColumn(
        "inventory:product_rule",
        "product_id",
        accessor="product__sku",
        verbose_name=_("SKU"),
        detail=lambda rule: rule.product.name,
    )
    buffer = tables.QuantityColumn(verbose_name=_("Buffer"))
    last_units = tables.QuantityColumn(verbose_name=_("Last units"))
    preferred = tables.Column(verbose_name=_("Sells the last units"), orderable=False)

    class Meta(tables.Table.Meta):
        order_by = ("sku",)

    def render_preferred(self, record: ProductRule) -> str:
        assert record.preferred is not None
        return f"{record.preferred.item_id} · {record.preferred.account.nickname}"


class ListingRuleTable(tables.Table):
    title = tables.LinkColumn(
        "inventory:listing_rule",
        "listing_id",
        accessor="listing__title",
        verbose_name=_("Listing"),
        detail=lambda rule: f"{rule.listing.item_id} · {rule.listing.account.nickname}",
    )
    buffer = tables.QuantityColumn(verbose_name=_("Buffer"))

    class Meta(tables.Table.Meta):
        order_by = ("title",)
