"""What can be done from outside, by the control page's forms and the control API alike: names and parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sandbox.answers import Json
from sandbox.meli_actions import MELI_ACTIONS
from sandbox.parameters import BadParameter, Parameters, flag, maybe, text, whole
from sandbox.rules import Rules

if TYPE_CHECKING:
    from sandbox.world import World


def run(world: World, name: str, parameters: Parameters) -> Json:
    """Do something by name. Raises KeyError for an unknown action, ValueError for what cannot be done."""
    action = ACTIONS[name]
    with world.lock:
        try:
            return action(world, parameters)
        except KeyError as missing:
            raise BadParameter(f"{missing.args[0] if missing.args else 'it'} is not there") from missing


def _sell(world: World, given: Parameters) -> Json:
    order = world.sell(
        text(given, "item_id"),
        whole(given, "quantity", 1),
        maybe(given, "variation_id"),
        logistic_type=given.get("logistic_type") or None,
        order_id=maybe(given, "order_id"),
        store_id=given.get("store_id") or None,
        status=text(given, "status", "paid"),
        oversell=flag(given, "oversell"),
    )
    return {"order_id": order.id, "seller_id": order.seller_id}


def _sell_pack(world: World, given: Parameters) -> Json:
    pack = world.sell_pack(given.get("lines") or (), logistic_type=given.get("logistic_type") or None)
    return {"pack_id": pack.id, "order_ids": pack.order_ids}


def _cancel(world: World, given: Parameters) -> Json:
    group, code = text(given, "group", "buyer"), text(given, "code", "buyer_cancel_express")
    order = world.cancel(whole(given, "order_id"), group=group, code=code)
    return {"order_id": order.id, "status": order.status}


def _pay(world: World, given: Parameters) -> Json:
    return {"order_id": world.pay(whole(given, "order_id")).id}


def _fraud(world: World, given: Parameters) -> Json:
    return {"order_id": world.flag_fraud(whole(given, "order_id")).id}


def _split_pack(world: World, given: Parameters) -> Json:
    return {"order_ids": [order.id for order in world.split_pack(whole(given, "pack_id"))]}


def _ship(world: World, given: Parameters) -> Json:
    return {"shipment_id": world.ship(whole(given, "order_id")).id}


def _deliver(world: World, given: Parameters) -> Json:
    return {"shipment_id": world.deliver(whole(given, "order_id")).id}


def _return(world: World, given: Parameters) -> Json:
    return {"shipment_id": world.return_parcel(whole(given, "order_id")).id}


def _stock(world: World, given: Parameters) -> Json:
    item_id, quantity = text(given, "item_id"), whole(given, "quantity")
    if quantity < 0:
        raise BadParameter("quantity must not be negative")
    world.edit_stock(item_id, quantity, maybe(given, "variation_id"), given.get("store_id") or None)
    return {"item_id": item_id, "available_quantity": world.items[item_id].available_quantity}


def _price(world: World, given: Parameters) -> Json:
    item_id = text(given, "item_id")
    try:
        price = Decimal(text(given, "price"))
    except InvalidOperation as problem:
        raise BadParameter("price must be a number") from problem
    world.edit_price(item_id, price)
    return {"item_id": item_id}


def _status(world: World, given: Parameters) -> Json:
    item_id = text(given, "item_id")
    change = {
        "active": world.activate,
        "paused": world.pause,
        "closed": world.close,
        "under_review": world.set_under_review,
        "inactive": world.set_inactive,
    }[text(given, "status")]
    change(item_id)
    return {"item_id": item_id, "status": world.items[item_id].status}


def _drop(world: World, given: Parameters) -> Json:
    count = whole(given, "count", 10)
    world.drop_notifications(count, missed=flag(given, "missed", default=True))
    return {"dropping": count}


def _enable_topic(world: World, given: Parameters) -> Json:
    world.mailbox.enable(text(given, "topic"))
    return {"disabled_topics": sorted(world.mailbox.disabled_topics)}


def _drain(world: World, given: Parameters) -> Json:
    return {"notifications": world.drain_notifications()}


def _fault(world: World, given: Parameters) -> Json:
    always = str(given.get("times", "1")) in ("", "0", "None", "always")
    user_id = world.seller(given["nickname"]).user_id if given.get("nickname") else None
    fault = world.faults.add(
        text(given, "kind"),
        times=None if always else whole(given, "times", 1),
        path=text(given, "path", ".*"),
        method=given.get("method") or None,
        user_id=user_id,
        probability=float(given.get("probability") or 1),
        seconds=float(given.get("seconds") or 0.5),
    )
    return {"kind": fault.kind, "times": fault.times, "path": fault.path}


def _clear_faults(world: World, given: Parameters) -> Json:
    world.faults.clear()
    return {"faults": []}


def _advance(world: World, given: Parameters) -> Json:
    world.clock.advance(seconds=float(text(given, "seconds")))
    return {"now": world.now().isoformat()}


def _rules(world: World, given: Parameters) -> Json:
    """Set rules of the world by name; their kinds of value are kept."""
    known = {field.name for field in fields(Rules)}
    for name, value in given.items():
        if name not in known:
            raise BadParameter(f"there is no rule {name}")
        setattr(world, name, _like(getattr(world, name), value))
    return {name: getattr(world, name) for name in given}


def _like(old: Any, value: Any) -> Any:
    if isinstance(old, bool):
        return flag({"value": value}, "value")
    if isinstance(old, int | float | Decimal) and value is not None:
        return type(old)(value)
    return type(old)(value) if isinstance(old, tuple | set) else value


def _revoke(world: World, given: Parameters) -> Json:
    seller = world.seller(text(given, "nickname"))
    return {"revoked": world.consents.revoke(seller.user_id)}


def _expire(world: World, given: Parameters) -> Json:
    world.consents.expire_access(world.seller(text(given, "nickname")).user_id)
    return {"expired": True}


def _reset(world: World, given: Parameters) -> Json:
    world.reset()
    world.rebuild(world)
    return {"sellers": len(world.sellers), "items": len(world.items)}


ACTIONS: dict[str, Callable[[World, Parameters], Json]] = {
    "sell": _sell,
    "sell_pack": _sell_pack,
    "cancel": _cancel,
    "pay": _pay,
    "fraud": _fraud,
    "split_pack": _split_pack,
    "ship": _ship,
    "deliver": _deliver,
    "return": _return,
    "stock": _stock,
    "price": _price,
    "status": _status,
    "drop": _drop,
    "enable_topic": _enable_topic,
    "drain": _drain,
    "faults": _fault,
    "clear_faults": _clear_faults,
    "advance": _advance,
    "rules": _rules,
    "revoke": _revoke,
    "expire": _expire,
    "reset": _reset,
    **MELI_ACTIONS,
}
