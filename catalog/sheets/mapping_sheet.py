"""`item_id,variation_id,sku,units`: links from a spreadsheet, planned at once and applied as a job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.mapping import sku_mapping
from catalog.mapping.sku_mapping import Link
from catalog.models import Product, SkuMapping, Upload, Variation
from catalog.sheets.sheets import CellError, Line, Plan, Problem, kind_of, planned, whole
from sellers.models import Job
from sellers.points import point
from sellers.queue import jobs, work
from ui.importing import Row
from ui.stored import stored

COLUMNS = ("item_id", "sku")
OPTIONAL = ("variation_id", "units")
BATCH = 200
KEPT_FOR = timedelta(days=1)
ERRORS_KEPT = 200

Units = Mapping[tuple[str, int], Variation]


@dataclass(frozen=True)
class Present:
    """What the database has of what a sheet names."""

    units: Units
    products: Mapping[str, Product]
    links: Mapping[int, SkuMapping]


def plan(rows: Sequence[Row], *, named: dict[object, int] | None = None) -> Plan:
    """What the rows would link and move. Writes nothing. `named`: see `planned`."""
    present = _present(rows)
    return planned(rows, lambda row: _line(row, present), _key, named)


def apply(plan: Plan, *, by: Any) -> int:
    """Write a plan's links, all of them or none. Raises MappingRefused. Returns how many changed."""
    return sku_mapping.link_many([line.value for line in plan.to_write], by=by)


def keep(name: str, rows: Sequence[Row], *, by: Any) -> Upload:
    """Keep a sheet between checking and applying it; those of yesterday are forgotten."""
    Upload.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return Upload.objects.create(name=name[:200], rows=[[row.number, row.values] for row in rows], created_by=by)


def rows_of(upload: Upload) -> list[Row]:
    return [Row(number, values) for number, values in upload.rows]


def start(upload: Upload, *, by: Any) -> Job:
    """Apply a sheet as a job; rows that cannot be taken are left out and counted. Raises Upload.DoesNotExist where
    somebody did so already.
    """
    params = {"rows": upload.rows, "name": upload.name}
    with transaction.atomic():
        Upload.objects.select_for_update().get(pk=upload.pk).delete()
        point("sheet.taken")
        title = stored(gettext_noop("Links from %(name)s"), name=upload.name[:100])
        return jobs.start(kind="mapping_import", title=title, params=params, by=by)


def run_import(job: Job, claim: work.Claim) -> None:
    """Apply the rows of a job from its checkpoint on. Each batch is planned again, against what is there by then."""
    rows = [Row(number, values) for number, values in job.params["rows"]]
    by = job.created_by
    at = job.checkpoint.get("at", 0)
    written, problems = job.checkpoint.get("written", 0), job.checkpoint.get("problems", [])
    named: dict[object, int] = {}
    for row in rows[:at]:
        named.setdefault(_key(row), row.number)
    while at < len(rows):
        batch = rows[at : at + BATCH]
        with transaction.atomic():
            done, found = _apply_batch(batch, named, by)
            point("sheet.batch_linked")
            at, written = at + len(batch), written + done
            problems = [*problems, *({"row": one.row, "reason": one.words} for one in found)]
            saved = {"at": at, "written": written, "problems": problems[:ERRORS_KEPT]}
            errors = job.errors + len(found)
            result = {"linked": written, "problems": saved["problems"]}
            jobs.progress(job, claim, total=len(rows), done=at, errors=errors, checkpoint=saved, result=result)
        point("sheet.batch_written")


def _apply_batch(batch: Sequence[Row], named: dict[object, int], by: Any) -> tuple[int, list[Problem]]:
    found = plan(batch, named=named)
    try:
        return apply(found, by=by), found.problems
    except sku_mapping.MappingRefused:
        return _one_by_one(found, by)


def _one_by_one(found: Plan, by: Any) -> tuple[int, list[Problem]]:
    done, problems = 0, found.problems
    for line in found.to_write:
        try:
            done += sku_mapping.link_many([line.value], by=by)
        except sku_mapping.MappingRefused as refusal:
            problems.append(Problem(line.row, str(refusal)))
    return done, problems


def _key(row: Row) -> tuple[str, str]:
    return row["item_id"].upper(), row["variation_id"] or "0"


def _present(rows: Sequence[Row]) -> Present:
    items = {row["item_id"].upper() for row in rows}
    units = Variation.objects.filter(listing__item_id__in=items).select_related("listing").defer("listing__raw")
    found = {(unit.listing.item_id, unit.variation_id): unit for unit in units}
    products = {product.sku: product for product in Product.objects.filter(sku__in={row["sku"] for row in rows})}
    links = SkuMapping.objects.filter(variation__in=list(found.values())).select_related("product")
    return Present(found, products, {link.variation_id: link for link in links})


def _line(row: Row, present: Present) -> Line:
    number = whole(row["variation_id"], "variation_id", default=0)
    units = whole(row["units"], "units", default=1)
    if not 1 <= units <= sku_mapping.MAX_UNITS:
        raise CellError(_("units must be between 1 and %(most)s.") % {"most": sku_mapping.MAX_UNITS})
    unit = _unit(row["item_id"].upper(), number, present.units)
    product = present.products.get(row["sku"])
    if product is None:
        raise CellError(_('There is no product with the SKU "%(sku)s": import it first.') % {"sku": row["sku"][:100]})
    link = present.links.get(unit.pk)
    old = None if link is None else _words(link.product.sku, link.units)
    new = _words(product.sku, units)
    value = Link(unit.pk, product.pk, units, SkuMapping.Source.FILE)
    return Line(row.number, kind_of(old, new), _name(unit), old or "", new, value)


def _unit(item_id: str, number: int, units: Units) -> Variation:
    unit = units.get((item_id, number))
    if unit is not None and unit.gone_at is None:
        return unit
    numbers = sorted(one for (item, one), found in units.items() if item == item_id and found.gone_at is None)
    if numbers and numbers != [0]:
        some = ", ".join(map(str, numbers[:5]))
        raise CellError(_("%(item)s is sold by variation: name one of %(some)s.") % {"item": item_id, "some": some})
    if numbers:
        raise CellError(_("%(item)s has no variations: leave variation_id empty.") % {"item": item_id})
    raise CellError(_('There is no listing "%(item)s": import the listings first.') % {"item": item_id[:30]})


def _words(sku: str, units: int) -> str:
    return sku if units == 1 else f"{sku} × {units}"


def _name(unit: Variation) -> str:
    return f"{unit.listing.item_id}/{unit.variation_id}" if unit.variation_id else unit.listing.item_id
