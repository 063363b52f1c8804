"""Listings read again, and jobs of staff."""

from __future__ import annotations

from catalog.imports import importing
from catalog.models import Listing
from dashboard import jobs as dashboard_jobs
from sellers.queue import work
from tests.faults.flows.flow import Flow


class Import(Flow):
    """The catalog is read: more than one page of it."""

    LISTINGS = 105

    def begin(self) -> None:
        seller = self.stage.world.sellers[self.stage.shop.casa.ml_user_id]
        for number in range(self.LISTINGS):
            seller.add_item(title=f"Plato {number}")
        self.stage.world.drain_notifications()
        importing.start(account=self.stage.shop.casa)

    def act(self) -> None:
        self.stage.drain("bulk")

    def check(self) -> None:
        assert Listing.objects.filter(account=self.stage.shop.casa).count() == self.LISTINGS + 2


class LeftOver(Flow):
    """The catalog is read for the second time without a listing that we know."""

    def begin(self) -> None:
        casa = self.stage.shop.casa
        lost = self.stage.publish(casa, self.stage.seller_of(casa), title="Plato")
        lost.sub_status = ["deleted"]
        importing.start(account=casa)
        self.stage.drain("bulk")
        self.lost = Listing.objects.get(item_id=lost.id)
        assert self.lost.missing_since is None
        self.job = importing.start(account=casa)

    def act(self) -> None:
        self.stage.drain("bulk")

    def check(self) -> None:
        self.lost.refresh_from_db()
        self.job.refresh_from_db()
        assert self.lost.missing_since is not None
        assert (self.job.result["absent"], self.job.result["missing"]) == (1, 1)


class Look(Flow):
    """Somebody changed a quantity at Mercado Libre, which tells of it."""

    def begin(self) -> None:
        self.stage.was_equal_for_an_hour()
        self.stage.world.edit_stock(self.stage.shop.mug_at_casa, 25)
        self.stage.deliver()

    def act(self) -> None:
        self.stage.drain("pushes", "bulk")

    def check(self) -> None:
        assert self.stage.shown() == (10, 10, 10)


class Patrol(Flow):
    """Somebody changed a quantity at Mercado Libre, and nobody told of it."""

    def begin(self) -> None:
        self.stage.was_equal_for_an_hour()
        self.stage.world.edit_stock(self.stage.shop.mug_at_casa, 25)
        self.stage.world.drain_notifications()
        work.bump(account_id=self.stage.shop.casa.pk, kind="patrol", key="")

    def act(self) -> None:
        self.stage.drain("bulk")

    def check(self) -> None:
        assert self.stage.shown() == (10, 10, 10)


class JobOfStaff(Flow):
    """Everything is pushed again."""

    def begin(self) -> None:
        self.stage.world.edit_stock(self.stage.shop.mug_at_casa, 25)
        self.stage.world.drain_notifications()
        self.job = dashboard_jobs.start_again("stock", query="", by=self.stage.owner)

    def act(self) -> None:
        self.stage.drain("bulk")

    def check(self) -> None:
        self.job.refresh_from_db()
        assert (self.job.state, self.job.done, self.job.total) == ("done", 3, 3)
        assert self.stage.shown() == (10, 10, 10)
