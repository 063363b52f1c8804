"""The demo world: three sellers of one merchant, about 400 listings as untidy as real ones, and a little history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from sandbox.demo_articles import Article, articles, products, untidy_sku
from sandbox.demo_catalog import RANGE, Line
from sandbox.price_rules import AUTOMATED
from sandbox.state import Item, Promotion

if TYPE_CHECKING:
    from sandbox.sellers import Seller
    from sandbox.world import World

__all__ = ["build", "products"]

MARKUP = Decimal("2.35")
PREMIUM = Decimal("1.12")
DAYS_OF_HISTORY = 9
ORDERS_OF_HISTORY = 45


def build(world: World) -> World:
    """Fill an empty world. Its little delays are those of real life, where a notification is faster than the order."""
    world.order_visible_after, world.shipping_visible_after, world.replication_delay = 0.3, 0.8, 0.5
    # An hour of retries in half a minute, so that one can watch it.
    world.retry_scale = 1 / 120
    world.rebuild = build
    argentina = world.add_seller("CASA_DEL_SUR", site_id="MLA", tags=("normal",))
    mexico_tags = ("normal", "user_product_seller", "warehouse_management", "multiwarehouse")
    mexico = world.add_seller("BODEGA_AZTECA", site_id="MLM", tags=mexico_tags)
    brazil = world.add_seller("LOJA_AURORA", site_id="MLB", tags=("normal", "user_product_seller"))
    mexico.add_store("Bodega Iztapalapa", city="Ciudad de México")
    mexico.add_store("Bodega Guadalajara", city="Guadalajara")
    _publish_lines(argentina)
    _publish_articles(mexico)
    _publish_articles(brazil)
    _history(world)
    return world


def _price(cost: Decimal, seller: Seller, factor: Decimal = Decimal(1)) -> Decimal:
    """A price as sellers write them: …90 in Argentina, …9 in Mexico, …,90 in Brazil."""
    raw = cost * seller.site.per_dollar * MARKUP * factor
    if seller.site_id == "MLA":
        return (raw / 100).quantize(Decimal(1), ROUND_HALF_UP) * 100 - 10
    if seller.site_id == "MLM":
        return (raw / 10).quantize(Decimal(1), ROUND_HALF_UP) * 10 - 1
    return raw.quantize(Decimal(1), ROUND_HALF_UP) - Decimal("0.10")


def _details(number: int) -> dict[str, Any]:
    """What is special about some listings."""
    details: dict[str, Any] = {"listing_type_id": "gold_special", "condition": "new"}
    if number % 23 == 6:
        details |= {"status": "paused", "sub_status": ["paused_by_seller"]}
    elif number % 47 == 11:
        details |= {"status": "closed", "sub_status": []}
    elif number % 53 == 17:
        details |= {"status": "under_review", "sub_status": ["waiting_for_patch"]}
    if number % 29 == 7:
        details["tags"] = [AUTOMATED]
    if number % 31 == 12:
        details["seller_custom_field"] = f"int-{number}"
    return details


def _quantity(article: Article, number: int) -> int:
    """What the listing offers: mostly what is on hand, sometimes what was on hand last week."""
    return article.on_hand + number % 5 if number % 9 == 2 else article.on_hand


def _by_line() -> Iterator[tuple[Line, list[Article]]]:
    everything = articles()
    for line in RANGE:
        yield line, [article for article in everything if article.line is line]


def _publish_lines(seller: Seller) -> None:
    """The classic way: one listing with variations per line, often a second one with instalments."""
    for number, (line, members) in enumerate(_by_line()):
        first = _classic(seller, line, members, number, Decimal(1), "gold_special")
        if number % 3 != 1:
            # Without variations both are listings of the same product and share its stock.
            shared = None if line.options else first.own.user_product_id
            _classic(seller, line, members, number + 500, PREMIUM, "gold_pro", shared)
        if number % 8 == 3 and not line.options:
            _catalog_twin(seller, first)


def _classic(
    seller: Seller,
    line: Line,
    members: list[Article],
    number: int,
    factor: Decimal,
    listing_type_id: str,
    user_product_id: str | None = None,
) -> Item:
    details = _details(number) | {"listing_type_id": listing_type_id, "category_id": f"MLA{1000 + number % 40}"}
    premium = " - 6 cuotas" if listing_type_id == "gold_pro" else ""
    price = _price(line.cost, seller, factor)
    if line.options:
        variations = [_variation(article, number + place) for place, article in enumerate(members)]
        return seller.add_item(title=line.es + premium, price=price, variations=variations, **details)
    article = members[0]
    full = article.on_hand if number % 12 == 9 and user_product_id is None else None
    return seller.add_item(
        title=line.es + premium,
        price=price,
        available_quantity=_quantity(article, number),
        seller_sku=untidy_sku(article.sku, number),
        gtin=article.gtin,
        user_product_id=user_product_id,
        full_quantity=full,
        flex_quantity=5 if full is not None and number % 24 == 9 else None,
        **details,
    )


def _variation(article: Article, number: int) -> dict[str, Any]:
    return {
        "combination": {article.line.attribute: article.option},
        "available_quantity": _quantity(article, number),
        "seller_sku": untidy_sku(article.sku, number),
        "gtin": article.gtin,
    }


def _catalog_twin(seller: Seller, first: Item) -> Item:
    """The same product once more, as a catalog listing that shares its stock and knows nothing of SKUs."""
    relation = {"id": first.id, "variation_id": None, "stock_relation": 1}
    twin = seller.add_item(
        title=first.title,
        price=first.price,
        user_product_id=first.own.user_product_id,
        catalog_listing=True,
        catalog_product_id=f"MLA{15_000_000 + first.number % 1_000_000}",
        item_relations=[relation],
    )
    first.item_relations = [{**relation, "id": twin.id}]
    return twin


def _publish_articles(seller: Seller) -> None:
    """The new way: one listing per article, no variations, a family per line."""
    portuguese = seller.site_id == "MLB"
    for number, article in enumerate(articles()):
        item = _single(seller, article, number + (61 if portuguese else 211), portuguese)
        if number % 2 == 1:
            seller.add_item(
                title=item.title,
                price=_price(article.cost, seller, PREMIUM),
                listing_type_id="gold_pro",
                seller_sku=item.own.seller_sku,
                user_product_id=item.own.user_product_id,
                family_name=item.family_name,
                family_id=item.family_id,
            )


def _single(seller: Seller, article: Article, number: int, portuguese: bool) -> Item:
    on_hand = _quantity(article, number)
    # Two of the merchant's SKUs were given to the wrong article long ago.
    sku = "ELE-0203" if number in (100, 300) else untidy_sku(article.sku, number)
    full = article.on_hand if number % 14 == 3 else None
    first, second = _split(seller, on_hand, number)
    return seller.add_item(
        title=article.pt if portuguese else article.es,
        price=_price(article.cost, seller),
        available_quantity=on_hand,
        stores={first: on_hand - on_hand // 3, second: on_hand // 3} if first else None,
        seller_sku=sku,
        gtin=article.gtin,
        full_quantity=full,
        family_name=article.line.pt if portuguese else article.line.es,
        family_id=7_695_306_900_000_000 + seller.user_id % 1000 * 1000 + RANGE.index(article.line),
        **_details(number),
    )


def _split(seller: Seller, on_hand: int, number: int) -> tuple[str, str]:
    ids = [store.id for store in seller.stores if store.is_stock_location]
    return (ids[0], ids[1]) if len(ids) > 1 else ("", "")


def _history(world: World) -> None:
    """Sales of the last days, most of them delivered, and a promotion that runs."""
    start = world.now() - timedelta(days=DAYS_OF_HISTORY)
    step = timedelta(days=DAYS_OF_HISTORY) / ORDERS_OF_HISTORY
    for number in range(ORDERS_OF_HISTORY):
        world.clock.set(start + step * number)
        _past_sale(world, number)
    world.clock.follow()
    world.run_due()
    promoted = next(item for item in world.items.values() if item.status == "active" and not item.tags)
    regular = promoted.price
    promoted.price = (regular * Decimal("0.85")).quantize(Decimal(1))
    now = world.now()
    offer = f"OFFER-{promoted.id}-{promoted.number % 100000}"
    promoted.promotion = Promotion(offer, regular, now - timedelta(days=1), now + timedelta(days=6))


def _past_sale(world: World, number: int) -> None:
    item = world.ids.choice([item for item in world.items.values() if item.status == "active"])
    for_sale = [holding for holding in item.holdings if holding.available_quantity > 2]
    if not for_sale:
        return
    order = world.sell(item.id, 1 + number % 2, getattr(for_sale[0], "id", None))
    world.clock.advance(seconds=60)
    if number % 11 == 10:
        world.cancel(order.id)
    elif number < ORDERS_OF_HISTORY - 8:
        world.deliver(order.id)
