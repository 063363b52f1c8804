"""Units that are alike, derived together: the same as unit by unit, whatever there is."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import KitComponent, Listing, Product, SkuMapping, Variation
from inventory import ledger
from inventory.models import ListingRule, ProductRule, SellerRule, SellerWarehouse, StockTarget
from inventory.targets.patterns import Products, patterns_of
from inventory.targets.unit_rows import units_of_products
from mercadolibre.checks.used_goods import ONE_OF_EACH
from sellers.models import SellerAccount

EVERY = Products("select id from catalog_product", {}, many=True)


def by_unit(patterns):
    return {pk: told(one.account_id, one.derived, one.lamps) for one in patterns for pk in one.variation_ids}


def told(account_id, derived, lamps):
    falls = lamps.falls_to(derived.quantity)
    return account_id, derived.quantity, derived.choice, lamps.wanted, lamps.last_known, falls


@pytest.fixture
def bazaar(centro, norte):
    """Three sellers with 240 listings of whatever kind, 40 products, kits and rules among them."""
    dice = random.Random(7)
    some = dice.choice
    now = timezone.now()
    sellers = [
        SellerAccount.objects.create(ml_user_id=n, nickname=f"S{n}", site_id=site, tags=tags, buffer=n)
        for n, (site, tags) in enumerate(
            [("MLA", ["normal"]), ("MLB", ["warehouse_management", "multiwarehouse"]), ("CBT", [])]
        )
    ]
    SellerWarehouse.objects.create(account=sellers[1], warehouse=norte, store_id="1", network_node_id="N")
    SellerRule.objects.create(account=sellers[0], last_units=6)
    products = [Product.objects.create(sku=f"P{n}", name="Thing") for n in range(40)]
    for product in products[:36]:
        for place in dice.sample([centro, norte], dice.randint(0, 2)):
            ledger.receive(
                product=product, warehouse=place, quantity=dice.randint(1, 30), operation=f"{product}{place}"
            )
    KitComponent.objects.create(kit=products[39], component=products[0], quantity=2)
    ProductRule.objects.create(product=products[1], buffer=3)
    ProductRule.objects.create(product=products[2], last_units=50)
    for n in range(240):
        listing = Listing.objects.create(
            account=some(sellers),
            item_id=f"{some(['MLA', 'CBT'])}{n}",
            title="Thing",
            status=some(["active"] * 5 + ["paused", "closed", "under_review"]),
            sub_status=some([[], ["out_of_stock"], ["paused_by_seller"]]),
            condition=some(["new", "used", ""]),
            listing_type_id=some(["gold_special", "free"]),
            category_id=some([*sorted(ONE_OF_EACH)[:1], "MLA9"]),
            logistic_type=some(["", "drop_off", "fulfillment"]),
            user_product_id=some(["", f"U{n // 3}"]),
            inventory_id=some(["", "", f"I{n}"]),
            tags=some([[], [], ["variations_migration_pending"]]),
            raw={"bundle": some([None, None, {"type": "kit"}]), "shipping": {"tags": some([[], ["self_service_in"]])}},
            missing_since=some([None, None, None, now]),
            available_quantity=some([0, 5]),
            currency_id="ARS",
            seen_at=now,
        )
        for variation_id in some([[0], [0], [1, 2]]):
            unit = Variation.objects.create(
                listing=listing, variation_id=variation_id, user_product_id=some(["", f"V{n}"]), available_quantity=5
            )
            SkuMapping.objects.create(variation=unit, product=some(products), units=some([1, 2]), source="typed")
            if dice.random() < 0.7:
                later = [now, now + timedelta(seconds=9)]
                StockTarget.objects.create(
                    variation=unit,
                    wanted=some([None, 0, 4]),
                    accepted=some([None, 0, 4]),
                    accepted_at=some([None, *later]),
                    observed=some([None, 0, 7]),
                    observed_at=some([None, *later]),
                )
        if n % 40 == 0:
            ListingRule.objects.create(listing=listing, buffer=9)


def test_it_is_the_same_as_unit_by_unit(bazaar):
    units = units_of_products(Product.objects.values_list("pk", flat=True))
    expected = {one.pk: told(one.account_id, units.derived[one.pk], units.lamps[one.pk]) for one in units.subjects}
    items = dict(Variation.objects.values_list("pk", "listing__item_id"))

    patterns = patterns_of(EVERY)

    assert len({found[1:3] for found in expected.values()}) > 20
    assert by_unit(patterns) == expected
    assert by_unit(patterns_of(Products(EVERY.sql, {}))) == expected
    shared = {pk: one.shares_stock for one in patterns for pk in one.variation_ids}
    assert shared == {one.pk: units.derived[one.pk].key != items[one.pk] for one in units.subjects}
    assert set(shared.values()) == {True, False}
