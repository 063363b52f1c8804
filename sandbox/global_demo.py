"""A small Global Selling account, to be added to the demo world when somebody wants to see one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.demo_articles import Article, articles, untidy_sku
from sandbox.sellers import Seller

if TYPE_CHECKING:
    from sandbox.world import World

NICKNAME = "PACIFIC_TRADERS"
MARKETPLACES = (("MLM", "remote"), ("MLB", "remote"), ("MLC", "remote"), ("MLM", "fulfillment"))
LISTINGS = 12
MARKUP = Decimal("3.1")
CENT = Decimal("0.01")


def build(world: World, nickname: str = NICKNAME) -> Seller:
    """Twelve parents of the merchant's own articles: some with variations, with prices per country, with Full."""
    if any(seller.nickname == nickname for seller in world.sellers.values()):
        raise ValueError(f"{nickname} is there already")
    seller = world.add_global_seller(nickname, marketplaces=MARKETPLACES)
    lines = list(dict.fromkeys(article.line for article in articles()))
    for number, line in enumerate(lines[:LISTINGS]):
        members = [article for article in articles() if article.line is line]
        price = (line.cost * MARKUP).quantize(CENT)
        world.add_global_item(
            seller,
            title=line.es,
            price=price,
            prices={"MLB": (price * Decimal("1.15")).quantize(CENT)} if number % 3 == 1 else None,
            full={"MLM": 6} if number % 5 == 4 else None,
            **_stock(members, number),
        )
    return seller


def _stock(members: list[Article], number: int) -> dict[str, Any]:
    if len(members) == 1:
        article = members[0]
        return {"available_quantity": article.on_hand, "seller_sku": untidy_sku(article.sku, number)}
    return {
        "variations": [
            {
                "combination": {article.line.attribute: article.option},
                "available_quantity": article.on_hand,
                "seller_sku": untidy_sku(article.sku, number + place),
            }
            for place, article in enumerate(members)
        ]
    }
