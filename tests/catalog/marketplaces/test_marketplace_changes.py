"""Price, net proceeds and status of a listing in one country: checked before the call, sent once, read back."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from catalog.mapping.sku_mapping import link
from catalog.marketplaces import marketplace_changes
from catalog.models import Listing, MarketplaceChange, Product, SkuMapping, Variation
from catalog.prices import price_changes
from mercadolibre.checks import full
from sandbox.faults import APPLIED_THEN_TIMEOUT, IGNORED_WRITE, SERVER_ERROR
from sellers.models import PushAttempt, SellerAccount, Work
from ui.stored import told

MARKETS = (("MLM", "remote"), ("MLB", "remote"), ("MLM", "fulfillment"))
State = MarketplaceChange.State


@pytest.fixture
def pacific(world):
    return world.add_global_seller("PACIFIC_TRADERS", marketplaces=MARKETS)


@pytest.fixture
def bottle(world, pacific):
    return world.add_global_item(pacific, title="Bottle", price=20, full={"MLM": 4})


@pytest.fixture
def account(connect, pacific, bottle, run_import):
    made = connect(pacific, mode="live")
    run_import(made)
    return made


@pytest.fixture
def there(world, bottle, account):
    """The listing on a marketplace, as ML has it."""
    return lambda site="MLM": world.children_of(bottle.id)[site]


@pytest.fixture
def manager(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def floor(bottle, owner):
    """Gives what the item sells a floor."""
    product = Product.objects.create(sku="B", name="Bottle")

    def at_least(amount, currency_id="USD"):
        unit = Variation.objects.get(listing__item_id=bottle.id)
        link(variation_ids=[unit.pk], product=product, source=SkuMapping.Source.TYPED, by=owner)
        price_changes.set_product_price(
            product=product, currency_id=currency_id, price=None, floor=Decimal(amount), by=owner
        )

    return at_least


def page_of(item):
    return f"/prices/{Listing.objects.get(item_id=item.id).pk}/marketplace/"


def puts(world):
    """What was written, but for stock that follows from links."""
    return [line for line in world.requests if line.method == "PUT" and "available_quantity" not in line.body]


def test_a_price_in_one_country_holds_only_there(manager, there, bottle, world, work_off):
    answer = manager.post(page_of(there()), {"what": "price", "price": "23.50"})
    work_off()

    assert answer.status_code == 303
    assert (there().price, there("MLB").price, world.items[bottle.id].price) == (Decimal("23.50"), 20, 20)
    assert Listing.objects.get(item_id=there().id).price_target.state == "equal"
    attempt = PushAttempt.objects.get()
    assert (attempt.outcome, attempt.changes[0]["old"], attempt.changes[0]["new"]) == ("verified", "20.00", "23.50")


def test_a_seller_paused_in_the_middle_gets_the_change_when_resumed(manager, there, world, account, work_off):
    """The switch goes off between the reading and the writing: the wish waits, and nobody has to ask again."""
    manager.post(page_of(there()), {"what": "status", "status": "paused"})
    world.hooks.after(
        "GET",
        f"/marketplace/items/{there().id}",
        lambda: SellerAccount.objects.filter(pk=account.pk).update(pushes_paused=True),
    )
    work_off()
    assert (there().status, MarketplaceChange.objects.get().state) == ("active", State.WAITING)

    SellerAccount.objects.filter(pk=account.pk).update(pushes_paused=False)
    work_off()

    assert (there().status, MarketplaceChange.objects.get().state) == ("paused", State.DONE)


def test_net_proceeds_are_set_and_make_the_price(manager, there, world, owner, work_off):
    manager.post(page_of(there()), {"what": "net_proceeds", "net_proceeds": "15", "operation": uuid4()})
    work_off()

    assert (there().net_proceeds, there().price) == (15, Decimal("25.64"))
    change = MarketplaceChange.objects.get()
    assert (change.old, change.new, change.created_by, change.state) == ("11.70", "15", owner, State.DONE)
    listing = Listing.objects.get(item_id=there().id)
    assert (listing.net_proceeds, listing.price) == (15, Decimal("25.64"))
    assert "11.70" in manager.get(page_of(there())).content.decode()


def test_the_same_form_twice_is_one_change(manager, there, world, work_off):
    sent = {"what": "status", "status": "paused", "operation": uuid4()}

    manager.post(page_of(there()), sent)
    manager.post(page_of(there()), sent)
    work_off()
    manager.post(page_of(there()), sent)
    manager.post(page_of(there()), {**sent, "operation": uuid4()})  # it is paused already
    work_off()

    assert there().status == "paused"
    assert MarketplaceChange.objects.count() == 1
    assert len(puts(world)) == 1


def test_pausing_in_one_country_leaves_the_others(manager, there, bottle, world, work_off):
    manager.post(page_of(there()), {"what": "status", "status": "paused"})
    work_off()
    assert (there().status, there("MLB").status, world.items[bottle.id].status) == ("paused", "active", "active")

    manager.post(page_of(there()), {"what": "status", "status": "active"})
    work_off()

    assert there().status == "active"
    found = MarketplaceChange.objects.order_by("pk").values_list("old", "new", "state")
    assert list(found) == [("active", "paused", "done"), ("paused", "active", "done")]


def test_a_newer_wish_replaces_one_that_waits(manager, there, world, work_off):
    for amount in ("15", "16", "17"):
        manager.post(page_of(there()), {"what": "net_proceeds", "net_proceeds": amount})
    work_off()

    assert there().net_proceeds == 17
    assert list(MarketplaceChange.objects.order_by("pk").values_list("state", flat=True)) == [
        "replaced",
        "replaced",
        "done",
    ]
    assert len(puts(world)) == 1


def test_net_proceeds_take_an_own_price_away(manager, there, world, work_off):
    manager.post(page_of(there()), {"what": "price", "price": "23.50"})
    work_off()

    manager.post(page_of(there()), {"what": "net_proceeds", "net_proceeds": "15"})
    work_off()

    assert Listing.objects.get(item_id=there().id).own_price is None
    assert there().price == Decimal("25.64")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"what": "price", "price": "0"}, "above zero"),
        ({"what": "price", "price": "-3"}, "above zero"),
        ({"what": "net_proceeds", "net_proceeds": "0"}, "above zero"),
        ({"what": "net_proceeds", "net_proceeds": "99999999999"}, "below 9,999,999,999"),
        ({"what": "status", "status": "closed"}, "valid choice"),
    ],
)
def test_what_ml_would_refuse_is_told_beside_the_field_and_not_sent(manager, there, world, work_off, sent, words):
    answer = manager.post(page_of(there()), sent)
    work_off()

    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert f'id="id_{sent["what"]}_{sent["what"]}' in page
    assert puts(world) == []
    assert not MarketplaceChange.objects.exists()


def test_in_full_there_are_no_net_proceeds(manager, there, world):
    in_full = there("MLM fulfillment")

    assert "Save net proceeds" not in manager.get(page_of(in_full)).content.decode()
    assert manager.post(page_of(in_full), {"what": "net_proceeds", "net_proceeds": "15"}).status_code == 422
    listing = Listing.objects.get(item_id=in_full.id)
    assert marketplace_changes.problems_of(listing, "net_proceeds", Decimal(15)) != []
    assert full.CLOSING in marketplace_changes.problems_of(listing, "status", "deleted")


def test_net_proceeds_do_not_end_a_price_automation_unasked(manager, there, world, work_off):
    there().tags.append("dynamic_standard_price")
    manager.post(page_of(there()), {"what": "net_proceeds", "net_proceeds": "15"})  # we have not seen it yet
    work_off()

    assert (MarketplaceChange.objects.get().state, puts(world)) == (State.REFUSED, [])
    answer = manager.post(page_of(there()), {"what": "net_proceeds", "net_proceeds": "16"})
    assert answer.status_code == 422
    assert "price automation" in answer.content.decode()


def test_an_observing_seller_is_told_to_go_live(manager, there, account, world):
    account.mode = "observe"
    account.save()

    answer = manager.post(page_of(there()), {"what": "status", "status": "paused"})

    assert (answer.status_code, Work.objects.filter(kind="marketplace").count()) == (422, 0)
    assert "go live" in answer.content.decode()


def test_a_price_below_the_item_s_floor_is_refused(manager, there, floor):
    floor("18")

    answer = manager.post(page_of(there()), {"what": "price", "price": "17"})

    assert (answer.status_code, Listing.objects.get(item_id=there().id).own_price) == (422, None)
    assert "below the floor" in answer.content.decode()


def test_a_floor_that_rises_stops_a_price_in_one_country(manager, there, floor, work_off):
    manager.post(page_of(there()), {"what": "price", "price": "19"})
    work_off()

    floor("21")

    assert Listing.objects.get(item_id=there().id).price_target.state == "below_floor"


def test_net_proceeds_below_the_floor_are_refused_before_the_call(manager, there, floor, world, work_off):
    floor("14")

    answer = manager.post(page_of(there()), {"what": "net_proceeds", "net_proceeds": "13.99"})
    work_off()

    assert answer.status_code == 422
    assert "Net proceeds of 13.99 are below the floor of 14.00 USD" in answer.content.decode()
    assert (puts(world), MarketplaceChange.objects.count()) == ([], 0)
    assert manager.post(page_of(there()), {"what": "net_proceeds", "net_proceeds": "14"}).status_code == 303


def test_a_floor_that_rises_before_sending_stops_net_proceeds(manager, there, floor, world, work_off):
    manager.post(page_of(there()), {"what": "net_proceeds", "net_proceeds": "15"})
    floor("16")

    work_off()

    change = MarketplaceChange.objects.get()
    assert (change.state, puts(world)) == (State.REFUSED, [])
    assert "below the floor of 16.00 USD" in told(change.explanation)


def test_two_of_a_product_have_twice_its_floor(manager, there, floor):
    floor("8")
    SkuMapping.objects.update(units=2)

    assert manager.post(page_of(there()), {"what": "net_proceeds", "net_proceeds": "15"}).status_code == 422


def test_a_floor_in_another_currency_holds_nothing_and_the_page_says_so(manager, there, floor):
    floor("30000", "ARS")

    page = manager.get(page_of(there())).content.decode()

    assert "floor of the product is in ARS only" in page
    assert manager.post(page_of(there()), {"what": "net_proceeds", "net_proceeds": "1"}).status_code == 303


def test_net_proceeds_in_another_currency_are_not_held_against_dollars(manager, there, floor):
    floor("14")
    listing = Listing.objects.get(item_id=there().id)
    listing.raw["net_proceeds"]["currency_id"] = "MXN"
    listing.save()

    page = manager.get(page_of(there())).content.decode()

    assert "net proceeds in MXN, the floor is in USD" in page
    assert manager.post(page_of(there()), {"what": "net_proceeds", "net_proceeds": "13"}).status_code == 303


def test_what_is_left_below_the_floor_is_told_on_the_page(manager, there, floor):
    floor("12")

    assert "is below the floor now" in manager.get(page_of(there())).content.decode()


@pytest.mark.parametrize("fault", [SERVER_ERROR, APPLIED_THEN_TIMEOUT, IGNORED_WRITE])
def test_trouble_on_the_way_ends_in_what_was_wanted(manager, there, world, work_off, fault):
    world.faults.add(fault, method="PUT", times=1)

    manager.post(page_of(there()), {"what": "net_proceeds", "net_proceeds": "15"})
    work_off()

    assert there().net_proceeds == 15
    assert MarketplaceChange.objects.get().state == State.DONE


def test_a_yes_that_never_takes_effect_is_given_up_and_told(manager, there, world, work_off):
    world.faults.add(IGNORED_WRITE, method="PUT", times=50)
    manager.post(page_of(there()), {"what": "status", "status": "paused"})
    MarketplaceChange.objects.update(sent_at=timezone.now() - timedelta(hours=1), times_sent=1)

    work_off()

    change = MarketplaceChange.objects.get()
    assert change.times_sent == 5
    assert (change.state, there().status) == (State.REFUSED, "active")
    assert "shows the old value" in change.explanation


def test_a_change_that_waited_for_an_hour_has_all_the_time_to_be_seen(manager, there, world, account, work_off):
    """The seller was paused: what counts is when the change was sent, not when it was asked for."""
    manager.post(page_of(there()), {"what": "status", "status": "paused"})
    MarketplaceChange.objects.update(created_at=timezone.now() - timedelta(hours=1))
    world.faults.add(IGNORED_WRITE, method="PUT", times=1)

    work_off()

    change = MarketplaceChange.objects.get()
    assert (change.state, there().status) == (State.DONE, "paused")
    assert change.sent_at > change.created_at


def test_a_pause_after_sending_is_no_reason_to_give_up(manager, there, world, work_off):
    manager.post(page_of(there()), {"what": "status", "status": "paused"})
    MarketplaceChange.objects.update(sent_at=timezone.now() - timedelta(hours=1), times_sent=1)
    world.faults.add(IGNORED_WRITE, method="PUT", times=1)

    work_off()

    assert (MarketplaceChange.objects.get().state, there().status) == (State.DONE, "paused")


def test_a_refusal_of_mercado_libre_is_told_with_its_words(manager, there, world, work_off):
    listing = Listing.objects.get(item_id=there().id)
    marketplace_changes.ask(listing, "net_proceeds", Decimal(15), by=None, operation=uuid4())
    world.close(there().id)

    work_off()

    change = MarketplaceChange.objects.get()
    assert change.state == State.REFUSED
    assert change.ml_words
    assert change.ml_words in manager.get(page_of(there())).content.decode().replace("&#x27;", "'")


def test_who_may_see_it_and_who_may_change_it(client, there):
    anna = get_user_model().objects.create_user("anna", password="x", is_staff=True)
    anna.groups.add(Group.objects.get(name="operator"))
    client.force_login(anna)

    page = client.get(page_of(there()))

    assert (page.status_code, "Save price" in page.content.decode()) == (200, False)
    assert client.post(page_of(there()), {"what": "status", "status": "paused"}).status_code == 403
    assert not MarketplaceChange.objects.exists()


def test_a_page_costs_the_same_with_more_changes(manager, there, bottle, floor, django_assert_num_queries, owner):
    def count():
        with django_assert_num_queries(PAGE):
            manager.get(page)

    page = page_of(there())
    listing = Listing.objects.get(item_id=there().id)
    floor("5")
    manager.get(page)
    marketplace_changes.ask(listing, "net_proceeds", Decimal(15), by=owner, operation=uuid4())
    count()
    for number in range(6):
        marketplace_changes.ask(listing, "net_proceeds", Decimal(16 + number), by=owner, operation=uuid4())
    count()


PAGE = 6  # session, user, listing, links, floors, changes
