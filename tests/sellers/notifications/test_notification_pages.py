import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sellers.models import FailureAction, Notification, SellerAccount, Work
from sellers.queue.failures import group_of


@pytest.fixture
def tienda(db):
    return SellerAccount.objects.create(ml_user_id=77, nickname="TIENDA", site_id="MLA")


def arrive(seller, key, *, state="idle", error="", error_class="", **fields):
    """A notification about an order and the work it asked for."""
    Work.objects.get_or_create(
        account=seller,
        kind="order",
        key=str(key),
        defaults={"lane": 0, "state": state, "last_error": error, "last_error_class": error_class},
    )
    body = fields.pop("body", json.dumps({"resource": f"/orders/{key}"}).encode())
    return Notification.objects.create(
        **{
            "ml_user_id": seller.ml_user_id,
            "topic": "orders_v2",
            "resource": f"/orders/{key}",
            "body": body,
            "verdict": "accepted",
            "work_kind": "order",
            "work_key": str(key),
            **fields,
        }
    )


def shown(answer):
    return [row.record.work_key for row in answer.context["table"].rows]


def test_tabs_show_what_failed_and_what_is_tried_again(as_role, tienda):
    arrive(tienda, 1)
    arrive(tienda, 2, state="dead", error="400 nope", error_class="Rejected")
    arrive(tienda, 3, state="ready", error="no answer", error_class="TimedOut")
    arrive(tienda, 4, state="ready")
    browser = as_role("viewer")

    assert shown(browser.get("/notifications/")) == ["4", "3", "2", "1"]
    assert shown(browser.get("/notifications/?tab=failed")) == ["2"]
    assert shown(browser.get("/notifications/?tab=retrying")) == ["3"]


def test_the_work_of_another_seller_with_the_same_key_is_not_mixed_up(as_role, tienda):
    other = SellerAccount.objects.create(ml_user_id=88, nickname="OTRA", site_id="MLA")
    arrive(tienda, 1, state="dead", error="broken", error_class="Rejected")
    arrive(other, 1)

    rows = as_role("viewer").get("/notifications/?tab=failed").context["table"].rows

    assert [row.record.seller for row in rows] == ["TIENDA"]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("seller=77", ["2", "1"]),
        ("seller=88", []),
        ("verdict=accepted", ["2", "1"]),
        ("verdict=malformed", []),
        ("topic=items", []),
        ("q=2", ["2"]),
        ("q=/orders/1", ["1"]),
        ("q=https://api.mercadolibre.com/orders/1/", ["1"]),
        ("q=77", ["2", "1"]),
        ("q=orders", []),
        ("q=%2F", ["2", "1"]),
        ("q=9999999999999999999999", []),
    ],
)
def test_filters(as_role, tienda, query, keys):
    SellerAccount.objects.create(ml_user_id=88, nickname="OTRA", site_id="MLA")
    arrive(tienda, 1)
    arrive(tienda, 2)

    answer = as_role("viewer").get(f"/notifications/?{query}")

    assert (shown(answer) if keys else list(answer.context["table"].rows)) == keys


def test_a_resource_that_makes_no_work_is_found_by_its_end(as_role, tienda):
    arrive(tienda, 1, work_kind="", work_key="", resource="/claims/5001", verdict="unknown_topic")
    arrive(tienda, 2)

    rows = as_role("viewer").get("/notifications/?q=5001").context["table"].rows

    assert [row.record.resource for row in rows] == ["/claims/5001"]


def test_the_number_of_queries_does_not_grow(as_role, tienda):
    browser = as_role("operator")
    counts = []
    for rows in (2, 40):
        for key in range(rows):
            arrive(tienda, key, state="dead", error=f"error {key % 5}", error_class="Rejected")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/notifications/?tab=failed").status_code == 200
        counts.append(len(queries))

    assert counts == [9, 9]


def test_paging_goes_by_key(as_role, tienda):
    for key in range(60):
        arrive(tienda, key)
    browser = as_role("viewer")

    first = browser.get("/notifications/")
    second = browser.get(f"/notifications/?before={first.context['page'].older}")

    assert shown(first) + shown(second) == [str(key) for key in range(59, -1, -1)]


def test_equal_errors_are_one_group_with_a_count(as_role, tienda):
    for key in range(3):
        words = f"PUT /user-products/MLAU{key}/stock 400 store not found: {key}"
        arrive(tienda, key, state="dead", error=words, error_class="StoreProblem")
    arrive(tienda, 9, state="dead", error="other", error_class="Rejected")

    page = as_role("operator").get("/notifications/?tab=failed")

    assert [(group["count"], group["words"]) for group in page.context["groups"]] == [
        (3, "400 store not found: …"),
        (1, "other"),
    ]
    assert "does not know this warehouse" in page.content.decode()


def dead_keys():
    return sorted(Work.objects.filter(state="dead").values_list("key", flat=True))


def test_retry_of_a_group_leaves_the_others(as_role, tienda):
    for key in range(3):
        arrive(tienda, key, state="dead", error="same", error_class="Rejected")
    arrive(tienda, 9, state="dead", error="other", error_class="Rejected")

    answer = as_role("operator").post(
        "/notifications/retry/",
        {"group": group_of("order", "Rejected", "same"), "next": "/notifications/?tab=failed"},
    )

    assert answer.headers["Location"] == "/notifications/?tab=failed"
    assert dead_keys() == ["9"]
    assert {words for _key, words in kept()} == {"same"}


def test_retry_of_selected_and_of_all_matching(as_role, tienda):
    rows = [arrive(tienda, key, state="dead", error="x", error_class="Rejected") for key in range(4)]
    browser = as_role("operator")

    browser.post("/notifications/", {"action": "retry", "selected": [rows[0].pk, rows[1].pk]})
    assert dead_keys() == ["2", "3"]

    browser.post("/notifications/?q=/orders/3", {"action": "retry", "matching": "1"})
    assert dead_keys() == ["2"]

    browser.post("/notifications/?tab=failed", {"action": "retry", "matching": "1"})
    assert dead_keys() == []
    assert kept() == {("0", "x"), ("1", "x"), ("2", "x"), ("3", "x")}


def test_retry_of_one(as_role, tienda):
    found = arrive(tienda, 1, state="dead", error="x", error_class="Rejected")

    as_role("operator").post(f"/notifications/{found.pk}/retry/")

    assert dead_keys() == []
    assert kept() == {("1", "x")}


def kept():
    """What the retries of a person have left."""
    actions = FailureAction.objects.filter(action="retry", done_by__isnull=False)
    return set(actions.values_list("key", "last_error"))


@pytest.mark.parametrize("path", ["", "retry/", "{pk}/retry/"])
def test_a_viewer_may_look_and_not_retry(as_role, tienda, path):
    found = arrive(tienda, 1, state="dead", error="x", error_class="Rejected")
    browser = as_role("viewer")

    assert browser.get(f"/notifications/{found.pk}/").status_code == 200
    answer = browser.post(f"/notifications/{path.format(pk=found.pk)}", {"action": "retry", "matching": "1"})

    assert answer.status_code == 403
    assert dead_keys() == ["1"]
    assert (
        "Retry"
        not in browser.get(f"/notifications/{found.pk}/").content.decode().split("<main")[1].split("<section")[0]
    )


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "<script>alert(1)</script>"}',
        b"<script>alert(1)</script>",
        b"\xff\xfe<script>",
        b'{"half": "\\ud800"}',
        b"[" * 60000,
        b"",
    ],
)
def test_a_body_is_shown_as_text_whatever_it_is(as_role, tienda, body):
    found = arrive(tienda, 1, body=body, resource="/<script>x</script>")

    answer = as_role("viewer").get(f"/notifications/{found.pk}/")

    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    assert "<script>x" not in answer.content.decode()


def test_detail_shows_others_about_the_same_and_counts_its_queries(as_role, tienda, django_assert_num_queries):
    first, second = arrive(tienda, 1), arrive(tienda, 1)
    arrive(tienda, 2)
    browser = as_role("viewer")

    with django_assert_num_queries(6):
        answer = browser.get(f"/notifications/{second.pk}/")

    assert [(other.pk, about) for other, about in answer.context["others"]] == [(first.pk, "Orders (orders_v2)")]


def test_a_notification_without_work_is_shown(as_role, db):
    found = Notification.objects.create(body=b"nonsense", verdict="malformed")
    browser = as_role("operator")

    assert browser.get(f"/notifications/{found.pk}/").status_code == 200
    assert browser.post(f"/notifications/{found.pk}/retry/").status_code == 303
    assert browser.get("/notifications/").status_code == 200


def test_nothing_yet_and_no_match_are_told_apart(as_role, db):
    browser = as_role("viewer")

    assert "No notifications yet" in browser.get("/notifications/").content.decode()
    assert "No match" in browser.get("/notifications/?q=zzz").content.decode()
