"""A quantity changed at Mercado Libre, where the seller's setting is to ask: ours, or theirs by way of the ledger."""

import pytest
from django.contrib.auth.models import Group

from inventory import ledger
from inventory.models import StockLevel
from sellers.models import SellerAccount
from tests.inventory.test_patrol import long_ago


@pytest.fixture
def drifted(shop, mug, centro, work_off, deliver):
    """Ours is 8 mugs, four sales of two; somebody set 6 sales at Mercado Libre."""
    ledger.receive(product=mug, warehouse=centro, quantity=8, operation="in")
    item = shop.open(drift_policy="ask").item(link=mug, units=2, available_quantity=4)
    work_off()
    long_ago()
    shop.world.edit_stock(item.id, 6)
    deliver()
    work_off()
    assert shop.target(item).state == "drift"
    return item


def test_theirs_is_an_adjustment_that_is_shown_before_it_is_made(shop, drifted, mug, client, owner, work_off):
    client.force_login(owner)
    page = client.get("/inventory/MUG-1/").content.decode()
    assert "Use ours" in page
    assert "/inventory/move/adjust/?sku=MUG-1&amp;warehouse=MAIN&amp;quantity=4" in page

    form = client.get("/inventory/move/adjust/?sku=MUG-1&warehouse=MAIN&quantity=4").content.decode()
    assert 'name="quantity" value="4"' in form

    ledger.adjust(
        product=mug, warehouse=StockLevel.objects.get().warehouse, delta=4, operation="theirs", reason="theirs"
    )
    work_off()
    assert (shop.target(drifted).state, drifted.available_quantity) == ("equal", 6)


def test_an_operator_may_use_ours_and_not_take_theirs(shop, drifted, client, django_user_model):
    operator = django_user_model.objects.create_user("oscar", is_staff=True)
    operator.groups.add(Group.objects.get(name="operator"))
    client.force_login(operator)

    page = client.get("/inventory/MUG-1/").content.decode()

    assert "Use ours" in page
    assert "Take theirs" not in page
    assert client.get("/inventory/move/adjust/").status_code == 403


def test_nothing_is_asked_where_nothing_was_changed(shop, drifted, client, owner, work_off):
    SellerAccount.objects.update(drift_policy="overwrite")
    client.force_login(owner)
    client.post(f"/inventory/overwrite/{shop.target(drifted).variation_id}/")
    work_off()

    page = client.get("/inventory/MUG-1/").content.decode()

    assert "Take theirs" not in page
    assert drifted.available_quantity == 4
