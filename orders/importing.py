"""One order, or one shipment, fetched and taken in: the code path of notifications, polls, missed feeds and staff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from mercadolibre import errors
from mercadolibre.client import Client
from mercadolibre.resources import orders as wire
from mercadolibre.resources.shipments import Shipment as WireShipment
from orders.incoming import StaleAnswer, save_order, save_shipment, unimported_items
from orders.models import Order, Shipment
from orders.stock import settle
from sellers import work
from sellers.clients import client_for
from sellers.models import Notification, SellerAccount
from sellers.outcomes import TryLater

LOOK_AGAIN = timedelta(seconds=30)
GIVE_UP_ON_STALE = timedelta(minutes=15)
PARCEL_IS_LATE = timedelta(days=1)  # after that the poll's window has shown it, or there is none
NEWS_IS_NEWER = timedelta(seconds=5)
NO_PARCEL_YET = (errors.NotFound, errors.ServerError, errors.TransportError)


def import_order(claim: work.Claim) -> None:
    """Fetch an order and its shipment, and make lines, payments and stock follow.

    Raises what the client raises, WrongResource for an order of another seller, TryLater while ML answers with
    something older than what is stored.
    """
    account = claim.account
    client = client_for(account)
    fetched = client.order(claim.key)
    check_seller(fetched.seller_id, account, f"order {fetched.id}")
    parcel = fetch_parcel(client, fetched)
    with work.completing(claim):
        shipment = save_shipment(account, parcel) if parcel else None
        known = Order.objects.filter(pk=fetched.id).values_list("fetched_at", flat=True).first()
        try:
            order = save_order(account, fetched, shipment)
        except StaleAnswer:
            refuse_stale(claim)
            order = Order.objects.select_for_update().get(pk=fetched.id)
        settle([order])
        work.bump_many(needed_now(order, parcel))
        if wants_second_look(order, fetched_before=known):
            work.bump(account_id=account.pk, kind="order", key=str(order.pk), delay=LOOK_AGAIN)


def check_seller(seller_id: int | None, account: SellerAccount, what: str) -> None:
    """Raises WrongResource for what belongs to another seller: nothing of it may be stored here."""
    if seller_id != account.ml_user_id:
        raise errors.WrongResource(f"{what} is of seller {seller_id}, not of {account.ml_user_id}")


def fetch_parcel(client: Client, order: wire.Order) -> WireShipment | None:
    """An order's shipment; None where there is none yet, or ML does not show it now: the sale itself must not wait."""
    if order.shipping_id is None:
        return None
    try:
        return client.shipment(order.shipping_id)
    except NO_PARCEL_YET:
        return None


def refuse_stale(claim: work.Claim) -> None:
    """Raises TryLater while a lagging replica may be the reason; after that what is stored is left as it is."""
    if timezone.now() - claim.wanted_since < GIVE_UP_ON_STALE:
        raise TryLater("Mercado Libre answered with an older state of the order.", LOOK_AGAIN)


def needed_now(order: Order, parcel: WireShipment | None) -> Iterator[tuple[int, str, str]]:
    """What else has to be fetched because of an order: its shipment, listings that were never imported."""
    if order.shipping_id and parcel is None:
        yield order.account_id, "shipment", str(order.shipping_id)
    for item_id in unimported_items(order.account, order.lines.all()):
        yield order.account_id, "item", item_id


def wants_second_look(order: Order, *, fetched_before: datetime | None) -> bool:
    """Whether to fetch once more soon: the parcel is still to come, or the news was newer than the answer.

    Only once for each reason; what is still missing after that is found by the poll.
    """
    if fetched_before is None and lacks_parcel(order):
        return True
    return news_is_newer(order.account, "order", order.pk, order.ml_last_updated, fetched_before=fetched_before)


def lacks_parcel(order: Order) -> bool:
    """A paid order shows its shipment only some time after the sale, unless there will be none."""
    young = timezone.now() - order.date_created < PARCEL_IS_LATE
    return order.status == "paid" and order.shipping_id is None and "no_shipping" not in order.tags and young


def news_is_newer(
    account: SellerAccount, kind: str, key: int, last_updated: datetime | None, *, fetched_before: datetime | None
) -> bool:
    """Whether a notification that nobody looked into yet was sent after the state that ML answered with.

    Notifications arrive in any order: the newest is the one sent last, not the one that came last.
    """
    told = Notification.objects.filter(work_kind=kind, work_key=str(key), ml_user_id=account.ml_user_id)
    fresh = told.filter(received_at__gt=fetched_before) if fetched_before else told
    sent_at: datetime | None = fresh.aggregate(newest=Max("sent_at"))["newest"]
    return sent_at is not None and last_updated is not None and sent_at > last_updated + NEWS_IS_NEWER


def import_shipment(claim: work.Claim) -> None:
    """Fetch a shipment and judge its orders again. One whose order is not known asks for the order."""
    account = claim.account
    fetched = client_for(account).shipment(claim.key)
    if fetched.direction == "forward" and fetched.sender_id is not None:
        check_seller(fetched.sender_id, account, f"shipment {fetched.id}")
    with work.completing(claim):
        known = Shipment.objects.filter(pk=fetched.id).values_list("fetched_at", flat=True).first()
        shipment = save_shipment(account, fetched)
        orders = orders_of(account, shipment)
        for order in orders:
            order.shipment = shipment
        Order.objects.filter(pk__in=[order.pk for order in orders]).update(shipment=shipment)
        settle(orders)
        if not orders:
            work.bump_many([order_wanted(account, fetched)])
        if news_is_newer(account, "shipment", fetched.id, fetched.last_updated, fetched_before=known):
            work.bump(account_id=account.pk, kind="shipment", key=str(fetched.id), delay=LOOK_AGAIN)


def orders_of(account: SellerAccount, shipment: Shipment) -> list[Order]:
    """The orders that leave in a shipment, locked by id."""
    found = Order.objects.filter(account=account, shipping_id=shipment.pk)
    return list(found.select_for_update().order_by("pk"))


def order_wanted(account: SellerAccount, fetched: WireShipment) -> tuple[int, str, str]:
    """The order a shipment names; the new format names none, and there the search finds what changed."""
    if fetched.order_id is not None:
        return account.pk, "order", str(fetched.order_id)
    return account.pk, "order_poll", ""
