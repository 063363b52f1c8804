"""A process dies at a point of a flow; everything is started again; then everything must hold.

A case whose point is not reached fails. `test_points` sees to it that every point of the product stands here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import flows, processes
from tests.faults.flows import Flow
from tests.faults.invariants import broken

CRASHES: dict[type[Flow], tuple[str, ...]] = {
    flows.Arrival: ("intake.before_store", "intake.stored", "work.claimed"),
    flows.ArrivalWithoutDatabase: ("spool.opened", "spool.written", "spool.synced"),
    flows.Replay: ("replay.taken", "replay.stored"),
    flows.Orders: (
        *("work.claimed", "fetch.before_get", "fetch.before_get:2", "fetch.after_get", "fetch.after_get:3"),
        *("order.more_asked", "order.saved", "order.settled", "order.settled:2"),
        *("ledger.moved", "ledger.wanted", "work.before_commit", "work.committed", "work.committed:2"),
    ),
    flows.OrderThatFails: ("work.failing",),
    flows.Cancellation: ("ledger.moved", "work.before_commit", "work.committed"),
    flows.Parcel: ("shipment.saved", "ledger.moved", "work.before_commit"),
    flows.Poll: ("work.extended", "work.extended:2", "poll.asked", "work.before_commit", "work.committed"),
    flows.MissedFeeds: ("work.extended", "missed.asked", "work.before_commit"),
    flows.Mapping: ("work.extended", "mapping.settled", "work.before_commit"),
    flows.StockPush: (
        *("work.claimed", "pushes.before_get", "pushes.after_get", "pushes.before_put", "pushes.after_put"),
        *("pushes.after_put:2", "pushes.before_read_back", "work.before_commit", "work.committed"),
    ),
    flows.PlacePush: (
        *("push.before_get", "push.after_get", "push.before_put", "push.after_put", "push.recorded"),
        *("work.before_commit", "work.committed"),
    ),
    flows.PricePush: (
        *("price.before_get", "price.after_get", "price.before_put", "price.after_put", "price.after_put:2"),
        *("work.before_commit", "work.committed"),
    ),
    flows.MarketplaceChanges: ("marketplace.before_put", "marketplace.after_put", "work.before_commit"),
    flows.Publishing: (
        *("publish.written", "publish.before_post", "publish.after_post", "publish.before_take_in", "publish.saved"),
    ),
    flows.PublishingLeftAlone: ("publish.after_post", "publish.before_take_in", "publish.saved"),
    flows.Refresh: (
        *("token.before_intent", "token.intended", "token.before_post", "token.drafted", "token.spooled"),
        *("token.before_commit", "token.committed"),
    ),
    flows.RefreshThatIsLost: ("token.after_post",),
    flows.Connect: ("connect.exchanged", "connect.before_commit"),
    flows.Import: (
        *("job.running", "import.page_read", "work.extended", "import.page_written", "import.page_read:2"),
        *("import.matched", "work.before_commit"),
    ),
    flows.Look: ("looks.after_get", "look.saved", "work.before_commit"),
    flows.Patrol: ("patrol.looked", "work.extended", "work.before_commit"),
    flows.JobOfStaff: ("job.running", "work.extended:2", "work.before_commit"),
    flows.Receipt: ("receipt.written", "ledger.moved", "ledger.wanted"),
    flows.Sending: ("transfer.written", "ledger.moved"),
    flows.Receiving: ("transfer.booked", "ledger.wanted"),
    flows.Approval: ("ledger.moved", "count.booked"),
    flows.Slot: ("slot.taken", "slot.ran"),
    flows.Tick: ("pump.reaped", "work.reaped", "replay.stored", "pump.before_wake"),
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
