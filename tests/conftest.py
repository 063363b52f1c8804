"""Fixtures that every package's tests share. Nothing of ours is patched: PostgreSQL and the sandbox are real."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_migrate
from django.utils import timezone

from inventory.models import Warehouse
from mercadolibre.oauth import Token
from sandbox.sellers import Seller
from sandbox.world import World
from sellers.brakes import breakers
from sellers.connection import grants, tokens
from sellers.models import SellerAccount, Work
from sellers.notifications import inbox
from sellers.queue import work
from tests import world as behind_requests
from ui.permissions import ROLES

# The ledger refuses TRUNCATE; transactional tests empty tables. Others are one long transaction each.
django_settings.DATABASES["default"]["OPTIONS"]["options"] += (
    " -c enlace.allow_truncate=on -c idle_in_transaction_session_timeout=0"
)


def put_back_what_migrations_made(**kwargs: object) -> None:
    """The rows that migrations insert, again: transactional tests empty every table behind them."""
    Warehouse.objects.get_or_create(code="MAIN", defaults={"name": "Main warehouse"})
    for name in ROLES:
        Group.objects.get_or_create(name=name)


# Sent at the end of migrating, and after each emptying.
post_migrate.connect(put_back_what_migrations_made, sender=apps.get_app_config("inventory"), weak=False)


@pytest.fixture(autouse=True)
def as_for_every_test(settings, tmp_path):
    cache.clear()
    settings.DATA_DIR = tmp_path
    breakers.here = breakers.Counter()
    # The menu's counts and the banner of stops are kept for a while: whether a page asks for them would be chance.
    settings.UI_BADGES = settings.UI_STOPS = None
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner(db):
    """A staff member who may do everything."""
    return get_user_model().objects.create_superuser("olivia", "olivia@example.com", "a-long-enough-password")


@pytest.fixture
def world(settings) -> Iterator[World]:
    """A simulated Mercado Libre of this test's own. Notifications wait in it until `deliver` takes them."""
    made = World(seed=1)
    behind_requests.present["application"] = behind_requests.Application(made, sleep=lambda seconds: None)
    made.app.client_id = settings.MELI_CLIENT_ID
    made.app.client_secret = settings.MELI_CLIENT_SECRET
    settings.MELI_API_URL = behind_requests.URL
    settings.MELI_AUTH_URL = behind_requests.URL
    yield made
    made.stop()
    del behind_requests.present["application"]


@pytest.fixture
def connect(db, world) -> Callable[..., SellerAccount]:
    """Connect a seller of the world without the browser: an account with tokens, observing unless `mode` says live."""

    def connect_seller(seller: Seller, *, mode: str = "observe", **fields: object) -> SellerAccount:
        account = SellerAccount.objects.create(
            ml_user_id=seller.user_id,
            nickname=seller.nickname,
            site_id=seller.site_id,
            tags=list(seller.tags),
            mode=mode,
            catalog_imported_at=timezone.now(),
            **fields,
        )
        given = world.grant(seller)
        token = Token.from_json(given.body())
        grants.start_chain(account, token)
        return account

    return connect_seller


@pytest.fixture
def deliver(world) -> Callable[..., int]:
    """Take notifications out of the world and into the inbox, in the order given; all waiting ones by default."""

    def deliver_bodies(bodies: list[dict[str, object]] | None = None) -> int:
        waiting = world.drain_notifications() if bodies is None else bodies
        if waiting:
            with connection.cursor() as cursor:
                inbox.store(cursor, [inbox.read(json.dumps(body).encode()) for body in waiting])
        return len(waiting)

    return deliver_bodies


@pytest.fixture
def work_off(db) -> Callable[..., int]:
    """Do what workers and pump do until nothing is wanted: due times are moved up, tokens refreshed when asked for."""

    def until_quiet(rounds: int = 30) -> int:
        tried = 0
        for _ in range(rounds):
            tokens.refresh_due(timezone.now())
            Work.objects.filter(state="ready").update(due_at="2000-01-01T00:00:00Z")
            SellerAccount.objects.update(throttle_until=None)
            breakers.here.stopped.clear()
            done = sum(work.drain(lane, who="test") for lane in django_settings.LANES.values())
            if not done:
                return tried
            tried += done
        raise AssertionError(f"work never ends: {list(Work.objects.filter(state='ready').values())}")

    return until_quiet
