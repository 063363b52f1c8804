"""Many pushes at once: what they cost, and that one of them never touches the others."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from inventory import ledger
from inventory.models import StockMovement, StockTarget
from sandbox import faults
from sellers.models import PushAttempt, SellerAccount, Work
from sellers.queue import work
from tests.inventory.conftest import Shop

PUSHES = settings.LANES["pushes"]
Outcome = PushAttempt.Outcome


@pytest.fixture
def shelf(shop, centro):
    """A live seller with plates, each a listing of its own that shows something else than the 8 that are there."""
    shop.open()

    def fill(count, shown=3):
        items = []
        for number in range(count):
            plate = Product.objects.create(sku=f"PLATE-{shown}-{number}", name="Plate")
            ledger.receive(product=plate, warehouse=centro, quantity=8, operation=f"in-{plate.sku}")
            items.append(shop.item(link=plate, available_quantity=shown, title=f"Plate {number}"))
        shop.world.requests.clear()
        return items

    return fill


def claim_all():
    Work.objects.filter(state="ready").update(due_at="2000-01-01T00:00:00Z")
    return work.claim(lane=PUSHES, who="test", limit=40)


def calls(shop):
    return [(entry.method, entry.path) for entry in shop.world.requests]


def outcomes():
    return dict(PushAttempt.objects.values_list("item_id", "outcome"))


def receive_one_more(item, centro):
    product = Product.objects.get(mappings__variation__listing__item_id=item.id)
    operation = f"more-{StockMovement.objects.count()}"
    ledger.receive(product=product, warehouse=centro, quantity=1, operation=operation)


def test_twenty_pushes_are_one_read_twenty_writes_and_one_read(shop, shelf):
    items = shelf(20)

    work.run_together(claim_all())

    puts = [path for method, path in calls(shop) if method == "PUT"]
    assert sorted(puts) == sorted(f"/items/{item.id}" for item in items)
    assert [path for method, path in calls(shop) if method == "GET"] == ["/items/bulk", "/items/bulk"]
    assert {item.available_quantity for item in items} == {8}
    assert set(outcomes().values()) == {Outcome.VERIFIED}
    assert set(StockTarget.objects.values_list("accepted", "observed", "state")) == {(8, 8, "equal")}
    assert set(Work.objects.filter(kind="stock").values_list("state", flat=True)) == {"idle"}


def test_sales_are_told_apart_from_the_moment_of_the_claims(shop, shelf):
    shelf(3)
    claims = claim_all()
    claims[1].claimed_at -= timedelta(seconds=9)

    work.run_together(claims)

    assert set(StockTarget.objects.values_list("accepted", "sales_from")) == {(8, claims[1].claimed_at)}


def test_the_number_of_queries_does_not_grow_with_the_pushes(shop, shelf):
    shelf(9)
    claims = claim_all()

    few, many = queries_of(claims[:2]), queries_of(claims[2:])

    assert few == many == 23


def queries_of(claims):
    """How many there are, without those of the switch for writing and of the breakers, which time decides."""
    with CaptureQueriesContext(connection) as captured:
        work.run_together(claims)
    asked = [line["sql"] for line in captured.captured_queries]
    by_time = (
        "SAVEPOINT",
        "from sellers_writestop",
        "sellers_installation",
        "sellers_callcount",
        "throttle_until > now",
    )
    return len([sql for sql in asked if not any(words in sql for words in by_time)])


def test_equal_quantities_are_not_written(shop, shelf, centro, mug):
    items = shelf(3)
    work.run_together(claim_all())
    for item in items:
        work.bump(account_id=shop.account.pk, kind="stock", key=item.own.user_product_id)
    shop.world.requests.clear()

    work.run_together(claim_all())

    assert calls(shop) == [("GET", "/items/bulk")]
    assert PushAttempt.objects.filter(outcome=Outcome.UNCHANGED).count() == 3


def test_what_falls_is_written_first(shop, shelf, centro):
    (rising,) = shelf(1)
    (falling,) = shelf(1, shown=50)

    work.run_together(sorted(claim_all(), key=lambda claim: claim.key != rising.own.user_product_id))

    assert [path for method, path in calls(shop) if method == "PUT"] == [
        f"/items/{falling.id}",
        f"/items/{rising.id}",
    ]


def test_one_refused_listing_leaves_the_others_alone(shop, shelf):
    items = shelf(3)
    shop.world.faults.add(faults.POLICY_403, path=f"/items/{items[1].id}", method="GET")
    shop.world.faults.add(faults.TIMEOUT, path=f"/items/{items[1].id}", method="PUT")

    work.run_together(claim_all())

    assert [item.available_quantity for item in items] == [8, 3, 8]
    assert outcomes() == {
        items[0].id: Outcome.VERIFIED,
        items[1].id: Outcome.UNKNOWN,
        items[2].id: Outcome.VERIFIED,
    }
    failed = Work.objects.get(kind="stock", key=items[1].own.user_product_id)
    assert (failed.state, failed.fails, failed.last_error_class) == ("ready", 1, "TimedOut")


def test_a_conflict_of_one_is_read_and_decided_again_by_itself(shop, shelf):
    items = shelf(3)
    shop.world.faults.add(faults.CONFLICT_409, path=f"/items/{items[0].id}", method="PUT")
    work.bump(account_id=shop.account.pk, kind="stock", key=items[0].own.user_product_id)

    work.drain(PUSHES, who="test")

    assert {item.available_quantity for item in items} == {8}
    assert calls(shop).count(("GET", f"/items/{items[0].id}")) == 2
    assert calls(shop).count(("GET", f"/items/{items[1].id}")) == 0
    tried = PushAttempt.objects.filter(item_id=items[0].id).order_by("id").values_list("outcome", flat=True)
    assert list(tried) == [Outcome.CONFLICT, Outcome.VERIFIED]


def test_a_sale_that_is_not_explained_stops_only_its_own_listing(shop, shelf, centro, work_off):
    items = shelf(3)
    work_off()
    shop.world.sell(items[2].id, quantity=2)
    for item in items:
        receive_one_more(item, centro)

    work.run_together(claim_all())

    assert [item.available_quantity for item in items] == [9, 9, 6]
    waiting = Work.objects.get(kind="stock", key=items[2].own.user_product_id)
    assert (waiting.state, waiting.last_error_class, waiting.fails) == ("ready", "TryLater", 0)


def test_too_many_requests_end_the_sellers_batch_and_unsent_tries_are_not_told(shop, shelf):
    items = shelf(4)
    shop.world.faults.add(faults.RATE_LIMITED, method="PUT")

    work.run_together(claim_all())

    assert len(shop.puts()) == 1
    assert list(outcomes().values()) == [Outcome.FAILED]
    assert SellerAccount.objects.get().rate_factor == 0.5
    rows = Work.objects.filter(kind="stock")
    assert sorted(rows.values_list("state", "last_error_class")) == [("ready", "")] * 3 + [("ready", "RateLimited")]
    assert {item.available_quantity for item in items} == {3}


def test_a_lease_lost_on_the_way_writes_nothing_and_the_others_complete(shop, shelf):
    items = shelf(3)
    claims = claim_all()
    lost = Work.objects.filter(kind="stock", key=items[0].own.user_product_id)
    shop.world.hooks.before(
        "PUT",
        f"/items/{items[2].id}",
        lambda: lost.update(lease_token="00000000-0000-0000-0000-000000000001", leased_by="another"),
    )

    work.run_together(claims)

    assert lost.get().leased_by == "another"
    assert shop.target(items[0]).accepted is None
    assert [shop.target(item).state for item in items[1:]] == ["equal", "equal"]


def test_what_is_wanted_meanwhile_is_remembered_and_pushed_next(shop, shelf, centro):
    items = shelf(2)
    shop.world.hooks.before("PUT", f"/items/{items[0].id}", lambda: receive_one_more(items[0], centro))

    work.run_together(claim_all())

    target = shop.target(items[0])
    assert (target.wanted, target.accepted, target.observed, target.state) == (9, 8, 8, "waiting")
    assert Work.objects.get(kind="stock", key=items[0].own.user_product_id).state == "ready"


class Killed(BaseException):
    """The process ends."""


def test_killed_in_the_middle_the_tries_are_there_and_the_next_run_looks_first(shop, shelf, work_off):
    def kill():
        raise Killed

    items = shelf(3)
    shop.world.hooks.after("PUT", f"/items/{items[1].id}", kill)
    with pytest.raises(Killed):
        work.run_together(claim_all())
    assert list(outcomes().values()) == [Outcome.PENDING] * 3
    Work.objects.filter(state="leased").update(lease_until="2000-01-01T00:00:00Z")
    work.reap()
    shop.world.requests.clear()

    work_off()

    assert {item.available_quantity for item in items} == {8}
    assert [entry.path for entry in shop.puts()] == [f"/items/{items[2].id}"]
    ends = PushAttempt.objects.values_list("outcome", flat=True).order_by("id")
    assert list(ends)[:3] == [Outcome.UNKNOWN] * 3
    assert sorted(list(ends)[3:]) == sorted([Outcome.UNCHANGED, Outcome.UNCHANGED, Outcome.VERIFIED])


def test_no_answer_to_reading_back_tells_what_was_accepted(shop, shelf, work_off):
    items = shelf(2)
    shop.world.hooks.before(
        "PUT", f"/items/{items[1].id}", lambda: shop.world.faults.add(faults.TIMEOUT, path="/items/bulk")
    )

    work.run_together(claim_all())

    assert set(outcomes().values()) == {Outcome.ACCEPTED}
    assert set(Work.objects.filter(kind="stock").values_list("state", "last_error_class")) == {("ready", "TimedOut")}


def test_two_sellers_are_read_with_their_own_tokens(shop, shelf, world, connect, centro):
    other = Shop(world, connect).open()
    (mine,) = shelf(1)
    cup = Product.objects.create(sku="CUP", name="Cup")
    ledger.receive(product=cup, warehouse=centro, quantity=4, operation="cups")
    theirs = other.item(link=cup, available_quantity=1)

    work.run_together(claim_all())

    assert (mine.available_quantity, theirs.available_quantity) == (8, 4)
    assert {entry.user_id for entry in shop.puts()} == {shop.seller.user_id, other.seller.user_id}


def test_observing_sellers_are_told_what_would_be_sent_without_a_call(shop, shelf):
    shelf(3)
    SellerAccount.objects.update(mode="observe")

    work.run_together(claim_all())

    assert calls(shop) == []
    assert set(StockTarget.objects.values_list("wanted", "accepted", "state")) == {(8, None, "waiting")}
    assert set(Work.objects.values_list("state", flat=True)) == {"idle"}
