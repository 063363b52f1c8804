"""One order, or one shipment, fetched and taken in: the code path of notifications, polls, missed feeds and staff."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from mercadolibre import errors
from mercadolibre.client import Client
from mercadolibre.resources import orders as wire
from mercadolibre.resources.shipments import Shipment as WireShipment
from orders.imports.fetching import Batch, Fetched, fetch_one, together
from orders.imports.incoming import StaleAnswer, check_whole, is_stale, save_orders, save_shipments, unimported
from orders.models import Order, Shipment
from orders.stock import settle
from sellers import clock, marketplaces
from sellers.models import Notification, SellerAccount
from sellers.points import point
from sellers.queue import work
from sellers.queue.outcomes import TryLater
from ui import tracing

logger = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(seconds=30)
GIVE_UP_ON_STALE = timedelta(minutes=15)
PARCEL_IS_LATE = timedelta(days=1)  # after that the poll's window has shown it, or there is none
NEWS_IS_NEWER = timedelta(seconds=5)
NO_PARCEL_YET = (errors.NotFound, errors.Forbidden, errors.WrongResource, errors.ServerError, errors.TransportError)

FetchedBefore = Mapping[int, datetime]  # by order or shipment id


# --- orders -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sale:
    """An order as ML shows it, with its shipment."""

    order: wire.Order
    parcel: WireShipment | None


def import_orders(claims: list[work.Claim]) -> None:
    """Fetch many orders and make stock follow. One answered with an older state is left to `import_order`."""
    together(claims, fetch_order, write_orders)


def write_orders(account: SellerAccount, batch: Batch[Sale]) -> None:
    current = without_stale(batch)
    ask_for_more(account, [one.found for one in current])
    with work.completing_many([one.claim for one in current]) as held:
        take_in_orders(account, [one for one in current if one.claim in held])


def import_order(claim: work.Claim) -> None:
    """Fetch an order and its shipment, and make lines, payments and stock follow.

    Raises what the client raises, WrongResource for an order of another seller, TryLater while ML answers with
    something older than what is stored.
    """
    account = claim.account
    fetched = fetch_one(claim, account, fetch_order)
    ask_for_more(account, [fetched.found])
    with work.completing(claim):
        try:
            take_in_orders(account, [fetched])
        except StaleAnswer:
            refuse_stale(claim)
            settle(list(Order.objects.select_for_update().filter(pk=fetched.found.order.id)))


def fetch_order(client: Client, account: SellerAccount, claim: work.Claim) -> Sale:
    fetched = client.order(claim.key)
    check_seller(client, fetched.seller_id, account, f"order {fetched.id}")
    check_whole(fetched)
    return Sale(fetched, fetch_parcel(client, fetched))


def without_stale(batch: Batch[Sale]) -> list[Fetched[Sale]]:
    """Those that are no older than what is stored, as far as can be seen without a lock."""
    stored = Order.objects.only("pk", "status", "ml_last_updated").in_bulk([one.found.order.id for one in batch])
    return [one for one in batch if not is_stale(stored.get(one.found.order.id), one.found.order)]


def ask_for_more(account: SellerAccount, sales: Iterable[Sale]) -> None:
    """Ask for what orders name and we lack: shipments that ML did not show now, listings that were never imported.

    Before they are written, in a transaction of its own: who holds orders and stock waits for no other work.
    """
    sales = list(sales)
    wanted = [
        (account.pk, "shipment", str(sale.order.shipping_id))
        for sale in sales
        if sale.order.shipping_id and sale.parcel is None
    ]
    lines = [line for sale in sales for line in sale.order.lines]
    sold = {line.item_id for line in lines} | {line.stock_item_id for line in lines}
    work.bump_many([*wanted, *((account.pk, "item", item_id) for item_id in unimported(account, sold))])
    point("order.more_asked")


def take_in_orders(account: SellerAccount, batch: Batch[Sale]) -> None:
    """Store orders of one seller, in the caller's transaction. Raises StaleAnswer where one is older than stored."""
    if not batch:
        return
    asked_at = min(one.asked_at for one in batch)
    parcels = [one.found.parcel for one in batch if one.found.parcel]
    sales = [one.found.order for one in batch]
    shipments = save_shipments(account, parcels, asked_at=asked_at)
    before = fetched_before(Order, [sale.id for sale in sales])
    orders = save_orders(account, sales, shipments, asked_at=asked_at)
    point("order.saved")
    settle(orders)
    for one in batch:
        logger.info("order %s taken in", one.found.order.id, extra=tracing.extra(**one.claim.names))
    point("order.settled")
    told = news(account, "order", [order.pk for order in orders], before)
    again = [order for order in orders if wants_second_look(order, before, told)]
    work.bump_many([(account.pk, "order", str(order.pk)) for order in again], delay=LOOK_AGAIN)


def check_seller(client: Client, seller_id: int | None, account: SellerAccount, what: str) -> None:
    """Raises WrongResource for what belongs to another seller: nothing of it may be stored here."""
    if not marketplaces.owns(account, seller_id, client):
        raise errors.WrongResource(f"{what} is of seller {seller_id}, not of {account.ml_user_id}")


def fetch_parcel(client: Client, order: wire.Order) -> WireShipment | None:
    """An order's shipment; None where there is none yet, or ML does not show it: the sale itself must not wait, and a
    refusal is told where the shipment is asked for by itself."""
    if order.shipping_id is None:
        return None
    try:
        return client.shipment(order.shipping_id)
    except errors.PolicyDenied:
        raise
    except NO_PARCEL_YET:
        return None


def refuse_stale(claim: work.Claim) -> None:
    """Raises TryLater while a lagging replica may be the reason; after that what is stored is left as it is."""
    if clock.now() - claim.wanted_since < GIVE_UP_ON_STALE:
        raise TryLater("Mercado Libre answered with an older state of the order.", LOOK_AGAIN)


def wants_second_look(order: Order, before: FetchedBefore, told: Mapping[int, datetime]) -> bool:
    """Whether to fetch once more soon: the parcel is still to come, or the news was newer than the answer.

    Only once for each reason; what is still missing after that is found by the poll.
    """
    return (order.pk not in before and lacks_parcel(order)) or is_newer(told.get(order.pk), order.ml_last_updated)


def lacks_parcel(order: Order) -> bool:
    """A paid order shows its shipment only some time after the sale, unless there will be none."""
    young = timezone.now() - order.date_created < PARCEL_IS_LATE
    return order.status == "paid" and order.shipping_id is None and "no_shipping" not in order.tags and young


# --- what was told of them --------------------------------------------------------------------------------------------


def fetched_before(model: type[Order | Shipment], ids: Iterable[int]) -> dict[int, datetime]:
    return dict(model.objects.filter(pk__in=list(ids)).values_list("pk", "fetched_at"))


def news(account: SellerAccount, kind: str, ids: Iterable[int], before: FetchedBefore) -> dict[int, datetime]:
    """When the newest notification that nobody looked into yet was sent, by order or shipment id.

    Notifications arrive in any order: the newest is the one sent last, not the one that came last.
    """
    told = Notification.objects.filter(
        work_kind=kind, work_key__in=[str(one) for one in ids], ml_user_id=account.ml_user_id, sent_at__isnull=False
    )
    newest: dict[int, datetime] = {}
    for key, sent_at, received_at in told.order_by("sent_at").values_list("work_key", "sent_at", "received_at"):
        looked_at = before.get(int(key))
        if sent_at is not None and (looked_at is None or received_at > looked_at):
            newest[int(key)] = sent_at
    return newest


def is_newer(sent_at: datetime | None, last_updated: datetime | None) -> bool:
    """Whether news was sent after the state that ML answered with."""
    return sent_at is not None and last_updated is not None and sent_at > last_updated + NEWS_IS_NEWER


# --- shipments --------------------------------------------------------------------------------------------------------


def import_shipments(claims: list[work.Claim]) -> None:
    """Fetch many shipments and judge their orders again."""
    together(claims, fetch_shipment, write_shipments)


def write_shipments(account: SellerAccount, batch: Batch[WireShipment]) -> None:
    ask_for_orders(account, [one.found for one in batch])
    with work.completing_many([one.claim for one in batch]) as held:
        take_in_shipments(account, [one for one in batch if one.claim in held])


def import_shipment(claim: work.Claim) -> None:
    """Fetch a shipment and judge its orders again. One whose order is not known asks for the order."""
    account = claim.account
    fetched = fetch_one(claim, account, fetch_shipment)
    ask_for_orders(account, [fetched.found])
    with work.completing(claim):
        take_in_shipments(account, [fetched])


def fetch_shipment(client: Client, account: SellerAccount, claim: work.Claim) -> WireShipment:
    fetched = client.shipment(claim.key)
    if fetched.direction == "forward" and fetched.sender_id is not None:
        check_seller(client, fetched.sender_id, account, f"shipment {fetched.id}")
    return fetched


def ask_for_orders(account: SellerAccount, fetched: Iterable[WireShipment]) -> None:
    """Ask for the orders of shipments that no order of ours names; before, as `ask_for_more` does."""
    fetched = list(fetched)
    named = Order.objects.filter(account=account, shipping_id__in=[one.id for one in fetched])
    known = set(named.values_list("shipping_id", flat=True))
    work.bump_many([order_wanted(account, one) for one in fetched if one.id not in known])


def take_in_shipments(account: SellerAccount, batch: Batch[WireShipment]) -> None:
    """Store shipments of one seller, in the caller's transaction."""
    if not batch:
        return
    fetched = [one.found for one in batch]
    ids = [one.id for one in fetched]
    before = fetched_before(Shipment, ids)
    shipments = save_shipments(account, fetched, asked_at=min(one.asked_at for one in batch))
    point("shipment.saved")
    settle(orders_of(account, shipments))
    told = news(account, "shipment", ids, before)
    again = [one for one in fetched if is_newer(told.get(one.id), one.last_updated)]
    work.bump_many([(account.pk, "shipment", str(one.id)) for one in again], delay=LOOK_AGAIN)


def orders_of(account: SellerAccount, shipments: Mapping[int, Shipment]) -> list[Order]:
    """The orders that leave in shipments, locked by id, each with its shipment."""
    found = Order.objects.filter(account=account, shipping_id__in=shipments)
    orders = list(found.select_for_update().order_by("pk"))
    unlinked = [order.pk for order in orders if order.shipment_id != order.shipping_id]
    if unlinked:
        Order.objects.filter(pk__in=unlinked).update(shipment=F("shipping_id"))
    for order in orders:
        order.shipment = shipments[order.shipping_id or 0]
    return orders


def order_wanted(account: SellerAccount, fetched: WireShipment) -> tuple[int, str, str]:
    """The order a shipment names; the new format names none, and there the search finds what changed."""
    if fetched.order_id is not None:
        return account.pk, "order", str(fetched.order_id)
    return account.pk, "order_poll", ""
