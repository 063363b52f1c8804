"""Pushes and failed work: tabs, groups, and Retry for one, some, all and alike."""

import pytest

from sellers.models import Work
from sellers.queue.failures import group_of
from tests.dashboard.shop import REFUSED, quiet


@pytest.fixture
def account(shop):
    """Two prices refused alike, one stock refused otherwise, one stock tried again, one order failed."""
    account = quiet(shop)
    for key in ("MLA111", "MLA222"):
        shop.push(account, key, kind="price", outcome="rejected", **REFUSED)
        shop.dead(account, "price", key, f"item.price.invalid for {key}")
    shop.dead(account, "stock", "MLA333", "item.status.invalid")
    shop.work(account, "stock", "MLA444", fails=2, last_error="No answer", last_error_class="Timeout")
    shop.dead(account, "order", "2001", "Something broke")
    return account


def keys(client, url):
    return {row.record.key for row in client.get(url).context["table"].rows}


def dead():
    return set(Work.objects.filter(state="dead").values_list("key", flat=True))


def test_tabs_say_what_is_in_them(viewer, account):
    page = viewer.get("/pushes/")

    assert {str(link["tab"].label): link["count"] for link in page.context["tab_links"]} == {
        "All": None,
        "Failed": 3,
        "Retrying": 1,
    }
    assert keys(viewer, "/pushes/?tab=failed") == {"MLA111", "MLA222", "MLA333"}
    assert keys(viewer, "/pushes/?tab=retrying") == {"MLA444"}
    assert keys(viewer, "/pushes/?tab=failed&kind=price") == {"MLA111", "MLA222"}
    assert keys(viewer, "/pushes/?q=MLA111") == {"MLA111"}
    assert keys(viewer, "/pushes/?outcome=rejected") == {"MLA111", "MLA222"}


def test_a_failed_push_says_what_ml_said_what_it_means_and_what_to_do(viewer, account):
    body = viewer.get("/pushes/?tab=failed").content.decode()

    assert REFUSED["ml_words"] in body
    assert REFUSED["meaning"] in body
    assert "Set a price above the category&#x27;s minimum." in body
    assert "5</del> → <ins>3" in body


def test_equal_errors_are_grouped_whatever_numbers_they_carry(viewer, account):
    groups = [row["group"] for row in viewer.get("/pushes/?tab=failed").context["groups"]]

    assert [(group.kind, group.words, group.count) for group in groups] == [
        ("price", "item.price.invalid for …", 2),
        ("stock", "item.status.invalid", 1),
    ]


def test_one_is_retried(operator, account):
    row = Work.objects.get(key="MLA333")

    answer = operator.post("/pushes/?tab=failed", {"one": str(row.pk)})

    row.refresh_from_db()
    assert answer.status_code == 303
    assert (row.state, row.fails, row.want_seq) == ("ready", 0, 2)
    assert dead() == {"MLA111", "MLA222", "2001"}


def test_selected_ones_are_retried(operator, account):
    ids = list(Work.objects.filter(key__in=["MLA111", "MLA333"]).values_list("pk", flat=True))

    operator.post("/pushes/?tab=failed", {"action": "retry", "selected": [str(pk) for pk in ids]})

    assert dead() == {"MLA222", "2001"}


def test_all_that_match_are_retried_and_nothing_else(operator, account):
    operator.post("/pushes/?tab=failed&kind=price", {"action": "retry", "matching": "1"})

    assert dead() == {"MLA333", "2001"}


def test_tries_are_retried_through_their_work(operator, account):
    tried = account.push_attempts.get(key="MLA111")

    operator.post("/pushes/", {"action": "retry", "selected": str(tried.pk)})

    assert dead() == {"MLA222", "MLA333", "2001"}


def test_a_group_is_retried_together(operator, account):
    group = group_of("price", "ValidationRefused", "item.price.invalid for …")

    answer = operator.post("/work/retry/", {"group": group, "next": "/pushes/?tab=failed"})

    assert answer["Location"] == "/pushes/?tab=failed"
    assert dead() == {"MLA333", "2001"}


def test_a_group_leads_nowhere_else(operator, account):
    answer = operator.post("/work/retry/", {"group": "x", "next": "https://evil.example/"})

    assert answer["Location"] == "/"


def test_the_page_of_pushes_retries_only_pushes(operator, account):
    order = Work.objects.get(kind="order")

    operator.post("/pushes/?tab=failed", {"one": str(order.pk)})
    assert "2001" in dead()

    operator.post("/work/", {"one": str(order.pk)})
    assert "2001" not in dead()


def test_other_work_has_its_page(viewer, account):
    assert keys(viewer, "/work/") == {"MLA111", "MLA222", "MLA333", "2001"}
    assert keys(viewer, "/work/?kind=order") == {"2001"}
    assert keys(viewer, "/work/?tab=retrying") == {"MLA444"}


def test_a_tab_without_rows_says_so_without_a_filter_to_clear(viewer, db):
    body = viewer.get("/pushes/?tab=failed").content.decode()

    assert "Nothing here" in body
    assert "Clear filters" not in body


@pytest.mark.parametrize("one", ["", "x", "99999999", "-1", "9" * 400])
def test_a_number_that_is_none_retries_nothing(operator, account, one):
    assert operator.post("/pushes/?tab=failed", {"one": one}).status_code == 303
    assert len(dead()) == 4
