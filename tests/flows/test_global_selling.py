"""A seller of Global Selling: items sold in several countries, one number for all of them."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.imports import importing
from catalog.models import Listing, Product, Variation
from catalog.prices import price_changes
from inventory import ledger
from inventory.models import StockLevel, StockTarget, Warehouse
from inventory.places import full
from inventory.pushes import go_live
from inventory.targets.why import why
from orders.models import Order, OrderLine
from orders.runs import missed, reconciliation
from sandbox.faults import APPLIED_THEN_TIMEOUT, IGNORED_WRITE, SERVER_ERROR, STALE_READ
from sellers.models import Notification, PushAttempt, SellerAccount, Work
from tests.flows.conftest import link

MARKETS = (("MLM", "remote"), ("MLB", "remote"), ("MLM", "fulfillment"))


@pytest.fixture
def pacific(world):
    return world.add_global_seller("PACIFIC_TRADERS", marketplaces=MARKETS)


@pytest.fixture(autouse=True)
def nothing_failed(db):
    """Whatever a story is about, no work of it was given up."""
    yield
    assert list(Work.objects.filter(state="dead").values_list("kind", "key", "last_error")) == []


@pytest.fixture
def bottle(world, pacific):
    return world.add_global_item(pacific, title="Bottle", price=20, available_quantity=3, full={"MLM": 6})


@pytest.fixture
def shirt(world, pacific):
    two = [{"combination": {"COLOR": name}, "available_quantity": 3, "seller_sku": f"S-{name}"} for name in ("R", "B")]
    return world.add_global_item(pacific, title="Shirt", price=12, variations=two)


@pytest.fixture
def casa(world):
    """The same bottle at a seller of one country."""
    return world.add_seller("CASA").add_item(title="Botella", available_quantity=1)


@pytest.fixture
def shop(world, connect, pacific, bottle, shirt, casa, work_off):
    """Everything imported, linked, live and equal: ten bottles, eight red shirts."""
    for seller in (pacific, world.seller("CASA")):
        importing.start(account=connect(seller, mode="live"))
    work_off()
    for sku, quantity, units in (
        ("BOTTLE", 10, [(bottle.id, 0), (casa.id, 0)]),
        ("SHIRT-R", 8, [(shirt.id, shirt.variations[0].id)]),
    ):
        product = Product.objects.create(sku=sku, name=sku)
        ledger.receive(
            product=product, warehouse=Warehouse.objects.get(code="MAIN"), quantity=quantity, reason="", operation=sku
        )
        for item_id, variation_id in units:
            link(item_id, product, variation_id=variation_id)
    work_off()
    world.drain_notifications()
    return SellerAccount.objects.get(nickname="PACIFIC_TRADERS")


@pytest.fixture
def shown(world, bottle, shirt, casa):
    """What ML shows: bottles of the item, in Mexico, in Brazil, in Full, at CASA; red shirts of the item."""

    def quantities():
        there = world.children_of(bottle.id)
        return (
            *(world.items[bottle.id].available_quantity, there["MLM"].available_quantity),
            *(there["MLB"].available_quantity, there["MLM fulfillment"].available_quantity),
            *(world.items[casa.id].available_quantity, world.items[shirt.id].variations[0].available_quantity),
        )

    return quantities


def level(sku):
    found = StockLevel.objects.get(product__sku=sku)
    return found.on_hand, found.reserved


def writes(world):
    return [line for line in world.requests if line.method == "PUT"]


def test_one_number_is_set_on_the_item_and_holds_in_all_countries(shown, shop, world, bottle, shirt):
    assert shown() == (10, 10, 10, 6, 10, 8)
    blue = world.items[shirt.id].variations[1]
    assert blue.available_quantity == 3  # not linked: left as it is, and never left out
    assert world.counters["variations_deleted"] == 0
    assert {line.path for line in writes(world)} - {f"/items/{one}" for one in world.items} == {
        f"/global/items/{bottle.id}",
        f"/global/items/{shirt.id}",
    }
    targets = StockTarget.objects.filter(variation__listing__account=shop)
    assert set(targets.values_list("state", "variation__listing__item_id")) == {
        ("equal", bottle.id),
        ("equal", shirt.id),
    }


def test_a_sale_in_one_country_corrects_everything_else(shown, shop, world, bottle, deliver, work_off):
    world.sell(world.children_of(bottle.id)["MLM"].id, 3)

    deliver()
    work_off()

    assert shown() == (7, 7, 7, 6, 7, 8)
    assert level("BOTTLE") == (10, 3)
    line = OrderLine.objects.select_related("order", "listing_variation__listing").get()
    assert (line.order.stock_state, line.order.currency_id, line.order.account) == ("reserved", "USD", shop)
    assert (line.parent_item_id, line.listing_variation.listing.item_id) == (bottle.id, bottle.id)
    assert (float(line.exchange_rate), line.exchange_currency_id) == (18.63, "MXN")


def test_a_sale_elsewhere_corrects_the_item(shown, shop, world, casa, deliver, work_off):
    world.sell(casa.id, 4)

    deliver()
    work_off()

    assert shown() == (6, 6, 6, 6, 6, 8)


def test_a_variation_is_found_by_its_marketplaces_twin(shown, shop, world, shirt, deliver, work_off):
    child = world.children_of(shirt.id)["MLB"]
    world.sell(child.id, 2, child.variations[0].id)

    deliver()
    work_off()

    assert shown()[-1] == 6
    assert level("SHIRT-R") == (8, 2)
    assert world.counters["variations_deleted"] == 0


def test_a_variation_without_a_sku_is_found_by_what_it_differs_by(shop, world, pacific, deliver, work_off):
    sizes = [{"combination": {"SIZE": name}, "available_quantity": 5} for name in ("S", "L")]
    cap = world.add_global_item(pacific, title="Cap", variations=sizes)
    importing.start(account=shop)
    work_off()
    product = Product.objects.create(sku="CAP-L", name="Cap L")
    main = Warehouse.objects.get(code="MAIN")
    ledger.receive(product=product, warehouse=main, quantity=5, reason="", operation="caps")
    link(cap.id, product, variation_id=cap.variations[1].id)
    work_off()
    mexican = world.children_of(cap.id)["MLM"]

    world.sell(mexican.id, 2, mexican.variations[1].id)
    deliver()
    work_off()

    assert level("CAP-L") == (5, 2)
    assert [one.available_quantity for one in cap.variations] == [5, 3]


def test_a_sale_from_full_takes_nothing_of_ours(shown, shop, world, bottle, deliver, work_off):
    world.sell(world.children_of(bottle.id)["MLM fulfillment"].id, 2)

    deliver()
    work_off()

    assert shown() == (10, 10, 10, 4, 10, 8)
    assert level("BOTTLE") == (10, 0)
    assert Order.objects.get().stock_state == "full"
    in_full = world.children_of(bottle.id)["MLM fulfillment"].id
    assert Listing.objects.get(item_id=in_full).available_quantity == 4


def test_units_in_full_are_read_on_their_listing_and_never_asked_for_apart(shop, world, work_off):
    full.schedule()
    work_off()

    assert not any("/inventories/" in line.path for line in world.requests)


def test_a_sale_from_full_whose_parcel_is_not_known_yet_takes_nothing_either(shop, world, bottle, deliver, work_off):
    world.sell(world.children_of(bottle.id)["MLM fulfillment"].id, 2, parcel=False)

    deliver()
    work_off()

    assert level("BOTTLE") == (10, 0)
    assert Order.objects.get().stock_reason == "full_by_listing"


def test_a_cart_is_one_pack_and_comes_back_when_it_is_cancelled(shown, shop, world, bottle, shirt, deliver, work_off):
    mexican = world.children_of(shirt.id)["MLM"]
    pack = world.sell_pack([(world.children_of(bottle.id)["MLM"].id, 1), (mexican.id, 2, mexican.variations[0].id)])
    deliver()
    work_off()
    assert set(Order.objects.values_list("pack_id", flat=True)) == {pack.id}
    assert (level("BOTTLE"), level("SHIRT-R")) == ((10, 1), (8, 2))

    for order_id in pack.order_ids:
        world.cancel(order_id)
    deliver()
    work_off()

    assert shown() == (10, 10, 10, 6, 10, 8)
    assert (level("BOTTLE"), level("SHIRT-R")) == ((10, 0), (8, 0))


def test_a_sale_that_no_notification_announced_is_found_by_polling(shown, shop, world, bottle, shirt, work_off):
    world.sell_pack([(world.children_of(bottle.id)["MLB"].id, 1), (world.children_of(bottle.id)["MLB"].id, 1)])
    world.drain_notifications()
    reconciliation.schedule_polls()
    work_off()

    assert shown() == (8, 8, 8, 6, 8, 8)
    assert Order.objects.count() == 2


def test_a_sale_among_missed_feeds_is_found(shown, shop, world, bottle, work_off):
    world.drop_notifications(50)
    world.sell(world.children_of(bottle.id)["MLB"].id, 1)
    Work.objects.filter(kind="order_poll").delete()
    missed.schedule()
    work_off()

    assert shown()[:3] == (9, 9, 9)


def test_notifications_ten_times_in_any_order_have_one_effect(shown, shop, world, bottle, deliver, work_off):
    world.sell(world.children_of(bottle.id)["MLM"].id, 2)
    called_off = world.sell(world.children_of(bottle.id)["MLB"].id, 1)
    world.cancel(called_off.id)
    bodies = world.drain_notifications() * 10
    random.Random(7).shuffle(bodies)

    for begin in range(0, len(bodies), 9):
        deliver(bodies[begin : begin + 9])
        work_off()

    assert shown() == (8, 8, 8, 6, 8, 8)
    assert level("BOTTLE") == (10, 2)
    assert ledger.verify() == []


def test_what_is_told_to_a_marketplaces_number_leads_to_the_same_order(shown, shop, world, bottle, deliver, work_off):
    world.sell(world.children_of(bottle.id)["MLM"].id, 1)
    mexico = world.seller("PACIFIC_TRADERS_MLM_REMOTE").user_id
    bodies = [body | {"user_id": mexico} for body in world.drain_notifications()]

    deliver(bodies)
    work_off()

    assert set(Notification.objects.values_list("verdict", flat=True)) <= {"accepted", "unknown_topic"}
    assert shown()[:3] == (9, 9, 9)
    assert Order.objects.get().announced_at is not None


def test_a_parcel_that_leaves_takes_the_units_off_the_shelf(shop, world, bottle, deliver, work_off):
    order = world.sell(world.children_of(bottle.id)["MLM"].id, 3)
    deliver()
    work_off()

    world.ship(order.id)
    deliver()
    work_off()

    assert level("BOTTLE") == (7, 0)
    assert Order.objects.get().stock_state == "shipped"


@pytest.mark.parametrize("fault", [SERVER_ERROR, APPLIED_THEN_TIMEOUT])
def test_an_answer_that_never_came_is_read_back(shown, shop, world, bottle, casa, deliver, work_off, fault):
    world.faults.add(fault, path="/global/items/.*", method="PUT", times=2)
    world.sell(casa.id, 4)

    deliver()
    work_off()

    assert shown() == (6, 6, 6, 6, 6, 8)
    last = PushAttempt.objects.filter(key=bottle.id).order_by("-pk").first()
    assert last.outcome in ("verified", "unchanged")


def test_an_empty_yes_without_effect_is_not_believed(shown, shop, world, bottle, casa, deliver, work_off):
    world.faults.add(IGNORED_WRITE, path="/global/items/.*", method="PUT", times=1)
    world.sell(casa.id, 4)

    deliver()
    work_off()

    outcomes = PushAttempt.objects.filter(key=bottle.id, http_status=200).order_by("pk")
    assert list(outcomes.values_list("outcome", flat=True))[-2:] == ["ignored", "verified"]
    assert shown()[:3] == (6, 6, 6)


def test_an_old_copy_of_the_item_does_not_light_the_lamp(shown, shop, world, bottle, casa, deliver, work_off):
    world.sell(casa.id, 4)
    deliver()
    world.faults.add(STALE_READ, path=f"/global/items/{bottle.id}", method="GET", times=3)

    work_off()

    assert shown()[:3] == (6, 6, 6)
    target = StockTarget.objects.get(variation__listing__item_id=bottle.id)
    assert (target.wanted, target.accepted, target.observed, target.state) == (6, 6, 6, "equal")


def test_a_quantity_changed_at_ml_is_put_back(shown, shop, world, bottle, deliver, work_off):
    StockTarget.objects.update(accepted_at=timezone.now() - timedelta(hours=1))  # long after our own push
    world.edit_stock(bottle.id, 99)

    deliver()
    work_off()

    assert shown() == (10, 10, 10, 6, 10, 8)


def test_units_that_ran_out_pause_the_item_and_come_back(shown, shop, world, bottle, deliver, work_off):
    main = Warehouse.objects.get(code="MAIN")
    world.sell(world.children_of(bottle.id)["MLM"].id, 10)
    deliver()
    work_off()
    assert (world.items[bottle.id].status, shown()[0]) == ("paused", 0)

    ledger.receive(
        product=Product.objects.get(sku="BOTTLE"), warehouse=main, quantity=4, reason="more", operation="more"
    )
    work_off()

    assert (world.items[bottle.id].status, shown()[:3]) == ("active", (4, 4, 4))


def test_the_item_s_price_holds_in_every_country_without_one_of_its_own(shop, world, shirt, bottle, owner, work_off):
    world.edit_price(world.children_of(shirt.id)["MLB"].id, 30)
    world.children_of(shirt.id)["MLB"].own_price = True
    product = Product.objects.get(sku="SHIRT-R")

    price_changes.set_product_price(product=product, currency_id="USD", price=Decimal("14.50"), floor=None, by=owner)
    work_off()

    there = world.children_of(shirt.id)
    assert (shirt.price, there["MLM"].price, there["MLB"].price) == (Decimal("14.50"), Decimal("14.50"), 30)
    assert world.counters["variations_deleted"] == 0
    assert Listing.objects.get(item_id=shirt.id).price_target.state == "equal"


def test_why_this_number_says_where_it_is_sent(shop, bottle, world):
    item = why(Variation.objects.get(listing__item_id=bottle.id))
    there = why(Variation.objects.get(listing__item_id=world.children_of(bottle.id)["MLM"].id))

    assert (item.wanted, item.dialect) == (10, "global")
    assert "one number for all countries" in str(item.reason)
    assert there.wanted is None
    assert "sent to that item" in str(there.reason)


def test_nothing_is_asked_about_marketplaces_before_going_live(world, connect, pacific, bottle, work_off):
    account = connect(pacific)
    importing.start(account=account)
    work_off()

    preview = go_live.preview_of(account)

    assert (preview.unlinked, len(preview.changes)) == (1, 0)
    assert writes(world) == []


def test_the_order_s_page_shows_dollars_and_the_rate(shop, world, bottle, deliver, work_off, client, owner):
    order = world.sell(world.children_of(bottle.id)["MLM"].id, 1)
    deliver()
    work_off()
    client.force_login(owner)

    page = client.get(reverse("orders:order", args=[order.id])).content.decode()

    assert "1 USD was 18.63 MXN" in page
    assert f"stock of {bottle.id}" in page


def test_a_marketplace_opened_since_is_known_by_its_first_sale(shop, world, pacific, bottle, deliver, work_off):
    shop.marketplaces.filter(site_id="MLB").delete()
    world.sell(world.children_of(bottle.id)["MLB"].id, 1)

    deliver()
    work_off()

    assert Order.objects.get().stock_state == "reserved"
    assert shop.marketplaces.filter(site_id="MLB").exists()


def test_every_listing_of_the_group_is_of_the_one_seller(shop, bottle):
    there = Listing.objects.filter(parent_item__item_id=bottle.id)

    assert set(there.values_list("account", flat=True)) == {shop.pk}
