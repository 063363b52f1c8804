"""The list of packs, the page of one, who may do what, and what it costs."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from orders.models import Order, Shipment
from sellers.models import Work

LIST_QUERIES = 10
PAGE_QUERIES = 12


@pytest.fixture
def as_role(client, db):
    def logged_in(role):
        user = get_user_model().objects.create_user(role, password="a-long-enough-password", is_staff=True)
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        client.force_login(user)
        return client

    return logged_in


@pytest.fixture
def staff(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def cart(world, item_id, publish, plate, count, look):
    count(plate, 10)
    plates = publish(title="Plato", seller_sku="PLATE-1")
    bought = world.sell_pack([(item_id, 2), (plates.listing.item_id, 1)])
    for order_id in bought.order_ids:
        look(order_id)
    return bought


def rows(response):
    return [row.record for row in response.context["page"].object_list]


def test_a_cart_is_one_row(staff, cart):
    response = staff.get("/orders/")

    (row,) = rows(response)
    assert [order.pk for order in row.pack] == cart.order_ids
    text = response.content.decode()
    assert "MUG-1" in text
    assert "PLATE-1" in text


def test_a_pack_whose_second_order_matches_is_found(staff, cart):
    Order.objects.filter(pk=cart.order_ids[1]).update(status="cancelled")

    (row,) = rows(staff.get("/orders/?tab=cancelled"))

    assert row.pack_key == cart.id


def test_an_empty_list_says_what_fills_it(staff):
    assert "No orders yet" in staff.get("/orders/").content.decode()


def test_no_match_offers_to_clear(staff, cart):
    assert "Clear filters" in staff.get("/orders/?q=nothing").content.decode()


@pytest.mark.parametrize("by", ["order", "pack", "shipment", "item", "sku", "buyer"])
def test_search(staff, cart, item_id, by):
    order = Order.objects.get(pk=cart.order_ids[0])
    words = {
        "order": order.pk,
        "pack": cart.id,
        "shipment": order.shipping_id,
        "item": item_id.lower(),
        "sku": "mug-1",
        "buyer": order.buyer_nickname.lower(),
    }[by]

    assert len(rows(staff.get("/orders/", {"q": words}))) == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"stock": "reserved"}, 1),
        ({"stock": "shipped"}, 0),
        ({"status": "paid"}, 1),
        ({"status": "cancelled"}, 0),
        ({"shipment": "ready_to_ship"}, 1),
        ({"shipment": "delivered"}, 0),
        ({"tab": "to_ship"}, 1),
        ({"tab": "unlinked"}, 0),
        ({"tab": "unknown"}, 0),
    ],
)
def test_filters_and_tabs(staff, cart, query, found):
    assert len(rows(staff.get("/orders/", query))) == found


def test_by_seller_and_by_day(staff, cart, account):
    today = timezone.localdate()

    assert len(rows(staff.get("/orders/", {"seller": account.ml_user_id, "sold_from": today, "sold_to": today}))) == 1
    assert rows(staff.get("/orders/", {"sold_from": today + timedelta(days=1)})) == []
    assert rows(staff.get("/orders/", {"sold_to": today - timedelta(days=1)})) == []


def test_what_is_to_be_shipped_first_comes_first(staff, world, item_id, look):
    late, soon = (look(world.sell(item_id, 1).id) for _ in range(2))
    for order, hours in ((late, 9), (soon, 1)):
        Shipment.objects.filter(pk=order.shipping_id).update(dispatch_by=timezone.now() + timedelta(hours=hours))

    found = rows(staff.get("/orders/?tab=to_ship"))

    assert [row.pk for row in found] == [soon.pk, late.pk]


def test_hostile_titles_and_buyers_are_text(staff, cart):
    Order.objects.update(buyer_nickname="<script>alert(1)</script>", raw={"note": "</pre><script>x</script>"})

    text = staff.get("/orders/").content.decode() + staff.get(f"/orders/{cart.order_ids[0]}/").content.decode()

    assert "<script>alert" not in text
    assert "<script>x" not in text
    assert "&lt;script&gt;alert" in text


def test_the_list_costs_the_same_for_few_and_many(staff, world, seller, look, django_assert_max_num_queries, cart):
    with django_assert_max_num_queries(LIST_QUERIES) as few:
        staff.get("/orders/")
    item = seller.add_item(title="Vaso", price=5, available_quantity=50)
    for _ in range(12):
        look(world.sell(item.id, 1).id)

    with django_assert_max_num_queries(LIST_QUERIES) as many:
        response = staff.get("/orders/")

    assert len(rows(response)) == 13
    assert len(few) == len(many)


def test_the_page_of_a_pack_costs_the_same_for_one_and_many(
    staff, world, item_id, look, django_assert_max_num_queries, cart
):
    alone = look(world.sell(item_id, 1).id)
    with django_assert_max_num_queries(PAGE_QUERIES) as one:
        staff.get(f"/orders/{alone.pk}/")

    with django_assert_max_num_queries(PAGE_QUERIES) as two:
        staff.get(f"/orders/{cart.order_ids[0]}/")

    assert len(one) == len(two)


def test_the_page_shows_the_pack_its_stock_and_its_money(staff, cart):
    text = staff.get(f"/orders/{cart.order_ids[0]}/").content.decode()

    for shown in (str(cart.order_ids[0]), str(cart.order_ids[1]), "MUG-1", "PLATE-1", "Reserved", "Ready to ship"):
        assert shown in text
    assert "Approved" in text


def test_a_pack_id_leads_to_its_first_order(staff, cart):
    response = staff.get(f"/orders/{cart.id}/")

    assert response.url == f"/orders/{cart.order_ids[0]}/"


def test_an_order_nobody_knows_is_404(staff):
    assert staff.get("/orders/12345/").status_code == 404


def test_a_split_is_explained(staff, world, cart, look):
    world.split_pack(cart.id)
    look(cart.order_ids[0])

    text = staff.get(f"/orders/{cart.order_ids[0]}/").content.decode()

    assert "new orders took its place" in text


def test_an_unlinked_line_offers_the_link(staff, world, publish, look):
    listed = publish(seller_sku="OTHER")
    order = look(world.sell(listed.listing.item_id, 1).id)

    text = staff.get(f"/orders/{order.pk}/").content.decode()

    assert f"/mapping/?q={listed.listing.item_id}" in text


def test_the_timeline_tells_when_it_was_announced_and_taken(staff, world, item_id, deliver, work_off):
    sold = world.sell(item_id, 1)
    deliver()
    work_off()

    response = staff.get(f"/orders/{sold.id}/")

    steps = [event.what for event in response.context["events"]]
    assert steps[0] == "Sold on Mercado Libre"
    assert {"Mercado Libre notified us", "Read by Enlace", "MUG-1: Reserved"} <= set(steps)
    assert response.context["notifications"]


def test_fetch_again_asks_for_the_whole_pack(staff, cart):
    response = staff.post(f"/orders/{cart.order_ids[0]}/fetch/")

    assert response.status_code == 303
    ready = Work.objects.filter(kind="order", state="ready").values_list("key", flat=True)
    assert sorted(ready) == sorted(map(str, cart.order_ids))


def test_fetch_again_for_selected_rows(staff, cart):
    staff.post("/orders/", {"action": "fetch", "selected": [cart.order_ids[0]]})

    assert Work.objects.filter(kind="order", state="ready").count() == 2


def test_fetch_again_for_all_that_match(staff, cart):
    staff.post("/orders/?stock=shipped", {"action": "fetch", "matching": "1"})
    assert Work.objects.filter(kind="order", state="ready").count() == 0

    staff.post("/orders/?stock=reserved", {"action": "fetch", "matching": "1"})
    assert Work.objects.filter(kind="order", state="ready").count() == 2


def test_a_viewer_reads_and_may_not_fetch(as_role, cart):
    viewer = as_role("viewer")

    assert viewer.get("/orders/").status_code == 200
    text = viewer.get(f"/orders/{cart.order_ids[0]}/").content.decode()
    assert "Read again" not in text
    assert viewer.post(f"/orders/{cart.order_ids[0]}/fetch/").status_code == 403
    assert viewer.post("/orders/", {"action": "fetch", "selected": [cart.order_ids[0]]}).status_code == 403
    assert Work.objects.filter(kind="order", state="ready").count() == 0


def test_an_operator_may_fetch(as_role, cart):
    assert as_role("operator").post(f"/orders/{cart.order_ids[0]}/fetch/").status_code == 303


def test_strangers_are_sent_to_login(client, db):
    assert client.get("/orders/").status_code == 302


def test_the_export_has_a_row_per_line(staff, cart):
    response = staff.get("/orders/?format=csv")

    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines[0].startswith("order_id,pack_id,seller,sold_at,status,buyer")
    assert sorted(line.split(",")[0] for line in lines[1:]) == sorted(map(str, cart.order_ids))


def test_the_export_costs_the_same_for_few_and_many(staff, cart, django_assert_max_num_queries):
    with django_assert_max_num_queries(LIST_QUERIES):
        b"".join(staff.get("/orders/?format=csv").streaming_content)


def test_admin_shows_orders_and_changes_nothing(staff, cart):
    assert staff.get("/admin/orders/order/").status_code == 200
    assert staff.get(f"/admin/orders/order/{cart.order_ids[0]}/change/").status_code == 200
    assert staff.post(f"/admin/orders/order/{cart.order_ids[0]}/delete/").status_code == 403
    staff.post("/admin/orders/order/", {"action": "fetch_again", "_selected_action": [cart.order_ids[0]]})
    assert Work.objects.filter(kind="order", state="ready").count() == 1
