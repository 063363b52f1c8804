"""Pages of stock rules: a rule is shown at work before it is saved, and who may save it."""

import re

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from inventory import ledger
from inventory.models import ListingRule, ProductRule, SellerRule, SellerWarehouse
from sellers.models import SellerAccount


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
def stall(shop, mug, centro):
    """A live seller with two listings of ten mugs, both equal at Mercado Libre."""
    ledger.receive(product=mug, warehouse=centro, quantity=10, operation="in")
    shop.open()
    shop.items = [shop.item(link=mug, available_quantity=10) for _ in range(2)]
    return shop


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def carried(shown):
    """What a browser sends back: every field of the form that the page shows."""
    form = shown.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


def test_a_sellers_rule_is_shown_then_saved_then_sent(client, owner, stall, work_off):
    client.force_login(owner)
    page = f"/stock-rules/sellers/{stall.account.pk}/"
    work_off()

    shown = client.post(page, carried(client.get(page)) | {"buffer": 4})
    assert "2 quantities change" in text_of(shown)
    assert "none reaches zero" in text_of(shown)
    assert SellerAccount.objects.get().buffer == 0
    saved = client.post(page, carried(shown) | {"confirm": 1})
    work_off()

    assert (saved.status_code, saved.url) == (303, "/stock-rules/")
    assert [item.available_quantity for item in stall.items] == [6, 6]


def test_the_same_confirmation_twice_changes_nothing_more(client, owner, stall, mug):
    client.force_login(owner)
    page = f"/stock-rules/products/{mug.pk}/"
    shown = client.post(page, carried(client.get(page)) | {"buffer": 4})

    first = client.post(page, carried(shown) | {"confirm": 1})
    second = client.post(page, carried(shown) | {"confirm": 1})

    assert (first.status_code, second.status_code) == (303, 200)
    assert "Somebody changed this rule meanwhile" in text_of(second)
    assert second.context["form"]["buffer"].value() == 4
    assert ProductRule.objects.get().buffer == 4


def test_more_at_zero_than_was_shown_is_shown_again(client, owner, stall, mug, plate, centro):
    client.force_login(owner)
    page = f"/stock-rules/sellers/{stall.account.pk}/"
    shown = client.post(page, carried(client.get(page)) | {"buffer": 4})
    ledger.receive(product=plate, warehouse=centro, quantity=2, operation="plates")
    stall.item(link=plate, available_quantity=2)

    again = client.post(page, carried(shown) | {"confirm": 1})

    assert again.status_code == 200
    assert "more listings would reach zero" in text_of(again)
    assert "1 of them reaches zero" in text_of(again)
    assert SellerAccount.objects.get().buffer == 0
    assert client.post(page, carried(again) | {"confirm": 1}).status_code == 303
    assert SellerAccount.objects.get().buffer == 4


def test_staff_chooses_who_sells_the_last_units(client, owner, stall, mug, work_off):
    client.force_login(owner)
    page = f"/stock-rules/products/{mug.pk}/"
    second = stall.target(stall.items[1]).variation.listing
    entered = {"last_units": 10, "preferred": second.pk}

    shown = client.post(page, carried(client.get(page)) | entered)
    client.post(page, carried(shown) | {"confirm": 1})
    work_off()

    assert [item.available_quantity for item in stall.items] == [0, 10]
    rule = ProductRule.objects.get()
    assert (rule.buffer, rule.last_units, rule.preferred) == (None, 10, second)
    (event,) = apps.get_model("inventory.ProductRuleEvent").objects.select_related("pgh_context")
    assert str(event.pgh_context.metadata["user"]) == str(owner.pk)
    assert second.item_id in text_of(client.get("/stock-rules/products/"))
    page = text_of(client.get("/inventory/MUG-1/"))
    assert "10 available − 0 buffer, ÷ 1 per sale = 10" in page
    assert f"Last units: {second.item_id} goes on selling them, this one shows 0." in page
    why = client.get(f"/listings/{stall.items[0].id}/why/{stall.target(stall.items[0]).variation_id}/")
    assert f"10 or fewer are left, rule of the product: only {second.item_id} goes on selling" in text_of(why)


def test_a_listings_rule_is_removed_by_emptying_it(client, owner, stall):
    client.force_login(owner)
    listing = stall.target(stall.items[0]).variation.listing
    page = f"/stock-rules/listings/{listing.pk}/"
    shown = client.post(page, carried(client.get(page)) | {"buffer": 3})
    client.post(page, carried(shown) | {"confirm": 1})
    assert ListingRule.objects.get().buffer == 3
    (row,) = client.get("/inventory/?q=MUG-1").context["table"].rows
    assert row.get_cell("buffer") == "0–3"
    assert listing.item_id in text_of(client.get("/stock-rules/listings/"))

    shown = client.post(page, carried(client.get(page)) | {"buffer": ""})
    client.post(page, carried(shown) | {"confirm": 1})

    assert ListingRule.objects.count() == 0
    assert "No listing has a rule of its own" in text_of(client.get("/stock-rules/listings/"))


@pytest.mark.parametrize(("code", "leads_to"), [("MUG-1", "products"), ("{item}", "listings"), ("NOPE", None)])
def test_a_rule_is_found_by_sku_or_item_id(client, owner, stall, code, leads_to):
    client.force_login(owner)

    answer = client.post("/stock-rules/", {"code": code.format(item=stall.items[0].id.lower())})

    assert answer.status_code == (303 if leads_to else 422)
    assert not leads_to or answer.url.startswith(f"/stock-rules/{leads_to}/")


def test_a_warehouse_is_excluded_after_a_look_at_what_follows(client, owner, stall, mug, norte, work_off):
    ledger.receive(product=mug, warehouse=norte, quantity=4, operation="north")
    work_off()
    client.force_login(owner)
    page = f"/warehouses/sellers/{stall.account.pk}/"

    shown = client.post(page, carried(client.get(page)) | {"warehouse": norte.pk, "excluded": "on"})
    assert "2 quantities change" in text_of(shown)
    assert SellerWarehouse.objects.count() == 0
    client.post(page, carried(shown) | {"confirm": 1})
    work_off()
    assert [item.available_quantity for item in stall.items] == [10, 10]
    assert "never sold from" in text_of(client.get(page))

    link = SellerWarehouse.objects.get()
    shown = client.post(f"/warehouses/links/{link.pk}/remove/")
    assert "2 quantities change" in text_of(shown)
    client.post(f"/warehouses/links/{link.pk}/remove/", carried(shown) | {"confirm": 1})
    work_off()
    assert [item.available_quantity for item in stall.items] == [14, 14]


def test_a_rule_tells_who_changed_it_from_what_to_what(client, owner, stall, mug):
    client.force_login(owner)
    for page, entries in (
        (f"/stock-rules/products/{mug.pk}/", [{"buffer": 4}, {"buffer": 6}, {"buffer": ""}]),
        (f"/stock-rules/sellers/{stall.account.pk}/", [{"buffer": 2}, {"buffer": 2, "last_units": 3}]),
    ):
        for entered in entries:
            shown = client.post(page, carried(client.get(page)) | entered)
            client.post(page, carried(shown) | {"confirm": 1})

    past = client.get(f"/stock-rules/products/{mug.pk}/").context["editor"].past
    assert [(one.what, one.old, one.new, one.who) for one in past] == [
        ("Buffer", 6, "—", "olivia"),
        ("Buffer", 4, 6, "olivia"),
        ("Buffer", "—", 4, "olivia"),
    ]
    page = client.get(f"/stock-rules/sellers/{stall.account.pk}/")
    told = [(one.what, one.old, one.new) for one in page.context["editor"].past]
    assert {("Last units", "—", 3), ("Buffer", 0, 2)} <= set(told)
    assert "<del>0</del> → <ins>2</ins>" in text_of(page)


PAGES = ("/stock-rules/", "/stock-rules/products/", "/stock-rules/listings/")


def test_pages_take_the_same_queries_for_more_rows(client, owner, stall, django_assert_max_num_queries):
    client.force_login(owner)
    for number in range(20):
        product = Product.objects.create(sku=f"R-{number}", name="Thing")
        ProductRule.objects.create(product=product, buffer=1)
        item = stall.item(link=product, available_quantity=0)
        ListingRule.objects.create(listing=stall.target(item).variation.listing, buffer=1)
    for page in PAGES:
        with django_assert_max_num_queries(6):
            client.get(page)


def test_what_would_change_takes_the_same_queries_for_more_listings(client, owner, stall, mug):
    client.force_login(owner)
    page = f"/stock-rules/sellers/{stall.account.pk}/"
    entered = carried(client.get(page)) | {"buffer": 4}

    def queries_of_a_look():
        with CaptureQueriesContext(connection) as asked:
            assert client.post(page, entered).context["preview"].lines
        return len(asked)

    few = queries_of_a_look()
    for _ in range(9):
        stall.item(link=mug, available_quantity=10)

    assert queries_of_a_look() == few == 20


@pytest.mark.parametrize("role", ["viewer", "operator", "manager"])
def test_rules_are_seen_by_all_and_changed_by_managers(client, staff, stall, mug, role):
    staff(role)
    listing = stall.target(stall.items[0]).variation.listing
    edits = [
        f"/stock-rules/sellers/{stall.account.pk}/",
        f"/stock-rules/products/{mug.pk}/",
        f"/stock-rules/listings/{listing.pk}/",
    ]
    may = 200 if role == "manager" else 403

    assert [client.get(page).status_code for page in PAGES] == [200] * 3
    assert [client.get(page).status_code for page in edits] == [may] * 3
    assert ("/stock-rules/sellers/" in text_of(client.get("/stock-rules/"))) is (role == "manager")
    if role != "manager":
        assert client.post(edits[0], {"buffer": 3, "confirm": 1, "to_zero": 99}).status_code == 403
        assert client.post("/stock-rules/", {"code": "MUG-1"}).status_code == 403
        assert SellerAccount.objects.get().buffer == 0
        assert SellerRule.objects.count() == 0
