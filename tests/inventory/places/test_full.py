"""Stock in Full: read daily and when told, shown apart from ours, never written."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from inventory import ledger
from inventory.models import FullStock, StockTarget
from inventory.places import full
from inventory.targets.stock_targets import REPLICATION
from inventory.targets.why import why
from sandbox import faults
from sellers.models import PushAttempt, Work
from sellers.queue import work


@pytest.fixture
def in_full(shop, mug):
    """A live seller with twelve mugs in Full, on a listing linked to the mug."""
    shop.open()
    return shop.item(link=mug, title="Taza en Full", full_quantity=12)


def read_all(work_off):
    full.schedule()
    work_off()


def stock_of(item):
    return FullStock.objects.get(inventory_id=item.own.inventory_id)


def test_what_is_in_full_is_read_once_a_day(shop, in_full, work_off):
    read_all(work_off)

    stock = stock_of(in_full)
    assert (stock.available, stock.not_available, stock.account) == (12, 0, shop.account)
    asked = len(shop.world.requests)
    full.schedule()
    assert not Work.objects.filter(kind="full_stock", state="ready").exists()
    FullStock.objects.update(read_at=timezone.now() - timedelta(hours=25))
    read_all(work_off)
    assert stock_of(in_full).read_at > timezone.now() - timedelta(minutes=1)
    assert len(shop.world.requests) > asked
    assert shop.puts() == []


def test_an_operation_that_ml_tells_of_is_read_at_once(shop, in_full, deliver, work_off):
    read_all(work_off)
    shop.world.receive_in_full(in_full.id, 5)
    shop.world.lose_in_full(in_full.id, 2, why="damaged")
    deliver()
    work_off()

    stock = stock_of(in_full)
    assert (stock.available, stock.not_available, stock.detail) == (15, 2, {"damaged": 2})


def test_operations_out_of_order_and_twice_come_to_the_same(shop, in_full, deliver, work_off):
    for units in (5, 4, 3):
        shop.world.receive_in_full(in_full.id, units)
    bodies = [one for one in shop.world.drain_notifications() if one["topic"] == "fbm_stock_operations"]
    deliver(bodies[::-1] * 2)
    work_off()

    assert stock_of(in_full).available == 24


def test_what_has_left_full_is_forgotten(shop, in_full, work_off):
    read_all(work_off)
    del shop.world.inventories[in_full.own.inventory_id]
    FullStock.objects.update(read_at=timezone.now() - timedelta(hours=25))
    read_all(work_off)

    assert not FullStock.objects.exists()


def test_listings_of_one_user_product_count_once_on_the_stock_page(client, owner, shop, in_full, mug, centro, work_off):
    ledger.receive(product=mug, warehouse=centro, quantity=4, operation="in")
    shop.item(link=mug, user_product_id=in_full.own.user_product_id, listing_type_id="gold_pro")
    read_all(work_off)
    client.force_login(owner)

    page = client.get(reverse("inventory:levels"))
    (level,) = page.context["table"].data
    assert (level.on_hand, level.full_units) == (4, 12)


def test_the_product_page_shows_the_pool_beside_our_stock(client, owner, in_full, mug, work_off):
    client.force_login(owner)
    address = reverse("inventory:product", args=[mug.sku])
    assert "not read yet" in client.get(address).content.decode()
    read_all(work_off)

    page = client.get(address)

    (pool,) = page.context["pools"]
    assert (pool.inventory_id, pool.stock.available) == (in_full.own.inventory_id, 12)
    text = page.content.decode()
    assert "In Full, held by Mercado Libre" in text
    assert reverse("inventory:full", args=[in_full.own.inventory_id]) in text


def test_why_this_number_tells_what_full_holds(client, owner, shop, in_full, mug, work_off):
    read_all(work_off)
    variation = shop.target(in_full).variation
    assert why(variation).full == stock_of(in_full)
    client.force_login(owner)

    page = client.get(f"/listings/{in_full.id}/why/{variation.pk}/")

    line = next(line for line in page.context["why"].lines if str(line.label) == "In Full")
    assert (line.value, line.url) == ("(12)", f"/full/{in_full.own.inventory_id}/")
    assert "held by Mercado Libre" in str(line.note)
    assert "Mercado Libre holds this stock" in page.content.decode()


def test_its_operations_are_listed_newest_first(client, owner, shop, in_full, work_off):
    shop.world.receive_in_full(in_full.id, 5)
    order = shop.world.sell(in_full.id, 2, logistic_type="fulfillment")
    shop.world.lose_in_full(in_full.id, 1)
    read_all(work_off)
    client.force_login(owner)

    page = client.get(f"/full/{in_full.own.inventory_id}/")

    told = [(str(row["kind"]), row["operation"].available_change) for row in page.context["rows"]]
    assert told == [
        ("Adjusted by Mercado Libre", -1),
        ("Sold", -2),
        ("Received from the seller", 5),
        ("Received from the seller", 12),
    ]
    assert page.context["rows"][1]["shipment"] == str(shop.world.orders[order.id].shipment_id)
    assert "14 for sale, held by Mercado Libre" in page.content.decode()


def test_the_parcel_of_an_operation_leads_to_its_order(client, owner, shop, in_full, deliver, work_off):
    order = shop.world.sell(in_full.id, 2, logistic_type="fulfillment")
    deliver()
    work_off()
    client.force_login(owner)
    page = client.get(f"/full/{in_full.own.inventory_id}/")
    (parcel,) = {row["shipment"] for row in page.context["rows"]} - {""}

    assert f'href="/search/?q={parcel}"' in page.content.decode()
    assert client.get("/search/", {"q": parcel}).get("Location") == f"/orders/{order.id}/"
    assert f"<dd>{parcel}</dd>" in client.get(f"/orders/{order.id}/").content.decode()


def test_operations_that_cannot_be_read_and_none_at_all_say_so(client, owner, shop, in_full):
    client.force_login(owner)
    address = f"/full/{in_full.own.inventory_id}/"
    shop.world.operations.clear()
    assert "Nothing happened" in client.get(address).content.decode()
    shop.world.faults.add(faults.SERVER_ERROR, path="/stock/fulfillment/operations/search", times=None)
    assert "cannot be read now" in client.get(address).content.decode()
    assert client.get("/full/NOSUCH1/").status_code == 404


@pytest.mark.parametrize(("many", "address"), [(1, "product"), (6, "product"), (1, "full"), (6, "full")])
def test_pages_take_the_same_queries_for_more_listings_in_full(
    client, owner, shop, in_full, mug, work_off, django_assert_num_queries, many, address
):
    for number in range(many - 1):
        shop.item(link=mug, user_product_id=in_full.own.user_product_id, title=f"Otra {number}")
    read_all(work_off)
    client.force_login(owner)
    path = (
        reverse("inventory:product", args=[mug.sku]) if address == "product" else f"/full/{in_full.own.inventory_id}/"
    )
    client.get(path)

    with django_assert_num_queries({"product": 14, "full": 5}[address]):
        client.get(path)


@pytest.fixture
def beside(shop, mug, centro):
    """A listing in Full that Flex sells too, from what lies at the seller's address."""
    shop.open()
    item = shop.item(link=mug, full_quantity=20, flex_quantity=1, logistic_type="self_service")
    ledger.receive(product=mug, warehouse=centro, quantity=8, operation="in")
    return item


def try_stock():
    Work.objects.filter(kind="stock").update(state="ready", due_at="2000-01-01T00:00:00Z", want_seq=F("want_seq") + 1)
    (claim,) = work.claim(lane=settings.LANES["pushes"], who="test")
    work.run(claim)


def test_what_is_applied_later_is_neither_drift_nor_sent_twice(shop, beside):
    shop.world.replication_delay = 60
    for _ in range(3):
        try_stock()

    assert (shop.target(beside).state, len(shop.puts())) == ("accepted", 1)
    assert shop.target(beside).ignored_times == 0  # a yes that is applied later is not a yes without effect
    (attempt,) = PushAttempt.objects.all()
    assert (attempt.http_status, attempt.outcome) == (204, "accepted")
    waiting = Work.objects.get(kind="stock")
    assert waiting.state == "ready"
    assert waiting.due_at > timezone.now() + timedelta(minutes=1)

    shop.world.clock.advance(seconds=61)
    shop.world.run_due()
    try_stock()
    assert (shop.target(beside).state, len(shop.puts())) == ("equal", 1)


def test_what_is_never_applied_is_sent_again_and_then_told(shop, beside):
    shop.world.replication_delay = 10_000
    for _ in range(7):  # each time sales that nobody told us of are waited for first, in two rounds
        StockTarget.objects.filter(accepted__isnull=False).update(accepted_at=timezone.now() - REPLICATION)
        try_stock()

    target = shop.target(beside)
    assert (target.state, len(shop.puts())) == ("rejected", 3)
    assert "changes nothing" in target.explanation


@pytest.mark.parametrize(
    ("place", "words", "meaning"),
    [
        ("meli_facility", "full inbound first", "first delivery to Full"),
        ("selling_address", "fulfillment only", "served from Full"),
    ],
)
def test_what_ml_refuses_beside_full_is_shown_with_its_meaning(shop, beside, work_off, place, words, meaning):
    product = shop.world.user_products[beside.own.user_product_id]
    product.locations = [one for one in product.locations if one.type != place]
    work_off()

    (attempt,) = PushAttempt.objects.exclude(outcome="unchanged")
    assert words in attempt.ml_words
    assert meaning in attempt.meaning + attempt.todo
    assert (shop.target(beside).state, Work.objects.get(kind="stock").state) == ("rejected", "dead")


def test_the_schedule_and_the_notification_lead_here():
    assert settings.SCHEDULE["full_stock"][1] == "inventory.places.full.schedule"
    assert settings.NOTIFICATION_WORK["fulfillment_operation"] == "full_operation"
