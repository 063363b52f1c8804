"""`kit,component,quantity`: what kits consist of, from a spreadsheet. Components it does not name stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog import kits
from catalog.models import Product
from catalog.sheets.sheets import CellError, Kind, Line, Plan, planned, whole
from ui.importing import Row

COLUMNS = ("kit", "component")
OPTIONAL = ("quantity",)


@dataclass(frozen=True)
class Present:
    """What the database has of what a sheet names, and which SKUs the sheet makes kits and components."""

    products: Mapping[str, Product]
    parts: Mapping[int, kits.Parts]
    parts_of_kits: set[int]
    kits_in_sheet: set[str]


def plan(rows: Sequence[Row]) -> Plan:
    """What the rows would put in, change and take out. Writes nothing."""
    present = _present(rows)
    return planned(rows, lambda row: _line(row, present), lambda row: (row["kit"], row["component"]))


def apply(plan: Plan, *, by: Any) -> int:
    """Write a clean plan, all of it or nothing. Raises KitRefused. Returns how many components changed."""
    wanted: dict[int, dict[int, int]] = {}
    for line in plan.to_write:
        kit_id, component_id, quantity = line.value
        wanted.setdefault(kit_id, {})[component_id] = quantity
    kits.change(wanted, by=by)
    return len(plan.to_write)


def _present(rows: Sequence[Row]) -> Present:
    skus = {row["kit"] for row in rows} | {row["component"] for row in rows}
    products = {product.sku: product for product in Product.objects.filter(sku__in=skus)}
    ids = [product.pk for product in products.values()]
    used = Product.objects.filter(pk__in=ids, part_of__isnull=False).values_list("pk", flat=True)
    made = {row["kit"] for row in rows if row["quantity"] != "0"}
    return Present(products, kits.compositions(ids), set(used), made)


def _line(row: Row, present: Present) -> Line:
    kit, component = _product(row["kit"], present), _product(row["component"], present)
    quantity = whole(row["quantity"], _("quantity"), default=1)
    if quantity > kits.MAX_QUANTITY:
        raise CellError(_("The quantity of a component is between 1 and %(most)s.") % {"most": kits.MAX_QUANTITY})
    old = present.parts.get(kit.pk, {}).get(component.pk, 0)
    if quantity:
        _check(kit, component, present)
    kind = Kind.SAME if old == quantity else Kind.CHANGED if old else Kind.NEW
    before, after = (f"{component.sku} × {many}" if many else "" for many in (old, quantity))
    return Line(row.number, kind, kit.sku, before, after, (kit.pk, component.pk, quantity))


def _product(sku: str, present: Present) -> Product:
    if sku not in present.products:
        raise CellError(_("There is no product with the SKU %(sku)s.") % {"sku": sku[:100] or "–"})
    return present.products[sku]


def _check(kit: Product, component: Product, present: Present) -> None:
    if kit.pk == component.pk:
        raise CellError(_("A kit cannot be a component of itself."))
    if component.pk in present.parts or component.sku in present.kits_in_sheet:
        raise CellError(_("%(sku)s is a kit itself: add its components one by one.") % {"sku": component.sku})
    if kit.pk in present.parts_of_kits:
        raise CellError(_("%(sku)s is a component of another kit: it cannot be a kit too.") % {"sku": kit.sku})
