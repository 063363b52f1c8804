"""A form sent several times at the same moment: receipts, transfers and counts happen once, on a real PostgreSQL."""

import uuid

import pytest
from django.contrib.auth import get_user_model

from catalog.models import Product
from inventory import ledger
from inventory.documents import counts, receipts, transfers
from inventory.models import CountLine, StockCount, StockLevel, StockMovement, Transfer, Warehouse
from tests.inventory.test_ledger_races import together

TIMES = 5


class Shelf:
    """Ten mugs in MAIN, and who works there."""

    def __init__(self):
        self.main = Warehouse.objects.get_or_create(code="MAIN", defaults={"name": "Main"})[0]
        self.north = Warehouse.objects.create(code="NORTE", name="Norte")
        self.mug = Product.objects.create(sku="MUG-1", name="Mug")
        self.keeper = get_user_model().objects.create_user("wanda")
        self.owner = get_user_model().objects.create_superuser("olivia")
        ledger.receive(product=self.mug, warehouse=self.main, quantity=10, operation="a")

    def on_hand(self, warehouse):
        return StockLevel.objects.get(product=self.mug, warehouse=warehouse).on_hand

    def send(self, operation):
        return transfers.send(
            source=self.main, target=self.north, units={self.mug: 6}, operation=operation, by=self.keeper
        )

    def count(self, units, operation=None):
        operation = operation or uuid.uuid4()
        return counts.enter(warehouse=self.main, counted={self.mug: units}, operation=operation, by=self.keeper)[0]


@pytest.fixture
def shelf(transactional_db):
    return Shelf()


def many_times(action, *refusals):
    """Do it several times at once; how often it was done, and how often refused by one of these errors."""
    done, refused = [], []

    def once():
        try:
            done.append(action())
        except refusals as refusal:
            refused.append(refusal)

    together(*[once] * TIMES)
    return done, len(refused)


def test_a_receipt_is_written_once(shelf):
    operation = uuid.uuid4()
    given = {"warehouse": shelf.main, "units": {shelf.mug: 5}, "operation": operation, "by": shelf.keeper}

    done, _ = many_times(lambda: receipts.receive(**given))

    assert sorted(fresh for _made, fresh in done) == [False] * (TIMES - 1) + [True]
    assert shelf.on_hand(shelf.main) == 15


def test_a_transfer_is_sent_once(shelf):
    operation = uuid.uuid4()

    done, _ = many_times(lambda: shelf.send(operation))

    assert sorted(fresh for _made, fresh in done) == [False] * (TIMES - 1) + [True]
    assert (shelf.on_hand(shelf.main), Transfer.objects.count()) == (4, 1)


def test_two_transfers_of_the_same_units_are_one_and_a_refusal(shelf):
    done, refused = many_times(lambda: shelf.send(uuid.uuid4()), ledger.InsufficientStock)

    assert (len(done), refused) == (1, TIMES - 1)
    assert (shelf.on_hand(shelf.main), shelf.on_hand(transfers.transit())) == (4, 6)


def test_what_arrives_is_received_once(shelf):
    sent, _ = shelf.send(uuid.uuid4())
    units = {sent.lines.get().pk: 2}

    done, refused = many_times(
        lambda: transfers.receive(transfer=sent, units=units, version=0, by=shelf.keeper), transfers.ChangedMeanwhile
    )

    assert (len(done), refused) == (1, TIMES - 1)
    assert (shelf.on_hand(shelf.north), Transfer.objects.get().version) == (2, 1)


@pytest.mark.parametrize(("units", "state"), [(8, "waiting"), (10, "approved")])
def test_a_count_is_entered_once(shelf, units, state):
    operation = uuid.uuid4()

    done, _ = many_times(lambda: shelf.count(units, operation))

    assert len(done) == TIMES
    assert (StockCount.objects.get().state, CountLine.objects.count()) == (state, 1)
    assert StockMovement.objects.filter(kind="count").count() == (1 if state == "approved" else 0)


def test_a_count_is_approved_once(shelf):
    count = shelf.count(8)

    done, refused = many_times(lambda: counts.approve(count=count, by=shelf.owner), counts.DecidedAlready)

    assert (len(done), refused, shelf.on_hand(shelf.main)) == (1, TIMES - 1, 8)


def test_of_two_counts_approved_at_once_one_is_too_old(shelf):
    waiting = [shelf.count(8), shelf.count(7)]
    answers = []

    def approve(count):
        def run():
            try:
                answers.append(counts.approve(count=count, by=shelf.owner).lines.get().counted)
            except counts.CorrectedSince:
                answers.append(None)

        return run

    together(*(approve(count) for count in waiting))

    (approved,) = [one for one in answers if one is not None]
    assert shelf.on_hand(shelf.main) == approved
