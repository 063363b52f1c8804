"""The shop of the stories with stock kept by warehouse beside, committed once and begun again for each life."""

import time

import pytest
import redis

from inventory.pushes import stock_push
from mercadolibre.calls.caller import Caller
from sellers.brakes import budget
from tests import world as behind_requests
from tests.bench.market import Market
from tests.faults.stage import Stage
from tests.flows.conftest import shop, shown  # noqa: F401  the merchant of the stories
from tests.machine.beginning import kept_tables
from tests.machine.state import Beginning, Clock

UNLIMITED = 10_000_000


class MarketHere(Market):
    """The sandbox's control API without a socket."""

    def look(self, name, **query):
        answer = behind_requests.session().get(f"{self.url}/control/{name}", params=query)
        answer.raise_for_status()
        return answer.json()


@pytest.fixture
def clock(monkeypatch):
    """What workers measure their own patience by: it can be moved."""
    moved = Clock(time.monotonic)
    monkeypatch.setattr(time, "monotonic", moved)
    monkeypatch.setitem(Caller.__init__.__kwdefaults__, "clock", moved)
    monkeypatch.setattr(stock_push, "JITTER", (0, 0))
    return moved


@pytest.fixture
def beginning(transactional_db, settings, tmp_path, clock, world, shop, connect, owner):  # noqa: F811
    settings.MELI_RATE_PER_MINUTE = UNLIMITED
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    budget.shared.cache_clear()
    world.rate_per_minute = world.stock_reads_per_minute = UNLIMITED
    stage = Stage(world, MarketHere(behind_requests.URL), shop, connect, owner, tmp_path)
    made = Beginning.of(stage, clock)
    with kept_tables() as made.tables:
        yield made
    budget.shared.cache_clear()
