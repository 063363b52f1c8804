"""Every page as a human sees it: light and dark, at a desk and on a phone. Axe finds nothing, nothing is too wide."""

import pytest
from django.db.models import Model
from django.urls import reverse
from playwright.sync_api import expect

from catalog.models import Listing, ProductPrice, SkuMapping, Variation
from catalog.sheets import mapping_sheet
from inventory import ledger
from inventory.models import SellerWarehouse, Warehouse
from orders.models import Order, Run, Shipment
from sellers.models import FailureAction, Job, Notification, PushAttempt, SellerAccount
from tests.dashboard.shop import HOSTILE, Shop, busy
from ui.importing import Row

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
# Two groups, so that two browsers at most are at work, for about the same time.
lists = pytest.mark.xdist_group("browser-pages")
others = pytest.mark.xdist_group("browser-desk")


@pytest.fixture
def account(shop: Shop, settings) -> SellerAccount:
    """A busy shop with something on every page."""
    settings.DEBUG = False
    made = busy(shop)
    to_map(shop, made)
    parcels(shop)
    stock(shop, made)
    runs(made)
    few(Notification)
    few(PushAttempt)
    what = {"account": made, "kind": "price", "key": "MLA1", "last_error": "400 no", "state": "dead"}
    FailureAction.objects.create(**what, action="handled", reason="En el panel")
    FailureAction.objects.create(**what, action="retry")
    return made


def runs(account: SellerAccount) -> None:
    """A run in every state, with and without news."""
    for number, state in enumerate(Run.State):
        ended = account.connected_at if state in Run.ENDED else None
        numbers = {"found": 40 * number, "asked": 9, "recovered": number % 3, "changed": number % 2}
        words = "500 from Mercado Libre" if state == Run.State.FAILED else ""
        Run.objects.create(
            account=account,
            kind=Run.Kind.ORDERS,
            reason=list(Run.Reason)[number % 6],
            key=f"run:{number}",
            state=state,
            since=account.connected_at,
            began_at=account.connected_at,
            finished_at=ended,
            words=words,
            **numbers,
        )


def few(model: type[Model]) -> None:
    """A list's first rows look like its hundredth."""
    model.objects.exclude(pk__in=list(model.objects.order_by("-pk").values_list("pk", flat=True)[:12])).delete()


def to_map(shop: Shop, account: SellerAccount) -> None:
    """Suggestions of every strength, an ignored unit and a conflict."""
    shop.product("CAF-900", "Cafetera italiana de aluminio 6 tazas")
    for sku, sold in (("CAF-900", 40), ("caf 900", 30), ("", 20)):
        listing = shop.listing(account, "Cafetera italiana de aluminio 6 tazas", sold_quantity=sold)
        listing.variations.update(seller_sku=sku, gtin="7790001234567", sold_quantity=sold)
    shop.listing(account, "Mate imperial de calabaza").variations.update(ignored=True)
    linked = SkuMapping.objects.select_related("variation").first()
    Variation.objects.filter(pk=linked.variation_id).update(seller_sku="CAF-900")


def parcels(shop: Shop) -> None:
    for number, order in enumerate(Order.objects.order_by("pk")):
        parcel = Shipment.objects.create(
            shipment_id=order.shipping_id,
            account=order.account,
            status=["ready_to_ship", "shipped", "delivered"][number % 3],
            logistic_type=["cross_docking", "fulfillment", "self_service"][number % 3],
            dispatch_by=shop.ago(hours=-4),
        )
        Order.objects.filter(pk=order.pk).update(shipment=parcel)


def stock(shop: Shop, account: SellerAccount) -> None:
    norte = Warehouse.objects.create(code="NORTE", name="Depósito norte")
    for warehouse in Warehouse.objects.all():
        SellerWarehouse.objects.create(account=account, warehouse=warehouse)
    product = SkuMapping.objects.first().product
    ledger.receive(product=product, warehouse=norte, quantity=12, operation="truck", reason="Remito 12")
    ProductPrice.objects.get_or_create(product=product, currency_id="ARS", defaults={"price": 100, "floor": 80})


def show(staff, site, look, pages: dict[str, str]) -> None:
    problems = []
    for name, address in pages.items():
        answer = staff.goto(site + address)
        assert answer.status == 200, f"{name}: {answer.status} of {address}"
        expect(staff.locator("h1").first).to_be_visible()
        problems += look(name)
    assert not problems, "\n".join(map(str, problems))


@lists
def test_lists_of_the_day(staff, site, look, account):
    show(
        staff,
        site,
        look,
        {
            "today": "/",
            "sellers": "/sellers/",
            "orders": "/orders/",
            "orders-unlinked": "/orders/?tab=unlinked",
            "listings": "/listings/",
            "mapping": "/mapping/",
            "mapping-mapped": "/mapping/?tab=mapped",
            "mapping-conflicts": "/mapping/?tab=conflicts",
        },
    )


@lists
def test_lists_of_stock_and_sync(staff, site, look, account):
    show(
        staff,
        site,
        look,
        {
            "prices": "/prices/",
            "products": "/products/",
            "inventory": "/inventory/",
            "ledger": "/ledger/",
            "warehouses": "/warehouses/",
            "pushes": "/pushes/",
            "pushes-failed": "/pushes/?tab=failed",
            "work": "/work/",
            "work-handled": "/work/?tab=done",
            "notifications": "/notifications/",
            "runs": "/notifications/runs/",
            "jobs": "/jobs/",
        },
    )


@lists
def test_details(staff, site, look, account):
    linked = SkuMapping.objects.select_related("variation__listing", "product").first()
    item_id = linked.variation.listing.item_id
    hostile = Listing.objects.get(title=HOSTILE)
    show(
        staff,
        site,
        look,
        {
            "seller": reverse("dashboard:seller", args=[account.pk]),
            "seller-settings": reverse("sellers:settings", args=[account.pk]),
            "go-live": reverse("inventory:go_live", args=[account.pk]),
            "seller-warehouses": reverse("inventory:seller_warehouses", args=[account.pk]),
            "listing": reverse("dashboard:listing", args=[item_id]),
            "listing-hostile": reverse("dashboard:listing", args=[hostile.item_id]),
            "listing-why": reverse("dashboard:listing_why", args=[item_id, linked.variation_id]),
            "unit": reverse("catalog:unit", args=[linked.variation_id]),
            "order": reverse("orders:order", args=[Order.objects.order_by("pk").first().pk]),
            "notification": reverse("sellers:notification", args=[Notification.objects.first().pk]),
            "job": reverse("dashboard:job", args=[Job.objects.get(state="failed").pk]),
        },
    )


@others
def test_forms_and_what_is_rarely_seen(staff, site, look, account, owner):
    linked = SkuMapping.objects.select_related("variation__listing", "product").first()
    unlinked = Variation.objects.filter(mapping=None, ignored=False).first()
    rows = [
        Row(2, {"item_id": unlinked.listing.item_id, "sku": "CAF-900", "variation_id": "", "units": "2"}),
        Row(3, {"item_id": "MLA999", "sku": "NOPE", "variation_id": "", "units": ""}),
    ]
    upload = mapping_sheet.keep("enlaces.csv", rows, by=owner)
    show(
        staff,
        site,
        look,
        {
            "connect": "/sellers/connect/",
            "product-stock": reverse("inventory:product", args=[linked.product.sku]),
            "product": reverse("catalog:product", args=[linked.product_id]),
            "product-add": "/products/add/",
            "receive": f"/inventory/move/receive/?sku={linked.product.sku}",
            "listing-price": reverse("catalog:listing_price", args=[linked.variation.listing_id]),
            "new-product": reverse("catalog:new_product", args=[unlinked.pk]),
            "import": "/mapping/import/",
            "import-check": reverse("catalog:mapping_check", args=[upload.pk]),
            "search": "/search/?q=cafetera",
            "search-nothing": "/search/?q=zzz",
        },
    )


@others
def test_nothing_yet(staff, site, look):
    show(
        staff,
        site,
        look,
        {
            "empty-today": "/",
            "empty-sellers": "/sellers/",
            "empty-listings": "/listings/",
            "empty-orders": "/orders/",
            "empty-mapping": "/mapping/",
            "empty-inventory": "/inventory/",
            "empty-pushes": "/pushes/?tab=failed",
        },
    )


@others
def test_admin(staff, site, look, account):
    show(
        staff,
        site,
        look,
        {
            "admin": "/admin/",
            "admin-list": "/admin/catalog/listing/",
            "admin-record": f"/admin/sellers/selleraccount/{account.pk}/change/",
        },
    )


@others
def test_before_the_login(quiet_page, site, look):
    show(quiet_page, site, look, {"login": "/accounts/login/"})
