"""Linking sellable units to products: every change with who made it and how, and its effects asked for at once.

A link that changes bumps "mapping" for the unit (orders waiting for it apply, stock is sent) and has the listing's
price computed again, in the same transaction.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from catalog.models import Product, SkuMapping, Variation
from catalog.prices import price_targets
from sellers.points import point
from sellers.queue import work

Source = SkuMapping.Source
MAX_UNITS = 10_000


class MappingRefused(Exception):
    """A link cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Link:
    """What one unit is to be linked to."""

    variation_id: int
    product_id: int
    units: int
    source: str


@contextmanager
def recorded(*, how: str | Promise, by: Any) -> Iterator[None]:
    """One transaction whose history carries who did it and how."""
    user = {"user": by.pk} if by is not None else {}
    with transaction.atomic(), pghistory.context(how=str(how), **user):
        yield


def link(*, variation_ids: Iterable[int], product: Product, units: int = 1, source: str, by: Any) -> int:
    """Link units to a product, moving those that were linked to another. Returns how many changed.

    Raises MappingRefused where the product's floor is above a listing's own price, or `units` is out of range.
    """
    return link_many([Link(pk, product.pk, units, source) for pk in variation_ids], by=by)


def link_many(links: Collection[Link], *, by: Any) -> int:
    """Link many units, each to its product, in one transaction: all of them or none. See `link`."""
    if any(not 1 <= one.units <= MAX_UNITS for one in links):
        raise MappingRefused(_("Units per sale must be between 1 and %(most)s.") % {"most": MAX_UNITS})
    try:
        with recorded(how=_how(links), by=by):
            return _write_links(_changed(links), by)
    except IntegrityError as error:
        raise MappingRefused(refusal_words(error)) from error


def refusal_words(error: IntegrityError) -> str:
    """Why the database refused, in words for staff. Errors it does not know rise."""
    diagnostics: Any = getattr(error.__cause__, "diag", None)
    words = {
        "own_price_not_below_floor": _(
            "The listing's own price is below the floor of this product. Raise the own price first, or lower the floor."
        ),
        "floor_not_above_own_price": _(
            "The floor is above the own price of a linked listing. Raise that price first, or take the own price away."
        ),
    }
    known = words.get(getattr(diagnostics, "constraint_name", None) or "")
    if known is None:
        raise error
    return f"{known} ({diagnostics.message_primary})"


def unlink(*, variation_ids: Iterable[int], by: Any) -> int:
    """Remove links. Returns how many there were."""
    with recorded(how="unlink", by=by):
        linked = list(
            SkuMapping.objects.filter(variation__in=list(variation_ids)).values_list("variation_id", flat=True)
        )
        SkuMapping.objects.filter(variation__in=linked).delete()
        ask_for_effects(linked)
    return len(linked)


def undo(*, variation_id: int, by: Any) -> SkuMapping | None:
    """Go back to the link before the last change, or to none. Undoing twice is doing again. Returns the link now."""
    events = list(links_history().filter(variation_id=variation_id).order_by("-pgh_id")[:2])
    is_linked = SkuMapping.objects.filter(variation=variation_id).exists()
    before = events[0] if events and not is_linked else (events[1] if len(events) > 1 else None)
    if before is None or (is_linked and before.pgh_label == "delete"):
        unlink(variation_ids=[variation_id], by=by)
    else:
        link_many([Link(variation_id, before.product_id, before.units, before.source)], by=by)
    return SkuMapping.objects.select_related("product").filter(variation=variation_id).first()


def set_ignored(*, variation_ids: Iterable[int], ignored: bool, by: Any) -> int:
    """Take unlinked units out of the queue, or put them back. Linked ones stay as they are."""
    with recorded(how="ignore" if ignored else "stop ignoring", by=by):
        waiting = Variation.objects.filter(pk__in=list(variation_ids), mapping__isnull=True, ignored=not ignored)
        return Variation.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(ignored=ignored)


def create_product_and_link(
    *, variation_ids: Iterable[int], sku: str, units: int = 1, by: Any, **fields: Any
) -> Product:
    """Create a product (`fields`: name, cost, …) and link units to it. Raises MappingRefused if the SKU exists."""
    with recorded(how="create product", by=by):
        product, created = Product.objects.get_or_create(sku=sku, defaults=fields)
        if not created:
            raise MappingRefused(_("There is a product with the SKU %(sku)s already: choose it.") % {"sku": sku})
        link(variation_ids=variation_ids, product=product, units=units, source=Source.TYPED, by=by)
    return product


def ask_for_effects(variation_ids: Collection[int]) -> None:
    """Ask for what follows from changed links. Call in the transaction that changes them."""
    if not variation_ids:
        return
    rows = Variation.objects.filter(pk__in=variation_ids).values_list("pk", "listing_id", "listing__account_id")
    found = list(rows)
    work.bump_many((account_id, "mapping", str(pk)) for pk, _listing_id, account_id in found)
    price_targets.want({listing_id for _pk, listing_id, _account_id in found})


def links_history() -> QuerySet[Any]:
    """Every change of every link, as the database noted it."""
    events: Any = SkuMapping.pgh_event_model  # type: ignore[attr-defined]
    found: QuerySet[Any] = events.objects.all()
    return found


def _how(links: Collection[Link]) -> str:
    return ", ".join(sorted({one.source for one in links}))


def _changed(links: Collection[Link]) -> list[Link]:
    """The links that are not so already. Locks the units, in one order. Raises MappingRefused."""
    ids = [one.variation_id for one in links]
    units = Variation.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids).order_by("pk")
    parents = [parent for parent in units.values_list("listing__parent_item_id", flat=True) if parent]
    if parents:
        words = _("This listing sells the stock of %(item)s in one country. Link that item: the listing follows it.")
        raise MappingRefused(words % {"item": parents[0]})
    present = {
        pk: (product_id, units)
        for pk, product_id, units in SkuMapping.objects.filter(variation__in=ids).values_list(
            "variation_id", "product_id", "units"
        )
    }
    return [one for one in links if present.get(one.variation_id) != (one.product_id, one.units)]


def _write_links(links: Collection[Link], by: Any) -> int:
    now = timezone.now()
    SkuMapping.objects.bulk_create(
        [
            SkuMapping(
                variation_id=one.variation_id,
                product_id=one.product_id,
                units=one.units,
                source=one.source,
                created_by=by,
                created_at=now,
            )
            for one in links
        ],
        update_conflicts=True,
        unique_fields=["variation"],
        update_fields=["product", "units", "source", "created_by", "created_at"],
    )
    ids = [one.variation_id for one in links]
    Variation.objects.filter(pk__in=ids, ignored=True).update(ignored=False)
    point("links.written")
    ask_for_effects(ids)
    return len(links)
