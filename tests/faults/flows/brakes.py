"""What keeps Enlace from writing, and what lets it go on."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db.models import F

from catalog.imports.storing import save_items
from inventory import ledger
from inventory.models import MassZero, Zeroing
from inventory.pushes import blast
from sellers.brakes import installation, probes, stops
from sellers.brakes.breaking import PROBE_LIFE
from sellers.connection import accounts
from sellers.connection.clients import client_for
from sellers.models import Breaker, Installation, SellerAccount, WriteStop
from tests.faults import processes
from tests.faults.flows.flow import Flow

WAITED, SENT = (10, 10, 10), (12, 12, 12)


class MassZeroing(Flow):
    """Staff enters that every mug is broken: a dozen listings would be emptied, so somebody is asked first."""

    MORE = 10

    def begin(self) -> None:
        stage, casa = self.stage, self.stage.shop.casa
        seller = stage.seller_of(casa)
        made = [seller.add_item(title=f"Taza {one}", available_quantity=10).id for one in range(self.MORE)]
        save_items(casa, [item for item in client_for(casa).items(made).values() if item], stage.world.now())
        stage.link(stage.shop.mug, *made)
        stage.world.drain_notifications()
        stage.drain("pushes")
        self.operation = str(uuid.uuid4())

    def act(self) -> None:
        mug, main = self.stage.shop.mug, self.stage.main
        ledger.adjust(product=mug, warehouse=main, delta=-10, operation=self.operation, reason="broken")

    def again(self) -> None:
        self.act()
        processes.work_off()
        assert self.stage.shown() == (10, 10, 0), "the other seller has one listing, which is few"
        assert blast.go_on(MassZero.objects.get(answered_at=None).pk, by=self.stage.owner)

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((0, 0), (0, 0, 0))
        assert Zeroing.objects.filter(account=self.stage.shop.casa, confirmed_at=None).count() == 0
        blast.watch()
        assert MassZero.objects.filter(answered_at=None).count() == 0


class GoingOn(MassZeroing):
    """Staff has looked and says Go on; where no page came, once more."""

    def begin(self) -> None:
        super().begin()
        super().act()
        self.asked = MassZero.objects.get()

    def act(self) -> None:
        blast.go_on(self.asked.pk, by=self.stage.owner)

    def again(self) -> None:
        self.act()


class Resuming(GoingOn):
    """The same on the seller's page, by Resume."""

    def act(self) -> None:
        accounts.resume(self.casa)

    def again(self) -> None:
        """Until somebody presses it again: either nothing happened yet, or nobody is asked any more."""
        assert self.casa.pushes_paused == MassZero.objects.filter(answered_at=None).exists()
        self.act()

    @property
    def casa(self) -> SellerAccount:
        return SellerAccount.objects.get(pk=self.stage.shop.casa.pk)


class Stopping(Flow):
    """Everything is stopped while something is to be sent; afterwards it goes on."""

    def begin(self) -> None:
        self.stage.receive(self.stage.shop.mug, 2)

    def act(self) -> None:
        stops.stop(reason="drill", by=self.stage.owner)

    def again(self) -> None:
        self.act()
        self.stage.drain("pushes")
        assert self.stage.shown() == WAITED
        stop = WriteStop.objects.get()
        assert stops.go_on(stop.pk, by=self.stage.owner)

    def check(self) -> None:
        assert self.stage.shown() == SENT
        assert not stops.active().exists()


class WritingAgain(Stopping):
    """Staff lets writing go on; where no page came, once more."""

    def begin(self) -> None:
        super().begin()
        stops.stop(reason="drill", by=self.stage.owner)
        self.stop = WriteStop.objects.get()

    def act(self) -> None:
        stops.go_on(self.stop.pk, by=self.stage.owner)

    def again(self) -> None:
        self.act()


class Epoch(Flow):
    """The installation's epoch grows and is noted; whoever starts next finds that it is the same database."""

    def begin(self) -> None:
        installation.memory.found = None
        installation.keep()
        self.stage.receive(self.stage.shop.mug, 2)

    def act(self) -> None:
        installation.keep()

    def again(self) -> None:
        """Everything has started anew, and every process compares."""
        installation.memory.found = None
        installation.keep()

    def check(self) -> None:
        assert self.stage.shown() == SENT
        assert not WriteStop.objects.exists()


class Released(Flow):
    """An older database is back; a person says that it may write, and the orders of a week are read before it does."""

    def begin(self) -> None:
        installation.memory.found = None
        for _ in range(3):
            installation.keep()
        self.stage.world.sell(self.stage.shop.mug_at_casa, 1)
        self.stage.world.drain_notifications()
        self.stage.receive(self.stage.shop.mug, 3)
        Installation.objects.update(epoch=1)
        self.restarted()
        installation.verify()
        self.sent = self.puts()
        self.stop = WriteStop.objects.get()

    def restarted(self) -> None:
        installation.memory.found = None

    def act(self) -> None:
        installation.release(self.stop.pk, by=self.stage.owner)
        installation.keep()

    def again(self) -> None:
        self.restarted()
        self.act()
        processes.work_off()
        assert self.puts() == self.sent, "nothing is written before the orders are in"
        installation.keep()

    def puts(self) -> int:
        return sum(one.method == "PUT" for one in self.stage.world.requests)

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((13, 1), SENT)
        assert not stops.active().exists()


class Probing(Flow):
    """Calls of a seller are held back until one call says that Mercado Libre answers again."""

    def begin(self) -> None:
        self.stage.receive(self.stage.shop.mug, 2)
        casa = self.stage.shop.casa
        now = self.stage.world.now()
        self.breaker = Breaker.objects.create(
            scope=f"seller:{casa.pk}", account=casa, state="open", times=1, opened_at=now, probe_at=now
        )

    def act(self) -> None:
        probes.probe_due()

    def again(self) -> None:
        """The probe of the dead is given up after a while."""
        Breaker.objects.update(probe_at=F("probe_at") - PROBE_LIFE - timedelta(seconds=1))
        self.act()

    def check(self) -> None:
        self.breaker.refresh_from_db()
        assert self.breaker.state == "closed"
        assert self.stage.shown() == SENT
