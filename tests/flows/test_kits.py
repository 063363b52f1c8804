"""A kit is sold like anything else: whoever sells one of its components learns of it, and it of their sales."""

import pytest

from catalog import kits
from catalog.imports import importing
from catalog.models import Product
from inventory import ledger
from inventory.models import StockLevel, Warehouse
from orders.models import Order
from tests.flows.conftest import link


class Set:
    """A set of a cup and two plates, sold by two sellers, alone, as a pair, and beside its components."""

    def __init__(self, world, connect, work_off):
        self.world = world
        casa, aurora = world.add_seller("CASA_DEL_SUR"), world.add_seller("LOJA_AURORA", site_id="MLB")
        sold = {
            "cup": casa.add_item(title="Taza", available_quantity=1),
            "plate": aurora.add_item(title="Prato", price=50, available_quantity=1),
            "set": casa.add_item(title="Juego de taza y platos", available_quantity=1),
            "pair": aurora.add_item(title="Dois jogos", price=300, available_quantity=1),
            "gift": casa.add_item(title="Regalo", available_quantity=1),
        }
        for account in (connect(casa, mode="live"), connect(aurora, mode="live")):
            importing.start(account=account)
        work_off()
        self.items = {name: item.id for name, item in sold.items()}
        self.products = {sku: Product.objects.create(sku=sku, name=sku) for sku in ("CUP", "PLATE", "SET", "GIFT")}
        self.compose("SET", CUP=1, PLATE=2)
        self.compose("GIFT", CUP=3)
        main = Warehouse.objects.get(code="MAIN")
        for sku, units in (("CUP", 9), ("PLATE", 10)):
            ledger.receive(product=self.products[sku], warehouse=main, quantity=units, operation=sku)
        for name, sku, units in (
            ("cup", "CUP", 1),
            ("plate", "PLATE", 1),
            ("set", "SET", 1),
            ("pair", "SET", 2),
            ("gift", "GIFT", 1),
        ):
            link(self.items[name], self.products[sku], units=units)
        work_off()
        world.drain_notifications()

    def compose(self, sku, **parts):
        kits.compose({self.products[sku].pk: {self.products[part].pk: many for part, many in parts.items()}}, by=None)

    def shown(self):
        """What ML shows of cup, plate, set, pair and gift."""
        return tuple(self.world.items[item_id].available_quantity for item_id in self.items.values())

    def reserved(self, sku):
        return StockLevel.objects.get(product=self.products[sku]).reserved


@pytest.fixture
def shop(world, connect, work_off):
    return Set(world, connect, work_off)


def test_a_kit_shows_what_its_components_are_good_for(shop):
    assert shop.shown() == (9, 10, 5, 2, 3)


def test_a_sale_of_a_kit_corrects_every_listing_that_shares_a_component(world, shop, deliver, work_off):
    world.sell(shop.items["set"], 2)

    deliver()
    work_off()

    assert shop.shown() == (7, 6, 3, 1, 2)
    assert (shop.reserved("CUP"), shop.reserved("PLATE")) == (2, 4)
    assert Order.objects.get().stock_state == "reserved"


def test_a_sale_of_a_component_corrects_the_kits(world, shop, deliver, work_off):
    world.sell(shop.items["cup"], 7)

    deliver()
    work_off()

    assert shop.shown() == (2, 10, 2, 1, 0)


def test_a_cancelled_pair_of_kits_comes_back_everywhere(world, shop, deliver, work_off):
    sold = world.sell(shop.items["pair"], 1)
    deliver()
    work_off()
    assert shop.shown() == (7, 6, 3, 1, 2)

    world.cancel(sold.id)
    deliver()
    work_off()

    assert shop.shown() == (9, 10, 5, 2, 3)
    assert ledger.verify() == []


def test_a_new_composition_moves_open_sales_and_listings(world, shop, deliver, work_off):
    shipped, _open = world.sell(shop.items["set"], 1), world.sell(shop.items["set"], 1)
    world.ship(shipped.id)
    deliver()
    work_off()

    shop.compose("SET", CUP=2)
    work_off()

    # One set left as a cup and two plates; the other now takes two cups.
    assert (shop.reserved("CUP"), shop.reserved("PLATE")) == (2, 0)
    assert shop.shown() == (6, 8, 3, 1, 2)
