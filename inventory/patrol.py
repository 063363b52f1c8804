"""Looking back at Mercado Libre: when it says that something changed, and by turns where most is at risk."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, FloatField, Min, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from catalog.models import Listing
from inventory import looking
from inventory.intents import unit_of
from inventory.push_routes import PlaceRoute
from inventory.stock_targets import Dialect
from mercadolibre import errors
from mercadolibre.client import Client
from sellers import work
from sellers.clients import client_for
from sellers.models import SellerAccount
from sellers.points import point

BULK = 20
BULKS_PER_RUN = 50  # 1000 listings every two minutes, 25 calls a minute of a seller's 1500
GLOBAL_BULKS_PER_RUN = 10  # of a Global Selling seller, whose items are read one by one: 100 calls a minute
PLACES_PER_RUN = 40  # reads of a user product's stock, of 100 a minute
JUST_SEEN = timedelta(seconds=60)
STILL_LOOKED_FOR = timedelta(days=2)  # a listing that vanished may come back, while ML moves it to user products
BY_PLACE = (Dialect.SELLER_WAREHOUSE, Dialect.SELLING_ADDRESS)

# Risk: how long nobody looked × how fast it sells × how little is left. Seconds, weighted.
RISK = """
extract(epoch from now() - catalog_listing.seen_at) * (1 + ln(1 + greatest(catalog_listing.sold_quantity, 0)))
 * case when catalog_listing.available_quantity <= 3 then 3
        when catalog_listing.available_quantity <= 10 then 2 else 1 end
"""


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
        return _look_at_places(claim, account)
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
    """Read back the listings of one seller that most needs a look (work kind "patrol")."""
    account = claim.account
    client = client_for(account)
    bulks = GLOBAL_BULKS_PER_RUN if account.is_global else BULKS_PER_RUN
    item_ids = list(riskiest(account).values_list("item_id", flat=True)[: BULK * bulks])
    for start in range(0, len(item_ids), BULK):
        looking.take_in_now(account, client.items(item_ids[start : start + BULK]))
        point("patrol.looked")
        work.extend(claim)
    with work.completing(claim):
        work.bump_many((account.pk, "user_product_stock", key) for key in longest_unseen_places(account))


def look_at_next(account: SellerAccount) -> int:
    """Read back the twenty listings most at risk. Returns how many there were; 0 when all were seen a moment ago."""
    item_ids = list(riskiest(account).values_list("item_id", flat=True)[:BULK])
    if item_ids:
        looking.take_in_now(account, client_for(account).items(item_ids))
    return len(item_ids)


def riskiest(account: SellerAccount) -> QuerySet[Listing]:
    """The listings that are or may be for sale, the one most at risk first; none that was seen a moment ago."""
    now = timezone.now()
    present = Q(missing_since=None) | Q(missing_since__gt=now - STILL_LOOKED_FOR)
    listings = Listing.objects.filter(present, account=account, seen_at__lt=now - JUST_SEEN).exclude(status="closed")
    return listings.order_by(RawSQL(RISK, (), FloatField()).desc(), "pk")  # noqa: S611  no outside words in it


def longest_unseen_places(account: SellerAccount) -> list[str]:
    """User products of a seller with warehouses whose places nobody has read for the longest time."""
    if not account.manages_warehouses:
        return []
    linked = Listing.objects.filter(account=account, variations__mapping__isnull=False, missing_since=None)
    rows = linked.exclude(status="closed").values_list("variations__user_product_id", "user_product_id")
    rows = rows.order_by(F("variations__stock_target__observed_at").asc(nulls_first=True))[: PLACES_PER_RUN * 2]
    keys = dict.fromkeys(of_variation or of_listing for of_variation, of_listing in rows)
    return [key for key in keys if key][:PLACES_PER_RUN]


def schedule() -> None:
    """Send a patrol to every connected seller whose catalog was imported."""
    accounts = SellerAccount.objects.connected().exclude(catalog_imported_at=None)
    work.bump_many((account_id, "patrol", "") for account_id in accounts.values_list("pk", flat=True))


def max_staleness(account: SellerAccount) -> timedelta | None:
    """How long ago the listing that waits longest was seen; None for a seller without listings."""
    return max_staleness_of([account]).get(account.pk)


def max_staleness_of(accounts: list[SellerAccount]) -> dict[int, timedelta]:
    """The same for several sellers, by account id, in one query."""
    listings = Listing.objects.filter(account__in=accounts, missing_since=None).exclude(status="closed")
    oldest = listings.order_by().values_list("account_id").annotate(seen=Min("seen_at"))
    now = timezone.now()
    return {account_id: now - seen for account_id, seen in oldest}
