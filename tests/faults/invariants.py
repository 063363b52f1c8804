"""What must hold when it is quiet again, whatever happened before. A check yields sentences; none means it holds.

The truth about the marketplace is asked of the sandbox's control API, the truth about us of the database. What is
wanted is reckoned here once more, in a plainer way than the product does it, wherever that is possible.

    books        levels are the sum of their movements, chains have no gaps; documents and ledger say the same
    orders       none lost, none invented, none old; each line holds or took what its sale says, no more, no less
    listings     Mercado Libre shows what is wanted, and the lamps say so; no variation was deleted by us
    prices       Mercado Libre has the price that is wanted; no price below a floor was ever sent
    tokens       the pair we keep is the last one issued; none was presented more than twice
    work         nothing waits, runs or failed; jobs are over; no try is said to be under way
    arrivals     every 200 given to Mercado Libre is a row
    privacy      no call carried one seller's token for what is another's
    leftovers    no transaction left open, no lock held, nothing on the spool
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, Sum

from catalog.kits import compositions
from catalog.models import Listing, PriceTarget, ProductPrice, Variation
from inventory import ledger
from inventory.intents import Intent, intents_of, linked
from inventory.models import Publication, Receipt, StockCount, StockLevel, StockMovement, TransferLine
from inventory.stock_targets import Dialect
from orders.models import Order, OrderLine
from sandbox.ids import fingerprint
from sellers import grants
from sellers.models import Grant, Job, Notification, PushAttempt, RefreshAttempt, SellerAccount, Work
from tests.bench.market import Market

EVERYTHING = 1_000_000
SECONDS = len("2026-11-22T10:30:00")  # ML tells times of orders to the second
LEFT_THE_HOUSE = {"shipped", "delivered", "not_delivered"}
CALLED_OFF = {"cancelled", "invalid"}
UNPAID = {"payment_required", "payment_in_process", "partially_paid"}


@dataclass
class Look:
    """Both sides, as they are now. `dead`: work that was meant to fail, as (kind, key); `reconnects`: how many sellers
    have to connect again because an answer was lost on its way; `answered`: how many notifications were told 200.
    `at_rest`: nobody works any more, so that nothing waits, is held or is under way."""

    made: Market
    at_rest: bool = True
    dead: Collection[tuple[str, str]] = ()
    reconnects: int = 0
    answered: int = 0

    @cached_property
    def accounts(self) -> dict[int, SellerAccount]:
        """By every number they have at Mercado Libre."""
        found = SellerAccount.objects.exclude(status="disconnected")
        return {number: account for account in found for number in account.user_ids}

    @cached_property
    def items(self) -> dict[str, dict[str, Any]]:
        return {one["id"]: one for one in self.made.look("items", limit=EVERYTHING)["items"]}

    @cached_property
    def orders(self) -> dict[int, dict[str, Any]]:
        found = self.made.look("orders", limit=EVERYTHING)["orders"]
        return {one["id"]: one for one in found if one["seller_id"] in self.accounts}

    @cached_property
    def requests(self) -> list[dict[str, Any]]:
        return list(self.made.look("requests", limit=EVERYTHING)["requests"])

    @cached_property
    def counters(self) -> dict[str, int]:
        return dict(self.made.look("state")["counters"])


def broken(made: Market, **expected: Any) -> list[str]:
    """Everything that does not hold, in words. `expected` is of `Look`."""
    look = Look(made, **expected)
    checks = CHECKS if look.at_rest else [check for check in CHECKS if check not in ONLY_AT_REST]
    return [f"{check.__name__}: {sentence}" for check in checks for sentence in check(look)]


# --- books ------------------------------------------------------------------------------------------------------------


def books_add_up(look: Look) -> Iterator[str]:
    yield from (str(mismatch) for mismatch in ledger.verify())
    sums = StockMovement.objects.values("level").annotate(on_hand=Sum("on_hand_delta"), reserved=Sum("reserved_delta"))
    moved = {row["level"]: (row["on_hand"], row["reserved"]) for row in sums}
    for level in StockLevel.objects.all():
        if moved.get(level.pk, (0, 0)) != (level.on_hand, level.reserved):
            yield f"level {level.pk} is {level.on_hand}/{level.reserved}, its movements make {moved.get(level.pk)}"


def documents_are_booked(look: Look) -> Iterator[str]:
    """Receipts, transfers and counts: what they say is in the ledger, once."""
    for receipt in Receipt.objects.all():
        booked = StockMovement.objects.filter(operation=f"receipt:{receipt.pk}").aggregate(n=Sum("on_hand_delta"))["n"]
        if (booked or 0) != receipt.units:
            yield f"receipt {receipt.pk} of {receipt.units} units booked {booked}"
    on_the_way = TransferLine.objects.aggregate(n=Sum(F("sent") - F("received") - F("missing")))["n"] or 0
    in_transit = StockLevel.objects.filter(warehouse__kind="transit").aggregate(n=Sum("on_hand"))["n"] or 0
    if on_the_way != in_transit:
        yield f"{on_the_way} units are on their way, the warehouse of the way holds {in_transit}"
    for count in StockCount.objects.all():
        booked = StockMovement.objects.filter(operation=f"count:{count.pk}").exists()
        if booked != (count.state == "approved"):
            yield f"count {count.pk} is {count.state}, booked: {booked}"


# --- orders -----------------------------------------------------------------------------------------------------------


def no_order_is_lost_or_invented(look: Look) -> Iterator[str]:
    ours = set(Order.objects.values_list("order_id", flat=True))
    if lost := look.orders.keys() - ours:
        yield f"{len(lost)} orders lost: {sorted(lost)[:3]}"
    if invented := ours - look.orders.keys():
        yield f"{len(invented)} orders invented: {sorted(invented)[:3]}"


def orders_are_as_they_are_there(look: Look) -> Iterator[str]:
    for order in Order.objects.prefetch_related("lines", "shipment"):
        there = look.orders.get(order.pk)
        if there is None:
            continue
        sold = sum(line.quantity for line in order.lines.all())
        if (order.status, sold) != (there["status"], there["quantity"]):
            yield f"order {order.pk} is {order.status} of {sold}, there {there['status']} of {there['quantity']}"
        if order.ml_last_updated.isoformat()[:SECONDS] < there["last_updated"][:SECONDS]:
            yield f"order {order.pk} is of {order.ml_last_updated}, there of {there['last_updated']}"
        if order.shipment and order.shipment.status != there["shipment_status"]:
            yield f"the parcel of order {order.pk} is {order.shipment.status}, there {there['shipment_status']}"


def each_line_holds_what_its_sale_says(look: Look) -> Iterator[str]:
    lines = list(OrderLine.objects.filter(product__isnull=False).select_related("order"))
    kits = compositions(line.product_id for line in lines if line.product_id)
    held = ledger.demands_of(line.owner for line in lines)
    for line in lines:
        if line.order_id not in look.orders or line.order.stock_reason == "before_count":
            continue
        of_one = sum(kits.get(line.product_id or 0, {0: 1}).values())
        wanted = should_hold(look.orders[line.order_id], line.quantity * (line.units or 1) * of_one)
        demands = held.get(line.owner, {}).values()
        holds = sum(one.reserved for one in demands), sum(one.shipped for one in demands)
        if holds != wanted:
            yield f"{line.owner} holds and took {holds}, its sale says {wanted}"


def should_hold(order: dict[str, Any], units: int) -> tuple[int, int]:
    """(reserved, shipped) of a sale that is served from our own shelves."""
    if order["logistic_type"] == "fulfillment":
        return 0, 0
    if order["shipment_status"] in LEFT_THE_HOUSE:
        return 0, units
    return (0, 0) if order["status"] in CALLED_OFF | UNPAID else (units, 0)


# --- listings ---------------------------------------------------------------------------------------------------------


def listings_show_what_is_wanted(look: Look) -> Iterator[str]:
    for intent in intents_of(linked()):
        if not intent.is_written or not intent.account.may_write or intent.choice.dialect == Dialect.SELLING_ADDRESS:
            continue
        item_id = intent.variation.listing.item_id
        shows = quantity_there(look.items.get(item_id), intent.variation.variation_id)
        if shows is not None and shows != intent.quantity:
            yield f"{item_id}/{intent.variation.variation_id} shows {shows}, {intent.quantity} are wanted"
        yield from lamps_of(intent)


def lamps_of(intent: Intent) -> Iterator[str]:
    lamps = intent.target
    if lamps is None:
        yield f"{intent.variation.listing.item_id} was never asked for"
    elif (lamps.wanted, lamps.state) != (intent.quantity, "equal"):
        yield f"{intent.variation.listing.item_id}: lamp {lamps.state} of {lamps.wanted}, wanted {intent.quantity}"


def quantity_there(item: dict[str, Any] | None, variation_id: int) -> int | None:
    held = (one for one in (item or {}).get("holdings", ()) if (one["variation_id"] or 0) == variation_id)
    return next((one["available_quantity"] for one in held), None)


def variations_are_the_same(look: Look) -> Iterator[str]:
    ours: dict[str, set[int]] = {}
    units = Variation.objects.filter(gone_at=None, listing__missing_since=None)
    for item_id, number in units.values_list("listing__item_id", "variation_id"):
        ours.setdefault(item_id, set()).add(number)
    for item_id, numbers in ours.items():
        there = {one["variation_id"] or 0 for one in look.items.get(item_id, {}).get("holdings", ())}
        if there and there != numbers:
            yield f"{item_id} has {sorted(there)}, we know {sorted(numbers)}"


def nothing_was_deleted(look: Look) -> Iterator[str]:
    for name in ("variations_deleted", "put_missing_variation"):
        if look.counters.get(name):
            yield f"{name}: {look.counters[name]}"


def a_publication_is_one_listing(look: Look) -> Iterator[str]:
    for publication in Publication.objects.select_related("product", "account"):
        sku, seller = publication.product.sku, publication.account.ml_user_id
        made = [
            one["id"]
            for one in look.items.values()
            if one["seller_id"] == seller and any(held["seller_sku"] == sku for held in one["holdings"])
        ]
        new = set(made) - set(publication.skus_before)
        if publication.state == "published" and new != {publication.item_id}:
            yield f"{sku}: published {publication.item_id}, there are {sorted(new)}"
        if publication.state != "published":
            yield f"{sku}: its publication is {publication.state}, there are {sorted(new)}"


# --- prices -----------------------------------------------------------------------------------------------------------


def prices_are_as_wanted(look: Look) -> Iterator[str]:
    for lamps in PriceTarget.objects.filter(wanted__isnull=False).select_related("listing__account"):
        there = look.items.get(lamps.listing.item_id)
        if there is None or not lamps.listing.account.may_write or there["status"] == "closed":
            continue
        if (lamps.state, Decimal(str(there["price"]))) != ("equal", lamps.wanted):
            yield f"{lamps.listing.item_id} costs {there['price']}, wanted {lamps.wanted}, lamp {lamps.state}"


def no_price_below_its_floor(look: Look) -> Iterator[str]:
    floors = ProductPrice.objects.filter(floor__isnull=False).values_list(
        "product__mappings__variation__listing__item_id", "currency_id", "floor"
    )
    currencies = dict(Listing.objects.values_list("item_id", "currency_id"))
    lowest = {item_id: floor for item_id, currency, floor in floors if currencies.get(item_id) == currency}
    for path, body in writes(look):
        item_id = path.rsplit("/", 1)[-1]
        if "price" in body and item_id in lowest and Decimal(str(body["price"])) < lowest[item_id]:
            yield f"{item_id} was sent {body['price']}, its floor is {lowest[item_id]}"


def stock_and_price_are_never_sent_together(look: Look) -> Iterator[str]:
    """A price that is tried again must not bring an old quantity back."""
    for path, body in writes(look):
        if "price" in body and "available_quantity" in body:
            yield f"PUT {path} carried both"


def writes(look: Look) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in look.requests:
        if line["method"] == "PUT" and isinstance(line["body"], dict):
            yield line["path"], line["body"]


# --- tokens -----------------------------------------------------------------------------------------------------------


def tokens_are_a_chain(look: Look) -> Iterator[str]:
    history = [one for one in look.made.look("tokens")["history"] if one["grant_type"] == "refresh_token"]
    presented = Counter(one["presented"] for one in history)
    if often := [name for name, times in presented.items() if times > 2]:
        yield f"refresh tokens presented more than twice: {often}"
    refused = sum(one["outcome"] != "granted" for one in history)
    if refused > look.reconnects:
        yield f"{refused} refresh tokens were refused, {look.reconnects} were to be"
    last = {one["user_id"]: one["issued"] for one in history if one["issued"]}
    for grant in Grant.objects.filter(state="current").select_related("account"):
        issued = last.get(grant.account.ml_user_id)
        if issued and issued != fingerprint(grants.refresh_token(grant)):
            yield f"seller {grant.account_id}: the pair we keep is not the last one issued"


def sellers_are_connected(look: Look) -> Iterator[str]:
    away = SellerAccount.objects.filter(status="needs_reconnect").count()
    if away != look.reconnects:
        yield f"{away} sellers have to connect again, {look.reconnects} were to"
    if open_ones := RefreshAttempt.objects.filter(outcome="pending").count():
        yield f"{open_ones} refreshes are said to be under way"
    if len(set(chains())) != len(chains()):
        yield "two refreshes of one seller at the same time"


def chains() -> list[tuple[int, int, int]]:
    return list(Grant.objects.values_list("account", "chain", "generation"))


# --- work -------------------------------------------------------------------------------------------------------------


def nothing_failed(look: Look) -> Iterator[str]:
    for row in Work.objects.filter(state="dead"):
        if (row.kind, row.key) not in look.dead:
            yield f"{row.kind} {row.key}: {row.last_error_class} {row.last_error}"


def no_work_is_left(look: Look) -> Iterator[str]:
    for row in Work.objects.filter(state__in=["ready", "leased"]).exclude(account__status="needs_reconnect"):
        yield f"{row.kind} {row.key} is {row.state}: {row.last_error_class} {row.last_error}"
    if unseen := Work.objects.filter(state="idle").exclude(done_seq=F("want_seq")).count():
        yield f"{unseen} rows are done, but not with the last that was wanted"


def jobs_are_over(look: Look) -> Iterator[str]:
    for job in Job.objects.exclude(state="done"):
        yield f"job {job.kind} is {job.state}: {job.message}"


def no_try_is_under_way(look: Look) -> Iterator[str]:
    for attempt in PushAttempt.objects.filter(outcome="pending"):
        yield f"{attempt.kind} {attempt.key} is said to be sent just now"


# --- arrivals, privacy, leftovers -------------------------------------------------------------------------------------


def every_200_is_a_row(look: Look) -> Iterator[str]:
    answered = look.answered or look.counters.get("notifications_accepted", 0)
    rows = Notification.objects.count()
    if rows < answered:
        yield f"{answered} notifications were told 200, {rows} are there"


OWNED = re.compile(r"/(?:marketplace/)?(items|orders|shipments)/([A-Z]{0,3}\d+)(?:/.*)?")


def no_call_for_what_is_anothers(look: Look) -> Iterator[str]:
    parents = {one["user_id"]: one["parent_id"] or one["user_id"] for one in look.made.look("state")["sellers"]}
    parcels = {one["shipment_id"]: one["seller_id"] for one in look.orders.values()}
    for line in look.requests:
        found = OWNED.fullmatch(line["path"])
        if not found or line["status"] not in (200, 201, 206):
            continue
        owner = owner_of(look, parcels, found[1], found[2])
        if owner is not None and parents.get(owner) != parents.get(line["user_id"]):
            yield f"{line['method']} {line['path']} carried the token of {line['user_id']}, it is of {owner}"


def owner_of(look: Look, parcels: dict[int, int], kind: str, key: str) -> int | None:
    match kind:
        case "items":
            found: int | None = look.items.get(key, {}).get("seller_id")
        case "orders":
            found = look.orders.get(int(key), {}).get("seller_id")
        case _:
            found = parcels.get(int(key))
    return found


HELD = """
select (select count(*) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%%'),
       (select count(*) from pg_locks held join pg_database here on here.oid = held.database
         where held.locktype = 'advisory' and here.datname = current_database() and held.pid <> pg_backend_pid()
           and held.objid <> %s)
"""
PUMP = 0x656E6C61  # the one lock that is held for good: there is one pump


def nothing_is_held(look: Look) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(HELD, [PUMP])
        idle, locks = cursor.fetchone()
    if idle:
        yield f"{idle} transactions are open and do nothing"
    if locks:
        yield f"{locks} advisory locks are held"


def the_spool_is_empty(look: Look) -> Iterator[str]:
    spool = Path(settings.DATA_DIR) / "spool"
    if left := [path.name for path in spool.rglob("*") if path.is_file()]:
        yield f"on the spool: {left}"


CHECKS: tuple[Callable[[Look], Iterator[str]], ...] = (
    books_add_up,
    documents_are_booked,
    no_order_is_lost_or_invented,
    orders_are_as_they_are_there,
    each_line_holds_what_its_sale_says,
    listings_show_what_is_wanted,
    variations_are_the_same,
    nothing_was_deleted,
    a_publication_is_one_listing,
    prices_are_as_wanted,
    no_price_below_its_floor,
    stock_and_price_are_never_sent_together,
    tokens_are_a_chain,
    sellers_are_connected,
    nothing_failed,
    no_work_is_left,
    jobs_are_over,
    no_try_is_under_way,
    every_200_is_a_row,
    no_call_for_what_is_anothers,
    nothing_is_held,
    the_spool_is_empty,
)
# While processes run their clock asks for work, and what they do just now is under way.
ONLY_AT_REST = {no_work_is_left, jobs_are_over, no_try_is_under_way, nothing_is_held, the_spool_is_empty}
