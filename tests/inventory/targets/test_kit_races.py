"""A product becomes a kit at the very moment when its stock moves, or a sale reads its composition: one waits."""

import threading
import time

import pytest
from django.db import IntegrityError, transaction

from catalog import kits
from catalog.models import KitComponent, Product
from inventory import ledger
from inventory.models import StockLevel, Warehouse
from tests.inventory.test_ledger_races import together

HOLD = 0.4  # seconds in which the second one must be seen waiting


@pytest.fixture
def place(transactional_db):
    return Warehouse.objects.get(code="MAIN")


@pytest.fixture
def gift(place):
    return Product.objects.create(sku="GIFT", name="Gift")


@pytest.fixture
def cup(place):
    return Product.objects.create(sku="CUP", name="Cup")


class Race:
    """The first does something in a transaction and holds it; then the second begins. `order` is who was done when."""

    def __init__(self):
        self.began, self.order = threading.Event(), []

    def run(self, first, second):
        together(lambda: self.hold(first), lambda: self.follow(second))

    def hold(self, action):
        with transaction.atomic():
            action()
            self.began.set()
            time.sleep(HOLD)
            self.order.append("first")

    def follow(self, action):
        assert self.began.wait(10)
        action()
        self.order.append("second")


def compose(gift, cup):
    return kits.compose({gift.pk: {cup.pk: 1}}, by=None)


@pytest.mark.parametrize("known", [False, True])
def test_stock_that_is_coming_in_keeps_a_product_from_becoming_a_kit(place, gift, cup, known):
    if known:
        ledger.count(product=gift, warehouse=place, counted=0, operation="known")

    def refused():
        with pytest.raises(kits.KitRefused, match="3 on hand"):
            compose(gift, cup)

    race = Race()
    race.run(lambda: ledger.receive(product=gift, warehouse=place, quantity=3, operation="in"), refused)

    assert race.order == ["first", "second"]
    assert not KitComponent.objects.exists()


@pytest.mark.parametrize("known", [False, True])
def test_a_product_that_is_becoming_a_kit_takes_no_stock_in(place, gift, cup, known):
    if known:
        ledger.count(product=gift, warehouse=place, counted=0, operation="known")

    def refused():
        with pytest.raises(IntegrityError, match="a kit holds no stock"):
            ledger.receive(product=gift, warehouse=place, quantity=3, operation="in")

    race = Race()
    race.run(lambda: compose(gift, cup), refused)

    assert race.order == ["first", "second"]
    assert not StockLevel.objects.exclude(on_hand=0).exists()


def test_a_composition_stays_until_the_sale_that_read_it_is_written(place, gift, cup):
    read = []

    race = Race()
    race.run(lambda: read.append(kits.kept_compositions([gift.pk])), lambda: compose(gift, cup))

    assert (read, race.order) == ([{}], ["first", "second"])


def test_a_sale_waits_for_a_composition_that_is_being_changed_and_reads_the_new_one(place, gift, cup):
    read = []

    def sell():
        with transaction.atomic():
            read.append(kits.kept_compositions([gift.pk]))

    race = Race()
    race.run(lambda: compose(gift, cup), sell)

    assert (read, race.order) == ([{gift.pk: {cup.pk: 1}}], ["first", "second"])


def test_two_who_would_make_a_kit_inside_a_kit_at_once_do_not_both(place, gift, cup):
    spoon = Product.objects.create(sku="SPOON", name="Spoon")

    def refused():
        with pytest.raises(kits.KitRefused, match="inside a kit"):
            kits.compose({cup.pk: {spoon.pk: 1}}, by=None)

    race = Race()
    race.run(lambda: compose(gift, cup), refused)

    assert KitComponent.objects.count() == 1
