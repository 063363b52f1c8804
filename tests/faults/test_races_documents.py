"""What staff enters, entered by two at once; each happens once, and nobody is told otherwise.

receipt, transfer sent, transfer received, count approved, sheet applied, seller connected     here
a form sent twice, a stale page                                            tests/inventory/documents/test_documents.py
a count while a sale books                                                 tests/faults/test_races_sales.py
the same demand, transfers in opposite directions                          tests/inventory/test_ledger_races.py
"""

import pytest

from catalog.models import Upload
from inventory.documents import counts, transfers
from inventory.models import Receipt, StockMovement, Transfer
from sellers.connection import oauth
from sellers.models import Grant, SellerAccount
from sellers.queue.problems import ConnectProblem
from tests.faults.flows import connection, desk, sheets
from tests.faults.racing import Beside, comes_right, held_at


def test_one_receipt_sent_twice_at_once_is_received_once(stage):
    flow = desk.Receipt(stage)

    with held_at("receipt.written", flow.act):
        second = Beside(flow.act)
        assert second.waits
    second.join()

    assert Receipt.objects.count() == 1
    comes_right(stage)
    flow.check()


def test_one_transfer_sent_twice_at_once_leaves_once(stage):
    flow = desk.Sending(stage)

    with held_at("transfer.written", flow.act):
        second = Beside(flow.act)
        assert second.waits
    second.join()

    assert Transfer.objects.count() == 1
    comes_right(stage)
    flow.check()


def test_a_transfer_received_by_two_at_once_arrives_once_and_the_second_is_told(stage):
    flow = desk.Receiving(stage)

    with held_at("transfer.booked", flow.act):
        second = Beside(flow.act)
        assert second.waits
    with pytest.raises(transfers.ChangedMeanwhile):
        second.join()

    comes_right(stage)
    flow.check()


def test_a_count_approved_by_two_at_once_is_booked_once_and_the_second_is_told(stage):
    flow = desk.Approval(stage)

    with held_at("count.booked", flow.act):
        second = Beside(flow.act)
        assert second.waits
    with pytest.raises(counts.DecidedAlready):
        second.join()

    assert StockMovement.objects.filter(operation=f"count:{flow.count.pk}").count() == 1
    comes_right(stage)
    flow.check()


def test_a_count_rejected_while_it_is_approved_stays_approved(stage):
    flow = desk.Approval(stage)

    with held_at("count.booked", flow.act):
        second = Beside(lambda: counts.reject(count=flow.count, by=stage.owner))
        assert second.waits
    with pytest.raises(counts.DecidedAlready):
        second.join()

    comes_right(stage)
    flow.check()


def test_a_sheet_applied_by_two_at_once_is_one_job_and_the_second_is_told(stage):
    flow = sheets.MappingImport(stage)

    with held_at("sheet.taken", flow.press):
        second = Beside(flow.press)
        assert second.waits
    with pytest.raises(Upload.DoesNotExist):
        second.join()

    comes_right(stage)
    flow.check()


def test_goods_received_while_the_same_product_is_sent_away_are_not_lost(stage):
    away, coming = desk.Sending(stage), desk.Receipt(stage)

    with held_at("ledger.moved", away.act):
        second = Beside(coming.act)
        assert second.waits
    second.join()

    comes_right(stage)
    assert (stage.level(), stage.shown()) == ((11, 0), (11, 11, 11))


def test_the_way_back_from_mercado_libre_taken_twice_at_once_connects_once(stage):
    """A browser sends the same address twice; the code works once."""
    flow = connection.Connect(stage)

    with held_at("connect.exchanged", flow.act), pytest.raises(ConnectProblem):
        flow.act()

    comes_right(stage)
    flow.check()
    codes = [one for one in stage.world.consents.history if one.grant_type == "authorization_code"]
    assert [one.outcome for one in codes] == ["granted"]


def test_a_yes_said_twice_at_once_is_one_connection(stage):
    flow = connection.Connect(stage)
    waiting = oauth.complete(user=stage.owner, session_key=flow.SESSION, state=flow.state, code=flow.code)
    waiting.refresh_from_db()

    with held_at("connect.before_commit", lambda: oauth.confirm(waiting)):
        second = Beside(lambda: oauth.confirm(waiting))
        assert second.waits
    with pytest.raises(ConnectProblem):
        second.join()

    assert SellerAccount.objects.filter(nickname="NUEVA").count() == 1
    assert Grant.objects.filter(account__nickname="NUEVA").count() == 1
    comes_right(stage)
