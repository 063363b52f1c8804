"""Stopping everything that is written: who may, what waits, what every page says."""

import pytest
from django.core.management import call_command

from sellers.brakes import stops, writing
from sellers.connection.clients import Switch, client_for
from sellers.models import SellerAccount, Work, WriteStop
from sellers.queue import work
from sellers.queue.outcomes import WritesHeld

RANK = ["viewer", "operator", "manager", "administrator"]


@pytest.fixture
def live(account):
    SellerAccount.objects.update(mode="live")
    return account


@pytest.fixture
def banner(settings):
    settings.UI_STOPS = "sellers.brakes.stops.shown"


def test_a_stop_is_seen_right_before_the_write_and_the_wish_stays(live, seller, world):
    listing = seller.add_item(available_quantity=5)
    client = client_for(live)
    item = client.item(listing.id)
    stops.stop(reason="price list is wrong")

    with pytest.raises(WritesHeld):
        client.set_quantity(item, 3)

    assert listing.available_quantity == 5
    assert len(world.requests.to(f"/items/{listing.id}", "PUT")) == 0


def test_pushes_are_not_claimed_meanwhile_and_orders_are(live):
    work.bump(account_id=live.pk, kind="stock", key="MLA1")
    work.bump(account_id=live.pk, kind="price", key="MLA1")
    work.bump(account_id=live.pk, kind="order", key="1")
    stops.stop(reason="wait")

    claimed = [one.kind for lane in (0, 1, 2) for one in work.claim(lane=lane, who="a", limit=9)]

    assert claimed == ["order"]
    assert set(Work.objects.exclude(kind="order").values_list("state", "fails")) == {("ready", 0)}
    stops.go_on(WriteStop.objects.get().pk)
    assert {one.kind for one in work.claim(lane=1, who="a", limit=9)} == {"stock", "price"}


def test_a_claim_that_meets_the_stop_waits(live):
    """Claimed a moment before, written never: the row is due again, and nothing was counted."""
    work.bump(account_id=live.pk, kind="stock", key="MLA1")
    [claim] = work.claim(lane=1, who="a")
    stops.stop(reason="wait")

    with pytest.raises(WritesHeld) as held:
        Switch(live.pk)()
    work.fail(claim, held.value)

    row = Work.objects.get()
    assert (row.state, row.fails) == ("ready", 0)


def test_one_stop_at_a_time(live, staff):
    first, second = staff("manager"), staff("administrator")

    assert stops.stop(reason="one", by=first)
    assert not stops.stop(reason="two", by=second)

    row = WriteStop.objects.get()
    assert (row.reason, row.started_by) == ("one", first)
    assert stops.go_on(row.pk, by=second)
    assert not stops.go_on(row.pk, by=first)
    row.refresh_from_db()
    assert row.ended_by == second
    assert stops.stop(reason="three", by=first)


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({}, (True, False)),
        ({"mode": "observe"}, (False, False)),
        ({"status": "needs_reconnect"}, (False, True)),
        ({"pushes_paused": True}, (False, True)),
    ],
)
def test_the_switch_tells_not_now_from_not_at_all(live, fields, answer):
    SellerAccount.objects.update(**fields)

    found = writing.may_write(live.pk)

    assert (found.on, found.held) == answer


@pytest.mark.parametrize("role", RANK)
def test_managers_stop_and_go_on(as_role, live, role):
    browser = as_role(role)
    allowed = role in ("manager", "administrator")

    answer = browser.post("/sellers/stop/", {"reason": "wrong prices"})
    assert (answer.status_code == 303, WriteStop.objects.exists()) == (allowed, allowed)
    if not allowed:
        stops.stop(reason="wrong prices")
    row = WriteStop.objects.get()
    browser.post(f"/sellers/stop/{row.pk}/go-on/", {"next": "/listings/"})
    row.refresh_from_db()
    assert (row.ended_at is not None) is allowed


def test_a_stop_needs_a_reason(as_role, live):
    assert as_role("manager").post("/sellers/stop/", {"reason": " "}).status_code == 422
    assert not WriteStop.objects.exists()


def test_one_seller_can_be_stopped_with_a_reason(as_role, live):
    as_role("manager").post("/sellers/stop/", {"seller": live.pk, "reason": "holidays"})

    live.refresh_from_db()
    assert live.pushes_paused
    assert "holidays" in live.status_reason
    assert not WriteStop.objects.exists()


def test_every_page_says_who_when_and_why(as_role, live, banner, staff):
    stops.stop(reason="wrong <prices>", by=staff("administrator"))
    browser = as_role("manager")

    page = browser.get("/sellers/").content.decode()
    assert "Writing to Mercado Libre is stopped." in page
    assert "wrong &lt;prices&gt;" in page
    assert "administrator-person" in page
    assert "Go on writing" in page


def test_who_may_not_go_on_sees_the_banner_without_the_button(as_role, live, banner):
    stops.stop(reason="wait")

    page = as_role("viewer").get("/sellers/").content.decode()
    assert "Writing to Mercado Libre is stopped." in page
    assert "Go on writing" not in page


def test_a_double_click_goes_on_once(as_role, live):
    stops.stop(reason="wait")
    row = WriteStop.objects.get()
    browser = as_role("manager")
    for _ in range(2):
        assert browser.post(f"/sellers/stop/{row.pk}/go-on/").status_code == 303
    stops.stop(reason="another")

    browser.post(f"/sellers/stop/{row.pk}/go-on/")

    assert stops.active().get().reason == "another"


def test_the_command_stops_shows_and_goes_on(live, capsys):
    call_command("writes", "stop", reason="night")
    assert stops.active().get().reason == "night"
    call_command("writes", "show")
    assert "night" in capsys.readouterr().out

    call_command("writes", "go-on")
    assert not stops.active().exists()


def test_the_command_for_one_seller(live, capsys):
    call_command("writes", "stop", reason="night", seller=live.nickname)
    live.refresh_from_db()
    assert live.pushes_paused

    call_command("writes", "go-on", seller=live.nickname)
    live.refresh_from_db()
    assert not live.pushes_paused
