"""The panels beside the listings."""

from __future__ import annotations

from html import escape as e
from itertools import islice
from typing import TYPE_CHECKING

from sandbox.faults import KINDS
from sandbox.markup import button, field, form, hidden, options, table
from sandbox.sellers import Seller
from sandbox.trade import Order

if TYPE_CHECKING:
    from sandbox.world import World

SHOWN = 12
REQUESTS_SHOWN = 20


def recent_orders(world: World) -> str:
    newest = [world.orders[order_id] for order_id in islice(reversed(world.orders), SHOWN)]
    rows = [_order(world, order) for order in newest]
    shown = table("Newest first", ["Order", "Bought", "State", "Do"], rows) if rows else _nothing("Nothing sold yet.")
    return f"<section><h2>Orders</h2>{shown}</section>"


def _nothing(words: str) -> str:
    return f'<p class="soft">{e(words)}</p>'


def _order(world: World, order: Order) -> list[str]:
    shipment = world.shipments.get(order.shipment_id or 0)
    state = order.status if order.status == "cancelled" or shipment is None else shipment.status
    pack = f"<br><span class='soft'>pack {order.pack_id}</span>" if order.pack_id else ""
    return [
        f"<code>{order.id}</code>{pack}",
        e(f"{order.quantity} × {order.title}"),
        f'<span class="tag {e(state)}">{e(state.replace("_", " "))}</span>',
        _order_buttons(world, order, state) or "—",
    ]


def _order_buttons(world: World, order: Order, state: str) -> str:
    if order.status == "cancelled":
        return ""
    change = _other_way(order) if state in ("ready_to_ship", "pending", "handling") else ""
    ways = [] if state in ("shipped", "delivered", "paid") else [("ship", "Ship")]
    ways += [("deliver", "Deliver")] if state == "shipped" else []
    ways += [("cancel", "Cancel")] if state != "delivered" else []
    buttons = "".join(
        form(action, hidden("order_id", order.id) + button(words, about=f"order {order.id}")) for action, words in ways
    )
    pack = world.packs.get(order.pack_id or 0)
    if pack is not None and len(pack.order_ids) > 1 and state == "ready_to_ship":
        buttons += form("split_pack", hidden("pack_id", pack.id) + button("Split", about=f"pack {pack.id}"))
    return buttons + change


def _other_way(order: Order) -> str:
    """ML may send the parcel another way than it said."""
    ways = options({"self_service": "Flex", "fulfillment": "Full", "cross_docking": "collection"})
    chosen = f'<select name="logistic_type" aria-label="Way of order {order.id}">{ways}</select>'
    return form(
        "logistic_type", hidden("order_id", order.id) + chosen + button("Send this way", about=f"order {order.id}")
    )


def faults(world: World) -> str:
    kinds = options({kind: f"{kind}: {words}" for kind, words in KINDS.items()})
    adding = form(
        "faults",
        field("What goes wrong", f'<select name="kind">{kinds}</select>')
        + field("For paths matching", '<input name="path" value=".*" size="14">')
        + field("How often (0: until cleared)", '<input type="number" name="times" value="3" min="0">')
        + button("Break it", kind="bad"),
        css="rows",
    )
    rows = [
        [
            e(fault.kind),
            f"<code>{e(fault.path)}</code>",
            "until cleared" if fault.times is None else f"{fault.times} more",
        ]
        for fault in world.faults.active
    ]
    shown = table("Switched on", ["Fault", "Paths", "Left"], rows) if rows else _nothing("Nothing is broken.")
    clear = form("clear_faults", button("Repair everything")) if rows else ""
    return f"<section><h2>Break things</h2>{adding}{shown}{clear}</section>"


def notifications(world: World) -> str:
    mailbox = world.mailbox
    where = f"sent to <code>{e(world.notify_url)}</code>" if world.notify_url else "kept here, there is no address"
    dropping = form(
        "drop",
        field("Lose the next", '<input type="number" name="count" value="5" min="0">') + button("Drop", kind="bad"),
        css="rows",
    )
    disabled = "".join(
        form("enable_topic", hidden("topic", topic) + button("Switch on again", about=topic))
        + f" <span>{e(topic)} is switched off</span>"
        for topic in sorted(mailbox.disabled_topics)
    )
    counts = f"{mailbox.count} made, {len(mailbox.missed)} missed, {mailbox.drop_next} still to be dropped"
    return f"<section><h2>Notifications</h2><p>{e(counts)}; {where}.</p>{dropping}{disabled}</section>"


def connections(world: World) -> str:
    rows = []
    for seller in (one for one in world.sellers.values() if one.parent_id is None):
        connected = seller.user_id in world.consents
        revoke = form(
            "revoke", hidden("nickname", seller.nickname) + button("Revoke", about=seller.nickname, kind="bad")
        )
        expire = form("expire", hidden("nickname", seller.nickname) + button("Expire token", about=seller.nickname))
        rows.append(
            [
                e(seller.nickname),
                "connected" if connected else "not connected",
                (revoke + expire if connected else "") + _activations(seller) or "—",
            ]
        )
    shown = table("Who allowed the application", ["Seller", "State", "Do"], rows) if rows else _nothing("No sellers.")
    more = form("add_global_seller", button("Add a Global Selling seller"))
    return f"<section><h2>Connections</h2>{shown}{more}</section>"


def _activations(seller: Seller) -> str:
    """What ML may switch on in an account overnight."""
    if seller.site_id == "CBT":
        return ""
    same = hidden("nickname", seller.nickname)
    ways = {
        "activate_user_products": ("User products", seller.has_user_products),
        "activate_warehouses": ("Warehouses", seller.has_warehouses),
    }
    return "".join(
        form(action, same + button(f"Activate {words.lower()}", about=seller.nickname))
        for action, (words, done) in ways.items()
        if not done
    )


def requests(world: World) -> str:
    rows = []
    for line in list(world.requests)[: -REQUESTS_SHOWN - 1 : -1]:
        seller = world.sellers.get(line.user_id)
        target = line.path + (f"?{line.query}" if line.query else "")
        fault = f" <span class='tag paused'>{e(line.fault)}</span>" if line.fault else ""
        status = str(line.status) if line.status else "no answer"
        rows.append(
            [
                f"{line.at:%H:%M:%S}",
                f"{e(line.method)} <code>{e(target[:120])}</code>",
                e(seller.nickname if seller else "—"),
                status + fault,
            ]
        )
    shown = table("Newest first", ["At", "Request", "Seller", "Answer"], rows) if rows else _nothing("None yet.")
    return f"<section><h2>API requests</h2>{shown}</section>"
