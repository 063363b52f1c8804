from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from orders.models import Order
from sellers.models import SyncCursor, Work


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_reconcile_orders_reads_them_before_it_returns(world, account, item_id, mug, shelf):
    world.sell(item_id, 2)
    world.sell(item_id, 1)

    told = run("reconcile_orders", "--seller", "TIENDA")

    assert shelf(mug) == (10, 3)
    assert "2 orders changed, 2 to be read" in told
    assert SyncCursor.objects.filter(stream="orders").exists()


def test_reconcile_orders_since_a_time(world, account, item_id):
    old, young = world.sell(item_id, 1), world.sell(item_id, 1)
    world.orders[old.id].indexed_at -= timedelta(days=10)

    run("reconcile_orders", "--since", (timezone.now() - timedelta(days=1)).isoformat())

    assert Order.objects.get().pk == young.id


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--seller", "NADIE"), "No seller is called 'NADIE'. Known: TIENDA."),
        (("--since", "yesterday"), "is not an ISO date"),
        (("--since", "2026-13-40"), "is not an ISO date"),
        (("--since", "2999-01-01"), "is in the future"),
    ],
)
def test_bad_input_is_a_clear_line_and_writes_nothing(world, account, item_id, arguments, words):
    world.sell(item_id, 1)

    with pytest.raises(CommandError, match=words):
        run("reconcile_orders", *arguments)

    assert Order.objects.count() == 0
    assert not Work.objects.filter(kind="order").exists()


def test_a_seller_who_is_not_connected_is_refused(account):
    account.status = "needs_reconnect"
    account.save()

    with pytest.raises(CommandError, match="not connected"):
        run("reconcile_orders", "--seller", "TIENDA")


def test_a_refusal_of_ml_is_told_in_words(world, account):
    world.faults.add("SERVER_ERROR", path="/orders/search")

    with pytest.raises(CommandError, match="Mercado Libre"):
        run("reconcile_orders")


def test_recover_missed_reads_what_nobody_took(world, account, item_id, mug, shelf):
    world.drop_notifications(100)
    world.sell(item_id, 2)

    told = run("recover_missed")

    assert shelf(mug) == (10, 2)
    assert "missed notifications" in told


def test_recover_missed_says_who_may_read(world, account, connect):
    connect(world.add_seller("OTRA"))

    with pytest.raises(CommandError, match="owner of the application"):
        run("recover_missed", "--seller", "OTRA")
