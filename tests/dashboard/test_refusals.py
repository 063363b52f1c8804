"""Refused changes of Global Selling listings: on Today, in a list of their own, sent again or settled there."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Listing, MarketplaceChange
from dashboard import today
from dashboard.attention_rules import Kind
from sellers.models import FailureAction, Work
from tests.dashboard.shop import quiet

TAB = "/work/?tab=global"
REASON = {"reason": "In the panel", "until": "2100-01-01T00:00:00+00:00"}


@pytest.fixture
def account(shop):
    quiet(shop)
    return shop.seller("PACIFIC", "CBT", mode="live")


@pytest.fixture
def bottle(shop, account):
    return shop.listing(account, "Bottle", item_id="MLM7", parent_item=shop.listing(account, "Bottle", item_id="CBT7"))


def refused(shop, listing, field="title", **fields):
    values = {"old": "Old", "new": "New", "ml_words": "title.too_long", "explanation": "The title is too long."}
    always = {"operation": uuid4(), "state": "refused", "finished_at": shop.ago(hours=1)}
    return MarketplaceChange.objects.create(listing=listing, field=field, **(always | values | fields))


def on_today(shop):
    return [item for item in today.look(shop.now).items if item.kind is Kind.CHANGES_REFUSED]


def listed(client, address=TAB):
    return [row.record.pk for row in client.get(address).context["table"].rows]


def test_today_leads_to_the_list_of_refused_changes(viewer, shop, bottle):
    refused(shop, bottle)
    refused(shop, bottle, "net_proceeds", old="11", new="9")

    (item,) = on_today(shop)

    assert "2 changes of Global Selling listings were refused" in item.sentence
    assert f'href="{TAB}"' in viewer.get("/").content.decode()
    body = viewer.get(TAB).content.decode()
    for words in ("title.too_long", "The title is too long.", "Net proceeds", "MLM7", "PACIFIC"):
        assert words in body, words


@pytest.mark.parametrize("state", ["waiting", "done", "refused"])
def test_a_newer_change_of_the_same_takes_its_place(viewer, shop, bottle, state):
    refused(shop, bottle)
    newer = MarketplaceChange.objects.create(listing=bottle, field="title", new="N", operation=uuid4(), state=state)

    assert listed(viewer) == ([newer.pk] if state == "refused" else [])


def test_what_is_no_longer_there_needs_nobody(shop, bottle):
    refused(shop, bottle)
    Listing.objects.filter(pk=bottle.pk).update(missing_since=shop.now)

    assert on_today(shop) == []


def test_sending_again_is_asking_now_and_is_kept(manager, shop, bottle):
    change = refused(shop, bottle, sent_at=shop.ago(hours=2), times_sent=5)

    answer = manager.post(TAB, {"one": str(change.pk)}, follow=True)

    change.refresh_from_db()
    assert "1 is tried again now" in answer.content.decode()
    assert (change.state, change.ml_words, change.explanation, change.times_sent) == ("waiting", "", "", 0)
    assert change.sent_at is None
    row = Work.objects.get(kind="marketplace")
    assert (row.account, row.key, row.state) == (bottle.account, "MLM7", "ready")
    kept = FailureAction.objects.get()
    assert (kept.action, kept.key, kept.last_error, kept.done_by) == ("retry", "MLM7", "title.too_long", manager.user)
    assert on_today(shop) == []


def test_settled_there_it_leaves_with_who_and_how(manager, viewer, shop, bottle):
    change = refused(shop, bottle)

    shown = manager.post(TAB, {"settled": str(change.pk)})
    assert "1 failed task leaves the list" in shown.content.decode()
    manager.post(TAB, REASON | {"action": "handled", "selected": str(change.pk)})

    change.refresh_from_db()
    assert (change.state, change.ml_words) == ("handled", "title.too_long")
    assert (on_today(shop), Work.objects.filter(kind="marketplace").count()) == ([], 0)
    body = viewer.get("/work/?tab=done").content.decode()
    for words in ("MLM7", "In the panel", "a-manager", "title.too_long"):
        assert words in body, words


def test_what_was_answered_meanwhile_is_left_as_it_is(manager, shop, bottle):
    change = refused(shop, bottle)
    newer = MarketplaceChange.objects.create(listing=bottle, field="title", new="N", operation=uuid4())

    manager.post(TAB, {"one": str(change.pk)})
    manager.post(TAB, REASON | {"action": "handled", "selected": str(change.pk)})

    assert set(MarketplaceChange.objects.values_list("pk", "state")) == {(change.pk, "refused"), (newer.pk, "waiting")}
    assert not FailureAction.objects.exists()


@pytest.mark.parametrize("given", [{"one": "1"}, {"settled": "1"}, {"action": "retry", "matching": "1"}])
def test_who_may_not_change_listings_sees_no_button_and_is_refused(operator, shop, bottle, given):
    refused(shop, bottle)

    body = operator.get(TAB).content.decode()

    assert operator.post(TAB, given).status_code == 403
    assert not FailureAction.objects.exists()
    assert 'name="one"' not in body
    assert 'value="retry"' not in body


def test_the_tab_is_there_only_where_something_was_refused(viewer, shop, bottle):
    assert "tab=global" not in viewer.get("/work/").content.decode()
    refused(shop, bottle)
    assert "tab=global" in viewer.get("/work/").content.decode()


def test_a_task_that_failed_is_told_among_them(shop, account):
    shop.dead(account, "marketplace", "MLM7", "403 forbidden")

    (item,) = on_today(shop)

    assert item.query["tab"] == "failed"
    assert item.retry


def test_many_cost_a_page_and_an_answer_no_more_queries(manager, shop, bottle):
    def cost(do):
        with CaptureQueriesContext(connection) as made:
            do()
        return len(made)

    def page():
        assert manager.get(TAB).status_code == 200

    def send():
        manager.post(TAB, {"action": "retry", "matching": "1"})

    refused(shop, bottle)
    page()
    few = cost(page), cost(send)
    for number in range(40):
        refused(shop, shop.listing(bottle.account, "More", item_id=f"MLM9{number}", parent_item=bottle.parent_item))

    assert (cost(page), cost(send)) == few
    assert FailureAction.objects.count() == 41


def test_refused_changes_can_be_exported(operator, shop, bottle):
    refused(shop, bottle)

    body = b"".join(operator.get(f"{TAB}&format=csv").streaming_content).decode()

    assert "MLM7,PACIFIC,Title,Old → New,title.too_long" in body
