"""Mercado Libre moves a listing to user products, or it is relisted: orders, links and pushes follow."""

import pytest

from catalog.models import Listing, SkuMapping, Variation
from catalog.shapes import shape_changes
from inventory.models import StockTarget
from orders.models import Order, OrderLine
from sellers.models import Work


@pytest.fixture
def reds(shop, world):
    """The set's blue mug, as the shop has it: the product is linked, its SKU at ML says something else."""
    return world.items[shop.mug_set_at_casa]


def move_all(client):
    named = [f"{one.change.pk}:{one.seen}" for one in shape_changes.waiting() if one.moves]
    client.post("/mapping/changed/", {"answer": "apply", "change": named})


def puts_to(world, item_id):
    return [one for one in world.requests if one.method == "PUT" and one.path == f"/items/{item_id}"]


def test_variations_that_become_listings_are_proposed_moved_and_pushed(
    world, shop, reds, deliver, work_off, client, owner
):
    before = world.sell(reds.id, 2, shop.blue)
    deliver()
    work_off()
    world.migration_takes = 60
    world.migrate(reds.id)
    deliver()
    work_off()
    sent = len(puts_to(world, reds.id))
    world.sell(shop.mug_at_casa, 1)  # while it moves nobody writes to it
    deliver()
    work_off()
    old = StockTarget.objects.get(variation__listing__item_id=reds.id, variation__variation_id=shop.blue)
    assert (old.state, len(puts_to(world, reds.id))) == ("blocked", sent)
    assert "moving the variations" in old.explanation
    world.clock.advance(seconds=61)
    world.run_due()
    deliver()
    work_off()

    # The old one has ended; its successor is there, of the same user product, and not linked.
    blue = next(one for one in reds.variations if one.id == shop.blue)
    successor = Variation.objects.get(listing__status="active", variation_id=0, user_product_id=blue.user_product_id)
    assert not SkuMapping.objects.filter(variation=successor).exists()
    client.force_login(owner)
    assert "made something else of 1 listing" in client.get("/").content.decode()
    page = client.get("/mapping/changed/").content.decode()
    assert reds.id in page
    assert successor.listing.item_id in page
    late = world.sell(successor.listing.item_id, 1)
    deliver()
    work_off()
    assert Order.objects.get(order_id=late.id).stock_state == "unlinked"

    move_all(client)
    work_off()

    assert world.items[successor.listing.item_id].available_quantity == 10 - 2 - 1 - 1
    assert len(puts_to(world, reds.id)) == sent
    assert Order.objects.get(order_id=late.id).stock_state == "reserved"
    line = OrderLine.objects.get(order__order_id=before.id)
    assert (line.product, line.listing_variation.listing.item_id) == (shop.mug, reds.id)
    world.cancel(before.id)
    deliver()
    work_off()
    assert shop.level.reserved == 2  # the old order let its units go
    assert not Work.objects.filter(kind="stock", state="dead").exists()


def test_a_relisted_listing_is_proposed_and_takes_the_stock_over(world, shop, deliver, work_off, client, owner):
    sold = world.sell(shop.mug_at_casa, 1)
    deliver()
    work_off()
    world.close(shop.mug_at_casa)
    new = world.relist(shop.mug_at_casa)
    world.notify("items", f"/items/{new.id}", new.seller_id)
    deliver()
    work_off()
    assert Listing.objects.get(item_id=new.id).status == "active"

    client.force_login(owner)
    move_all(client)
    world.sell(shop.mug_at_aurora, 1)
    deliver()
    work_off()

    assert new.available_quantity == 8
    assert puts_to(world, shop.mug_at_casa)[-1].status == 200
    assert OrderLine.objects.get(order__order_id=sold.id).product == shop.mug
    world.cancel(sold.id)
    deliver()
    work_off()
    assert new.available_quantity == 9


def test_listings_of_one_user_product_are_one_group_on_list_and_page(world, shop, client, owner, deliver, work_off):
    casa = world.seller("CASA_DEL_SUR")
    casa.tags.append("user_product_seller")
    first = casa.add_item(family_name="Taza de autor", available_quantity=4)
    second = casa.add_item(
        family_name="Taza de autor", user_product_id=first.own.user_product_id, listing_type_id="gold_pro"
    )
    for item in (first, second):
        world.notify("items", f"/items/{item.id}", casa.user_id)
    deliver()
    work_off()
    client.force_login(owner)

    shown = client.get(f"/listings/?q={first.own.user_product_id}").content.decode()
    page = client.get(f"/listings/{first.id}/").content.decode()

    assert shown.count("2 listings share their stock") == 2
    assert shown.count("family Taza de autor") == 2
    assert "Listings that share its stock" in page
    assert f"/listings/{second.id}/" in page
    assert "Taza de autor" in page
