"""`sku,name,cost,currency,gtin`: products created and updated from a spreadsheet."""

import re
from collections.abc import Mapping, Sequence, Set
from typing import Any

from django.utils.translation import gettext as _

from catalog.kits import compositions
from catalog.mapping import matching, sku_mapping
from catalog.models import Product
from catalog.sheets.sheets import CellError, Kind, Line, Plan, amount, chunks, kind_of, planned
from mercadolibre.sites import CURRENCY_DECIMALS

COLUMNS = ("sku",)
OPTIONAL = ("name", "cost", "currency", "gtin")
GTIN = re.compile(r"\d{8}|\d{12,14}")
FIELDS = ("name", "cost", "currency_id", "gtin")
SKU_LENGTH, NAME_LENGTH = 100, 250
BATCH = 1_000


def plan(rows: Sequence[Any]) -> Plan:
    """What the rows would create and change. Writes nothing."""
    skus = {row["sku"] for row in rows}
    known = {product.sku: product for product in Product.objects.filter(sku__in=skus)}
    kits = set(compositions(product.pk for product in known.values()))
    return planned(rows, lambda row: _line(row, known, kits), lambda row: row["sku"])


def apply(plan: Plan, *, by: Any) -> int:
    """Write a clean plan, all of it or nothing, and link what the new SKUs name alone. Returns how many changed."""
    products = [line.value for line in plan.to_write]
    with sku_mapping.recorded(how="products from a file", by=by):
        for some in chunks(products, BATCH):
            Product.objects.bulk_create(some, update_conflicts=True, unique_fields=["sku"], update_fields=FIELDS)
        new = [line.name for line in plan.of(Kind.NEW)]
        ids = list(Product.objects.filter(sku__in=new).values_list("pk", flat=True))
        if ids:
            matching.link_exact(product_ids=ids)
    return len(products)


def _line(row: Any, known: Mapping[str, Product], kits: Set[int]) -> Line:
    present = known.get(row["sku"])
    if row["cost"] and present and present.pk in kits and amount(row["cost"], _("cost")) != present.cost:
        raise CellError(_("It is a kit: it costs what its components cost together. Leave its cost empty."))
    product = Product(sku=_sku(row["sku"]))
    product.name = row["name"][:NAME_LENGTH] or (present.name if present else "")
    if not product.name:
        raise CellError(_("The product is new and has no name."))
    product.cost = amount(row["cost"], _("cost")) if row["cost"] else (present.cost if present else None)
    product.currency_id = row["currency"].upper() or (present.currency_id if present else "")
    if product.cost is not None and product.currency_id not in CURRENCY_DECIMALS:
        raise CellError(
            _('The cost needs a currency such as ARS, BRL or MXN, not "%(text)s".') % {"text": product.currency_id[:10]}
        )
    product.gtin = _gtin(row["gtin"]) if row["gtin"] else (present.gtin if present else "")
    old = _values(present) if present else None
    return Line(row.number, kind_of(old, _values(product)), product.sku, old or "", _values(product), product)


def _values(product: Product) -> str:
    cost = "" if product.cost is None else f"{product.cost:.2f} {product.currency_id}"
    return " · ".join(part for part in (product.name, cost, product.gtin) if part)


def _sku(text: str) -> str:
    if not text or len(text) > SKU_LENGTH:
        raise CellError(_("A SKU has 1 to %(most)d characters.") % {"most": SKU_LENGTH})
    return text


def _gtin(text: str) -> str:
    if not GTIN.fullmatch(text):
        raise CellError(_('"%(text)s" is not a GTIN: it has 8, 12, 13 or 14 digits.') % {"text": text[:20]})
    return text
