from orders.models import Order
from sellers.models import Job, Work
from sellers.queue import work
from tests.orders.conftest import link


def connected(account):
    work.bump(account_id=account.pk, kind="connected", key="")
    work.drain(0, who="test", seconds=1, batch=1)


def test_a_new_seller_is_imported_and_polled(account):
    account.catalog_imported_at = None
    account.save()

    connected(account)

    job = Job.objects.get()
    assert (job.kind, job.account) == ("catalog_import", account)
    assert Work.objects.filter(account=account, kind="order_poll", key="").exists()


def test_a_reconnect_starts_no_second_import(account):
    account.catalog_imported_at = None
    account.save()
    connected(account)

    connected(account)

    assert Job.objects.count() == 1


def test_a_seller_imported_before_is_only_polled(account):
    connected(account)

    assert Job.objects.count() == 0
    assert Work.objects.filter(kind="order_poll").exists()


def test_one_link_applies_every_waiting_sale(world, publish, mug, count, look, shelf, work_off):
    count(mug, 10)
    listed = publish(seller_sku="OTHER")
    for _ in range(3):
        look(world.sell(listed.listing.item_id, 1).id)

    link(listed, mug, units=2)
    work_off()

    assert shelf(mug) == (10, 6)
    assert set(Order.objects.values_list("stock_state", flat=True)) == {"reserved"}


def test_a_link_that_is_said_twice_changes_nothing_more(world, listed, item_id, mug, look, shelf, work_off):
    look(world.sell(item_id, 2).id)
    for _ in range(2):
        link(listed, mug)
        work_off()

    assert shelf(mug) == (10, 2)


def test_a_unit_that_is_gone_is_no_error(account, work_off):
    work.bump(account_id=account.pk, kind="mapping", key="999999")

    work_off()

    assert Work.objects.get(kind="mapping").state == "idle"
