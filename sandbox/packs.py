"""Carts: several things bought at once, and what becomes of them when ML splits the parcel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox import formats, sales, shipping
from sandbox.buyers import new_buyer
from sandbox.trade import Order, Pack

if TYPE_CHECKING:
    from sandbox.world import World


def sell_pack(
    world: World,
    lines: Sequence[Mapping[str, Any] | tuple[Any, ...] | str],
    *,
    logistic_type: str | None = None,
    oversell: bool = False,
) -> Pack:
    """Buy several things of one seller at once. Raises what `sell` raises, and then nothing was bought."""
    wanted = [_line(line) for line in lines]
    owners = {world.items[item_id].seller_id for item_id, _, _ in wanted}
    if len(owners) != 1:
        raise ValueError("a cart needs listings of one seller")
    _check_all(world, wanted, oversell)
    pack_id, buyer, now = world.ids.number("pack"), new_buyer(world), world.now()
    pack = Pack(pack_id, [], None, buyer.id, owners.pop(), now, now)
    world.packs[pack_id] = pack
    shared: dict[str, Any] = {"logistic_type": logistic_type, "oversell": oversell, "pack_id": pack_id, "buyer": buyer}
    orders = [sales.sell(world, *line, **shared, parcel=False) for line in wanted]
    pack.order_ids = [order.id for order in orders]
    own = logistic_type or world.items[wanted[0][0]].logistic_type
    shipping.send_off(world, orders, own, (orders[0].stock or {}).get("node_id"))
    return pack


def _check_all(world: World, wanted: list[tuple[str, int, int | None]], oversell: bool) -> None:
    """The same thing on two lines needs the units of both."""
    units: Counter[tuple[str, int | None]] = Counter()
    for item_id, quantity, variation_id in wanted:
        units[item_id, variation_id if world.items[item_id].variations else None] += quantity
    for (item_id, variation_id), quantity in units.items():
        item = world.items[item_id]
        sales.check_for_sale(item, item.holding(variation_id), quantity, oversell)


def _line(line: Mapping[str, Any] | tuple[Any, ...] | str) -> tuple[str, int, int | None]:
    if isinstance(line, str):
        return line, 1, None
    if isinstance(line, Mapping):
        return line["item_id"], int(line.get("quantity", 1)), line.get("variation_id")
    item_id, quantity, variation_id = (*line, None)[:3] if len(line) > 1 else (line[0], 1, None)
    return item_id, int(quantity), variation_id


def split_pack(world: World, pack_id: int) -> list[Order]:
    """ML sends a cart as several parcels: its orders are cancelled and new ones replace them. No stock moves."""
    pack = world.packs[pack_id]
    old = world.shipments.get(pack.shipment_id or 0)
    replaced = [world.orders[order_id] for order_id in pack.order_ids]
    for order in replaced:
        sales.mark_cancelled(world, order, "internal", "pack_splitted", "Purchases has splitted the pack")
    pack.status, pack.status_detail, pack.updated_at = "cancelled", "pack_splitted", world.now()
    created = [_replacement(world, order) for order in replaced]
    if old is not None:
        new = world.shipments.get(created[0].shipment_id or 0)
        old.sibling = {
            "reason": "pack_splitted",
            "sibling_id": new.id if new else None,
            "description": None,
            "date_created": formats.offset(world.now()),
        }
        shipping.move(world, old, "cancelled", "pack_splitted")
    return created


def _replacement(world: World, old: Order) -> Order:
    now, new_id = world.now(), world.ids.number("order")
    pack = Pack(world.ids.number("pack"), [new_id], None, old.buyer.id, old.seller_id, now, now)
    world.packs[pack.id] = pack
    order = replace(
        old,
        id=new_id,
        pack_id=pack.id,
        shipment_id=None,
        cancel_detail=None,
        created_at=now,
        closed_at=now,
        updated_at=now,
        indexed_at=now,
    )
    sales.settle(world, order, "paid")
    world.orders[order.id] = order
    world.orders_of[order.seller_id].append(order.id)
    sales.announce_new(world, order)
    before = world.shipments.get(old.shipment_id or 0)
    shipping.send_off(world, [order], before.logistic_type if before else "cross_docking", None)
    return order
