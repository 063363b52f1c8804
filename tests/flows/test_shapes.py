"""Mercado Libre makes something else of a listing: nothing is written on the word of an old link, one click goes on."""

import pytest

from catalog.models import Listing, ShapeChange, SkuMapping
from catalog.prices import price_targets
from catalog.shapes import shape_changes
from inventory import ledger
from inventory.models import StockTarget, Warehouse
from inventory.patrol import patrol
from sellers.models import PushAttempt
from sellers.queue import work
from tests.flows.conftest import link

PAGE = "/mapping/changed/"
ALONE = {"handler": "inventory.pushes.stock_push.push", "lane": "pushes", "priority": 50}


def puts_to(world, item_id):
    return [one for one in world.requests if one.method == "PUT" and one.path == f"/items/{item_id}"]


def target(item_id, variation_id=0):
    return StockTarget.objects.get(variation__listing__item_id=item_id, variation__variation_id=variation_id)


def changes():
    return {(one.listing.item_id, one.kind, one.state) for one in ShapeChange.objects.select_related("listing")}


@pytest.fixture(autouse=True)
def opened(shop, world):
    """The shop as it is, nothing asked for yet."""
    world.requests.clear()


@pytest.fixture
def arrive(deliver, work_off):
    """Everything ML tells of arrives, and everything that follows is done."""

    def all_of_it():
        deliver()
        work_off()

    return all_of_it


@pytest.fixture
def apply(client, owner):
    """What staff does: open the page and press the button of the one change that waits."""

    def press(answer="apply"):
        client.force_login(owner)
        assert client.get(PAGE).status_code == 200
        (found,) = shape_changes.waiting()
        client.post(PAGE, {"answer": answer, "change": f"{found.change.pk}:{found.seen}"})

    return press


@pytest.fixture
def more(shop, work_off):
    """One more mug on the shelf: every listing of it is to show one more."""

    def receive(operation="more"):
        main = Warehouse.objects.get(code="MAIN")
        ledger.receive(product=shop.mug, warehouse=main, quantity=1, operation=operation)

    return receive


def test_a_flattened_listing_is_frozen_until_its_link_is_moved(world, shop, shown, arrive, apply, more, client, owner):
    world.flatten(shop.mug_set_at_casa, shop.blue)
    arrive()

    assert changes() == {(shop.mug_set_at_casa, "flattened", "open")}
    gone = target(shop.mug_set_at_casa, shop.blue)
    assert (gone.state, gone.wanted) == ("blocked", None)
    assert "no longer shows" in gone.explanation
    more()
    arrive()
    assert puts_to(world, shop.mug_set_at_casa) == []
    assert world.items[shop.mug_set_at_casa].available_quantity == 10
    assert world.items[shop.mug_at_casa].available_quantity == 11  # the others go on
    client.force_login(owner)
    assert "Nothing is sent to it." in client.get(f"/listings/{shop.mug_set_at_casa}/").content.decode()

    apply()
    arrive()

    assert world.items[shop.mug_set_at_casa].available_quantity == 11
    assert SkuMapping.objects.get(variation__listing__item_id=shop.mug_set_at_casa, variation__variation_id=0)
    assert changes() == {(shop.mug_set_at_casa, "flattened", "applied")}


def test_a_variation_that_becomes_a_listing_leaves_the_others_alone(world, shop, arrive, apply, more):
    new = world.split_off(shop.mug_set_at_casa, shop.blue)
    arrive()

    assert changes() == {(shop.mug_set_at_casa, "variations_gone", "open")}
    assert Listing.objects.get(item_id=shop.mug_set_at_casa).frozen_by == ""
    apply()
    more()
    arrive()

    assert new.available_quantity == 11
    assert changes() == {(shop.mug_set_at_casa, "variations_gone", "applied")}
    assert world.counters["variations_deleted"] == 0


def test_a_variation_that_just_went_is_confirmed(world, shop, arrive, apply):
    world.remove_variation(shop.mug_set_at_casa, shop.blue)
    arrive()

    assert changes() == {(shop.mug_set_at_casa, "variations_gone", "open")}
    apply("look")

    assert changes() == {(shop.mug_set_at_casa, "variations_gone", "confirmed")}


def test_a_relisted_listing_names_its_successor(world, shop, arrive, apply, more):
    world.close(shop.mug_at_casa)
    new = world.relist(shop.mug_at_casa)
    arrive()

    assert changes() == {(shop.mug_at_casa, "relisted", "open")}
    assert ShapeChange.objects.get().after == {"item_id": new.id}
    apply()
    more()
    arrive()

    assert new.available_quantity == 11


def test_a_listing_that_becomes_a_kit_loses_its_link_and_neither_stock_nor_price_is_sent(
    world, shop, arrive, apply, more
):
    casa = world.seller("CASA_DEL_SUR")
    parts = [casa.add_item(title=name, available_quantity=6).own.user_product_id for name in ("Plato", "Caja")]
    Listing.objects.filter(item_id=shop.mug_at_casa).update(own_price=999)
    world.make_kit(shop.mug_at_casa, dict.fromkeys(parts, 1))
    arrive()
    more()
    work.bump(account_id=shop.casa.pk, kind="price", key=shop.mug_at_casa)
    arrive()

    assert (shop.mug_at_casa, "became_kit", "open") in changes()
    assert puts_to(world, shop.mug_at_casa) == []
    apply()
    arrive()

    assert not SkuMapping.objects.filter(variation__listing__item_id=shop.mug_at_casa).exists()
    assert (target(shop.mug_at_casa).state, target(shop.mug_at_casa).wanted) == ("unlinked", None)


def test_a_kit_that_ends_is_not_written_before_somebody_has_looked(world, shop, arrive, apply, more, client, owner):
    casa, mug = world.seller("CASA_DEL_SUR"), world.items[shop.mug_at_casa].own.user_product_id
    other = casa.add_item(title="Caja", available_quantity=6).own.user_product_id
    combo = casa.add_item(title="Combo", available_quantity=6)
    world.make_kit(combo.id, {mug: 1, other: 1})
    arrive()
    unit = Listing.objects.get(item_id=combo.id).variations.get()
    SkuMapping.objects.create(variation=unit, product=shop.mug, source="typed")
    work.bump(account_id=shop.casa.pk, kind="mapping", key=str(unit.pk))
    arrive()
    world.end_kit(combo.id)
    arrive()
    more()
    arrive()

    assert (combo.id, "kit_ended", "open") in changes()
    assert puts_to(world, combo.id) == []
    assert "what this listing is" in target(combo.id).explanation
    client.force_login(owner)
    why = client.get(f"/listings/{combo.id}/why/{unit.pk}/").content.decode()
    assert "Nothing is sent to it until somebody has answered" in why
    apply()
    arrive()

    assert combo.available_quantity == 11


def test_another_way_of_sending_needs_nobody(world, shop, arrive, more):
    world.send_by(shop.mug_at_casa, "self_service")
    arrive()
    more()
    arrive()

    assert changes() == {(shop.mug_at_casa, "logistics", "settled")}
    assert world.items[shop.mug_at_casa].available_quantity == 11
    world.send_by(shop.mug_at_casa, "fulfillment")
    arrive()
    assert (target(shop.mug_at_casa).state, shape_changes.waiting()) == ("full", [])


@pytest.mark.parametrize("together", [True, False])
def test_a_push_that_reads_another_shape_than_was_stored_does_not_write(
    world, shop, work_off, more, settings, together
):
    """Nobody told us: the push itself finds out, right before it would write."""
    if not together:
        settings.WORK_KINDS = {**settings.WORK_KINDS, "stock": ALONE}
    world.flatten(shop.mug_set_at_casa, shop.blue)
    world.drain_notifications()
    more()
    work_off()

    assert puts_to(world, shop.mug_set_at_casa) == []
    assert changes() == {(shop.mug_set_at_casa, "flattened", "open")}
    assert world.items[shop.mug_at_casa].available_quantity == 11
    assert not PushAttempt.objects.filter(item_id=shop.mug_set_at_casa, changes__contains=[{"new": 11}]).exists()


def test_what_stays_is_written_by_a_read_after_the_one_that_found_the_rest_gone(world, shop, work_off, more):
    link(shop.mug_set_at_casa, shop.mug, variation_id=12)
    work_off()
    world.remove_variation(shop.mug_set_at_casa, shop.blue)
    world.drain_notifications()
    world.requests.clear()
    more()
    work_off()

    calls = [one for one in world.requests if shop.mug_set_at_casa in one.path + one.query]
    first = next(number for number, one in enumerate(calls) if one.method == "PUT")
    assert [(one.method, one.path) for one in calls[:first]] == [
        ("GET", "/items/bulk"),
        ("GET", f"/items/{shop.mug_set_at_casa}"),
    ]
    assert world.items[shop.mug_set_at_casa].available_quantity == 11


def test_a_price_push_that_reads_another_shape_does_not_write_either(world, shop, work_off, arrive):
    parts = [world.seller("CASA_DEL_SUR").add_item(title=name).own.user_product_id for name in ("Plato", "Caja")]
    listing = Listing.objects.get(item_id=shop.mug_at_casa)
    listing.own_price = world.items[shop.mug_at_casa].price + 1
    listing.save()
    world.make_kit(shop.mug_at_casa, dict.fromkeys(parts, 1))
    world.drain_notifications()
    price_targets.want([listing.pk])
    work_off()

    assert puts_to(world, shop.mug_at_casa) == []
    listing.refresh_from_db()
    assert (listing.frozen_by, listing.price_target.state) == ("became_kit", "blocked")


def test_the_patrol_finds_it_where_nobody_told(world, shop, work_off):
    Listing.objects.update(seen_at="2020-01-01T00:00:00Z")
    world.flatten(shop.mug_set_at_casa, shop.blue)
    world.drain_notifications()

    patrol.schedule()
    work_off()

    assert changes() == {(shop.mug_set_at_casa, "flattened", "open")}
