"""The commands: what they write, and that bad input writes nothing and says where it is bad."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from catalog.mapping import sku_mapping
from catalog.models import Listing, Product, ProductPrice, SkuMapping


@pytest.fixture
def sheet(tmp_path):
    def write(*lines, name="sheet.csv"):
        path = tmp_path / name
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


def run(name, *args, **options):
    out = StringIO()
    call_command(name, *args, stdout=out, stderr=out, **options)
    return out.getvalue()


def refused(name, path):
    with pytest.raises(CommandError) as error:
        run(name, path)
    return str(error.value)


def test_products_are_created_and_updated(db, mug, sheet):
    path = sheet("sku,name,cost,currency,gtin", "MUG-350,,1500.50,ARS,", "NEW-1,Plato,12,BRL,7790000000024")

    words = run("import_products", path)

    mug.refresh_from_db()
    new = Product.objects.get(sku="NEW-1")
    assert (mug.name, mug.cost, mug.currency_id, mug.gtin) == (
        "Taza de cerámica 350 ml",
        Decimal("1500.50"),
        "ARS",
        "7790000000017",
    )
    assert (new.name, new.cost, new.gtin) == ("Plato", 12, "7790000000024")
    assert "2 products written (1 new, 1 changed, 0 as they were)" in words


def test_importing_products_again_changes_nothing(db, sheet):
    path = sheet("sku,name,cost,currency,gtin", "NEW-1,Plato,12,BRL,")
    run("import_products", path)

    assert "0 products written (0 new, 0 changed, 1 as they were)" in run("import_products", path)


def test_new_products_link_the_listings_their_sku_names(make_unit, sheet):
    unit = make_unit(seller_sku="0010")

    run("import_products", sheet("sku,name", "0010,Taza"))

    assert SkuMapping.objects.get().variation_id == unit.pk


def test_products_from_xlsx(db, tmp_path):
    book = Workbook()
    book.active.append(["SKU", "Name", "Cost", "Currency", "GTIN"])
    book.active.append(["X-1", "Taza", 10.5, "ARS", 7790000000017])
    book.save(tmp_path / "products.xlsx")

    run("import_products", tmp_path / "products.xlsx")

    assert Product.objects.values_list("sku", "cost", "gtin").get() == ("X-1", Decimal("10.50"), "7790000000017")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("A-2,,1,ARS,", "Row 3: The product is new and has no name."),
        ("A-2,x,1.234.5,ARS,", 'Row 3: cost "1.234.5" is not an amount'),
        ("A-2,x,-1,ARS,", "Row 3: cost"),
        ("A-2,x,1,XXX,", "Row 3: The cost needs a currency"),
        ("A-2,x,1,,", "Row 3: The cost needs a currency"),
        ("A-2,x,,,123", 'Row 3: "123" is not a GTIN'),
        (",x,,,", "Row 3: A SKU has 1 to 100 characters."),
        ("A-1,y,,,", "Row 3: The same as in row 2"),
    ],
)
def test_a_bad_product_row_is_named_and_nothing_is_written(db, sheet, line, words):
    path = sheet("sku,name,cost,currency,gtin", "A-1,Good,1,ARS,", line)

    assert words in refused("import_products", path)
    assert Product.objects.count() == 0


def test_links_are_written_with_their_units(make_unit, mug, sheet):
    plain, red = make_unit(), make_unit(variation_id=11)

    words = run(
        "import_mappings",
        sheet(
            "item_id,variation_id,sku,units",
            f"{plain.listing.item_id},,MUG-350,",
            f"{red.listing.item_id},11,MUG-350,2",
        ),
    )

    links = dict(SkuMapping.objects.values_list("variation_id", "units"))
    assert links == {plain.pk: 1, red.pk: 2}
    assert "2 links written (2 new, 0 changed, 0 as they were)" in words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("MLA404,,MUG-350,", 'Row 3: There is no listing "MLA404"'),
        ("MLA0000002,,MUG-350,", "Row 3: MLA0000002 is sold by variation: name one of 11"),
        ("MLA0000001,5,MUG-350,", "Row 3: MLA0000001 has no variations: leave variation_id empty."),
        ("MLA0000002,11,NOPE,", 'Row 3: There is no product with the SKU "NOPE"'),
        ("MLA0000002,11,MUG-350,0", "Row 3: units must be between 1 and 10000."),
        ("MLA0000002,11,MUG-350,x", 'Row 3: units "x" is not a whole number.'),
        ("MLA0000001,0,MUG-350,2", "Row 3: The same as in row 2"),
    ],
)
def test_a_bad_link_row_is_named_and_nothing_is_written(make_unit, mug, sheet, line, words):
    make_unit(), make_unit(variation_id=11)
    path = sheet("item_id,variation_id,sku,units", "MLA0000001,,MUG-350,", line)

    assert words in refused("import_mappings", path)
    assert SkuMapping.objects.count() == 0


def test_own_prices_are_set(make_unit, sheet):
    unit = make_unit()

    words = run("import_prices", sheet("item_id;price", f"{unit.listing.item_id};1250,50"))

    assert Listing.objects.get().own_price == Decimal("1250.50")
    assert "1 prices written" in words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("MLA404,10", 'Row 3: There is no listing "MLA404"'),
        ("MLA0000002,0", "Row 3: A price is above zero"),
        ("MLA0000002,", 'Row 3: price "" is not an amount'),
        ("MLA0000002,9.99", "Row 3: CLP has no decimals."),
        ("MLA0000003,999", "Row 3: 999 is below the floor of 1000.00 for MLA0000003."),
    ],
)
def test_a_bad_price_row_is_named_and_nothing_is_written(make_unit, mug, sheet, line, words):
    make_unit(), make_unit(currency_id="CLP")
    ProductPrice.objects.create(product=mug, currency_id="ARS", floor=1000)
    sku_mapping.link(variation_ids=[make_unit().pk], product=mug, source="typed", by=None)
    path = sheet("item_id,price", "MLA0000001,10", line)

    assert words in refused("import_prices", path)
    assert Listing.objects.filter(own_price__isnull=False).count() == 0


@pytest.mark.parametrize("name", ["import_products", "import_mappings", "import_prices"])
def test_a_file_that_is_not_there_or_no_table_is_a_clear_line(db, sheet, tmp_path, name):
    assert "No such file" in refused(name, tmp_path / "missing.csv")
    assert "The heading lacks" in refused(name, sheet("a,b", "1,2"))
    assert "The file is empty" in refused(name, sheet("", name="empty.csv"))


def test_sync_catalog_imports_in_the_foreground(world, shop, account, settings):
    settings.MELI_RATE_PER_MINUTE = 600_000
    for number in range(3):
        shop.add_item(seller_sku=f"S-{number}")

    words = run("sync_catalog", seller="TIENDA_SUR")

    assert Listing.objects.count() == 3
    assert "TIENDA_SUR: 3 listings: 3 new, 0 changed, 0 linked, 0 missing, 0 with errors." in words


def test_sync_catalog_of_an_unknown_seller_is_a_clear_line(account):
    with pytest.raises(CommandError, match=r"No connected seller NOBODY. Connected: TIENDA_SUR."):
        run("sync_catalog", seller="NOBODY")
