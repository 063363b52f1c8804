"""A merchant's shop at both ends, with committed data, and the sandbox served over HTTP beside the test's own world."""

import pytest
import redis

from config import intake
from sandbox.serving import LocalServer
from sellers.brakes import budget
from tests.bench.market import Market
from tests.faults.stage import Stage
from tests.flows.conftest import shop, shown  # noqa: F401  the merchant of the stories

UNLIMITED = 10_000_000

pytest.register_assert_rewrite("tests.faults.flows", "tests.faults.processes", "tests.faults.racing")


@pytest.fixture(autouse=True)
def alone(settings, transactional_db):
    """A budget of its own; rates are another matter."""
    settings.MELI_RATE_PER_MINUTE = UNLIMITED
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    budget.shared.cache_clear()
    yield
    intake.committer._close()
    intake.committer = intake.Committer()


@pytest.fixture
def market(world):
    """The world over HTTP: for a process that will die, and for what only its control API tells."""
    world.rate_per_minute = world.stock_reads_per_minute = UNLIMITED
    with LocalServer(world) as server:
        yield Market(server.url)


@pytest.fixture
def stage(world, market, shop, connect, owner, tmp_path):  # noqa: F811
    return Stage(world, market, shop, connect, owner, tmp_path)
