"""A merchant's shelf: two warehouses, a mug and a plate."""

import pytest
from django.utils import timezone

from catalog.imports import storing
from catalog.models import Product, SkuMapping, Variation
from inventory.models import StockTarget, Warehouse
from inventory.pushes import stock_push
from sellers.connection.clients import client_for


@pytest.fixture
def centro(db):
    return Warehouse.objects.get(code="MAIN")


@pytest.fixture
def norte(db):
    return Warehouse.objects.create(code="NORTE", name="Norte")


@pytest.fixture
def mug(db):
    return Product.objects.create(sku="MUG-1", name="Mug")


@pytest.fixture
def plate(db):
    return Product.objects.create(sku="PLATE-1", name="Plate")


@pytest.fixture
def shop(world, connect):
    """A seller of the world, connected and live: `shop.item(…)` publishes, imports and links a listing."""
    return Shop(world, connect)


class Shop:
    """One seller at both ends: in the simulated marketplace and in our tables."""

    def __init__(self, world, connect):
        self.world, self.connect = world, connect
        self.seller = self.account = None

    def open(self, *, tags=("normal",), site_id="MLA", mode="live", **fields):
        self.seller = self.world.add_seller("TIENDA", site_id=site_id, tags=tags)
        self.account = self.connect(self.seller, mode=mode, **fields)
        return self

    def item(self, *, link=None, units=1, **published):
        """Publish a listing and take it in. `link`: a product, or variation id -> product."""
        item = self.seller.add_item(**published)
        self.take_in(item.id)
        for variation in Variation.objects.filter(listing__item_id=item.id):
            product = link.get(variation.variation_id) if isinstance(link, dict) else link
            if product is not None:
                self.link(variation, product, units=units)
        self.world.drain_notifications()
        return item

    def take_in(self, item_id):
        storing.save_item(self.account, client_for(self.account).item(item_id), timezone.now())
        SkuMapping.objects.filter(variation__listing__item_id=item_id).delete()

    def link(self, variation, product, *, units=1):
        SkuMapping.objects.create(variation=variation, product=product, units=units, source="typed")
        stock_push.want_variations([variation.pk])

    def target(self, item, variation_id=0):
        return StockTarget.objects.get(variation__listing__item_id=item.id, variation__variation_id=variation_id)

    def puts(self):
        return [entry for entry in self.world.requests if entry.method == "PUT"]
