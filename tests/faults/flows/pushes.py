"""What is sent to Mercado Libre: quantities, prices, changes in one country, new listings."""

from __future__ import annotations

import contextlib
import uuid
from decimal import Decimal

from catalog.imports import importing
from catalog.marketplaces import marketplace_changes
from catalog.models import Listing, MarketplaceChange
from catalog.prices import price_changes
from inventory.models import Publication, StockTarget
from inventory.publishing import publishing
from inventory.pushes import go_live
from inventory.rules import rule_changes
from mercadolibre import errors
from sellers.models import SellerAccount, Work
from sellers.queue import work
from tests.faults.flows.flow import Flow
from tests.faults.racing import claims_of


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


class Describing(Publishing):
    """The same with a description, which is sent after the listing was made."""

    WORDS = "Copa de vidrio"

    def act(self) -> None:
        publishing.publish(self.depots.account, self.draft(), operation=self.operation, by=self.stage.owner)

    def draft(self) -> publishing.Draft:
        units = dict(zip((store.id for store in self.depots.seller.stores), (5, 3), strict=True))
        cup = self.depots.cup
        return publishing.Draft(cup, "Copa", "MLA1577", Decimal(1500), "gold_special", units, description=self.WORDS)

    def again(self) -> None:
        """Nobody sends the form again."""

    def check(self) -> None:
        super().check()
        publication = Publication.objects.get()
        assert self.stage.world.items[publication.item_id].description == self.WORDS
        assert publication.described_at is not None
        posts = [one for one in self.stage.world.requests if one.path.endswith("/description") and one.method == "POST"]
        assert [one.status for one in posts] == [201]


class PublishingOnceMore(Publishing):
    """Mercado Libre had trouble the first time, and whoever follows publications is done with that."""

    def begin(self) -> None:
        super().begin()
        self.stage.world.faults.add("POLICY_403", path="/items/multiwarehouse")
        with contextlib.suppress(errors.PolicyDenied):
            self.act()
        Work.objects.filter(kind="publication").update(due_at="2000-01-01T00:00:00Z")
        self.stage.drain("bulk")
        assert Publication.objects.get().state == "refused"
        assert not Work.objects.filter(kind="publication", state="ready").exists()


class PublishingOnceMoreLeftAlone(PublishingOnceMore):
    """The same, and nobody sends the form a third time: what was made is found."""

    def again(self) -> None:
        pass


class GoingLive(Flow):
    """A seller who observed goes live; where no page came, the button is pressed once more."""

    def begin(self) -> None:
        stage = self.stage
        seller = stage.world.add_seller("TERCERA")
        self.account = stage.connect(seller)
        self.item = stage.publish_and_link(self.account, seller, stage.shop.mug, available_quantity=2)
        stage.drain("pushes")
        assert self.item.available_quantity == 2

    def act(self) -> None:
        go_live.go_live(account=self.account, by=self.stage.owner)
        self.stage.drain("pushes")

    def again(self) -> None:
        go_live.go_live(account=self.account, by=self.stage.owner)

    def check(self) -> None:
        self.account.refresh_from_db()
        assert (self.account.mode, self.account.live_by) == ("live", self.stage.owner)
        assert self.item.available_quantity == 10


class Rule(Flow):
    """A seller's buffer is changed; where no page came, the form is sent once more."""

    def act(self) -> None:
        change = rule_changes.OfSeller(self.stage.shop.casa, buffer=3, last_units=None)
        rule_changes.apply(change, seen_to_zero=0)

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        assert self.stage.shown() == (7, 7, 10)


class Doubted(Flow):
    """Mercado Libre has moved the seller to warehouses and refuses a push: the seller is read again, and what was
    refused is judged anew.
    """

    def begin(self) -> None:
        stage, shop = self.stage, self.stage.shop
        stage.world.activate_warehouses(stage.seller_of(shop.casa), several=False)
        stage.world.warehouse_item_writes = "refused"
        stage.world.drain_notifications()
        stage.receive(shop.mug, 2)
        for claimed in claims_of("stock"):
            work.run(claimed)
        assert Work.objects.filter(kind="stock", state="dead").exists()

    def act(self) -> None:
        self.stage.drain("pushes")

    def check(self) -> None:
        account = SellerAccount.objects.get(pk=self.stage.shop.casa.pk)
        lamps = StockTarget.objects.filter(variation__listing__account=account, variation__mapping__isnull=False)
        assert (account.manages_warehouses, {*lamps.values_list("state", flat=True)}) == (True, {"blocked"})
