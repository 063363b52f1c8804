"""What is sent to Mercado Libre: quantities, prices, changes in one country, new listings."""

from __future__ import annotations

import uuid
from decimal import Decimal

from catalog.imports import importing
from catalog.marketplaces import marketplace_changes
from catalog.models import Listing, MarketplaceChange
from catalog.prices import price_changes
from inventory.models import Publication
from inventory.publishing import publishing
from tests.faults.flows.flow import Flow


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
