"""A shop with a few listings, and shorthands that say what a test is about."""

import pytest

from catalog.imports import importing
from catalog.models import Listing, Product, SkuMapping, Variation
from sellers.models import Job


@pytest.fixture
def shop(world):
    return world.add_seller("TIENDA_SUR")


@pytest.fixture
def account(connect, shop):
    return connect(shop)


@pytest.fixture
def live_account(connect, shop):
    return connect(shop, mode="live")


@pytest.fixture
def run_import(work_off):
    """Import a seller's catalog to the end and answer the finished job."""

    def run(account):
        job = importing.start(account=account)
        work_off()
        job.refresh_from_db()
        return job

    return run


@pytest.fixture
def mug(db):
    return Product.objects.create(sku="MUG-350", name="Taza de cerámica 350 ml", gtin="7790000000017")


@pytest.fixture
def make_unit(db, account):
    """A listing of the account with one unit, without ML."""
    numbers = iter(range(1, 10_000))

    def make(*, title="Taza", seller_sku="", gtin="", sold=0, variation_id=0, listing=None, **fields):
        number = next(numbers)
        listing = listing or Listing.objects.create(
            account=fields.pop("account", account),
            item_id=f"MLA{number:07}",
            title=title,
            status=fields.pop("status", "active"),
            currency_id=fields.pop("currency_id", "ARS"),
            price=fields.pop("price", 1000),
            seen_at="2026-11-01T00:00:00Z",
            own_price=fields.pop("own_price", None),
        )
        return Variation.objects.create(
            listing=listing, variation_id=variation_id, seller_sku=seller_sku, gtin=gtin, sold_quantity=sold, **fields
        )

    return make


@pytest.fixture
def linked():
    """SKU by item id and variation id, as the database has it."""

    def read():
        rows = SkuMapping.objects.values_list("variation__listing__item_id", "variation__variation_id", "product__sku")
        return {(item_id, variation_id): sku for item_id, variation_id, sku in rows}

    return read


@pytest.fixture
def jobs_done():
    return lambda: Job.objects.filter(state=Job.State.DONE).count()
