"""Pushing prices to the sandbox: what is sent, what is not, and what staff is told."""

from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.imports import importing
from catalog.mapping import sku_mapping
from catalog.models import Listing, PriceTarget, Product
from catalog.prices import price_changes, price_push
from sandbox.faults import APPLIED_THEN_TIMEOUT, CONFLICT_409, IGNORED_WRITE, PARTIAL_206, STALE_READ
from sandbox.state import Promotion
from sellers import points
from sellers.brakes import breakers
from sellers.models import PushAttempt, SellerAccount, Work
from sellers.queue import work


@pytest.fixture
def on_sale(world, shop, live_account, mug):
    """A listing of a live seller, linked to the mug, as an import leaves it."""

    def put_up(product=mug, units=1, **details):
        item = shop.add_item(**({"price": 1000, "seller_sku": "OTHER"} | details))
        client = importing.client_for(live_account)
        saved = importing.save_item(live_account, client.item(item.id), timezone.now())
        units_of_it = [unit.pk for unit in saved.variations.values()]
        sku_mapping.link(variation_ids=units_of_it, product=product, units=units, source="typed", by=None)
        Work.objects.filter(kind="mapping").delete()  # the effects on orders are another matter
        world.requests.clear()
        return item

    return put_up


def set_price(product, price, floor=None, currency="ARS"):
    price_changes.set_product_price(product=product, currency_id=currency, price=price, floor=floor, by=None)


def writes(world):
    return [one.body for one in world.requests if one.method == "PUT"]


def target():
    return PriceTarget.objects.get()


def test_a_price_is_written_read_back_and_shown_as_equal(world, mug, on_sale, work_off):
    item = on_sale()
    set_price(mug, Decimal("1250.50"))
    before = target()

    work_off()

    assert (before.wanted, before.state) == (Decimal("1250.50"), "waiting")
    assert world.items[item.id].price == Decimal("1250.5")
    after = target()
    assert (after.state, after.accepted, after.observed) == ("equal", Decimal("1250.50"), Decimal("1250.50"))
    attempt = PushAttempt.objects.get()
    assert (attempt.kind, attempt.outcome, attempt.http_status) == ("price", "verified", 200)
    assert attempt.changes == [{"variation_id": 0, "old": "1000.00", "new": "1250.50"}]
    assert attempt.duration_ms is not None


def test_the_price_goes_alone(world, mug, on_sale, work_off):
    on_sale()
    set_price(mug, Decimal(1250))

    work_off()

    assert writes(world) == [{"price": 1250}]


def test_an_equal_price_is_not_sent(world, mug, on_sale, work_off):
    item = on_sale()
    set_price(mug, Decimal(1200))
    world.edit_price(item.id, 1200)

    work_off()

    assert writes(world) == []
    assert PushAttempt.objects.get().outcome == "unchanged"
    assert target().state == "equal"


def test_every_variation_gets_the_price(world, mug, on_sale, work_off):
    on_sale(
        variations=[
            {"id": 11, "combination": {"COLOR": "Rojo"}, "available_quantity": 2},
            {"id": 12, "combination": {"COLOR": "Azul"}, "available_quantity": 3},
        ]
    )
    set_price(mug, Decimal(1300))

    work_off()

    assert writes(world) == [{"variations": [{"id": 11, "price": 1300}, {"id": 12, "price": 1300}]}]
    assert world.counters["variations_deleted"] == 0


def test_an_answer_without_its_variations_is_never_written_from(world, mug, on_sale, work_off):
    on_sale(variations=[{"id": 11, "combination": {"COLOR": "Rojo"}, "available_quantity": 2}])
    world.faults.add(PARTIAL_206, times=1, path="/items/.*", method="GET")
    set_price(mug, Decimal(1300))

    work_off()

    assert world.counters["variations_deleted"] == 0
    assert target().state == "equal"


def test_units_per_sale_multiply(world, mug, on_sale, work_off):
    item = on_sale(units=3)
    set_price(mug, Decimal(500))

    work_off()

    assert world.items[item.id].price == 1500


def test_a_currency_without_cents_gets_a_whole_price(world, connect, work_off, settings):
    chile = world.add_seller("CHILE", site_id="MLC")
    account = connect(chile, mode="live")
    item = chile.add_item(price=1000)
    product = Product.objects.create(sku="X", name="X")
    saved = importing.save_item(account, importing.client_for(account).item(item.id), timezone.now())
    sku_mapping.link(variation_ids=[saved.variations[0].pk], product=product, source="typed", by=None)
    Work.objects.filter(kind="mapping").delete()
    set_price(product, Decimal("1999.50"), currency="CLP")

    work_off()

    assert writes(world) == [{"price": 2000}]


def test_below_the_floor_nothing_is_sent(world, mug, on_sale, work_off):
    on_sale()
    set_price(mug, Decimal(1300), floor=Decimal(1200))
    PriceTarget.objects.update(wanted=1200)
    work_off()
    world.requests.clear()

    with pytest.raises(price_changes.PriceRefused, match="below the floor"):
        set_price(mug, Decimal(1100), floor=Decimal(1200))
    work_off()

    assert writes(world) == []


def test_price_automation_is_a_state_not_an_error(world, mug, on_sale, work_off):
    on_sale(tags=["dynamic_standard_price"])
    set_price(mug, Decimal(1300))

    work_off()

    assert writes(world) == []
    assert target().state == "automated"
    assert "automation" in target().explanation
    assert Work.objects.get(kind="price").state == "idle"


def test_an_automation_that_starts_at_the_same_moment_is_explained(world, mug, on_sale, work_off):
    item = on_sale()
    world.hooks.before("PUT", f"/items/{item.id}", lambda: world.items[item.id].tags.append("dynamic_standard_price"))
    set_price(mug, Decimal(1300))

    work_off()

    attempt = PushAttempt.objects.get()
    assert (attempt.outcome, attempt.http_status) == ("rejected", 400)
    assert "dynamic pricing" in attempt.ml_words
    assert attempt.meaning
    assert attempt.todo
    assert target().state == "automated"
    assert Work.objects.get(kind="price").state == "idle"


def test_a_promotion_is_waited_for(world, mug, on_sale, work_off):
    item = on_sale()
    now = timezone.now()
    world.items[item.id].promotion = Promotion("P-1", Decimal(1100), now, now)
    set_price(mug, Decimal(1300))

    work_off()

    assert writes(world) == []
    assert (target().state, target().observed) == ("promotion", 1100)


@pytest.mark.parametrize("how", ["close", "set_under_review"])
def test_a_listing_that_takes_no_changes_is_blocked_with_the_reason(world, mug, on_sale, work_off, how):
    item = on_sale()
    getattr(world, how)(item.id)
    set_price(mug, Decimal(1300))

    work_off()

    assert writes(world) == []
    assert target().state == "blocked"
    assert target().explanation


def test_a_write_without_effect_is_tried_again_and_then_explained(world, mug, on_sale, work_off):
    on_sale()
    world.faults.add(IGNORED_WRITE, times=None, method="PUT")
    set_price(mug, Decimal(1300))

    work_off()

    assert [one.outcome for one in PushAttempt.objects.order_by("pk")] == ["accepted", "accepted", "ignored"]
    assert target().state == "blocked"


def test_a_stale_read_back_heals_by_itself(world, mug, on_sale, work_off):
    item = on_sale()
    set_price(mug, Decimal(1300))
    world.hooks.after("PUT", f"/items/{item.id}", lambda: world.faults.add(STALE_READ, times=1, path="/items/.*"))

    work_off()

    assert target().state == "equal"
    assert len(writes(world)) == 1


def test_an_unknown_outcome_is_read_before_it_is_written_again(world, mug, on_sale, work_off):
    on_sale()
    world.faults.add(APPLIED_THEN_TIMEOUT, times=1, method="PUT")
    set_price(mug, Decimal(1300))

    work_off()

    assert [one.outcome for one in PushAttempt.objects.order_by("pk")] == ["unknown", "unchanged"]
    assert target().state == "equal"
    assert len(writes(world)) == 1


def price_work_once():
    Work.objects.exclude(kind="price").delete()
    for claimed in work.claim(lane=settings.LANES["pushes"], who="test"):
        work.run(claimed)
    return Work.objects.get(kind="price")


def test_a_call_that_is_held_back_right_before_the_write_was_never_sent(world, mug, on_sale, live_account):
    on_sale()
    set_price(mug, Decimal(1300))

    with points.at("price.before_put", lambda: breakers.hold(live_account.pk)):
        row = price_work_once()

    assert (writes(world), row.state, row.last_error_class) == ([], "ready", "Unavailable")
    assert not PushAttempt.objects.exists()


def test_a_look_that_is_held_back_after_the_write_is_made_later(world, mug, on_sale, live_account, work_off):
    item = on_sale()
    set_price(mug, Decimal(1300))

    with points.at("price.after_put", lambda: breakers.hold(live_account.pk)):
        price_work_once()

    assert (item.price, target().state, PushAttempt.objects.get().outcome) == (1300, "accepted", "accepted")
    breakers.here.stopped.clear()
    work_off()
    assert target().state == "equal"
    assert len(writes(world)) == 1


def test_a_conflict_is_decided_again(world, mug, on_sale, work_off):
    on_sale()
    world.faults.add(CONFLICT_409, times=1, method="PUT")
    set_price(mug, Decimal(1300))

    work_off()

    assert [one.outcome for one in PushAttempt.objects.order_by("pk")] == ["conflict", "verified"]
    assert target().state == "equal"


def test_a_price_that_ml_refuses_fails_with_its_words(world, mug, on_sale, work_off):
    on_sale()
    world.price_floor = Decimal(5000)
    set_price(mug, Decimal(1300))

    work_off()

    assert PushAttempt.objects.get().outcome == "rejected"
    assert "at least 5000" in PushAttempt.objects.get().ml_words
    assert target().state == "rejected"
    assert Work.objects.get(kind="price").state == "dead"


@pytest.mark.parametrize("switch", [{"mode": "observe"}, {"pushes_paused": True}])
def test_nothing_is_written_while_the_switch_is_off(world, mug, on_sale, work_off, switch):
    on_sale()
    SellerAccount.objects.update(**switch)
    set_price(mug, Decimal(1300))

    work_off()

    assert writes(world) == []
    assert (target().wanted, target().state) == (1300, "waiting")


def test_going_live_sends_what_was_wanted_meanwhile(world, mug, on_sale, work_off, live_account):
    on_sale()
    SellerAccount.objects.update(mode="observe")
    set_price(mug, Decimal(1300))
    work_off()
    SellerAccount.objects.update(mode="live")

    price_push.want_all(live_account.pk)
    work_off()

    assert target().state == "equal"
    assert len(writes(world)) == 1


@pytest.mark.parametrize(("policy", "price"), [("overwrite", 1300), ("ask", 1111)])
def test_a_hand_edit_at_ml_follows_the_seller_s_setting(world, mug, on_sale, work_off, live_account, policy, price):
    item = on_sale()
    SellerAccount.objects.update(drift_policy=policy)
    live_account.refresh_from_db()
    set_price(mug, Decimal(1300))
    work_off()
    world.edit_price(item.id, 1111)

    importing.save_item(live_account, importing.client_for(live_account).item(item.id), timezone.now())
    drift = target()
    work_off()

    assert (drift.state, drift.observed) == ("waiting" if policy == "overwrite" else "drift", 1111)
    assert world.items[item.id].price == price


def test_taking_the_price_away_leaves_ml_alone(world, mug, on_sale, work_off):
    on_sale()
    set_price(mug, Decimal(1300))
    set_price(mug, None)

    work_off()

    assert writes(world) == []
    assert PriceTarget.objects.count() == 0


def test_an_own_price_wins_over_the_product_s(world, mug, on_sale, work_off):
    item = on_sale()
    set_price(mug, Decimal(1300))
    price_changes.set_own_prices({Listing.objects.get().pk: Decimal(1450)}, by=None)

    work_off()

    assert world.items[item.id].price == 1450


def test_a_listing_that_is_gone_is_told_not_tried_for_ever(world, mug, on_sale, work_off):
    item = on_sale()
    world.items[item.id].sub_status = ["deleted"]
    set_price(mug, Decimal(1300))

    work_off()

    assert target().state == "blocked"
    assert Work.objects.get(kind="price").state == "idle"
