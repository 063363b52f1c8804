"""A process dies at a point of a flow; everything is started again; then everything must hold.

A case whose point is not reached fails. `test_points` sees to it that every point of the product stands here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import processes
from tests.faults.flows import brakes, clock, connection, desk, failures, places, pushes, reading, sales, shapes, sheets
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
    pushes.PublishingOnceMore: ("publish.taken_up", "publish.before_post", "publish.after_post"),
    pushes.PublishingOnceMoreLeftAlone: ("publish.after_post",),
    pushes.Describing: ("describe.before_post", "describe.after_post"),
    pushes.GoingLive: ("go_live.switched", "work.before_commit"),
    pushes.Rule: ("rule.made",),
    pushes.Doubted: ("tags.read", "work.before_commit"),
    connection.Disconnect: ("disconnect.revoked",),
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
    reading.LeftOver: ("import.left_over_read", "work.extended:2", "work.before_commit"),
    reading.Look: ("looks.after_get", "look.saved", "work.before_commit"),
    reading.Patrol: ("patrol.looked", "work.extended", "work.before_commit"),
    reading.JobOfStaff: ("job.running", "work.extended:2", "work.before_commit"),
    desk.Receipt: ("receipt.written", "ledger.moved", "ledger.wanted"),
    desk.Sending: ("transfer.written", "ledger.moved"),
    desk.Receiving: ("transfer.booked", "ledger.wanted"),
    desk.Approval: ("ledger.moved", "count.booked"),
    sheets.MappingImport: (
        *(
            "sheet.taken",
            "job.running",
            "links.written",
            "sheet.batch_linked:2",
            "work.extended",
            "sheet.batch_written",
        ),
        "work.before_commit",
    ),
    sheets.BulkAccept: ("links.written", "bulk.accepted", "bulk.batch_written", "work.before_commit"),
    sheets.PriceImport: ("prices.written",),
    sheets.Composition: ("kits.asked",),
    sheets.FirstStock: ("ledger.moved:2", "ledger.wanted"),
    places.FullReading: ("full.read", "full.kept", "work.committed"),
    places.FullOperations: ("full.told", "full.told:2", "work.before_commit", "full.read", "full.kept"),
    places.StoresReading: ("stores.read", "stores.written", "work.before_commit"),
    places.WarehouseOfStore: ("store.warehouse_made",),
    places.LookAtPlaces: ("look.done", "work.before_commit"),
    shapes.Flattened: ("looks.after_get", "shapes.noted", "look.saved", "work.before_commit"),
    shapes.Answered: ("links.written", "shape.applied"),
    shapes.Settled: ("shapes.asked",),
    brakes.MassZeroing: ("ledger.moved", "blast.noted", "blast.paused", "ledger.wanted"),
    brakes.GoingOn: ("blast.answered", "resume.written"),
    brakes.Resuming: ("resume.written",),
    brakes.Stopping: ("stop.written",),
    brakes.WritingAgain: ("stop.ended",),
    brakes.Epoch: ("epoch.grown", "epoch.half_noted"),
    brakes.Released: ("release.written", "release.asked"),
    brakes.Probing: ("probe.taken", "probe.answered"),
    failures.Retry: ("retry.written",),
    failures.Handled: ("handled.written",),
    failures.JobGoesOn: ("job.resumed", "retry.written"),
    failures.ReadNow: ("run.asked", "run.begun", "run.added_up"),
    clock.Weekly: ("slot.taken", "slot.ran"),
    clock.Sweep: ("slot.taken", "sweep.started", "slot.ran"),
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
