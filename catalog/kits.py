"""Kits: products that consist of other products. Every change with who made it, and its effects asked for at once.

A composition that changes bumps "mapping" for each unit that sells the kit: open orders follow, stock is sent.
Locks: those work rows first, then products by id, as whoever works on such a row does.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from catalog.mapping import sku_mapping
from catalog.models import KitComponent, Product, SkuMapping
from sellers.points import point
from sellers.queue import work

MAX_QUANTITY = 10_000
MAX_COMPONENTS = 50
Parts = dict[int, int]  # component's product id -> units in one kit

PARTS = "select kit_id, component_id, quantity from catalog_kitcomponent where kit_id = any(%s) order by component_id"
KEEP_COMPOSITIONS = "select 1 from catalog_product where id = any(%s) order by id for key share"
KITS_WITH = "select distinct kit_id from catalog_kitcomponent where component_id = any(%s)"


class KitRefused(Exception):
    """A composition cannot be so; the message says why and what to do."""


def compositions(product_ids: Iterable[int]) -> dict[int, Parts]:
    """The components of those products that are kits. One query."""
    found: dict[int, Parts] = {}
    with connection.cursor() as cursor:
        cursor.execute(PARTS, [sorted(set(product_ids))])
        for kit_id, component_id, quantity in cursor.fetchall():
            found.setdefault(kit_id, {})[component_id] = quantity
    return found


def kept_compositions(product_ids: Iterable[int]) -> dict[int, Parts]:
    """The same, and none of these products becomes another kit before the caller's transaction ends. Two queries."""
    ids = sorted(set(product_ids))
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(KEEP_COMPOSITIONS, [ids])
    return compositions(ids)


def kits_with(product_ids: Iterable[int]) -> set[int]:
    """The kits that one of these products is a component of. One query."""
    with connection.cursor() as cursor:
        cursor.execute(KITS_WITH, [sorted(set(product_ids))])
        return {kit_id for (kit_id,) in cursor.fetchall()}


def set_component(*, kit: Product, component: Product, quantity: int, by: Any) -> bool:
    """Put a component into a kit, or change how many units of it one kit takes. Raises KitRefused."""
    return bool(change({kit.pk: {component.pk: quantity}}, by=by))


def remove_component(*, kit: Product, component: Product, by: Any) -> bool:
    """Take a component out of a kit. A product without any is no kit any more: it holds stock of its own again."""
    return bool(change({kit.pk: {component.pk: 0}}, by=by))


def change(wanted: Mapping[int, Mapping[int, int]], *, by: Any) -> int:
    """Change the quantities of some components of kits, by product id; 0 takes one out, others stay. See `compose`."""
    return _composed(wanted, whole=False, by=by)


def compose(wanted: Mapping[int, Mapping[int, int]], *, by: Any) -> int:
    """Make the compositions of kits, by product id, what they should be: all of them or none. Returns how many changed.

    Raises KitRefused for a quantity out of range, a kit inside a kit, a product that has stock of its own.
    """
    return _composed(wanted, whole=True, by=by)


def _composed(wanted: Mapping[int, Mapping[int, int]], *, whole: bool, by: Any) -> int:
    try:
        with sku_mapping.recorded(how="kit", by=by):
            changed = _changed(wanted, whole=whole)
            _ask_for_effects(changed)
            point("kits.asked")
            involved = {*changed, *(pk for kit_id in changed for pk in wanted[kit_id])}
            list(Product.objects.select_for_update().filter(pk__in=involved).order_by("pk").values_list("pk"))
            return _write({kit_id: wanted[kit_id] for kit_id in changed}, whole=whole)
    except IntegrityError as error:
        raise KitRefused(_words(error)) from error


def _changed(wanted: Mapping[int, Mapping[int, int]], *, whole: bool) -> dict[int, Parts]:
    """The kits that are to become something else, each with all of its components. A quantity of 0 is none."""
    before = compositions(wanted)
    found = {}
    for kit_id, parts in wanted.items():
        together = dict(parts) if whole else before.get(kit_id, {}) | dict(parts)
        after = {pk: quantity for pk, quantity in together.items() if quantity}
        if after != before.get(kit_id, {}):
            found[kit_id] = after
    return found


def _write(wanted: Mapping[int, Mapping[int, int]], *, whole: bool) -> int:
    """Write what differs by now, under the locks."""
    changed = _changed(wanted, whole=whole)
    for parts in changed.values():
        _check(parts)
    rows = {(row.kit_id, row.component_id): row for row in KitComponent.objects.filter(kit__in=changed)}
    gone = [row.pk for (kit_id, component_id), row in rows.items() if component_id not in changed[kit_id]]
    KitComponent.objects.filter(pk__in=gone).delete()
    KitComponent.objects.bulk_create(
        [
            KitComponent(kit_id=kit_id, component_id=component_id, quantity=quantity)
            for kit_id, parts in changed.items()
            for component_id, quantity in parts.items()
            if (kit_id, component_id) not in rows or rows[kit_id, component_id].quantity != quantity
        ],
        update_conflicts=True,
        unique_fields=["kit", "component"],
        update_fields=["quantity"],
    )
    return len(changed)


def _check(parts: Mapping[int, int]) -> None:
    if len(parts) > MAX_COMPONENTS:
        raise KitRefused(_("A kit has at most %(most)s components.") % {"most": MAX_COMPONENTS})
    if any(not 1 <= quantity <= MAX_QUANTITY for quantity in parts.values()):
        raise KitRefused(_("The quantity of a component is between 1 and %(most)s.") % {"most": MAX_QUANTITY})


def _ask_for_effects(kit_ids: Iterable[int]) -> None:
    links = SkuMapping.objects.filter(product__in=list(kit_ids)).values_list(
        "variation__listing__account_id", "variation_id"
    )
    work.bump_many((account_id, "mapping", str(variation_id)) for account_id, variation_id in links)


def _words(error: IntegrityError) -> str:
    """Why the database refused, in words for staff. Errors it does not know rise."""
    diagnostics: Any = getattr(error.__cause__, "diag", None)
    name, detail = getattr(diagnostics, "constraint_name", ""), getattr(diagnostics, "message_detail", "") or ""
    if name == "kit_not_of_itself":
        return _("A kit cannot be a component of itself.")
    if name == "kit_inside_no_kit":
        return _(
            "%(sku)s would be a kit inside a kit, which cannot be. Add the components of the inner kit one by one."
        ) % {"sku": detail}
    if name == "kit_holds_no_stock":
        on_hand, _blank, reserved = detail.partition(" ")
        sku = (diagnostics.message_primary or "").partition(" has stock of its own")[0]
        return _(
            "%(sku)s has stock of its own: %(on_hand)s on hand, %(reserved)s reserved. A kit has none. Ship or cancel "
            "the orders that hold it and count it to zero in Inventory, then make it a kit."
        ) % {"sku": sku, "on_hand": on_hand, "reserved": reserved}
    raise error
