"""Pages of stock: what they show, what they refuse, and how many queries they take."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse

from catalog.models import Product
from inventory import ledger
from inventory.effects import Demand
from inventory.models import SellerWarehouse, StockCount, StockLevel, StockMovement, Warehouse
from sellers.models import SellerAccount, Work


@pytest.fixture(autouse=True)
def no_badges(settings):
    """The menu's counts are another package's query."""
    settings.UI_BADGES = ""


@pytest.fixture
def staff(db, client):
    """Log somebody with a role in."""

    def log_in(role):
        user = get_user_model().objects.create_user(f"a-{role}", is_staff=True)
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        client.force_login(user)
        return user

    return log_in


@pytest.fixture
def shelf(mug, plate, centro, norte):
    ledger.receive(product=mug, warehouse=centro, quantity=10, operation="a")
    ledger.receive(product=mug, warehouse=norte, quantity=4, operation="b")
    ledger.receive(product=plate, warehouse=centro, quantity=2, operation="c")
    ledger.set_demand(owner="order:2001:0", wanted={(mug.pk, centro.pk): Demand(reserved=3)})


def many_products(count, warehouse):
    for number in range(count):
        product = Product.objects.create(sku=f"S-{number:03}", name=f"Thing {number}")
        ledger.receive(product=product, warehouse=warehouse, quantity=1, operation=f"m{number}")


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_inventory_shows_each_sku_in_each_warehouse(client, owner, shelf, shop, mug):
    shop.open(mode="observe", buffer=2).item(link=mug, available_quantity=6)
    client.force_login(owner)

    page = text_of(client.get(reverse("inventory:levels")))

    assert page.count("MUG-1</a>") == 2
    assert "PLATE-1" in page
    assert re.search(r"MUG-1.*?MAIN.*?10.*?3.*?7.*?2.*?6", page)


def test_inventory_takes_the_same_queries_for_more_rows(client, owner, shop, mug, centro, django_assert_num_queries):
    shop.open(mode="observe").item(link=mug, available_quantity=6)
    many_products(3, centro)
    client.force_login(owner)
    client.get(reverse("inventory:levels"))
    with django_assert_num_queries(6):
        client.get(reverse("inventory:levels"))

    for number in range(30):
        product = Product.objects.create(sku=f"T-{number:03}", name="More")
        ledger.receive(product=product, warehouse=centro, quantity=1, operation=f"t{number}")
        shop.item(link=product, available_quantity=1)

    with django_assert_num_queries(6):
        client.get(reverse("inventory:levels"))


def test_inventory_filters_and_exports(client, owner, shelf, mug, centro):
    client.force_login(owner)

    assert "PLATE-1" not in text_of(client.get(reverse("inventory:levels"), {"q": "MUG-1"}))
    assert "NORTE</td>" not in text_of(client.get(reverse("inventory:levels"), {"warehouse": "MAIN"}))
    assert "MUG-1" not in text_of(client.get(reverse("inventory:levels"), {"stock": "low", "warehouse": "MAIN"}))
    rows = b"".join(client.get(reverse("inventory:levels"), {"format": "csv"})).decode().splitlines()
    assert len(rows) == 4
    assert "10,3,7" in "\n".join(rows)


def test_the_product_page_shows_levels_reservations_listings_and_movements(client, owner, shelf, shop, mug):
    shop.open(mode="observe").item(link=mug, available_quantity=6)
    client.force_login(owner)

    page = text_of(client.get(reverse("inventory:product", args=["MUG-1"])))

    assert "Order 2001" in page
    assert "11 available − 0 buffer, ÷ 1 per sale = 11" in page
    assert "Received" in page


def test_the_product_page_takes_a_fixed_number_of_queries(client, owner, shelf, shop, mug, django_assert_num_queries):
    shop.open(mode="observe").item(link=mug, available_quantity=6)
    client.force_login(owner)
    with django_assert_num_queries(13):
        client.get(reverse("inventory:product", args=["MUG-1"]))
    for _ in range(5):
        shop.item(link=mug, available_quantity=6)

    with django_assert_num_queries(13):
        client.get(reverse("inventory:product", args=["MUG-1"]))


def move(client, kind, **entered):
    return client.post(reverse("inventory:move", args=[kind]), entered)


def test_a_movement_is_shown_before_it_is_done(client, owner, shelf, shop, mug):
    shop.open().item(link=mug, available_quantity=6)
    client.force_login(owner)

    shown = move(client, "receive", sku="MUG-1", warehouse="MAIN", quantity=5)

    page = text_of(shown)
    assert "<del>10</del> → <ins>15</ins>" in page
    assert "<del>6</del> → <ins>16</ins>" in page
    assert StockMovement.objects.filter(kind="receive").count() == 3
    form = shown.context["form"]
    entered = {name: form[name].value() for name in ("sku", "warehouse", "quantity", "operation", "seq")}
    assert entered["seq"] == "2"

    done = move(client, "receive", confirm=1, **entered)
    again = move(client, "receive", confirm=1, **entered)

    assert (done.status_code, done.url) == (303, "/inventory/MUG-1/")
    assert again.status_code in (200, 303)
    level = StockLevel.objects.get(product=mug, warehouse__code="MAIN")
    assert level.on_hand == 15
    assert StockMovement.objects.order_by("-id").first().actor == owner


def test_a_stale_preview_is_shown_again_with_the_new_numbers(client, owner, shelf, mug, centro):
    client.force_login(owner)
    ledger.receive(product=mug, warehouse=centro, quantity=1, operation="meanwhile")

    shown = move(client, "count", sku="MUG-1", warehouse="MAIN", quantity=5, confirm=1, seq=2)

    assert shown.status_code == 200
    assert "The stock changed meanwhile: 11 on hand now" in text_of(shown)
    assert StockLevel.objects.get(product=mug, warehouse=centro).on_hand == 11


def test_a_count_that_differs_much_waits_for_somebody_else(client, staff, shelf, mug):
    staff("administrator")
    mia = staff("manager")
    shown = move(client, "count", sku="MUG-1", warehouse="MAIN", quantity=7)
    form = shown.context["form"]
    entered = {name: form[name].value() for name in ("sku", "warehouse", "quantity", "operation", "seq")}
    assert "this becomes a count that waits for somebody's approval" in text_of(shown)
    assert "Enter the count" in text_of(shown)

    answers = [move(client, "count", confirm=1, **entered) for _ in range(2)]

    count = StockCount.objects.get()
    assert [answer.url for answer in answers] == [f"/counts/{count.pk}/"] * 2
    assert (count.state, count.counted_by) == ("waiting", mia)
    assert list(count.lines.values_list("product", "on_hand", "counted")) == [(mug.pk, 10, 7)]
    assert StockLevel.objects.get(product=mug, warehouse__code="MAIN").on_hand == 10


def test_a_large_count_of_a_stale_page_is_shown_again(client, staff, shelf, mug, centro):
    staff("administrator")
    staff("manager")
    ledger.receive(product=mug, warehouse=centro, quantity=1, operation="meanwhile")

    shown = move(client, "count", sku="MUG-1", warehouse="MAIN", quantity=5, confirm=1, seq=2)

    assert "The stock changed meanwhile: 11 on hand now" in text_of(shown)
    assert not StockCount.objects.exists()


@pytest.mark.parametrize(
    ("product", "quantity", "seen"),
    [("MUG-1", 8, 8), ("MUG-1", 12, 12), ("NEW-1", 50, 50)],
)
def test_a_small_difference_and_a_first_count_are_booked_at_once(client, staff, shelf, product, quantity, seen):
    Product.objects.create(sku="NEW-1", name="Never counted")
    staff("administrator")
    staff("manager")

    shown = move(client, "count", sku=product, warehouse="MAIN", quantity=quantity)
    done = move(client, "count", sku=product, warehouse="MAIN", quantity=quantity, confirm=1)

    assert "approval" not in text_of(shown)
    assert done.url == f"/inventory/{product}/"
    assert StockLevel.objects.get(product__sku=product, warehouse__code="MAIN").on_hand == seen
    assert not StockCount.objects.exists()


@pytest.mark.parametrize(
    ("kind", "entered", "on_hand"),
    [
        ("count", {"quantity": 8}, 8),
        ("adjust", {"quantity": -2, "cause": "damaged", "reason": "Broken"}, 8),
        ("transfer", {"quantity": 4, "target": "NORTE"}, 6),
    ],
)
def test_count_adjust_and_transfer(client, owner, shelf, mug, kind, entered, on_hand):
    client.force_login(owner)

    done = move(client, kind, sku="MUG-1", warehouse="MAIN", confirm=1, **entered)

    assert done.status_code == 303
    assert StockLevel.objects.get(product=mug, warehouse__code="MAIN").on_hand == on_hand


@pytest.mark.parametrize(
    ("kind", "entered", "words"),
    [
        ("receive", {"sku": "NOPE", "quantity": 1}, "no product with this SKU"),
        ("adjust", {"quantity": 0, "cause": "found"}, "changes nothing"),
        ("adjust", {"quantity": 1, "cause": "other"}, "Say in a few words"),
        ("adjust", {"quantity": 1}, "required"),
        ("transfer", {"quantity": 1, "target": "MAIN"}, "another warehouse"),
        ("transfer", {"quantity": 8, "target": "NORTE"}, "Only 7 units are available"),
        ("count", {"quantity": -1}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(client, owner, shelf, kind, entered, words):
    client.force_login(owner)
    before = StockMovement.objects.count()

    refused = move(client, kind, **{"sku": "MUG-1", "warehouse": "MAIN", "confirm": 1} | entered)

    assert refused.status_code == 422
    assert words in text_of(refused)
    assert StockMovement.objects.count() == before


def test_the_ledger_shows_filters_and_pages(client, owner, shelf, mug, django_assert_num_queries):
    client.force_login(owner)

    page = text_of(client.get(reverse("inventory:ledger")))
    assert page.count("<tr") == 5
    assert "/orders/2001/" in page
    with django_assert_num_queries(5):
        client.get(reverse("inventory:ledger"))
    assert text_of(client.get(reverse("inventory:ledger"), {"kind": "reserve"})).count("<tr") == 2
    assert text_of(client.get(reverse("inventory:ledger"), {"q": "PLATE-1"})).count("<tr") == 2


def test_a_warehouse_is_added_renamed_and_switched_off(client, owner, db):
    client.force_login(owner)

    client.post(reverse("inventory:warehouses"), {"code": "sur", "name": "Sur"})
    added = Warehouse.objects.get(code="SUR")
    client.post(reverse("inventory:warehouse", args=[added.pk]), {"name": "Sur 2"})

    added.refresh_from_db()
    assert (added.name, added.active) == ("Sur 2", False)
    assert "Not in use" in text_of(client.get(reverse("inventory:warehouses")))


def test_a_sellers_warehouses_and_stores_are_linked(client, owner, shop, centro, norte):
    shop.open(tags=("normal", "user_product_seller", "warehouse_management"))
    store = shop.seller.add_store("Depósito Sur", city="Lanús")
    client.force_login(owner)
    page = reverse("inventory:seller_warehouses", args=[shop.account.pk])
    assert "Depósito Sur" in text_of(client.get(page))

    client.post(page, {"warehouse": centro.pk, "priority": 5, "store": store.id, "confirm": 1})

    link = SellerWarehouse.objects.get()
    assert (link.warehouse, link.priority, link.store_id) == (centro, 5, store.id)
    assert link.network_node_id == store.network_node_id
    twice = client.post(page, {"warehouse": norte.pk, "priority": 6, "store": store.id})
    assert twice.status_code == 422
    client.post(reverse("inventory:unlink", args=[link.pk]), {"confirm": 1})
    assert SellerWarehouse.objects.count() == 0


def test_go_live_shows_what_would_change_and_switches(client, owner, shelf, shop, mug, plate, work_off):
    shop.open(mode="observe")
    rises = shop.item(link=mug, available_quantity=6)
    falls = shop.item(link=plate, available_quantity=9)
    shop.item(available_quantity=1)
    client.force_login(owner)
    page = reverse("inventory:go_live", args=[shop.account.pk])

    shown = client.get(page)
    preview = shown.context["preview"]
    assert [(one.variation.listing.item_id, one.quantity) for one in preview.changes] == [(falls.id, 2), (rises.id, 11)]
    assert (preview.to_zero, preview.unlinked, preview.equal) == (0, 1, 0)
    assert shop.puts() == []

    client.post(page, {"mode": "live"})
    work_off()

    account = SellerAccount.objects.get()
    assert (account.mode, account.live_by) == ("live", owner)
    assert (rises.available_quantity, falls.available_quantity) == (11, 2)

    client.post(page, {"mode": "observe"})
    assert SellerAccount.objects.get().mode == "observe"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("/inventory/", "viewer"),
        ("/inventory/MUG-1/", "viewer"),
        ("/ledger/", "viewer"),
        ("/warehouses/", "viewer"),
        ("/inventory/move/receive/", "operator"),
        ("/inventory/move/count/", "manager"),
        ("/inventory/move/adjust/", "manager"),
        ("/inventory/move/transfer/", "manager"),
        ("/warehouses/{warehouse}/", "manager"),
        ("/warehouses/sellers/{account}/", "manager"),
        ("/sellers/{account}/go-live/", "manager"),
    ],
)
@pytest.mark.parametrize("role", ["viewer", "operator", "manager"])
def test_pages_are_for_the_roles_they_are_for(client, staff, shelf, shop, centro, url, allowed, role):
    shop.open(mode="observe")
    staff(role)
    roles = ["viewer", "operator", "manager"]
    expected = 200 if roles.index(role) >= roles.index(allowed) else 403

    assert client.get(url.format(warehouse=centro.pk, account=shop.account.pk)).status_code == expected


def test_a_viewer_sees_no_buttons_and_changes_nothing(client, staff, shelf, shop, mug):
    shop.open(mode="observe")
    staff("viewer")

    page = text_of(client.get("/inventory/"))
    assert not any(address in page for address in ("/inventory/move/", "/new/"))
    assert move(client, "receive", sku="MUG-1", warehouse="MAIN", quantity=5, confirm=1).status_code == 403
    assert client.post("/warehouses/", {"code": "X", "name": "X"}).status_code == 403
    assert client.post(f"/sellers/{shop.account.pk}/go-live/", {"mode": "live"}).status_code == 403
    assert SellerAccount.objects.get().mode == "observe"
    assert Work.objects.filter(kind="went_live").count() == 0


def test_nobody_in_particular_is_sent_to_the_login(client, db):
    assert client.get("/inventory/").status_code == 302
