"""A process dies at a point of a flow; everything is started again; then everything must hold.

A case whose point is not reached fails. `test_points` sees to it that every point of the product stands here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import processes
from tests.faults.flows import clock, connection, desk, pushes, reading, sales
from tests.faults.flows.flow import Flow
from tests.faults.invariants import broken

CRASHES: dict[type[Flow], tuple[str, ...]] = {
    sales.Arrival: ("intake.before_store", "intake.stored", "work.claimed"),
    sales.ArrivalWithoutDatabase: ("spool.opened", "spool.written", "spool.synced"),
    sales.Replay: ("replay.taken", "replay.stored"),
    sales.Orders: (
        *("work.claimed", "fetch.before_get", "fetch.before_get:2", "fetch.after_get", "fetch.after_get:3"),
        *("order.more_asked", "order.saved", "order.settled", "order.settled:2"),
        *("ledger.moved", "ledger.wanted", "work.before_commit", "work.committed", "work.committed:2"),
    ),
    sales.OrderThatFails: ("work.failing",),
    sales.Cancellation: ("ledger.moved", "work.before_commit", "work.committed"),
    sales.Parcel: ("shipment.saved", "ledger.moved", "work.before_commit"),
    sales.Poll: ("work.extended", "work.extended:2", "poll.asked", "work.before_commit", "work.committed"),
    sales.MissedFeeds: ("work.extended", "missed.asked", "work.before_commit"),
    sales.Mapping: ("work.extended", "mapping.settled", "work.before_commit"),
    pushes.StockPush: (
        *("work.claimed", "pushes.before_get", "pushes.after_get", "pushes.before_put", "pushes.after_put"),
        *("pushes.after_put:2", "pushes.before_read_back", "work.before_commit", "work.committed"),
    ),
    pushes.PlacePush: (
        *("push.before_get", "push.after_get", "push.before_put", "push.after_put", "push.recorded"),
        *("work.before_commit", "work.committed"),
    ),
    pushes.PricePush: (
        *("price.before_get", "price.after_get", "price.before_put", "price.after_put", "price.after_put:2"),
        *("work.before_commit", "work.committed"),
    ),
    pushes.MarketplaceChanges: ("marketplace.before_put", "marketplace.after_put", "work.before_commit"),
    pushes.Publishing: (
        *("publish.written", "publish.before_post", "publish.after_post", "publish.before_take_in", "publish.saved"),
    ),
    pushes.PublishingLeftAlone: ("publish.after_post", "publish.before_take_in", "publish.saved"),
    connection.Refresh: (
        *("token.before_intent", "token.intended", "token.before_post", "token.drafted", "token.spooled"),
        *("token.before_commit", "token.committed"),
    ),
    connection.RefreshThatIsLost: ("token.after_post",),
    connection.Connect: ("connect.exchanged", "connect.before_commit"),
    reading.Import: (
        *("job.running", "import.page_read", "work.extended", "import.page_written", "import.page_read:2"),
        *("import.matched", "work.before_commit"),
    ),
    reading.Look: ("looks.after_get", "look.saved", "work.before_commit"),
    reading.Patrol: ("patrol.looked", "work.extended", "work.before_commit"),
    reading.JobOfStaff: ("job.running", "work.extended:2", "work.before_commit"),
    desk.Receipt: ("receipt.written", "ledger.moved", "ledger.wanted"),
    desk.Sending: ("transfer.written", "ledger.moved"),
    desk.Receiving: ("transfer.booked", "ledger.wanted"),
    desk.Approval: ("ledger.moved", "count.booked"),
    clock.Slot: ("slot.taken", "slot.ran"),
    clock.Tick: ("pump.reaped", "work.reaped", "replay.stored", "pump.before_wake"),
}


def cases() -> Iterator[object]:
    for flow, points in CRASHES.items():
        for where in points:
            yield pytest.param(flow, where, id=f"{flow.__name__}-{where}")


@pytest.mark.parametrize(("made", "where"), list(cases()))
def test_dies_is_started_again_and_everything_holds(stage, made, where):
    flow = made(stage)
    processes.dies(where, flow.act, url=stage.market.url, told=stage.folder / "told")

    processes.time_passes()
    flow.again()
    processes.work_off()

    assert broken(stage.market, reconnects=flow.reconnects, answered=stage.answered) == []
    flow.check()
