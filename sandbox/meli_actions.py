"""Things Mercado Libre does, for the control page and the control API."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from sandbox import global_demo
from sandbox.answers import Json
from sandbox.parameters import BadParameter, Parameters, flag, maybe, text, whole

if TYPE_CHECKING:
    from sandbox.world import World


def _activate_warehouses(world: World, given: Parameters) -> Json:
    seller = world.seller(text(given, "nickname"))
    hidden_for = float(given.get("out_of_stock_for") or 0)
    world.activate_warehouses(seller, several=flag(given, "several", default=True), out_of_stock_for=hidden_for)
    return {"nickname": seller.nickname, "tags": list(seller.tags)}


def _activate_user_products(world: World, given: Parameters) -> Json:
    seller = world.seller(text(given, "nickname"))
    world.activate_user_products(seller)
    return {"nickname": seller.nickname, "tags": list(seller.tags)}


def _migrate(world: World, given: Parameters) -> Json:
    found = world.migrate(text(given, "item_id"))
    return {"item_id": found.item_id, "new_item_ids": list(found.new.values())}


def _relist(world: World, given: Parameters) -> Json:
    new = world.relist(text(given, "item_id"))
    return {"item_id": new.id, "parent_item_id": new.parent_item_id}


def _split_off(world: World, given: Parameters) -> Json:
    new = world.split_off(text(given, "item_id"), whole(given, "variation_id"))
    return {"item_id": new.id, "user_product_id": new.own.user_product_id}


def _flatten(world: World, given: Parameters) -> Json:
    item_id = text(given, "item_id")
    world.flatten(item_id, whole(given, "variation_id"))
    return {"item_id": item_id, "user_product_id": world.items[item_id].own.user_product_id}


def _send_by(world: World, given: Parameters) -> Json:
    item_id = text(given, "item_id")
    world.send_by(item_id, text(given, "logistic_type"))
    return {"item_id": item_id, "logistic_type": world.items[item_id].logistic_type}


def _logistic_type(world: World, given: Parameters) -> Json:
    shipment = world.change_logistic_type(whole(given, "order_id"), text(given, "logistic_type"))
    return {"shipment_id": shipment.id, "logistic_type": shipment.logistic_type}


def _receive_in_full(world: World, given: Parameters) -> Json:
    item_id, quantity = text(given, "item_id"), whole(given, "quantity", 1)
    if quantity < 1:
        raise BadParameter("quantity must be at least 1")
    world.receive_in_full(item_id, quantity, maybe(given, "variation_id"))
    return {"item_id": item_id, "available_quantity": world.items[item_id].available_quantity}


def _add_kit(world: World, given: Parameters) -> Json:
    """`components` is user product id -> how many."""
    components = given.get("components")
    if not isinstance(components, dict):
        raise BadParameter("components must be an object")
    try:
        price = Decimal(text(given, "price"))
    except InvalidOperation as problem:
        raise BadParameter("price must be a number") from problem
    seller = world.seller(text(given, "nickname"))
    kit = world.add_kit(seller, text(given, "title"), price, components)
    return {"item_id": kit.id, "user_product_id": kit.own.user_product_id}


def _add_global_seller(world: World, given: Parameters) -> Json:
    seller = global_demo.build(world, text(given, "nickname", global_demo.NICKNAME))
    return {"nickname": seller.nickname, "items": len(world.items_of[seller.user_id])}


MELI_ACTIONS: dict[str, Callable[[World, Parameters], Json]] = {
    "activate_warehouses": _activate_warehouses,
    "activate_user_products": _activate_user_products,
    "migrate": _migrate,
    "relist": _relist,
    "split_off": _split_off,
    "flatten": _flatten,
    "send_by": _send_by,
    "logistic_type": _logistic_type,
    "receive_in_full": _receive_in_full,
    "add_kit": _add_kit,
    "add_global_seller": _add_global_seller,
}
