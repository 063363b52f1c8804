"""ML's virtual kits: listings whose stock is what their components allow, and which sell as their components."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox import formats, sales, shipping, stock
from sandbox.answers import Answer, Json, Refusal
from sandbox.buyers import new_buyer
from sandbox.orders import owned_order
from sandbox.request import Request
from sandbox.sellers import Seller
from sandbox.state import Component, Holding, Item, Location, UserProduct, Variation
from sandbox.trade import Order, Pack
from sandbox.user_products import owned_product

if TYPE_CHECKING:
    from sandbox.world import World

KIT, PART = "bundle", "kit_component"
CENT = Decimal("0.01")
PLACES = ("selling_address", "seller_warehouse", "meli_facility")


def publish(
    seller: Seller, title: str, price: Decimal | int, components: Mapping[str, int], details: Mapping[str, Any]
) -> Item:
    """A kit of user products. Raises ValueError for what cannot be one."""
    world = seller.world
    parts = [Component(product_id, quantity) for product_id, quantity in components.items()]
    _check(world, seller, parts)
    now, main = world.now(), world.user_products[parts[0].user_product_id]
    kit_id = world.ids.user_product(seller.site_id)
    kit = UserProduct(kit_id, seller.user_id, seller.site_id, title, now, now, components=parts)
    kit.domain_id, kit.family_name, kit.family_id = main.domain_id, title, world.ids.number("family")
    kit.locations = [Location(kind, units) for kind, units in _possible(world, kit).items()]
    world.user_products[kit.id] = kit
    for part in parts:
        world.kits_of.setdefault(part.user_product_id, set()).add(kit.id)
        for item_id in world.user_products[part.user_product_id].item_ids:
            _mark(world.items[item_id])
    more = {"family_name": title, "family_id": kit.family_id, "tags": [KIT, "user_product_listing"], **details}
    item = seller.add_item(title=title, price=price, user_product_id=kit.id, **more)
    # Kits in Full have no inventory of their own.
    world.inventories.pop(item.own.inventory_id or "", None)
    item.own.inventory_id = None
    return item


def _check(world: World, seller: Seller, parts: list[Component]) -> None:
    products = [world.user_products[part.user_product_id] for part in parts]
    if not 2 <= len(parts) <= 6 or not all(1 <= part.quantity <= 10 for part in parts):
        raise ValueError("a kit has two to six products, each of them up to ten times")
    if any(product.seller_id != seller.user_id or product.components for product in products):
        raise ValueError("a kit is made of its seller's own products, not of kits")
    if any(sorted(map(str, kit.components)) == sorted(map(str, parts)) for kit in world.user_products.values()):
        raise ValueError("there is such a kit already")


def _mark(item: Item) -> None:
    if PART not in item.tags:
        item.tags.append(PART)


def _possible(world: World, kit: UserProduct) -> dict[str, int]:
    """How many kits each kind of place allows; a kind that a component lacks is not there at all."""
    found: dict[str, int] = {}
    for kind in PLACES:
        counts = [_units(world.user_products[part.user_product_id], kind, part.quantity) for part in kit.components]
        whole = [count for count in counts if count is not None]
        if len(whole) == len(counts):
            found[kind] = min(whole)
    return found


def _units(product: UserProduct, kind: str, each: int) -> int | None:
    here = [place.quantity for place in product.locations if place.type == kind]
    return sum(here) // each if here else None


def follow(world: World, product: UserProduct) -> None:
    """A component's stock changed: so do its kits, a little later."""
    for kit_id in sorted(world.kits_of.get(product.id, ())):
        _follow_one(world, world.user_products[kit_id])


def _follow_one(world: World, kit: UserProduct) -> None:
    world.later(world.replication_delay, lambda: _recompute(world, kit))


def _recompute(world: World, kit: UserProduct) -> None:
    possible = _possible(world, kit)
    if possible != {place.type: place.quantity for place in kit.locations}:
        kit.locations = [place for place in kit.locations if place.type in possible]
        places = [(kit.at(kind) or Location(kind, 0), units) for kind, units in possible.items()]
        stock.change(world, kit, places)
        stock.mirror(world, kit)


def sell(world: World, item: Item, quantity: int, *, logistic_type: str | None = None, oversell: bool = False) -> Pack:
    """One order for each component, in one pack; each names the kit it was sold in."""
    sales.check_for_sale(item, item.own, quantity, oversell)
    kit, now, buyer = world.user_products[item.own.user_product_id], world.now(), new_buyer(world)
    pack = Pack(world.ids.number("pack"), [], None, buyer.id, item.seller_id, now, now)
    world.packs[pack.id] = pack
    bought = [(part, *_listing_of(world, part)) for part in kit.components]
    whole = sum((one.price * part.quantity for part, one, _ in bought), Decimal(0))
    parent = {"parent_item": {"id": item.id, "user_product_id": kit.id}, "components": None}
    for part, one, holding in bought:
        order = sales.sell(
            world,
            one.id,
            part.quantity * quantity,
            holding.id if isinstance(holding, Variation) else None,
            logistic_type=logistic_type or item.logistic_type,
            oversell=True,
            pack_id=pack.id,
            buyer=buyer,
            parcel=False,
            bundle=parent,
            unit_price=(item.price * one.price / whole).quantize(CENT),
        )
        pack.order_ids.append(order.id)
    item.own.sold_quantity += quantity
    orders = [world.orders[order_id] for order_id in pack.order_ids]
    node = (orders[0].stock or {}).get("node_id")
    shipping.send_off(world, orders, logistic_type or item.logistic_type, node)
    return pack


def _listing_of(world: World, part: Component) -> tuple[Item, Holding]:
    product = world.user_products[part.user_product_id]
    item = min(
        (world.items[item_id] for item_id in product.item_ids), key=lambda item: (item.status == "closed", item.id)
    )
    return item, next(holding for holding in item.holdings if holding.user_product_id == product.id)


def get_bundles(world: World, request: Request, product_id: str) -> Answer:
    """GET /user-products/{id}/bundles: the kits a product is part of."""
    product = owned_product(world, request, product_id)
    kits = world.kits_of.get(product.id)
    if not kits:
        words = f"UserProductComponent not found: {product_id}"
        raise Refusal(Answer(404, {"error": "not_found", "message": words, "status": 404}))
    at = formats.millis(product.updated_at)
    return Answer(body={"user_product_id": product_id, "bundles": sorted(kits), "last_updated": at})


def get_order_bundle(world: World, request: Request, order_id: str) -> Answer:
    """GET /orders/{id}/bundle: the other orders of the same kit."""
    order = owned_order(world, request, order_id)
    pack = world.packs.get(order.pack_id or 0)
    if order.bundle is None or pack is None:
        return Answer(body={"bundles": []})
    parts = [_part(world.orders[other]) for other in pack.order_ids if world.orders[other].bundle == order.bundle]
    whole: Json = {"pack_id": pack.id, "shipment_id": pack.shipment_id, "main_orders": [], "addons_orders": []}
    return Answer(body={"bundles": [whole | {"kit_orders": parts}]})


def _part(order: Order) -> Json:
    return {
        "order_id": order.id,
        "item_id": order.item_id,
        "variation_id": order.variation_id,
        "pack_id": order.pack_id,
        "shipment_id": order.shipment_id,
        "parent_item_id": (order.bundle or {})["parent_item"]["id"],
    }
