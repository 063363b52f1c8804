"""What staff changes many at a time: links, prices, compositions, first stock."""

from __future__ import annotations

import contextlib
from decimal import Decimal

from catalog import bulk, kits
from catalog.mapping import sku_mapping
from catalog.models import Product, Upload
from catalog.sheets import mapping_sheet, price_sheet
from inventory.documents import adopting
from inventory.models import StockMovement
from sellers.models import Job
from tests.faults.flows.flow import Flow
from ui.importing import Row


class MappingImport(Flow):
    """A sheet of links, applied as a job: one link in each of two batches, and rows that cannot be taken, among them
    one that names in the second batch what was linked in the first.
    """

    def begin(self) -> None:
        stage, shop = self.stage, self.stage.shop
        self.plate = Product.objects.create(sku="PLATO", name="Plato")
        self.item = stage.publish(shop.casa, stage.seller_of(shop.casa), title="Plato", available_quantity=4)
        first, again = (shop.mug_set_at_casa, "12", "PLATO"), (shop.mug_set_at_casa, "12", shop.mug.sku)
        unknown = [("MLA0", str(number), "PLATO") for number in range(mapping_sheet.BATCH - 1)]
        rows = [
            Row(at, {"item_id": item_id, "variation_id": number, "sku": sku, "units": ""})
            for at, (item_id, number, sku) in enumerate([first, *unknown, (self.item.id, "", "PLATO"), again], start=2)
        ]
        self.kept = mapping_sheet.keep("links.csv", rows, by=stage.owner)

    def act(self) -> None:
        self.press()
        self.stage.drain("bulk")

    def press(self) -> None:
        mapping_sheet.start(self.kept, by=self.stage.owner)

    def again(self) -> None:
        """The button is pressed once more, which does nothing where the job began."""
        with contextlib.suppress(Upload.DoesNotExist):
            self.press()

    def check(self) -> None:
        job = Job.objects.get(kind="mapping_import")
        assert (job.done, job.errors, job.result["linked"]) == (mapping_sheet.BATCH + 2, mapping_sheet.BATCH, 2)
        assert sorted(links_made_of(self.plate)) == ["insert", "insert"]
        assert self.item.available_quantity == 0


def links_made_of(product: Product) -> list[str]:
    """What the history says of a product's links."""
    return list(sku_mapping.links_history().filter(product=product).values_list("pgh_label", flat=True))


class BulkAccept(Flow):
    """Suggestions are accepted many at a time, as a job."""

    def begin(self) -> None:
        self.red = Product.objects.create(sku="TAZA-RJ", name="Taza roja")
        self.job = bulk.start("", by=self.stage.owner)

    def act(self) -> None:
        self.stage.drain("bulk")

    def check(self) -> None:
        self.job.refresh_from_db()
        assert self.job.result == {"linked": 1, "left": 0}
        assert links_made_of(self.red) == ["insert"]


class PriceImport(Flow):
    """Prices from a spreadsheet; the same file once more."""

    def begin(self) -> None:
        items = [self.stage.shop.mug_at_casa, self.stage.shop.mug_set_at_casa]
        self.rows = [Row(at, {"item_id": item, "price": "1250"}) for at, item in enumerate(items, start=2)]

    def act(self) -> None:
        price_sheet.apply(price_sheet.plan(self.rows), by=self.stage.owner)

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        items, shop = self.stage.world.items, self.stage.shop
        assert (items[shop.mug_at_casa].price, items[shop.mug_set_at_casa].price) == (Decimal(1250), Decimal(1250))


class Composition(Flow):
    """A product becomes a kit of two mugs; the same file once more."""

    def begin(self) -> None:
        stage, shop = self.stage, self.stage.shop
        self.kit = Product.objects.create(sku="JUEGO", name="Juego de tazas")
        self.item = stage.publish_and_link(shop.casa, stage.seller_of(shop.casa), self.kit, available_quantity=0)
        stage.drain("pushes")

    def act(self) -> None:
        kits.compose({self.kit.pk: {self.stage.shop.mug.pk: 2}}, by=self.stage.owner)

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        assert self.item.available_quantity == 5


class FirstStock(Flow):
    """What Mercado Libre shows of two products is taken over; the same command once more."""

    def begin(self) -> None:
        stage, shop = self.stage, self.stage.shop
        self.items = []
        for sku, units in (("JARRA", 7), ("PLATO", 4)):
            product = Product.objects.create(sku=sku, name=sku)
            seller = stage.seller_of(shop.casa)
            self.items.append(stage.publish_and_link(shop.casa, seller, product, available_quantity=units))

    def act(self) -> None:
        adopting.adopt(self.stage.shop.casa, by=self.stage.owner)

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        assert [one.available_quantity for one in self.items] == [7, 4]
        assert StockMovement.objects.filter(operation__startswith="adopted:").count() == 2
