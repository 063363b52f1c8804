"""Kits in stock: what their components are good for, and that every listing of a kit follows its components."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import kits
from catalog.models import Product
from inventory import ledger, queries
from inventory.effects import Demand
from inventory.models import StockTarget
from inventory.pushes import stock_push
from inventory.pushes.push_decisions import taken_by_orders
from inventory.targets.intents import intents_of, linked
from inventory.targets.kits import available_kits, limiting
from ui.stored import told

PLATE, CUP = 1, 2
A, B = 10, 20
TABLE = [
    ("each of both", {PLATE: 1, CUP: 1}, {PLATE: {A: 5}, CUP: {A: 3}}, {A: 3}),
    ("several of one, rounded down", {PLATE: 6, CUP: 1}, {PLATE: {A: 17}, CUP: {A: 9}}, {A: 2}),
    ("apart in two warehouses is no kit", {PLATE: 1, CUP: 1}, {PLATE: {A: 5}, CUP: {B: 5}}, {A: 0, B: 0}),
    ("each warehouse for itself", {PLATE: 2, CUP: 1}, {PLATE: {A: 5, B: 2}, CUP: {A: 1, B: 9}}, {A: 1, B: 1}),
    ("a component never seen", {PLATE: 1, CUP: 1}, {PLATE: {A: 5}}, {A: 0}),
    ("nothing was ever there", {PLATE: 1, CUP: 1}, {}, {}),
    ("oversold counts as missing", {PLATE: 2, CUP: 1}, {PLATE: {A: -1}, CUP: {A: 4}}, {A: -1}),
    ("a product is a kit of itself", {PLATE: 1}, {PLATE: {A: 5, B: -2}}, {A: 5, B: -2}),
]


@pytest.mark.parametrize(("name", "parts", "available", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_what_components_are_good_for(name, parts, available, expected):
    assert available_kits(parts, available) == expected


@pytest.mark.parametrize(
    ("plates", "cups", "expected"), [(12, 3, {PLATE}), (60, 3, {CUP}), (18, 3, {PLATE, CUP}), (-1, 0, {PLATE})]
)
def test_the_component_that_limits(plates, cups, expected):
    assert limiting({PLATE: 6, CUP: 1}, {PLATE: {A: plates}, CUP: {A: cups}}, A) == expected


@pytest.fixture
def gift(mug, plate):
    """A mug and two plates."""
    made = Product.objects.create(sku="GIFT", name="Gift")
    kits.compose({made.pk: {mug.pk: 1, plate.pk: 2}}, by=None)
    return made


def receive(product, warehouse, quantity):
    ledger.receive(product=product, warehouse=warehouse, quantity=quantity, operation=f"{product.sku}{warehouse.code}")


def test_available_by_warehouse_in_one_query(gift, mug, plate, centro, norte, django_assert_num_queries):
    receive(mug, centro, 5)
    receive(plate, centro, 7)
    receive(plate, norte, 4)

    with django_assert_num_queries(1):
        found = queries.available_of([gift.pk, mug.pk])

    assert found == {gift.pk: {centro.pk: 3, norte.pk: 0}, mug.pk: {centro.pk: 5}}


def test_what_would_follow_from_a_movement_of_a_component(gift, mug, plate, centro):
    receive(mug, centro, 5)
    receive(plate, centro, 7)

    assert queries.available_of([gift.pk], moved={(plate.pk, centro.pk): -3})[gift.pk] == {centro.pk: 2}


def test_a_component_that_changes_asks_for_the_pushes_of_its_kits(shop, gift, mug, plate, centro, work_off):
    shop.open()
    receive(mug, centro, 5)
    receive(plate, centro, 20)
    alone = shop.item(link=mug, available_quantity=1)
    kit = shop.item(link=gift, available_quantity=1)
    pack = shop.item(link=gift, units=2, available_quantity=1)
    work_off()
    assert [shop.target(one).observed for one in (alone, kit, pack)] == [5, 5, 2]

    ledger.adjust(product=plate, warehouse=centro, delta=-14, operation="broken", reason="fell")
    assert [shop.target(one).wanted for one in (alone, kit, pack)] == [5, 3, 1]
    work_off()

    assert [shop.world.items[one.id].available_quantity for one in (alone, kit, pack)] == [5, 3, 1]


def test_a_changed_composition_is_told_to_the_listing(shop, gift, mug, plate, centro, work_off):
    shop.open()
    receive(mug, centro, 5)
    receive(plate, centro, 9)
    kit = shop.item(link=gift, available_quantity=1)
    work_off()
    assert shop.world.items[kit.id].available_quantity == 4

    kits.set_component(kit=gift, component=plate, quantity=3, by=None)
    work_off()

    assert shop.world.items[kit.id].available_quantity == 3


def test_a_preview_shows_what_happens_to_the_listings_of_kits(shop, gift, mug, plate, centro):
    shop.open()
    receive(mug, centro, 5)
    receive(plate, centro, 9)
    shop.item(link=gift, available_quantity=4)

    (intent,) = intents_of(linked(), moved={(mug.pk, centro.pk): -3})

    assert intent.quantity == 2


def test_sales_that_orders_explain_are_those_of_which_every_component_went(gift, mug, plate, centro):
    receive(mug, centro, 9)
    receive(plate, centro, 9)
    begin = timezone.now() - timedelta(hours=1)

    ledger.set_demand(owner="order:1:0", wanted={(plate.pk, centro.pk): Demand(reserved=4)})
    assert taken_by_orders(gift.pk, begin) == 0
    ledger.set_demand(owner="order:2:0", wanted={(mug.pk, centro.pk): Demand(reserved=1)})

    assert taken_by_orders(gift.pk, begin) == 1
    assert taken_by_orders(plate.pk, begin) == 4


def test_a_kit_made_at_ml_is_never_written(shop, mug, centro, work_off):
    shop.open()
    receive(mug, centro, 5)
    item = shop.item(link=mug, available_quantity=1)
    StockTarget.objects.all().delete()
    variation = linked().get()
    variation.listing.raw["bundle"] = {"id": "MLABUNDLE1"}
    variation.listing.save()

    stock_push.want_products([mug.pk])
    work_off()

    assert shop.puts() == []
    assert shop.world.items[item.id].available_quantity == 1
    target = shop.target(item)
    assert (target.wanted, target.state) == (None, StockTarget.State.BLOCKED)
    assert told(target.explanation) == "A kit made at Mercado Libre: its stock comes from its parts and is not sent."
