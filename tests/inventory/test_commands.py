"""Commands: what they print, what they refuse, and that they then write nothing."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import transaction

from catalog.models import Listing
from inventory import ledger
from inventory.documents import counts
from inventory.models import SellerWarehouse, StockCount, StockLevel, StockMovement, Warehouse
from sellers.models import SellerAccount
from tests.wrong_clock import another_hour


@pytest.fixture
def counted(tmp_path):
    def write(text):
        path = tmp_path / "counted.csv"
        path.write_text(text)
        return str(path)

    return write


def on_hand():
    return dict(StockLevel.objects.values_list("product__sku", "on_hand"))


def test_import_stock_counts_and_says_what_differed(counted, mug, plate, centro, capsys):
    ledger.receive(product=mug, warehouse=centro, quantity=5, operation="in")
    path = counted("sku,on_hand\nMUG-1,5\nPLATE-1,7\n")

    call_command("import_stock", path, "--warehouse", "MAIN")
    call_command("import_stock", path, "--warehouse", "MAIN")

    assert on_hand() == {"MUG-1": 5, "PLATE-1": 7}
    assert capsys.readouterr().out.splitlines() == [
        "2 counted in MAIN, 1 of them differed.",
        "2 counted in MAIN, 0 of them differed.",
    ]
    assert StockMovement.objects.get(kind="count").reason == "counted.csv"


@pytest.mark.parametrize(
    ("text", "warehouse", "words"),
    [
        ("sku,on_hand\nMUG-1,5\nNOPE,1\n", "MAIN", "Row 3: there is no product with the SKU NOPE"),
        ("sku,on_hand\nMUG-1,5\nMUG-1,6\n", "MAIN", "Row 3: the SKU MUG-1 is in the file twice"),
        ("sku,on_hand\nMUG-1,\n", "MAIN", "Row 2: – is not a whole number"),
        ("sku,on_hand\nMUG-1,-1\n", "MAIN", "-1 is not a whole number"),
        ("sku,on_hand\nMUG-1,1.5\n", "MAIN", "1.5 is not a whole number"),
        ("sku,on_hand\nMUG-1,99999999999\n", "MAIN", "is not a whole number"),
        ("sku,quantity\nMUG-1,5\n", "MAIN", "on_hand"),
        ("", "MAIN", "empty"),
        ("sku,on_hand\nMUG-1,5\n", "SUR", "Warehouse SUR is not in use"),
    ],
)
def test_import_stock_writes_nothing_of_a_wrong_file(counted, mug, text, warehouse, words):
    with pytest.raises(CommandError, match=words):
        call_command("import_stock", counted(text), "--warehouse", warehouse)

    assert on_hand() == {}


@pytest.fixture
def people(db):
    """Somebody who counts and somebody who may approve."""
    counting = get_user_model().objects.create_user("wanda", is_staff=True)
    manager = get_user_model().objects.create_user("mia", is_staff=True)
    manager.groups.add(Group.objects.get(name="manager"))
    return counting, manager


@pytest.mark.parametrize(("mugs", "large"), [(8, False), (7, True), (12, False), (13, True)])
def test_a_file_that_differs_by_more_than_a_fifth_waits_for_approval(counted, mug, plate, centro, people, mugs, large):
    ledger.receive(product=mug, warehouse=centro, quantity=10, operation="in")
    path = counted(f"sku,on_hand\nMUG-1,{mugs}\nPLATE-1,50\n")  # of plates nothing was known: no difference

    call_command("import_stock", path, "--warehouse", "MAIN", "--by", "wanda")

    assert on_hand()["MUG-1"] == (10 if large else mugs)
    assert StockCount.objects.filter(state="waiting").count() == large
    if not large:
        assert on_hand()["PLATE-1"] == 50


def test_what_waits_is_approved_as_any_count(counted, mug, plate, centro, people, capsys):
    ledger.receive(product=mug, warehouse=centro, quantity=10, operation="in")
    ledger.receive(product=plate, warehouse=centro, quantity=4, operation="plates")
    path = counted("sku,on_hand\nMUG-1,2\nPLATE-1,4\n")
    for _ in range(2):
        call_command("import_stock", path, "--warehouse", "MAIN", "--by", "wanda")

    count = StockCount.objects.get()

    told = "2 counted in MAIN. 1 of them differ, by more than a fifth of the units: count %s waits for approval"
    assert capsys.readouterr().out.count(told % count.pk) == 2
    assert (count.counted_by, count.reason) == (people[0], "counted.csv")
    assert list(count.lines.values_list("product", "counted")) == [(mug.pk, 2)]
    counts.approve(count=count, by=people[1])
    assert on_hand() == {"MUG-1": 2, "PLATE-1": 4}


def test_nobody_counted_it_and_nothing_is_written(counted, mug, centro, people):
    ledger.receive(product=mug, warehouse=centro, quantity=10, operation="in")
    path = counted("sku,on_hand\nMUG-1,2\n")

    with pytest.raises(CommandError, match="Say who counted with --by USERNAME"):
        call_command("import_stock", path, "--warehouse", "MAIN")
    with pytest.raises(CommandError, match="nobody called olga"):
        call_command("import_stock", path, "--warehouse", "MAIN", "--by", "olga")

    assert (on_hand(), StockCount.objects.count()) == ({"MUG-1": 10}, 0)


def test_who_is_alone_has_their_file_booked(counted, mug, centro, owner):
    ledger.receive(product=mug, warehouse=centro, quantity=10, operation="in")

    call_command("import_stock", counted("sku,on_hand\nMUG-1,2\n"), "--warehouse", "MAIN", "--by", "olivia")

    assert on_hand() == {"MUG-1": 2}
    assert StockMovement.objects.get(kind="count").actor == owner


def test_import_stock_says_that_the_file_is_not_there(db):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_stock", "/nowhere.csv", "--warehouse", "MAIN")


def test_add_warehouse(db, capsys):
    call_command("add_warehouse", "sur", "Depósito Sur")

    assert Warehouse.objects.get(code="SUR").name == "Depósito Sur"
    with pytest.raises(CommandError, match="already exists"):
        call_command("add_warehouse", "SUR", "Again")


def test_link_store(shop, centro, norte, capsys):
    shop.open(tags=("normal", "user_product_seller", "warehouse_management"))
    store = shop.seller.add_store("Centro")

    call_command("link_store", "MAIN", "--seller", "TIENDA", "--store", store.id)

    link = SellerWarehouse.objects.get()
    assert (link.warehouse, link.store_id, link.network_node_id) == (centro, store.id, store.network_node_id)
    with pytest.raises(CommandError, match="another warehouse"):
        call_command("link_store", "NORTE", "--seller", "TIENDA", "--store", store.id)
    with pytest.raises(CommandError, match="no store 999"):
        call_command("link_store", "NORTE", "--seller", "TIENDA", "--store", "999")
    with pytest.raises(CommandError, match="no seller NOBODY"):
        call_command("link_store", "NORTE", "--seller", "NOBODY", "--store", store.id)
    assert SellerWarehouse.objects.count() == 1


def test_verify_ledger(mug, centro, capsys):
    ledger.receive(product=mug, warehouse=centro, quantity=5, operation="in")
    call_command("verify_ledger")
    assert capsys.readouterr().out == "The ledger adds up: 1 movements, 1 levels.\n"

    with transaction.get_connection().cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table inventory_stocklevel disable trigger stock_level_guard")
        cursor.execute("update inventory_stocklevel set on_hand = 9")
        cursor.execute("alter table inventory_stocklevel enable trigger stock_level_guard")

    with pytest.raises(CommandError, match="1 mismatches"):
        call_command("verify_ledger")
    assert "MUG-1 in MAIN: the movements do not add up" in capsys.readouterr().err


def test_go_live_and_its_dry_run(shop, mug, centro, work_off, capsys):
    ledger.receive(product=mug, warehouse=centro, quantity=8, operation="in")
    item = shop.open(mode="observe").item(link=mug, available_quantity=3)

    call_command("go_live", "TIENDA", "--dry-run")
    printed = capsys.readouterr().out
    assert f"{item.id} MUG-1: 3 -> 8" in printed
    assert "1 quantities would change (0 to zero)" in printed
    assert SellerAccount.objects.get().mode == "observe"

    call_command("go_live", "TIENDA")
    work_off()
    assert item.available_quantity == 8
    call_command("go_live", "TIENDA")
    assert "was live already" in capsys.readouterr().out


def test_go_live_refuses_a_seller_that_is_not_connected(shop):
    shop.open(mode="observe", status="needs_reconnect")

    with pytest.raises(CommandError, match="not connected"):
        call_command("go_live", "TIENDA")

    assert SellerAccount.objects.get().mode == "observe"


def test_patrol_reads_everything_back(shop, mug, capsys):
    shop.open(mode="observe")
    item = shop.item(link=mug, available_quantity=3)
    shop.world.edit_stock(item.id, 7)
    shop.target(item).variation.listing.__class__.objects.update(seen_at="2026-01-01T00:00:00Z")

    call_command("patrol", "--seller", "TIENDA")

    assert shop.target(item).observed == 7
    assert capsys.readouterr().out == "TIENDA: 1 listings read back.\n"
    with pytest.raises(CommandError, match="no seller NOBODY"):
        call_command("patrol", "--seller", "NOBODY")


def test_patrol_by_a_clock_that_is_ahead_reads_each_listing_once(shop, capsys):
    shop.open(mode="observe")
    for _ in range(21):
        shop.item(available_quantity=3)
    Listing.objects.update(seen_at="2026-01-01T00:00:00Z")

    with another_hour(1, world=shop.world):
        call_command("patrol", "--seller", "TIENDA")

    assert capsys.readouterr().out == "TIENDA: 21 listings read back.\n"
