"""The first stock, taken over from Mercado Libre once: only where it is plain."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import KitComponent, Listing, Product
from inventory import ledger
from inventory.documents import adopting
from inventory.effects import Demand
from inventory.models import SellerWarehouse, StockLevel, StockMovement, StockTarget


def levels():
    return {(one.product.sku, one.on_hand, one.reserved) for one in StockLevel.objects.select_related("product")}


def test_what_the_listings_show_is_taken_over_once(shop, mug, work_off, owner):
    item = shop.open(mode="observe").item(link=mug, units=2, available_quantity=5)

    done = adopting.adopt(shop.account, by=owner)

    assert [(one.product_id, one.units) for one in done.plain] == [(mug.pk, 10)]
    movement = StockMovement.objects.get()
    assert (movement.kind, movement.on_hand_after, movement.actor) == ("adjust", 10, owner)
    assert levels() == {("MUG-1", 10, 0)}
    shop.world.edit_stock(item.id, 50)
    shop.take_in(item.id)
    shop.link(Listing.objects.get().variations.get(), mug, units=2)
    assert adopting.adopt(shop.account).plain == []
    assert levels() == {("MUG-1", 10, 0)}
    work_off()
    assert StockTarget.objects.get().wanted == 5


def test_the_same_product_of_another_seller_is_not_added(shop, mug, centro):
    shop.open(mode="observe").item(link=mug, available_quantity=5)
    adopting.adopt(shop.account)
    first = adopting.First(mug.pk, 7, timezone.now())

    assert adopting._take(first, centro, shop.account, None) is False
    assert levels() == {("MUG-1", 5, 0)}


@pytest.mark.parametrize("how", ["received", "counted to zero"])
def test_what_somebody_has_counted_is_left_alone(shop, mug, centro, how):
    if how == "received":
        ledger.receive(product=mug, warehouse=centro, quantity=3, operation="in")
    else:
        ledger.count(product=mug, warehouse=centro, counted=0, operation="empty shelf")
    shop.open(mode="observe").item(link=mug, available_quantity=5)

    assert adopting.found(shop.account) == adopting.Found([], [])


def test_listings_that_show_different_numbers_are_counted_by_hand(shop, mug, plate):
    shop.open(mode="observe").item(link=mug, available_quantity=5)
    shop.item(link=mug, available_quantity=3)
    shop.item(link=plate, available_quantity=4)
    shop.item(link=plate, units=2, available_quantity=2)

    done = adopting.adopt(shop.account)

    assert (done.differ, levels()) == ([mug.pk], {("PLATE-1", 4, 0)})


def test_neither_kits_nor_units_in_full_nor_closed_listings_count(shop, mug, plate):
    gift = Product.objects.create(sku="GIFT", name="Gift")
    KitComponent.objects.create(kit=gift, component=plate, quantity=2)
    shop.open(mode="observe").item(link=gift, available_quantity=5)
    shop.item(link=mug, full_quantity=9)
    shop.world.close(shop.item(link=plate, available_quantity=3).id)
    Listing.objects.filter(available_quantity=3).update(status="closed")

    assert adopting.adopt(shop.account) == adopting.Found([], [], [])
    assert StockMovement.objects.count() == 0


def test_orders_that_hold_units_are_beside_what_ml_shows_and_later_ones_are_taken_off(shop, mug, centro):
    """ML shows 5, two of an older order are held beside them; one more was sold after the look."""
    shop.open(mode="observe").item(link=mug, available_quantity=5)
    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): Demand(reserved=2)})
    Listing.objects.update(seen_at=timezone.now())
    ledger.set_demand(owner="order:2:0", wanted={(mug.pk, centro.pk): Demand(reserved=1)})

    adopting.adopt(shop.account)

    assert levels() == {("MUG-1", 7, 3)}  # four are free


def test_a_product_that_shows_nothing_is_taken_over_once_too(shop, mug):
    shop.open(mode="observe").item(link=mug, available_quantity=0)

    assert [one.units for one in adopting.adopt(shop.account).plain] == [0]
    assert (adopting.adopt(shop.account).plain, levels()) == ([], {("MUG-1", 0, 0)})


def test_a_seller_without_a_warehouse_is_told(shop, mug, centro):
    shop.open(mode="observe").item(link=mug, available_quantity=5)
    SellerWarehouse.objects.create(account=shop.account, warehouse=centro, excluded=True)

    with pytest.raises(CommandError, match="sells from no warehouse"):
        call_command("adopt_stock", "TIENDA")


def test_the_command_says_what_it_would_do_and_does_it(shop, mug, plate, capsys):
    shop.open(mode="observe").item(link=mug, available_quantity=5)
    shop.item(link=plate, available_quantity=1)
    shop.item(link=plate, available_quantity=2)
    Listing.objects.update(seen_at=timezone.now() - timedelta(minutes=1))

    call_command("adopt_stock", "TIENDA", "--dry-run")
    said = capsys.readouterr().out
    assert said.splitlines() == [
        "MUG-1: 5",
        "PLATE-1: its listings show different quantities, count it",
        "1 products would be taken over, 1 to be counted.",
    ]
    assert StockMovement.objects.count() == 0
    call_command("adopt_stock", "TIENDA")
    assert levels() == {("MUG-1", 5, 0)}


def test_the_page_shows_what_is_taken_over_and_takes_it_once(
    shop, mug, plate, client, owner, django_assert_max_num_queries
):
    client.force_login(owner)
    shop.open(mode="observe").item(link=mug, available_quantity=5)
    for quantity in (1, 2):
        shop.item(link=plate, available_quantity=quantity)
    page = f"/sellers/{shop.account.pk}/first-stock/"
    assert page in client.get(f"/sellers/{shop.account.pk}/go-live/").content.decode()

    with django_assert_max_num_queries(12):
        shown = client.get(page).content.decode()
    assert "Take over 1 product" in shown
    assert shown.index("MUG-1") < shown.index("To be counted by hand") < shown.index("PLATE-1")

    given = {"shown": re.findall(r'name="shown" value="([^"]*)"', shown)}
    assert given == {"shown": [f"{mug.pk}:5"]}
    assert "1 product taken over as shown." in client.post(page, given, follow=True).content.decode()
    assert "0 products taken over as shown." in client.post(page, given, follow=True).content.decode()
    assert levels() == {("MUG-1", 5, 0)}


def test_only_what_was_shown_is_taken_and_what_changed_is_shown_again(shop, mug, plate, client, owner):
    client.force_login(owner)
    shop.open(mode="observe").item(link=mug, available_quantity=5)
    shop.item(link=plate, available_quantity=3)
    later = Product.objects.create(sku="LATE-1", name="Linked since")
    shop.item(link=later, available_quantity=9)
    page = f"/sellers/{shop.account.pk}/first-stock/"

    answer = client.post(page, {"shown": [f"{mug.pk}:7", f"{plate.pk}:3"]})

    body = answer.content.decode()
    assert levels() == {("PLATE-1", 3, 0)}
    assert "1 product taken over as shown." in body
    assert "1 product shows another quantity by now and was left." in body
    assert "<del>7</del> → <ins>5</ins>" in body
    assert re.findall(r'name="shown" value="([^"]*)"', body) == [f"{mug.pk}:5", f"{later.pk}:9"]
    client.post(page, {"shown": [f"{mug.pk}:5"]})
    assert levels() == {("PLATE-1", 3, 0), ("MUG-1", 5, 0)}


def test_what_was_shown_and_cannot_be_taken_any_more_is_named(shop, mug, plate, centro, client, owner):
    """Of one the listings disagree by now, the other somebody counted."""
    client.force_login(owner)
    item = shop.open(mode="observe").item(link=mug, available_quantity=5)
    shop.item(link=mug, available_quantity=5)
    shop.item(link=plate, available_quantity=3)
    page = f"/sellers/{shop.account.pk}/first-stock/"
    given = {"shown": re.findall(r'name="shown" value="([^"]*)"', client.get(page).content.decode())}
    Listing.objects.get(item_id=item.id).variations.update(available_quantity=4)
    ledger.count(product=plate, warehouse=centro, counted=2, operation="shelf")

    told = client.post(page, given, follow=True).content.decode()

    assert levels() == {("PLATE-1", 2, 0)}
    assert "0 products taken over as shown." in told
    assert "2 products were not taken over: MUG-1, PLATE-1." in told


def test_a_long_list_of_what_was_left_names_the_first(shop, client, owner):
    client.force_login(owner)
    shop.open(mode="observe")
    made = Product.objects.bulk_create(Product(sku=f"LEFT-{number:02}", name="Left") for number in range(11))

    told = client.post(
        f"/sellers/{shop.account.pk}/first-stock/", {"shown": [f"{one.pk}:1" for one in made]}, follow=True
    ).content.decode()

    assert "11 products were not taken over: LEFT-00, " in told
    assert "LEFT-09, …" in told


def test_a_post_without_what_was_shown_takes_nothing(shop, mug, client, owner):
    client.force_login(owner)
    shop.open(mode="observe").item(link=mug, available_quantity=5)

    assert client.post(f"/sellers/{shop.account.pk}/first-stock/").status_code == 303
    assert StockMovement.objects.count() == 0


@pytest.mark.parametrize("shown", ["", "7", "7:", "7:x", "-1:5", "7:1.5", "7:" + "9" * 19])
def test_what_no_page_showed_is_refused(shop, mug, client, owner, shown):
    client.force_login(owner)
    shop.open(mode="observe").item(link=mug, available_quantity=5)

    assert client.post(f"/sellers/{shop.account.pk}/first-stock/", {"shown": shown}).status_code == 400


def test_an_operator_may_not(shop, mug, client, django_user_model):
    shop.open(mode="observe").item(link=mug, available_quantity=5)
    operator = django_user_model.objects.create_user("oscar", is_staff=True)
    operator.groups.add(Group.objects.get(name="operator"))
    client.force_login(operator)

    assert client.get(f"/sellers/{shop.account.pk}/first-stock/").status_code == 403
    assert client.post(f"/sellers/{shop.account.pk}/first-stock/").status_code == 403
    assert StockMovement.objects.count() == 0
