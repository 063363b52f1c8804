"""Rules at work: what a change shows before it is saved, what is sent after, who is told apart from a mass zero."""

import pytest
from django.apps import apps

from catalog.models import Listing, Product
from inventory import ledger
from inventory.models import ProductRule, SellerRule
from inventory.pushes import wants
from inventory.rules import rule_changes
from sellers.models import SellerAccount, Work


@pytest.fixture
def stocked(mug, centro):
    """Receive mugs; each call is an operation of its own."""
    calls = iter(range(1000))

    def receive(quantity, warehouse=centro, product=mug):
        ledger.receive(product=product, warehouse=warehouse, quantity=quantity, operation=f"in-{next(calls)}")

    return receive


def product_rule(product, buffer=None, last_units=None, preferred=None):
    return rule_changes.OfProduct(product, buffer, last_units, preferred)


def apply(change, to_zero=0):
    return rule_changes.apply(change, seen_to_zero=to_zero)


def listing_of(shop, item):
    return shop.target(item).variation.listing


def test_the_most_specific_buffer_is_sent(shop, mug, stocked, work_off):
    shop.open(buffer=1)
    by_seller = shop.item(link=mug, available_quantity=3)
    by_listing = shop.item(link=mug, available_quantity=3)
    stocked(10)
    work_off()
    assert (by_seller.available_quantity, by_listing.available_quantity) == (9, 9)

    apply(product_rule(mug, buffer=4))
    apply(rule_changes.OfListing(listing_of(shop, by_listing), 0))
    work_off()

    assert (by_seller.available_quantity, by_listing.available_quantity) == (6, 10)


def test_what_would_change_is_shown_and_nothing_is_written(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, available_quantity=3)
    stocked(10)
    work_off()

    effect = rule_changes.rehearse(product_rule(mug, buffer=4))

    (line,) = effect.worst(9)
    assert (line.shown, line.now, line.then, effect.to_zero) == (10, 10, 6, 0)
    assert ProductRule.objects.count() == 0
    assert not Work.objects.filter(kind="stock", state="ready").exists()
    assert shop.target(item).wanted == 10


def test_a_change_that_changes_nothing_asks_for_nothing(shop, mug, stocked, work_off):
    shop.open().item(link=mug, available_quantity=3)
    stocked(10)
    work_off()

    assert len(apply(product_rule(mug, buffer=0))) == 0

    assert ProductRule.objects.get().buffer == 0
    assert not Work.objects.filter(kind="stock", state="ready").exists()


def test_only_one_listing_sells_the_last_units_and_all_come_back(shop, mug, centro, stocked, work_off):
    shop.open()
    first = shop.item(link=mug, available_quantity=3)
    second = shop.item(link=mug, available_quantity=3)
    stocked(10)
    apply(product_rule(mug, last_units=4, preferred=listing_of(shop, second)))
    work_off()
    assert (first.available_quantity, second.available_quantity) == (10, 10)

    ledger.count(product=mug, warehouse=centro, counted=3, operation="counted")
    work_off()
    assert (first.available_quantity, second.available_quantity) == (0, 3)
    assert (first.status, second.status) == ("paused", "active")
    work_off()
    assert (first.available_quantity, second.available_quantity) == (0, 3)

    stocked(5)
    work_off()
    assert (first.available_quantity, second.available_quantity) == (8, 8)


def test_another_listing_takes_over_as_soon_as_mercado_libre_tells_of_a_pause(shop, mug, stocked, deliver, work_off):
    shop.open()
    first = shop.item(link=mug, available_quantity=3)
    second = shop.item(link=mug, available_quantity=3)
    stocked(3)
    apply(product_rule(mug, last_units=4, preferred=listing_of(shop, second)), to_zero=1)
    work_off()
    shop.world.drain_notifications()

    shop.world.pause(second.id)
    deliver()
    work_off()

    assert first.available_quantity == 3


def test_another_listing_takes_over_where_the_chosen_one_cannot_sell(shop, mug, stocked, work_off):
    shop.open()
    first = shop.item(link=mug, available_quantity=3)
    second = shop.item(link=mug, available_quantity=3)
    stocked(3)
    apply(product_rule(mug, last_units=4, preferred=listing_of(shop, second)), to_zero=1)
    work_off()
    assert (first.available_quantity, second.available_quantity) == (0, 3)

    Listing.objects.filter(item_id=second.id).update(status="paused", sub_status=[])
    wants.want_products([mug.pk])

    assert (shop.target(first).wanted, shop.target(second).wanted) == (3, 0)


def test_a_sellers_last_units_reach_all_of_its_products(shop, mug, plate, stocked, work_off):
    shop.open()
    listings = [shop.item(link=product, available_quantity=2) for product in (mug, mug, plate, plate)]
    stocked(2)
    stocked(9, product=plate)

    effect = apply(rule_changes.OfSeller(shop.account, 0, 2), to_zero=1)
    work_off()

    assert (len(effect), effect.to_zero) == (1, 1)
    assert [one.available_quantity for one in listings] == [2, 0, 9, 9]
    assert SellerRule.objects.get().last_units == 2


def test_more_at_zero_than_staff_saw_is_refused(shop, mug, stocked, work_off):
    shop.open().item(link=mug, available_quantity=3)
    stocked(3)
    work_off()

    with pytest.raises(rule_changes.MoreReachZero) as refused:
        apply(product_rule(mug, buffer=5), to_zero=0)

    assert refused.value.effect.to_zero == 1
    assert ProductRule.objects.count() == 0
    apply(product_rule(mug, buffer=5), to_zero=1)
    assert ProductRule.objects.get().buffer == 5


def test_a_rule_that_somebody_changed_meanwhile_is_refused_with_what_it_says_now(mug):
    apply(product_rule(mug, buffer=3))

    with pytest.raises(rule_changes.ChangedMeanwhile) as refused:
        apply(rule_changes.OfProduct(mug, 5, None, None, seen=(2, None, None)))

    assert refused.value.present == (3, None, None)
    assert ProductRule.objects.get().buffer == 3


def test_a_rule_that_says_nothing_is_removed_and_its_past_is_kept(mug):
    apply(product_rule(mug, buffer=3))
    apply(product_rule(mug, buffer=5))

    apply(product_rule(mug))

    assert ProductRule.objects.count() == 0
    kept = apps.get_model("inventory.ProductRuleEvent").objects.order_by("pgh_id").values_list("pgh_label", "buffer")
    assert list(kept) == [("insert", 3), ("update", 5), ("delete", 5)]


@pytest.fixture
def many(shop, centro):
    """Sixty listings of products of their own, one unit each."""
    shop.open()
    products = [Product.objects.create(sku=f"S{n}", name="Thing") for n in range(60)]
    for product in products:
        ledger.receive(product=product, warehouse=centro, quantity=1, operation=f"m{product.sku}")
        shop.item(link=product, available_quantity=1)
    return products


def test_a_zeroing_that_staff_confirmed_passes_and_others_do_not(shop, many, centro):
    effect = rule_changes.rehearse(rule_changes.OfSeller(shop.account, 1, None))
    assert effect.to_zero == 60

    apply(rule_changes.OfSeller(shop.account, 1, None), to_zero=60)
    assert not SellerAccount.objects.get().pushes_paused
    apply(rule_changes.OfSeller(shop.account, 0, None))

    ledger.count_many(counts={(one.pk, centro.pk): 0 for one in many}, operation="empty column")

    assert SellerAccount.objects.get().pushes_paused


def test_the_number_of_queries_does_not_grow_with_the_listings(shop, many, django_assert_num_queries):
    few, all_of_them = rule_changes.OfProduct(many[0], 1, None, None), rule_changes.OfSeller(shop.account, 1, None)

    with django_assert_num_queries(19):
        apply(few, to_zero=1)

    with django_assert_num_queries(19):
        apply(all_of_them, to_zero=60)
