"""The mapping editor: who may do what, what each action writes, and how many queries a page costs."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Product, ProductPrice, SkuMapping, Upload, Variation
from sellers.models import Job, Work

HTMX = {"HTTP_HX_REQUEST": "true"}
QUERIES = 12  # session, user, roles, four tab counts, sellers, page count, rows, two for suggestions; badges aside


@pytest.fixture
def as_role(db):
    """A browser logged in as somebody with one role."""

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


def page(client, **query):
    return client.get(reverse("catalog:mapping"), query)


def do(client, unit, what, **values):
    return client.post(reverse("catalog:unit", args=[unit.pk]), {"do": what, **values}, **HTMX)


def link_of(unit):
    found = SkuMapping.objects.filter(variation=unit).select_related("product").first()
    return found and (found.product.sku, found.units, found.source)


def test_the_queue_is_ordered_by_units_sold_with_the_suggestion_prefilled(operator, make_unit, mug):
    make_unit(title="Slow", seller_sku="x", sold=1)
    make_unit(title="Fast", seller_sku="mug 350", sold=99)

    html = page(operator).content.decode()

    assert html.index("Fast") < html.index("Slow")
    assert 'value="MUG-350"' in html
    assert "95 % · seller SKU differs only in spelling" in html


@pytest.mark.parametrize("tab", ["", "mapped", "ignored", "conflicts"])
def test_a_page_costs_the_same_queries_at_10_and_60_rows(operator, make_unit, mug, django_assert_num_queries, tab):
    fill(tab, range(10), make_unit, mug)
    page(operator, tab=tab)
    with django_assert_num_queries(QUERIES):
        assert page(operator, tab=tab).status_code == 200
    fill(tab, range(10, 70), make_unit, mug)
    with django_assert_num_queries(QUERIES):
        assert page(operator, tab=tab).status_code == 200


def fill(tab, numbers, make_unit, mug):
    for number in numbers:
        sku = "OTHER" if tab == "conflicts" else f"SKU-{number}"
        unit = make_unit(title=f"Taza {number}", seller_sku=sku, sold=number, ignored=tab == "ignored")
        if tab in ("mapped", "conflicts"):
            SkuMapping.objects.create(variation=unit, product=mug, source="typed")
    if tab == "conflicts":
        Product.objects.get_or_create(sku="OTHER", name="Other")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("MLA0000001", 1),
        ("mla0000001", 1),
        ("abc-1", 1),
        ("7790000000017", 1),
        ("azul", 1),
        ("taza", 2),
        ("nothing", 0),
    ],
)
def test_search_by_title_item_sku_or_gtin(operator, make_unit, words, found):
    make_unit(title="Taza roja", seller_sku="ABC-1")
    make_unit(title="Taza azul", gtin="7790000000017")

    html = page(operator, q=words).content.decode()

    assert html.count('<tr data-key="') == found


def test_accepting_links_the_unit_and_asks_for_its_effects(operator, make_unit, mug):
    unit = make_unit(seller_sku="mug 350")

    answer = do(operator, unit, "accept", sku="MUG-350", units="2")

    assert answer.status_code == 200
    assert link_of(unit) == ("MUG-350", 2, "accepted")
    assert SkuMapping.objects.get().created_by.username == "a-operator"
    assert Work.objects.filter(kind="mapping", key=str(unit.pk)).count() == 1
    html = answer.content.decode()
    assert f'id="unit-{unit.pk}"' in html
    assert "data-undo" in html


def test_an_unknown_sku_is_told_on_the_row(operator, make_unit, mug):
    unit = make_unit()

    answer = do(operator, unit, "link", sku="NOPE", units="1")

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "There is no product with this SKU" in html
    assert 'value="NOPE"' in html
    assert link_of(unit) is None


def test_undo_goes_back_and_again_forward(operator, make_unit, mug):
    unit = make_unit()
    other = Product.objects.create(sku="OTHER", name="Other")
    do(operator, unit, "link", sku="MUG-350")
    do(operator, unit, "link", sku=other.sku)

    do(operator, unit, "undo")
    back = link_of(unit)
    do(operator, unit, "unlink")
    do(operator, unit, "undo")

    assert back[0] == "MUG-350"
    assert link_of(unit)[0] == "MUG-350"


def test_undoing_the_first_link_unlinks(operator, make_unit, mug):
    unit = make_unit()
    do(operator, unit, "link", sku="MUG-350")

    do(operator, unit, "undo")

    assert link_of(unit) is None


def test_the_history_names_who_did_what(operator, make_unit, mug):
    unit = make_unit()
    do(operator, unit, "link", sku="MUG-350")
    do(operator, unit, "unlink")

    html = operator.get(reverse("catalog:unit", args=[unit.pk])).content.decode()

    assert "Unlinked" in html
    assert "Linked" in html
    assert html.count("<td>a-operator</td>") == 2


def test_ignoring_takes_a_unit_out_of_the_queue_and_back(operator, make_unit):
    unit = make_unit()

    do(operator, unit, "ignore")
    ignored = Variation.objects.get().ignored
    do(operator, unit, "unignore")

    assert ignored
    assert not Variation.objects.get().ignored


def test_a_floor_above_the_own_price_is_told_on_the_row(operator, make_unit, mug):
    ProductPrice.objects.create(product=mug, currency_id="ARS", floor=5000)
    unit = make_unit(own_price=900)

    answer = do(operator, unit, "link", sku="MUG-350")

    assert answer.status_code == 422
    assert "below the floor" in answer.content.decode()


def bulk(client, action, units, **values):
    return client.post(
        reverse("catalog:mapping") + values.pop("query", ""),
        {"action": action, "selected": [unit.pk for unit in units], **values},
        **HTMX,
    )


def test_bulk_accept_takes_only_95_and_more(operator, make_unit, mug):
    sure = make_unit(seller_sku="mug350")
    by_gtin = make_unit(gtin=mug.gtin)
    by_title = make_unit(title=mug.name)

    answer = bulk(operator, "accept", [sure, by_gtin, by_title])

    assert answer.status_code == 204
    assert link_of(sure) == ("MUG-350", 1, "bulk")
    assert (link_of(by_gtin), link_of(by_title)) == (None, None)


def test_bulk_accept_of_all_that_match_runs_as_a_job(operator, make_unit, mug, work_off):
    units = [make_unit(title=f"Red {number}", seller_sku="mug-350") for number in range(3)]
    other = make_unit(title="Blue", seller_sku="mug-350")

    answer = bulk(operator, "accept", [], matching="1", query="?q=Red")
    job = Job.objects.get(kind="bulk_accept")
    Work.objects.exclude(kind="job").delete()
    work_off()

    assert answer.headers["HX-Redirect"].endswith(f"/{job.pk}/")
    assert {link_of(unit) for unit in units} == {("MUG-350", 1, "bulk")}
    assert link_of(other) is None
    job.refresh_from_db()
    assert (job.state, job.done, job.result) == ("done", 3, {"linked": 3, "left": 0})


def test_many_units_are_linked_to_one_sku(operator, make_unit, mug):
    units = [make_unit() for _ in range(3)]

    form = operator.post(
        reverse("catalog:mapping"), {"action": "link", "selected": [unit.pk for unit in units]}
    ).content.decode()
    answer = operator.post(
        reverse("catalog:link_many"), {"unit": [unit.pk for unit in units], "sku": "MUG-350", "units": "1"}
    )

    assert form.count('name="unit"') == 3
    assert answer.status_code == 303
    assert {link_of(unit) for unit in units} == {("MUG-350", 1, "typed")}


def test_a_product_is_created_from_a_unit_and_linked(operator, make_unit):
    unit = make_unit(title="Taza nueva", seller_sku="NEW-1")
    url = reverse("catalog:new_product", args=[unit.pk])

    form = operator.get(url).content.decode()
    answer = operator.post(url, {"sku": "NEW-1", "name": "Taza nueva", "units": "1"})

    assert 'value="NEW-1"' in form
    assert answer.status_code == 303
    assert link_of(unit) == ("NEW-1", 1, "typed")


def test_conflicts_show_one_seller_sku_linked_to_two_products(operator, make_unit, mug):
    other = Product.objects.create(sku="OTHER", name="Other")
    for product in (mug, other):
        SkuMapping.objects.create(variation=make_unit(seller_sku="SAME"), product=product, source="typed")
    SkuMapping.objects.create(variation=make_unit(seller_sku="ALONE"), product=mug, source="typed")
    SkuMapping.objects.create(variation=make_unit(seller_sku="MUG-350"), product=other, source="typed")

    html = page(operator, tab="conflicts").content.decode()

    assert html.count('<tr data-key="') == 3
    assert html.count("is linked to another product") == 2
    assert html.count("is the SKU of another product") == 1


@pytest.mark.parametrize("what", ["link", "accept", "unlink", "undo", "ignore", "unignore"])
def test_viewers_may_look_but_not_touch(as_role, make_unit, mug, what):
    unit = make_unit(seller_sku="MUG-350")
    viewer = as_role("viewer")

    html = page(viewer).content.decode()
    answer = do(viewer, unit, what, sku="MUG-350")

    assert "data-accept" not in html
    assert 'role="combobox"' not in html
    assert answer.status_code == 403
    assert link_of(unit) is None


@pytest.mark.parametrize("name", ["link_many", "mapping_import", "product_add", "product_import"])
def test_viewers_are_refused_by_the_server(as_role, name):
    assert as_role("viewer").post(reverse(f"catalog:{name}")).status_code == 403


def test_strangers_are_sent_to_log_in(db):
    assert Client().get(reverse("catalog:mapping")).status_code == 302


def test_the_combobox_offers_products_by_sku_and_name(operator, mug):
    Product.objects.create(sku="ZZ-1", name="Otra taza")

    html = operator.get(reverse("catalog:options"), {"sku": "taza"}, **HTMX).content.decode()

    assert html.count('role="option"') == 2
    assert 'data-value="MUG-350"' in html


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_can_be_imported_again(operator, make_unit, mug, kind):
    unit = make_unit(title="=Taza", seller_sku="1")
    do(operator, unit, "link", sku="MUG-350", units="3")

    answer = page(operator, tab="mapped", format=kind)
    content = b"".join(answer.streaming_content)
    check = upload(operator, SimpleUploadedFile(f"links.{kind}", content))

    assert "0 links would be saved; 1 rows can be taken" in check.content.decode()


def upload(client, file):
    answer = client.post(reverse("catalog:mapping_import"), {"file": file})
    assert answer.status_code == 303
    return client.get(answer.headers["Location"])


def sheet(*lines):
    return SimpleUploadedFile("links.csv", "\n".join(["item_id,variation_id,sku,units", *lines]).encode())


def test_the_wizard_shows_what_would_change_and_writes_nothing(operator, make_unit, mug):
    other = Product.objects.create(sku="OTHER", name="Other")
    new, moved = make_unit(), make_unit()
    SkuMapping.objects.create(variation=moved, product=other, source="typed")

    html = upload(
        operator,
        sheet(
            f"{new.listing.item_id},,MUG-350,",
            f"{moved.listing.item_id},0,MUG-350,2",
            f"{new.listing.item_id},,OTHER,",
            "MLA999,,MUG-350,",
            f"{moved.listing.item_id},77,MUG-350,",
        ),
    ).content.decode()

    assert "New links" in html
    assert "<del>OTHER</del> → <ins>MUG-350 × 2</ins>" in html
    assert "The same as in row 2" in html
    assert "There is no listing" in html
    assert "has no variations" in html
    assert link_of(new) is None
    assert link_of(moved) == ("OTHER", 1, "typed")


def test_applying_runs_as_a_job_that_counts_what_it_left_out(operator, make_unit, mug, work_off):
    unit = make_unit()
    check = upload(operator, sheet(f"{unit.listing.item_id},,MUG-350,", "MLA999,,MUG-350,"))

    answer = operator.post(check.request["PATH_INFO"])
    Work.objects.exclude(kind="job").delete()
    work_off()

    job = Job.objects.get(kind="mapping_import")
    assert answer.headers["Location"].endswith(f"/{job.pk}/")
    assert (job.state, job.done, job.total, job.errors) == ("done", 2, 2, 1)
    assert job.result["problems"][0]["row"] == 3
    assert link_of(unit) == ("MUG-350", 1, "file")
    assert SkuMapping.objects.get().created_by.username == "a-operator"
    assert Upload.objects.count() == 0


def test_a_cancelled_job_goes_on_where_it_was(operator, make_unit, mug, work_off):
    units = [make_unit() for _ in range(3)]
    check = upload(operator, sheet(*(f"{unit.listing.item_id},,MUG-350," for unit in units)))
    operator.post(check.request["PATH_INFO"])
    Job.objects.update(checkpoint={"at": 2, "written": 2, "problems": []})
    Work.objects.exclude(kind="job").delete()

    work_off()

    assert [link_of(unit) is not None for unit in units] == [False, False, True]


def test_a_file_that_is_no_table_is_refused_in_plain_words(operator):
    answer = operator.post(reverse("catalog:mapping_import"), {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")})

    assert answer.status_code == 422
    assert "The heading lacks: item_id, sku" in answer.content.decode()


def test_another_person_s_upload_is_not_shown(operator, as_role, make_unit, mug):
    check = upload(operator, sheet(f"{make_unit().listing.item_id},,MUG-350,"))

    assert as_role("manager").get(check.request["PATH_INFO"]).status_code == 404


def test_titles_from_ml_are_escaped(operator, make_unit):
    make_unit(title="<script>alert(1)</script>")

    html = page(operator).content.decode()

    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html
