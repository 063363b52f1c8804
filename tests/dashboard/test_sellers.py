"""Sellers: cards, what to press, who changed what."""

import re

import pghistory
import pytest

from catalog.models import Listing, SalesSpeed
from inventory.models import StockTarget
from sellers.models import SellerAccount
from tests.dashboard.shop import busy, quiet


def test_without_a_seller_the_page_explains_connecting(viewer, manager, db):
    seen, acting = (client.get("/sellers/").content.decode() for client in (viewer, manager))

    assert "Connect your first seller" in seen
    assert seen.count("<li") >= 3
    assert 'action="/sellers/connect/"' not in seen
    assert "Ask a manager" in seen
    assert 'hx-post="/sellers/connect/"' in acting
    assert '<option value="MLB">Brazil (MLB)</option>' in acting


def test_a_card_tells_the_state_in_words(viewer, shop):
    busy(shop)

    body = viewer.get("/sellers/").content.decode()

    for words in ("Needs reconnect", "Pushes paused", "Connected", "invalid_grant", "120 of 300"):
        assert words in body, words


@pytest.mark.parametrize(
    ("fields", "there", "absent"),
    [
        ({"mode": "observe"}, ["go-live", "sync/missed"], ["/pause/", "/resume/"]),
        ({"mode": "live"}, ["/pause/", "sync/orders"], ["go-live", "/resume/"]),
        ({"mode": "live", "pushes_paused": True}, ["/resume/"], ["/pause/"]),
        ({"mode": "live", "pushes_paused": True, "sales_go_on": True}, ["/resume/", "/pause/"], []),
        ({"status": "needs_reconnect"}, ["/reconnect/"], ["/sync/", "/pause/", "go-live"]),
        ({"status": "disconnected"}, ["/reconnect/"], ["/sync/", "/disconnect/"]),
    ],
)
def test_buttons_follow_the_state(manager, shop, fields, there, absent):
    shop.seller(**fields)

    body = manager.get("/sellers/").content.decode()

    assert [part for part in there if part not in body] == []
    assert [part for part in absent if part in body] == []


def test_a_change_is_told_with_old_new_and_who(viewer, manager, shop):
    account = quiet(shop)
    SellerAccount.objects.filter(pk=account.pk).update(pushes_paused=True)
    with pghistory.context(user=manager.user.pk):
        SellerAccount.objects.filter(pk=account.pk).update(buffer=3, mode="observe")

    changes = viewer.get(f"/sellers/{account.pk}/").context["changes"]

    assert [(change.what, change.old, change.new, change.actor) for change in changes] == [
        ("Mode", "Live", "Observe", "a-manager"),
        ("Buffer", 0, 3, "a-manager"),
        ("Pushes paused", "no", "yes", ""),
        ("Created", None, None, ""),
    ]


def test_the_reason_of_a_pause_is_told_in_words(viewer, manager, shop):
    account = quiet(shop)

    manager.post(f"/sellers/{account.pk}/pause/", {"reason": "Inventory day"})

    reason = next(one for one in viewer.get(f"/sellers/{account.pk}/").context["changes"] if one.what == "Reason")
    assert (reason.old, reason.new, reason.actor) == ("—", "Paused by a-manager: Inventory day", "a-manager")
    for page in ("/", "/sellers/", f"/sellers/{account.pk}/"):
        assert "Paused by a-manager: Inventory day" in viewer.get(page).content.decode(), page


def test_someone_who_left_is_still_somebody(viewer, manager, shop):
    account = quiet(shop)
    with pghistory.context(user=987654):
        SellerAccount.objects.filter(pk=account.pk).update(buffer=3)

    assert viewer.get(f"/sellers/{account.pk}/").context["changes"][0].actor == "a former member of staff"


def test_a_seller_that_is_not_there_is_not_found(viewer, db):
    assert viewer.get("/sellers/404/").status_code == 404


def test_the_seller_s_page_says_within_what_time_everything_is_looked_at(client, owner, shop):
    account = quiet(shop)
    Listing.objects.update(seen_at=shop.ago(minutes=38))
    client.force_login(owner)
    page = client.get("/sellers/").content.decode()
    assert "Every listing looked at within" in page
    assert "sells most within" not in page

    seller = shop.listing(account, seen_at=shop.ago(minutes=3))
    SalesSpeed.objects.create(listing=seller, per_day=4)
    page = client.get("/sellers/").content.decode()

    assert re.findall(r"within</dt><dd>([^<]*)</dd>", page) == ["38 min", "3 min"]


def test_of_a_seller_with_stores_the_page_says_within_what_time_their_stock_was_read(client, owner, shop):
    account = shop.seller(tags=["warehouse_management"])
    for minutes in (12, 51):
        listing = shop.listing(account, user_product_id=f"MLAU{minutes}", seen_at=shop.ago(minutes=5))
        shop.link(listing, shop.product(f"MUG-{minutes}"))
        StockTarget.objects.filter(variation__listing=listing).update(places_at=shop.ago(minutes=minutes))
    client.force_login(owner)

    page = client.get("/sellers/").content.decode()

    assert "Stock by store looked at within</dt><dd>51 min</dd>" in page
