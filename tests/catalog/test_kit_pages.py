"""Kits on pages and in spreadsheets: who may change them, what is shown before, and how many queries a page costs."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from catalog import kits
from catalog.mapping import sku_mapping
from catalog.models import KitComponent, Product
from inventory import ledger
from inventory.models import Warehouse
from sellers.models import Work

PRODUCT_PAGE = 9
LIST_PAGE = 5


@pytest.fixture
def as_role(db):
    def log_in(role):
        user = get_user_model().objects.create_user(f"a-{role}", password="a-long-enough-password")
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        client = Client()
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def operator(as_role):
    return as_role("operator")


@pytest.fixture
def make(db):
    def product(sku, units=0, **fields):
        made = Product.objects.create(sku=sku, name=f"The {sku}", **fields)
        if units:
            main = Warehouse.objects.get(code="MAIN")
            ledger.receive(product=made, warehouse=main, quantity=units, operation=sku)
        return made

    return product


@pytest.fixture
def gift(make):
    return make("GIFT")


@pytest.fixture
def plate(make):
    return make("PLATE", 7, cost=30, currency_id="ARS")


@pytest.fixture
def cup(make):
    return make("CUP", 5, cost=20, currency_id="ARS")


def put(client, kit, sku, quantity, **more):
    return client.post(reverse("inventory:kit", args=[kit.pk]), {"sku": sku, "quantity": quantity, **more})


def product_page(client, product):
    return client.get(reverse("catalog:product", args=[product.pk]))


def parts():
    return {(one.kit.sku, one.component.sku): one.quantity for one in KitComponent.objects.all()}


def sheet(text):
    return SimpleUploadedFile("kits.csv", text.encode())


# --- the product's page ----------------------------------------------------------------------------------------------


def test_what_follows_is_shown_before_it_is_done(operator, gift, plate, cup, make_unit):
    unit = make_unit(title="A fine gift")
    sku_mapping.link(variation_ids=[unit.pk], product=gift, source="typed", by=None)
    kits.compose({gift.pk: {cup.pk: 1}}, by=None)
    Work.objects.all().delete()

    answer = put(operator, gift, "plate", 2)

    effect = answer.context["effect"]
    assert (effect.available_before, effect.available_after) == (5, 3)
    assert [(before, intent.quantity) for intent, before in effect.listings] == [(5, 3)]
    assert "A fine gift" in answer.content.decode()
    assert parts() == {("GIFT", "CUP"): 1}
    assert not Work.objects.exists()


def test_a_component_is_put_in_changed_and_taken_out(operator, gift, plate, cup):
    page = reverse("catalog:product", args=[gift.pk])

    assert put(operator, gift, "PLATE", 2, confirm="1").url == page
    put(operator, gift, "CUP", 1, confirm="1")
    put(operator, gift, "PLATE", 3, confirm="1")
    preview = put(operator, gift, "CUP", 1, remove="1")
    assert preview.context["form"]["quantity"].value() == 0
    put(operator, gift, "CUP", 0, confirm="1")

    assert parts() == {("GIFT", "PLATE"): 3}
    html = product_page(operator, gift).content.decode()
    assert "90.00" in html
    history = [
        (one.component.sku, one.pgh_label, one.was, one.quantity, one.who)
        for one in product_page(operator, gift).context["kit_history"]
    ]
    assert history == [
        ("CUP", "delete", 1, 1, "a-operator"),
        ("PLATE", "update", 2, 3, "a-operator"),
        ("CUP", "insert", None, 1, "a-operator"),
        ("PLATE", "insert", None, 2, "a-operator"),
    ]


def test_why_a_product_cannot_be_a_kit_is_told_beside_the_form(operator, gift, plate, cup):
    answer = put(operator, plate, "CUP", 1)

    assert answer.status_code == 422
    assert "PLATE has stock of its own: 7 on hand, 0 reserved." in answer.content.decode()
    assert put(operator, gift, "NOTHING-LIKE-IT", 1).status_code == 422
    assert parts() == {}


def test_a_viewer_sees_a_kit_and_changes_nothing(as_role, gift, cup):
    kits.compose({gift.pk: {cup.pk: 1}}, by=None)
    viewer = as_role("viewer")

    html = product_page(viewer, gift).content.decode()

    assert "CUP" in html
    assert "Put in…" not in html
    assert put(viewer, gift, "CUP", 2, confirm="1").status_code == 403
    assert viewer.get(reverse("catalog:kit_import")).status_code == 403
    assert parts() == {("GIFT", "CUP"): 1}


def test_the_page_of_a_component_names_its_kits(operator, gift, cup):
    kits.compose({gift.pk: {cup.pk: 4}}, by=None)

    html = product_page(operator, cup).content.decode()

    assert "It is a component of other kits, so it cannot be a kit itself." in html
    assert "GIFT × 4</a>" in html


def test_a_product_s_page_costs_the_same_with_more_components(operator, gift, make, django_assert_max_num_queries):
    kits.compose({gift.pk: {make(f"PART-{number}").pk: 1 for number in range(9)}}, by=None)

    with django_assert_max_num_queries(PRODUCT_PAGE):
        assert product_page(operator, gift).status_code == 200


def test_the_stock_page_of_a_kit_shows_what_limits(operator, gift, plate, cup):
    kits.compose({gift.pk: {plate.pk: 4, cup.pk: 1}}, by=None)

    page = operator.get(reverse("inventory:product", args=["GIFT"]))

    (shelf,) = page.context["kit"]
    assert (shelf.kits, shelf.limiting) == (1, "PLATE")
    assert "Receive" not in page.content.decode()


def test_stock_of_a_kit_is_refused_on_forms_and_in_sheets(operator, gift, cup, tmp_path):
    kits.compose({gift.pk: {cup.pk: 1}}, by=None)
    form = {"sku": "GIFT", "warehouse": "MAIN", "quantity": 3}
    file = tmp_path / "stock.csv"
    file.write_text("sku,on_hand\nGIFT,3\n")

    answer = operator.post(reverse("inventory:move", args=["receive"]), form)

    assert "It is a kit and has no stock of its own" in answer.content.decode()
    with pytest.raises(CommandError, match="GIFT is a kit"):
        call_command("import_stock", file, warehouse="MAIN")


def test_a_kit_s_cost_cannot_be_typed(operator, gift, cup):
    kits.compose({gift.pk: {cup.pk: 2}}, by=None)
    values = {"sku": "GIFT", "name": "Gift box", "cost": "1", "currency_id": "BRL", "gtin": ""}

    operator.post(reverse("catalog:product_edit", args=[gift.pk]), values)

    gift.refresh_from_db()
    assert (gift.name, gift.cost, gift.currency_id) == ("Gift box", 40, "ARS")


# --- lists -----------------------------------------------------------------------------------------------------------


def test_products_are_marked_and_filtered_as_kits(operator, gift, plate, cup):
    kits.compose({gift.pk: {plate.pk: 1, cup.pk: 1}}, by=None)

    def skus(**query):
        page = operator.get(reverse("catalog:products"), query)
        return [row.record.sku for row in page.context["page"].object_list]

    assert (skus(kit="yes"), skus(kit="no")) == (["GIFT"], ["CUP", "PLATE"])
    assert "Kit of 2" in operator.get(reverse("catalog:products")).content.decode()


def test_the_list_of_kits_costs_the_same_with_more_rows(operator, make, django_assert_max_num_queries):
    part = make("PART")
    kits.compose({make(f"KIT-{number}").pk: {part.pk: 1} for number in range(20)}, by=None)

    with django_assert_max_num_queries(LIST_PAGE):
        html = operator.get(reverse("catalog:kits")).content.decode()

    assert html.count('<tr data-key="') == 20


def test_kits_are_found_by_a_component_whole(operator, gift, plate, cup, make):
    kits.compose({gift.pk: {plate.pk: 1, cup.pk: 1}, make("OTHER").pk: {cup.pk: 1}}, by=None)

    page = operator.get(reverse("catalog:kits"), {"q": "plate"})

    assert [(row.record.kit.sku, row.record.component.sku) for row in page.context["page"].object_list] == [
        ("GIFT", "CUP"),
        ("GIFT", "PLATE"),
    ]


def test_no_kits_yet_says_what_to_do(operator):
    assert "No kits yet" in operator.get(reverse("catalog:kits")).content.decode()


# --- spreadsheets ----------------------------------------------------------------------------------------------------


def test_an_export_can_be_imported_again(operator, gift, plate, cup):
    kits.compose({gift.pk: {plate.pk: 6, cup.pk: 1}}, by=None)
    content = b"".join(operator.get(reverse("catalog:kits"), {"format": "csv"}).streaming_content)
    assert content.decode().splitlines() == ["kit,component,quantity", "GIFT,CUP,1", "GIFT,PLATE,6"]
    KitComponent.objects.all().delete()

    answer = operator.post(reverse("catalog:kit_import"), {"file": SimpleUploadedFile("kits.csv", content)})

    assert answer.url == reverse("catalog:kits")
    assert parts() == {("GIFT", "PLATE"): 6, ("GIFT", "CUP"): 1}


def test_a_sheet_changes_what_it_names_and_nothing_else(gift, plate, cup, tmp_path, capsys):
    kits.compose({gift.pk: {plate.pk: 6, cup.pk: 1}}, by=None)
    file = tmp_path / "kits.csv"
    file.write_text("kit,component,quantity\nGIFT,PLATE,0\n")

    call_command("import_kits", file)

    assert parts() == {("GIFT", "CUP"): 1}
    assert "1 components written (0 new, 1 changed, 0 as they were)" in capsys.readouterr().out


BAD_ROWS = [
    ("GIFT,NOPE,1", "Row 2: There is no product with the SKU NOPE."),
    ("GIFT,GIFT,1", "Row 2: A kit cannot be a component of itself."),
    ("GIFT,CUP,many", 'Row 2: quantity "many" is not a whole number.'),
    ("GIFT,CUP,10001", "Row 2: The quantity of a component is between 1 and 10000."),
    ("GIFT,SET,1", "Row 2: SET is a kit itself: add its components one by one."),
    ("SET,GIFT,1\nGIFT,CUP,1", "Row 2: GIFT is a kit itself: add its components one by one."),
    ("CUP,PLATE,1", "Row 2: CUP is a component of another kit: it cannot be a kit too."),
    ("GIFT,CUP,1\nGIFT,CUP,2", "Row 3: The same as in row 2. Keep one of them."),
]


@pytest.mark.parametrize(("rows", "words"), BAD_ROWS)
def test_a_sheet_with_a_bad_row_writes_nothing(operator, gift, plate, cup, make, rows, words):
    kits.compose({make("SET").pk: {cup.pk: 1}}, by=None)

    answer = operator.post(reverse("catalog:kit_import"), {"file": sheet(f"kit,component,quantity\n{rows}\n")})

    assert answer.status_code == 422
    assert [str(one) for one in answer.context["plan"].problems] == [words]
    assert parts() == {("SET", "CUP"): 1}


def test_a_sheet_that_makes_a_kit_of_a_product_with_stock_is_refused_whole(operator, gift, plate, cup):
    text = "kit,component,quantity\nGIFT,CUP,1\nPLATE,CUP,1\n"

    answer = operator.post(reverse("catalog:kit_import"), {"file": sheet(text)})

    assert answer.status_code == 422
    assert "PLATE has stock of its own: 7 on hand" in answer.content.decode()
    assert parts() == {}


def test_a_product_sheet_does_not_set_the_cost_of_a_kit(operator, gift, cup):
    kits.compose({gift.pk: {cup.pk: 2}}, by=None)

    bad = operator.post(reverse("catalog:product_import"), {"file": sheet("sku,cost,currency\nGIFT,7,ARS\n")})
    same = operator.post(reverse("catalog:product_import"), {"file": sheet("sku,cost,currency\nGIFT,40,ARS\n")})

    assert "Row 2: It is a kit: it costs what its components cost together." in bad.content.decode()
    assert same.status_code == 303
