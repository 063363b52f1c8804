"""Emptying a large part of a shop: asked about, unless buyers did it."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connections, transaction
from django.utils import timezone

from catalog.models import Listing, Product, SkuMapping, Variation
from inventory import ledger
from inventory.effects import Demand
from inventory.models import MassZero, StockTarget, Warehouse, Zeroing
from inventory.pushes import blast
from sellers.connection import accounts
from sellers.models import SellerAccount
from ui.stored import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def live():
    return SellerAccount.objects.create(ml_user_id=1, nickname="CASA", site_id="MLA", mode="live")


@pytest.fixture
def centro():
    return Warehouse.objects.get(code="MAIN")


@pytest.fixture
def shop_of(live, centro):
    """Make a number of listings of the seller, each of a product of its own with stock, shown at ML as it is."""

    def make(count, *, account=live, stock=5):
        made = []
        for number in range(count):
            listing = Listing.objects.create(
                account=account,
                item_id=f"MLA{account.pk}{number:05d}",
                title=f"Mug {number}",
                status="active",
                seen_at=timezone.now(),
            )
            unit = Variation.objects.create(listing=listing, variation_id=0, available_quantity=stock)
            product = Product.objects.create(sku=f"MUG-{account.pk}-{number}", name=f"Mug {number}")
            SkuMapping.objects.create(variation=unit, product=product, units=1, source=SkuMapping.Source.FILE)
            ledger.receive(product=product, warehouse=centro, quantity=stock, operation=f"first:{product.sku}")
            made.append(product)
        return made

    return make


def count_to_zero(products, centro, *, operation, actor=None, reason=""):
    """What a spreadsheet with an empty column does: one operation."""
    changes = [ledger.Change(product.pk, centro.pk, "count", counted=0) for product in products]
    ledger.record(changes, operation=operation, reason=reason, actor=actor)


def is_paused(account):
    return SellerAccount.objects.get(pk=account.pk).pushes_paused


@pytest.mark.parametrize(
    ("zeroed", "listings", "large"),
    [
        (9, 9, False),  # few are soon put right by hand, whatever their share
        (10, 10, True),
        (10, 49, True),
        (10, 50, False),
        (50, 250, False),
        (51, 100_000, True),
        (50, 100_000, False),
        (0, 0, False),
    ],
)
def test_how_many_are_too_many(zeroed, listings, large):
    assert blast.is_large(zeroed=zeroed, listings=listings) is large


def test_one_large_change_pauses_and_asks(live, shop_of, centro, owner):
    products = shop_of(20)

    count_to_zero(products[:12], centro, operation="sheet", actor=owner, reason="stock.xlsx")

    asked = MassZero.objects.get()
    assert (asked.zeroed, asked.listings, asked.answered_at) == (12, 20, None)
    assert told(asked.change) == "Counted: stock.xlsx, olivia"
    assert is_paused(live)
    assert SellerAccount.objects.get().sales_go_on
    assert "12 of 20" in told(SellerAccount.objects.get().status_reason)


def test_many_small_changes_weigh_as_much(live, shop_of, centro):
    products = shop_of(20)

    for number, product in enumerate(products[:10]):
        assert not is_paused(live)
        count_to_zero([product], centro, operation=f"one:{number}")

    assert is_paused(live)
    assert MassZero.objects.get().zeroed == 10


def test_what_was_emptied_longer_ago_is_not_counted(live, shop_of, centro):
    products = shop_of(20)
    count_to_zero(products[:9], centro, operation="morning")
    Zeroing.objects.update(at=timezone.now() - timedelta(minutes=11))

    count_to_zero(products[9:18], centro, operation="later")

    assert not is_paused(live)


def test_a_flash_sale_that_sells_everything_out_stops_nothing(live, shop_of, centro):
    products = shop_of(20)

    for number, product in enumerate(products):
        ledger.set_demand(owner=f"order:{number}:0", wanted={(product.pk, centro.pk): Demand(reserved=5)})

    assert set(StockTarget.objects.values_list("wanted", flat=True)) == {0}
    assert not is_paused(live)
    assert not Zeroing.objects.exists()


def test_sales_beside_a_few_corrections_are_not_added_to_them(live, shop_of, centro):
    products = shop_of(20)
    for number, product in enumerate(products[:11]):
        ledger.set_demand(owner=f"order:{number}:0", wanted={(product.pk, centro.pk): Demand(reserved=5)})

    count_to_zero(products[11:18], centro, operation="corrections")
    count_to_zero(products[:11], centro, operation="sold out anyway")

    assert not is_paused(live)
    assert Zeroing.objects.count() == 7


def test_a_seller_that_only_observes_is_not_asked(shop_of, centro):
    quiet = SellerAccount.objects.create(ml_user_id=2, nickname="MIRA", site_id="MLA")

    count_to_zero(shop_of(20, account=quiet), centro, operation="sheet")

    assert not is_paused(quiet)


def test_only_the_seller_whose_listings_they_are_is_paused(live, shop_of, centro):
    other = SellerAccount.objects.create(ml_user_id=2, nickname="OTRA", site_id="MLA", mode="live")
    shop_of(20)

    count_to_zero(shop_of(20, account=other), centro, operation="sheet")

    assert (is_paused(live), is_paused(other)) == (False, True)


def test_go_on_lets_pushes_go_on_once_and_does_not_ask_again(live, shop_of, centro, owner):
    products = shop_of(20)
    count_to_zero(products, centro, operation="sheet")
    asked = MassZero.objects.get()

    assert (blast.go_on(asked.pk, by=owner), blast.go_on(asked.pk, by=owner)) == (True, False)

    asked.refresh_from_db()
    assert asked.answered_by == owner
    assert not is_paused(live)
    for number, product in enumerate(products):
        ledger.receive(product=product, warehouse=centro, quantity=1, operation=f"back:{number}")
    count_to_zero(products, centro, operation="the same sheet again")
    assert not is_paused(live)
    Zeroing.objects.update(confirmed_at=timezone.now() - timedelta(days=2))
    for number, product in enumerate(products):
        ledger.receive(product=product, warehouse=centro, quantity=1, operation=f"again:{number}")
    count_to_zero(products, centro, operation="days later")
    assert is_paused(live)


def test_what_is_emptied_while_pushes_are_paused_is_asked_about_too(live, shop_of, centro, owner):
    accounts.pause(live, by=owner, reason="holidays")

    count_to_zero(shop_of(20)[:12], centro, operation="sheet")

    assert MassZero.objects.get().zeroed == 12
    assert not SellerAccount.objects.get().sales_go_on
    said = told(SellerAccount.objects.get().status_reason)
    assert "holidays" in said
    assert "12 of 20" in said


def test_going_on_leaves_a_pause_by_staff(client, live, shop_of, centro, owner):
    count_to_zero(shop_of(20), centro, operation="sheet")
    accounts.pause(SellerAccount.objects.get(), by=owner, reason="holidays")
    address = f"/inventory/emptied/{MassZero.objects.get().pk}/"
    client.force_login(owner)

    page = client.get(address).content.decode()
    answer = client.post(f"{address}go-on/", follow=True).content.decode()

    assert "what buyers take neither" in page
    assert "when pushes of the seller are resumed" in page
    assert "Answered. The seller stays paused until you resume pushes. Paused by olivia: holidays" in answer
    assert is_paused(live)
    assert MassZero.objects.get().answered_by == owner
    assert not Zeroing.objects.filter(confirmed_at=None).exists()


def test_what_was_asked_is_no_reason_of_a_pause_any_more_when_it_is_answered(live, shop_of, centro, owner):
    accounts.pause(live, by=owner, reason="holidays")
    count_to_zero(shop_of(20)[:12], centro, operation="sheet")

    blast.go_on(MassZero.objects.get().pk, by=owner)

    assert is_paused(live)
    assert told(SellerAccount.objects.get().status_reason) == "Paused by olivia: holidays"


def test_what_is_emptied_while_the_seller_has_to_connect_again_is_asked_about_too(live, shop_of, centro):
    SellerAccount.objects.update(status="needs_reconnect")

    count_to_zero(shop_of(20)[:12], centro, operation="sheet")

    assert MassZero.objects.get().zeroed == 12
    assert is_paused(live)


def test_what_is_emptied_after_the_question_belongs_to_it(live, shop_of, centro):
    products = shop_of(30)
    count_to_zero(products[:12], centro, operation="sheet")
    long_ago = timezone.now() - timedelta(days=3)
    Zeroing.objects.update(at=long_ago)
    MassZero.objects.update(asked_at=long_ago)

    count_to_zero(products[12:], centro, operation="the rest of it")
    blast.watch()

    assert MassZero.objects.get().zeroed == 30
    assert Zeroing.objects.count() == 30, "what is asked about is not forgotten"


def test_the_question_is_logged_once(live, shop_of, centro, caplog):
    count_to_zero(shop_of(20), centro, operation="sheet")

    for _ in range(3):
        blast.watch()

    assert caplog.text.count("pushes paused") == 1


def test_what_was_put_right_before_going_on_is_asked_about_again(live, shop_of, centro, owner):
    products = shop_of(20)
    count_to_zero(products, centro, operation="sheet")
    for number, product in enumerate(products):
        ledger.receive(product=product, warehouse=centro, quantity=5, operation=f"right:{number}")
    blast.go_on(MassZero.objects.get().pk, by=owner)

    count_to_zero(products, centro, operation="the wrong sheet again")

    assert is_paused(live)
    assert MassZero.objects.filter(answered_at=None).count() == 1


def test_resuming_on_the_page_of_sellers_answers_too(live, shop_of, centro):
    count_to_zero(shop_of(20), centro, operation="sheet")

    accounts.resume(SellerAccount.objects.get())

    assert MassZero.objects.get().answered_at is not None
    assert SellerAccount.objects.get().status_reason == ""


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_one_moment_are_seen_together_by_the_next_look(live, shop_of, centro):
    """Neither sees what the other has not committed."""
    products = shop_of(30)
    both = threading.Barrier(2)

    def empty(some, name):
        with transaction.atomic():
            count_to_zero(some, centro, operation=name)
            both.wait(10)
        connections.close_all()

    threads = [
        threading.Thread(target=empty, args=(products[:6], "one")),
        threading.Thread(target=empty, args=(products[6:12], "two")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not is_paused(live)

    blast.watch()

    assert is_paused(live)


def test_the_page_says_what_and_by_whom_and_managers_go_on(client, live, shop_of, centro, owner):
    products = shop_of(20)
    count_to_zero(products, centro, operation="sheet", actor=owner, reason="stock.xlsx")
    asked = MassZero.objects.get()
    address = f"/inventory/emptied/{asked.pk}/"
    operator = get_user_model().objects.create_user("oscar", password="x", is_staff=True)
    operator.groups.add(Group.objects.get(name="operator"))

    client.force_login(operator)
    page = client.get(address).content.decode()
    assert "stock.xlsx" in page
    assert "MUG-" in page
    assert "go-on" not in page
    assert "nothing is sent for this seller but what buyers take" in page
    assert client.post(f"{address}go-on/").status_code == 403
    assert is_paused(live)

    client.force_login(owner)
    assert "go-on" in client.get(address).content.decode()
    client.post(f"{address}go-on/")
    assert not is_paused(live)
    assert MassZero.objects.get().answered_by == owner


def test_the_page_gets_shorter_as_things_are_put_right(client, live, shop_of, centro, owner):
    products = shop_of(12)
    count_to_zero(products, centro, operation="sheet")
    for number, product in enumerate(products[:5]):
        ledger.receive(product=product, warehouse=centro, quantity=5, operation=f"right:{number}")

    client.force_login(owner)
    page = client.get(f"/inventory/emptied/{MassZero.objects.get().pk}/").content.decode()

    assert "7 units would be set to zero" in page
