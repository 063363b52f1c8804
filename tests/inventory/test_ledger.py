import pytest
from django.db import DatabaseError, transaction

from inventory import ledger
from inventory.effects import Demand, effects_between
from inventory.models import StockLevel, StockMovement

Kind = StockMovement.Kind


def numbers(product, warehouse):
    level = StockLevel.objects.get(product=product, warehouse=warehouse)
    return level.on_hand, level.reserved


def kinds(owner):
    return list(StockMovement.objects.filter(owner=owner).order_by("effect_no").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("held", "wanted", "kinds_and_deltas"),
    [
        ((0, 0), (0, 0), []),
        ((0, 0), (3, 0), [("reserve", 0, 3)]),
        ((3, 0), (1, 0), [("release", 0, -2)]),
        ((3, 0), (0, 3), [("ship", -3, -3)]),
        ((3, 0), (1, 2), [("ship", -2, -2)]),
        ((3, 0), (0, 2), [("ship", -2, -2), ("release", 0, -1)]),
        ((0, 0), (0, 3), [("ship", -3, 0)]),
        ((0, 3), (0, 0), [("return", 3, 0)]),
        ((0, 3), (3, 0), [("return", 3, 0), ("reserve", 0, 3)]),
    ],
)
def test_movements_lead_from_what_is_held_to_what_is_wanted(held, wanted, kinds_and_deltas):
    effects = effects_between(Demand(*held), Demand(*wanted))

    assert [(effect.kind, effect.on_hand, effect.reserved) for effect in effects] == kinds_and_deltas


def test_a_demand_is_never_negative():
    with pytest.raises(ValueError, match="zero or more"):
        Demand(reserved=-1)


def test_the_same_demand_again_does_nothing(mug, centro):
    ledger.receive(product=mug, warehouse=centro, quantity=5, operation="in")
    wanted = {(mug.pk, centro.pk): Demand(reserved=3)}

    assert ledger.set_demand(owner="order:1:0", wanted=wanted) is True
    assert ledger.set_demand(owner="order:1:0", wanted=wanted) is False
    assert ledger.set_demand(owner="order:1:0", wanted=wanted) is False

    assert numbers(mug, centro) == (5, 3)
    assert kinds("order:1:0") == ["reserve"]


def test_shipping_takes_on_hand_and_reserved_down_together_and_a_return_brings_back(mug, centro):
    place = (mug.pk, centro.pk)
    ledger.receive(product=mug, warehouse=centro, quantity=5, operation="in")
    ledger.set_demand(owner="order:1:0", wanted={place: Demand(reserved=3)})

    ledger.set_demand(owner="order:1:0", wanted={place: Demand(shipped=3)})
    assert numbers(mug, centro) == (2, 0)

    ledger.set_demand(owner="order:1:0", wanted={})
    assert numbers(mug, centro) == (5, 0)
    assert kinds("order:1:0") == ["reserve", "ship", "return"]
    assert ledger.demands("order:1:0") == {}


def test_a_demand_moves_to_another_warehouse(mug, centro, norte):
    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): Demand(reserved=2)})

    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, norte.pk): Demand(reserved=2)})

    assert (numbers(mug, centro), numbers(mug, norte)) == ((0, 0), (0, 2))
    assert ledger.demands("order:1:0") == {(mug.pk, norte.pk): Demand(reserved=2)}


def test_overselling_is_recorded_not_refused(mug, centro):
    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): Demand(shipped=2)})

    assert numbers(mug, centro) == (-2, 0)


def test_several_owners_at_once(mug, plate, centro):
    ledger.set_demands(
        {
            "order:1:0": {(mug.pk, centro.pk): Demand(reserved=1)},
            "order:1:1": {(plate.pk, centro.pk): Demand(reserved=4)},
        }
    )

    assert ledger.demands_of(["order:1:0", "order:1:1"]) == {
        "order:1:0": {(mug.pk, centro.pk): Demand(reserved=1)},
        "order:1:1": {(plate.pk, centro.pk): Demand(reserved=4)},
    }


def test_staff_receives_counts_adjusts_and_transfers(owner, mug, centro, norte):
    ledger.receive(product=mug, warehouse=centro, quantity=10, operation="a", reason="Delivery 7", actor=owner)
    ledger.adjust(product=mug, warehouse=centro, delta=-2, operation="b", reason="Broken", actor=owner)
    ledger.count(product=mug, warehouse=centro, counted=9, operation="c", actor=owner)
    ledger.transfer(product=mug, source=centro, target=norte, quantity=4, operation="d", actor=owner)

    assert (numbers(mug, centro), numbers(mug, norte)) == ((5, 0), (4, 0))
    rows = StockMovement.objects.order_by("id").values_list("kind", "on_hand_delta", "on_hand_after", "actor")
    assert list(rows) == [
        ("receive", 10, 10, owner.pk),
        ("adjust", -2, 8, owner.pk),
        ("count", 1, 9, owner.pk),
        ("transfer", -4, 5, owner.pk),
        ("transfer", 4, 4, owner.pk),
    ]


def test_an_operation_happens_once(mug, centro):
    assert ledger.receive(product=mug, warehouse=centro, quantity=5, operation="same") is True
    assert ledger.receive(product=mug, warehouse=centro, quantity=5, operation="same") is False

    assert numbers(mug, centro) == (5, 0)


def test_a_stale_page_is_refused_with_the_present_numbers(mug, centro):
    ledger.receive(product=mug, warehouse=centro, quantity=5, operation="first")

    with pytest.raises(ledger.StaleLevel) as refused:
        ledger.count(product=mug, warehouse=centro, counted=3, operation="second", seen_seq=0)

    assert (refused.value.level.on_hand, refused.value.level.seq) == (5, 1)
    assert numbers(mug, centro) == (5, 0)


def test_a_transfer_needs_units_that_are_available(mug, centro, norte):
    ledger.receive(product=mug, warehouse=centro, quantity=5, operation="in")
    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): Demand(reserved=3)})

    with pytest.raises(ledger.InsufficientStock):
        ledger.transfer(product=mug, source=centro, target=norte, quantity=3, operation="out")

    assert numbers(mug, centro) == (5, 3)


@pytest.mark.parametrize("quantity", [0, -1, ledger.LARGEST + 1])
def test_quantities_out_of_range_are_refused(mug, centro, quantity):
    with pytest.raises(ValueError, match="whole number"):
        ledger.receive(product=mug, warehouse=centro, quantity=quantity, operation="x")


@pytest.mark.parametrize(
    "statement",
    [
        "update inventory_stockmovement set on_hand_delta = 7",
        "delete from inventory_stockmovement",
        "update inventory_stocklevel set on_hand = 99",
        "update inventory_stocklevel set reserved = 1, seq = seq + 1",
        "insert into inventory_stocklevel (product_id, warehouse_id, on_hand, reserved, seq)"
        " select product_id, (select max(id) from inventory_warehouse), 4, 0, 0 from inventory_stocklevel",
        "set local enlace.allow_truncate = off; truncate inventory_stockmovement",
    ],
)
def test_the_database_refuses_whoever_goes_around_the_ledger(mug, centro, norte, statement):
    ledger.receive(product=mug, warehouse=centro, quantity=5, operation="in")

    with pytest.raises(DatabaseError), transaction.atomic(), transaction.get_connection().cursor() as cursor:
        cursor.execute(statement)

    assert numbers(mug, centro) == (5, 0)
    assert StockMovement.objects.count() == 1


def test_a_ledger_that_adds_up_has_nothing_to_report(mug, centro):
    ledger.receive(product=mug, warehouse=centro, quantity=5, operation="in")
    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): Demand(reserved=3)})

    assert ledger.verify() == []


def test_a_level_that_does_not_add_up_is_reported(mug, centro):
    ledger.receive(product=mug, warehouse=centro, quantity=5, operation="in")
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table inventory_stocklevel disable trigger stock_level_guard")
        cursor.execute("update inventory_stocklevel set on_hand = 9")
        cursor.execute("alter table inventory_stocklevel enable trigger stock_level_guard")

    assert ledger.verify() == [ledger.Mismatch("MUG-1", "MAIN", "sum", 1)]
