"""How old a look gets: the plan in numbers, and a day of it on a clock of its own with 20,000 listings."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Listing, Product, SalesSpeed, SkuMapping, Variation
from inventory.models import StockTarget
from inventory.patrol import patrol_choice, staleness
from inventory.patrol.plan import BULK, MOST, PERIOD, PLACES, WITHIN, Bound, Plan, bound, places_bound, plan
from inventory.patrol.staleness import OldestLook
from sellers.brakes.budget import LANE_SHARE, STOCK_READS_PER_MINUTE, USED_SHARE
from sellers.models import SellerAccount, Work
from sellers.queue import work

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("listings", "is_global", "planned", "every"),
    [
        (0, False, Plan(0, 0, 0), 1),
        (1, False, Plan(1, 1, 1), 2),
        (90, False, Plan(90, 90, 3), 31),
        (3_000, False, Plan(100, 200, 100), 31),
        (20_000, False, Plan(100, 200, 667), 31),
        (27_000, False, Plan(100, 200, 900), 31),
        (200_000, False, Plan(100, 200, 900), 224),  # the round is full: what it cannot keep is said, not hidden
        (60, True, Plan(9, 17, 2), 31),
        (3_000, True, Plan(9, 17, 74), 42),
    ],
)
def test_a_round(listings, is_global, planned, every):
    assert plan(listings, is_global=is_global) == planned
    assert bound(listings, is_global=is_global) == Bound(every * MINUTE, 2 * MINUTE)


def test_a_full_round_leaves_room_for_all_other_work(settings):
    calls_a_minute = plan(10**6).size / BULK / (PERIOD / MINUTE)
    allowed = settings.MELI_RATE_PER_MINUTE * USED_SHARE * LANE_SHARE["bulk"]

    assert plan(10**6).size == MOST
    assert calls_a_minute == 60 <= allowed / 5
    assert PLACES / (PERIOD / MINUTE) <= STOCK_READS_PER_MINUTE - 20


@pytest.mark.parametrize(("user_products", "minutes"), [(0, 2), (1, 3), (40, 3), (41, 4), (3_000, 77)])
def test_how_old_a_reading_of_places_gets(user_products, minutes):
    assert places_bound(user_products) == minutes * MINUTE


# --- a small world: rows, rounds and a clock -------------------------------------------------------------------------

MAKE = """
insert into catalog_listing (account_id, item_id, title, status, sub_status, category_id, condition, listing_type_id,
    currency_id, available_quantity, sold_quantity, user_product_id, inventory_id, catalog_product_id, catalog_listing,
    logistic_type, permalink, thumbnail, tags, raw, seen_at)
select %(account)s, 'MLA' || n, 'Listing', 'active', '{}', '', 'new', 'gold_special', 'ARS', n %% 40, 0, '', '', '',
       false, '', '', '', '{}', '{}', %(at)s
  from generate_series(1, %(many)s) as n
"""


def make(many, at, *, nickname="TIENDA", tags=()):
    account = SellerAccount.objects.create(
        ml_user_id=SellerAccount.objects.count() + 1, nickname=nickname, site_id="MLA", tags=list(tags)
    )
    with connection.cursor() as cursor:
        cursor.execute(MAKE, {"account": account.pk, "many": many, "at": at})
    return account


def sell(account, every, per_day):
    rows = Listing.objects.filter(account=account).order_by("pk").values_list("pk", flat=True)
    SalesSpeed.objects.bulk_create(SalesSpeed(listing_id=pk, per_day=per_day) for pk in rows[::every])


def look(account, now):
    """One round, as if Mercado Libre had answered at this moment."""
    planned = plan(patrol_choice.how_many(account))
    item_ids = patrol_choice.chosen(account, planned, now)
    assert len(item_ids) == len(set(item_ids)) <= planned.size + patrol_choice.VANISHED
    Listing.objects.filter(account=account, item_id__in=item_ids, missing_since=None).update(seen_at=now)


@pytest.mark.django_db
def test_twenty_thousand_listings_are_each_seen_within_the_bound_and_the_hundred_that_sell_most_every_round():
    """However unevenly they sell: a tenth does, a hundred of them like mad; some vanished and are asked for in vain."""
    now = timezone.now()
    account = make(20_000, now - timedelta(days=3))
    sell(account, every=10, per_day=0.5)
    mad = SalesSpeed.objects.order_by("pk").values_list("pk", flat=True)[500:600]
    SalesSpeed.objects.filter(pk__in=list(mad)).update(per_day=80)
    gone = Listing.objects.order_by("-pk").values_list("pk", flat=True)[:500]
    Listing.objects.filter(pk__in=list(gone)).update(missing_since=now - timedelta(hours=1))
    promised = bound(20_000)

    worst = MINUTE
    for minute in range(36):
        now += PERIOD
        if minute > 30 or minute % 6 == 1:
            found = staleness.by_seller()[account.pk]
            assert (found.top_count, now - found.top <= promised.top) == (100, True)
        if minute > 30:  # by now nothing may be left of the three days
            worst = now - found.every
            assert worst <= promised.every
        look(account, now)

    assert worst > WITHIN / 2  # nothing is seen out of turn for nothing


@pytest.mark.django_db
def test_where_everything_sells_alike_nothing_starves():
    now = timezone.now()
    account = make(3_000, now - timedelta(days=1))
    sell(account, every=1, per_day=30)

    for _ in range(32):
        now += PERIOD
        look(account, now)

    assert now - staleness.by_seller()[account.pk].every <= bound(3_000).every


@pytest.mark.django_db
def test_what_sells_and_has_little_left_comes_before_what_waits_longer():
    now = timezone.now()
    account = make(60, now - timedelta(minutes=10))
    rows = list(Listing.objects.order_by("pk"))
    slow, few, idle = rows[30], rows[1], rows[2]  # 31, 2 and 3 left
    SalesSpeed.objects.create(listing=slow, per_day=4)
    SalesSpeed.objects.create(listing=few, per_day=2)
    Listing.objects.filter(pk=idle.pk).update(seen_at=now - timedelta(hours=1))

    def first(top, riskiest, oldest):
        return set(patrol_choice.chosen(account, Plan(top, riskiest, oldest), now))

    assert first(1, 0, 0) == {few.item_id}  # 2 a day × 3 for little stock, against 4
    assert first(2, 0, 0) == {few.item_id, slow.item_id}
    assert first(0, 1, 0) == {few.item_id}  # ten minutes × (1 + 6), against an hour
    assert first(0, 2, 0) == {few.item_id, idle.item_id}
    assert first(0, 0, 1) == {idle.item_id}
    assert first(1, 1, 1) == {few.item_id, idle.item_id, "MLA1"}  # then whoever waits as long as all others


@pytest.mark.django_db
def test_neither_closed_nor_just_seen_nor_long_vanished_ones_are_read_and_of_vanished_ones_only_some():
    now = timezone.now()
    account = make(40, now - timedelta(hours=1))
    rows = list(Listing.objects.order_by("pk").values_list("pk", flat=True))
    Listing.objects.filter(pk=rows[0]).update(status="closed")
    Listing.objects.filter(pk=rows[1]).update(seen_at=now - timedelta(seconds=20))
    Listing.objects.filter(pk=rows[2]).update(missing_since=now - timedelta(days=3))
    Listing.objects.filter(pk__in=rows[3:36]).update(missing_since=now - timedelta(hours=1))

    found = patrol_choice.chosen(account, Plan(100, 100, 100), now)

    assert set(found) & {f"MLA{number}" for number in (1, 2, 3)} == set()
    assert len(found) == 4 + patrol_choice.VANISHED


@pytest.mark.django_db
def test_how_long_ago_is_told_for_each_seller_and_for_stores_apart(django_assert_num_queries):
    now = timezone.now()
    plain = make(3, now - timedelta(minutes=38))
    Listing.objects.filter(item_id="MLA2").update(status="closed", seen_at=now - timedelta(days=9))
    SalesSpeed.objects.create(listing=Listing.objects.get(item_id="MLA3"), per_day=1)
    Listing.objects.filter(item_id="MLA3").update(seen_at=now - timedelta(minutes=3))
    stores = make_with_places(now)

    with django_assert_num_queries(1):
        found = staleness.by_seller()

    assert found[plain.pk] == OldestLook(2, now - 38 * MINUTE, now - 3 * MINUTE, 1, None)
    assert found[stores.pk] == OldestLook(2, now - 5 * MINUTE, None, 0, now - 50 * MINUTE)


def make_with_places(now):
    """A seller with warehouses: two user products, the second one read longer ago."""
    account = SellerAccount.objects.create(
        ml_user_id=9, nickname="DEPOSITO", site_id="MLA", tags=["warehouse_management"]
    )
    product = Product.objects.create(sku="MUG", name="Mug")
    for number, minutes in ((1, 20), (2, 50)):
        listing = Listing.objects.create(
            account=account,
            item_id=f"MLA90{number}",
            title="Mug",
            status="active",
            currency_id="ARS",
            user_product_id=f"MLAU{number}",
            seen_at=now - timedelta(minutes=5),
        )
        unit = Variation.objects.create(listing=listing, user_product_id=f"MLAU{number}")
        SkuMapping.objects.create(variation=unit, product=product, source="typed")
        StockTarget.objects.create(variation=unit, places_at=now - timedelta(minutes=minutes))
    return account


@pytest.mark.django_db
def test_places_never_read_come_first_then_the_oldest_and_only_where_a_seller_has_stores():
    now = timezone.now()
    account = make_with_places(now)
    assert patrol_choice.places(account, now) == ["MLAU2", "MLAU1"]

    StockTarget.objects.filter(variation__user_product_id="MLAU1").update(places_at=None)
    assert patrol_choice.places(account, now) == ["MLAU1", "MLAU2"]
    account.tags = []
    assert patrol_choice.places(account, now) == []


@pytest.mark.django_db
def test_of_places_that_are_at_risk_those_come_first_that_were_read(monkeypatch):
    """What was never read has its place among the oldest."""
    now = timezone.now()
    account = make_with_places(now)
    monkeypatch.setattr(patrol_choice, "PLACES_OLDEST", 0)
    monkeypatch.setattr(patrol_choice, "PLACES", 1)
    StockTarget.objects.filter(variation__user_product_id="MLAU1").update(places_at=None)

    assert patrol_choice.places(account, now) == ["MLAU2"]


# --- places, round by round ------------------------------------------------------------------------------------------

MAKE_PLACES = (
    "update catalog_listing set user_product_id = 'MLAU' || item_id where account_id = %(account)s",
    "insert into catalog_variation (listing_id, variation_id, attributes_text, seller_sku, seller_custom_field, gtin,"
    " user_product_id, inventory_id, available_quantity, sold_quantity, ignored)"
    " select id, 0, '', '', '', '', '', '', 5, 0, false from catalog_listing where account_id = %(account)s",
    "set local session_replication_role = replica",  # without the guards of links, which look at prices row by row
    "insert into catalog_skumapping (variation_id, product_id, units, source, created_at)"
    " select v.id, %(product)s, 1, 'typed', now() from catalog_variation v"
    " join catalog_listing l on l.id = v.listing_id where l.account_id = %(account)s",
    "insert into inventory_stocktarget (variation_id, state, explanation, settle_rounds, ignored_times, places_at)"
    " select variation_id, 'waiting', '', 0, 0, %(at)s from catalog_skumapping where product_id = %(product)s",
    "set local session_replication_role = origin",
)


def make_user_products(many, at):
    """A seller with warehouses and so many user products, each read at that moment."""
    account = make(many, at, tags=["warehouse_management"])
    product = Product.objects.create(sku="MUG", name="Mug")
    with connection.cursor() as cursor:
        for statement in MAKE_PLACES:
            cursor.execute(statement, {"account": account.pk, "product": product.pk, "at": at})
    return account


def read_places(keys, at):
    units = Variation.objects.filter(listing__item_id__in=[key.removeprefix("MLAU") for key in keys])
    StockTarget.objects.filter(variation__in=list(units.values_list("pk", flat=True))).update(places_at=at)
    Work.objects.filter(kind="user_product_stock", key__in=keys).update(state="idle")


def ask(account, keys):
    work.bump_many((account.pk, "user_product_stock", key) for key in keys)


@pytest.mark.django_db
def test_the_places_of_twelve_hundred_user_products_are_each_read_within_the_bound():
    """However unevenly they sell, and though the last quarter of a round is still waiting when the next one begins."""
    now = timezone.now()
    account = make_user_products(1_200, now - timedelta(days=2))
    sell(account, every=40, per_day=500)
    promised, waiting, worst = places_bound(1_200), [], MINUTE

    for minute in range(38):
        now += PERIOD
        if minute >= 32:  # by now nothing may be left of the two days
            worst = max(worst, now - staleness.by_seller()[account.pk].places)
        keys = patrol_choice.places(account, now)
        assert set(keys).isdisjoint(waiting)
        read_places(waiting, now)
        waiting = keys[45:]
        ask(account, waiting)
        read_places(keys[:45], now)

    assert promised * 0.8 < worst <= promised


@pytest.mark.django_db
def test_looks_that_wait_are_not_asked_for_again_and_do_not_pile_up():
    now = timezone.now()
    account = make_user_products(200, now - timedelta(days=2))

    first = patrol_choice.places(account, now)
    ask(account, first[:50])
    second = patrol_choice.places(account, now)
    ask(account, second)

    assert (len(first), len(second)) == (PLACES, 10)
    assert set(first[:50]).isdisjoint(second)
    assert patrol_choice.places(account, now) == []
    assert staleness.by_seller()[account.pk].places == now - timedelta(days=2)  # what is shown is what was achieved


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["dead", "due much later"])
def test_those_that_cannot_be_read_take_no_room_from_the_others(state):
    now = timezone.now()
    account = make_user_products(200, now - timedelta(days=2))
    failing = [f"MLAUMLA{number}" for number in range(1, 101)]
    read_places(failing, now - timedelta(days=9))
    ask(account, failing)
    if state == "dead":
        Work.objects.update(state="dead", last_error_at=now)
    else:
        Work.objects.update(due_at=now + timedelta(hours=6), fails=5)

    found = patrol_choice.places(account, now)

    assert (len(found), set(found).isdisjoint(failing)) == (PLACES, True)


@pytest.mark.django_db
def test_what_failed_longer_ago_is_tried_again():
    now = timezone.now()
    account = make_user_products(3, now - timedelta(days=2))
    ask(account, ["MLAUMLA2"])
    Work.objects.update(state="dead", last_error_at=now - timedelta(minutes=16))

    assert set(patrol_choice.places(account, now)) == {"MLAUMLA1", "MLAUMLA2", "MLAUMLA3"}


@pytest.mark.django_db
def test_what_is_ignored_or_has_no_user_product_of_its_own_is_not_waited_for():
    """A look would never come to them, and they would be the oldest for ever."""
    now = timezone.now()
    account = make_user_products(3, now - timedelta(hours=1))
    units = list(Variation.objects.order_by("listing"))
    Variation.objects.filter(pk=units[0].pk).update(ignored=True)
    Variation.objects.filter(pk=units[1].pk).update(variation_id=77)
    StockTarget.objects.filter(variation__in=units[:2]).update(places_at=now - timedelta(days=9))

    assert patrol_choice.places(account, now) == ["MLAUMLA3"]
    assert staleness.by_seller()[account.pk].places == now - timedelta(hours=1)
