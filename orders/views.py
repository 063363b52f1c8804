"""Pages of orders."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orders import queries, wording
from orders.filters import OrderFilters
from orders.models import Order
from orders.tables import HEADINGS, OrderTable, export_row, tone_of
from orders.timeline import Step, step, told
from sellers.queue import work
from sellers.wording import topic
from ui import htmx
from ui.lists import BulkAction, Empty, ListPage, Selection, Tab
from ui.permissions import OPERATOR, VIEWER, role_required

State = Order.StockState
MOST_AT_ONCE = 2000


class OrderList(ListPage):
    title = _("Orders")
    queryset = queries.order_rows
    table_class = OrderTable
    filterset_class = OrderFilters
    export_name = "orders"
    empty = Empty(
        _("No orders yet"),
        _("They come in by themselves once a seller is connected; the last two weeks are read at the beginning."),
        icon="cart",
    )
    tabs = (
        Tab("", _("All")),
        Tab("to_ship", _("To ship")),
        Tab("unlinked", _("Unlinked")),
        Tab("cancelled", _("Cancelled")),
        Tab("unknown", _("Unknown")),
    )
    bulk_actions = (BulkAction("fetch", _("Read again")),)

    def filter_tab(self, queryset: Any, tab: str) -> Any:
        if tab == "to_ship":
            return queries.to_ship(queryset)
        narrowed: dict[str, dict[str, str]] = {
            "unlinked": {"stock_state": State.UNLINKED},
            "cancelled": {"status": "cancelled"},
            "unknown": {"stock_state": State.UNKNOWN},
        }
        return queryset.filter(**narrowed.get(tab, {}))

    def tab_counts(self) -> Mapping[str, int]:
        counts = queries.counts_of_trouble()
        return {"unlinked": counts.get(State.UNLINKED, 0), "unknown": counts.get(State.UNKNOWN, 0)}

    @cached_property
    def filtered(self) -> Any:
        return queries.one_per_pack(super().filtered)

    def paginate(self) -> tuple[Any, Any]:
        table, page = super().paginate()
        queries.attach_packs(row.record for row in page.object_list)
        return table, page

    def export_rows(self) -> Iterator[list[Any]]:
        yield HEADINGS
        rows = super().filtered.prefetch_related(queries.LINES)
        for order in rows.iterator(chunk_size=500):
            for line in order.lines.all():
                yield export_row(order, line)

    def bulk_fetch(self, selection: Selection) -> Any:
        orders = queries.in_packs_of(selection.queryset)
        if orders.count() > MOST_AT_ONCE:
            return gettext("Narrow the list first: at most %(most)s orders are read at once.") % {"most": MOST_AT_ONCE}
        return asked_words(fetch_again(orders.values_list("account_id", "pk")))


def fetch_again(orders: Any) -> int:
    """Ask for orders, (account id, order id) each, before everything that waits."""
    wanted = [(account_id, "order", str(order_id)) for account_id, order_id in orders]
    work.bump_many(wanted, priority=5)
    return len(wanted)


def asked_words(count: int) -> str:
    return ngettext("%(count)s order is read again.", "%(count)s orders are read again.", count) % {"count": count}


@role_required(VIEWER)
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """One pack. The id of a pack leads to its first order."""
    found = Order.objects.filter(pk=order_id).first()
    if found is None:
        first = get_object_or_404(Order.objects.order_by("pk").filter(pack_key=order_id)[:1])
        return redirect("orders:order", first.pk)
    return render(request, "orders/order.html", page_of(found))


@require_POST
@role_required(OPERATOR)
def fetch(request: HttpRequest, order_id: int) -> HttpResponse:
    """Ask for every order of a pack again."""
    found = get_object_or_404(Order, pk=order_id)
    asked = fetch_again(Order.objects.filter(pack_key=found.pack_key).values_list("account_id", "pk"))
    messages.success(request, asked_words(asked))
    return htmx.redirect(request, reverse("orders:order", args=[order_id]))


def page_of(found: Order) -> dict[str, Any]:
    pack = queries.pack_of(found)
    shown = next(order for order in pack if order.pk == found.pk)
    movements = queries.movements_of(pack)
    pushes = queries.pushes_of(pack)
    return {
        "title": gettext("Pack %(id)s") % {"id": found.pack_id}
        if len(pack) > 1
        else gettext("Order %(id)s") % {"id": found.pk},
        "order": shown,
        "pack": [with_words(order) for order in pack],
        "shipments": list({order.shipment.pk: order.shipment for order in pack if order.shipment}.values()),
        "movements": movements,
        "notifications": [(one, topic(one.topic)) for one in queries.notifications_of(pack)],
        "events": told(steps_of(shown, movements, pushes)),
        "raw": json.dumps(shown.raw, indent=2, ensure_ascii=False, sort_keys=True),
    }


def with_words(order: Order) -> dict[str, Any]:
    return {
        "order": order,
        "tone": tone_of(order),
        "cancelled_by": wording.cancelled_by(order.cancel_requested_by or order.cancel_group),
        "was_split": order.cancel_code == "pack_splitted",
    }


def steps_of(order: Order, movements: Sequence[Any], pushes: Sequence[Any]) -> Iterator[Step | None]:
    """Sold, announced, fetched, stock changed, pushed: each with its time."""
    yield step(order.date_created, _("Sold on Mercado Libre"))
    if order.date_closed != order.date_created:
        yield step(order.date_closed, _("Confirmed: Mercado Libre took the units off the listing"))
    yield step(order.announced_at, _("Mercado Libre notified us"))
    first = _("Read by Enlace") if order.announced_at else _("Read without a notification")
    yield step(order.first_seen_at, first, "" if order.announced_at else "warn")
    for movement in movements:
        what = f"{movement.level.product.sku}: {movement.get_kind_display()}"
        yield step(movement.created_at, what, "info")
    for push in pushes:
        tone = "ok" if push.outcome in {"verified", "accepted", "unchanged"} else "bad"
        what = gettext("Stock of %(item)s sent") % {"item": push.item_id or push.key}
        yield step(push.finished_at, f"{what}: {push.get_outcome_display()}", tone)
    if order.shipment is not None:
        yield step(order.shipment.left_at, _("The parcel left"), "ok")
