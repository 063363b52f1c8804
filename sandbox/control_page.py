"""What the control page shows."""

from __future__ import annotations

from html import escape as e
from typing import TYPE_CHECKING

from sandbox.answers import Answer
from sandbox.control_panels import connections, faults, notifications, recent_orders, requests
from sandbox.markup import button, field, form, hidden, number, options, page
from sandbox.state import Holding, Item, Variation

if TYPE_CHECKING:
    from sandbox.world import World

PER_PAGE = 20
TITLE = "Mercado Libre sandbox"


def show(world: World, query: dict[str, str]) -> Answer:
    body = (
        f"<header><h1>{TITLE}</h1><p>A simulated marketplace. What you do here, Mercado Libre does.</p></header>"
        f'<main class="wide"><div class="column">{_told(query)}{_listings(world, query)}</div>'
        f'<div class="column">{recent_orders(world)}{faults(world)}{notifications(world)}'
        f"{connections(world)}{requests(world)}</div></main>"
    )
    return page(TITLE, body)


def _told(query: dict[str, str]) -> str:
    if query.get("problem"):
        return f'<div class="card problem" role="alert">{e(query["problem"])}</div>'
    return f'<div class="card notice" role="status">Done: {e(query["done"])}.</div>' if query.get("done") else ""


def _find(world: World, query: dict[str, str]) -> list[Item]:
    words, nickname = query.get("q", "").lower().split(), query.get("seller", "")
    return [
        item
        for item in world.items.values()
        if nickname in ("", world.sellers[item.seller_id].nickname) and all(word in _searchable(item) for word in words)
    ]


def _searchable(item: Item) -> str:
    skus = [holding.seller_sku or "" for holding in (item.own, *item.variations)]
    return " ".join([item.id, item.title, item.status, *skus]).lower()


def _listings(world: World, query: dict[str, str]) -> str:
    found = _find(world, query)
    number_of_page = int(query["page"]) if query.get("page", "").isascii() and query.get("page", "").isdigit() else 0
    start = number_of_page * PER_PAGE
    shown = found[start : start + PER_PAGE]
    back = "".join(hidden(f"back_{name}", query[name]) for name in ("q", "seller", "page") if query.get(name))
    rows = "".join(_listing(world, item, back) for item in shown) or '<li class="soft">No listing matches.</li>'
    counted = f"{start + 1 if shown else 0}–{start + len(shown)} of {len(found)}"
    cart_button = button("Sell the ticked ones as one pack")
    cart = f'<form id="cart" method="post" action="/do/sell_pack">{back}{cart_button}</form>'
    turn = _turn(query, number_of_page, len(found))
    return (
        f"<section><h2>Listings</h2>{_search(world, query)}"
        f'<p class="soft">{counted}</p>{cart}<ul class="plain">{rows}</ul>{turn}</section>'
    )


def _search(world: World, query: dict[str, str]) -> str:
    sellers = {"": "All sellers"} | {seller.nickname: seller.nickname for seller in world.sellers.values()}
    words = f'<input type="search" name="q" value="{e(query.get("q", ""))}">'
    chosen = f'<select name="seller">{options(sellers, query.get("seller", ""))}</select>'
    return (
        f'<form class="rows" method="get" action="/">{field("Title, id, SKU or status", words)}'
        f'{field("Seller", chosen)}<button class="main">Search</button></form>'
    )


def _turn(query: dict[str, str], current: int, total: int) -> str:
    links = []
    if current > 0:
        links.append(_link(query, current - 1, "Previous"))
    if (current + 1) * PER_PAGE < total:
        links.append(_link(query, current + 1, "Next"))
    return f'<nav aria-label="Pages of listings"><p>{" · ".join(links)}</p></nav>' if links else ""


def _link(query: dict[str, str], to: int, words: str) -> str:
    kept = "".join(hidden(name, query[name]) for name in ("q", "seller") if query.get(name))
    return f'<form class="inline" method="get" action="/">{kept}{hidden("page", to)}{button(words)}</form>'


def _listing(world: World, item: Item, back: str) -> str:
    seller = world.sellers[item.seller_id]
    state = ": ".join([item.status, *(sub.removeprefix("paused_") for sub in item.sub_status)]).replace("_", " ")
    marks = "".join(f' <span class="tag">{e(tag)}</span>' for tag in _marks(item))
    holdings = "".join(_holding(item, holding, back) for holding in item.holdings)
    return (
        f'<li class="listing"><h3>{e(item.title)}</h3>'
        f'<p class="soft"><code>{e(item.id)}</code> · {e(seller.nickname)} · {item.price} {e(item.currency_id)} '
        f'<span class="tag {e(item.status)}">{e(state)}</span>{marks}</p>{holdings}{_states(item, back)}</li>'
    )


def _marks(item: Item) -> list[str]:
    full = ["Full"] if item.logistic_type == "fulfillment" else []
    special = ["kit"] if "bundle" in item.tags else []
    special += ["Global Selling"] if item.site_id == "CBT" or item.cbt_item_id else []
    automated = ["price automation"] if "dynamic_standard_price" in item.tags else []
    return [*full, *special, *automated, *(["promotion"] if item.promotion else [])]


def _holding(item: Item, holding: Holding, back: str) -> str:
    variation_id = holding.id if isinstance(holding, Variation) else ""
    words = " ".join(holding.combination.values()) if isinstance(holding, Variation) else ""
    about = f"{item.title} {words}".strip()
    same = hidden("item_id", item.id) + hidden("variation_id", variation_id) + back
    line = f"{item.id}:{variation_id}"
    what = f"{words} · SKU {holding.seller_sku or 'none'} · {holding.available_quantity} for sale".removeprefix(" · ")
    label = f"Add {about} to the pack"
    tick = f'<input type="checkbox" form="cart" name="line" value="{e(line)}" aria-label="{e(label)}">'
    sell = form("sell", same + number("quantity", 1, f"Units to sell of {about}", 1) + button("Sell", about=about))
    edit = form(
        "stock",
        same + number("quantity", holding.available_quantity, f"Stock of {about}") + button("Set stock", about=about),
    )
    full = holding.inventory_id is not None
    return f'<div class="holding">{tick}<span class="what">{e(what)}</span>{sell}{"" if full else edit}</div>'


def _states(item: Item, back: str) -> str:
    """What the seller, or ML's moderation, may do with the listing."""
    ways = {"active": "Activate", "paused": "Pause", "under_review": "Put under review", "closed": "Close"}
    same = hidden("item_id", item.id) + back
    if item.status == "closed":
        return form("relist", same + button("Relist", about=item.title))
    forms = "".join(
        form("status", same + hidden("status", status) + button(words, about=item.title))
        for status, words in ways.items()
        if status != item.status
    )
    if item.variations and item.cbt_item_id is None and item.site_id != "CBT":
        forms += form("migrate", same + button("Migrate to user products", about=item.title))
    return f"<details><summary>More</summary><p>{forms}</p></details>"
