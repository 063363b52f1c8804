"""Bodies as Global Selling sends them, cut down to what the tests look at."""

from typing import Any

from tests.mercadolibre.payloads import BLUE, RED, a_variation, an_item, an_order

PARENT, LISTING = "CBT700", "MLM701"


def a_parent(**changes: Any) -> dict[str, Any]:
    listings = [
        {"item_id": LISTING, "user_id": 801, "site_id": "MLM", "logistic_type": "remote", "parent_id": PARENT},
        {"item_id": "MLB702", "user_id": 802, "site_id": "MLB", "logistic_type": "remote", "parent_id": PARENT},
    ]
    body = an_item(id=PARENT, site_id="CBT", currency_id="USD", price=24.5, base_price=None, cbt_item_id="")
    return {**body, "marketplace_items": listings, **changes}


def a_parent_in_two_colours(**changes: Any) -> dict[str, Any]:
    return a_parent(variations=[a_variation(RED, price=24.5), a_variation(BLUE, price=24.5)], **changes)


def a_listing(**changes: Any) -> dict[str, Any]:
    body = an_item(id=LISTING, site_id="MLM", currency_id="USD", price=24.5, base_price=None, seller_id=801)
    proceeds = {"amount": 13.75, "currency_id": "USD", "additional_concepts": [{"id": "sale_fee", "amount": 4.1}]}
    return {**body, "cbt_item_id": PARENT, "net_proceeds": proceeds, **changes}


def a_global_order(**changes: Any) -> dict[str, Any]:
    line = {
        "item": {"id": LISTING, "title": "Taza", "variation_id": None, "seller_sku": None, "parent_item_id": PARENT},
        "quantity": 1,
        "unit_price": 24.5,
        "currency_id": "USD",
        "sale_fee": 3.2,
        "base_exchange_rate": 19.25,
    }
    status = {"status_detail": {"code": "", "description": None}, "context": {"site": "MLM", "flows": ["cbt"]}}
    return an_order(order_items=[line], currency_id="USD", seller={"id": 801}, **status, **changes)
