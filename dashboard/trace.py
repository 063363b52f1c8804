"""The path of one sale, or of one piece of work, from the database's rows: what happened when, with the logs' ids."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.kits import kits_with
from catalog.models import Variation
from inventory.models import StockMovement
from orders import queries
from orders.models import Order
from sellers.models import FailureAction, Notification, PushAttempt, Work
from sellers.wording import work_kind
from ui.stored import told

FOLLOWED_FOR = timedelta(hours=1)  # pushes after a sale; later ones have other causes
MOST = 200  # of each kind of step
BIGINT = 2**63 - 1


@dataclass(frozen=True)
class Step:
    at: datetime
    what: str
    after: timedelta | None = None


class Unknown(Exception):
    """Neither an order, nor a pack, nor a piece of work has this number."""


def path_of(number: int) -> list[Step]:
    """The steps of an order (with those of its pack), or of a work row, in the order they happened."""
    if not 0 <= number <= BIGINT:
        raise Unknown(number)
    found = Order.objects.filter(Q(pk=number) | Q(pack_key=number)).order_by("pk").first()
    if found:
        return in_order(of_sale(queries.pack_of(found)))
    row = Work.objects.filter(pk=number).first()
    if row is None:
        raise Unknown(number)
    if row.kind == "order" and row.key.isdigit() and (sold := Order.objects.filter(pk=int(row.key)).first()):
        return in_order(of_sale(queries.pack_of(sold)))
    return in_order(of_work([row]))


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Sorted, each with the time since the one before."""
    known = sorted(steps, key=lambda step: step.at)
    with_lags = known[:1]
    for before, step in itertools.pairwise(known):
        with_lags.append(Step(step.at, step.what, step.at - before.at))
    return with_lags


def of_sale(pack: Sequence[Order]) -> Iterator[Step]:
    yield from of_orders(pack)
    movements = queries.movements_of(pack)
    pushes = pushes_after(pack, movements)
    yield from of_work(work_of(pack, pushes), pushes)
    for movement in movements:
        names = {"id": movement.pk, "sku": movement.level.product.sku, "kind": movement.get_kind_display()}
        yield Step(movement.created_at, _("ledger: movement %(id)s, %(sku)s: %(kind)s") % names)


def of_orders(pack: Iterable[Order]) -> Iterator[Step]:
    for order in pack:
        told_of = {"id": order.pk, "state": order.get_stock_state_display()}
        yield Step(order.date_created, _("sold at Mercado Libre: order %(id)s") % told_of)
        yield Step(order.first_seen_at, _("read for the first time: order %(id)s") % told_of)
        yield Step(order.fetched_at, _("read for the last time: order %(id)s, stock: %(state)s") % told_of)
        if order.shipment and order.shipment.left_at:
            yield Step(order.shipment.left_at, _("the parcel left: shipment %(id)s") % {"id": order.shipment.pk})


def pushes_after(pack: Iterable[Order], movements: Iterable[StockMovement]) -> list[PushAttempt]:
    """The pushes that followed: of every listing of the products whose stock moved, and of kits with them."""
    products = {movement.level.product_id for movement in movements}
    sold = Variation.objects.filter(mapping__product__in=products | kits_with(products))
    since = min(order.first_seen_at for order in pack)
    following = PushAttempt.objects.filter(
        kind=PushAttempt.Kind.STOCK,
        item_id__in=sold.values("listing__item_id"),
        started_at__range=(since, since + FOLLOWED_FOR),
    )
    return list(following.order_by("id")[:MOST])


def work_of(pack: Sequence[Order], pushes: Iterable[PushAttempt]) -> list[Work]:
    """What was asked for of a sale: its orders, its shipments, the pushes that followed."""
    about = Q(kind="order", key__in=[str(order.pk) for order in pack])
    about |= Q(kind="shipment", key__in=[str(order.shipping_id) for order in pack if order.shipping_id])
    asked = about & Q(account__in={order.account_id for order in pack})
    for account_id, key in {(push.account_id, push.key) for push in pushes}:
        asked |= Q(kind="stock", account=account_id, key=key)
    return list(Work.objects.filter(asked).select_related("account")[:MOST])


def of_work(rows: Sequence[Work], pushes: Iterable[PushAttempt] | None = None) -> Iterator[Step]:
    yield from of_notifications(rows)
    for row in rows:
        names = {"id": row.pk, "kind": work_kind(row.kind), "key": row.key, "state": row.get_state_display()}
        if row.last_done_at:
            yield Step(row.last_done_at, _("work %(id)s done: %(kind)s %(key)s") % names)
        if row.state != Work.State.IDLE:
            yield Step(row.wanted_since, _("work %(id)s wanted: %(kind)s %(key)s (%(state)s)") % names)
        if row.last_error and row.last_error_at:
            failed = _("work %(id)s failed: %(kind)s %(key)s") % names
            yield Step(row.last_error_at, f"{failed}: {told(row.last_error)}")
    yield from of_actions(rows)
    yield from of_pushes(pushes_of(rows) if pushes is None else pushes)


def of_notifications(rows: Iterable[Work]) -> Iterator[Step]:
    of_row = Q()
    for row in rows:
        seller = row.account.ml_user_id if row.account else None
        of_row |= Q(work_kind=row.kind, work_key=row.key, ml_user_id=seller)
    if of_row:
        for one in Notification.objects.filter(of_row).defer("body").order_by("-id")[:MOST]:
            names = {"id": one.pk, "topic": one.topic, "resource": one.resource}
            yield Step(one.received_at, _("notification %(id)s received: %(topic)s %(resource)s") % names)


def of_actions(rows: Iterable[Work]) -> Iterator[Step]:
    for one in FailureAction.objects.filter(work__in=list(rows)).select_related("done_by")[:MOST]:
        names = {"id": one.work_id, "who": one.done_by, "reason": one.reason}
        if one.action == FailureAction.Action.RETRY:
            yield Step(one.done_at, _("work %(id)s tried again by %(who)s") % names)
        else:
            yield Step(one.done_at, _("work %(id)s handled at Mercado Libre by %(who)s: %(reason)s") % names)


def pushes_of(rows: Iterable[Work]) -> list[PushAttempt]:
    of_row = Q()
    for row in rows:
        if row.kind in PushAttempt.Kind.values:
            of_row |= Q(account=row.account_id, kind=row.kind, key=row.key)
    return list(PushAttempt.objects.filter(of_row).order_by("-id")[:MOST]) if of_row else []


def of_pushes(pushes: Iterable[PushAttempt]) -> Iterator[Step]:
    for push in pushes:
        values = ", ".join(f"{row.get('old')} → {row.get('new')}" for row in push.changes or [])
        names = {"id": push.pk, "kind": push.get_kind_display(), "key": push.key, "values": values}
        outcome = f"{push.get_outcome_display()}{': ' + told(push.ml_words) if push.ml_words else ''}"
        begun = _("push attempt %(id)s: %(kind)s of %(key)s %(values)s") % names
        yield Step(push.finished_at or push.started_at, f"{begun} – {outcome}")
