"""Prices of an item: standard, promotion, what a buyer pays, what it takes to win."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Answer, Json, Refusal, forbidden
from sandbox.items import owned
from sandbox.request import Request
from sandbox.state import Item

if TYPE_CHECKING:
    from sandbox.world import World


def _priced(world: World, request: Request, item_id: str) -> Item:
    """The price resources have a 404 of their own."""
    item = world.items.get(item_id)
    if item is None:
        body = {"error": f"The item {item_id} has no prices associated", "code": "not.found", "status": 404}
        raise Refusal(Answer(404, body))
    if item.seller_id != request.caller_id:
        raise forbidden()
    return item


def get_prices(world: World, request: Request, item_id: str) -> Answer:
    item = _priced(world, request, item_id)
    prices = [_standard(item)]
    if item.promotion is not None:
        prices.append(_promotion(item))
    return Answer(body={"id": item.id, "prices": prices})


def _price(item: Item, number: int, kind: str, amount: Decimal, regular: Decimal | None) -> Json:
    return {
        "id": str(number),
        "type": kind,
        "amount": formats.amount(amount),
        "regular_amount": formats.amount(regular),
        "currency_id": item.currency_id,
        "last_updated": formats.seconds(item.updated_at),
        "conditions": {"context_restrictions": [], "start_time": None, "end_time": None},
    }


def _standard(item: Item) -> Json:
    amount = item.promotion.regular_amount if item.promotion else item.price
    return _price(item, item.price_version, "standard", amount, None)


def _promotion(item: Item) -> Json:
    promotion = item.promotion
    assert promotion is not None  # asked for only while one is running
    price = _price(item, item.price_version + 1, "promotion", item.price, promotion.regular_amount)
    price["conditions"] = {
        "context_restrictions": ["channel_marketplace"],
        "start_time": formats.seconds(promotion.started_at),
        "end_time": formats.seconds(promotion.finishes_at),
    }
    return price


def get_sale_price(world: World, request: Request, item_id: str) -> Answer:
    """What the buyer pays. `reference_date` is only now."""
    item = _priced(world, request, item_id)
    promotion = item.promotion
    metadata = {"promotion_id": promotion.id, "promotion_type": promotion.type} if promotion else {}
    return Answer(
        body={
            "price_id": str(item.price_version + (promotion is not None)),
            "amount": formats.amount(item.price),
            "regular_amount": formats.amount(promotion.regular_amount) if promotion else None,
            "currency_id": item.currency_id,
            "reference_date": formats.seconds(world.now()),
            "metadata": metadata,
        }
    )


def get_price_to_win(world: World, request: Request, item_id: str) -> Answer:
    item = owned(world, request, item_id)
    if not item.catalog_listing:
        return Answer(body=_not_listed(item))
    wins = item.number % 3 != 0
    to_win = item.price if wins else (item.price * Decimal("0.93")).quantize(Decimal(1))
    winner_id = item.id if wins else f"{item.site_id}{item.number + 1}"
    boosts = [
        {"id": "fulfillment", "status": _boost(item), "description": "Envíos Full"},
        {"id": "free_shipping", "status": "boosted", "description": "Envío gratis"},
    ]
    return Answer(
        body={
            "item_id": item.id,
            "current_price": formats.number(item.price),
            "currency_id": item.currency_id,
            "price_to_win": formats.number(to_win),
            "boosts": boosts,
            "status": "winning" if wins else "competing",
            "consistent": True,
            "visit_share": "maximum" if wins else "minimum",
            "competitors_sharing_first_place": 0,
            "reason": [],
            "catalog_product_id": item.catalog_product_id,
            "winner": {
                "item_id": winner_id,
                "price": formats.number(to_win),
                "currency_id": item.currency_id,
                "boosts": boosts,
            },
        }
    )


def _boost(item: Item) -> str:
    return "boosted" if item.logistic_type == "fulfillment" else "opportunity"


def _not_listed(item: Item) -> Json:
    names = ("current_price", "currency_id", "price_to_win", "boosts", "visit_share")
    return {
        "item_id": item.id,
        **dict.fromkeys(names),
        "status": "not_listed",
        "consistent": False,
        "competitors_sharing_first_place": None,
        "reason": ["item_not_opted_in"],
        "catalog_product_id": None,
    }


def get_automation(world: World, request: Request, item_id: str) -> Answer:
    """GET /pricing-automation/items/{id}/automation."""
    item = owned(world, request, item_id)
    if "dynamic_standard_price" not in item.tags:
        raise Refusal(Answer(404, {"message": "Automation not found", "error": "not_found", "status": 404}))
    low, high = item.price * Decimal("0.9"), item.price * Decimal("1.1")
    body = {"item_id": item.id, "status": "ACTIVE", "item_rule": {"rule_id": "INT"}}
    return Answer(body=body | {"min_price": formats.number(low), "max_price": formats.number(high)})


def get_item_promotions(world: World, request: Request, item_id: str) -> Answer:
    """GET /seller-promotions/items/{id}: those running, and a candidate without id and price."""
    item = owned(world, request, item_id)
    found: list[Json] = []
    if item.promotion is not None:
        found.append(
            {
                "id": item.promotion.id,
                "type": "SELLER_CAMPAIGN",
                "status": "started",
                "price": formats.number(item.price),
                "original_price": formats.number(item.promotion.regular_amount),
                # This resource alone writes times without a zone.
                "start_date": f"{item.promotion.started_at:%Y-%m-%dT%H:%M:%S}",
                "finish_date": f"{item.promotion.finishes_at:%Y-%m-%dT%H:%M:%S}",
                "name": "Campaña",
            }
        )
    candidate = {"type": "PRICE_DISCOUNT", "status": "candidate", "price": 0, "name": "Descuento"}
    return Answer(body=[*found, candidate])
