"""The flows in which a process dies: what happened before, what the process does, what people do once more.

Everything else is made good by rows, leases and files: nothing is polled afterwards.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.utils import timezone

from catalog import importing, marketplace_changes, price_changes
from catalog.models import Listing, MarketplaceChange, Product
from dashboard import jobs as dashboard_jobs
from inventory import counts, publishing, receipts, transfers
from inventory.models import Publication, StockLevel, Warehouse
from orders.models import Order
from sellers import inbox, oauth, schedule, tokens, work
from sellers.models import Grant, SellerAccount, Work
from sellers.pumping import Pump
from tests.faults.stage import Stage
from tests.flows.conftest import link


class Flow:
    """`act` runs in the process that dies, the rest in the test's. `check` is what this flow has to come to."""

    reconnects = 0  # sellers that have to connect again: an answer of the token endpoint is lost

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.begin()

    def begin(self) -> None:
        """What happened before."""

    def act(self) -> None:
        raise NotImplementedError

    def again(self) -> None:
        """What people, or Mercado Libre, do once more where they got no answer."""

    def check(self) -> None:
        raise NotImplementedError


# --- what Mercado Libre tells -----------------------------------------------------------------------------------------


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


# --- orders -----------------------------------------------------------------------------------------------------------


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

    SALES = 55

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


# --- pushes -----------------------------------------------------------------------------------------------------------


class StockPush(Flow):
    """After a sale the other listings of the product follow, read and written together."""

    def begin(self) -> None:
        self.stage.world.sell(self.stage.shop.mug_at_aurora, 1)
        self.stage.deliver()
        self.stage.drain("orders")

    def act(self) -> None:
        self.stage.drain("pushes")

    def check(self) -> None:
        assert (self.stage.level(), self.stage.shown()) == ((10, 1), (9, 9, 9))


class PlacePush(Flow):
    """Stock by warehouse is written store by store, against the version that was read."""

    def begin(self) -> None:
        self.depots = self.stage.depots()
        nothing = {store.id: 0 for store in self.depots.seller.stores}
        self.item = self.stage.publish_and_link(
            self.depots.account, self.depots.seller, self.depots.cup, title="Copa", stores=nothing
        )

    def act(self) -> None:
        self.stage.drain("pushes")

    def check(self) -> None:
        places = self.stage.world.user_products[self.item.own.user_product_id].locations
        assert [place.quantity for place in places] == [5, 3]


class PricePush(Flow):
    """A price that staff has set is sent."""

    def begin(self) -> None:
        price_changes.set_product_price(
            product=self.stage.shop.mug, currency_id="ARS", price=Decimal(1250), floor=Decimal(900), by=self.stage.owner
        )

    def act(self) -> None:
        self.stage.drain("pushes")

    def check(self) -> None:
        items, shop = self.stage.world.items, self.stage.shop
        assert (items[shop.mug_at_casa].price, items[shop.mug_set_at_casa].price) == (1250, 1250)


class MarketplaceChanges(Flow):
    """A listing is paused in one country."""

    def begin(self) -> None:
        world = self.stage.world
        seller = world.add_global_seller("PACIFIC", marketplaces=(("MLM", "remote"), ("MLB", "remote")))
        bottle = world.add_global_item(seller, title="Bottle", price=20)
        account = self.stage.connect(seller, mode="live")
        importing.start(account=account)
        self.stage.drain("bulk", "orders", "pushes", "bulk")
        self.there = world.children_of(bottle.id)["MLM"]
        marketplace_changes.ask(
            Listing.objects.get(item_id=self.there.id),
            MarketplaceChange.Field.STATUS,
            "paused",
            by=self.stage.owner,
            operation=uuid.uuid4(),
        )

    def act(self) -> None:
        self.stage.drain("pushes")

    def check(self) -> None:
        assert self.there.status == "paused"
        assert MarketplaceChange.objects.get().state == "done"


class Publishing(Flow):
    """Staff publishes a listing; where no answer came, the same form is sent once more."""

    def begin(self) -> None:
        self.depots, self.operation = self.stage.depots(), uuid.uuid4()

    def act(self) -> None:
        units = dict(zip((store.id for store in self.depots.seller.stores), (5, 3), strict=True))
        draft = publishing.Draft(self.depots.cup, "Copa", "MLA1577", Decimal(1500), "gold_special", units)
        publishing.publish(self.depots.account, draft, operation=self.operation, by=self.stage.owner)

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        publication = Publication.objects.get()
        assert publication.state == "published"
        mapping = self.stage.unit(publication.item_id).mapping
        assert mapping.product_id == self.depots.cup.pk


class PublishingLeftAlone(Publishing):
    """The same, and nobody sends the form again: what was made is found."""

    def again(self) -> None:
        pass


# --- the connection ---------------------------------------------------------------------------------------------------


class Refresh(Flow):
    """A token is renewed."""

    def begin(self) -> None:
        SellerAccount.objects.filter(pk=self.stage.shop.casa.pk).update(refresh_wanted_at=timezone.now())

    def act(self) -> None:
        tokens.refresh_due(timezone.now())

    def check(self) -> None:
        grant = Grant.objects.get(account=self.stage.shop.casa, state="current")
        assert (grant.chain, grant.generation) == (1, 1)


class RefreshThatIsLost(Refresh):
    """Mercado Libre has rotated, and its answer is gone with the process: a human has to connect again."""

    reconnects = 1

    def check(self) -> None:
        posts = self.stage.world.requests.to("/oauth/token", "POST")
        assert len(posts) == 2  # one that was lost, one to find out


class Connect(Flow):
    """A seller is connected in the browser; where no page came, staff presses Connect once more."""

    SESSION = "session"

    def begin(self) -> None:
        self.seller = self.stage.world.add_seller("NUEVA")
        self.seller.add_item(title="Jarra")
        self._consent()

    def _consent(self) -> None:
        url = oauth.begin(user=self.stage.owner, session_key=self.SESSION, site_id="MLA")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        with self.stage.world.lock:
            self.code = self.stage.world.consents.code(
                self.seller.user_id, asked["redirect_uri"], asked["code_challenge"], asked["code_challenge_method"]
            )
        self.state = asked["state"]

    def act(self) -> None:
        flow = oauth.complete(user=self.stage.owner, session_key=self.SESSION, state=self.state, code=self.code)
        flow.refresh_from_db()
        oauth.confirm(flow)

    def again(self) -> None:
        self._consent()
        self.act()

    def check(self) -> None:
        account = SellerAccount.objects.get(nickname="NUEVA")
        assert (account.status, account.listings.count()) == ("connected", 1)


# --- reading the catalog ----------------------------------------------------------------------------------------------


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


# --- what staff does to stock -----------------------------------------------------------------------------------------


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


# --- the clock --------------------------------------------------------------------------------------------------------


class Slot(Flow):
    """Polls are asked for by the clock; a slot that was lost is followed by the next one."""

    NAME, SECONDS = "order_poll", 300
    PATH = "orders.reconciliation.schedule_polls"

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
