"""Whatever notifications do on their way, the end is the same: lost, doubled, late, in any order, answered stale."""

from uuid import uuid4

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from inventory import ledger
from inventory.models import StockLevel
from orders.models import Order
from sellers.models import Work
from sellers.queue import work

# What happens to one sale, and what is reserved and off the shelf after it.
STORIES = {
    ("sell",): (0, 2),
    ("sell", "ship"): (2, 0),
    ("sell", "ship", "deliver"): (2, 0),
    ("sell", "cancel"): (0, 0),
    ("sell", "fraud", "cancel"): (0, 0),
    ("sell", "fraud"): (0, 2),
}
ACTIONS = {"ship": "ship", "deliver": "deliver", "cancel": "cancel", "fraud": "flag_fraud"}


@given(data=st.data(), story=st.sampled_from(sorted(STORIES)))
@settings(
    max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_order_of_arrival_ends_the_same(data, story, world, account, item_id, mug, centro, deliver, work_off):
    world.faults.clear()
    world.drain_notifications()
    ledger.count(product=mug, warehouse=centro, counted=10, operation=f"count:{uuid4()}")
    before = StockLevel.objects.get(product=mug)
    sold = world.sell(item_id, 2, oversell=True)
    for step in story[1:]:
        if data.draw(st.booleans(), label="looked in between"):
            work.bump(account_id=account.pk, kind="order", key=str(sold.id))
            work_off()
        world.clock.advance(seconds=10)
        getattr(world, ACTIONS[step])(sold.id)
    told = [body for body in world.drain_notifications() if "order" in body["topic"] or "ship" in body["topic"]]
    arrivals = data.draw(st.permutations(told * 2), label="arrivals")
    cut = data.draw(st.integers(0, len(arrivals)), label="worked off in between")
    if data.draw(st.booleans(), label="a stale answer"):
        world.faults.add("STALE_READ", path="/(orders|shipments)/.*")

    for some in (arrivals[:cut], arrivals[cut:]):
        deliver(some)
        work_off()
    world.clock.advance(seconds=10 - 10 * len(story))

    off_shelf, reserved = STORIES[story]
    after = StockLevel.objects.get(product=mug)
    assert list(Work.objects.filter(lane=0).exclude(state="idle").values_list("kind", "state", "last_error")) == []
    assert (before.on_hand - after.on_hand, after.reserved - before.reserved) == (off_shelf, reserved)
    assert Order.objects.get(pk=sold.id).status == world.orders[sold.id].status
    assert not ledger.verify()
