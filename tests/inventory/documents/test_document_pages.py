"""Pages of receipts, transfers and counts: forms, lists, what is refused with the present numbers, who may."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from catalog.kits import set_component
from catalog.models import Product
from inventory import ledger
from inventory.documents import transfers
from inventory.models import Receipt, StockCount, StockLevel, StockMovement, Transfer, Warehouse


@pytest.fixture
def staff(db, client):
    """Log somebody with a role in."""

    def log_in(role):
        user = get_user_model().objects.create_user(f"a-{role}", is_staff=True)
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        client.force_login(user)
        return user

    return log_in


@pytest.fixture
def shelf(mug, plate, centro, norte):
    ledger.receive(product=mug, warehouse=centro, quantity=10, operation="a")
    ledger.receive(product=plate, warehouse=centro, quantity=4, operation="b")


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def carried(shown):
    """What a browser sends back: every field of the form that the page shows."""
    form = shown.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


def on_hand(product, warehouse):
    found = StockLevel.objects.filter(product=product, warehouse=warehouse).first()
    return found.on_hand if found else 0


def test_a_delivery_is_received_once(client, staff, shelf, mug, plate, centro):
    staff("operator")
    entered = carried(client.get("/receipts/new/")) | {
        "warehouse": "MAIN",
        "lines": "MUG-1 5\nPLATE-1\t2",
        "reference": "Remito 7",
    }

    first = client.post("/receipts/new/", entered)
    second = client.post("/receipts/new/", entered)

    assert (first.status_code, second.url) == (303, first.url)
    assert "nothing changed the second time" in text_of(client.get(second.url))
    assert (on_hand(mug, centro), on_hand(plate, centro)) == (15, 6)
    assert "Remito 7" in text_of(client.get("/receipts/"))
    assert "MUG-1" in text_of(client.get(first.url))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("MUG-1 five", "Line 1 is not a SKU and a whole number: MUG-1 five"),
        ("MUG-1 1\nNOPE 3", "Line 2: there is no product with the SKU or barcode NOPE."),
        ("MUG-1 0", "Line 1: 0 is not a number of units"),
        ("MUG-1 99999999", "Line 1: 99999999 is not a number of units"),
        ("", "This field is required."),
    ],
)
def test_lines_that_cannot_be_are_said_with_their_numbers(client, owner, shelf, lines, words):
    client.force_login(owner)

    refused = client.post("/receipts/new/", {"warehouse": "MAIN", "lines": lines})

    assert refused.status_code == 422
    assert words in text_of(refused)
    assert Receipt.objects.count() == 0


def test_a_kit_has_no_stock_and_a_barcode_is_a_name_too(client, owner, shelf, mug, plate, centro):
    gift = Product.objects.create(sku="GIFT-1", name="Gift")
    set_component(kit=gift, component=mug, quantity=1, by=owner)
    Product.objects.filter(pk=plate.pk).update(gtin="7790001234567")
    client.force_login(owner)

    refused = client.post("/receipts/new/", {"warehouse": "MAIN", "lines": "GIFT-1 1"})
    taken = client.post("/receipts/new/", {"warehouse": "MAIN", "lines": "7790001234567\n7790001234567\nPLATE-1 3"})

    assert "Line 1: GIFT-1 is a kit and has no stock of its own. Enter its components." in text_of(refused)
    assert (taken.status_code, on_hand(plate, centro)) == (303, 9)


def test_units_are_sent_received_in_part_and_the_rest_is_missing(client, staff, shelf, mug, norte):
    staff("operator")
    form = carried(client.get("/transfers/new/?source=MAIN&sku=MUG-1"))
    assert (form["source"], form["lines"]) == ("MAIN", "MUG-1 ")
    sent = client.post("/transfers/new/", form | {"target": "NORTE", "lines": "MUG-1 6"})
    (line,) = Transfer.objects.get().lines.all()
    page = client.get(sent.url)
    assert "On its way: 6" in text_of(page)
    entered = carried(page) | {f"line_{line.pk}": 4}

    received = client.post(f"{sent.url}receive/", entered)
    twice = client.post(f"{sent.url}receive/", entered)

    assert (received.status_code, twice.status_code, on_hand(mug, norte)) == (303, 303, 4)
    page = client.get(sent.url)
    assert "nothing was done now. These are its numbers." in text_of(page)
    unexplained = client.post(f"{sent.url}receive/", carried(page) | {f"line_{line.pk}": 1, "rest_is_missing": "on"})
    assert unexplained.status_code == 422
    assert "Say why units are missing." in text_of(unexplained)
    explained = {f"line_{line.pk}": 1, "rest_is_missing": "on", "cause": "lost"}
    client.post(f"{sent.url}receive/", carried(page) | explained)
    line.refresh_from_db()
    assert (line.received, line.missing, line.reason) == (5, 1, "Lost")
    page = text_of(client.get(sent.url))
    assert "closed by a-operator" in page
    assert "Receive what arrived" not in page


def test_more_than_there_is_is_refused_with_the_present_numbers(client, owner, shelf, mug):
    client.force_login(owner)
    given = {"source": "MAIN", "target": "NORTE", "lines": "MUG-1 11"}

    refused = client.post("/transfers/new/", given)

    assert refused.status_code == 422
    assert "MUG-1: only 10 available there (10 on hand, 0 reserved). Nothing was sent." in text_of(refused)
    assert Transfer.objects.count() == 0


def test_what_is_on_its_way_is_shown_as_such(client, owner, shelf, mug, centro, norte):
    client.force_login(owner)
    client.post("/transfers/new/", {"source": "MAIN", "target": "NORTE", "lines": "MUG-1 6"})

    assert "On the way" in text_of(client.get("/warehouses/"))
    assert '/transfers/?tab=way">On the way</a>' in text_of(client.get("/inventory/"))
    assert "TRANSIT" in text_of(client.get("/inventory/MUG-1/"))
    assert client.get("/transfers/?tab=way").context["table"].rows[0].record.units_on_the_way == 6
    assert len(client.get("/transfers/?tab=closed").context["table"].rows) == 0
    way = Warehouse.objects.get(kind="transit")
    assert client.get(f"/warehouses/{way.pk}/").status_code == 404


def test_a_count_waits_for_approval_and_is_approved_once(client, staff, shelf, mug, centro):
    staff("operator")
    entered = carried(client.get("/counts/new/")) | {
        "warehouse": "MAIN",
        "lines": "MUG-1 8\nPLATE-1 4",
        "cause": "damaged",
        "words": "wet shelf",
    }
    made = client.post("/counts/new/", entered)
    page = text_of(client.get(made.url))
    assert "Damaged or expired wet shelf" in page
    assert 'value="approve"' not in page
    assert client.post(f"{made.url}decide/", {"decision": "approve"}).status_code == 403
    assert on_hand(mug, centro) == 10

    manager = staff("manager")
    assert 'value="approve"' in text_of(client.get(made.url))
    client.post(f"{made.url}decide/", {"decision": "approve"})
    client.post(f"{made.url}decide/", {"decision": "approve"})

    assert on_hand(mug, centro) == 8
    assert "a-manager decided this count already: nothing changed now." in text_of(client.get(made.url))
    count = StockCount.objects.get()
    assert (count.state, count.decided_by, count.counted_by.username) == ("approved", manager, "a-operator")
    assert StockMovement.objects.filter(kind="count").count() == 2
    assert len(client.get("/counts/?state=waiting").context["table"].rows) == 0


def test_a_count_that_is_too_old_is_refused_and_rejected(client, owner, shelf, mug, centro):
    client.force_login(owner)
    made = client.post("/counts/new/", {"warehouse": "MAIN", "lines": "MUG-1 8"})
    ledger.count(product=mug, warehouse=centro, counted=9, operation="again")

    client.post(f"{made.url}decide/", {"decision": "approve"})
    page = text_of(client.get(made.url))
    assert "Counted or adjusted again since then: MUG-1." in page
    client.post(f"{made.url}decide/", {"decision": "reject"})

    assert StockCount.objects.get().state == "rejected"
    assert on_hand(mug, centro) == 9


def test_a_warehouse_with_stock_is_not_closed_and_says_what_to_do(client, owner, shelf, mug, plate, centro, norte):
    client.force_login(owner)
    address = f"/warehouses/{norte.pk}/"
    sent, _ = transfers.send(
        source=centro, target=norte, units={mug: 2}, operation="00000000-0000-0000-0000-000000000001", by=owner
    )

    refused = client.post(address, {"name": "Norte"})
    assert refused.status_code == 422
    assert "1 transfer is on its way from or to it" in text_of(refused)
    (line,) = sent.lines.all()
    transfers.receive(transfer=sent, units={line.pk: 2}, version=0, by=owner)
    refused = client.post(address, {"name": "Norte"})
    assert "1 product has units here" in text_of(refused)
    assert "/transfers/new/?source=NORTE" in text_of(refused)
    norte.refresh_from_db()
    assert norte.active

    ledger.count(product=mug, warehouse=norte, counted=0, operation="empty")
    assert client.post(address, {"name": "Norte"}).status_code == 303
    norte.refresh_from_db()
    assert not norte.active


LISTS = {"/receipts/": 3, "/transfers/": 4, "/counts/": 4}


@pytest.mark.parametrize(("address", "queries"), LISTS.items())
def test_lists_take_the_same_queries_for_more_rows(
    client, owner, shelf, centro, norte, address, queries, django_assert_num_queries
):
    client.force_login(owner)
    assert "empty" in text_of(client.get(address))
    for number in range(12):
        product = Product.objects.create(sku=f"D-{number}", name="Thing")
        client.post("/receipts/new/", {"warehouse": "MAIN", "lines": f"D-{number} 5"})
        client.post("/transfers/new/", {"source": "MAIN", "target": "NORTE", "lines": f"D-{number} 2"})
        client.post("/counts/new/", {"warehouse": "MAIN", "lines": f"D-{number} 2"})
        assert on_hand(product, centro) == 3

    with django_assert_num_queries(queries):
        client.get(address)


@pytest.mark.parametrize(("kind", "queries"), [("receipt", 4), ("transfer", 4), ("count", 9)])
def test_a_document_takes_the_same_queries_for_more_lines(
    client, owner, centro, norte, kind, queries, django_assert_num_queries
):
    client.force_login(owner)
    for number in range(12):
        product = Product.objects.create(sku=f"D-{number}", name="Thing")
        ledger.receive(product=product, warehouse=centro, quantity=5, operation=f"d{number}")
    lines = "\n".join(f"D-{number} 2" for number in range(12))
    given = {"warehouse": "MAIN", "source": "MAIN", "target": "NORTE", "lines": lines}
    made = client.post(f"/{kind}s/new/", given)
    client.get(made.url)

    with django_assert_num_queries(queries):
        client.get(made.url)


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_documents_are_seen_by_all_and_made_by_operators(client, staff, shelf, role):
    staff(role)
    may = 200 if role == "operator" else 403

    assert [client.get(address).status_code for address in LISTS] == [200] * 3
    assert [client.get(f"{address}new/").status_code for address in LISTS] == [may] * 3
    assert [(f"{address}new/" in text_of(client.get(address))) for address in LISTS] == [role == "operator"] * 3
    if role == "viewer":
        assert client.post("/receipts/new/", {"warehouse": "MAIN", "lines": "MUG-1 5"}).status_code == 403
        assert Receipt.objects.count() == 0


def test_a_count_that_waits_is_on_today(client, owner, shelf):
    client.force_login(owner)
    client.post("/counts/new/", {"warehouse": "MAIN", "lines": "MUG-1 8"})

    assert "1 stock count waits for approval" in text_of(client.get("/"))


def test_an_oversold_product_is_on_today_and_nothing_was_refused(client, owner, shelf, mug, centro):
    client.force_login(owner)
    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): ledger.Demand(reserved=11)})

    assert "1 product is oversold" in text_of(client.get("/"))
    assert StockLevel.objects.get(product=mug, warehouse=centro).available == -1


def test_a_large_difference_is_approved_by_another_or_with_a_reason(client, staff, shelf, mug, centro):
    staff("manager")
    made = client.post("/counts/new/", {"warehouse": "MAIN", "lines": "MUG-1 5"})
    client.post(f"{made.url}decide/", {"decision": "reject"})
    staff("administrator")
    own = client.post("/counts/new/", {"warehouse": "MAIN", "lines": "MUG-1 5"})
    page = text_of(client.get(own.url))
    assert 'name="because"' in page
    refused = client.post(f"{own.url}decide/", {"decision": "approve"})
    assert (refused.status_code, on_hand(mug, centro)) == (422, 10)
    assert "Say why nobody else approves it." in text_of(refused)
    client.post(f"{own.url}decide/", {"decision": "approve", "because": "Mia is on holiday"})
    assert on_hand(mug, centro) == 5
    assert "Approved by who counted it: Mia is on holiday" in text_of(client.get(own.url))


def test_a_manager_is_not_offered_what_another_has_to_approve(client, owner, staff, shelf, mug, centro):
    staff("manager")
    made = client.post("/counts/new/", {"warehouse": "MAIN", "lines": "MUG-1 5"})
    page = text_of(client.get(made.url))

    assert "somebody else approves it" in page
    assert 'value="approve"' not in page
    assert 'value="reject"' in page
    assert client.post(f"{made.url}decide/", {"decision": "approve"}).status_code == 403
    assert on_hand(mug, centro) == 10


def test_what_had_left_before_the_counting_is_shown_before_approving(client, owner, staff, shelf, mug, centro):
    staff("operator")
    made = client.post("/counts/new/", {"warehouse": "MAIN", "lines": "MUG-1 9"})
    long_ago = timezone.now() - timedelta(hours=2)
    wanted = {"order:77:0": {(mug.pk, centro.pk): ledger.Demand(shipped=1)}}
    ledger.set_demands(wanted, left_at={"order:77:0": long_ago})
    client.force_login(owner)

    page = client.get(made.url)
    assert "Order 77</a>: had left before it was counted, -1" in text_of(page)
    assert (page.context["rows"][0].now, page.context["rows"][0].after) == (9, 9)
    client.post(f"{made.url}decide/", {"decision": "approve"})
    assert on_hand(mug, centro) == 9
    (row,) = client.get(made.url).context["rows"]
    assert row.added == 0
