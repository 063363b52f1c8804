"""Where stock stands at Mercado Libre: Full, and stores of the seller."""

from __future__ import annotations

from inventory.models import FullStock, SellerStore, SellerWarehouse, Warehouse
from inventory.places import full, links, stores
from sellers.queue import work
from tests.faults.flows.flow import Flow


class FullReading(Flow):
    """Units in Full are read as every day."""

    def begin(self) -> None:
        stage, shop = self.stage, self.stage.shop
        self.item = stage.publish_and_link(shop.casa, stage.seller_of(shop.casa), shop.mug, full_quantity=12)
        self.tell()

    def tell(self) -> None:
        full.schedule()

    def act(self) -> None:
        self.stage.drain("bulk")

    def check(self) -> None:
        self.holds(12, 0)

    def holds(self, available: int, not_available: int) -> None:
        stock = FullStock.objects.get(inventory_id=self.item.own.inventory_id)
        assert (stock.available, stock.not_available) == (available, not_available)
        assert self.stage.shown() == (10, 10, 10)


class FullOperations(FullReading):
    """Units arrive in Full, and others are lost there; Mercado Libre tells of both."""

    def tell(self) -> None:
        self.stage.world.receive_in_full(self.item.id, 5)
        self.stage.world.lose_in_full(self.item.id, 2, why="damaged")
        self.stage.deliver(only="fbm_stock_operations")

    def check(self) -> None:
        self.holds(15, 2)


class StoresReading(Flow):
    """The seller has opened a store and closed another."""

    def begin(self) -> None:
        self.depots = self.stage.depots()
        closed = self.depots.seller.add_store("Este")
        stores.read(self.depots.account)
        self.depots.seller.stores.remove(closed)
        self.depots.seller.add_store("Oeste")
        work.bump(account_id=self.depots.account.pk, kind="seller_stores", key="")

    def act(self) -> None:
        self.stage.drain("bulk")

    def check(self) -> None:
        assert set(SellerStore.objects.values_list("name", flat=True)) == {"Norte", "Sur", "Oeste"}


class WarehouseOfStore(Flow):
    """A store becomes a warehouse of ours; where no page came, the button is pressed once more."""

    def begin(self) -> None:
        self.depots = self.stage.depots()
        nothing = {store.id: 0 for store in self.depots.seller.stores}
        self.stage.publish_and_link(self.depots.account, self.depots.seller, self.depots.cup, stores=nothing)
        self.store_id = self.depots.seller.add_store("Este").id

    def act(self) -> None:
        account = self.depots.account
        stores.make_warehouse(account, links.store_named(account, self.store_id))

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        link = SellerWarehouse.objects.get(account=self.depots.account, store_id=self.store_id)
        assert link.warehouse == Warehouse.objects.get(name="Este")


class LookAtPlaces(Flow):
    """Somebody changed what a store holds, at Mercado Libre; patrol looks."""

    def begin(self) -> None:
        self.depots = self.stage.depots()
        stocks = {store.id: units for store, units in zip(self.depots.seller.stores, (5, 3), strict=True)}
        self.item = self.stage.publish_and_link(self.depots.account, self.depots.seller, self.depots.cup, stores=stocks)
        self.stage.drain("pushes")
        self.stage.was_equal_for_an_hour()
        self.stage.world.edit_stock(self.item.id, 9, store_id=self.depots.seller.stores[1].id)
        self.stage.world.drain_notifications()
        key = self.item.own.user_product_id
        work.bump(account_id=self.depots.account.pk, kind="user_product_stock", key=key)

    def act(self) -> None:
        self.stage.drain("pushes")

    def check(self) -> None:
        places = self.stage.world.user_products[self.item.own.user_product_id].locations
        assert [place.quantity for place in places] == [5, 3]
