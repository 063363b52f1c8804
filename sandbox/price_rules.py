"""When a price can be written, and when it is refused or quietly dropped."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sandbox.answers import Json, Refusal, bad_request, cause, invalid
from sandbox.sites import PRICE_CEILING, SITES
from sandbox.state import Item

if TYPE_CHECKING:
    from sandbox.world import World

AUTOMATED = "dynamic_standard_price"
LOCKED = "item.price.not_modifiable"
DYNAMIC = "Cannot modify price on items with dynamic pricing"


def drop_ignored_price(item: Item, changes: Json) -> list[Json]:
    """Under a price automation: a price alone is refused; beside other fields it is dropped, with a warning."""
    if AUTOMATED not in item.tags or not _has_price(changes):
        return []
    if _only_price(changes):
        raise bad_request(DYNAMIC, LOCKED)
    changes.pop("price", None)
    for entry in _entries(changes):
        entry.pop("price", None)
    return [
        {
            "department": "items",
            "cause_id": 502,
            "code": LOCKED,
            "message": DYNAMIC,
            "references": ["item.price"],
        }
    ]


def _entries(changes: Json) -> list[Json]:
    entries = changes.get("variations")
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _has_price(changes: Json) -> bool:
    return "price" in changes or any("price" in entry for entry in _entries(changes))


def _only_price(changes: Json) -> bool:
    if set(changes) == {"price"}:
        return True
    return set(changes) == {"variations"} and all(set(entry) <= {"id", "price"} for entry in _entries(changes))


def check_price(world: World, item: Item, price: Any) -> None:
    """Refuses what is no amount of the item's currency, and any price during a promotion."""
    amount = _amount(price)
    if amount < world.price_floor:
        raise _invalid(f"The price must be at least {world.price_floor}")
    if amount >= PRICE_CEILING:
        raise _invalid(f"The price must be below {PRICE_CEILING}")
    decimals = SITES[item.site_id].decimals
    if _places(amount) > decimals:
        raise _invalid(f"The currency {item.currency_id} allows {decimals} decimals")
    if item.promotion is not None and amount != item.price:
        raise bad_request("Cannot modify price on items with an active promotion", LOCKED)


def _amount(price: Any) -> Decimal:
    if isinstance(price, bool) or not isinstance(price, int | Decimal):
        raise _invalid("The price must be a number")
    try:
        amount = Decimal(price)
    except InvalidOperation as problem:
        raise _invalid("The price must be a number") from problem
    if not amount.is_finite():
        raise _invalid("The price must be a number")
    return amount


def _places(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _invalid(message: str) -> Refusal:
    return invalid(cause("item.price.invalid", message, 129, "item.price"))
