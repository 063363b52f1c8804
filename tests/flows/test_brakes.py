"""Mercado Libre answers most calls of one seller with 500: its calls stop, the other seller's stock stays right."""

from datetime import timedelta

from django.utils import timezone

from inventory import ledger
from inventory.models import Warehouse
from sandbox import faults
from sellers.brakes import breakers, probes
from sellers.models import Breaker, CallCount, Work
from sellers.queue import work

LANES = (0, 1, 2)


def notify(account, numbers):
    for number in numbers:
        work.bump(account_id=account.pk, kind="order", key=str(number))


def drain():
    breakers.here.written_at = 0.0  # what was counted is written with the next call
    for lane in LANES:
        work.drain(lane, who="test", seconds=2)


def test_an_outage_of_one_seller_from_beginning_to_end(world, shop, shown, work_off):
    casa = f"seller:{shop.casa.pk}"
    fault = world.faults.add(faults.SERVER_ERROR, times=None, probability=0.7, user_id=shop.casa.ml_user_id)
    CallCount.objects.all().delete()
    for begin in range(9000, 9600, 20):
        if Breaker.objects.exists():
            break
        notify(shop.casa, range(begin, begin + 20))
        drain()
    assert Breaker.objects.get(scope=casa).state == "open"

    made = len([line for line in world.requests if line.user_id == shop.casa.ml_user_id])
    main = Warehouse.objects.get(code="MAIN")
    ledger.receive(product=shop.mug, warehouse=main, quantity=5, operation="in the outage")
    notify(shop.casa, range(9600, 9620))
    drain()
    assert shown() == (10, 10, 15), "the other seller is served, this one waits"
    assert len([line for line in world.requests if line.user_id == shop.casa.ml_user_id]) == made
    assert set(Breaker.objects.values_list("scope", flat=True)) == {casa}
    waiting = Work.objects.filter(account=shop.casa, key__gte="9600", kind="order")
    assert set(waiting.values_list("state", "fails")) == {("ready", 0)}

    fault.times = 0
    Breaker.objects.update(probe_at=timezone.now() - timedelta(hours=1))
    breakers.here.stopped.clear()
    assert probes.probe_due() == 1
    assert len([line for line in world.requests if line.user_id == shop.casa.ml_user_id]) == made + 1
    Work.objects.filter(kind="order").delete()  # nobody knows them: asked for again they only take time
    work_off()

    assert Breaker.objects.get().state == "closed"
    assert shown() == (15, 15, 15)
