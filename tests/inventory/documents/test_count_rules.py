"""What approving a count adds, and who may approve it: the tables, then the same in the ledger."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Product
from inventory import ledger
from inventory.documents import count_rows, counts, receipts
from inventory.documents.count_rules import Approval, Parcel, approval, is_large, known_later, still_to_add, was_gone
from inventory.effects import Demand
from inventory.models import StockCount, StockLevel, StockMovement

NOON = timezone.now().replace(hour=12, minute=0)
MORNING, EVENING = NOON - timedelta(hours=3), NOON + timedelta(hours=3)


@pytest.mark.parametrize(
    ("left_at", "gone"),
    [
        (None, False),
        (MORNING, True),
        (NOON - timedelta(minutes=6), True),
        (NOON - timedelta(minutes=5), False),
        (NOON, False),
        (EVENING, False),
    ],
)
def test_what_had_left_before_the_counting(left_at, gone):
    assert was_gone(left_at=left_at, counted_at=NOON) is gone


@pytest.mark.parametrize(
    ("difference", "parcels", "added"),
    [
        (-2, [], -2),
        (3, [], 3),
        (0, [], 0),
        (-2, [Parcel("order:1:0", -1, EVENING)], -2),
        (-2, [Parcel("order:1:0", -1, None)], -2),
        (-2, [Parcel("order:1:0", -2, MORNING)], 0),
        (-2, [Parcel("order:1:0", -3, MORNING)], 1),
        (-3, [Parcel("order:1:0", -1, MORNING), Parcel("order:2:0", -1, EVENING)], -2),
        (0, [Parcel("order:1:0", -1, MORNING)], 1),
        (1, [Parcel("order:1:0", 1, None)], 0),
        (0, [Parcel("order:1:0", 1, None), Parcel("order:2:0", -1, MORNING)], 0),
    ],
)
def test_what_is_still_to_add(difference, parcels, added):
    assert still_to_add(difference=difference, parcels=parcels, counted_at=NOON) == added


@given(
    st.integers(0, 50),
    st.lists(st.integers(1, 5), max_size=4),
    st.lists(st.integers(1, 5), max_size=4),
    st.integers(0, 9),
)
def test_after_approval_on_hand_is_what_is_in_the_house(in_house, known_late, left_since, received):
    """The ledger held all that was in the house and what had left unknown; `in_house` were counted."""
    parcels = [Parcel(f"order:{n}:0", -units, MORNING) for n, units in enumerate(known_late)]
    parcels += [Parcel(f"order:9{n}:0", -units, EVENING) for n, units in enumerate(left_since)]
    for mistake in (-3, 0, 4):
        on_hand_then = in_house + sum(known_late) + mistake
        on_hand_now = on_hand_then + sum(one.units for one in parcels) + received

        added = still_to_add(difference=in_house - on_hand_then, parcels=parcels, counted_at=NOON)

        assert on_hand_now + added == in_house - sum(left_since) + received
    assert [-one.units for one in known_later(parcels, counted_at=NOON)] == known_late


@pytest.mark.parametrize(
    ("differing", "on_hand", "large"), [(0, 0, False), (1, 0, True), (2, 10, False), (3, 10, True), (1, -4, True)]
)
def test_more_than_a_fifth_is_large(differing, on_hand, large):
    assert is_large(differing=differing, on_hand=on_hand) is large


@pytest.mark.parametrize(
    ("own", "large", "others", "administrator", "answer"),
    [
        (False, True, True, False, Approval.YES),
        (True, False, True, False, Approval.YES),
        (True, True, False, False, Approval.YES),
        (True, True, True, False, Approval.BY_ANOTHER),
        (True, True, True, True, Approval.WITH_REASON),
        (True, True, False, True, Approval.YES),
    ],
)
def test_who_approves(own, large, others, administrator, answer):
    assert approval(own=own, large=large, others=others, administrator=administrator) is answer


# --- in the ledger ----------------------------------------------------------------------------------------------------


@pytest.fixture
def keeper(db):
    return somebody("wanda", "operator")


def somebody(name, role):
    user = get_user_model().objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def shelf(mug, plate, centro):
    ledger.receive(product=mug, warehouse=centro, quantity=10, operation="a")
    ledger.receive(product=plate, warehouse=centro, quantity=4, operation="b")


def enter(warehouse, counted, by):
    return counts.enter(warehouse=warehouse, counted=counted, operation=uuid.uuid4(), by=by)[0]


def ship(product, warehouse, units, left_at, owner="order:1:0"):
    ledger.set_demands({owner: {(product.pk, warehouse.pk): Demand(shipped=units)}}, left_at={owner: left_at})


def ago(**length):
    return timezone.now() - timedelta(**length)


def on_hand(product, warehouse):
    return StockLevel.objects.get(product=product, warehouse=warehouse).on_hand


def test_a_unit_that_had_left_and_was_learnt_of_after_the_counting_is_taken_off_once(shelf, mug, centro, keeper, owner):
    made = enter(centro, {mug: 9}, keeper)
    ship(mug, centro, 1, ago(hours=2))
    assert on_hand(mug, centro) == 9

    counts.approve(count=made, by=owner)

    assert on_hand(mug, centro) == 9
    assert StockMovement.objects.get(kind="count").on_hand_delta == 0
    assert ledger.verify() == []


def test_one_that_was_reserved_and_had_left_is_taken_off_once(shelf, mug, centro, keeper, owner):
    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): Demand(reserved=2)})
    made = enter(centro, {mug: 7}, keeper)
    ship(mug, centro, 2, ago(hours=2))

    counts.approve(count=made, by=owner)

    level = StockLevel.objects.get(product=mug)
    assert (level.on_hand, level.reserved) == (7, 0)


def test_one_that_is_reserved_stands_on_the_shelf_and_was_counted(shelf, mug, centro, keeper, owner):
    made = enter(centro, {mug: 9}, keeper)
    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): Demand(reserved=2)})

    counts.approve(count=made, by=owner)

    level = StockLevel.objects.get(product=mug)
    assert (level.on_hand, level.reserved) == (9, 2)


def test_one_that_had_never_left_our_house_is_not_found_twice(shelf, mug, centro, keeper, owner):
    ship(mug, centro, 1, ago(hours=5))
    made = enter(centro, {mug: 10}, keeper)
    ledger.set_demands({"order:1:0": {}})  # it left from Full after all

    counts.approve(count=made, by=owner)

    assert on_hand(mug, centro) == 10


def test_the_approver_sees_what_happened_since(shelf, mug, plate, centro, norte, keeper, django_assert_num_queries):
    ledger.set_demand(owner="order:7:0", wanted={(mug.pk, centro.pk): Demand(reserved=2)})
    made = enter(centro, {mug: 7, plate: 4}, keeper)
    ship(mug, centro, 1, ago(hours=2), "order:1:0")
    ship(mug, centro, 2, ago(hours=-1), "order:7:0")
    receipts.receive(warehouse=centro, units={mug: 5}, operation=uuid.uuid4(), by=keeper)
    ship(plate, norte, 3, ago(hours=2), "order:3:0")  # another warehouse
    made = StockCount.objects.get(pk=made.pk)
    lines = list(made.lines.select_related("product").order_by("product__sku"))
    for line in lines:
        line.count = made

    with django_assert_num_queries(3):
        of_mugs, of_plates = count_rows.rows_of(made, lines)

    assert [str(note) for note in of_mugs.notes] == [
        "Shipped: -2",
        "Received: +5",
        '<a class="nowrap" href="/orders/1/">Order 1</a>: had left before it was counted, -1',
    ]
    assert (of_mugs.reserved, of_mugs.may_be_collected) == (2, True)
    assert (of_mugs.now, of_mugs.added, of_mugs.after) == (12, -2, 10)
    assert (of_plates.notes, of_plates.added, of_plates.after) == ([], 0, 4)


# --- four eyes --------------------------------------------------------------------------------------------------------


def test_a_large_difference_of_ones_own_needs_another(shelf, mug, centro):
    manager, other = somebody("mia", "manager"), somebody("max", "manager")
    made = enter(centro, {mug: 5}, manager)

    with pytest.raises(counts.NeedsAnother):
        counts.approve(count=made, by=manager, because="I am in a hurry")
    assert (on_hand(mug, centro), StockCount.objects.get().state) == (10, "waiting")

    counts.approve(count=made, by=other)
    assert on_hand(mug, centro) == 5


def test_the_first_count_of_a_product_differs_from_nothing(shelf, mug, centro):
    new = Product.objects.create(sku="NEW-1", name="Never counted")
    manager, _other = somebody("mia", "manager"), somebody("max", "manager")

    counts.approve(count=enter(centro, {new: 50, mug: 9}, manager), by=manager)

    assert (on_hand(new, centro), on_hand(mug, centro)) == (50, 9)


def test_who_is_alone_approves_their_own(shelf, mug, centro, keeper):
    manager, away = somebody("mia", "manager"), somebody("max", "manager")
    get_user_model().objects.filter(pk=away.pk).update(is_active=False)

    counts.approve(count=enter(centro, {mug: 5}, manager), by=manager)

    assert (on_hand(mug, centro), StockCount.objects.get().decided_because) == (5, "")


def test_an_administrator_approves_their_own_and_says_why(shelf, mug, centro, owner):
    somebody("mia", "manager")
    made = enter(centro, {mug: 5}, owner)
    with pytest.raises(counts.NeedsReason):
        counts.approve(count=made, by=owner)

    counts.approve(count=made, by=owner, because="Mia is on holiday")

    assert (on_hand(mug, centro), StockCount.objects.get().decided_because) == (5, "Mia is on holiday")


def test_a_reason_of_ones_own_is_kept_with_ones_own_count_only(shelf, mug, centro, keeper, owner):
    made = counts.approve(count=enter(centro, {mug: 5}, keeper), by=owner, because="not asked for")
    assert made.decided_because == ""

    with pytest.raises(IntegrityError, match="only_ones_own_count_needs_a_reason"), transaction.atomic():
        StockCount.objects.update(decided_because="of somebody else")
