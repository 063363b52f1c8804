"""When a quantity can be written on a listing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import stock
from sandbox.answers import Refusal, bad_request, cause, invalid
from sandbox.sellers import Seller
from sandbox.state import Holding, Item

if TYPE_CHECKING:
    from sandbox.world import World

MOST = 99_999
# Categories where a used thing is sold one at a time.
USED_ONE_BY_ONE = {
    "MLA": "1322 3114 47786 430281",
    "MLC": (
        "1339 1455 3111 3724 7022 158307 158335 158340 158342 158350 158382 158416 158422 158425 158457 "
        "158467 158473 158583 413460 440323 440371 440434 440654 440679 440687 440714 455528"
    ),
    "MLM": "1456 5529 438426",
    "MPE": (
        "3724 6585 127752 127808 127826 127827 127828 127830 127831 127832 127833 127834 127835 127894 413460 "
        "417397 417479 430281 431498 431499 431500 443830 443832 443907 443920 443951 443953 443969 443973 "
        "443975 455528"
    ),
}
ONE_USED = {f"{site_id}{number}" for site_id, numbers in USED_ONE_BY_ONE.items() for number in numbers.split()}


def ignores_quantities(seller: Seller) -> bool:
    """Stock of a seller with warehouses lives in them: a quantity on the listing has no effect."""
    return seller.has_warehouses


def check_quantity(world: World, item: Item, holding: Holding | None, quantity: Any) -> None:
    """Refuses what ML refuses. A `holding` of None is a variation that is about to be made."""
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 <= quantity <= MOST:
        raise _invalid(f"available_quantity must be an integer between 0 and {MOST}")
    if holding is not None and world.user_products[holding.user_product_id].components:
        raise bad_request("available_quantity is not modifiable", "item.available_quantity.not_modifiable")
    if world.sellers[item.seller_id].has_warehouses:
        _check_warehouse_seller(world)
    if holding is not None and _in_full(world, item, holding):
        raise bad_request("available_quantity is not modifiable", "item.available_quantity.not_modifiable")
    if quantity == 0 and not stock.can_be_empty(item):
        raise _invalid("available_quantity 0 is only for new items with a paid listing type")
    if quantity > 1 and item.condition == "used" and item.category_id in ONE_USED:
        raise _invalid("available_quantity of used items in this category is at most 1")


def _check_warehouse_seller(world: World) -> None:
    if world.warehouse_item_writes == "refused":
        raise bad_request(
            "available_quantity is not updatable for multi warehouse seller", "item.available_quantity.not_updatable"
        )


def _in_full(world: World, item: Item, holding: Holding) -> bool:
    product = world.user_products[holding.user_product_id]
    return item.logistic_type == "fulfillment" or product.at("meli_facility") is not None


def _invalid(message: str) -> Refusal:
    return invalid(cause("item.available_quantity.invalid", message, 141, "item.available_quantity"))
