"""Receipts, transfers with their way between, counts that somebody approves: what the ledger has after each."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from inventory import ledger
from inventory.documents import counts, entered_lines, receipts, transfers
from inventory.documents.entered_lines import Entered, NotALine
from inventory.effects import Demand
from inventory.models import Receipt, StockCount, StockLevel, StockMovement, Transfer, Warehouse
from inventory.reasons import Cause, reason_of
from inventory.targets.intents import intents_of, linked
from inventory.targets.stock_targets import Dialect
from ui.stored import told


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("  \n\n", []),
        ("MUG-1 5", [("MUG-1", 5)]),
        ("MUG-1\t5\r\nPLATE-1;2", [("MUG-1", 5), ("PLATE-1", 2)]),
        ("MUG-1, 5", [("MUG-1", 5)]),
        ("  MUG-1   5  ", [("MUG-1", 5)]),
        ("7790001234567\n7790001234567", [("7790001234567", 2)]),
        ("7790001234567 12", [("7790001234567", 12)]),
        ("MUG BLUE 5", [("MUG BLUE", 5)]),
        ("MUG-1 0", [("MUG-1", 0)]),
        ("MUG-1 5\nMUG-1 2", [("MUG-1", 7)]),
    ],
)
def test_what_staff_types_scans_or_pastes(text, lines):
    assert [(one.code, one.units) for one in entered_lines.read(text)] == lines


@pytest.mark.parametrize("text", ["MUG-1 five", "MUG-1 -5", "MUG-1 1.5", "MUG-1 999999999", "a b c"])
def test_a_line_without_a_whole_number_is_refused_with_its_number(text):
    with pytest.raises(NotALine) as refused:
        entered_lines.read(f"PLATE-1 1\n{text}")

    assert (refused.value.row, refused.value.text) == (2, text)


@given(st.lists(st.tuples(st.sampled_from(["A", "B-1", "77"]), st.integers(0, 99)), max_size=9))
def test_lines_add_up_to_what_was_entered(lines):
    text = "\n".join(f"{code} {units}" for code, units in lines)

    found = {one.code: one.units for one in entered_lines.read(text)}

    assert sum(found.values()) == sum(units for _, units in lines)
    assert Entered(1, "A", 3) == entered_lines.read("A 3")[0]


def test_a_reason_is_read_in_the_readers_language_with_ones_own_words():
    assert told(reason_of(Cause.LOST, "  box 7,\nnever found ")) == "Lost box 7, never found"
    assert told(reason_of("", "only words")) == "only words"
    assert reason_of("") == ""


def on_hand(product, warehouse):
    found = StockLevel.objects.filter(product=product, warehouse=warehouse).first()
    return found.on_hand if found else 0


@pytest.fixture
def keeper(db):
    return get_user_model().objects.create_user("wanda")


@pytest.fixture
def shelf(mug, plate, centro):
    ledger.receive(product=mug, warehouse=centro, quantity=10, operation="a")
    ledger.receive(product=plate, warehouse=centro, quantity=4, operation="b")


# --- receipts ---------------------------------------------------------------------------------------------------------


def test_a_receipt_is_written_once(mug, plate, centro, keeper):
    given_ = {"warehouse": centro, "units": {mug: 5, plate: 2}, "operation": uuid.uuid4(), "by": keeper}

    made, fresh = receipts.receive(**given_, reference="Remito 7")
    again, second = receipts.receive(**given_, reference="Remito 7")

    assert (fresh, second, again) == (True, False, made)
    assert (on_hand(mug, centro), on_hand(plate, centro), Receipt.objects.get().units) == (5, 2, 7)
    rows = StockMovement.objects.values_list("kind", "actor", "reason", "operation")
    assert set(rows) == {("receive", keeper.pk, "Remito 7", f"receipt:{made.pk}")}


# --- transfers --------------------------------------------------------------------------------------------------------


def send(source, target, units, by, **more):
    return transfers.send(source=source, target=target, units=units, operation=uuid.uuid4(), by=by, **more)[0]


def way_is_what_transfers_say():
    """Nothing is on its way but what open transfers have not received, and nothing is lost from sight."""
    for level in StockLevel.objects.filter(warehouse__kind="transit"):
        lines = [line for one in Transfer.objects.all() for line in one.lines.filter(product=level.product)]
        assert level.on_hand == sum(line.on_the_way for line in lines)
    assert ledger.verify() == []


def test_units_on_their_way_are_available_nowhere(shelf, shop, mug, centro, norte, keeper):
    shop.open().item(link=mug, available_quantity=10)

    sent = send(centro, norte, {mug: 6}, keeper)
    (on_the_way,) = intents_of(linked())
    assert on_the_way.choice.dialect in (Dialect.ITEM, Dialect.USER_PRODUCT)
    assert (on_hand(mug, centro), on_hand(mug, norte), on_the_way.quantity) == (4, 0, 4)
    way_is_what_transfers_say()

    (line,) = sent.lines.all()
    transfers.receive(transfer=sent, units={line.pk: 4}, version=0, by=keeper)
    (partly,) = intents_of(linked())
    assert (on_hand(mug, norte), partly.quantity) == (4, 8)
    way_is_what_transfers_say()

    closed = transfers.receive(transfer=sent, units={line.pk: 2}, version=1, by=keeper)
    assert (on_hand(mug, norte), closed.closed_by, on_hand(mug, transfers.transit())) == (6, keeper, 0)
    way_is_what_transfers_say()


def test_the_rest_that_never_came_is_missing_with_its_reason(shelf, mug, plate, centro, norte, keeper):
    sent = send(centro, norte, {mug: 6, plate: 1}, keeper)
    of_mugs = sent.lines.get(product=mug)

    reason = reason_of(Cause.LOST, "wet box")
    closed = transfers.receive(
        transfer=sent, units={of_mugs.pk: 5}, version=0, by=keeper, rest_is_missing=True, reason=reason
    )

    assert closed.closed_at is not None
    rows = closed.lines.order_by("product__sku").values_list("product__sku", "sent", "received", "missing")
    assert list(rows) == [("MUG-1", 6, 5, 1), ("PLATE-1", 1, 0, 1)]
    assert told(closed.lines.first().reason) == "Lost wet box"
    lost = StockMovement.objects.filter(kind="adjust").values_list("on_hand_delta", "reason", "actor")
    assert list(lost) == [(-1, reason, keeper.pk)] * 2
    assert (on_hand(mug, centro), on_hand(mug, norte)) == (4, 5)
    way_is_what_transfers_say()


def test_a_form_sent_twice_sends_once(shelf, mug, centro, norte, keeper):
    given_ = {"source": centro, "target": norte, "units": {mug: 3}, "operation": uuid.uuid4(), "by": keeper}

    first, fresh = transfers.send(**given_)
    second, again = transfers.send(**given_)

    assert (second, fresh, again) == (first, True, False)
    assert on_hand(mug, centro) == 7


def test_a_stale_page_receives_nothing(shelf, mug, centro, norte, keeper):
    sent = send(centro, norte, {mug: 6}, keeper)
    (line,) = sent.lines.all()
    transfers.receive(transfer=sent, units={line.pk: 2}, version=0, by=keeper)

    with pytest.raises(transfers.ChangedMeanwhile):
        transfers.receive(transfer=sent, units={line.pk: 2}, version=0, by=keeper)

    assert on_hand(mug, norte) == 2
    transfers.receive(transfer=sent, units={line.pk: 4}, version=1, by=keeper)
    with pytest.raises(transfers.ChangedMeanwhile):
        transfers.receive(transfer=sent, units={line.pk: 0}, version=2, by=keeper)


def test_more_than_is_on_its_way_is_refused(shelf, mug, centro, norte, keeper):
    sent = send(centro, norte, {mug: 6}, keeper)
    (line,) = sent.lines.all()

    with pytest.raises(transfers.TooMany):
        transfers.receive(transfer=sent, units={line.pk: 7}, version=0, by=keeper)

    assert (on_hand(mug, norte), Transfer.objects.get().version) == (0, 0)


def test_what_is_reserved_is_not_sent(shelf, mug, plate, centro, norte, keeper):
    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): Demand(reserved=7)})

    with pytest.raises(ledger.InsufficientStock) as refused:
        send(centro, norte, {plate: 1, mug: 4}, keeper)

    assert refused.value.level.available == 3
    assert Transfer.objects.count() == 0
    assert on_hand(plate, centro) == 4


def test_nothing_is_sent_to_where_it_is(shelf, mug, centro, keeper):
    with pytest.raises(ValueError, match="same warehouse"):
        send(centro, centro, {mug: 1}, keeper)


def test_there_is_one_way_and_nobody_sells_from_it(shelf, shop, mug, centro, norte, keeper):
    shop.open().item(link=mug, available_quantity=10)
    send(centro, norte, {mug: 1}, keeper)
    send(centro, norte, {mug: 1}, keeper)

    assert Warehouse.objects.filter(kind="transit").count() == 1
    (intent,) = intents_of(linked())
    assert transfers.transit().pk not in intent.available


# --- counts -----------------------------------------------------------------------------------------------------------


def enter(warehouse, counted, by, **more):
    return counts.enter(warehouse=warehouse, counted=counted, operation=uuid.uuid4(), by=by, **more)[0]


def test_before_approval_nothing_changes(shelf, mug, plate, centro, keeper, owner):
    movements = StockMovement.objects.count()

    made = enter(centro, {mug: 8, plate: 4}, keeper, reason=reason_of(Cause.DAMAGED))

    assert (made.state, StockMovement.objects.count()) == ("waiting", movements)
    approved = counts.approve(count=made, by=owner)
    assert (approved.state, approved.counted_by, approved.decided_by) == ("approved", keeper, owner)
    assert (on_hand(mug, centro), on_hand(plate, centro)) == (8, 4)
    written = StockMovement.objects.filter(kind="count").order_by("level__product__sku")
    assert [(one.on_hand_delta, one.actor) for one in written] == [(-2, owner), (0, owner)]
    assert ledger.verify() == []


def test_what_was_sold_between_counting_and_approving_stays_sold(shelf, mug, centro, keeper, owner):
    made = enter(centro, {mug: 8}, keeper)
    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): Demand(shipped=3)})

    counts.approve(count=made, by=owner)

    assert on_hand(mug, centro) == 5
    movement = StockMovement.objects.get(kind="count")
    assert timezone.now() - movement.created_at < timedelta(minutes=5)
    made.refresh_from_db()
    assert movement.created_at == made.counted_at


def test_a_count_without_differences_needs_nobody(shelf, mug, centro, keeper):
    made = enter(centro, {mug: 10}, keeper)

    assert (made.state, made.decided_by) == ("approved", keeper)
    assert StockMovement.objects.filter(kind="count").count() == 1


def test_a_count_is_decided_once(shelf, mug, centro, keeper, owner):
    made = enter(centro, {mug: 8}, keeper)
    counts.approve(count=made, by=owner)

    for decide in (counts.approve, counts.reject):
        with pytest.raises(counts.DecidedAlready) as refused:
            decide(count=made, by=keeper)
        assert refused.value.count.decided_by == owner
    assert on_hand(mug, centro) == 8


def test_a_rejected_count_changes_nothing(shelf, mug, centro, keeper, owner):
    made = enter(centro, {mug: 8}, keeper)

    assert counts.reject(count=made, by=owner).state == "rejected"

    assert on_hand(mug, centro) == 10
    assert not StockMovement.objects.filter(kind="count").exists()


def test_a_count_older_than_another_one_is_refused(shelf, mug, plate, centro, keeper, owner):
    first = enter(centro, {mug: 8, plate: 4}, keeper)
    second = enter(centro, {mug: 8}, keeper)
    counts.approve(count=second, by=owner)

    with pytest.raises(counts.CorrectedSince) as refused:
        counts.approve(count=first, by=owner)

    assert refused.value.products == [mug]
    assert on_hand(mug, centro) == 8
    assert StockCount.objects.get(pk=first.pk).state == "waiting"
