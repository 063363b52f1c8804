"""Compositions: who may be a kit of what, what changing one asks for, and what a kit costs."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from catalog import kits
from catalog.mapping import sku_mapping
from catalog.models import KitComponent, Product
from inventory import ledger
from inventory.models import StockLevel, Warehouse
from sellers.models import Work


@pytest.fixture
def make(db):
    def product(sku, cost=None, currency_id="ARS"):
        return Product.objects.create(sku=sku, name=sku, cost=cost, currency_id=currency_id if cost else "")

    return product


@pytest.fixture
def gift(make):
    return make("GIFT")


@pytest.fixture
def plate(make):
    return make("PLATE", 30)


@pytest.fixture
def cup(make):
    return make("CUP", 20)


@pytest.fixture
def centro(db):
    return Warehouse.objects.get(code="MAIN")


def put(kit, owner=None, **components):
    products = {product.sku: product for product in Product.objects.all()}
    return kits.compose({kit.pk: {products[sku].pk: many for sku, many in components.items()}}, by=owner)


def parts_of(kit):
    return dict(KitComponent.objects.filter(kit=kit).values_list("component__sku", "quantity"))


def cost_of(kit):
    kit.refresh_from_db()
    return kit.cost, kit.currency_id


def refused(statement, *parameters):
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return error.value.__cause__.diag.constraint_name


def test_a_composition_is_made_changed_and_taken_apart_by_somebody(gift, plate, cup, owner):
    kits.set_component(kit=gift, component=plate, quantity=6, by=owner)
    kits.set_component(kit=gift, component=cup, quantity=1, by=owner)
    kits.set_component(kit=gift, component=cup, quantity=6, by=owner)
    kits.remove_component(kit=gift, component=plate, by=owner)

    assert parts_of(gift) == {"CUP": 6}
    events = KitComponent.pgh_event_model.objects.order_by("pgh_id").select_related("component", "pgh_context")
    assert [(one.pgh_label, one.component.sku, one.quantity, one.pgh_context.metadata["user"]) for one in events] == [
        ("insert", "PLATE", 6, owner.pk),
        ("insert", "CUP", 1, owner.pk),
        ("update", "CUP", 6, owner.pk),
        ("delete", "PLATE", 6, owner.pk),
    ]


def test_what_is_so_already_is_not_written_again(gift, plate, cup):
    assert put(gift, PLATE=2, CUP=1) == 1
    assert put(gift, PLATE=2, CUP=1) == 0
    assert KitComponent.pgh_event_model.objects.count() == 2


def test_a_change_asks_for_orders_and_stock_of_every_unit_that_sells_the_kit(gift, plate, cup, make_unit):
    units = [make_unit(), make_unit()]
    sku_mapping.link(variation_ids=[unit.pk for unit in units], product=gift, source="typed", by=None)
    Work.objects.all().delete()

    put(gift, PLATE=2)

    assert set(Work.objects.filter(kind="mapping").values_list("key", flat=True)) == {str(unit.pk) for unit in units}


@pytest.mark.parametrize(
    ("components", "words"),
    [
        ({"GIFT": 1}, "itself"),
        ({"BOX": 1}, "BOX would be a kit inside a kit"),
        ({"CUP": 10_001}, "between 1 and 10000"),
    ],
)
def test_what_cannot_be_a_kit_is_refused_in_plain_words(gift, plate, cup, make, components, words):
    put(make("BOX"), CUP=1)

    with pytest.raises(kits.KitRefused, match=words):
        put(gift, **components)

    assert parts_of(gift) == {}


def test_a_component_cannot_become_a_kit(gift, plate, cup):
    put(gift, PLATE=1)

    with pytest.raises(kits.KitRefused, match="PLATE would be a kit inside a kit"):
        put(plate, CUP=1)


def test_the_database_refuses_too(gift, plate, cup):
    put(gift, PLATE=1)
    insert = "insert into catalog_kitcomponent (kit_id, component_id, quantity) values (%s, %s, %s)"

    assert refused(insert, plate.pk, cup.pk, 1) == "kit_inside_no_kit"
    assert refused(insert, cup.pk, gift.pk, 1) == "kit_inside_no_kit"
    assert refused(insert, cup.pk, cup.pk, 1) == "kit_not_of_itself"
    assert refused(insert, gift.pk, plate.pk, 2) == "one_row_per_component"
    assert refused(insert, gift.pk, cup.pk, 0) == "component_quantity_in_range"


def test_a_product_with_stock_is_emptied_before_it_becomes_a_kit(gift, plate, centro):
    ledger.count(product=gift, warehouse=centro, counted=3, operation="c1")
    ledger.set_demand(owner="order:1:0", wanted={(gift.pk, centro.pk): ledger.Demand(reserved=2)})

    with pytest.raises(kits.KitRefused, match=r"3 on hand, 2 reserved.*count it to zero"):
        put(gift, PLATE=1)
    ledger.count(product=gift, warehouse=centro, counted=0, operation="c2")
    with pytest.raises(kits.KitRefused, match="0 on hand, 2 reserved"):
        put(gift, PLATE=1)
    ledger.set_demand(owner="order:1:0", wanted={})

    assert put(gift, PLATE=1) == 1


def test_a_kit_takes_no_stock_in(gift, plate, centro):
    put(gift, PLATE=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.receive(product=gift, warehouse=centro, quantity=1, operation="r")
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.set_demand(owner="order:1:0", wanted={(gift.pk, centro.pk): ledger.Demand(reserved=1)})

    assert not StockLevel.objects.exclude(on_hand=0, reserved=0).exists()


def test_what_was_shipped_before_it_was_a_kit_may_come_back_and_be_counted_away(gift, plate, centro):
    ledger.set_demand(owner="order:1:0", wanted={(gift.pk, centro.pk): ledger.Demand(shipped=1)})
    ledger.receive(product=gift, warehouse=centro, quantity=1, operation="r")
    put(gift, PLATE=1)

    ledger.set_demand(owner="order:1:0", wanted={})
    ledger.count(product=gift, warehouse=centro, counted=0, operation="c")

    assert ledger.verify() == []
    assert StockLevel.objects.get(product=gift).on_hand == 0


COSTS = [
    ({"PLATE": 2, "CUP": 1}, (Decimal(80), "ARS")),
    ({"PLATE": 2, "FREE": 1}, (None, "")),
    ({"PLATE": 2, "ABROAD": 1}, (None, "")),
]


@pytest.mark.parametrize(("components", "cost"), COSTS)
def test_a_kit_costs_what_its_components_cost_together(gift, plate, cup, make, components, cost):
    make("FREE")
    make("ABROAD", 5, "BRL")

    put(gift, **components)

    assert cost_of(gift) == cost


def test_a_kit_s_cost_follows_its_components_and_its_composition(gift, plate, cup):
    put(gift, PLATE=2, CUP=1)

    Product.objects.filter(pk=plate.pk).update(cost=31)
    assert cost_of(gift) == (82, "ARS")
    kits.set_component(kit=gift, component=cup, quantity=3, by=None)
    assert cost_of(gift) == (122, "ARS")
    kits.remove_component(kit=gift, component=plate, by=None)
    assert cost_of(gift) == (60, "ARS")
    Product.objects.filter(pk=gift.pk).update(cost=1)
    assert cost_of(gift) == (60, "ARS")  # nobody sets it by hand
