"""Failed work on its page: what it means, equal failures, handled at Mercado Libre, exports, many rows."""

import csv
import io

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard import today
from dashboard.attention_rules import Kind
from sellers import clock
from sellers.models import FailureAction, Job, Work
from sellers.queue import work
from sellers.queue.failures import group_of
from tests.dashboard.shop import quiet
from tests.wrong_clock import another_hour

ALIKE = group_of("price", "Rejected", "400 item.price.invalid No …")
REASON = {"reason": "Corrected in the panel", "until": "2100-01-01T00:00:00+00:00"}


@pytest.fixture
def account(shop):
    """Two prices refused alike, an order that cannot be read, a job that stopped."""
    account = quiet(shop)
    for key, price in (("MLA111", 12), ("MLA222", 9)):
        words = f"PUT /items/{key} 400 item.price.invalid No {price}"
        shop.dead(account, "price", key, words, last_error_class="Rejected")
    shop.dead(account, "order", "2001", "GET /orders/2001 403 not_owned_order x", last_error_class="Forbidden")
    job = shop.job(state="failed", finished_at=shop.now)
    shop.dead(None, "job", str(job.pk), "ValueError: row 14", last_error_class="ValueError")
    return account


def keys(client, url):
    return {row.record.key for row in client.get(url).context["table"].rows}


def dead():
    return set(Work.objects.filter(state="dead").values_list("key", flat=True))


def test_every_failed_row_says_what_ml_said_what_it_means_and_what_to_do(viewer, account):
    body = viewer.get("/work/").content.decode()

    for words in (
        "GET /orders/2001 403 not_owned_order x",
        "The order belongs to another seller.",
        "does not accept this price",
        "Correct the price:",
        "ValueError: row 14",
        "for a reason it has no words for",
        "report it with these words",
    ):
        assert words in body, words


def test_a_group_is_narrowed_to_and_its_other_groups_are_left_out(viewer, account):
    page = viewer.get(f"/work/?group={ALIKE}")

    assert keys(viewer, f"/work/?group={ALIKE}") == {"MLA111", "MLA222"}
    assert [row["group"].count for row in page.context["groups"]] == [2]
    assert keys(viewer, f"/pushes/?tab=failed&group={ALIKE}") == {"MLA111", "MLA222"}


def test_sales_stand_first_however_few(shop, account):
    for number in range(30):
        for _ in range(2):
            shop.dead(account, "item", f"MLA9{shop.next()}", f"{'abcdefghijklmnopqrstuvwxyzABCD'[number]} went wrong")

    items = today.look(shop.now).items

    assert items[0].kind is Kind.ORDERS_FAILED
    assert items[0].words == "403 not_owned_order x"


def test_handled_asks_how_before_it_does_anything(operator, account):
    row = Work.objects.get(key="MLA111")

    page = operator.post("/work/", {"settled": str(row.pk)})

    assert page.status_code == 200
    assert "1 failed task leaves the list" in page.content.decode()
    assert "MLA111" in dead()


def test_handled_takes_the_row_off_the_list_and_off_today(operator, shop, account):
    row = Work.objects.get(key="2001")

    answer = operator.post("/work/", REASON | {"action": "handled", "selected": str(row.pk)}, follow=True)

    assert "1 is off the list" in answer.content.decode()
    assert "2001" not in keys(operator, "/work/")
    assert Kind.ORDERS_FAILED not in [item.kind for item in today.look(shop.now).items]
    kept = FailureAction.objects.get()
    assert (kept.key, kept.reason, kept.done_by) == ("2001", "Corrected in the panel", operator.user)


def test_what_was_handled_is_told_with_who_and_why(operator, viewer, account):
    operator.post("/work/", REASON | {"action": "handled", "selected": str(Work.objects.get(key="2001").pk)})

    body = viewer.get("/work/?tab=done").content.decode()

    assert keys(viewer, "/work/?tab=done") == {"2001"}
    for words in ("Corrected in the panel", "a-operator", "not_owned_order", "belongs to another seller"):
        assert words in body


@pytest.mark.parametrize(
    ("address", "given", "keys"),
    [
        ("/work/", {"one": "MLA111"}, {"MLA111"}),
        ("/work/", {"action": "retry", "selected": "MLA111"}, {"MLA111"}),
        (f"/work/?group={ALIKE}", {"action": "retry", "matching": "1"}, {"MLA111", "MLA222"}),
        ("/work/?kind=order", {"action": "retry", "matching": "1"}, {"2001"}),
        ("/work/retry/", {"group": ALIKE}, {"MLA111", "MLA222"}),
        ("/pushes/?tab=failed", {"one": "MLA222"}, {"MLA222"}),
        ("/admin/sellers/work/", {"action": "retry", "_selected_action": "2001"}, {"2001"}),
    ],
)
def test_every_retry_is_kept_with_who_pressed_it(operator, account, address, given, keys):
    if address.startswith("/admin"):
        get_user_model().objects.update(is_superuser=True)
    rows = {row.key: str(row.pk) for row in Work.objects.all()}

    operator.post(address, {name: rows.get(value, value) for name, value in given.items()})

    kept = FailureAction.objects.all()
    assert {(one.key, one.action, one.done_by_id) for one in kept} == {(key, "retry", operator.user.pk) for key in keys}
    assert all(one.last_error and one.state == "dead" for one in kept)


def test_retry_of_a_failed_job_is_kept_too(operator, account):
    operator.post("/work/?kind=job", {"action": "retry", "matching": "1"})

    assert FailureAction.objects.get().last_error == "ValueError: row 14"


def test_what_was_done_tells_retries_and_what_was_handled_apart(operator, viewer, account):
    operator.post("/work/?kind=order", {"action": "retry", "matching": "1"})
    operator.post("/work/?kind=price", REASON | {"action": "handled", "matching": "1"})

    body = viewer.get("/work/?tab=done&action=retry").content.decode()

    assert keys(viewer, "/work/?tab=done") == {"2001", "MLA111", "MLA222"}
    assert keys(viewer, "/work/?tab=done&action=retry") == {"2001"}
    assert keys(viewer, "/work/?tab=done&action=handled") == {"MLA111", "MLA222"}
    for words in ("Tried again", "a-operator", "not_owned_order", "belongs to another seller"):
        assert words in body, words


def test_a_retry_of_what_had_not_failed_says_so(operator, viewer, shop, account):
    row = shop.work(account, "stock", "MLA9", state="idle")
    work.retry([row.pk], by=operator.user)

    assert "Nothing: it had not failed." in viewer.get("/work/?tab=done").content.decode()


def test_a_group_is_handled_together_and_the_page_goes_back_to_the_list(operator, account):
    address = f"/work/?tab=failed&group={ALIKE}"
    shown = operator.post(address, {"action": "handled", "matching": "1"})
    given = {"action": "handled", "matching": "1", "reason": "There", "until": shown.context["until"]}

    answer = operator.post(address, given)

    assert answer["Location"] == "/work/?tab=failed"
    assert dead() == {"2001", str(Job.objects.get().pk)}


def test_sending_it_twice_keeps_one_and_says_so(operator, account):
    given = REASON | {"action": "handled", "selected": str(Work.objects.get(key="MLA111").pk)}
    operator.post("/work/", given)

    answer = operator.post("/work/", given, follow=True)

    assert "it was done already" in answer.content.decode()
    assert FailureAction.objects.count() == 1


def test_what_failed_after_the_question_was_shown_is_not_meant(operator, shop, account):
    shown = operator.post("/work/", {"action": "handled", "matching": "1"})
    Work.objects.filter(key="MLA222").update(last_error_at="2099-01-01T00:00:00Z")

    operator.post("/work/", {"action": "handled", "matching": "1", "reason": "x", "until": shown.context["until"]})

    assert dead() == {"MLA222", str(Job.objects.get().pk)}


@pytest.mark.parametrize(("hours", "handled"), [(-1, {"MLA111", "MLA222", "2001"}), (1, {"MLA111", "2001"})])
def test_what_failed_before_the_question_is_told_by_the_databases_clock(operator, account, hours, handled):
    Work.objects.filter(state="dead").update(last_error_at=clock.now())
    with another_hour(hours):
        shown = operator.post("/work/", {"action": "handled", "matching": "1"})
    if "MLA222" not in handled:
        Work.objects.filter(key="MLA222").update(last_error_at=clock.now())

    operator.post("/work/", {"action": "handled", "matching": "1", "reason": "x", "until": shown.context["until"]})

    assert {"MLA111", "MLA222", "2001"} - dead() == handled


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_a_reason_is_asked_for(operator, account, reason):
    given = REASON | {"action": "handled", "matching": "1", "reason": reason}

    page = operator.post("/work/", given)

    assert page.status_code == 200
    assert page.context["form"].errors["reason"]
    assert not FailureAction.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"one": "1"},
        {"settled": "1"},
        {"action": "retry", "matching": "1"},
        REASON | {"action": "handled", "matching": "1"},
    ],
)
@pytest.mark.parametrize("address", ["/work/", "/pushes/?tab=failed"])
def test_viewers_see_no_button_and_are_refused(viewer, account, given, address):
    body = viewer.get(address).content.decode()

    assert viewer.post(address, given).status_code == 403
    assert len(dead()) == 4
    for button in ('name="one"', 'name="settled"', 'value="retry"', 'value="handled"'):
        assert button not in body


def test_handled_ones_cannot_be_acted_on(operator, account):
    assert operator.post("/work/?tab=done", {"action": "retry", "matching": "1"}).status_code == 400


@pytest.mark.parametrize("name", ["one", "settled"])
def test_a_rows_own_button_is_refused_where_the_tab_has_no_such_action(operator, account, name):
    """What was done has numbers of its own: by one of them no other row may be meant."""
    operator.post("/work/", {"one": str(Work.objects.get(key="2001").pk)})
    row = Work.objects.get(key="MLA111")
    FailureAction.objects.update(id=row.pk)

    assert operator.post("/work/?tab=done", {name: str(row.pk)}).status_code == 400

    assert (Work.objects.get(key="MLA111").state, FailureAction.objects.count()) == ("dead", 1)


@pytest.mark.parametrize("address", ["/work/?tab=retrying", "/pushes/", "/pushes/?tab=retrying"])
def test_what_has_not_failed_cannot_be_handled(operator, account, address):
    assert operator.post(address, {"settled": "1"}).status_code == 400


def test_retry_twice_lets_it_run_once(operator, account):
    row = Work.objects.get(key="MLA111")

    answers = [operator.post("/work/", {"one": str(row.pk)}, follow=True).content.decode() for _ in range(2)]

    row.refresh_from_db()
    assert (row.state, row.want_seq) == ("ready", 2)
    assert "1 is tried again now" in answers[0]
    assert "it was done already" in answers[1]


def test_retry_of_a_failed_job_lets_it_go_on(operator, account):
    operator.post("/work/", {"action": "retry", "matching": "1"})

    assert Job.objects.get().state == "queued"
    assert not dead()


def test_all_tries_that_match_are_pushed_again(operator, shop, account):
    shop.push(account, "MLA111", kind="price", outcome="rejected")
    shop.push(account, "MLA222", kind="price", outcome="verified")

    operator.post("/pushes/?outcome=rejected", {"action": "retry", "matching": "1"})

    assert Work.objects.get(key="MLA111").state == "ready"
    assert Work.objects.get(key="MLA222").state == "dead"


def test_what_failed_and_what_waits_can_be_exported(operator, shop, account):
    shop.work(account, "stock", "MLA444", fails=2, last_error="=cmd()", last_error_class="TimedOut")

    failed = exported(operator, "/work/?format=csv")
    waiting = exported(operator, "/work/?tab=retrying&format=csv")
    pushes = exported(operator, "/pushes/?tab=failed&format=csv")

    order = next(row for row in failed if row["What"] == "2001")
    assert (order["Kind"], order["Seller"]) == ("Read an order", account.nickname)
    assert order["What went wrong"] == "GET /orders/2001 403 not_owned_order x"
    assert order["Meaning"] == "The order belongs to another seller."
    assert order["What to do"].startswith("Nothing, if the notification")
    assert [(row["What"], row["What went wrong"]) for row in waiting] == [("MLA444", "'=cmd()")]
    assert {row["What"] for row in pushes} == {"MLA111", "MLA222"}


def test_handled_failures_can_be_exported_and_exports_are_not_for_viewers(operator, viewer, account):
    operator.post("/work/", REASON | {"action": "handled", "selected": str(Work.objects.get(key="2001").pk)})

    (row,) = exported(operator, "/work/?tab=done&format=csv")

    assert (row["What"], row["How it was settled"]) == ("2001", "Corrected in the panel")
    assert viewer.get("/work/?format=csv").status_code == 403


def exported(client, address):
    answer = client.get(address)
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_thousands_of_rows_cost_a_page_and_an_action_no_more_queries(operator, account):
    Work.objects.bulk_create(
        Work(account=account, kind="stock", key=f"MLA{number}", lane=1, state="dead", last_error_at="2026-01-01T00:00Z",
             last_error=f"PUT /items/MLA{number} 400 item.price.invalid No {number}", last_error_class="Rejected")
        for number in range(3_000)
    )  # fmt: skip
    group = group_of("stock", "Rejected", "400 item.price.invalid No …")

    with CaptureQueriesContext(connection) as shown:
        assert operator.get(f"/work/?group={group}").status_code == 200
    with CaptureQueriesContext(connection) as done:
        operator.post(f"/work/?group={group}", REASON | {"action": "handled", "matching": "1"})

    assert FailureAction.objects.filter(action="handled").count() == 3_000
    assert len(shown) <= 9
    assert len(done) <= 10


def test_thousands_of_retries_are_kept_by_one_statement(operator, account):
    Work.objects.bulk_create(
        Work(account=account, kind="stock", key=f"MLA{number}", lane=1, state="dead", last_error="400 no",
             last_error_class="Rejected")
        for number in range(3_000)
    )  # fmt: skip

    with CaptureQueriesContext(connection) as done:
        operator.post("/work/?kind=stock", {"action": "retry", "matching": "1"})

    assert FailureAction.objects.filter(action="retry", done_by=operator.user).count() == 3_000
    assert len(done) <= 10
