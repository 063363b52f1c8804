"""Words for what Mercado Libre announces and for what is done about it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Topics of notifications; one that ML adds later is shown as it is.
TOPICS: dict[str, Promise] = {
    "orders_v2": _("Orders"),
    "items": _("Listings"),
    "stock-locations": _("Stock"),
    "shipments": _("Shipments"),
    "items_prices": _("Prices"),
    "payments": _("Payments"),
    "fbm_stock_operations": _("Stock in Full"),
    "marketplace_orders": _("Orders of marketplaces"),
    "marketplace_items": _("Listings of marketplaces"),
    "marketplace_shipments": _("Shipments of marketplaces"),
}
WORK_KINDS: dict[str, Promise] = {
    "order": _("Read an order"),
    "shipment": _("Read a shipment"),
    "order_poll": _("Read new orders"),
    "missed_feeds": _("Read missed notifications"),
    "order_runs": _("Add up what reading orders came to"),
    "connected": _("After connecting"),
    "mapping": _("After linking a SKU"),
    "went_live": _("After going live"),
    "seller_changed": _("After changing a seller's settings"),
    "seller_tags": _("Read how a seller keeps stock"),
    "seller_stores": _("Read a seller's stores"),
    "stock": _("Push stock"),
    "price": _("Push a price"),
    "marketplace": _("Change a listing on a marketplace"),
    "user_product_stock": _("Look at stock"),
    "item": _("Look at a listing"),
    "publication": _("Look for a published listing"),
    "full_stock": _("Read stock in Full"),
    "full_operation": _("Read what happened in Full"),
    "patrol": _("Patrol"),
    "job": _("Job"),
}


def topic(code: str) -> str:
    """The topic in words, with ML's own code behind it."""
    return f"{TOPICS[code]} ({code})" if code in TOPICS else code


def work_kind(kind: str) -> str:
    return str(WORK_KINDS.get(kind, kind))
