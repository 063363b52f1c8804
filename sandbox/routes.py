"""Which function answers which request of the simulated API."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox import (
    categories,
    descriptions,
    families,
    feeds,
    full,
    global_accounts,
    global_items,
    global_orders,
    item_search,
    item_writes,
    items,
    kits,
    migration,
    multiwarehouse,
    oauth,
    oddities,
    order_search,
    orders,
    prices,
    reference,
    relisting,
    shipments,
    stock_writes,
    stores,
    user_products,
    users,
)
from sandbox.answers import Answer

Handler = Callable[..., Answer]

PARTS = {
    "item": r"[A-Z]{3}[0-9]+",
    "up": r"[A-Z]{3}U[0-9]+",
    "site": r"[A-Z]{3}",
    "inventory": r"[A-Z0-9]+",
    "currency": r"[A-Z]{3}",
    "task": r"[a-z]{3}_[0-9a-f-]+",
    "id": r"[0-9]+",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
}


@dataclass(frozen=True)
class Route:
    """One path. `{item}`, `{up}`, `{site}`, `{id}` … are handed on in order. `open` needs no access token."""

    method: str
    path: str
    handler: Handler
    open: bool = False

    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", lambda found: f"({PARTS[found[1]]})", self.path))


ROUTES = (
    Route("POST", "/oauth/token", oauth.post_token, open=True),
    Route("GET", "/users/me", users.get_me),
    Route("GET", "/users/{id}", users.get_user),
    Route("GET", "/users/{id}/applications", users.get_user_applications),
    Route("DELETE", "/users/{id}/applications/{id}", users.delete_user_application),
    Route("GET", "/users/{id}/shipping_preferences", users.get_shipping_preferences),
    Route("GET", "/users/{id}/items/search", item_search.search),
    Route("GET", "/users/{id}/stores/search", stores.get_stores),
    Route("GET", "/applications/{id}", users.get_application),
    Route("GET", "/applications/{id}/grants", users.get_grants),
    Route("GET", "/items/bulk", items.get_bulk),
    Route("GET", "/items", items.get_many_legacy),
    Route("POST", "/items/multiwarehouse", multiwarehouse.post_item),
    Route("GET", "/items/{item}", items.get_item),
    Route("PUT", "/items/{item}", item_writes.put_item),
    Route("GET", "/items/{item}/description", descriptions.get_description),
    Route("POST", "/items/{item}/description", descriptions.post_description),
    Route("GET", "/categories/{item}/attributes", categories.get_attributes),
    Route("POST", "/items/{item}/relist", relisting.post_relist),
    Route("GET", "/items/{item}/user_product_listings/validate", migration.get_validation),
    Route("GET", "/items/{item}/migration_live_listing", migration.get_migration),
    Route("POST", "/sites/{site}/items/user_product_listings", migration.post_migration),
    Route("GET", "/items/{item}/variations", items.get_variations),
    Route("POST", "/items/{item}/variations", item_writes.post_variation),
    Route("GET", "/items/{item}/variations/{id}", items.get_variation),
    Route("DELETE", "/items/{item}/variations/{id}", item_writes.delete_variation),
    Route("GET", "/items/{item}/prices", prices.get_prices),
    Route("GET", "/items/{item}/sale_price", prices.get_sale_price),
    Route("GET", "/items/{item}/price_to_win", prices.get_price_to_win),
    Route("GET", "/pricing-automation/items/{item}/automation", prices.get_automation),
    Route("GET", "/seller-promotions/items/{item}", prices.get_item_promotions),
    Route("GET", "/suggestions/items/{item}/details", oddities.get_suggestion),
    Route("GET", "/moderations/last_moderation/{item}", oddities.get_moderation),
    Route("GET", "/item/{item}/performance", oddities.get_performance),
    Route("GET", "/billing/integration/periods/key/{date}/group/ML/details", oddities.get_billing),
    Route("GET", "/items/{item}/marketplace_items", global_items.get_marketplace_items),
    Route("GET", "/global/items/{item}", global_items.get_item),
    Route("PUT", "/global/items/{item}", global_items.put_item),
    Route("GET", "/marketplace/items/{item}", global_items.get_item),
    Route("PUT", "/marketplace/items/{item}", global_items.put_not_allowed),
    Route("GET", "/marketplace/users/{id}", global_accounts.get_marketplaces),
    Route("GET", "/marketplace/stock/fulfillment/operations/{id}", full.get_operation),
    Route("GET", "/marketplace/orders/search", global_orders.search),
    Route("GET", "/marketplace/orders/{id}", global_orders.get_order),
    Route("GET", "/marketplace/orders/pack/{id}", global_orders.get_pack),
    Route("GET", "/marketplace/shipments/{id}", global_orders.get_shipment),
    Route("GET", "/marketplace/shipments/{id}/items", global_orders.get_shipment_items),
    Route("GET", "/marketplace/shipments/{id}/history", global_orders.get_shipment_history),
    Route("GET", "/user-products/{up}", user_products.get_user_product),
    Route("GET", "/user-products/{up}/bundles", kits.get_bundles),
    Route("GET", "/user-products/{up}/stock", user_products.get_stock),
    Route("PUT", "/user-products/{up}/stock/type/seller_warehouse", stock_writes.put_seller_warehouse),
    Route("PUT", "/user-products/{up}/stock/type/selling_address", stock_writes.put_selling_address),
    Route("GET", "/sites/{site}/user-products-families/{id}", families.get_family),
    Route("POST", "/user-products-families/{id}/tasks", families.post_task),
    Route("GET", "/user-products-families/tasks/{task}", families.get_task),
    Route("GET", "/inventories/{inventory}/stock/fulfillment", full.get_stock),
    Route("GET", "/stock/fulfillment/operations/search", full.get_operations),
    Route("GET", "/stock/fulfillment/operations/{id}", full.get_operation),
    Route("GET", "/orders/search", order_search.search),
    Route("GET", "/orders/{id}", orders.get_order),
    Route("GET", "/orders/{id}/shipments", orders.get_order_shipments),
    Route("GET", "/orders/{id}/bundle", kits.get_order_bundle),
    Route("GET", "/orders/{id}/discounts", orders.get_order_discounts),
    Route("GET", "/packs/{id}", orders.get_pack),
    Route("GET", "/collections/{id}", orders.get_collection),
    Route("GET", "/shipments/{id}", shipments.get_shipment),
    Route("GET", "/shipments/{id}/items", shipments.get_items),
    Route("GET", "/shipments/{id}/orders", shipments.get_orders),
    Route("GET", "/shipments/{id}/costs", shipments.get_costs),
    Route("GET", "/shipments/{id}/history", shipments.get_history),
    Route("GET", "/shipments/{id}/sla", shipments.get_sla),
    Route("GET", "/missed_feeds", feeds.get_missed_feeds),
    Route("GET", "/myfeeds", feeds.get_missed_feeds),
    Route("GET", "/sites", reference.get_sites),
    Route("GET", "/sites/{site}", reference.get_site),
    Route("GET", "/sites/{site}/listing_prices", reference.get_listing_prices),
    Route("GET", "/currencies", reference.get_currencies),
    Route("GET", "/currencies/{currency}", reference.get_currency),
    Route("GET", "/currency_conversions/search", reference.get_conversion),
)


def _compile() -> dict[tuple[str, str, int], list[tuple[re.Pattern[str], Route]]]:
    """By method, first word and number of words, so that a request looks at one or two patterns."""
    table: dict[tuple[str, str, int], list[tuple[re.Pattern[str], Route]]] = {}
    for route in ROUTES:
        table.setdefault(_shelf(route.method, route.path), []).append((route.pattern(), route))
    return table


def _shelf(method: str, path: str) -> tuple[str, str, int]:
    words = path.split("/")
    return method, words[1] if len(words) > 1 else "", len(words)


_TABLE = _compile()


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    for pattern, route in _TABLE.get(_shelf(method, path), ()):
        found = pattern.fullmatch(path)
        if found:
            return route, found.groups()
    return None
