"""A price changed at Mercado Libre, where the seller's setting is to ask: told, and answered once."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group

from catalog.mapping import sku_mapping
from catalog.models import Listing, PriceTarget
from catalog.prices import price_targets
from dashboard import facts
from dashboard.attention_rules import Kind
from sellers.models import SellerAccount, Work
from sellers.queue import work
from tests.catalog.prices.test_price_push import on_sale, set_price, writes  # noqa: F401  a fixture


@pytest.fixture
def drifted(world, mug, on_sale, work_off, live_account):  # noqa: F811
    """Ours is 1200; somebody set 1500 at Mercado Libre."""
    SellerAccount.objects.update(drift_policy="ask")
    item = on_sale()
    set_price(mug, Decimal(1200))
    work_off()
    world.edit_price(item.id, 1500)
    Work.objects.filter(kind="price").delete()
    work.bump(account_id=live_account.pk, kind="item", key=item.id)
    work_off()
    world.requests.clear()
    return item


def target():
    return PriceTarget.objects.get()


def answer(client, what, theirs="1500.00"):
    pk = Listing.objects.get().pk
    return client.post(f"/prices/{pk}/drift/", {"answer": what, "theirs": theirs}, follow=True)


def test_it_is_told_on_today_and_nothing_is_sent(world, drifted, work_off, mug):
    assert (target().state, target().wanted, target().observed) == ("drift", 1200, 1500)
    (fact,) = (fact for fact in facts.of_prices() if fact.kind is Kind.PRICE_DRIFT)
    assert (fact.count, fact.since) == (1, target().observed_at)

    sku_mapping.ask_for_effects([Listing.objects.get().variations.get().pk])
    price_targets.want([Listing.objects.get().pk])
    work_off()

    assert (writes(world), target().state) == ([], "drift")


def test_another_wish_of_ours_is_sent_as_ever(world, drifted, work_off, mug):
    set_price(mug, Decimal(1300))
    work_off()

    assert (world.items[drifted.id].price, target().state) == (1300, "equal")


def test_put_back_at_ml_it_is_equal_again(world, drifted, work_off, live_account):
    world.edit_price(drifted.id, 1200)
    work.bump(account_id=live_account.pk, kind="item", key=drifted.id)
    work_off()

    assert (writes(world), target().state) == ([], "equal")


def test_ours_is_sent_again(world, drifted, work_off, client, owner):
    client.force_login(owner)
    page = client.get(f"/prices/{Listing.objects.get().pk}/").content.decode()
    assert "Use ours" in page
    assert "Take theirs" in page

    assert "Our price is sent again" in answer(client, "ours").content.decode()
    work_off()

    assert (world.items[drifted.id].price, target().state) == (1200, "equal")


def test_theirs_becomes_the_listing_s_own_price(world, drifted, work_off, client, owner):
    client.force_login(owner)

    answer(client, "theirs")
    work_off()

    listing = Listing.objects.get()
    assert (listing.own_price, target().wanted, target().state, writes(world)) == (1500, 1500, "equal", [])


def test_theirs_below_the_floor_is_refused(world, drifted, mug, client, owner):
    client.force_login(owner)
    set_price(mug, Decimal(1600), floor=Decimal(1550))
    PriceTarget.objects.update(state="drift")

    assert "Below the floor" in answer(client, "theirs").content.decode()
    assert (Listing.objects.get().own_price, target().state) == (None, "drift")


@pytest.mark.parametrize("case", ["moved on", "answered", "nonsense"])
def test_a_stale_page_and_a_double_click_change_nothing(drifted, client, owner, case):
    client.force_login(owner)
    if case == "answered":
        answer(client, "ours")
    if case == "nonsense":
        assert answer(client, "theirs", "abc").status_code == 404
    else:
        page = answer(client, "theirs", "1500.00" if case == "answered" else "1400.00").content.decode()
        assert "moved on while you were looking" in page
    assert Listing.objects.get().own_price is None


def test_an_operator_is_refused(drifted, client, django_user_model):
    operator = django_user_model.objects.create_user("oscar", is_staff=True)
    operator.groups.add(Group.objects.get(name="operator"))
    client.force_login(operator)

    assert "Use ours" not in client.get(f"/prices/{Listing.objects.get().pk}/").content.decode()
    assert answer(client, "ours").status_code == 403
    assert target().state == "drift"
