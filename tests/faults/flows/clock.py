"""What runs by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings

from sellers.models import Work
from sellers.queue import schedule, work
from sellers.queue.pumping import Pump
from tests.faults.flows.flow import Flow
from tests.faults.flows.sales import Replay


class Slot(Flow):
    """Polls are asked for by the clock; a slot that was lost is followed by the next one."""

    NAME, SECONDS = "order_poll", 300
    PATH = "orders.runs.reconciliation.schedule_polls"

    def begin(self) -> None:
        self.stage.world.sell(self.stage.shop.mug_at_casa, 1)
        self.stage.world.drain_notifications()
        self.slot = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def act(self) -> None:
        schedule.run_slot(self.NAME, self.slot, self.PATH)

    def again(self) -> None:
        assert schedule.run_slot(self.NAME, self.slot, self.PATH) is False
        assert schedule.run_slot(self.NAME, self.slot + timedelta(seconds=self.SECONDS), self.PATH)

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((10, 1), (9, 9, 9))


class Tick(Replay):
    """A round of the pump, with work of a dead worker and a spool to take in."""

    def begin(self) -> None:
        super().begin()
        work.bump(account_id=self.stage.shop.casa.pk, kind="patrol", key="")
        work.claim(lane=settings.LANES["bulk"], who="one that died", lease=timedelta(seconds=-1))
        schedule.beat("beat")

    def act(self) -> None:
        pump = Pump()
        pump.tick()
        pump.finish()

    def check(self) -> None:
        super().check()
        assert Work.objects.get(kind="patrol").state == "idle"
