"""Prices and products pages, and the same records in the admin."""

from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.mapping import sku_mapping
from catalog.models import Listing, PriceTarget, Product, ProductPrice, SkuMapping
from sellers.models import Job, Work


@pytest.fixture
def as_role(db):
    def log_in(role):
        user = get_user_model().objects.create_user(f"a-{role}", password="a-long-enough-password")
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        client = Client()
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def manager(as_role):
    return as_role("manager")


@pytest.fixture
def at_desk(owner):
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def linked(make_unit, mug):
    def make(**fields):
        unit = make_unit(**fields)
        sku_mapping.link(variation_ids=[unit.pk], product=mug, source="typed", by=None)
        return unit

    return make


def set_price(client, product, **values):
    url = reverse("catalog:product_price", args=[product.pk])
    return client.post(url, {"currency_id": "ARS", "price": "", "floor": ""} | values)


def test_a_product_price_marks_its_listings(manager, linked, mug):
    unit = linked()

    answer = set_price(manager, mug, price="1500", floor="1000")

    assert answer.status_code == 303
    target = PriceTarget.objects.get()
    assert (target.listing_id, target.wanted, target.state) == (unit.listing_id, 1500, "waiting")
    assert Work.objects.filter(kind="price", key=unit.listing.item_id).count() == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"price": "900", "floor": "1000"}, "The price is below the floor."),
        ({"price": "0"}, "A price is above zero"),
        ({"floor": "-1"}, "A floor is zero or more."),
        ({"floor": "1300"}, "The floor is above the own price of a linked listing"),
    ],
)
def test_a_price_that_cannot_be_is_told_on_the_form(manager, linked, mug, values, words):
    linked(own_price=1200)

    answer = set_price(manager, mug, **values)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert ProductPrice.objects.count() == 0


def test_an_own_price_is_set_and_taken_away(manager, linked):
    unit = linked()
    url = reverse("catalog:listing_price", args=[unit.listing_id])

    manager.post(url, {"price": "1750.50"})
    with_own = Listing.objects.get().own_price
    manager.post(url, {"price": ""})

    assert with_own == Decimal("1750.50")
    assert Listing.objects.get().own_price is None


def test_an_own_price_below_the_floor_is_told_on_the_form(manager, linked, mug):
    unit = linked()
    set_price(manager, mug, floor="2000")

    answer = manager.post(reverse("catalog:listing_price", args=[unit.listing_id]), {"price": "1999"})

    assert answer.status_code == 422
    assert "Below the floor" in answer.content.decode()


def test_the_price_list_shows_wanted_and_why(manager, linked, mug):
    linked(title="Taza roja")
    set_price(manager, mug, price="1500")
    PriceTarget.objects.update(state="automated", explanation="Mercado Libre sets it.")

    html = manager.get(reverse("catalog:prices")).content.decode()

    assert "Taza roja" in html
    assert "MUG-350" in html
    assert "Mercado Libre sets it." in html


def test_the_price_list_costs_the_same_queries_at_10_and_60_rows(
    manager, linked, mug, settings, django_assert_num_queries
):
    settings.UI_BADGES = ""
    ProductPrice.objects.create(product=mug, currency_id="ARS", price=1500)
    for _ in range(10):
        linked()
    with django_assert_num_queries(7):  # session, user, roles, sellers, count, rows, SKUs
        manager.get(reverse("catalog:prices"))
    for _ in range(50):
        linked()
    with django_assert_num_queries(7):
        manager.get(reverse("catalog:prices"))


def test_the_product_list_costs_the_same_queries_at_10_and_60_rows(manager, settings, django_assert_num_queries):
    settings.UI_BADGES = ""
    Product.objects.bulk_create(Product(sku=f"P-{number}", name="x") for number in range(10))
    with django_assert_num_queries(5):  # session, user, roles, count, rows
        manager.get(reverse("catalog:products"))
    Product.objects.bulk_create(Product(sku=f"Q-{number}", name="x") for number in range(50))
    with django_assert_num_queries(5):
        manager.get(reverse("catalog:products"))


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_managers_set_prices(as_role, linked, mug, role):
    unit = linked()
    client = as_role(role)

    own = client.post(reverse("catalog:listing_price", args=[unit.listing_id]), {"price": "1"})
    bulk = client.post(reverse("catalog:prices"), {"action": "clear", "selected": [unit.listing_id]})

    assert [set_price(client, mug, price="5").status_code, own.status_code, bulk.status_code] == [403, 403, 403]
    assert ">Save<" not in client.get(reverse("catalog:listing_price", args=[unit.listing_id])).content.decode()


def test_adding_a_product_links_what_its_sku_names(as_role, make_unit):
    unit = make_unit(seller_sku="NEW-1")

    as_role("operator").post(
        reverse("catalog:product_add"), {"sku": "NEW-1", "name": "New", "cost": "", "currency_id": "", "gtin": ""}
    )

    assert SkuMapping.objects.get().variation_id == unit.pk


def test_a_product_with_a_cost_needs_a_currency(as_role, mug):
    answer = as_role("operator").post(
        reverse("catalog:product_edit", args=[mug.pk]), {"sku": "MUG-350", "name": "Taza", "cost": "5", "gtin": ""}
    )

    assert answer.status_code == 422
    assert "Choose the currency of the cost." in answer.content.decode()


def test_a_product_sheet_with_a_bad_row_writes_nothing(as_role):
    sheet = SimpleUploadedFile("p.csv", b"sku,name\nA-1,Good\nA-2,\n")

    answer = as_role("operator").post(reverse("catalog:product_import"), {"file": sheet})

    assert answer.status_code == 422
    assert "Row 3: The product is new and has no name." in answer.content.decode()
    assert Product.objects.count() == 0


def test_products_are_found_by_sku_name_and_gtin(manager, mug):
    Product.objects.create(sku="ZZ-1", name="Plato")
    url = reverse("catalog:products")

    found = [
        manager.get(url, {"q": words}).content.decode().count('<tr data-key="') for words in ("mug", "plato", "77")
    ]

    assert found == [1, 1, 0]


def test_a_product_s_history_has_old_and_new_cost_and_who(as_role, mug):
    as_role("operator").post(
        reverse("catalog:product_edit", args=[mug.pk]),
        {"sku": "MUG-350", "name": "Taza", "cost": "5", "currency_id": "ARS", "gtin": ""},
    )

    event = mug.events.order_by("-pgh_id").first()
    assert (event.cost, event.name) == (5, "Taza")
    assert event.pgh_context.metadata["user"] == get_user_model().objects.get(username="a-operator").pk


@pytest.mark.parametrize("model", ["product", "productprice", "listing", "variation", "pricetarget"])
def test_admin_lists_and_pages_open(at_desk, linked, mug, model):
    unit = linked()
    ProductPrice.objects.create(product=mug, currency_id="ARS", price=1500)
    PriceTarget.objects.get_or_create(listing=unit.listing)
    keys = {"product": mug.pk, "listing": unit.listing_id, "variation": unit.pk}
    key = keys.get(model) or {"productprice": ProductPrice, "pricetarget": PriceTarget}[model].objects.get().pk

    assert at_desk.get(reverse(f"admin:catalog_{model}_changelist"), {"q": "MUG"}).status_code == 200
    assert at_desk.get(reverse(f"admin:catalog_{model}_change", args=[key])).status_code == 200


def test_linking_in_the_admin_keeps_actor_and_effects(at_desk, make_unit, mug):
    unit = make_unit()
    url = reverse("admin:catalog_variation_change", args=[unit.pk])

    answer = at_desk.post(url, {"sku": "MUG-350", "units": "2"})

    assert answer.status_code == 302
    link = SkuMapping.objects.get()
    assert (link.product, link.units, link.created_by.username) == (mug, 2, "olivia")
    assert Work.objects.filter(kind="mapping", key=str(unit.pk)).exists()
    at_desk.post(url, {"sku": "", "units": "1"})
    assert SkuMapping.objects.count() == 0


def test_sync_now_in_the_admin_starts_an_import(at_desk, linked):
    unit = linked()

    at_desk.post(
        reverse("admin:catalog_listing_changelist"), {"action": "sync_now", "_selected_action": [unit.listing_id]}
    )

    assert Job.objects.filter(kind="catalog_import", created_by__username="olivia").count() == 1
