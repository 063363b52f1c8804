"""Publishing in Global Selling: a parent, and a listing in each marketplace that shares its units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.global_accounts import FULFILLMENT, REMOTE, accounts_of
from sandbox.item_json import attribute
from sandbox.sellers import Seller
from sandbox.state import Item, Variation

if TYPE_CHECKING:
    from sandbox.world import World

PACKAGE = {
    "PACKAGE_HEIGHT": "10 cm",
    "PACKAGE_LENGTH": "20 cm",
    "PACKAGE_WIDTH": "15 cm",
    "PACKAGE_WEIGHT": "400 g",
}
CHILD_TAGS = ["cbt_item", "cbt_ids", "net_proceeds_prices"]


def publish(
    seller: Seller,
    *,
    title: str = "Stainless steel water bottle",
    price: Decimal | int | float | str = 20,
    available_quantity: int = 10,
    seller_sku: str | None = None,
    variations: Sequence[Mapping[str, Any]] = (),
    sites: Sequence[str] | None = None,
    prices: Mapping[str, Decimal | int | float | str] | None = None,
    full: Mapping[str, int] | None = None,
) -> Item:
    """The parent. `sites` (all unless named) get a remote listing, `full` is site -> units in Full there."""
    package = [attribute(name, value) for name, value in PACKAGE.items()]
    parent = seller.add_item(
        title=title,
        price=price,
        available_quantity=available_quantity,
        seller_sku=seller_sku,
        variations=variations,
        listing_type_id="gold_pro",
        attributes=package,
        logistic_type="not_specified",
    )
    for account in accounts_of(seller.world, seller.user_id):
        if account.marketplace_logistic == REMOTE and (sites is None or account.site_id in sites):
            _remote(account, parent, prices or {})
        elif account.marketplace_logistic == FULFILLMENT and account.site_id in (full or {}):
            _in_full(account, parent, (full or {})[account.site_id])
    return parent


def _shared(account: Seller, parent: Item) -> dict[str, Any]:
    return {
        "title": f"{parent.title} ({account.site_id})",
        "currency_id": "USD",
        "cbt_item_id": parent.id,
        "listing_type_id": "gold_pro",
        "seller_sku": parent.own.seller_sku,
    }


def _remote(account: Seller, parent: Item, prices: Mapping[str, Any]) -> Item:
    """Its units are the parent's: the same user products stand behind both."""
    return account.add_item(
        **_shared(account, parent),
        price=prices.get(account.site_id, parent.price),
        own_price=account.site_id in prices,
        variations=[child_variation(one) for one in parent.variations],
        user_product_id=parent.own.user_product_id or None,
        logistic_type="drop_off",
        tags=list(CHILD_TAGS),
    )


def child_variation(variation: Variation) -> dict[str, Any]:
    """The same variation in a marketplace: another id, the same units."""
    return {
        "combination": variation.combination,
        "seller_sku": variation.seller_sku,
        "user_product_id": variation.user_product_id,
    }


def _in_full(account: Seller, parent: Item, units: int) -> Item:
    """Units in a warehouse of ML's, apart from the parent's number."""
    variations = [
        {"combination": one.combination, "seller_sku": one.seller_sku, "available_quantity": units}
        for one in parent.variations
    ]
    more: dict[str, Any] = {"variations": variations, "full_quantity": units, "tags": [*CHILD_TAGS[:2]]}
    return account.add_item(**_shared(account, parent), price=parent.price, **more)


def children_of(world: World, parent: Item) -> list[Item]:
    found = [
        world.items[item_id]
        for account in accounts_of(world, parent.seller_id)
        for item_id in world.items_of[account.user_id]
    ]
    return [item for item in found if item.cbt_item_id == parent.id and "deleted" not in item.sub_status]
