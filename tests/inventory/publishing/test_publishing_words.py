"""Publishing with what the category asks for, a description and a product of the catalog."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from inventory import ledger
from inventory.models import Publication
from inventory.places import links
from inventory.publishing.descriptions import describe
from inventory.publishing.errors import problems_of
from mercadolibre import errors
from sandbox import faults
from sellers.models import Work
from sellers.queue.outcomes import TryLater

TAGS = ("normal", "user_product_seller", "warehouse_management")
PHONES = "MLA1055"
SAID = {
    "attribute_BRAND": "Motorola",
    "attribute_MODEL": "G52",
    "attribute_COLOR": "Azul",
    "attribute_IS_DUAL_SIM": "Sí",
    "attribute_INTERNAL_MEMORY": "128 GB",
    "attribute_CAMERAS": "3",
}
DESCRIPTION = "/items/.*/description"


@pytest.fixture
def one(shop, centro, mug):
    """A live seller with a store linked to ours, in which there are mugs."""
    shop.open(tags=TAGS)
    store = shop.seller.add_store("Centro")
    links.link(account=shop.account, warehouse=centro, store=links.store_named(shop.account, store.id))
    ledger.receive(product=mug, warehouse=centro, quantity=5, operation="in")
    return shop


@pytest.fixture
def desk(client, owner, one):
    client.force_login(owner)
    return client


@pytest.fixture
def address(one):
    return reverse("inventory:publish", args=[one.account.pk])


def entered(one, **other):
    return {
        "operation": str(uuid.uuid4()),
        "sku": "MUG-1",
        "name": "Teléfono",
        "category_id": PHONES,
        "price": "1500",
        "listing_type_id": "gold_special",
        "condition": "new",
        f"store_{one.seller.stores[0].id}": "5",
        **other,
    }


def posts(one, path="/items/multiwarehouse"):
    return [line for line in one.world.requests if line.method == "POST" and line.path.endswith(path)]


def refusals(answer):
    return {field: " ".join(words) for field, words in answer.context["form"].errors.items()}


def test_the_form_asks_for_what_the_category_asks_for(desk, one, address):
    form = desk.get(address, {"sku": "MUG-1", "category": PHONES}).context["form"]

    asked = {name: form[name].field.required for name in form.fields if name.startswith("attribute_")}
    assert asked == {**dict.fromkeys(SAID, True), "attribute_GTIN": False}
    assert [choice for choice, _label in form.fields["attribute_COLOR"].choices] == ["", "Negro", "Azul"]
    assert form["category_id"].value() == PHONES
    names = list(form.fields)
    assert names.index("category_id") < names.index("attribute_BRAND") < names.index("price")


def test_what_is_said_of_the_category_s_attributes_is_published(desk, one, address):
    said = {**SAID, "attribute_INTERNAL_MEMORY": "128", "attribute_GTIN": "7790000000012"}
    answer = desk.post(address, entered(one, **said))

    assert answer.status_code == 303
    (post,) = posts(one)
    assert {line["id"]: line["value_name"] for line in post.body["attributes"]} == {
        "BRAND": "Motorola",
        "MODEL": "G52",
        "COLOR": "Azul",
        "IS_DUAL_SIM": "Sí",
        "INTERNAL_MEMORY": "128 GB",  # the unit that the category uses
        "CAMERAS": "3",
        "GTIN": "7790000000012",
        "SELLER_SKU": "MUG-1",
    }
    item = one.world.items[Publication.objects.get().item_id]
    assert {line["id"] for line in item.attributes} == {name.removeprefix("attribute_") for name in SAID}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("attribute_BRAND", "", "required"),
        ("attribute_COLOR", "Violeta", "valid choice"),
        ("attribute_INTERNAL_MEMORY", "128 kg", "one of these units: GB, MB, TB"),
        ("attribute_INTERNAL_MEMORY", "much", "one of these units"),
        ("attribute_CAMERAS", "three", "number"),
        ("attribute_MODEL", "G" * 61, "at most 60"),
        ("description", "Mine is <b>best</b>", "Plain text only"),
        ("catalog_product_id", "MLB15810042", "begin with MLA"),
        ("catalog_product_id", "15810042", "valid"),
        ("category_id", "MLA0", "no such category"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_before_anything_is_sent(desk, one, address, field, value, words):
    answer = desk.post(address, entered(one, **{**SAID, field: value}))

    assert list(refusals(answer)) == [field]
    assert words in refusals(answer)[field]
    assert (posts(one), Publication.objects.count()) == ([], 0)


def test_a_category_typed_at_the_last_moment_brings_its_fields(desk, one, address):
    answer = desk.post(address, entered(one))

    assert set(refusals(answer)) == set(SAID)
    assert 'name="attribute_BRAND"' in answer.content.decode()


def test_used_goods_are_not_asked_for_what_only_new_ones_have_to_say(desk, one, address):
    said = {name: words for name, words in SAID.items() if name != "attribute_IS_DUAL_SIM"}
    store = f"store_{one.seller.stores[0].id}"

    assert desk.post(address, entered(one, **said, condition="used", **{store: "1"})).status_code == 303


def test_a_product_of_the_catalog_says_the_rest_by_itself(desk, one, address):
    answer = desk.post(address, entered(one, catalog_product_id="MLA15810042"))

    assert answer.status_code == 303
    (post,) = posts(one)
    assert (post.body["catalog_product_id"], post.body["catalog_listing"]) == ("MLA15810042", True)
    assert one.world.items[Publication.objects.get().item_id].catalog_product_id == "MLA15810042"


def test_what_ml_asks_for_and_we_did_not_know_of_is_told_beside_the_field(desk, one, address):
    """The category could not be read when the form was shown, and can when it is refused."""
    one.world.faults.add(faults.SERVER_ERROR, path="/categories/.*", times=10)
    answer = desk.post(address, entered(one))

    assert answer.status_code == 422
    assert "[BRAND, MODEL, COLOR, IS_DUAL_SIM, INTERNAL_MEMORY, CAMERAS]" in answer.content.decode()
    assert "cannot be told now" in answer.content.decode()


def test_each_attribute_that_ml_names_is_told_at_its_own_field():
    words = "The attributes [BRAND, MODEL] are required for category [MLA1055] and channel marketplace."
    cause = errors.Cause(code="item.attributes.missing_required", message=words, references=("item.attributes",))
    error = errors.Rejected("Validation error", status=400, causes=(cause,))

    found = [field for field, _told in problems_of(error, attribute_ids=["BRAND", "MODEL", "COLOR"])]

    assert found == ["attribute_BRAND", "attribute_MODEL"]


def test_what_the_category_asks_for_is_asked_once_an_hour(desk, one, address):
    for _ in range(3):
        desk.get(address, {"category": PHONES})

    asked = [line for line in one.world.requests if line.path == f"/categories/{PHONES}/attributes"]
    assert len(asked) == 1


def test_the_description_follows_the_listing_once(desk, one, address, work_off):
    sent = entered(one, **SAID, description="Nuevo, en caja.\nCon garantía.")

    for _ in range(3):
        desk.post(address, sent)
    assert Publication.objects.get().described_at is not None  # at once, where Mercado Libre answers
    work_off()

    made = Publication.objects.get()
    assert one.world.items[made.item_id].description == "Nuevo, en caja.\nCon garantía."
    assert (made.described_at is not None, made.description_problem) == (True, "")
    assert len(posts(one, "/description")) == 1
    assert "With its description" in desk.get(address).content.decode()


@pytest.mark.parametrize("fault", [faults.SERVER_ERROR, faults.TIMEOUT, faults.APPLIED_THEN_TIMEOUT])
def test_a_description_that_meets_trouble_arrives_later_and_once(desk, one, address, work_off, fault):
    one.world.faults.add(fault, path=DESCRIPTION, method="POST", times=1)

    answer = desk.post(address, entered(one, **SAID, description="Nuevo"))

    assert answer.status_code == 303  # the listing is there
    assert Publication.objects.get().described_at is None
    work_off()
    made = Publication.objects.get()
    assert (one.world.items[made.item_id].description, made.described_at is not None) == ("Nuevo", True)
    assert Work.objects.get(kind="publication").state == "idle"
    assert len(one.world.items) == 1


def test_a_description_that_never_shows_is_given_up_and_told(desk, one, address):
    one.world.faults.add(faults.IGNORED_WRITE, path=DESCRIPTION, method="POST", times=None)
    desk.post(address, entered(one, **SAID, description="Nuevo"))
    made = Publication.objects.get()
    with pytest.raises(TryLater):
        describe(made)
    made.sent_at -= timedelta(hours=2)

    describe(made)

    assert "does not show it" in Publication.objects.get().description_problem


def test_a_description_that_somebody_wrote_at_ml_stays(desk, one, address, work_off):
    one.world.faults.add(faults.SERVER_ERROR, path=DESCRIPTION, times=10)
    desk.post(address, entered(one, **SAID, description="Nuevo"))
    item = one.world.items[Publication.objects.get().item_id]
    item.description = "Escrita en el panel"
    one.world.faults.clear()

    work_off()

    made = Publication.objects.get()
    assert (item.description, made.described_at) == ("Escrita en el panel", None)
    assert "has another description" in desk.get(address).content.decode()


def test_a_description_that_ml_refuses_is_told_with_its_words(desk, one, address, work_off):
    one.world.faults.add(faults.TIMEOUT, path=DESCRIPTION, times=10)
    desk.post(address, entered(one, **SAID, description="Nuevo"))
    Publication.objects.update(description="Nuevo <b>")  # as if ML took less than we know
    one.world.faults.clear()

    work_off()

    made = Publication.objects.get()
    assert "plain text" in made.description_problem
    assert made.state == "published"


def test_without_a_description_none_is_asked_for(desk, one, address, work_off):
    desk.post(address, entered(one, **SAID))
    work_off()

    assert not [line for line in one.world.requests if line.path.endswith("/description")]
