"""Reading ahead: the next page comes while one is written, and nothing of it counts before its turn."""

from datetime import timedelta

import pytest

from catalog.imports import importing
from catalog.imports.reading import Reader
from catalog.models import Listing, Variation
from mercadolibre.client import Client
from mercadolibre.errors import ConnectFailed, RateLimited
from sandbox.faults import RATE_LIMITED
from sellers.brakes import budget
from sellers.queue import work
from sellers.queue.outcomes import TryLater


@pytest.fixture(autouse=True)
def no_waiting_for_the_budget(settings):
    settings.MELI_RATE_PER_MINUTE = 600_000


@pytest.fixture
def running(account):
    """An import that a worker has just begun."""
    job = importing.start(account=account)
    (claim,) = work.claim(lane=2, who="reader")
    return importing.Run(job, claim)


def fill(shop, count):
    return [shop.add_item(title=f"Listing {number}") for number in range(count)]


class Unreachable:
    """A transport without a network, which notes for which lane it was asked."""

    def __init__(self):
        self.lanes = []

    def send(self, request, *, base_url, access_token):
        self.lanes.append(budget.current_lane())
        raise ConnectFailed("no network", request=request.name)


def test_what_was_read_ahead_counts_only_once_it_is_written(shop, account, running):
    fill(shop, 250)

    with running:
        running.step(ahead=True)

    running.job.refresh_from_db()
    assert (running.job.done, Listing.objects.count()) == (100, 100)
    assert len(running.job.checkpoint["pending"]) == 100
    assert running.job.checkpoint["new"] == 100


def test_a_run_that_ended_with_a_page_read_ahead_goes_on_without_doubling(shop, account, running, run_import):
    fill(shop, 250)
    with running:
        running.step(ahead=True)
    work.fail(running.claim, TryLater("others have their turn", timedelta(0)))

    job = run_import(account)

    assert (job.pk, job.done, job.result["new"]) == (running.job.pk, 250, 250)
    assert Listing.objects.count() == 250


def test_trouble_with_the_page_ahead_comes_up_in_its_turn(world, shop, account, running):
    fill(shop, 250)

    with running:
        running.step()
        world.faults.add(RATE_LIMITED, times=1, path="/items/bulk")
        running.reader.begin(running.at.pending, running.at.scroll_id, last=False)
        assert Listing.objects.count() == 100
        with pytest.raises(RateLimited):
            running.step(ahead=True)

    running.job.refresh_from_db()
    assert running.job.done == 100
    assert len(running.job.checkpoint["pending"]) == 100


def test_reading_ahead_is_counted_for_the_lane_of_the_work():
    transport = Unreachable()
    reader = Reader(Client(transport, "http://localhost", "token", may_write=False), 1)

    with budget.in_lane("bulk"):
        reader.begin(["MLA1"], None, last=True)
    page = reader.scanned(["MLA1"], None, last=True)
    reader.close()

    assert transport.lanes == ["bulk"]
    assert isinstance(page.trouble, ConnectFailed)
    assert page.found == {}


def test_a_closed_reader_asks_for_nothing_more():
    transport = Unreachable()
    reader = Reader(Client(transport, "http://localhost", "token", may_write=False), 1)
    reader.close()

    page = reader.items(["MLA1"])

    assert transport.lanes == []
    assert isinstance(page.trouble, TryLater)


def test_a_unit_that_staff_ignored_stays_ignored(world, shop, account, run_import):
    item = shop.add_item(available_quantity=5)
    run_import(account)
    Variation.objects.update(ignored=True)
    world.clock.advance(seconds=5)
    world.edit_stock(item.id, 3)

    run_import(account)

    assert list(Variation.objects.values_list("ignored", "available_quantity")) == [(True, 3)]
