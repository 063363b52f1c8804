"""What changes further down mean for orders: a seller was connected, a listing was linked to another product."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from catalog.models import Variation
from catalog.prices import price_targets
from inventory.pushes import wants
from orders.models import Order, OrderLine
from orders.stock import links_changed, settle
from sellers.points import point
from sellers.queue import jobs, work
from ui.stored import stored

BATCH = 50
State = Order.StockState
# Orders whose lines may still become another product. What was shipped, released or served from Full stays.
OPEN = [State.UNLINKED, State.RESERVED, State.UNKNOWN, State.NONE]


def connected(claim: work.Claim) -> None:
    """After a connect or reconnect: import the catalog where that never happened, and read what was sold."""
    account = claim.account
    with work.completing(claim):
        if account.catalog_imported_at is None:
            title = stored(gettext_noop("Import the listings of %(seller)s"), seller=account.nickname)
            jobs.start(kind="catalog_import", title=title, account=account)
        work.bump(account_id=account.pk, kind="order_poll", key="")


def mapping_changed(claim: work.Claim) -> None:
    """A sellable unit was linked, linked to something else, or unlinked: apply it to every order that still waits
    or holds stock, then let quantity and price on ML follow."""
    variation = Variation.objects.select_related("listing").filter(pk=int(claim.key)).first()
    if variation is None:
        return
    links_changed(variation.listing.account_id)
    for batch in batches(affected_orders(variation)):
        with transaction.atomic():
            work.extend(claim)  # the fence: nothing is written by a worker that lost its lease
            orders = Order.objects.filter(pk__in=batch).select_related("shipment")
            settle(list(orders.select_for_update(of=["self"]).order_by("pk")))
        point("mapping.settled")
    with work.completing(claim):
        price_targets.want([variation.listing_id])
        wants.want_variations([variation.pk])


def affected_orders(variation: Variation) -> list[int]:
    """Orders with a line that is this unit, or that may be it by one of the ways a line is resolved."""
    same = Q(listing_variation=variation)
    maybe = Q(item_id=variation.listing.item_id) | Q(parent_item_id=variation.listing.item_id)
    if variation.user_product_id:
        maybe |= Q(user_product_id=variation.user_product_id)
    if variation.seller_sku:
        maybe |= Q(seller_sku=variation.seller_sku)
    lines = OrderLine.objects.filter(
        same | (Q(product=None) & maybe),
        order__account=variation.listing.account_id,
        order__stock_state__in=OPEN,
    )
    return sorted(set(lines.values_list("order_id", flat=True)))


def batches(order_ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(order_ids), BATCH):
        yield order_ids[start : start + BATCH]
