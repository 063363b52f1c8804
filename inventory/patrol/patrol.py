"""Looking back at Mercado Libre: when it says that something changed, and by turns where most is at risk."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from catalog.shapes import shape_changes
from inventory.patrol import looking, patrol_choice
from inventory.patrol.plan import BULK, PERIOD, Plan, plan
from inventory.pushes.routes import PlaceRoute
from inventory.targets.intents import unit_of
from inventory.targets.stock_targets import Dialect
from mercadolibre import errors
from mercadolibre.client import Client
from mercadolibre.resources.items import Item
from sellers import clock
from sellers.connection.clients import client_for
from sellers.models import SellerAccount
from sellers.points import point
from sellers.queue import work

logger = logging.getLogger(__name__)

PLACES_AT_ONCE = 15  # so that pushes, which read places too, find room between them
BY_PLACE = (Dialect.SELLER_WAREHOUSE, Dialect.SELLING_ADDRESS)


def look_at_item(claim: work.Claim) -> None:
    """Read one listing again because ML said that it changed (work kind "item", key: item id)."""
    account = claim.account
    items = _read_one(client_for(account), claim.key)
    with work.completing(claim):
        if looking.take_in(account, items):
            looking.once_more([claim])


def _read_one(client: Client, item_id: str) -> looking.Items:
    try:
        return {item_id: client.item(item_id)}
    except errors.NotFound:
        return {item_id: None}


def look(claim: work.Claim) -> None:
    """Read a user product's stock again (work kind "user_product_stock", key: user product id).

    Where stock is written by place the places are read, otherwise the listings that share the stock.
    """
    account = claim.account
    if _is_by_place(account, claim.key):
        _look_at_places(claim, account)
    else:
        _look_at_listings(claim, account)
    point("look.done")
    looking.turn_taken(account, [claim.key])


def _look_at_listings(claim: work.Claim, account: SellerAccount) -> None:
    item_ids = looking.listings_of(account, claim.key)
    items = client_for(account).items(item_ids) if item_ids else {}
    with work.completing(claim):
        if looking.take_in(account, items):
            looking.once_more([claim])


def _is_by_place(account: SellerAccount, key: str) -> bool:
    return any(intent.choice.dialect in BY_PLACE for intent in unit_of(account, key).intents)


def _look_at_places(claim: work.Claim, account: SellerAccount) -> None:
    reading = PlaceRoute(unit_of(account, claim.key), client_for(account)).read()
    with work.completing(claim):
        if looking.record(reading.unit.intents, reading.shown, version=reading.version):
            looking.once_more([claim])


def patrol(claim: work.Claim) -> None:
    """One round of looks at a seller's listings, those most at risk first (work kind "patrol")."""
    account, now = claim.account, clock.now()
    client = client_for(account)
    planned = plan(patrol_choice.how_many(account), is_global=account.is_global)
    item_ids = patrol_choice.chosen(account, planned, now)
    for start in range(0, len(item_ids), BULK):
        looking.take_in_now(account, _read(client, item_ids[start : start + BULK]))
        point("patrol.looked")
        work.extend(claim)
    with work.completing(claim):
        _ask_for_places(account)


def _read(client: Client, item_ids: Sequence[str]) -> looking.Items:
    """Twenty at once; where that fails, each alone, and the one that is to blame is passed over. Raises ServerError
    where that is every one."""
    try:
        return client.items(item_ids)
    except errors.ServerError as trouble:
        found: dict[str, Item | None] = {}
        for item_id in item_ids:
            try:
                found |= client.items([item_id])
            except errors.ServerError as error:
                logger.warning("patrol: %s cannot be read: %s", item_id, error)
        if not found and not isinstance(trouble, errors.BadResponse):
            raise
        return found


def _ask_for_places(account: SellerAccount) -> None:
    """The places of a round, spread over it."""
    keys = patrol_choice.places(account, clock.now())
    parts = [keys[start : start + PLACES_AT_ONCE] for start in range(0, len(keys), PLACES_AT_ONCE)]
    for number, part in enumerate(parts):
        rows = [(account.pk, "user_product_stock", key) for key in part]
        work.bump_many(rows, delay=PERIOD * number / len(parts))


def look_at_next(account: SellerAccount, *, began: datetime) -> int:
    """Read back the twenty listings most at risk of those not seen since. Returns how many; 0 when none is left."""
    item_ids = patrol_choice.chosen(account, Plan(0, BULK, 0), began)
    if item_ids:
        looking.take_in_now(account, _read(client_for(account), item_ids))
    return len(item_ids)


def schedule() -> None:
    """Send a patrol to every connected seller whose catalog was imported; once a minute."""
    shape_changes.settle()
    accounts = SellerAccount.objects.connected().exclude(catalog_imported_at=None)
    work.bump_many((account_id, "patrol", "") for account_id in accounts.values_list("pk", flat=True))
