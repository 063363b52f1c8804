"""Writing ML's items into our tables: many at once for an import, or one that somebody just fetched."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import F

from catalog.imports.storing_units import Row, Units, units_of, write_units
from catalog.imports.upserts import upsert
from catalog.listing_rows import LISTING_FIELDS, listing_values
from catalog.mapping import matching
from catalog.models import Listing, Variation
from catalog.prices import price_targets
from catalog.shapes.storing import changes_of, frozen_now
from mercadolibre.resources.items import Item
from sellers.models import SellerAccount
from sellers.queue import work
from sellers.queue.outcomes import TryLater

WATCHED = (
    "title",
    "status",
    "sub_status",
    "price",
    "original_price",
    "available_quantity",
    "tags",
    "user_product_id",
    "inventory_id",
    "logistic_type",
    "parent_item_id",
    "net_proceeds",
)
PRICE_RELEVANT = {"price", "original_price", "tags", "status"}


class NotTheirs(ValueError):
    """The item belongs to another seller than the one whose listings are read."""


@dataclass(frozen=True)
class Saved:
    """A listing as written. `changes` maps a field that ML changed to its old and new value."""

    _listing: Listing | Row = field(repr=False)
    _units: Mapping[int, Row] = field(repr=False)
    created: bool = False
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    new_variation_ids: tuple[int, ...] = ()  # ML's ids
    seen_again: bool = False  # ML shows what it showed before
    shape: tuple[str, ...] = ()  # kinds of what changed of its shape, see `catalog.shapes.shapes`

    @cached_property
    def listing(self) -> Listing:
        return self._listing if isinstance(self._listing, Listing) else Listing(**self._listing)

    @cached_property
    def variations(self) -> Mapping[int, Variation]:
        """By ML's variation id; 0 is the item itself."""
        return {number: _variation(row) for number, row in self._units.items()}

    def check_shape(self) -> None:
        """Raise TryLater where this read showed another shape than was stored: nothing is written on the word of it."""
        if self.shape:
            raise TryLater("Mercado Libre made something else of the listing: it is looked at again.", timedelta(0))

    @property
    def changed(self) -> bool:
        return self.created or bool(self.changes) or bool(self.new_variation_ids)


def save_item(account: SellerAccount, item: Item, now: datetime, *, heal: bool = True) -> Saved:
    """Write one item that was just read, and link what its SKU names alone. A read older than ours changes nothing.

    With `heal`, a price changed at ML is pushed back where the seller's setting says so. Raises NotTheirs.
    """
    (saved,) = save_items(account, [item], now, heal=heal)
    if saved.new_variation_ids:
        matching.link_exact(variation_ids=[saved.variations[one].pk for one in saved.new_variation_ids])
    return saved


@transaction.atomic
def save_items(account: SellerAccount, items: Sequence[Item], now: datetime, *, heal: bool = True) -> list[Saved]:
    """Write many items, each given once, in a fixed number of queries. Raises NotTheirs."""
    present = Listing.objects.filter(item_id__in=[item.id for item in items]).defer("raw")
    known = {listing.item_id: listing for listing in present.annotate(bundle=F("raw__bundle"))}
    for item in items:
        _check_owner(account, item, known.get(item.id))
    stale = {item.id for item in items if _is_stale(item, known.get(item.id))}
    old = stale | {item.id for item in items if _is_same(item, known.get(item.id))}
    written = _write_listings(account, [item for item in items if item.id not in old], known, now)
    _ask_for_the_group(account, [item for item in items if item.id not in stale])
    listings: dict[str, Listing | Row] = {**written, **_seen_again([known[one] for one in old], now)}
    keys = {item_id: one.pk for item_id, one in known.items()} | {
        item_id: row["id"] for item_id, row in written.items()
    }
    had = units_of([one.pk for one in known.values()])
    units, new = write_units(had, [(keys[item.id], item) for item in items if item.id not in stale], now)
    by_listing, had_by_listing = _by_listing(units), _by_listing(had)
    shapes = changes_of([item for item in items if item.id not in stale], known, had_by_listing, by_listing)
    _freeze(listings, shapes)
    saved = [
        replace(
            _saved(listings[item.id], known.get(item.id), by_listing.get(keys[item.id], {}), new, item.id in old),
            shape=shapes.get(item.id, ()),
        )
        for item in items
    ]
    price_targets.observe([one.listing for one in saved if PRICE_RELEVANT & set(one.changes)], heal=heal)
    return saved


def _freeze(listings: Mapping[str, Listing | Row], changed: Mapping[str, tuple[str, ...]]) -> None:
    """Tell those listings at hand by what they are frozen now."""
    for item_id, kind in (frozen_now(changed) if changed else {}).items():
        one = listings[item_id]
        if isinstance(one, Listing):
            one.frozen_by = kind
        else:
            one["frozen_by"] = kind


def _by_listing(units: Units) -> dict[int, dict[int, Row]]:
    """The units that are there, by listing and ML's variation id."""
    found: dict[int, dict[int, Row]] = defaultdict(dict)
    for (listing_id, number), row in units.items():
        if row["gone_at"] is None:
            found[listing_id][number] = row
    return found


def _check_owner(account: SellerAccount, item: Item, known: Listing | None) -> None:
    owner = account.ml_user_id if item.seller_id is None else item.seller_id
    if owner not in account.user_ids or (known is not None and known.account_id != account.pk):
        raise NotTheirs(f"{item.id} does not belong to {account.nickname}")


def _ask_for_the_group(account: SellerAccount, items: Sequence[Item]) -> None:
    """Ask for what Global Selling items name that we lack: their listings on marketplaces, and of those the item."""
    there = {pointer.item_id for item in items for pointer in item.marketplace_items}
    named = there | {item.parent_item_id for item in items if item.parent_item_id}
    if named:
        known = set(Listing.objects.filter(item_id__in=named).values_list("item_id", flat=True))
        work.bump_many((account.pk, "item", one) for one in sorted(named - known))


def _is_stale(item: Item, known: Listing | None) -> bool:
    """Whether ML answered with a state older than the one we have."""
    if known is None or known.ml_last_updated is None or item.last_updated is None:
        return False
    return item.last_updated < known.ml_last_updated


def _is_same(item: Item, known: Listing | None) -> bool:
    """Whether ML shows nothing new: then the listing is only marked as seen."""
    if known is None or known.ml_last_updated is None or item.last_updated != known.ml_last_updated:
        return False
    values = listing_values(item)
    if item.is_complete and bool(item.raw.get("bundle")) != bool(getattr(known, "bundle", None)):
        return False
    return all(getattr(known, name) == values[name] for name in (*WATCHED, "sold_quantity"))


def _seen_again(listings: Collection[Listing], now: datetime) -> dict[str, Listing]:
    if listings:
        Listing.objects.filter(pk__in=[one.pk for one in listings]).update(seen_at=now, missing_since=None)
    for one in listings:
        one.seen_at, one.missing_since = now, None
    return {one.item_id: one for one in listings}


def _write_listings(
    account: SellerAccount, items: Sequence[Item], known: Mapping[str, Listing], now: datetime
) -> dict[str, Row]:
    """As rows, not objects: of a whole catalog nobody looks at most of them again."""
    own = {"account_id": account.pk, "seen_at": now, "missing_since": None}
    rows = [{"item_id": item.id, **own, **listing_values(item)} for item in items]
    keys = upsert(Listing, rows, keys=["item_id"], fields=["account_id", *LISTING_FIELDS, "seen_at", "missing_since"])
    for row in rows:
        before = known.get(row["item_id"])
        row |= {"id": keys[(row["item_id"],)], "own_price": before and before.own_price}
        row["frozen_by"] = before.frozen_by if before else ""
    return {row["item_id"]: row for row in rows}


def _saved(
    listing: Listing | Row,
    before: Listing | None,
    units: Mapping[int, Row],
    new: Collection[tuple[int, int]],
    seen_again: bool,
) -> Saved:
    changes = {} if before is None or isinstance(listing, Listing) else _changes(before, listing)
    new_ids = tuple(number for number, row in units.items() if (row["listing_id"], number) in new)
    return Saved(listing, units, before is None, changes, new_ids, seen_again)


def _changes(before: Listing, row: Row) -> dict[str, tuple[Any, Any]]:
    pairs = ((name, getattr(before, name), row[name]) for name in WATCHED)
    return {name: (old, now) for name, old, now in pairs if old != now}


def _variation(row: Row) -> Variation:
    unit: Variation = Variation.from_db("default", list(row), list(row.values()))
    return unit
