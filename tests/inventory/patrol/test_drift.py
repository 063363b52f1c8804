"""A quantity changed at Mercado Libre, where the seller's setting is to ask: ours, or theirs by way of the ledger."""

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from catalog.models import Listing, Variation
from dashboard import facts
from dashboard.attention_rules import Kind
from inventory import ledger
from inventory.models import StockLevel, StockTarget
from inventory.pushes.routes import ItemRoute
from inventory.targets.intents import unit_of
from sellers.connection.clients import client_for
from sellers.models import SellerAccount
from sellers.queue.outcomes import TryLater
from tests.inventory.patrol.test_patrol import long_ago


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


def drifts():
    return next(one.count for one in facts.of_stock() if one.kind is Kind.DRIFT)


@pytest.mark.parametrize("what", ["the unit is gone", "the listing is missing", "the listing is closed"])
def test_what_is_no_longer_there_does_not_differ(drifted, what):
    assert drifts() == 1
    if what == "the unit is gone":
        Variation.objects.update(gone_at=timezone.now())
    elif what == "the listing is missing":
        Listing.objects.update(missing_since=timezone.now())
    else:
        Listing.objects.update(status="closed")

    assert drifts() == 0


def test_a_push_that_finds_a_variation_gone_wants_nothing_of_it_any_more(shop, mug, work_off):
    shop.open()
    item = shop.item(variations=[{"combination": {"SIZE": size}, "available_quantity": 1} for size in "ML"])
    for variation in Variation.objects.all():
        shop.link(variation, mug)
    work_off()
    gone, _stays = (one.id for one in item.variations)
    assert shop.target(item, gone).wanted == 0
    shop.world.remove_variation(item.id, gone)

    with pytest.raises(TryLater):
        ItemRoute(unit_of(shop.account, item.id), client_for(shop.account)).read()

    assert (shop.target(item, gone).wanted, shop.target(item, gone).state) == (None, StockTarget.State.BLOCKED)


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
