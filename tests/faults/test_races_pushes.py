"""Pushes against what happens between reading, writing and reading back.

paused, stopped, disconnected, rule, warehouse, staff's retry, listing paused, token renewed    here
a worker back from the dead, with stock in its hands                                            here
a sale between GET and PUT, told of afterwards (plain items)                                    here
a sale, or a hand edit, between GET and PUT by x-version       tests/inventory/pushes/test_stock_push.py
a lease lost on the way, and what is wanted meanwhile          tests/inventory/pushes/test_push_together.py
a seller of Global Selling paused in the middle                tests/catalog/marketplaces/test_marketplace_changes.py
an answer read ten seconds ago is not written on               tests/mercadolibre/test_client_items.py
"""

from decimal import Decimal

import pytest

from catalog.models import Listing
from catalog.prices import price_changes
from inventory.models import SellerWarehouse, StockTarget, Warehouse
from inventory.places import links
from inventory.rules import rule_changes
from sellers.brakes import stops
from sellers.connection import accounts, tokens
from sellers.models import PushAttempt, SellerAccount, Work
from sellers.queue import work
from tests.faults.racing import (
    Beside,
    a_minute_passes,
    claim_of,
    claims_of,
    comes_right,
    held_at,
    lease_ends,
    meanwhile,
)


@pytest.fixture
def received(stage):
    """Two more mugs came in: three listings have to be written."""
    receive(stage, 2)


def receive(stage, units):
    stage.receive(stage.shop.mug, units)


def puts(stage, account=None):
    users = {account.ml_user_id} if account else set(stage.world.sellers)
    return [one for one in stage.world.requests if one.method == "PUT" and one.user_id in users]


def push_all(stage):
    work.run_together(claims_of("stock"))


# --- writing is switched off ------------------------------------------------------------------------------------------


def by_place(stage):
    depots = stage.depots()
    nothing = {store.id: 0 for store in depots.seller.stores}
    stage.publish_and_link(depots.account, depots.seller, depots.cup, title="Copa", stores=nothing)
    stage.world.requests.clear()
    return depots.account, lambda: work.run(claim_of("stock"))


def together(stage):
    receive(stage, 2)
    casa = stage.shop.casa
    return casa, lambda: work.run_together([one for one in claims_of("stock") if one.account_id == casa.pk])


def price(stage):
    set_price(stage, 1250)
    return stage.shop.casa, lambda: work.run(claims_of("price")[0])


def set_price(stage, amount, floor=None):
    floor = None if floor is None else Decimal(floor)
    price_changes.set_product_price(
        product=stage.shop.mug, currency_id="ARS", price=Decimal(amount), floor=floor, by=stage.owner
    )


SWITCHED_OFF = [
    ("pushes.after_get", together),
    ("pushes.before_put", together),
    ("push.after_get", by_place),
    ("push.before_put", by_place),
    ("price.after_get", price),
    ("price.before_put", price),
]


def pause(account, by):
    accounts.pause(account)
    return lambda: accounts.resume(account)


def stop_everything(account, by):
    stops.stop(reason="drill", by=by)
    return lambda: stops.go_on(stops.active().get().pk, by=by)


@pytest.mark.parametrize("switch_off", [pause, stop_everything])
@pytest.mark.parametrize(("where", "begun"), SWITCHED_OFF)
def test_what_is_switched_off_between_get_and_put_is_not_written(stage, owner, where, begun, switch_off):
    account, push = begun(stage)
    stage.world.requests.clear()
    switch_on = []

    with meanwhile(where, lambda: switch_on.append(switch_off(account, owner))):
        push()

    assert puts(stage, account) == []
    switch_on[0]()
    lease_ends()
    comes_right(stage)
    assert puts(stage, account) != []


def away(account, by):
    """Mercado Libre has refused its token: the seller has to connect again, which somebody does later."""
    SellerAccount.objects.filter(pk=account.pk).update(status="needs_reconnect")
    return lambda: SellerAccount.objects.filter(pk=account.pk).update(status="connected")


@pytest.mark.parametrize("switch_off", [pause, away])
@pytest.mark.parametrize("begun", [together, by_place, price])
def test_what_was_claimed_a_moment_before_keeps_its_place(stage, owner, begun, switch_off):
    """Nobody asks for it again when the seller is resumed or connected."""
    account, push = begun(stage)
    stage.world.requests.clear()
    switch_on = []

    with meanwhile("work.claimed", lambda: switch_on.append(switch_off(account, owner))):
        push()

    assert puts(stage, account) == []
    switch_on[0]()
    lease_ends()
    comes_right(stage)
    assert puts(stage, account) != []


def test_a_seller_who_has_to_connect_again_between_get_and_put_gets_it_afterwards(stage, received, owner):
    account = stage.shop.casa
    stage.world.requests.clear()
    with meanwhile("pushes.before_put", lambda: away(account, owner)):
        push_all(stage)

    rows = Work.objects.filter(kind="stock", account=account).exclude(state="idle")
    assert rows.exists()
    assert puts(stage, account) == []
    SellerAccount.objects.filter(pk=account.pk).update(status="connected")
    lease_ends()
    comes_right(stage)
    assert stage.shown() == (12, 12, 12)


def test_a_seller_disconnected_between_get_and_put_is_not_written_to(stage, received, owner):
    account = SellerAccount.objects.get(pk=stage.shop.casa.pk)
    stage.world.requests.clear()

    with meanwhile("pushes.before_put", lambda: accounts.disconnect(account, by=owner)):
        push_all(stage)

    assert puts(stage, account) == []
    assert PushAttempt.objects.filter(account=account, outcome="pending").count() == 0


# --- something else is wanted -----------------------------------------------------------------------------------------


def exclude(stage):
    north = Warehouse.objects.create(code="NORTE", name="Norte")
    stage.receive(stage.shop.mug, 5, warehouse=north)
    link = links.Linked(stage.shop.casa, north, excluded=True)
    return lambda: rule_changes.apply(link, seen_to_zero=0), (12, 12, 17)


def hold_back(stage):
    rule = rule_changes.OfSeller(stage.shop.casa, buffer=3, last_units=None)
    return lambda: rule_changes.apply(rule, seen_to_zero=0), (9, 9, 12)


def lose(stage):
    return lambda: stage.receive(stage.shop.mug, -4), (8, 8, 8)


@pytest.mark.parametrize("where", ["pushes.after_get", "pushes.before_put", "pushes.before_read_back"])
@pytest.mark.parametrize("change", [exclude, hold_back, lose])
def test_what_is_wanted_meanwhile_is_sent_afterwards(stage, received, change, where):
    act, shown = change(stage)
    claims = claims_of("stock")

    with meanwhile(where, act):
        work.run_together(claims)

    rows = Work.objects.filter(pk__in=[one.work_id for one in claims if one.account_id == stage.shop.casa.pk])
    assert set(rows.values_list("state", flat=True)) == {"ready"}
    comes_right(stage)
    assert stage.shown() == shown


def test_what_is_wanted_while_the_result_is_written_waits_and_is_sent(stage, received):
    claims = claims_of("stock")

    with held_at("work.before_commit", lambda: work.run_together(claims)):
        wanting = Beside(lambda: receive(stage, 3))
        assert wanting.waits
    wanting.join()

    comes_right(stage)
    assert stage.shown() == (15, 15, 15)


def test_a_link_to_a_warehouse_is_one_of_two_made_at_once(stage, received):
    """Staff presses twice, while pushes run."""
    link = links.Linked(stage.shop.casa, stage.main)
    with held_at("ledger.moved", lambda: receive(stage, 1)):
        both = [Beside(lambda: rule_changes.apply(link, seen_to_zero=0)) for _ in range(2)]
    for one in both:
        one.join()

    assert SellerWarehouse.objects.count() == 1
    comes_right(stage)
    assert stage.shown() == (13, 13, 13)


def test_a_retry_pressed_while_it_runs_disturbs_nobody(stage, received):
    claims = claims_of("stock")
    pressed = []

    with meanwhile("pushes.before_put", lambda: pressed.append(work.retry([one.work_id for one in claims]))):
        work.run_together(claims)

    assert pressed == [0]
    assert set(Work.objects.filter(kind="stock").values_list("state", flat=True)) == {"idle"}
    comes_right(stage)


# --- Mercado Libre changes meanwhile ----------------------------------------------------------------------------------


def test_a_sale_between_get_and_put_is_made_good_by_its_order(stage, received):
    """The PUT writes over what Mercado Libre took off."""

    def sell():
        stage.world.sell(stage.shop.mug_at_casa, 2)
        stage.world.sell(stage.shop.mug_at_aurora, 1)

    with meanwhile("pushes.before_put", sell):
        push_all(stage)
    stage.deliver()

    comes_right(stage)
    assert (stage.level(), stage.shown()) == ((12, 3), (9, 9, 9))


def test_a_listing_paused_between_get_and_put_is_told_so_and_comes_back(stage, received):
    with meanwhile("pushes.before_put", lambda: stage.world.pause(stage.shop.mug_at_casa)):
        push_all(stage)
    stage.deliver()
    comes_right(stage)
    assert stage.unit(stage.shop.mug_at_casa).listing.status == "paused"

    receive(stage, 1)
    stage.world.activate(stage.shop.mug_at_casa)
    stage.deliver()

    comes_right(stage)
    assert stage.shown() == (13, 13, 13)


def test_a_token_renewed_between_get_and_put_costs_one_more_try(stage, received):
    account = stage.shop.casa

    def renewed():
        stage.world.consents.expire_access(account.ml_user_id)
        assert tokens.refresh(account.pk) is tokens.Result.RENEWED

    with meanwhile("pushes.before_put", renewed):
        push_all(stage)

    rows = Work.objects.filter(kind="stock", account=account).values_list("state", "last_error_class", "fails")
    assert set(rows) == {("ready", "TryLater", 0)}
    account.refresh_from_db()
    assert account.refresh_wanted_at is None
    comes_right(stage)
    assert len(stage.world.requests.to("/oauth/token", "POST")) == 1


# --- back from the dead -----------------------------------------------------------------------------------------------


def test_a_worker_back_from_the_dead_sends_no_old_quantity(stage, received, monkeypatch):
    """It has read, and was frozen for a minute; another has sent a newer quantity since."""
    claims = claims_of("stock")

    with held_at("pushes.after_get", lambda: work.run_together(claims)):
        lease_ends()
        stage.receive(stage.shop.mug, -5)
        comes_right(stage)
        assert stage.shown() == (7, 7, 7)
        stage.world.requests.clear()
        a_minute_passes(monkeypatch)
    monkeypatch.undo()

    assert puts(stage) == []
    comes_right(stage)
    assert stage.shown() == (7, 7, 7)


def test_a_worker_back_from_the_dead_with_an_old_version_is_refused_and_writes_nothing(stage):
    account, _push = by_place(stage)
    claimed = claim_of("stock")
    cup = Listing.objects.get(account=account).variations.get().mapping.product
    south = Warehouse.objects.get(code="SUR")

    with held_at("push.before_put", lambda: work.run(claimed)):
        lease_ends()
        stage.receive(cup, -1, warehouse=south)
        work.run(claim_of("stock"))
        lamps = StockTarget.objects.values().get(variation__mapping__product=cup)

    assert StockTarget.objects.values().get(variation__mapping__product=cup) == lamps
    comes_right(stage)
    assert stage.world.items[Listing.objects.get(account=account).item_id].available_quantity == 7
