"""Bodies as ML sends them, cut down to what the tests look at."""

from typing import Any


def an_item(**changes: Any) -> dict[str, Any]:
    return {
        "id": "MLA100",
        "site_id": "MLA",
        "title": "Mate de madera",
        "status": "active",
        "sub_status": [],
        "price": 1500.5,
        "base_price": 1500.5,
        "original_price": None,
        "currency_id": "ARS",
        "available_quantity": 7,
        "sold_quantity": 3,
        "seller_id": 55,
        "shipping": {"mode": "me2", "logistic_type": "cross_docking", "tags": ["self_service_in"]},
        "attributes": [
            {"id": "SELLER_SKU", "name": "SKU", "value_id": None, "value_name": "0042", "values": []},
            {
                "id": "GTIN",
                "value_name": "7790000000012,7790000000029",
                "values": [{"id": None, "name": "7790000000012"}, {"id": None, "name": "7790000000029"}],
            },
        ],
        "variations": [],
        "tags": ["good_quality_picture"],
        "channels": ["marketplace"],
        "date_created": "2026-01-02T03:04:05.000Z",
        "last_updated": "2026-10-07T10:11:12.130Z",
        "item_relations": [{"id": "MLA200", "variation_id": None, "stock_relation": 1}],
        **changes,
    }


def a_variation(variation_id: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": variation_id,
        "price": 900,
        "available_quantity": 4,
        "sold_quantity": 0,
        "attribute_combinations": [{"id": "COLOR", "name": "Color", "value_id": "1", "value_name": "Rojo"}],
        "picture_ids": ["1-MLA1"],
        "seller_custom_field": None,
        "user_product_id": "MLAU7",
        "attributes": [{"id": "SELLER_SKU", "value_name": f"MUG-{variation_id}"}],
        **changes,
    }


RED, BLUE, GREEN = 175550253195, 175550253196, 175550253197


def an_item_in_three_colours(**changes: Any) -> dict[str, Any]:
    return an_item(variations=[a_variation(RED), a_variation(BLUE), a_variation(GREEN)], **changes)


def an_order(**changes: Any) -> dict[str, Any]:
    return {
        "id": 2000018846999192,
        "pack_id": None,
        "status": "paid",
        "status_detail": None,
        "tags": ["paid", "not_delivered"],
        "date_created": "2026-10-07T09:39:24.000-04:00",
        "date_closed": "2026-10-07T09:42:25.000-04:00",
        "last_updated": "2026-10-07T09:44:07.000-04:00",
        "total_amount": 37070.0,
        "paid_amount": 42443.7,
        "currency_id": "ARS",
        "context": {"site": "MLA", "channel": "marketplace"},
        "buyer": {"id": 9, "nickname": "COMPRADOR"},
        "seller": {"id": 55},
        "shipping": {"id": 48195928176},
        "order_items": [
            {
                "item": {"id": "MLA100", "title": "Mate", "variation_id": RED, "seller_sku": "010343941977"},
                "quantity": 2,
                "unit_price": 18535.0,
                "sale_fee": 1071.23,
                "currency_id": "ARS",
                "stock": {"store_id": None, "node_id": "ARP41"},
            }
        ],
        "payments": [
            {"id": 1, "status": "rejected", "transaction_amount": 37070.0, "total_paid_amount": 42443.7},
            {"id": 2, "status": "approved", "transaction_amount": 30000.0, "total_paid_amount": 30000.0},
            {"id": 3, "status": "approved", "transaction_amount": 7070.0, "total_paid_amount": 12443.7},
        ],
        "cancel_detail": None,
        "mediations": [{"id": 77}],
        **changes,
    }
