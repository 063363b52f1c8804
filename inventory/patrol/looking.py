"""Taking in what Mercado Libre shows, and what to do where it differs from what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models.functions import Collate

from catalog.imports import storing
from catalog.mapping import matching
from catalog.models import Listing, SkuMapping
from catalog.queries import CLOSED
from catalog.shapes import shape_changes
from inventory.models import StockTarget
from inventory.pushes import wants
from inventory.pushes.routes import quantities_of
from inventory.rules.stock_rules import can_sell
from inventory.targets import lamps
from inventory.targets.intents import Intent, intents_of, linked, units_of
from inventory.targets.lamps import Seen
from inventory.targets.stock_targets import REPLICATION, Dialect
from mercadolibre.resources.items import Item
from sellers import clock
from sellers.models import SellerAccount, Work
from sellers.points import point
from sellers.queue import work

State = StockTarget.State
Items = Mapping[str, Item | None]  # by item id; None: ML no longer has it
TO_PUSH = (State.WAITING, State.DRIFT)
MOST = 20
OF_USER_PRODUCTS = """
select shared.key, l.item_id
  from (select user_product_id as key, id as listing_id from catalog_listing
         where user_product_id = any(%s) and user_product_id <> ''
        union
        select user_product_id, listing_id from catalog_variation
         where user_product_id = any(%s) and user_product_id <> '') shared
  join catalog_listing l on l.id = shared.listing_id
 where l.account_id = %s and l.missing_since is null and l.status <> 'closed'
 order by l.seen_at
"""


def take_in(account: SellerAccount, items: Items, *, now: datetime | None = None) -> set[str]:
    """Save items that were just read, light the third lamp and ask for pushes where they are due.

    None stands for an item that ML no longer has. Returns the ids of those whose quantity ML may still be copying.
    Call it in the transaction that completes the work.
    """
    present = [item for item in items.values() if item is not None]
    if present:
        saved = storing.save_items(account, present, now or clock.now())
        if new := [one.variations[unit].pk for one in saved for unit in one.new_variation_ids]:
            matching.link_exact(variation_ids=new)
        want_neighbours(one.listing for one in saved if begins_or_ends_selling(one))
        follow_shapes(account, saved)
    mark_gone(account, [item_id for item_id, item in items.items() if item is None])
    point("look.saved")
    intents = intents_of(linked().filter(listing__account=account, listing__item_id__in=list(items)))
    return record(intents, shown_by(items, intents))


def take_in_now(account: SellerAccount, items: Items) -> None:
    """The same in a transaction of its own, for work that goes on. A listing that is another seller's now is gone."""
    try:
        with transaction.atomic():
            take_in(account, items)
    except storing.NotTheirs:
        for item_id, item in items.items():
            _take_in_alone(account, item_id, item)


def _take_in_alone(account: SellerAccount, item_id: str, item: Item | None) -> None:
    try:
        with transaction.atomic():
            take_in(account, {item_id: item})
    except storing.NotTheirs:
        mark_gone(account, [item_id])


def begins_or_ends_selling(saved: storing.Saved) -> bool:
    """Whether ML changed what buyers can do: then the last units of its product may have to be on another listing."""
    status, sub_status = saved.listing.status, saved.listing.sub_status
    before, _now = saved.changes.get("status", (status, status))
    sub_before, _now = saved.changes.get("sub_status", (sub_status, sub_status))
    return can_sell(status=before, sub_status=sub_before) != can_sell(status=status, sub_status=sub_status)


def follow_shapes(account: SellerAccount, saved: Iterable[storing.Saved]) -> None:
    """Where something new is for sale, or something ended, one may have taken the other's place."""
    saved = list(saved)
    if changed := [one.listing.pk for one in saved if one.shape]:
        lamps.gone(changed)
    if any(one.created or one.new_variation_ids or one.shape or ends_or_returns(one) for one in saved):
        shape_changes.note_successors(account.pk)
        shape_changes.settle()


def ends_or_returns(saved: storing.Saved) -> bool:
    return CLOSED in saved.changes.get("status", ())


def want_neighbours(listings: Iterable[Listing]) -> None:
    """Ask for the pushes of every listing of the products that these listings sell."""
    linked_to = SkuMapping.objects.filter(variation__listing__in=list(listings))
    if products := set(linked_to.values_list("product_id", flat=True)):
        wants.want_products(products)


def once_more(claims: Iterable[work.Claim]) -> None:
    """Look at the same again when ML has surely copied what it accepted; in the transaction that completes the look."""
    rows = [(claim.account_id, claim.kind, claim.key) for claim in claims]
    work.bump_many(rows, delay=REPLICATION)


@transaction.atomic
def turn_taken(account: SellerAccount, user_product_ids: Iterable[str]) -> None:
    """Remember when user products were looked at whole, wherever their stock stands: so all come by turns."""
    if account.manages_warehouses:
        units = units_of(account, user_product_ids).values()
        targets = lamps.locked([intent.variation.pk for unit in units for intent in unit.intents])
        StockTarget.objects.filter(variation__in=targets).update(places_at=clock.now())


def shown_by(items: Items, intents: Iterable[Intent]) -> dict[int, int]:
    """What the items show of our units. An item's number says nothing where Full is part of it."""
    shown = {}
    for intent in intents:
        item = items.get(intent.variation.listing.item_id)
        by_id = {} if item is None else quantities_of(item)
        quantity = by_id.get(intent.variation.variation_id)
        if quantity is not None and intent.choice.dialect != Dialect.SELLING_ADDRESS:
            shown[intent.variation.pk] = quantity
    return shown


def record(intents: Sequence[Intent], shown: Mapping[int, int], *, version: int | None = None) -> set[str]:
    """Write the lamps of a look, and bump the push of what differs, as the seller's setting says.

    Returns the item ids of what ML accepted and does not show yet.
    """
    _lock_pushes(intents)
    targets = lamps.write(intents, Seen(shown=shown, version=version))
    rows = {(one.account.pk, "stock", one.key) for one in intents if _is_due(one, targets[one.variation.pk])}
    work.bump_many(rows)
    copying = (one for one in intents if targets[one.variation.pk].state == State.ACCEPTED)
    return {one.variation.listing.item_id for one in copying}


def _lock_pushes(intents: Iterable[Intent]) -> None:
    """Work rows before targets, as everywhere: a push that is completing must not wait for us while we wait for it."""
    by_account: dict[int, set[str]] = {}
    for intent in intents:
        by_account.setdefault(intent.account.pk, set()).add(intent.key)
    for account_id, keys in by_account.items():
        rows = Work.objects.filter(account_id=account_id, kind="stock", key__in=keys)
        list(rows.order_by(Collate("key", "C")).select_for_update().values_list("pk"))


def _is_due(intent: Intent, target: StockTarget) -> bool:
    """Whether a look calls for a push: it differs, may be written, and staff is not to be asked first."""
    if not intent.account.may_write or target.state not in TO_PUSH:
        return False
    asks = intent.account.drift_policy == SellerAccount.DriftPolicy.ASK
    return not (asks and target.state == State.DRIFT)


def mark_gone(account: SellerAccount, item_ids: Iterable[str]) -> None:
    """ML answers that it has no such listings. They are kept, shown as gone, and come back if ML shows them again."""
    gone = Listing.objects.filter(account=account, item_id__in=list(item_ids), missing_since=None)
    gone.update(missing_since=clock.now())


def listings_of(account: SellerAccount, user_product_id: str) -> list[str]:
    """Item ids of the listings that share the stock of a user product."""
    return listings_by_user_product(account, [user_product_id])[user_product_id]


def listings_by_user_product(account: SellerAccount, user_product_ids: Iterable[str]) -> dict[str, list[str]]:
    """The same for several user products, at most twenty listings of each: those that nobody saw for longest."""
    found: dict[str, list[str]] = {key: [] for key in user_product_ids}
    with connection.cursor() as cursor:
        cursor.execute(OF_USER_PRODUCTS, [list(found), list(found), account.pk])
        for key, item_id in cursor.fetchall():
            found[key].append(item_id)
    return {key: item_ids[:MOST] for key, item_ids in found.items()}
