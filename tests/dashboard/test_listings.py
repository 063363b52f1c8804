"""Listings: what is found, what is asked for again, and all there is to know about one."""

import pghistory
import pytest
from django.utils.html import escape

from catalog.models import Listing, Variation
from dashboard import jobs
from dashboard.queries import listings
from inventory import ledger
from inventory.models import Warehouse
from sellers.models import Job, Work
from sellers.queue import work
from tests.dashboard.shop import busy, quiet


@pytest.fixture
def account(shop):
    return busy(shop)


def titles(client, query):
    page = client.get(f"/listings/?{query}").context["page"]
    return [row.record.title for row in page.object_list]


def test_an_exact_id_wins_however_it_is_written(viewer, account):
    listing = Listing.objects.get(title__startswith="Silla")
    number = listing.item_id[3:]

    for words in (listing.item_id, listing.item_id.lower(), f"MLA-{number}", f"https://x.ml/MLA-{number}-silla-_JM"):
        assert titles(viewer, f"q={words}") == [listing.title]


def test_a_sku_is_found_at_both_ends(viewer, account, shop):
    ours = Listing.objects.get(title__startswith="Lámpara")
    theirs = Listing.objects.get(title__startswith="Amoladora")
    Variation.objects.filter(listing=theirs).update(seller_sku="Amo-115")

    assert titles(viewer, "q=sku-001") == [ours.title]
    assert titles(viewer, "q=AMO-115") == [theirs.title]


def test_words_are_looked_up_in_titles(viewer, account):
    assert titles(viewer, "q=freidora") == ["Freidora de Aire Philips Essential 4,1 L"]
    assert titles(viewer, "q=nothing-like-it") == []
    assert "No match" in viewer.get("/listings/?q=nothing-like-it").content.decode()


def test_a_user_product_is_found_through_its_units(viewer, account):
    listing = Listing.objects.get(title__startswith="Silla")
    Variation.objects.filter(listing=listing).update(user_product_id="MLAU777")

    assert titles(viewer, "q=mlau777") == [listing.title]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=paused", 1),
        ("status=under_review", 1),
        ("linked=no", 2),
        ("linked=yes", 7),
        ("differs=drift", 1),
        ("differs=refused", 1),
        ("differs=price", 1),
        ("logistic=fulfillment", 0),
        ("seller=0", 9),
    ],
)
def test_filters_narrow_the_list(viewer, account, query, count):
    assert len(titles(viewer, query)) == count


def test_a_difference_is_shown_with_both_numbers(viewer, account):
    body = viewer.get("/listings/?differs=drift").content.decode()

    assert "≠" in body
    assert "Stock at ML" in body


def test_selected_rows_are_pushed_again_at_once(operator, account):
    Work.objects.all().delete()
    listing = Listing.objects.get(title__startswith="Lámpara")

    operator.post("/listings/", {"action": "stock", "selected": str(listing.pk)})
    operator.post("/listings/", {"action": "price", "selected": str(listing.pk)})
    operator.post("/listings/", {"action": "look", "selected": str(listing.pk)})

    assert sorted(Work.objects.values_list("kind", "key", "state")) == [
        ("item", listing.item_id, "ready"),
        ("price", listing.item_id, "ready"),
        ("stock", listing.item_id, "ready"),
    ]


def test_all_that_match_become_a_job_that_keeps_the_filter(operator, account):
    Work.objects.all().delete()

    answer = operator.post("/listings/?linked=no", {"action": "price", "matching": "1"})

    job = Job.objects.latest("pk")
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert job.params == {"what": "price", "query": "linked=no"}
    assert job.created_by == operator.user
    assert Work.objects.get().kind == "job"


def test_the_job_asks_for_every_matching_listing_once(operator, account):
    Work.objects.all().delete()
    job = jobs.start_again("look", query="linked=no", by=operator.user)
    (claim,) = work.claim(lane=2, who="test")

    work.run(claim)

    job.refresh_from_db()
    waiting = Work.objects.filter(kind="item")
    assert (job.state, job.done, job.total) == ("done", 2, 2)
    assert set(waiting.values_list("key", flat=True)) == {
        listing.item_id
        for listing in Listing.objects.all()
        if listings.unlinked_units().filter(listing=listing).exists()
    }


def test_one_listing_is_asked_for_again(operator, account):
    listing = Listing.objects.first()

    answer = operator.post(f"/listings/{listing.item_id}/again/look/")

    assert answer.status_code == 303
    assert Work.objects.filter(kind="item", key=listing.item_id, state="ready").exists()


def test_a_listing_that_is_not_there_is_not_found(viewer, db):
    assert viewer.get("/listings/MLA404/").status_code == 404


def test_a_listings_page_tells_all(viewer, shop):
    account = quiet(shop)
    listing = account.listings.get()
    shop.dead(account, "stock", listing.item_id, "item.status.invalid")
    shop.notification(account, kind="item", key=listing.item_id)

    body = viewer.get(f"/listings/{listing.item_id}/").content.decode()

    for told in (
        "CK-17628-AZU",
        "Why this price?",
        "20,000.00",
        "item.status.invalid",
        "orders_v2",
        "Seed",
        "5</del> → <ins>3",
    ):
        assert told in body, told
    assert escape('"note": "</pre><script>') in body


def test_why_is_the_sum_from_shelf_to_mercado_libre(viewer, shop):
    account = quiet(shop)
    listing = account.listings.get()
    product = listing.variations.get().mapping.product
    place = (product.pk, Warehouse.objects.get(code="MAIN").pk)
    ledger.set_demand(owner="order:2001:0", wanted={place: ledger.Demand(reserved=2)})

    page = viewer.get(f"/listings/{listing.item_id}/why/{listing.variations.get().pk}/")
    part = viewer.get(page.request["PATH_INFO"], headers={"HX-Request": "true"}).content.decode()

    sums = [(line.sign, str(line.label), line.value) for line in page.context["why"].lines]
    assert sums[:5] == [
        ("+", "On hand in MAIN", "8"),
        ("−", "Reserved for orders", "2"),
        ("", "Order 2001", "(2)"),
        ("−", "Buffer of the seller", "0"),
        ("=", "Wanted at Mercado Libre", "6"),
    ]
    assert "<html" not in part
    assert "/orders/2001/" in part


def test_who_changed_a_price_is_told_with_both_values(viewer, manager, shop):
    account = quiet(shop)
    listing = account.listings.get()
    with pghistory.context(user=manager.user.pk):
        Listing.objects.filter(pk=listing.pk).update(own_price="31000")

    body = viewer.get(f"/listings/{listing.item_id}/").content.decode()

    assert "Own price: " in body
    assert "31000.00" in body
    assert "a-manager" in body
