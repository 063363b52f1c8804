"""What runs by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F

from sellers.models import Job, ScheduleSlot, SellerAccount, Work
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


class Weekly(Slot):
    """The orders of two months are asked for once a week: the next slot would be far."""

    NAME, PATH = "orders_two_months", "orders.runs.reconciliation.schedule_two_months"

    def again(self) -> None:
        assert schedule.run_slot(self.NAME, self.slot, self.PATH) is False, "it may still be running"
        ScheduleSlot.objects.update(ran_at=F("ran_at") - schedule.AGAIN_AFTER)
        assert schedule.run_slot(self.NAME, self.slot, self.PATH) is True
        ScheduleSlot.objects.update(ran_at=F("ran_at") - schedule.AGAIN_AFTER)
        assert schedule.run_slot(self.NAME, self.slot, self.PATH) is False, "it was done"


class Sweep(Slot):
    """The listings of two sellers are to be read again."""

    NAME, SECONDS = "catalog_sweep", 60
    PATH = "catalog.imports.importing.sweep"

    def begin(self) -> None:
        self.slot = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
        Job.objects.all().delete()
        SellerAccount.objects.update(catalog_imported_at="2026-01-01T00:00:00Z")

    def check(self) -> None:
        read = Job.objects.filter(kind="catalog_import")
        assert sorted(read.values_list("account", "state")) == [
            (self.stage.shop.casa.pk, "done"),
            (self.stage.shop.aurora.pk, "done"),
        ]


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
