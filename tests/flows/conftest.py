"""A merchant with one product on three listings of two sellers, live, and everything equal."""

from dataclasses import dataclass

import pytest

from catalog.imports import importing
from catalog.mapping import sku_mapping
from catalog.models import Product, SkuMapping, Variation
from inventory import ledger
from inventory.models import StockLevel, Warehouse
from sellers.models import SellerAccount


@dataclass
class Shop:
    """What a story needs: the two accounts, the product, and the three listings that sell it."""

    casa: SellerAccount
    aurora: SellerAccount
    mug: Product
    mug_at_casa: str
    mug_set_at_casa: str  # a listing with variations; the blue one is the mug
    blue: int
    mug_at_aurora: str

    @property
    def level(self) -> StockLevel:
        return StockLevel.objects.get(product=self.mug)


def link(item_id, product, variation_id=0, units=1):
    unit = Variation.objects.get(listing__item_id=item_id, variation_id=variation_id)
    sku_mapping.link(variation_ids=[unit.pk], product=product, units=units, source=SkuMapping.Source.TYPED, by=None)


@pytest.fixture
def shop(world, connect, work_off):
    casa, aurora = world.add_seller("CASA_DEL_SUR"), world.add_seller("LOJA_AURORA", site_id="MLB")
    plain = casa.add_item(title="Taza azul 350 ml", available_quantity=3, seller_sku="otra-cosa")
    colours = [
        {"id": 11, "combination": {"COLOR": "Azul"}, "available_quantity": 2, "seller_sku": "taza-az"},
        {"id": 12, "combination": {"COLOR": "Rojo"}, "available_quantity": 7, "seller_sku": "taza-rj"},
    ]
    colourful = casa.add_item(title="Taza de cerámica", variations=colours)
    abroad = aurora.add_item(title="Caneca azul 350 ml", price=90, available_quantity=1)
    accounts = [connect(casa, mode="live"), connect(aurora, mode="live")]
    for account in accounts:
        importing.start(account=account)
    work_off()
    mug = Product.objects.create(sku="TAZA-AZUL", name="Taza azul")
    ledger.receive(
        product=mug, warehouse=Warehouse.objects.get(code="MAIN"), quantity=10, reason="first count", operation="first"
    )
    link(plain.id, mug)
    link(colourful.id, mug, variation_id=11)
    link(abroad.id, mug)
    work_off()
    world.drain_notifications()
    return Shop(accounts[0], accounts[1], mug, plain.id, colourful.id, 11, abroad.id)


@pytest.fixture
def shown(world, shop):
    """What ML shows of the mug: at CASA plain, at CASA blue, at AURORA."""

    def quantities():
        blue = next(one for one in world.items[shop.mug_set_at_casa].variations if one.id == shop.blue)
        plain, abroad = world.items[shop.mug_at_casa], world.items[shop.mug_at_aurora]
        return plain.available_quantity, blue.available_quantity, abroad.available_quantity

    return quantities
