"""What staff does to stock, by forms that may be sent twice."""

from __future__ import annotations

import uuid

from django.contrib.auth import get_user_model

from inventory.documents import counts, receipts, transfers
from inventory.models import StockLevel, Warehouse
from tests.faults.flows.flow import Flow


class Receipt(Flow):
    """Goods come in; where no page came, the same form is sent once more."""

    def begin(self) -> None:
        self.operation = uuid.uuid4()

    def act(self) -> None:
        receipts.receive(
            warehouse=self.stage.main, units={self.stage.shop.mug: 5}, operation=self.operation, by=self.stage.owner
        )

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((15, 0), (15, 15, 15))


class Sending(Flow):
    """Units are sent to another warehouse; the same form once more."""

    def begin(self) -> None:
        self.operation = uuid.uuid4()
        self.north = Warehouse.objects.create(code="NORTE", name="Norte")

    def act(self) -> None:
        transfers.send(
            source=self.stage.main,
            target=self.north,
            units={self.stage.shop.mug: 4},
            operation=self.operation,
            by=self.stage.owner,
        )

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((6, 0), (6, 6, 6))


class Receiving(Sending):
    """Some of what is on its way arrives; the same form once more finds that it was done, or does it."""

    def begin(self) -> None:
        super().begin()
        super().act()
        self.line = transfers.Transfer.objects.get().lines.get()

    def act(self) -> None:
        transfers.receive(transfer=self.line.transfer, units={self.line.pk: 3}, version=0, by=self.stage.owner)

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        assert StockLevel.objects.get(warehouse=self.north).on_hand == 3
        assert self.stage.shown() == (9, 9, 9)


class Approval(Flow):
    """Somebody approves what another has counted."""

    def begin(self) -> None:
        self.count, _new = counts.enter(
            warehouse=self.stage.main, counted={self.stage.shop.mug: 8}, operation=uuid.uuid4(), by=self.stage.owner
        )

        self.another = get_user_model().objects.create_superuser("bea", "bea@example.com", "a-long-enough-password")

    def act(self) -> None:
        counts.approve(count=self.count, by=self.another)

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((8, 0), (8, 8, 8))
