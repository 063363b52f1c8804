"""A Global Selling item and its listings: status, package, words, pictures and variations, changed from one page."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from catalog.marketplaces import refusals
from catalog.marketplaces.fields import KINDS, Field, Pictures, package_from, package_text
from catalog.models import Listing, MarketplaceChange, Product, ShapeChange, SkuMapping, Variation
from mercadolibre.checks import Package
from mercadolibre.variations import NewVariation
from sandbox.faults import APPLIED_THEN_TIMEOUT, IGNORED_WRITE, SERVER_ERROR
from sellers.models import SellerAccount, Work

MARKETS = (("MLM", "remote"), ("MLB", "remote"), ("MLM", "fulfillment"))
State = MarketplaceChange.State
BOX = {"what": "package", "width": "15", "height": "10.5", "length": "20", "weight": "450"}
COLOURS = [
    {"combination": {"COLOR": name}, "available_quantity": 3, "seller_sku": f"S-{name}"} for name in ("Red", "Blue")
]
GREEN = {"what": "variation", "by_COLOR": "Green", "quantity": "4", "sku": "S-Green"}
MORE = {"what": "pictures", "addresses": "https://example.com/2.jpg", "how": "add"}


@pytest.fixture
def pacific(world):
    return world.add_global_seller("PACIFIC_TRADERS", marketplaces=MARKETS)


@pytest.fixture
def bottle(world, pacific):
    return world.add_global_item(pacific, title="Bottle", price=20)


@pytest.fixture
def in_full(world, pacific):
    return world.add_global_item(pacific, title="Lamp", price=20, full={"MLM": 4})


@pytest.fixture
def shirt(world, pacific):
    return world.add_global_item(pacific, title="Shirt", price=20, variations=COLOURS)


@pytest.fixture
def shirt_in_full(world, pacific):
    return world.add_global_item(pacific, title="Cap", price=20, variations=COLOURS, full={"MLM": 4})


@pytest.fixture
def account(connect, pacific, bottle, in_full, shirt, shirt_in_full, run_import):
    made = connect(pacific, mode="live")
    run_import(made)
    return made


@pytest.fixture
def manager(client, owner, account):
    client.force_login(owner)
    return client


def page_of(item):
    return f"/prices/{Listing.objects.get(item_id=item.id).pk}/marketplace/"


def puts(world):
    return [line for line in world.requests if line.method == "PUT"]


def sent(what, **other):
    return {**what, "operation": str(uuid4()), **other}


def values(item):
    return {one["id"]: one["value_name"] for one in item.attributes if one["id"].startswith("PACKAGE")}


def test_the_measures_of_a_package_are_sent_together_and_read_back(manager, bottle, world, owner, work_off):
    answer = manager.post(page_of(bottle), sent(BOX))
    work_off()

    assert answer.status_code == 303
    assert values(bottle) == {
        "PACKAGE_WIDTH": "15 cm",
        "PACKAGE_HEIGHT": "10.5 cm",
        "PACKAGE_LENGTH": "20 cm",
        "PACKAGE_WEIGHT": "450 g",
    }
    change = MarketplaceChange.objects.get()
    assert (change.old, change.new) == ("15 × 10 × 20 cm, 400 g", "15 × 10.5 × 20 cm, 450 g")
    assert (change.created_by, change.state) == (owner, State.DONE)
    assert "15 × 10.5 × 20 cm, 450 g" in manager.get(page_of(bottle)).content.decode()


@pytest.mark.parametrize(
    ("other", "field", "words"),
    [
        ({"width": "2.99"}, "width", "at least 3 centimetres"),
        ({"height": "1"}, "height", "at least 3 centimetres"),
        ({"weight": "49.9"}, "weight", "at least 50 grams"),
        ({"width": "4", "height": "5", "length": "5"}, "", "above 100 cubic cm"),
        ({"length": ""}, "length", "required"),
    ],
)
def test_a_package_that_ml_would_refuse_is_told_beside_its_field(manager, bottle, world, work_off, other, field, words):
    answer = manager.post(page_of(bottle), sent(BOX, **other))
    work_off()

    assert answer.status_code == 422
    form = next(panel.form for panel in answer.context["panels"] if panel.name == "package")
    assert list(form.errors) == [field or "__all__"]
    assert words in str(form.errors)
    assert (puts(world), MarketplaceChange.objects.count()) == ([], 0)


def test_a_package_that_no_carrier_takes_is_told_with_ml_s_words(manager, bottle, work_off):
    manager.post(page_of(bottle), sent(BOX, width="500"))
    work_off()

    change = MarketplaceChange.objects.get()
    assert (change.state, values(bottle)["PACKAGE_WIDTH"]) == (State.REFUSED, "15 cm")
    assert "cannot ship this product" in change.explanation
    assert "Shipping configuration is not valid" in change.ml_words


def test_an_item_is_paused_and_sold_again_in_every_country(manager, bottle, world, work_off):
    manager.post(page_of(bottle), sent({"what": "status", "status": "paused"}))
    work_off()
    there = world.children_of(bottle.id)
    assert [bottle.status, *(one.status for one in there.values())] == ["paused"] * 3
    assert set(Listing.objects.filter(parent_item=bottle.id).values_list("status", flat=True)) == {"paused"}

    manager.post(page_of(bottle), sent({"what": "status", "status": "active"}))
    work_off()

    assert [bottle.status, *(one.status for one in there.values())] == ["active"] * 3


def test_a_listing_is_deleted_in_one_country_once_it_is_paused(manager, bottle, world, work_off):
    mexican = world.children_of(bottle.id)["MLM"]
    assert manager.post(page_of(mexican), sent({"what": "delete", "sure": "on"})).status_code == 422  # it is for sale
    manager.post(page_of(mexican), sent({"what": "status", "status": "paused"}))
    work_off()
    assert manager.post(page_of(mexican), sent({"what": "delete"})).status_code == 422  # not sure

    manager.post(page_of(mexican), sent({"what": "delete", "sure": "on"}))
    work_off()

    assert list(world.children_of(bottle.id)) == ["MLB"]
    listing = Listing.objects.get(item_id=mexican.id)
    assert listing.missing_since is not None
    newest = listing.marketplace_changes.latest("pk")
    assert (newest.old, newest.new, newest.state) == ("paused", "deleted", State.DONE)
    assert not Work.objects.filter(state="dead").exists()


def test_a_listing_with_units_in_full_is_not_deleted(manager, in_full, world, work_off):
    there = world.children_of(in_full.id)["MLM fulfillment"]
    manager.post(page_of(there), sent({"what": "status", "status": "paused"}))
    work_off()
    before = len(puts(world))

    answer = manager.post(page_of(there), sent({"what": "delete", "sure": "on"}))
    work_off()

    assert answer.status_code == 422
    assert "units in Full" in answer.content.decode()
    assert (len(puts(world)), there.status) == (before, "paused")


def test_an_item_is_not_deleted_and_a_listing_has_no_package(manager, bottle, world):
    mexican = world.children_of(bottle.id)["MLM"]

    of_item = {panel.name for panel in manager.get(page_of(bottle)).context["panels"]}
    of_listing = {panel.name for panel in manager.get(page_of(mexican)).context["panels"]}

    assert of_item == {"status", "package", "title", "pictures"}
    assert of_listing == {"price", "net_proceeds", "status", "title", "pictures"}
    for item, what in ((bottle, {"what": "delete", "sure": "on"}), (mexican, BOX)):
        assert manager.post(page_of(item), sent(what)).status_code == 422
    assert not MarketplaceChange.objects.exists()


def test_a_title_is_changed_in_one_country_until_it_sells(manager, bottle, world, work_off):
    mexican = world.children_of(bottle.id)["MLM"]

    manager.post(page_of(mexican), sent({"what": "title", "title": "Botella"}))
    work_off()
    assert (mexican.title, bottle.title) == ("Botella", "Bottle")

    world.sell(mexican.id)
    Listing.objects.filter(item_id=mexican.id).update(sold_quantity=1)
    page = manager.get(page_of(mexican)).content.decode()
    assert "The listing has sales" in page
    assert "Save title" not in page
    assert manager.post(page_of(mexican), sent({"what": "title", "title": "Otra"})).status_code == 422


def test_a_sale_that_we_have_not_heard_of_stops_a_title_at_the_last_look(manager, bottle, world, work_off):
    mexican = world.children_of(bottle.id)["MLM"]
    manager.post(page_of(mexican), sent({"what": "title", "title": "Botella"}))
    world.sell(mexican.id)

    work_off()

    change = MarketplaceChange.objects.get()
    assert (change.state, puts(world)) == (State.REFUSED, [])
    assert "has sales" in change.explanation


@pytest.mark.parametrize(("how", "many", "stays"), [("add", 2, True), ("replace", 1, False)])
def test_pictures_are_added_or_take_the_place_of_others(manager, bottle, work_off, how, many, stays):
    first = bottle.picture

    manager.post(page_of(bottle), sent(MORE, how=how))
    work_off()

    there = [bottle.picture, *bottle.more_pictures]
    assert (len(there), first in there) == (many, stays)
    assert MarketplaceChange.objects.get().state == State.DONE


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        ("http://example.com/1.jpg", "begins with https"),
        ("", "required"),
        ("\n".join(f"https://example.com/{n}.jpg" for n in range(12)), "At most 12"),
    ],
)
def test_addresses_that_are_none_or_too_many_are_not_sent(manager, bottle, world, addresses, words):
    answer = manager.post(page_of(bottle), sent(MORE, addresses=addresses))

    assert (answer.status_code, MarketplaceChange.objects.count()) == (422, 0)
    assert words in answer.content.decode()


def test_pictures_that_variations_show_are_only_added_to(manager, shirt, work_off):
    answer = manager.post(page_of(shirt), sent(MORE, how="replace"))  # the form does not ask how
    work_off()

    assert answer.status_code == 303
    assert len(shirt.more_pictures) == 1


def test_a_variation_is_added_everywhere_and_linked_by_its_sku(manager, shirt, world, work_off):
    Product.objects.create(sku="S-Green", name="Green shirt")

    manager.post(page_of(shirt), sent(GREEN))
    work_off()

    assert [one.combination["COLOR"] for one in shirt.variations] == ["Red", "Blue", "Green"]
    assert world.counters["variations_deleted"] == 0
    green = Variation.objects.get(listing__item_id=shirt.id, seller_sku="S-Green")
    assert SkuMapping.objects.get(variation=green).product.sku == "S-Green"
    assert Variation.objects.filter(listing__parent_item=shirt.id, attributes_text__contains="Green").count() == 2
    assert MarketplaceChange.objects.get(field="variation").new.splitlines() == [
        "COLOR: Green",
        "available_quantity: 4",
        "SELLER_SKU: S-Green",
    ]


@pytest.mark.parametrize(("other", "words"), [({"by_COLOR": "red"}, "already"), ({"by_COLOR": ""}, "required")])
def test_a_variation_that_is_there_or_differs_by_nothing_is_not_sent(manager, shirt, world, other, words):
    answer = manager.post(page_of(shirt), sent(GREEN, **other))

    assert (answer.status_code, MarketplaceChange.objects.count()) == (422, 0)
    assert words in answer.content.decode()


def test_one_new_variation_waits_at_a_time_so_that_none_is_lost(manager, shirt, work_off):
    manager.post(page_of(shirt), sent(GREEN))
    answer = manager.post(page_of(shirt), sent(GREEN, by_COLOR="Black"))
    work_off()

    assert answer.status_code == 422
    assert "on its way" in answer.content.decode()
    assert len(shirt.variations) == 3


def test_a_variation_is_refused_by_ml_while_units_are_in_full(manager, shirt_in_full, work_off):
    manager.post(page_of(shirt_in_full), sent(GREEN))
    work_off()

    change = MarketplaceChange.objects.get()
    assert (change.state, len(shirt_in_full.variations)) == (State.REFUSED, 2)
    assert "has inventory" in change.ml_words


@pytest.mark.parametrize("what", [BOX, GREEN, MORE, {"what": "title", "title": "Shirts"}], ids=lambda one: one["what"])
def test_the_same_form_twice_and_an_answer_that_is_lost_change_once(manager, shirt, world, work_off, what):
    form = sent(what)
    world.faults.add(APPLIED_THEN_TIMEOUT, method="PUT", times=1)

    for _ in range(2):
        assert manager.post(page_of(shirt), form).status_code == 303
    work_off()
    manager.post(page_of(shirt), form)
    work_off()

    assert MarketplaceChange.objects.get().state == State.DONE
    assert len(puts(world)) == 1


@pytest.mark.parametrize("fault", [SERVER_ERROR, IGNORED_WRITE])
def test_trouble_on_the_way_ends_in_what_was_wanted(manager, bottle, world, work_off, fault):
    world.faults.add(fault, method="PUT", times=1)

    manager.post(page_of(bottle), sent(BOX))
    work_off()

    assert values(bottle)["PACKAGE_WEIGHT"] == "450 g"
    assert MarketplaceChange.objects.get().state == State.DONE


def test_a_change_that_is_not_seen_holds_up_no_other(manager, bottle, world, work_off):
    """The first answer has no effect: the next change is sent all the same, in the same go."""
    manager.post(page_of(bottle), sent({"what": "title", "title": "Flask"}))
    manager.post(page_of(bottle), sent(BOX))
    world.faults.add(IGNORED_WRITE, method="PUT", times=1)

    work_off()

    assert (bottle.title, values(bottle)["PACKAGE_WEIGHT"]) == ("Flask", "450 g")
    assert [list(line.body) for line in puts(world)] == [["title"], ["attributes"], ["title"]]


def test_nothing_is_sent_to_a_listing_that_became_something_else_meanwhile(manager, bottle, world, work_off):
    manager.post(page_of(bottle), sent(BOX))
    listing = Listing.objects.get(item_id=bottle.id)
    ShapeChange.objects.create(listing=listing, kind="became_kit", freezes=True)

    work_off()

    assert puts(world) == []
    assert MarketplaceChange.objects.get().state == State.REFUSED


def test_a_variation_that_ml_took_is_only_looked_for(manager, shirt, world, work_off):
    manager.post(page_of(shirt), sent(GREEN))
    MarketplaceChange.objects.update(sent_at=timezone.now() - timedelta(hours=1), times_sent=1)

    work_off()

    assert (puts(world), MarketplaceChange.objects.get().state) == ([], State.REFUSED)


@pytest.mark.parametrize("shown_by_now", [True, False])
def test_a_variation_that_ml_took_is_only_looked_for_when_it_is_sent_again(
    manager, shirt, world, work_off, shown_by_now, owner
):
    manager.post(page_of(shirt), sent(GREEN))
    if shown_by_now:
        work_off()
    sent_at = timezone.now() - timedelta(hours=1)
    MarketplaceChange.objects.update(state=State.REFUSED, sent_at=sent_at, times_sent=1)
    world.requests.clear()

    assert refusals.ask_again([MarketplaceChange.objects.get().pk], by=owner) == 1
    work_off()

    change = MarketplaceChange.objects.get()
    assert (puts(world), change.sent_at, change.times_sent) == ([], sent_at, 1)
    assert change.state == (State.DONE if shown_by_now else State.REFUSED)
    assert ("only looks for it" in change.explanation) is not shown_by_now


def test_a_variation_that_ml_refused_is_sent_again(manager, shirt, world, work_off, owner):
    manager.post(page_of(shirt), sent(GREEN))
    MarketplaceChange.objects.update(state=State.REFUSED)

    refusals.ask_again([MarketplaceChange.objects.get().pk], by=owner)
    work_off()

    assert (len(shirt.variations), MarketplaceChange.objects.get().state) == (3, State.DONE)


def test_who_may_see_it_and_who_may_change_it(client, account, bottle):
    anna = get_user_model().objects.create_user("anna", password="x", is_staff=True)
    anna.groups.add(Group.objects.get(name="operator"))
    client.force_login(anna)

    page = client.get(page_of(bottle))

    assert (page.status_code, "Save package" in page.content.decode()) == (200, False)
    assert client.post(page_of(bottle), sent(BOX)).status_code == 403
    assert not MarketplaceChange.objects.exists()


def test_an_observing_seller_is_told_to_go_live(manager, account, bottle):
    SellerAccount.objects.filter(pk=account.pk).update(mode="observe")

    answer = manager.post(page_of(bottle), sent(BOX))

    assert (answer.status_code, MarketplaceChange.objects.count()) == (422, 0)
    assert "go live" in answer.content.decode()


def test_a_listing_of_one_country_s_seller_has_no_such_page(manager, world, connect, run_import):
    item = world.add_seller("CASA").add_item(title="Mug")
    run_import(connect(world.seller("CASA")))

    assert manager.get(page_of(item)).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field.PACKAGE, Package(*map(Decimal, ("10", "12.5", "100", "0.5")))),
        (Field.PICTURES, Pictures(("1-CBT1", "2-CBT1"), ("https://example.com/a: b.jpg",))),
        (Field.VARIATION, NewVariation({"COLOR": "Navy: blue", "SIZE": "M"}, 0, "S: 1")),
        (Field.VARIATION, NewVariation({"COLOR": "Green"}, 12)),
        (Field.NET_PROCEEDS, Decimal("11.70")),
        (Field.TITLE, "A title: with colon"),
    ],
)
def test_a_value_is_kept_as_text_and_comes_back(field, value):
    kind = KINDS[field]
    assert kind.value(kind.text(value)) == value


def test_a_package_of_which_something_is_unknown_is_shown_and_not_sent():
    assert package_text(Package(width=Decimal(5))) == "5 × ? × ? cm, ? g"
    with pytest.raises(ValueError, match="no package"):
        package_from("5 × ? × ? cm, ? g")
