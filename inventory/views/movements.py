"""What staff does to stock, shown before it is done; and the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.kits import kits_with
from catalog.models import Product
from inventory import forms, ledger, queries
from inventory.documents import direct_counts
from inventory.filters import MovementFilters
from inventory.models import StockCount, StockLevel, StockTarget, Warehouse
from inventory.pushes import stock_push
from inventory.reasons import reason_of
from inventory.tables import MovementTable
from inventory.targets.intents import Intent, intents_of, linked
from ui import htmx
from ui.lists import Empty, KeysetListPage
from ui.permissions import MANAGER, OPERATOR, VIEWER, require_role, role_required

SHOWN = 100  # listings in a preview


@dataclass(frozen=True)
class Kind:
    """A way to move stock: its form and its words."""

    name: str
    form: type[forms.MoveForm]
    title: str | Promise
    button: str | Promise
    role: str = MANAGER  # at once, without anybody's approval


KINDS = {
    kind.name: kind
    for kind in (
        Kind("receive", forms.ReceiveForm, gettext_lazy("Receive stock"), gettext_lazy("Receive"), OPERATOR),
        Kind("count", forms.CountForm, gettext_lazy("Count stock"), gettext_lazy("Set the count")),
        Kind("adjust", forms.AdjustForm, gettext_lazy("Adjust stock"), gettext_lazy("Adjust")),
        Kind("transfer", forms.TransferForm, gettext_lazy("Transfer stock"), gettext_lazy("Transfer")),
    )
}


@dataclass(frozen=True)
class Step:
    """What a movement does to one warehouse."""

    warehouse: Warehouse
    before: int
    after: int
    reserved: int


@dataclass(frozen=True)
class Preview:
    """What would follow: levels before and after, and the listings whose quantity changes."""

    steps: list[Step]
    seq: int
    changes: list[Intent]
    waits: bool = False  # for somebody's approval: nothing changes before


@role_required(OPERATOR)
def move(request: HttpRequest, kind: str) -> HttpResponse:
    """Receive, count, adjust or transfer: the first POST shows what follows, the second one (`confirm`) does it."""
    if kind not in KINDS:
        raise Http404
    chosen = KINDS[kind]
    require_role(request.user, chosen.role)
    initial = {name: request.GET[name] for name in ("sku", "warehouse", "quantity") if name in request.GET}
    form = chosen.form(request.POST or None, initial=initial)
    preview = None
    if request.method == "POST" and form.is_valid():
        if "confirm" in request.POST and (answer := _confirmed(request, chosen, form)):
            return answer
        if not form.errors:
            preview = preview_of(kind, form.cleaned_data, by=request.user)
            form = _with_seq(chosen, form, preview.seq)
    status = 422 if form.errors else 200
    context = {"title": chosen.title, "kind": chosen, "form": form, "preview": preview, "kinds": KINDS.values()}
    return render(request, "inventory/move.html", context, status=status)


def _confirmed(request: HttpRequest, kind: Kind, form: forms.MoveForm) -> HttpResponse | None:
    """Do it; None where the level moved on or the form has to be shown again."""
    product: Product = form.cleaned_data["sku"]
    try:
        done = perform(kind.name, form.cleaned_data, actor=request.user)
    except ledger.StaleLevel as stale:
        told = _("The stock changed meanwhile: %(on_hand)s on hand now, %(reserved)s reserved. Look again and confirm.")
        messages.warning(request, told % {"on_hand": stale.level.on_hand, "reserved": stale.level.reserved})
        return None
    except ledger.InsufficientStock as short:
        units = short.level.available
        told = ngettext("Only %(units)s unit is available there.", "Only %(units)s units are available there.", units)
        form.add_error("quantity", told % {"units": units})
        return None
    if isinstance(done, StockCount):
        messages.success(request, _("Entered. It waits for somebody's approval."))
        return htmx.redirect(request, reverse("inventory:count", args=[done.pk]))
    if done:
        messages.success(request, _("Stock of %(sku)s changed.") % {"sku": product.sku})
    else:
        messages.info(request, _("This was done already: nothing changed the second time."))
    return htmx.redirect(request, reverse("inventory:product", args=[product.sku]))


def _with_seq(kind: Kind, form: forms.MoveForm, seq: int) -> forms.MoveForm:
    """The same form, carrying the level that this preview shows."""
    entered = {name: value for name, value in form.data.items() if name in form.fields}
    again = kind.form(entered | {"seq": str(seq), "operation": str(form.cleaned_data["operation"])})
    again.is_valid()
    return again


def perform(kind: str, entered: dict[str, Any], *, actor: Any) -> StockCount | bool:
    """The ledger's operation for a form, or a count that waits for approval. Raises what the ledger raises."""
    seen: dict[str, Any] = {
        "reason": reason_of(entered.get("cause", ""), entered["reason"]),
        "seen_seq": entered["seq"],
    }
    if kind == "count":
        return direct_counts.count_one(**counted_of(entered), **seen, operation=entered["operation"], by=actor)
    common = seen | {"product": entered["sku"], "operation": f"form:{entered['operation']}", "actor": actor}
    place, quantity = entered["warehouse"], entered["quantity"]
    match kind:
        case "receive":
            return ledger.receive(warehouse=place, quantity=quantity, **common)
        case "adjust":
            return ledger.adjust(warehouse=place, delta=quantity, **common)
    return ledger.transfer(source=place, target=entered["target"], quantity=quantity, **common)


def counted_of(entered: dict[str, Any]) -> dict[str, Any]:
    return {"product": entered["sku"], "warehouse": entered["warehouse"], "counted": entered["quantity"]}


def preview_of(kind: str, entered: dict[str, Any], *, by: Any) -> Preview:
    """What a movement would lead to. Writes nothing."""
    product: Product = entered["sku"]
    levels = {level.warehouse_id: level for level in product.levels.select_related("warehouse")}
    here = levels.get(entered["warehouse"].pk) or StockLevel(product=product, warehouse=entered["warehouse"])
    quantity = entered["quantity"]
    delta = {"count": quantity - here.on_hand, "transfer": -quantity}.get(kind, quantity)
    steps = [_step(here, delta)]
    if kind == "transfer":
        there = levels.get(entered["target"].pk) or StockLevel(product=product, warehouse=entered["target"])
        steps.append(_step(there, quantity))
    moved = {(product.pk, step.warehouse.pk): step.after - step.before for step in steps}
    feeds = linked().filter(mapping__product__in={product.pk, *kits_with([product.pk])})
    intents = intents_of(feeds, moved=moved, limit=SHOWN)
    changes = [one for one in intents if one.is_written and one.quantity != one.last_known]
    return Preview(steps, here.seq, changes, kind == "count" and direct_counts.waits(**counted_of(entered), by=by))


def _step(level: StockLevel, delta: int) -> Step:
    return Step(level.warehouse, level.on_hand, level.on_hand + delta, level.reserved)


class LedgerList(KeysetListPage):
    title = gettext_lazy("Ledger")
    queryset = staticmethod(lambda request: queries.movement_rows())
    table_class = MovementTable
    filterset_class = MovementFilters
    export_name = "ledger"
    export_role = VIEWER
    empty = Empty(
        gettext_lazy("No movements yet"),
        gettext_lazy("Every unit received, counted, reserved by an order or shipped is a line here, for ever."),
        icon="book",
    )


@role_required(OPERATOR)
def overwrite(request: HttpRequest, pk: int) -> HttpResponse:
    """Staff's answer to drift: put our quantity back on Mercado Libre."""
    target = StockTarget.objects.select_related("variation__mapping__product").filter(variation_id=pk).first()
    if request.method != "POST" or target is None:
        raise Http404
    stock_push.overwrite([pk])
    messages.success(request, _("Our quantity is sent to Mercado Libre again."))
    return htmx.redirect(request, reverse("inventory:product", args=[target.variation.mapping.product.sku]))
