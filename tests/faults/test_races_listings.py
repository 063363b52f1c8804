"""What is read, priced or published, against what happens meanwhile.

a look with an old answer, a whole import with an old page                                      here
two presses of Publish at once, a look while it is sent                                         here
a changed listing answered by two, and settled meanwhile                                        here
a price, or its floor, that staff changes meanwhile                                             here
promotion or automation that begins between GET and PUT             tests/catalog/prices/test_price_push.py
"""

from decimal import Decimal

import pytest
from django.db import transaction

from catalog.imports import importing
from catalog.models import Listing, PriceTarget
from catalog.shapes import shape_changes
from inventory.models import Publication
from sellers import clock
from sellers.models import Work
from sellers.queue import work
from tests.faults.flows import shapes
from tests.faults.flows.pushes import Publishing
from tests.faults.racing import (
    Beside,
    claim_of,
    claims_of,
    comes_right,
    held_at,
    lease_ends,
    meanwhile,
)
from tests.faults.test_races_pushes import push_all, puts, receive, set_price

# --- old answers ------------------------------------------------------------------------------------------------------


def test_a_look_with_an_old_answer_does_not_undo_a_push(stage):
    """It was read before the push and is written after it."""
    stage.world.notify("items", f"/items/{stage.shop.mug_at_casa}", stage.shop.casa.ml_user_id)
    stage.deliver()
    looking = claim_of("item")

    with held_at("looks.after_get", lambda: work.run_together([looking])):
        receive(stage, 2)
        stage.world.clock.advance(seconds=2)
        push_all(stage)
        assert stage.shown() == (12, 12, 12)
        stage.world.requests.clear()

    comes_right(stage)
    assert stage.shown() == (12, 12, 12)
    assert puts(stage) == []


def test_a_page_of_an_import_that_is_older_than_what_is_known_changes_nothing(stage):
    importing.start(account=stage.shop.casa)
    job = claim_of("job")

    with held_at("import.page_read", lambda: work.run(job)):
        stage.world.clock.advance(seconds=2)
        stage.world.edit_price(stage.shop.mug_at_casa, 1777)
        stage.deliver()
        stage.drain("bulk")
        assert Listing.objects.get(item_id=stage.shop.mug_at_casa).price == 1777

    assert Listing.objects.get(item_id=stage.shop.mug_at_casa).price == 1777
    comes_right(stage)


# --- prices -----------------------------------------------------------------------------------------------------------


def test_a_price_changed_while_one_is_sent_is_sent_next(stage):
    set_price(stage, 1250)
    claims = claims_of("price")

    with meanwhile("price.before_put", lambda: set_price(stage, 1300)):
        for claimed in claims:
            work.run(claimed)

    assert Work.objects.filter(kind="price", state="ready").exists()
    comes_right(stage)
    assert set(PriceTarget.objects.filter(listing__account=stage.shop.casa).values_list("observed", "state")) == {
        (Decimal(1300), "equal")
    }


def test_a_floor_raised_after_the_look_keeps_the_price_from_being_sent(stage):
    set_price(stage, 1250)
    claimed = claims_of("price")[0]
    stage.world.requests.clear()

    with meanwhile("price.after_get", lambda: set_price(stage, 1400, floor=1300)):
        work.run(claimed)

    assert [one.body["price"] for one in puts(stage)] == []
    lease_ends()
    comes_right(stage)


# --- changed listings -------------------------------------------------------------------------------------------------


def test_a_changed_listing_answered_by_two_at_once_is_answered_once_and_the_second_is_told(stage):
    flow = shapes.Answered(stage)

    with held_at("shape.applied", flow.act):
        second = Beside(flow.act)
        assert second.waits
    with pytest.raises(shape_changes.Answered):
        second.join()

    comes_right(stage)
    flow.check()


def test_a_changed_listing_is_not_settled_while_somebody_answers(stage):
    flow = shapes.Answered(stage)

    with held_at("shape.applied", flow.act):
        assert shape_changes.settle() == 0

    assert shape_changes.settle() == 0
    comes_right(stage)
    flow.check()


def test_a_changed_listing_is_settled_after_who_holds_its_work_and_saves_it(stage):
    flow = shapes.Settled(stage)
    unit = flow.listing.variations.get(variation_id=0)

    with transaction.atomic():
        work.bump(account_id=stage.shop.casa.pk, kind="mapping", key=str(unit.pk))
        settling = Beside(flow.act)
        assert settling.waits
        Listing.objects.filter(pk=flow.listing.pk).update(seen_at=clock.now())
    settling.join()

    assert flow.change().state == "settled"
    comes_right(stage)
    flow.check()


# --- publishing -------------------------------------------------------------------------------------------------------


def test_two_presses_of_publish_make_one_listing(stage):
    flow = Publishing(stage)

    with held_at("publish.before_post", flow.act):
        flow.act()
        assert Publication.objects.get().state == "sending"

    comes_right(stage)
    flow.check()
    assert len([one for one in stage.world.requests if one.method == "POST" and one.status == 201]) == 1


def test_whoever_follows_a_publication_leaves_one_alone_that_is_being_sent(stage):
    flow = Publishing(stage)

    with held_at("publish.before_post", flow.act):
        Work.objects.filter(kind="publication").update(due_at="2000-01-01T00:00:00Z")
        work.run(claim_of("publication"))
        assert Publication.objects.get().state == "sending"

    comes_right(stage)
    flow.check()
