"""What must hold after every step, reckoned here once more and plainly; what must hold at rest is in tests/faults.

books      levels are the sums of their movements, chains have no gaps; staff's changes are booked once each
orders     none invented; each line holds or took what the stored order says, never twice
listings   no variation deleted; a quantity that is sent was wanted at the time
prices     nothing below the floor is sent, and never with a quantity
tokens     one refresh at a time; no refresh token presented more than twice, none refused
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from catalog.models import SkuMapping
from inventory import ledger
from inventory.models import ListingRule, ProductRule, StockLevel, StockMovement
from orders.models import Order, OrderLine
from sandbox.log import LoggedRequest
from sellers.models import RefreshAttempt, SellerAccount
from tests.faults.invariants import CALLED_OFF, LEFT_THE_HOUSE
from tests.machine.life import Life
from tests.machine.state import FIRST, FLOOR

Unit = tuple[str, int]  # item id, variation id or 0


def broken(life: Life) -> list[str]:
    """Everything about the state that does not hold."""
    return [sentence for check in (books, orders, lines, listings, tokens) for sentence in check(life)]


def books(life: Life) -> Iterator[str]:
    yield from (str(mismatch) for mismatch in ledger.verify())
    by_staff = StockMovement.objects.filter(owner="", level__product=life.mug)
    booked = by_staff.aggregate(units=Sum("on_hand_delta"))["units"] - FIRST
    if booked != life.booked:
        yield f"staff changed {life.booked} units, {booked} are booked"


def orders(life: Life) -> Iterator[str]:
    if invented := set(Order.objects.values_list("pk", flat=True)) - life.world.orders.keys():
        yield f"orders invented: {invented}"


def lines(life: Life) -> Iterator[str]:
    found = list(OrderLine.objects.select_related("order__shipment"))
    held = ledger.demands_of(line.owner for line in found)
    for line in found:
        demands = held.get(line.owner, {}).values()
        holds = sum(one.reserved for one in demands), sum(one.shipped for one in demands)
        if holds not in allowed(line, shipped=holds[1]):
            yield f"{line.owner} ({line.order.status}, {line.order.stock_reason}) holds and took {holds}"


def allowed(line: OrderLine, *, shipped: int) -> list[tuple[int, int]]:
    """(reserved, shipped) that a line may have by what is stored of its order. What was shipped stays shipped."""
    units = line.quantity * (line.units or 1)
    parcel = line.order.shipment.status if line.order.shipment else ""
    if shipped:
        return [(0, units)]
    if line.product_id is None:
        return [(0, 0)]
    if parcel in LEFT_THE_HOUSE:
        return [(0, 0)] if line.order.stock_reason == "before_count" else [(0, units)]
    return [(0, 0)] if line.order.status in CALLED_OFF else [(units, 0)]


def listings(life: Life) -> Iterator[str]:
    for name in ("variations_deleted", "put_missing_variation", "refresh_replays"):
        if life.world.counters[name]:
            yield f"{name}: {life.world.counters[name]}"


def tokens(life: Life) -> Iterator[str]:
    if RefreshAttempt.objects.filter(outcome="pending").count():
        yield "a refresh is said to be under way"
    presented = Counter(one.presented for one in life.world.consents.history if one.grant_type == "refresh_token")
    if any(times > 1 for times in presented.values()):
        yield f"refresh tokens presented again: {presented}"


# --- what is sent -----------------------------------------------------------------------------------------------------


def wanted(life: Life) -> dict[Unit, int]:
    """What each linked unit of the main warehouse's products is to show: all sellers sell all of it.

    What stores promised of a product that lies in none of them is owed by it.
    """
    available: Counter[int] = Counter()
    for level in StockLevel.objects.all():
        available[level.product_id] += level.available
    of_product = dict(ProductRule.objects.values_list("product_id", "buffer"))
    of_listing = dict(ListingRule.objects.values_list("listing_id", "buffer"))
    of_seller = dict(SellerAccount.objects.values_list("pk", "buffer"))
    found: dict[Unit, int] = {}
    for mapping in SkuMapping.objects.select_related("variation__listing"):
        unit, listing = mapping.variation, mapping.variation.listing
        says = (of_listing.get(listing.pk), of_product.get(mapping.product_id), of_seller[listing.account_id])
        buffer = next(one for one in says if one is not None)
        free = max(0, available[mapping.product_id] - buffer)
        found[listing.item_id, unit.variation_id] = free // mapping.units
    return found


def wrongly_sent(life: Life, sent: list[LoggedRequest], wanted_then: dict[Unit, set[int]]) -> Iterator[str]:
    """Of the requests of a step: quantities that nobody wanted at any moment of it, prices that nobody may send."""
    for line in sent:
        if line.method != "PUT" or not line.path.startswith("/items/") or not isinstance(line.body, dict):
            continue
        item_id = line.path.split("/")[2]
        yield from _wrong_price(item_id, line.body)
        if item_id == life.begin.cup_item:
            continue
        for unit, quantity in _quantities(item_id, line.body):
            if quantity not in wanted_then.get(unit, set()):
                yield f"{unit} was sent {quantity}, wanted was {wanted_then.get(unit)}"


def _wrong_price(item_id: str, body: dict[str, Any]) -> Iterator[str]:
    prices = [one["price"] for one in (body, *body.get("variations", ())) if "price" in one]
    if any(Decimal(str(price)) < FLOOR for price in prices):
        yield f"{item_id} was sent {prices}, its floor is {FLOOR}"
    if prices and list(_quantities(item_id, body)):
        yield f"{item_id} was sent prices and quantities together"


def _quantities(item_id: str, body: dict[str, Any]) -> Iterator[tuple[Unit, int]]:
    if "available_quantity" in body:
        yield (item_id, 0), body["available_quantity"]
    for one in body.get("variations", ()):
        if "available_quantity" in one:
            yield (item_id, one["id"]), one["available_quantity"]
