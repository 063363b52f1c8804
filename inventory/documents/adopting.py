"""The first stock of products that nobody ever counted: what Mercado Libre shows, taken over once, on staff's word.

Only where it is plain: a product that was never received, counted or adjusted, that is no kit, and whose listings of
one seller all show the same. Units in Full are not ours. What differs is counted by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from catalog.kits import compositions
from catalog.models import Product
from inventory import ledger
from inventory.ledger import Change
from inventory.models import StockLevel, StockMovement, Warehouse
from inventory.pushes.push_decisions import taken_by_orders
from inventory.queries import warehouses_of
from inventory.targets.intents import Intent, intents_of, linked
from inventory.targets.stock_targets import Dialect
from sellers.models import SellerAccount
from ui.stored import stored

Kind = StockMovement.Kind
BY_HAND = (Kind.RECEIVE, Kind.COUNT, Kind.ADJUST, Kind.TRANSFER)
# Dialects whose listings show the seller's own units, and nothing else.
PLAIN = (
    Dialect.ITEM,
    Dialect.ITEM_VARIATIONS,
    Dialect.USER_PRODUCT,
    Dialect.GLOBAL,
)


@dataclass(frozen=True)
class First:
    """What Mercado Libre showed of a product, in units of it, when its listings were seen."""

    product_id: int
    units: int
    seen_at: datetime


@dataclass(frozen=True)
class Found:
    """`plain` can be taken over; of those that `differ` (product ids) staff has to say how many there are.

    `changed`: what was to be taken over as it was shown, and shows something else by now. `left` (product ids): what
    was shown and can no longer be taken over: counted meanwhile, or its listings differ or are gone.
    """

    plain: Sequence[First] = ()
    differ: Sequence[int] = field(default_factory=tuple)
    changed: Sequence[First] = ()
    left: Sequence[int] = ()


def found(account: SellerAccount) -> Found:
    """What may be taken over from a seller's listings. Writes nothing."""
    units = linked().filter(listing__account=account, listing__missing_since=None).exclude(listing__status="closed")
    shown: dict[int, list[First]] = {}
    for intent in intents_of(units):
        if intent.product_id is not None and intent.choice.dialect in PLAIN:
            shown.setdefault(intent.product_id, []).append(_first(intent, intent.product_id))
    uncounted = shown.keys() - _counted(shown) - compositions(shown).keys()
    by_product = {pk: shown[pk] for pk in sorted(uncounted)}
    plain = [_of_all(firsts) for firsts in by_product.values() if len({one.units for one in firsts}) == 1]
    return Found(plain, [pk for pk, firsts in by_product.items() if len({one.units for one in firsts}) > 1])


def _first(intent: Intent, product_id: int) -> First:
    listing = intent.variation.listing
    return First(product_id, intent.variation.available_quantity * intent.units, listing.seen_at)


def _of_all(firsts: Sequence[First]) -> First:
    return min(firsts, key=lambda one: one.seen_at)


def _counted(product_ids: Any) -> set[int]:
    """Those of which somebody has said how many there are."""
    moved = StockMovement.objects.filter(level__product__in=list(product_ids), kind__in=BY_HAND)
    return set(moved.values_list("level__product_id", flat=True))


def adopt(account: SellerAccount, *, by: Any = None, shown: Mapping[int, int] | None = None) -> Found:
    """Take over what is plain, each product once, whatever is asked again.

    With `shown`, units by product id, only those products, and only where they still show that. Returns what was
    taken, what has changed, what was left and what differs. Raises ValueError for a seller that sells from no
    warehouse.
    """
    places = warehouses_of(account)
    if not places:
        raise ValueError(f"{account.nickname} sells from no warehouse")
    seen = found(account)
    asked = [one for one in seen.plain if shown is None or one.product_id in shown]
    same = [one for one in asked if shown is None or one.units == shown[one.product_id]]
    warehouse = Warehouse.objects.get(pk=places[0].warehouse_id)
    taken = [one for one in same if _take(one, warehouse, account, by)]
    changed = [one for one in asked if one not in same]
    left = set(shown or ()) - {one.product_id for one in (*taken, *changed)}
    return Found(taken, seen.differ, changed, tuple(sorted(left)))


@transaction.atomic
def _take(first: First, warehouse: Warehouse, account: SellerAccount, by: Any) -> bool:
    """Book what was shown, less what orders took since, and what is held for orders beside it.

    Nobody counted the shelf: a parcel of a sale that is held is still to be taken off, whenever it left.
    """
    product = Product.objects.select_for_update(no_key=True).get(pk=first.product_id)
    if _counted([product.pk]):
        return False
    ledger.hold([(product.pk, warehouse.pk)])
    level = StockLevel.objects.get(product=product, warehouse=warehouse)
    on_hand = max(0, first.units - taken_by_orders(product.pk, first.seen_at)) + level.reserved
    reason = stored(gettext_noop("First stock, as %(seller)s showed it at Mercado Libre"), seller=account.nickname)
    kind = Kind.ADJUST if on_hand != level.on_hand else Kind.COUNT  # only a count may find what was there
    change = Change(product.pk, warehouse.pk, kind, delta=on_hand - level.on_hand)
    return ledger.record([change], operation=f"adopted:{product.pk}", reason=reason, actor=by, at=first.seen_at)
