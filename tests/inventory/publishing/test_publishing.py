"""Publishing with stock by warehouse: once, linked at once, and every refusal beside its field."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from catalog.models import Listing, ProductPrice, SkuMapping
from inventory import ledger
from inventory.models import Publication, StockTarget
from inventory.places import links
from inventory.publishing.errors import problems_of
from mercadolibre import errors
from sandbox import faults
from sellers.models import SellerAccount, Work
from sellers.queue import work
from tests.wrong_clock import another_hour

TAGS = ("normal", "user_product_seller", "warehouse_management", "multiwarehouse")
POST = "/items/multiwarehouse"


@pytest.fixture
def two(shop, centro, norte, mug):
    """A live seller with two stores linked to ours, in which there are mugs."""
    shop.open(tags=TAGS)
    for warehouse, units in ((centro, 5), (norte, 3)):
        store = shop.seller.add_store(warehouse.name)
        links.link(account=shop.account, warehouse=warehouse, store=links.store_named(shop.account, store.id))
        ledger.receive(product=mug, warehouse=warehouse, quantity=units, operation=f"in-{warehouse.code}")
    return shop


@pytest.fixture
def address(two):
    return reverse("inventory:publish", args=[two.account.pk])


def entered(two, **other):
    units = {f"store_{store.id}": quantity for store, quantity in zip(two.seller.stores, (5, 3), strict=True)}
    return {
        "operation": str(uuid.uuid4()),
        "sku": "MUG-1",
        "name": "Taza de cerámica",
        "category_id": "MLA1577",
        "price": "1500",
        "listing_type_id": "gold_special",
        "condition": "new",
        "pictures": "https://example.com/1.jpg\nhttps://example.com/2.jpg",
        **units,
        **other,
    }


def posts(two):
    return [entry for entry in two.world.requests if entry.path == POST]


def test_the_form_offers_what_our_stock_has_in_each_store(client, owner, two, address):
    SellerAccount.objects.update(buffer=1)
    client.force_login(owner)

    form = client.get(address, {"sku": "MUG-1"}).context["form"]

    offered = [form[f"store_{store.id}"].value() for store in two.seller.stores]
    assert offered == [5, 2]  # the buffer comes out of the least preferred
    assert form["name"].label == "Family name"


def test_a_listing_is_published_taken_in_and_linked_at_once(client, owner, two, address, mug, work_off):
    client.force_login(owner)
    answer = client.post(address, entered(two))

    listing = Listing.objects.get()
    assert answer.url == f"/listings/{listing.item_id}/"
    item = two.world.items[listing.item_id]
    assert listing.user_product_id == item.own.user_product_id != ""
    mapping = SkuMapping.objects.get()
    assert (mapping.product, mapping.created_by) == (mug, owner)
    made = Publication.objects.get()
    assert (made.state, made.item_id, made.user_product_id) == ("published", item.id, item.own.user_product_id)
    (post,) = posts(two)
    assert post.body["stock_locations"] == [
        {"store_id": store.id, "network_node_id": store.network_node_id, "quantity": quantity}
        for store, quantity in zip(two.seller.stores, (5, 3), strict=True)
    ]
    assert "available_quantity" not in post.body
    assert (post.body["family_name"], "title" in post.body) == ("Taza de cerámica", False)
    work_off()
    assert StockTarget.objects.get().state == "equal"


def test_a_double_click_publishes_once(client, owner, two, address):
    client.force_login(owner)
    sent = entered(two)
    answers = [client.post(address, sent) for _ in range(3)]

    assert {answer.url for answer in answers} == {f"/listings/{Listing.objects.get().item_id}/"}
    assert (len(posts(two)), len(two.world.items)) == (1, 1)


def test_a_click_while_another_is_sending_sends_nothing(client, owner, two, address, mug):
    client.force_login(owner)
    sent = entered(two)
    Publication.objects.create(
        operation=sent["operation"], account=two.account, product=mug, name="x", sent_at=timezone.now()
    )

    assert "being published" in client.post(address, sent).content.decode()
    assert posts(two) == []


@pytest.mark.parametrize("fault", [faults.APPLIED_THEN_TIMEOUT, faults.TIMEOUT])
def test_no_answer_is_looked_for_before_it_is_sent_again(client, owner, two, address, fault):
    client.force_login(owner)
    sent = entered(two)
    two.world.faults.add(fault, method="POST", path=POST, times=1)
    first = client.post(address, sent)
    assert "has not answered" in first.content.decode() or "did not answer" in first.content.decode()
    assert Publication.objects.get().state == "unknown"

    client.post(address, sent)
    if fault == faults.TIMEOUT:
        assert Publication.objects.get().state == "unknown"  # it may only be slow
        Publication.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
        client.post(address, sent)

    assert Publication.objects.get().state == "published"
    assert len(two.world.items) == 1
    assert SkuMapping.objects.count() == 1


def test_a_clock_that_is_ahead_sends_nothing_again_that_may_only_be_slow(client, owner, two, address):
    """It would be two listings of one thing."""
    client.force_login(owner)
    sent = entered(two)
    two.world.faults.add(faults.TIMEOUT, method="POST", path=POST, times=1)
    client.post(address, sent)

    with another_hour(1, world=two.world):
        client.post(address, sent)

    assert Publication.objects.get().state == "unknown"
    assert len(posts(two)) == 1


def test_what_was_never_answered_is_found_and_linked_by_itself(client, owner, two, address, mug, work_off):
    client.force_login(owner)
    two.world.faults.add(faults.APPLIED_THEN_TIMEOUT, method="POST", path=POST, times=1)
    client.post(address, entered(two))
    work_off()

    made = Publication.objects.get()
    assert (made.state, len(two.world.items)) == ("published", 1)
    assert SkuMapping.objects.get().created_by == owner
    assert Work.objects.get(kind="publication").state == "idle"


def test_a_process_that_died_while_sending_leaves_nothing_unknown(two, mug, owner, work_off):
    before = two.seller.add_item(seller_sku="MUG-1")
    made = Publication.objects.create(
        operation=uuid.uuid4(),
        account=two.account,
        product=mug,
        name="x",
        created_by=owner,
        skus_before=[before.id],
        sent_at=timezone.now() - timedelta(minutes=3),
    )
    arrived = two.seller.add_item(seller_sku="MUG-1")
    work.bump(account_id=two.account.pk, kind="publication", key=str(made.pk))
    work_off()

    made.refresh_from_db()
    assert (made.state, made.item_id) == ("published", arrived.id)
    assert SkuMapping.objects.get().product == mug


def test_a_listing_that_carried_the_sku_before_is_not_taken_for_the_new_one(client, owner, two, address):
    before = two.seller.add_item(seller_sku="MUG-1")
    two.world.faults.add(faults.TIMEOUT, method="POST", path=POST, times=1)
    client.force_login(owner)
    sent = entered(two)
    client.post(address, sent)
    client.post(address, sent)

    made = Publication.objects.get()
    assert (made.state, made.skus_before, made.item_id) == ("unknown", [before.id], "")


@pytest.mark.parametrize(
    ("which", "words"),
    [("gone", "does not know this warehouse"), ("of another seller", "belongs to another seller")],
)
def test_a_refused_store_is_told_beside_its_field_and_the_form_can_be_sent_again(
    client, owner, two, address, which, words
):
    sent = entered(two)
    store = two.seller.stores.pop()
    if which == "of another seller":
        two.world.add_seller("OTRA").stores.append(store)
    client.force_login(owner)
    refused = client.post(address, sent)

    assert refused.status_code == 422
    (told,) = refused.context["form"].errors[f"store_{store.id}"]
    assert words in told
    assert Publication.objects.get().state == "refused"
    two.seller.stores.append(store)
    for seller in two.world.sellers.values():
        if seller is not two.seller and store in seller.stores:
            seller.stores.remove(store)
    assert client.post(address, sent).status_code == 303
    assert Publication.objects.get().state == "published"


DOCUMENTED = [
    ("The fields [stock_locations] are required for requested call", "stores", "of no warehouse"),
    ("Store does not belong to seller: 100", "store_100", "another seller"),
    ("Store not found: 100", "store_100", "does not know this warehouse"),
    ("Store not found: 7", "stores", "does not know this warehouse"),
    ("The fields [available_quantity] are invalid for requested call", "stores", "by warehouse"),
    ("seller with a single warehouse cannot update stock across multiple network nodes", "stores", "one warehouse"),
]


@pytest.mark.parametrize(("message", "field", "meaning"), DOCUMENTED)
def test_every_documented_refusal_belongs_to_a_field(message, field, meaning):
    error = errors.StoreProblem(message, status=400)

    assert [(found, meaning in told, message in told) for found, told in problems_of(error, store_ids=["100"])] == [
        (field, True, True)
    ]


CAUSES = [
    ("item.price.invalid", ("item.price",), "price"),
    ("item.category_id.invalid", ("item.category_id",), "category_id"),
    ("item.listing_type_id.invalid", (), "listing_type_id"),
    ("item.title.invalid", ("item.title",), "name"),
    ("item.family_name.required", (), "name"),
    ("item.pictures.max", ("item.pictures",), "pictures"),
    ("item.attributes.missing_required", ("item.attributes",), ""),
]


@pytest.mark.parametrize(("code", "references", "field"), CAUSES)
def test_each_cause_of_a_refusal_belongs_to_a_field(code, references, field):
    cause = errors.Cause(code=code, message="No.", references=references)
    error = errors.Rejected("Validation error", status=400, causes=(cause, errors.Cause(code="w", type="warning")))

    assert [found for found, _told in problems_of(error)] == [field]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("sku", "NO-SUCH", "no product with this SKU"),
        ("category_id", "MLB1577", "begin with MLA"),
        ("price", "0", "greater than or equal"),
        ("pictures", "http://example.com/1.jpg", "https://"),
        ("name", "", "required"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_before_anything_is_sent(
    client, owner, two, address, field, value, words
):
    client.force_login(owner)
    answer = client.post(address, entered(two, **{field: value}))

    assert words in answer.context["form"].errors[field][0]
    assert posts(two) == []
    assert not Publication.objects.exists()


def test_a_price_below_the_floor_nothing_in_stock_and_two_used_ones_are_not_sent(client, owner, two, address, mug):
    ProductPrice.objects.create(product=mug, currency_id="ARS", floor=2000)
    client.force_login(owner)
    first = f"store_{two.seller.stores[0].id}"
    none = {f"store_{store.id}": 0 for store in two.seller.stores}

    def refusals(**other):
        return client.post(address, entered(two, **other)).context["form"].errors

    assert "below the product's floor" in refusals()["price"][0]
    assert "how many it has" in refusals(price="2000", **none)[first][0]
    assert "one at a time" in refusals(price="2000", condition="used", category_id="MLA1322")[first][0]
    assert posts(two) == []


def test_a_seller_that_observes_publishes_nothing_and_says_so(client, owner, two, address):
    SellerAccount.objects.update(mode="observe")
    client.force_login(owner)
    answer = client.post(address, entered(two))

    assert "switched off" in answer.content.decode()
    assert two.world.items == {}


def test_empty_states_say_what_to_do(client, owner, two, address):
    client.force_login(owner)
    assert "Nothing was published from here yet" in client.get(address).content.decode()
    two.account.warehouses.all().delete()
    assert "Link a store" in client.get(address).content.decode()
    SellerAccount.objects.update(tags=["normal"])
    assert "keeps by warehouse" in client.get(address).content.decode()


@pytest.mark.parametrize(("role", "status"), [("operator", 403), ("manager", 200)])
def test_only_a_manager_publishes(client, two, address, role, status):
    user = get_user_model().objects.create_user(f"a-{role}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert client.get(address).status_code == status
    assert client.post(address, {"name": ""}).status_code == (403 if status == 403 else 422)


def test_the_page_takes_the_same_queries_for_more_publications(
    client, owner, two, address, mug, django_assert_num_queries
):
    client.force_login(owner)
    client.get(address)
    with django_assert_num_queries(6) as few:
        client.get(address)
    for number in range(8):
        Publication.objects.create(
            operation=uuid.uuid4(), account=two.account, product=mug, name=f"{number}", created_by=owner
        )
    with django_assert_num_queries(len(few)):
        client.get(address)
