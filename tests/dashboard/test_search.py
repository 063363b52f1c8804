"""Search: straight to what is named, else what contains the words."""

import pytest

from catalog.models import Listing
from orders.models import Order
from tests.dashboard.shop import busy


@pytest.fixture
def account(shop):
    return busy(shop)


def test_what_is_named_exactly_is_opened(viewer, account):
    listing, order = Listing.objects.first(), Order.objects.first()
    Order.objects.filter(pk=order.pk).update(pack_id=3000000001, pack_key=3000000001)
    named = {
        str(order.pk): f"/orders/{order.pk}/",
        "3000000001": f"/orders/{order.pk}/",
        str(order.shipping_id): f"/orders/{order.pk}/",
        listing.item_id: f"/listings/{listing.item_id}/",
        f" {listing.item_id.lower()} ": f"/listings/{listing.item_id}/",
        "SKU-001": "/inventory/SKU-001/",
        "tienda_sur": f"/sellers/{account.pk}/",
        "mlau123": "/listings/?q=MLAU123",
    }

    assert {words: viewer.get("/search/", {"q": words}).get("Location") for words in named} == named


def test_words_are_listed_by_kind(viewer, account):
    page = viewer.get("/search/?q=cafetera")

    assert [str(group.label) for group in page.context["groups"]] == ["Listings", "Products"]
    assert {hit.title for hit in page.context["groups"][0].hits} == {"Cafetera Express Peabody Pro 1.5 L"}


def test_a_buyer_leads_to_the_orders(viewer, account):
    page = viewer.get("/search/?q=compradora")

    assert [str(group.label) for group in page.context["groups"]] == ["Orders"]


@pytest.mark.parametrize("words", ["", "   ", "9" * 60, "%", "\x00", "MLA", "'; drop table x; --", "x" * 5000])
def test_whatever_is_asked_is_answered(viewer, account, words):
    assert viewer.get("/search/", {"q": words}).status_code == 200
