"""Every page: who may see it, what it costs, that titles from outside stay text."""

import pytest
from django.contrib.auth import get_user_model
from django.utils.html import escape

from catalog.models import Listing
from dashboard import badges
from sellers.brakes import breakers
from sellers.models import Job, SellerAccount, Work
from sellers.queue import work
from tests.dashboard.shop import HOSTILE, busy, quiet

LISTS = [
    "/",
    "/sellers/",
    "/listings/",
    "/pushes/",
    "/pushes/?tab=failed",
    "/pushes/?tab=retrying",
    "/work/",
    "/work/?tab=retrying",
    "/work/?tab=done",
    "/jobs/",
    "/sellers/held-back/",
]
COSTS = {  # session, user, role and the menu's counts are four of them
    "/": 31,
    "/sellers/": 10,
    "/listings/": 9,
    "/pushes/": 7,
    "/pushes/?tab=failed": 8,
    "/pushes/?tab=retrying": 7,
    "/work/": 9,
    "/work/?tab=retrying": 8,
    "/work/?tab=done": 8,
    "/jobs/": 7,
    "/sellers/held-back/": 6,
}


@pytest.fixture
def account(shop):
    return busy(shop)


@pytest.fixture
def pages(account):
    listing = Listing.objects.get(title=HOSTILE)
    unit = listing.variations.first()
    return [
        *LISTS,
        f"/sellers/{account.pk}/",
        f"/listings/{listing.item_id}/",
        f"/listings/{listing.item_id}/why/{unit.pk}/",
        f"/jobs/{Job.objects.first().pk}/",
        "/search/?q=zzz",
        "/search/",
    ]


def test_a_viewer_sees_every_page(viewer, pages):
    assert {page: viewer.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_a_stranger_is_led_to_the_login(client, pages):
    answers = [client.get(page) for page in pages]

    assert {answer.status_code for answer in answers} == {302}
    assert all(answer["Location"].startswith("/accounts/login/") for answer in answers)


@pytest.mark.parametrize("address", LISTS)
def test_every_page_is_empty_without_anything(viewer, address):
    assert viewer.get(address).status_code == 200


@pytest.mark.parametrize("address", LISTS)
def test_what_a_page_costs_is_fixed(viewer, queries_of, shop, address):
    account = busy(shop)
    before = queries_of(viewer, address)
    for _ in range(12):
        more_of_everything(shop, account)

    assert queries_of(viewer, address) == before
    assert before == COSTS[address]


def more_of_everything(shop, account):
    listing = shop.listing(account, "More", variations=2)
    shop.link(listing, shop.product(f"MORE-{listing.pk}"), state="drift", observed=1)
    shop.push(account, listing.item_id, outcome="rejected")
    shop.dead(account, "stock", listing.item_id, f"Refused {listing.item_id}")
    shop.work(account, "price", listing.item_id, fails=2, last_error="No answer", last_error_class="Timeout")
    shop.order(account, stock_state="unlinked")
    shop.job(account, state="failed", finished_at=shop.now)
    work.retry([shop.dead(account, "price", f"AGAIN-{listing.pk}").pk], by=get_user_model().objects.first())
    breakers.open_one(f"seller:{shop.seller(f'SELLER_{listing.pk}', status='needs_reconnect').pk}", "503")


def test_a_listings_page_costs_the_same_with_many_variations(viewer, queries_of, shop):
    account = quiet(shop)
    few, many = shop.listing(account, "Few", variations=2), shop.listing(account, "Many", variations=40)
    for listing in (few, many):
        shop.link(listing, shop.product(f"SKU-{listing.pk}"))

    costs = [queries_of(viewer, f"/listings/{listing.item_id}/") for listing in (few, many)]

    assert costs[0] == costs[1] <= 16


def test_titles_from_outside_stay_text(viewer, pages):
    for page in [*pages, "/search/?q=Termo", "/listings/?q=termo"]:
        body = viewer.get(page).content.decode()
        assert "<img src=x" not in body, page
        assert "<script>alert" not in body, page

    assert escape(HOSTILE) in viewer.get("/listings/").content.decode()


POSTS = [
    ("/listings/MLA1/again/stock/", {}),
    ("/pushes/?tab=failed", {"action": "retry", "selected": "1"}),
    ("/pushes/?tab=failed", {"one": "1"}),
    ("/work/", {"one": "1"}),
    ("/work/retry/", {"group": "x"}),
    ("/jobs/1/cancel/", {}),
    ("/jobs/1/resume/", {}),
    ("/listings/", {"action": "stock", "selected": "1"}),
    ("/listings/", {"action": "look", "matching": "1"}),
]


@pytest.mark.parametrize(("url", "data"), POSTS)
def test_a_viewer_may_change_nothing(viewer, account, url, data):
    before = list(Work.objects.order_by("pk").values("pk", "state", "want_seq")), Job.objects.count()

    assert viewer.post(url, data).status_code == 403

    assert (list(Work.objects.order_by("pk").values("pk", "state", "want_seq")), Job.objects.count()) == before


@pytest.mark.parametrize("address", ["/listings/?format=csv", "/pushes/?format=csv"])
def test_exports_are_for_operators(viewer, operator, account, address):
    assert viewer.get(address).status_code == 403
    answer = operator.get(address)
    assert answer.status_code == 200
    assert b"TIENDA_SUR" in b"".join(answer)


def test_buttons_are_shown_by_role(as_role, account):
    shown = {
        role: as_role(role).get(f"/sellers/{account.pk}/").content.decode()
        for role in ("viewer", "operator", "manager")
    }

    assert {role: "/sync/catalog/" in body for role, body in shown.items()} == {
        "viewer": False,
        "operator": True,
        "manager": True,
    }
    assert {role: "/disconnect/" in body for role, body in shown.items()} == {
        "viewer": False,
        "operator": False,
        "manager": True,
    }


def test_the_menu_counts_what_is_to_be_looked_at(viewer, account):
    body = viewer.get("/jobs/").content.decode()

    assert SellerAccount.objects.filter(status="needs_reconnect").count() == 1
    assert body.count('class="badge"') >= 3


def test_the_menus_counts_are_one_query_and_kept(viewer, account, django_assert_num_queries):
    with django_assert_num_queries(1):
        first, second = badges.counts(), badges.counts()

    assert first == second
    assert first["dashboard:pushes"] == 3
    assert first["dashboard:sellers"] == 1
    assert first["orders:list"] == 2
