"""Importing a whole catalog from the sandbox: complete, once, and going on after whatever happens."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from catalog.imports import importing
from catalog.models import Listing, Product, Variation
from sandbox.faults import HTML_502, RATE_LIMITED, TRUNCATED_JSON
from sellers import clock
from sellers.models import Job, SellerAccount, Work
from sellers.queue import jobs, work
from tests.wrong_clock import another_hour


@pytest.fixture(autouse=True)
def no_waiting_for_the_budget(settings):
    settings.MELI_RATE_PER_MINUTE = 600_000


def fill(shop, count):
    return [shop.add_item(title=f"Listing {number}", seller_sku=f"SKU-{number}") for number in range(count)]


def requests_to(world, pattern):
    return [one for one in world.requests if re.fullmatch(pattern, one.path)]


def test_every_listing_is_imported_once(world, shop, account, run_import):
    items = fill(shop, 230)

    job = run_import(account)

    assert (job.state, job.done, job.total, job.errors) == (Job.State.DONE, 230, 230, 0)
    assert set(Listing.objects.values_list("item_id", flat=True)) == {item.id for item in items}
    assert Variation.objects.count() == 230
    assert set(Variation.objects.values_list("variation_id", flat=True)) == {0}


def test_a_second_import_changes_nothing(shop, account, run_import):
    fill(shop, 30)
    run_import(account)

    job = run_import(account)

    assert (job.result["new"], job.result["changed"], job.result["missing"]) == (0, 0, 0)
    assert (Listing.objects.count(), Variation.objects.count()) == (30, 30)


def test_it_needs_no_more_calls_than_pages_and_twenties(world, shop, account, run_import):
    fill(shop, 200)

    run_import(account)

    assert len(requests_to(world, r"/users/\d+/items/search")) == 3  # two pages and the empty one that ends the scan
    assert len(requests_to(world, "/items/bulk")) == 10


def test_an_item_s_fields_are_kept(shop, account, run_import):
    item = shop.add_item(title="Lámpara <b>LED</b>", price="1999.90", available_quantity=7, seller_sku="007", gtin="77")

    run_import(account)

    listing = Listing.objects.get()
    unit = listing.variations.get()
    assert (listing.item_id, listing.title, listing.status) == (item.id, "Lámpara <b>LED</b>", "active")
    assert (str(listing.price), listing.currency_id, listing.available_quantity) == ("1999.90", "ARS", 7)
    assert (unit.seller_sku, unit.gtin, unit.available_quantity) == ("007", "77", 7)
    assert listing.raw["id"] == item.id


def test_variations_come_with_their_own_skus_and_words(shop, account, run_import):
    shop.add_item(
        seller_sku="SHIRT",
        variations=[
            {"id": 11, "combination": {"COLOR": "Rojo"}, "available_quantity": 2, "seller_sku": "SHIRT-R"},
            {"id": 12, "combination": {"COLOR": "Azul"}, "available_quantity": 3, "seller_custom_field": "SHIRT-A"},
            {"id": 13, "combination": {"COLOR": "Gris"}, "available_quantity": 4},
        ],
    )

    run_import(account)

    rows = Variation.objects.order_by("variation_id").values_list("variation_id", "seller_sku", "available_quantity")
    assert list(rows) == [(11, "SHIRT-R", 2), (12, "SHIRT-A", 3), (13, "SHIRT", 4)]
    assert Variation.objects.get(variation_id=11).attributes_text == "Color: Rojo"


def test_variations_that_disappear_are_gone_and_come_back(world, shop, account, run_import):
    item = shop.add_item(
        variations=[
            {"id": 11, "combination": {"COLOR": "Rojo"}, "available_quantity": 2},
            {"id": 12, "combination": {"COLOR": "Azul"}, "available_quantity": 3},
        ]
    )
    run_import(account)
    kept = item.variations.pop()
    run_import(account)
    gone_at = Variation.objects.get(variation_id=12).gone_at

    item.variations.append(kept)
    run_import(account)

    assert gone_at is not None
    assert Variation.objects.get(variation_id=12).gone_at is None
    assert Variation.objects.get(variation_id=11).gone_at is None


def test_the_item_itself_is_gone_as_a_unit_once_it_has_variations(world, shop, account, run_import):
    item = shop.add_item()
    run_import(account)
    other = shop.add_item(variations=[{"id": 11, "combination": {"COLOR": "Rojo"}, "available_quantity": 2}])
    item.variations = other.variations

    run_import(account)

    units = Variation.objects.filter(listing__item_id=item.id).order_by("variation_id")
    assert [(unit.variation_id, unit.gone_at is None) for unit in units] == [(0, False), (11, True)]


def test_a_seller_sku_that_is_unique_links_by_itself(shop, account, mug, run_import, linked):
    item = shop.add_item(seller_sku="MUG-350")
    shop.add_item(seller_sku="mug-350")

    job = run_import(account)

    assert linked() == {(item.id, 0): "MUG-350"}
    assert job.result["linked"] == 1
    unit = Variation.objects.get(listing__item_id=item.id)
    assert Work.objects.filter(kind="mapping", key=str(unit.pk), account=account).exists()


def test_a_seller_sku_on_two_listings_links_none(shop, account, mug, run_import, linked):
    shop.add_item(seller_sku="MUG-350")
    shop.add_item(seller_sku="MUG-350")

    run_import(account)

    assert linked() == {}


def test_two_listings_of_one_user_product_are_one_thing(shop, account, mug, run_import, linked):
    first = shop.add_item(seller_sku="MUG-350")
    second = shop.add_item(seller_sku="MUG-350", user_product_id=first.own.user_product_id)

    run_import(account)

    assert set(linked()) == {(first.id, 0), (second.id, 0)}


def test_an_import_killed_between_pages_goes_on_where_it_was(world, shop, account, run_import):
    fill(shop, 250)
    job = importing.start(account=account)
    Work.objects.update(due_at=timezone.now() - timedelta(hours=1))
    (claim,) = work.claim(lane=2, who="doomed")
    job.refresh_from_db()
    killed = importing.Run(job, claim)
    killed.step()
    assert Listing.objects.count() == 100
    world.requests.clear()

    Work.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work.reap()
    finished = run_import(account)

    assert finished.pk == job.pk
    assert (finished.state, finished.done, Listing.objects.count()) == (Job.State.DONE, 250, 250)
    assert len(requests_to(world, "/items/bulk")) == 8  # 150 items are left


def test_what_a_page_had_fetched_before_trouble_is_not_fetched_again(world, shop, account, run_import):
    fill(shop, 100)
    world.faults.add(RATE_LIMITED, times=1, path="/items/bulk")

    job = run_import(account)

    assert job.done == 100
    assert len(requests_to(world, "/items/bulk")) == 6
    assert len(requests_to(world, r"/users/\d+/items/search")) == 2


def test_an_expired_scroll_starts_again_without_fetching_twice(world, shop, account, run_import):
    fill(shop, 150)
    job = importing.start(account=account)
    (claim,) = work.claim(lane=2, who="slow")
    job.refresh_from_db()
    importing.Run(job, claim).step()
    world.clock.advance(seconds=360)
    world.requests.clear()

    Work.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work.reap()
    finished = run_import(account)

    assert (finished.state, finished.done, finished.result["scans"]) == (Job.State.DONE, 150, 2)
    assert len(requests_to(world, "/items/bulk")) == 3


@pytest.mark.parametrize("fault", [RATE_LIMITED, HTML_502, TRUNCATED_JSON])
def test_trouble_at_mercado_libre_only_delays(world, shop, account, run_import, fault):
    fill(shop, 120)
    world.faults.add(fault, times=2)

    job = run_import(account)

    assert (job.state, job.done, job.errors) == (Job.State.DONE, 120, 0)


def test_an_unreadable_item_is_counted_and_the_rest_goes_on(world, shop, account, run_import):
    items = fill(shop, 25)
    items[3].variations = shop.add_item(variations=[{"combination": {"SIZE": "M"}, "available_quantity": 1}]).variations
    items[3].variations[0].id = "not a number"

    job = run_import(account)

    assert (job.state, job.errors) == (Job.State.DONE, 2)  # its twin has the same unreadable variation
    assert Listing.objects.count() == 24
    assert [one["item_id"] for one in job.result["problems"]][:1] == [items[3].id]
    assert job.result["problems"][0]["reason"]


def test_an_item_that_the_database_refuses_is_counted_and_the_rest_goes_on(shop, account, run_import):
    items = fill(shop, 25)
    items[7].own.available_quantity = 2**40

    job = run_import(account)

    assert (job.state, job.errors, Listing.objects.count()) == (Job.State.DONE, 1, 24)
    assert job.result["problems"][0]["item_id"] == items[7].id


def test_closed_listings_are_imported_only_if_they_were_known(world, shop, account, run_import):
    known, unknown = shop.add_item(), shop.add_item()
    world.close(unknown.id)
    run_import(account)
    world.close(known.id)

    run_import(account)

    assert list(Listing.objects.values_list("item_id", "status")) == [(known.id, "closed")]


def test_a_listing_is_missing_after_two_complete_runs_without_it(world, shop, account, run_import):
    _kept, lost = shop.add_item(), shop.add_item()
    run_import(account)
    world.items[lost.id].sub_status = ["deleted"]

    run_import(account)
    after_one = Listing.objects.get(item_id=lost.id).missing_since
    run_import(account)
    after_two = Listing.objects.get(item_id=lost.id).missing_since
    world.items[lost.id].sub_status = []
    run_import(account)

    assert after_one is None
    assert after_two is not None
    assert Listing.objects.filter(missing_since=None).count() == 2


def test_listings_that_move_while_scanning_are_never_doubled_and_the_next_run_has_all(world, shop, account, run_import):
    fill(shop, 150)
    job = importing.start(account=account)
    (claim,) = work.claim(lane=2, who="first")
    job.refresh_from_db()
    run = importing.Run(job, claim)
    run.step()
    fill(shop, 60)
    for item in list(world.items.values())[:20]:  # they move to the end of the scan and are shown again
        item.stop_time += timedelta(days=5000)

    while run.step():
        pass

    assert 150 <= Listing.objects.count() <= 210
    assert job.done == Listing.objects.count()
    jobs.finish(job, claim, state=Job.State.DONE)
    run_import(account)
    assert Listing.objects.count() == 210


def test_cancelling_keeps_what_was_done(shop, account, work_off):
    fill(shop, 120)
    job = importing.start(account=account)
    Job.objects.update(cancel_requested=True)

    work_off()

    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_an_item_of_another_seller_is_refused(world, shop, account, connect):
    other = world.add_seller("OTRA")
    item = shop.add_item()
    stranger = connect(other)
    client = importing.client_for(account)

    with pytest.raises(importing.NotTheirs):
        importing.save_item(stranger, client.item(item.id), timezone.now())

    assert Listing.objects.count() == 0


def test_saving_one_item_says_what_changed(world, shop, account):
    item = shop.add_item(price=1000, available_quantity=5)
    client = importing.client_for(account)
    first = importing.save_item(account, client.item(item.id), timezone.now())
    world.edit_stock(item.id, 3)

    second = importing.save_item(account, client.item(item.id), timezone.now())

    assert first.created
    assert first.variations[0].available_quantity == 5
    assert dict(second.changes) == {"available_quantity": (5, 3)}
    assert second.variations[0].available_quantity == 3


def test_a_read_older_than_ours_changes_nothing(world, shop, account):
    item = shop.add_item(available_quantity=5)
    client = importing.client_for(account)
    old = client.item(item.id)
    world.clock.advance(seconds=5)
    world.edit_stock(item.id, 3)
    importing.save_item(account, client.item(item.id), timezone.now())

    late = importing.save_item(account, old, timezone.now())

    assert dict(late.changes) == {}
    assert Listing.objects.get().available_quantity == 3


def test_saving_one_item_is_cheap(django_assert_max_num_queries, shop, account):
    item = shop.add_item(variations=[{"combination": {"SIZE": str(one)}, "available_quantity": 1} for one in range(50)])
    client = importing.client_for(account)
    importing.save_item(account, client.item(item.id), timezone.now())
    again = client.item(item.id)

    with django_assert_max_num_queries(6):
        importing.save_item(account, again, timezone.now())


def test_the_sweep_imports_sellers_that_never_were(shop, account):
    SellerAccount.objects.update(catalog_imported_at=None)

    importing.sweep()
    importing.sweep()

    assert Job.objects.filter(kind="catalog_import").count() == 1


def test_the_sweep_leaves_imported_and_unconnected_sellers_alone(world, connect):
    connect(world.add_seller("IMPORTED"))
    lost = connect(world.add_seller("LOST"))
    SellerAccount.objects.filter(pk=lost.pk).update(status="needs_reconnect", catalog_imported_at=None)

    importing.sweep()

    assert Job.objects.count() == 0


def test_an_import_notes_when_the_catalog_was_read(shop, account, run_import):
    SellerAccount.objects.update(catalog_imported_at=None)
    shop.add_item()

    run_import(account)

    assert SellerAccount.objects.get().catalog_imported_at is not None


@pytest.mark.parametrize("hours", [1, -1])
def test_what_an_import_saw_is_told_by_the_database_s_clock(world, shop, account, run_import, hours):
    """Looks by other machines are compared with it: a listing is missing that no import has seen twice."""
    shop.add_item()

    with another_hour(hours, world=world):
        job = run_import(account)

    began_at = datetime.fromisoformat(job.checkpoint["began_at"])
    times = [began_at, Listing.objects.get().seen_at, SellerAccount.objects.get().catalog_imported_at]
    assert max(abs(at - clock.now()) for at in times) < timedelta(minutes=1)


def test_products_that_come_later_link_by_the_same_rule(shop, account, run_import, linked):
    item = shop.add_item(seller_sku="NEW-1")
    run_import(account)
    product = Product.objects.create(sku="NEW-1", name="New")

    importing.matching.link_exact(product_ids=[product.pk])

    assert linked() == {(item.id, 0): "NEW-1"}


def test_jobs_are_started_once(account):
    assert importing.start(account=account).pk == importing.start(account=account).pk
    assert jobs.Job.objects.count() == 1
