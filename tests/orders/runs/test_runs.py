"""Runs as rows: their numbers are true, a second one says that nothing was missing, and staff can ask for one."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from orders.models import Order, Run
from orders.runs import missed, reconciliation, run_words, runs, watching
from sellers.models import HeardHour, Hearing, SellerAccount, SyncCursor, Work
from sellers.queue import work

LIST_QUERIES = 6


@pytest.fixture
def run(account, work_off):
    """Let a run of the seller happen, and give its row."""

    def ran(kind="order_poll", key=""):
        work.bump(account_id=account.pk, kind=kind, key=key)
        work_off()
        return Run.objects.latest("pk")

    return ran


def numbers(run):
    return run.found, run.asked, run.recovered, run.changed, run.missing


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", ("clock", None)),
        ("night:7", ("night", 7)),
        ("button", ("button", None)),
        ("button:30", ("button", 30)),
        ("days:7", ("clock", 7)),  # asked for by an earlier version
    ],
)
def test_the_key_of_the_work_says_why_and_how_far_back(key, reason):
    assert runs.reason_of(key) == reason


def test_keys_are_read_as_they_are_written():
    for reason in Run.Reason:
        for days in (None, 7):
            if reason != Run.Reason.CLOCK:
                assert runs.reason_of(runs.key_of(reason, days)) == (reason, days)


@pytest.mark.parametrize(
    ("before", "now", "announced", "counted"),
    [
        ({}, {}, set(), (0, 0, 0)),
        ({"1": ""}, {1: "paid"}, set(), (1, 0, 0)),
        ({"1": ""}, {1: "paid"}, {1}, (0, 0, 0)),  # a notification came first
        ({"1": ""}, {}, set(), (0, 0, 1)),
        ({"1": "paid"}, {1: "paid"}, set(), (0, 0, 0)),
        ({"1": "paid"}, {1: "cancelled"}, {1}, (0, 1, 0)),
        ({"1": "", "2": "", "3": "paid"}, {1: "paid", 3: "cancelled"}, set(), (1, 1, 1)),
    ],
)
def test_what_came_of_orders(before, now, announced, counted):
    assert tuple(runs.compare(before, now, announced).values()) == counted


# --- against the simulated marketplace --------------------------------------------------------------------------------


def test_without_notifications_every_order_is_recovered_and_a_second_run_changes_nothing(world, item_id, run):
    sold = [world.sell(item_id, 1).id for _ in range(5)]
    world.drain_notifications()

    first, second = run(), run()

    assert sorted(Order.objects.values_list("pk", flat=True)) == sorted(sold)
    assert (first.state, numbers(first)) == ("complete", (5, 5, 5, 0, 0))
    assert (second.state, numbers(second)) == ("complete", (5, 5, 0, 0, 0))
    assert run_words.summary(second) == "5 orders found. Nothing was missing here, nothing changed."
    assert "Recovered: 5" in run_words.summary(first)


def test_what_a_notification_announced_is_not_recovered(world, item_id, deliver, work_off, run):
    world.sell(item_id, 1)
    deliver()
    work_off()
    world.sell(item_id, 1)
    world.drain_notifications()

    assert numbers(run()) == (2, 2, 1, 0, 0)


def test_an_order_that_was_cancelled_in_silence_has_changed(world, item_id, run):
    kept, cancelled = world.sell(item_id, 1), world.sell(item_id, 1)
    run()
    world.cancel(cancelled.id)

    found = run()

    assert numbers(found) == (2, 2, 0, 1, 0)
    assert Order.objects.get(pk=kept.id).status == "paid"


def test_a_lost_cart_is_recovered_whole(world, item_id, publish, plate, count, run):
    count(plate, 10)
    plates = publish(title="Plato", seller_sku="PLATE-1")
    cart = world.sell_pack([(item_id, 2), (plates.listing.item_id, 1)])
    world.drain_notifications()

    found = run()

    assert (found.recovered, sorted(Order.objects.values_list("pk", flat=True))) == (2, sorted(cart.order_ids))


def test_an_order_that_cannot_be_fetched_makes_a_run_incomplete(world, item_id, run):
    hidden, shown = world.sell(item_id, 1), world.sell(item_id, 1)
    world.faults.add("SCOPES_403", path=f"/orders/{hidden.id}", times=None)

    found = run()

    assert (found.state, numbers(found)) == ("incomplete", (2, 2, 1, 0, 1))
    assert "could not be fetched" in run_words.summary(found)
    assert Order.objects.get().pk == shown.id


def test_a_run_is_open_until_its_last_order_is_fetched(world, account, item_id, work_off):
    work_off()
    world.sell(item_id, 1)
    work.bump(account_id=account.pk, kind="order_poll", key="")
    (claim,) = work.claim(lane=0, who="test")
    work.run(claim)

    (found,) = Run.objects.all()
    assert (found.state, found.asked, found.recovered, found.finished_at) == ("fetching", 1, 0, None)
    assert not runs.add_up(found)


def test_what_a_run_stumbles_over_is_told_and_the_same_row_goes_on(world, account, item_id, run, work_off):
    work_off()
    world.sell(item_id, 1)
    world.faults.add("SERVER_ERROR", path="/orders/search")
    work.bump(account_id=account.pk, kind="order_poll", key="")
    (claim,) = work.claim(lane=0, who="test")
    work.run(claim)
    (stumbled,) = Run.objects.all()

    found = run()

    assert (stumbled.state, "500" in stumbled.words) == ("reading", True)
    assert "It is tried again by itself." in run_words.summary(stumbled)
    assert (found.pk, found.state, found.words, found.recovered) == (stumbled.pk, "complete", "", 1)


def test_a_refused_run_has_failed(world, run):
    world.faults.add("SCOPES_403", path="/orders/search", times=None)

    found = run()

    assert (found.state, "403" in found.words) == ("failed", True)
    meaning, todo, *_words = found.words.split("\n")
    assert meaning.endswith(".")
    assert todo.endswith(".")
    assert "tried again by itself" not in run_words.summary(found)


def test_missed_notifications_are_a_run_too(world, item_id, run):
    world.drop_notifications(1000)
    world.sell(item_id, 1)

    found = run("missed_feeds")

    assert (found.kind, found.state, found.recovered) == ("missed", "complete", 1)
    assert found.found >= 1
    assert "missed notification" in run_words.summary(found)


def test_a_run_of_missed_notifications_is_open_until_every_sellers_orders_are_fetched(
    world, account, item_id, connect, work_off
):
    other = world.add_seller("OTRA")
    connect(other)
    work_off()
    world.drop_notifications(1000)
    world.sell(other.add_item(title="Plato", price=10, available_quantity=5).id, 1)
    work.bump(account_id=account.pk, kind="missed_feeds", key="")
    (claim,) = work.claim(lane=0, who="test")
    work.run(claim)

    (found,) = Run.objects.all()
    assert (found.state, runs.add_up(found)) == ("fetching", False)
    work_off()
    found.refresh_from_db()
    assert (found.state, found.recovered, found.missing) == ("complete", 1, 0)


def test_a_seller_who_may_not_read_them_is_told_why_and_not_asked_again_today(world, account, connect, work_off):
    stranger = connect(world.add_seller("OTRA"))
    SellerAccount.objects.filter(pk=account.pk).update(status="needs_reconnect")
    missed.schedule()
    work_off()

    found = Run.objects.get()
    assert (found.account, found.state) == (stranger, "refused")
    assert "owns the application" in run_words.summary(found)
    assert missed.readers() == []
    Run.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    assert missed.readers() == [stranger.pk]


def test_unreadable_entries_do_not_end_the_list(world, account, item_id, run, monkeypatch):
    monkeypatch.setattr(missed, "PAGE", 2)
    world.drop_notifications(1000)
    for _ in range(3):
        world.sell(item_id, 1)
    for one in list(world.mailbox.missed)[:2]:
        one.notification.resource = ""

    found = run("missed_feeds")

    assert found.found == len(world.mailbox.missed) - 2
    assert Order.objects.count() >= 2


# --- the database's own rules -----------------------------------------------------------------------------------------


def test_two_unread_runs_of_one_key_are_refused(account):
    Run.objects.create(account=account, kind="orders", reason="clock")
    with pytest.raises(IntegrityError, match="one_unread_run_per_key"), transaction.atomic():
        Run.objects.create(account=account, kind="orders", reason="clock")
    Run.objects.update(state="fetching")
    Run.objects.create(account=account, kind="orders", reason="clock")


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"state": "complete"}, "an_ended_run_has_an_end"),
        ({"state": "fetching", "finished_at": timezone.now()}, "an_ended_run_has_an_end"),
        ({"asked": 1, "recovered": 1, "changed": 1}, "no_more_came_than_was_asked"),
    ],
)
def test_what_cannot_be_is_refused(account, fields, rule):
    with pytest.raises(IntegrityError, match=rule):
        Run.objects.create(account=account, kind="orders", reason="clock", **fields)


def test_the_table_stays_small(account):
    def ran(days, **fields):
        ended = timezone.now() - timedelta(days=days)
        row = {"kind": "orders", "reason": "clock", "state": "complete", "finished_at": ended, "asked": 9}
        found = Run.objects.create(account=account, **(row | fields))
        Run.objects.filter(pk=found.pk).update(asked_at=ended)
        return found.pk

    ran(3)
    kept = {ran(1), ran(3, recovered=1), ran(3, changed=2), ran(3, reason="night"), ran(3, state="failed")}
    ran(91, recovered=1)

    runs.prune()

    assert set(Run.objects.values_list("pk", flat=True)) == kept


# --- silence ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def silent(account):
    """The seller's orders were announced every few minutes for ten days; two hours ago that stopped."""
    now = timezone.now()
    SellerAccount.objects.filter(pk=account.pk).update(connected_at=now - timedelta(days=20))
    hours = [now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=back) for back in range(3, 250)]
    HeardHour.objects.bulk_create(
        HeardHour(account=account, topic="orders_v2", hour=hour, minutes=20, last_at=hour) for hour in hours
    )
    Hearing.objects.create(account=account, topic="orders_v2", last_at=hours[0])


def test_silence_reads_orders_and_missed_notifications_at_once_and_not_again_at_once(
    world, item_id, silent, account, work_off
):
    sold = world.sell(item_id, 1)
    world.drain_notifications()

    watching.watch()
    work_off()

    assert Order.objects.get().pk == sold.id
    assert sorted(Run.objects.values_list("kind", "reason")) == [("missed", "silence"), ("orders", "silence")]
    watching.watch()
    assert not Work.objects.filter(state="ready", kind__in=["order_poll", "missed_feeds"]).exists()
    Run.objects.update(asked_at=timezone.now() - timedelta(minutes=31))
    watching.watch()
    assert set(Work.objects.filter(state="ready").values_list("kind", flat=True)) == {"order_poll", "missed_feeds"}


def test_nobody_is_read_while_everybody_is_heard(account):
    watching.watch()

    assert not Work.objects.exists()


def test_orders_that_nobody_announced_are_counted_after_a_quarter_of_an_hour(world, account, item_id, run):
    SellerAccount.objects.update(connected_at=timezone.now() - timedelta(days=2))
    sold = [world.sell(item_id, 1).id for _ in range(4)]
    run()
    now = timezone.now()
    Order.objects.filter(pk__in=sold).update(date_created=now - timedelta(minutes=16))
    Order.objects.filter(pk=sold[0]).update(announced_at=now)
    Order.objects.filter(pk=sold[1]).update(date_created=now - timedelta(minutes=14))

    assert watching.unannounced(now) == {account.pk: 2}
    SellerAccount.objects.update(connected_at=now - timedelta(minutes=1))
    assert watching.unannounced(now) == {}


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def as_role(client, db):
    def logged_in(role):
        user = get_user_model().objects.create_user(role, password="a-long-enough-password", is_staff=True)
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        client.force_login(user)
        client.user = user
        return client

    return logged_in


def shown(response):
    return [row.record for row in response.context["table"].rows]


def click(browser, account, *, operation=None, days=""):
    given = {"seller": account.pk, "days": days, "operation": operation or uuid4()}
    return browser.post("/notifications/runs/check/", given, follow=True)


def test_the_button_asks_for_a_run_that_says_who_asked(as_role, world, account, item_id, work_off):
    world.sell(item_id, 1)
    browser = as_role("operator")

    page = click(browser, account, days="7")
    (waiting,) = shown(page)
    work_off()

    assert (waiting.state, waiting.asked_by, waiting.reason) == ("waiting", browser.user, "button")
    (found,) = shown(browser.get("/notifications/runs/"))
    assert (found.pk, found.state, found.recovered) == (waiting.pk, "complete", 1)
    assert timezone.now() - found.since > timedelta(days=6)
    assert "Recovered: 1" in browser.get("/notifications/runs/").content.decode()


def test_a_double_click_asks_once_even_after_the_first_has_ended(as_role, account, work_off):
    browser, operation = as_role("operator"), uuid4()

    click(browser, account, operation=operation)
    again = click(browser, account, operation=operation)
    work_off()
    click(browser, account, operation=operation)
    work_off()

    assert "being read already" in again.content.decode()
    assert Run.objects.count() == 1


def test_the_same_wish_that_still_waits_is_not_doubled(as_role, account):
    browser = as_role("operator")

    for days in ("", "", "30", "30"):
        click(browser, account, days=days)

    assert sorted(Run.objects.values_list("key", flat=True)) == ["button", "button:30"]


def test_asked_again_a_run_whose_work_ended_is_done_after_all(as_role, account):
    browser, operation = as_role("operator"), uuid4()
    click(browser, account, operation=operation)
    Work.objects.filter(kind="order_poll").update(state="idle")

    click(browser, account, operation=operation)
    assert Work.objects.get(kind="order_poll").state == "idle"  # the same click
    click(browser, account)

    assert Work.objects.get(kind="order_poll").state == "ready"
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"seller": "0"}, {"seller": "x"}, {"days": "5000"}, {"operation": "x"}, {"operation": ""}]
)
def test_nonsense_asks_for_nothing(as_role, account, wrong):
    given = {"seller": account.pk, "days": "", "operation": uuid4()}

    answer = as_role("operator").post("/notifications/runs/check/", given | wrong, follow=True)

    assert answer.status_code == 200
    assert not Run.objects.exists()


def test_a_seller_who_is_away_cannot_be_read(as_role, account):
    SellerAccount.objects.update(status="needs_reconnect")

    click(as_role("operator"), account)

    assert not Run.objects.exists()


def test_a_viewer_sees_the_runs_and_may_not_ask(as_role, account):
    Run.objects.create(account=account, kind="orders", reason="clock")
    browser = as_role("viewer")

    body = browser.get("/notifications/runs/").content.decode()

    assert "Every few minutes" in body
    assert "Check orders now" not in body
    assert browser.post("/notifications/runs/check/", {"seller": account.pk, "operation": uuid4()}).status_code == 403
    assert not Run.objects.filter(reason="button").exists()


@pytest.mark.parametrize(
    ("state", "found", "recovered", "changed"),
    [("waiting", "—", "—", "—"), ("fetching", "7", "—", "—"), ("failed", "7", "—", "—"), ("complete", "7", "0", "2")],
)
def test_what_is_not_known_yet_is_not_shown_as_nothing(as_role, account, state, found, recovered, changed):
    ended = timezone.now() if state in Run.ENDED else None
    numbers = {"found": 7, "asked": 5, "changed": 2}
    Run.objects.create(account=account, kind="orders", reason="clock", state=state, finished_at=ended, **numbers)

    (row,) = as_role("viewer").get("/notifications/runs/").context["table"].rows

    cells = [strip_tags(row.get_cell(name)) for name in ("found", "recovered", "changed")]
    assert cells == [found, recovered, changed]


def test_nothing_yet_and_no_match_are_told_apart(as_role, account):
    browser = as_role("viewer")
    assert "Nothing was read yet" in browser.get("/notifications/runs/").content.decode()

    Run.objects.create(account=account, kind="orders", reason="clock")

    assert "Nothing was read yet" not in browser.get("/notifications/runs/?reason=week").content.decode()
    assert shown(browser.get("/notifications/runs/?reason=week")) == []


def test_filters_narrow_the_runs(as_role, account, connect, world):
    other = connect(world.add_seller("OTRA"))
    ended = {"state": "complete", "finished_at": timezone.now(), "asked": 5}
    plain = Run.objects.create(account=account, kind="orders", reason="clock", **ended)
    news = Run.objects.create(account=account, kind="orders", reason="night", recovered=2, **ended)
    theirs = Run.objects.create(account=other, kind="missed", reason="clock", **ended)
    browser = as_role("viewer")

    def found(query):
        return shown(browser.get(f"/notifications/runs/?{query}"))

    assert found("") == [theirs, news, plain]
    assert found("news=yes") == [news]
    assert found("news=no") == [theirs, plain]
    assert found("kind=missed") == [theirs]
    assert found("reason=night") == [news]
    assert found(f"seller={account.ml_user_id}") == [news, plain]


def test_the_page_costs_the_same_with_many_runs(as_role, account):
    browser = as_role("operator")

    def cost():
        with CaptureQueriesContext(connection) as made:
            assert browser.get("/notifications/runs/").status_code == 200
        return len(made)

    Run.objects.create(account=account, kind="orders", reason="clock")
    browser.get("/notifications/runs/")
    few = cost()
    for number in range(30):
        Run.objects.create(
            account=account, kind="orders", reason="button", key=f"button:{number}", asked_by=browser.user
        )

    assert few == cost() == LIST_QUERIES


def test_the_clock_asks_for_weeks_and_months_by_name(account):
    reconciliation.schedule_week()
    reconciliation.schedule_two_months()

    assert sorted(Work.objects.values_list("key", flat=True)) == ["night:7", "week:60"]


def test_who_could_read_missed_notifications_is_asked_first(account, connect, world):
    connect(world.add_seller("OTRA"))
    SyncCursor.objects.create(
        account=account, stream="missed_feeds", high_water=timezone.now(), full_pass_at=timezone.now()
    )

    assert missed.readers() == [account.pk]
