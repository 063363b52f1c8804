"""Sales: told, fetched, taken in, found by the nets below the notifications."""

from __future__ import annotations

import json
import uuid

from django.conf import settings
from django.db import connection, connections

from catalog.models import Product
from inventory.documents import receipts
from orders.models import Order
from sellers.notifications import inbox
from sellers.queue import work
from tests.faults.flows.flow import Flow
from tests.flows.conftest import link


class Arrival(Flow):
    """The notification of a sale arrives, and its order is imported; sent again until it is told 200."""

    def begin(self) -> None:
        self.stage.world.sell(self.stage.shop.mug_at_casa, 1)
        self.stage.hear()

    def act(self) -> None:
        self.stage.send()
        self.stage.drain("orders")

    def again(self) -> None:
        self.stage.send()

    def check(self) -> None:
        assert self.stage.answered == len(self.stage.told)
        assert (self.stage.level(), self.stage.shown()) == ((10, 1), (9, 9, 9))


class ArrivalWithoutDatabase(Arrival):
    """PostgreSQL is away: it goes to the spool."""

    def act(self) -> None:
        connections["default"].settings_dict["HOST"] = "/nowhere"
        self.stage.send()


class Replay(Arrival):
    """PostgreSQL is back: the spool is taken in."""

    def begin(self) -> None:
        super().begin()
        inbox.spool([inbox.read(json.dumps(body).encode()) for body in self.stage.told], name="1")
        (self.stage.folder / "answered").write_text("200\n" * len(self.stage.told))

    def act(self) -> None:
        with connection.cursor() as cursor:
            inbox.replay(cursor)


class Orders(Flow):
    """Three sales of two sellers are fetched and taken in. Nothing is told of their parcels, which would judge the
    orders once more and make good what was lost.
    """

    def begin(self) -> None:
        stage, shop = self.stage, self.stage.shop
        stage.world.sell(shop.mug_at_casa, 1)
        stage.world.sell(shop.mug_set_at_casa, 1, shop.blue)
        stage.world.sell(shop.mug_at_aurora, 1)
        stage.deliver(only="orders_v2")

    def act(self) -> None:
        self.stage.drain("orders")

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((10, 3), (7, 7, 7))


class OrderThatFails(Flow):
    """Mercado Libre has trouble of its own when the order is fetched."""

    def begin(self) -> None:
        order = self.stage.world.sell(self.stage.shop.mug_at_casa, 1)
        self.stage.world.faults.add("SERVER_ERROR", path=f"/orders/{order.id}")
        self.stage.deliver()

    def act(self) -> None:
        self.stage.drain("orders")

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((10, 1), (9, 9, 9))


class Cancellation(Flow):
    """A sale that is known is called off."""

    def begin(self) -> None:
        order = self.stage.world.sell(self.stage.shop.mug_at_casa, 2)
        self.stage.deliver()
        self.stage.drain("orders", "pushes", "bulk")
        self.stage.world.cancel(order.id)
        self.stage.deliver(only="orders_v2")

    def act(self) -> None:
        self.stage.drain("orders")

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((10, 0), (10, 10, 10))


class Parcel(Flow):
    """A sale leaves the house."""

    def begin(self) -> None:
        order = self.stage.world.sell(self.stage.shop.mug_at_casa, 2)
        self.stage.deliver()
        self.stage.drain("orders", "pushes", "bulk")
        self.stage.world.ship(order.id)
        self.stage.deliver()

    def act(self) -> None:
        self.stage.drain("orders")

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((8, 0), (8, 8, 8))


class Poll(Flow):
    """Sales that nobody told of are found: more than one page of them."""

    SALES = 51

    def begin(self) -> None:
        stage, shop = self.stage, self.stage.shop
        stage.world.edit_stock(shop.mug_at_casa, 100)
        for _ in range(self.SALES):
            stage.world.sell(shop.mug_at_casa, 1)
        stage.world.drain_notifications()
        work.bump(account_id=shop.casa.pk, kind="order_poll", key="")

    def act(self) -> None:
        work.run(work.claim(lane=settings.LANES["orders"], who="one that dies")[0])

    def check(self) -> None:
        assert Order.objects.count() == self.SALES
        assert (self.stage.level(), self.stage.shown()) == ((10, self.SALES), (0, 0, 0))


class MissedFeeds(Flow):
    """Sales whose notifications Mercado Libre could not deliver are recovered."""

    def begin(self) -> None:
        self.stage.world.drop_notifications(1000)
        for _ in range(2):
            self.stage.world.sell(self.stage.shop.mug_at_casa, 1)
        work.bump(account_id=self.stage.shop.casa.pk, kind="missed_feeds", key="")

    def act(self) -> None:
        self.stage.drain("orders")

    def again(self) -> None:
        self.stage.world.drop_notifications(0)

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((10, 2), (8, 8, 8))


class Mapping(Flow):
    """A listing is linked whose sales wait."""

    def begin(self) -> None:
        stage, shop = self.stage, self.stage.shop
        stage.world.sell(shop.mug_set_at_casa, 2, 12)
        stage.deliver()
        stage.drain("orders", "pushes", "bulk")
        self.red = Product.objects.create(sku="TAZA-ROJA", name="Taza roja")
        receipts.receive(warehouse=stage.main, units={self.red: 6}, operation=uuid.uuid4(), by=stage.owner)
        link(shop.mug_set_at_casa, self.red, variation_id=12)

    def act(self) -> None:
        self.stage.drain("orders")

    def check(self) -> None:
        assert self.stage.level(self.red) == (6, 2)
        item = self.stage.world.items[self.stage.shop.mug_set_at_casa]
        assert [one.available_quantity for one in item.variations] == [10, 4]
