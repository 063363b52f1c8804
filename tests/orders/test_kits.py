"""Sales of kits: what they take of their components, what they keep, what comes back."""

from uuid import uuid4

import pytest

from catalog import kits
from catalog.models import Product
from inventory import ledger
from inventory.models import StockLevel, StockMovement, Warehouse
from orders.models import Order
from tests.orders.conftest import link

State = Order.StockState


@pytest.fixture
def gift(mug, plate):
    """A mug and two plates."""
    made = Product.objects.create(sku="GIFT", name="Gift")
    kits.compose({made.pk: {mug.pk: 1, plate.pk: 2}}, by=None)
    return made


@pytest.fixture
def gift_on_sale(publish, gift, mug, plate, count):
    count(mug, 10)
    count(plate, 10)
    return publish(seller_sku="GIFT")


@pytest.fixture
def item_id(gift_on_sale):
    return gift_on_sale.listing.item_id


def kinds(product):
    return list(StockMovement.objects.filter(level__product=product).order_by("pk").values_list("kind", flat=True))


def in_warehouse(product, code):
    level = StockLevel.objects.filter(product=product, warehouse__code=code).first()
    return (level.on_hand, level.reserved) if level else None


def count_in(product, warehouse, units):
    ledger.count(product=product, warehouse=warehouse, counted=units, operation=f"count:{uuid4()}")


def test_a_sale_reserves_every_component(world, item_id, gift, mug, plate, look, shelf):
    order = look(world.sell(item_id, 3).id)

    assert (shelf(mug), shelf(plate), shelf(gift)) == ((10, 3), (10, 6), (0, 0))
    assert order.stock_state == State.RESERVED
    assert order.lines.get().product == gift


def test_saying_it_again_changes_nothing(world, item_id, mug, plate, look):
    sold = world.sell(item_id, 1)
    for _ in range(3):
        look(sold.id)

    assert (kinds(mug), kinds(plate)) == (["count", "reserve"], ["count", "reserve"])


def test_shipped_together(world, item_id, mug, plate, look, shelf):
    sold = world.sell(item_id, 2)
    look(sold.id)
    world.ship(sold.id)
    order = look(sold.id)

    assert (shelf(mug), shelf(plate)) == ((8, 0), (6, 0))
    assert order.stock_state == State.SHIPPED


def test_a_cancellation_gives_every_component_back(world, item_id, mug, plate, look, shelf):
    sold = world.sell(item_id, 2)
    look(sold.id)
    world.cancel(sold.id)
    look(sold.id)

    assert (shelf(mug), shelf(plate)) == ((10, 0), (10, 0))
    assert kinds(plate) == ["count", "reserve", "release"]


def test_a_pack_of_two_kits_takes_twice_as_much(world, publish, gift, mug, plate, count, look, shelf):
    count(mug, 10)
    count(plate, 10)
    pair = publish(seller_sku="PAIR")
    link(pair, gift, units=2)

    look(world.sell(pair.listing.item_id, 1).id)

    assert (shelf(mug), shelf(plate)) == ((10, 2), (10, 4))


def test_an_open_sale_follows_the_new_composition(world, item_id, gift, mug, plate, look, shelf, work_off):
    look(world.sell(item_id, 1).id)
    spoon = Product.objects.create(sku="SPOON", name="Spoon")

    kits.compose({gift.pk: {mug.pk: 2, spoon.pk: 1}}, by=None)
    work_off()

    assert (shelf(mug), shelf(plate), shelf(spoon)) == ((10, 2), (10, 0), (0, 1))


def test_a_shipped_sale_keeps_what_it_was_shipped_as(world, item_id, gift, mug, plate, look, shelf, work_off):
    sold = world.sell(item_id, 1)
    look(sold.id)
    world.ship(sold.id)
    look(sold.id)

    kits.compose({gift.pk: {mug.pk: 5}}, by=None)
    work_off()
    look(sold.id)

    assert (shelf(mug), shelf(plate)) == ((9, 0), (8, 0))


def test_a_product_that_becomes_a_kit_is_taken_from_its_components(world, publish, mug, plate, count, look, shelf):
    count(plate, 10)
    listed = publish(seller_sku="MUG-1")
    kits.compose({mug.pk: {plate.pk: 2}}, by=None)

    look(world.sell(listed.listing.item_id, 1).id)

    assert (shelf(mug), shelf(plate)) == ((0, 0), (10, 2))


def test_a_kit_taken_apart_holds_units_of_its_own(world, item_id, gift, mug, plate, look, shelf, work_off):
    look(world.sell(item_id, 1).id)

    kits.compose({gift.pk: {}}, by=None)
    work_off()

    assert (shelf(mug), shelf(plate), shelf(gift)) == ((10, 0), (10, 0), (0, 1))


def test_a_kit_leaves_from_one_warehouse_that_has_it_all(world, item_id, mug, plate, look):
    norte = Warehouse.objects.create(code="ANORTE", name="Norte")  # by its code it comes first
    count_in(mug, norte, 50)
    count_in(plate, norte, 1)

    look(world.sell(item_id, 1).id)

    assert (in_warehouse(mug, "MAIN"), in_warehouse(plate, "MAIN")) == ((10, 1), (10, 2))
    assert (in_warehouse(mug, "ANORTE"), in_warehouse(plate, "ANORTE")) == ((50, 0), (1, 0))


def test_two_lines_that_share_a_component_are_counted_together(world, publish, item_id, gift, mug, plate, look):
    norte = Warehouse.objects.create(code="NORTE", name="Norte")
    count_in(plate, norte, 10)
    plates = publish(seller_sku="PLATE-1")

    pack = world.sell_pack([(item_id, 4), (plates.listing.item_id, 3)])
    for order_id in pack.order_ids:
        look(order_id)

    # The kits leave two plates in MAIN: three more come from NORTE.
    assert (in_warehouse(plate, "MAIN"), in_warehouse(plate, "NORTE")) == ((10, 8), (10, 3))


def test_a_line_made_of_other_things_is_allocated_anew(world, item_id, gift, mug, plate, look, work_off):
    look(world.sell(item_id, 1).id)
    norte = Warehouse.objects.create(code="NORTE", name="Norte")
    spoon = Product.objects.create(sku="SPOON", name="Spoon")
    count_in(mug, norte, 5)
    count_in(spoon, norte, 5)

    kits.compose({gift.pk: {mug.pk: 1, spoon.pk: 1}}, by=None)
    work_off()

    assert (in_warehouse(mug, "NORTE"), in_warehouse(spoon, "NORTE")) == ((5, 1), (5, 1))
    assert (in_warehouse(mug, "MAIN"), in_warehouse(plate, "MAIN")) == ((10, 0), (10, 0))


def test_components_counted_after_the_parcel_left_are_not_taken(world, publish, gift, mug, plate, count, look, shelf):
    count(plate, 10)
    listed = publish(seller_sku="GIFT")
    sold = world.sell(listed.listing.item_id, 1)
    world.ship(sold.id)

    order = look(sold.id)

    # The plates were there before, the mugs never: only what the shelf held is taken.
    assert (shelf(mug), shelf(plate)) == ((0, 0), (8, 0))
    assert order.stock_state == State.SHIPPED
