"""What people do about work that failed, and about runs and jobs that they ask for."""

from __future__ import annotations

import uuid

from dashboard import jobs as dashboard_jobs
from dashboard.views.failures import try_again
from orders.models import Run
from orders.runs import runs
from sellers.models import FailureAction, Work
from sellers.queue import failures, work
from tests.faults.flows.flow import Flow


class Retry(Flow):
    """A push that Mercado Libre has refused is tried again; where no page came, the button is pressed once more."""

    def begin(self) -> None:
        self.stage.receive(self.stage.shop.mug, 2)
        failed = {"state": "dead", "last_error": "PUT /items/MLA1 400", "last_error_at": self.stage.world.now()}
        Work.objects.filter(kind="stock").update(**failed)

    def act(self) -> None:
        try_again(Work.objects.filter(state="dead"), by=self.stage.owner)

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        assert self.stage.shown() == (12, 12, 12)


class Handled(Flow):
    """A reading that failed is said to be settled at Mercado Libre; where no page came, once more."""

    def begin(self) -> None:
        work.bump(account_id=self.stage.shop.casa.pk, kind="full_stock", key="AAAA00001")
        failed = {"state": "dead", "last_error": "GET /inventories/AAAA00001/stock/fulfillment 400"}
        Work.objects.filter(kind="full_stock").update(**failed, last_error_at=self.stage.world.now())

    def act(self) -> None:
        rows = Work.objects.filter(state="dead").values_list("pk", flat=True)
        failures.handle(rows, reason="nothing is there any more", by=self.stage.owner)

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        (one,) = FailureAction.objects.all()
        assert (one.kind, one.key, one.done_by) == ("full_stock", "AAAA00001", self.stage.owner)


class JobGoesOn(Flow):
    """A job that was stopped is let go on; where no page came, the button is pressed once more."""

    def begin(self) -> None:
        self.stage.world.edit_stock(self.stage.shop.mug_at_casa, 25)
        self.stage.world.drain_notifications()
        self.job = dashboard_jobs.start_again("stock", query="", by=self.stage.owner)
        dashboard_jobs.cancel(self.job, by=self.stage.owner)
        self.stage.drain("bulk")
        self.job.refresh_from_db()
        assert self.job.state == "cancelled"

    def act(self) -> None:
        dashboard_jobs.resume(self.job, by=self.stage.owner)

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        self.job.refresh_from_db()
        assert (self.job.state, self.job.done) == ("done", 3)
        assert self.stage.shown() == (10, 10, 10)


class ReadNow(Flow):
    """Staff has the orders read; where no page came, the same click once more."""

    def begin(self) -> None:
        self.stage.world.sell(self.stage.shop.mug_at_casa, 1)
        self.stage.world.drain_notifications()
        self.operation = uuid.uuid4()

    def act(self) -> None:
        casa, owner = self.stage.shop.casa, self.stage.owner
        runs.ask(casa, kind=Run.Kind.ORDERS, days=7, operation=self.operation, by=owner)
        self.stage.drain("orders")
        Work.objects.filter(kind="order_runs").update(due_at="2000-01-01T00:00:00Z")
        self.stage.drain("orders")

    def again(self) -> None:
        casa, owner = self.stage.shop.casa, self.stage.owner
        runs.ask(casa, kind=Run.Kind.ORDERS, days=7, operation=self.operation, by=owner)

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((10, 1), (9, 9, 9))
        run = Run.objects.get(operation=self.operation)
        assert (run.state, run.found, run.recovered) == ("complete", 1, 1)
