"""Why this number? Every quantity and price as the sum it is, in the lines of `partials/why.html`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.models import Listing, ProductPrice, SkuMapping, Variation
from catalog.prices import pricing
from catalog.prices.price_targets import Wish, wishes
from inventory.queries import Reservation
from inventory.rules.stock_rules import Scope
from inventory.targets.kit_shelves import KitShelf
from inventory.targets.why import Why
from inventory.targets.why_steps import Kind as Step
from ui import formatting
from ui.formatting import grouped, money
from ui.stored import told

ORDERS_SHOWN = 10


@dataclass(frozen=True)
class Line:
    """One line of a sum. `total` ends it."""

    label: str | Promise
    value: Any
    sign: str = ""
    note: Any = ""
    url: str = ""
    total: bool = False


@dataclass(frozen=True)
class Explained:
    """A sum and the sentence below it."""

    lines: Sequence[Line]
    told: str | Promise = ""


def quantity(why: Why) -> Explained:
    """From the shelves of the seller's warehouses to what Mercado Libre should show, and what it showed."""
    if why.made_at_ml:
        return Explained((), why.reason)
    if why.product is None:
        return Explained((), _("It is not linked to a SKU, so there is nothing to show at Mercado Libre."))
    there = of_kit(why.kit) if why.kit is not None else [*on_shelves(why), *reserved(why)]
    lines = [*there, *held_back(why), wanted(why), *shown(why), *in_full(why)]
    return Explained(lines, told(why.target.explanation) if why.target and why.target.explanation else why.reason)


def on_shelves(why: Why) -> Iterator[Line]:
    for shelf in why.shelves:
        if shelf.counts:
            store = _("store %(id)s") % {"id": shelf.store_id} if shelf.store_id else ""
            yield Line(
                _("On hand in %(warehouse)s") % {"warehouse": shelf.warehouse}, grouped(shelf.on_hand), "+", store
            )
        elif shelf.on_hand:
            apart = _("this seller does not sell from it")
            yield Line(
                _("On hand in %(warehouse)s") % {"warehouse": shelf.warehouse}, f"({grouped(shelf.on_hand)})", "", apart
            )
    if not any(shelf.counts or shelf.on_hand for shelf in why.shelves):
        yield Line(_("On hand"), "0", "+", _("nothing was received yet"))


def in_full(why: Why) -> Iterator[Line]:
    """What Mercado Libre holds apart from our stock; a link to what happened to it."""
    if why.full is not None:
        held = format_html("{} · {}", _("held by Mercado Libre"), formatting.time(why.full.read_at))
        address = reverse("inventory:full", args=[why.full.inventory_id])
        yield Line(_("In Full"), f"({grouped(why.full.available)})", "", held, address)


def of_kit(shelves: Sequence[KitShelf]) -> Iterator[Line]:
    """The kits that each warehouse is good for, and below it each component and how many kits it makes."""
    for shelf in shelves:
        if not shelf.counts and not any(part.available for part in shelf.parts):
            continue
        label = _("Kits in %(warehouse)s") % {"warehouse": shelf.warehouse}
        limited = _("limited by %(sku)s") % {"sku": shelf.limiting}
        if shelf.counts:
            store = _("store %(id)s") % {"id": shelf.store_id} if shelf.store_id else ""
            yield Line(label, grouped(shelf.kits), "+", f"{limited} · {store}" if store else limited)
        else:
            yield Line(label, f"({grouped(shelf.kits)})", "", _("this seller does not sell from it"))
        for part in shelf.parts:
            address = reverse("inventory:product", args=[part.sku])
            note = _("%(available)s available ÷ %(quantity)s per kit = %(kits)s") % {
                "available": grouped(part.available),
                "quantity": grouped(part.quantity),
                "kits": grouped(part.kits),
            }
            yield Line(part.sku, "", "", note, address)
    if not shelves:
        yield Line(_("Kits"), "0", "+", _("none of its components was received yet"))


def reserved(why: Why) -> Iterator[Line]:
    units = sum(shelf.reserved for shelf in why.shelves if shelf.counts)
    yield Line(_("Reserved for orders"), grouped(units), "−")
    for one in why.reservations[:ORDERS_SHOWN]:
        yield Line(order_label(one), f"({grouped(one.units)})", "", one.warehouse, order_address(one))


def order_label(one: Reservation) -> str:
    return _("Order %(id)s") % {"id": one.order_id} if one.order_id else one.owner


def order_address(one: Reservation) -> str:
    return reverse("orders:order", args=[one.order_id]) if one.order_id.isdigit() else ""


def held_back(why: Why) -> Iterator[Line]:
    """Every rule that took part, so that the numbers add up."""
    for step in why.steps:
        address = reverse("inventory:rules") if step.kind in OF_RULES else ""
        label = BUFFERS[why.buffer_scope] if step.kind is Step.BUFFER else STEPS[step.kind]
        yield Line(label, grouped(step.value), step.sign, step_note(step.kind, why), address)
    if why.last_units and why.last_units.keeps:
        note = _("this listing goes on selling, the product's others show zero")
        yield Line(_("Last units"), "", "", note, reverse("inventory:rules"))


OF_RULES = (Step.BUFFER, Step.LAST_UNITS)
BUFFERS = {
    Scope.SELLER: gettext_lazy("Buffer of the seller"),
    Scope.PRODUCT: gettext_lazy("Buffer of the product"),
    Scope.LISTING: gettext_lazy("Buffer of the listing"),
}
STEPS = {
    Step.AT_LEAST_ZERO: gettext_lazy("Less than zero counts as zero"),
    Step.UNITS: gettext_lazy("Units per sale"),
    Step.NOT_SHOWN: gettext_lazy("Cannot be shown at Mercado Libre"),
    Step.LAST_UNITS: gettext_lazy("Last units, sold by another listing"),
}


def step_note(step: Step, why: Why) -> str:
    if step is Step.UNITS:
        return _("rounded down")
    if step is Step.BUFFER and why.buffer_scope is not Scope.SELLER:
        units = why.variation.listing.account.buffer
        return _("it counts instead of the seller's (%(units)s)") % {"units": units}
    if step is Step.LAST_UNITS and why.last_units and why.last_units.keeper:
        rule, item = why.last_units.rule, why.last_units.keeper.item_id
        told = {
            Scope.SELLER: _("%(units)s or fewer are left, rule of the seller: only %(item)s goes on selling"),
            Scope.PRODUCT: _("%(units)s or fewer are left, rule of the product: only %(item)s goes on selling"),
        }
        return told[rule.scope] % {"units": rule.units, "item": item}
    return ""


def wanted(why: Why) -> Line:
    value = "—" if why.wanted is None else grouped(why.wanted)
    names = {shelf.store_id: shelf.warehouse for shelf in why.kit or why.shelves}
    stores = ", ".join(f"{names.get(store, store)}: {units}" for store, units in why.stores.items())
    return Line(_("Wanted at Mercado Libre"), value, "=", stores, total=True)


def shown(why: Why) -> Iterator[Line]:
    """What became of it: accepted and seen, each with its time."""
    target = why.target
    if target and target.accepted is not None:
        note: list[Any] = [formatting.time(target.accepted_at)]
        if why.last_push and why.last_push.http_status:
            note.append(f"HTTP {why.last_push.http_status}")
        yield Line(_("Accepted by Mercado Libre"), grouped(target.accepted), "", joined(note))
    if target and target.observed is not None:
        yield Line(_("Seen at Mercado Libre"), grouped(target.observed), "", formatting.time(target.observed_at))


def joined(parts: Sequence[Any]) -> Any:
    return parts[0] if len(parts) == 1 else format_html("{} · {}", *parts)


def price(listing: Listing, units: Sequence[Variation]) -> Explained:
    """How the listing's price comes about: its own, or its product's, and the floor below it. Three queries."""
    wish = wishes([listing])[listing.pk]
    if wish.price is None:
        return Explained((), _("Nobody set a price here: Mercado Libre's own stays as it is."))
    total = None if wish.below_floor else wish.price
    lines = [
        *sources(listing, units),
        Line(_("Floor"), money(wish.floor, listing.currency_id), "", _("nothing below it is sent")),
        Line(_("Wanted at Mercado Libre"), money(total, listing.currency_id), "=", total=True),
    ]
    return Explained(lines, price_told(listing, wish))


def sources(listing: Listing, units: Sequence[Variation]) -> Iterable[Line]:
    currency = listing.currency_id
    if listing.own_price is not None:
        return [Line(_("Price of this listing, set by staff"), money(listing.own_price, currency))]
    linked = {unit.mapping.product_id: unit.mapping for unit in units if hasattr(unit, "mapping")}
    rows = ProductPrice.objects.filter(product_id__in=linked, currency_id=currency, price__isnull=False)
    prices = {row.product_id: row for row in rows}
    return [of_product(linked[pk], prices, currency) for pk in linked if pk in prices]


def of_product(mapping: SkuMapping, prices: Mapping[int, ProductPrice], currency: str) -> Line:
    row = prices[mapping.product_id]
    amount = pricing.wanted_price(None, row.price, mapping.units, pricing.decimals_of(currency))
    note = ngettext("%(count)s unit", "%(count)s units", mapping.units) % {"count": mapping.units}
    return Line(_("Price of %(sku)s") % {"sku": mapping.product.sku}, money(amount, currency), "", note)


def price_told(listing: Listing, wish: Wish) -> str | Promise:
    target = getattr(listing, "price_target", None)
    return (told(target.explanation) or target.get_state_display()) if target else ""
