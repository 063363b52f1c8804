"""A seller's stores at Mercado Libre: shown, linked, made into warehouses of ours."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse

from inventory import ledger
from inventory.models import SellerStore, SellerWarehouse, Warehouse
from inventory.places import links, stores
from sandbox import faults
from sellers.models import SellerAccount, Work

TAGS = ("normal", "user_product_seller", "warehouse_management", "multiwarehouse")


@pytest.fixture
def by_store(shop):
    """A seller with two stores at ML."""
    shop.open(tags=TAGS)
    for name, city in (("Depósito Sur", "Lanús"), ("Depósito Norte", "Tigre")):
        shop.seller.add_store(name, city=city)
    return shop


@pytest.fixture
def address(by_store):
    return reverse("inventory:stores", args=[by_store.account.pk])


def as_role(client, role):
    user = get_user_model().objects.create_user(f"a-{role}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)


def test_every_store_is_shown_with_where_it_is(client, owner, by_store, address):
    client.force_login(owner)
    shown = client.get(address).content.decode()

    for store in by_store.seller.stores:
        assert {store.description, store.city, store.id, store.network_node_id} <= set_of(shown, store)
    assert shown.count("Create warehouse") == 2


def set_of(text, store):
    return {one for one in (store.description, store.city, store.id, store.network_node_id) if one in text}


def test_a_warehouse_is_made_from_a_store_once_however_often_it_is_asked_for(client, owner, by_store, address):
    client.force_login(owner)
    store = by_store.seller.stores[0]
    for _ in range(2):
        client.post(f"{address}{store.id}/", {"warehouse": "new"})

    (link,) = SellerWarehouse.objects.all()
    assert (link.warehouse.code, link.warehouse.name) == ("DEPOSITO-SUR", "Depósito Sur")
    assert (link.store_id, link.network_node_id) == (store.id, store.network_node_id)
    assert Warehouse.objects.count() == 2  # with the first one


def test_a_code_that_is_taken_gets_a_number(by_store):
    Warehouse.objects.create(code="DEPOSITO-SUR", name="Another")

    assert stores.free_code("Depósito Sur") == "DEPOSITO-SUR-2"
    assert len(stores.free_code("Un depósito de nombre larguísimo")) <= 20
    assert stores.free_code("仓库") == "STORE"


def test_a_store_is_linked_to_a_warehouse_we_have(client, owner, by_store, address, centro):
    client.force_login(owner)
    client.post(f"{address}{by_store.seller.stores[1].id}/", {"warehouse": centro.pk})

    assert SellerWarehouse.objects.get().warehouse == centro
    assert Warehouse.objects.count() == 1


def test_a_store_of_another_seller_is_not_linked(client, owner, by_store, address, world):
    other = world.add_seller("OTRA", tags=TAGS).add_store("Ajena")
    client.force_login(owner)
    told = client.post(f"{address}{other.id}/", {"warehouse": "new"}, follow=True).content.decode()

    assert "no longer shows this store" in told
    assert not SellerWarehouse.objects.exists()


def test_a_linked_store_that_ml_no_longer_shows_is_told(client, owner, by_store, address, centro):
    SellerWarehouse.objects.create(account=by_store.account, warehouse=centro, store_id="999")
    client.force_login(owner)

    assert "no longer shows it" in client.get(address).content.decode()


def test_a_seller_without_warehouses_has_nothing_to_link(client, owner, by_store, address):
    SellerAccount.objects.update(tags=["normal"])
    client.force_login(owner)

    assert "nothing to link" in client.get(address).content.decode()


def test_a_seller_without_stores_is_told_where_to_open_one(client, owner, by_store, address):
    by_store.seller.stores.clear()
    client.force_login(owner)

    assert "My warehouses" in client.get(address).content.decode()


def test_stores_that_cannot_be_read_say_why(client, owner, by_store, address):
    by_store.world.faults.add(faults.SERVER_ERROR, path="/users/.*/stores/search", times=None)
    client.force_login(owner)

    assert "cannot be read now" in client.get(address).content.decode()


def test_a_viewer_looks_and_only_a_manager_links(client, by_store, address):
    as_role(client, "operator")

    assert "Create warehouse" not in client.get(address).content.decode()
    assert client.post(f"{address}{by_store.seller.stores[0].id}/", {"warehouse": "new"}).status_code == 403
    assert not SellerWarehouse.objects.exists()


def test_the_page_takes_the_same_queries_for_more_stores(client, owner, by_store, address, django_assert_num_queries):
    client.force_login(owner)
    client.get(address)
    with django_assert_num_queries(11) as few:
        client.get(address)
    for number in range(20):
        store = by_store.seller.add_store(f"Otro {number}")
        warehouse = Warehouse.objects.create(code=f"W{number}", name="W")
        SellerWarehouse.objects.create(account=by_store.account, warehouse=warehouse, store_id=store.id)
    with django_assert_num_queries(len(few)):
        client.get(address)


def test_a_seller_of_one_warehouse_gets_one_store(client, owner, by_store, address):
    SellerAccount.objects.update(tags=["warehouse_management"])
    client.force_login(owner)
    first, second = by_store.seller.stores
    client.post(f"{address}{first.id}/", {"warehouse": "new"})
    told = client.post(f"{address}{second.id}/", {"warehouse": "new"}, follow=True).content.decode()

    assert "one warehouse" in told
    assert SellerWarehouse.objects.get().store_id == first.id
    assert Warehouse.objects.count() == 2


def test_a_refused_push_is_tried_again_when_its_store_is_linked_anew(by_store, mug, centro, work_off):
    first, second = by_store.seller.stores
    links.link(account=by_store.account, warehouse=centro, store=links.store_named(by_store.account, first.id))
    item = by_store.item(link=mug, stores={second.id: 0})
    by_store.seller.stores.remove(first)
    ledger.receive(product=mug, warehouse=centro, quantity=5, operation="in")
    work_off()
    assert Work.objects.get(kind="stock").state == "dead"

    links.link(account=by_store.account, warehouse=centro, store=links.store_named(by_store.account, second.id))
    work_off()

    places = by_store.world.user_products[item.own.user_product_id].locations
    assert (second.id, 5) in [(place.store_id, place.quantity) for place in places]
    assert Work.objects.get(kind="stock").state == "idle"


# --- stores that are known between readings ---------------------------------------------------------------------------


def test_stores_are_kept_when_they_are_read_and_forgotten_when_they_are_gone(client, owner, by_store, address):
    client.force_login(owner)
    client.get(address)
    first, second = by_store.seller.stores
    kept = SellerStore.objects.order_by("store_id").values_list("store_id", "name", "status")
    assert set(kept) == {(store.id, store.description, "active") for store in (first, second)}
    since = SellerStore.objects.get(store_id=first.id).first_seen_at

    by_store.seller.stores.remove(second)
    client.get(address)

    assert [(one.store_id, one.first_seen_at) for one in SellerStore.objects.all()] == [(first.id, since)]


def test_they_are_read_by_themselves_of_sellers_by_warehouse_only(by_store, world, connect, work_off):
    connect(world.add_seller("CLASICA"), mode="live")

    stores.schedule()
    assert list(Work.objects.filter(kind="seller_stores").values_list("account", flat=True)) == [by_store.account.pk]
    work_off()

    assert SellerStore.objects.filter(account=by_store.account).count() == 2


def test_stores_that_cannot_be_read_stay_as_they_were(by_store, client, owner, address):
    client.force_login(owner)
    client.get(address)
    by_store.world.faults.add(faults.SERVER_ERROR, path="/users/.*/stores/search", times=None)
    client.get(address)

    assert SellerStore.objects.count() == 2


@pytest.fixture
def on_today(client, owner):
    """What Today says of stores."""
    client.force_login(owner)

    def said():
        text = " ".join(client.get("/").content.decode().split())
        return "link its stores" in text, "not linked: its stock" in text, "not linked: their stock" in text

    return said


def test_today_tells_of_one_more_store_until_it_is_linked_or_left_out(
    by_store, client, address, on_today, centro, work_off
):
    first, second = by_store.seller.stores
    stores.schedule()
    work_off()
    assert on_today() == (True, False, False)
    links.link(account=by_store.account, warehouse=centro, store=links.store_named(by_store.account, first.id))
    assert on_today() == (False, True, False)
    third = by_store.seller.add_store("Depósito Oeste")
    stores.schedule()
    work_off()
    assert on_today() == (False, False, True)

    client.post(f"{address}{second.id}/", {"warehouse": "new"})
    assert on_today() == (False, True, False)
    client.post(f"{address}{third.id}/left-out/", {"left_out": "1"})
    assert on_today() == (False, False, False)
    assert "left out: nothing is sold from it" in client.get(address).content.decode()
    client.post(f"{address}{third.id}/left-out/", {"left_out": "0"})
    assert on_today() == (False, True, False)


def test_a_closed_store_and_those_of_a_seller_of_one_warehouse_need_no_link(by_store, on_today, centro, work_off):
    first, second = by_store.seller.stores
    links.link(account=by_store.account, warehouse=centro, store=links.store_named(by_store.account, first.id))
    second.status = "inactive"
    stores.schedule()
    work_off()
    assert on_today() == (False, False, False)

    second.status = "active"
    stores.schedule()
    work_off()
    assert on_today() == (False, True, False)
    SellerAccount.objects.update(tags=["warehouse_management"])
    assert on_today() == (False, False, False)


def test_what_waits_is_asked_in_one_query(by_store, centro, work_off, django_assert_num_queries):
    first, _second = by_store.seller.stores
    links.link(account=by_store.account, warehouse=centro, store=links.store_named(by_store.account, first.id))
    stores.schedule()
    work_off()

    with django_assert_num_queries(1):
        found = stores.to_link([by_store.account])

    since = SellerStore.objects.exclude(store_id=first.id).get().first_seen_at
    assert found == {by_store.account.pk: (1, since)}


def test_only_a_manager_leaves_a_store_out(client, by_store, address):
    as_role(client, "operator")
    client.get(address)

    assert "Leave out" not in client.get(address).content.decode()
    assert client.post(f"{address}{by_store.seller.stores[0].id}/left-out/", {"left_out": "1"}).status_code == 403
    assert not SellerStore.objects.filter(left_out=True).exists()
