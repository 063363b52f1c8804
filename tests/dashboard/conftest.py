"""A shop in rows and staff of every role."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.dashboard.shop import Shop

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def nothing_kept():
    """Counts kept from another test would be wrong here."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def shop(db):
    return Shop()


@pytest.fixture
def as_role(db):
    """A client of a member of staff with a role: as_role("viewer")."""

    def log_in(role):
        user = get_user_model().objects.create_user(f"a-{role}", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user, backend=BACKEND)
        client.user = user
        return client

    return log_in


@pytest.fixture
def viewer(as_role):
    return as_role("viewer")


@pytest.fixture
def operator(as_role):
    return as_role("operator")


@pytest.fixture
def manager(as_role):
    return as_role("manager")


@pytest.fixture
def queries_of():
    """How many queries a request makes, after one to warm up what is read once per process."""

    def count(client, url):
        client.get(url)
        cache.clear()
        with CaptureQueriesContext(connection) as made:
            assert client.get(url).status_code == 200
        return len(made)

    return count


@pytest.fixture(autouse=True)
def counts_in_the_menu(settings, as_for_every_test):
    """Here the menu's counts are part of what is looked at."""
    settings.UI_BADGES = "dashboard.badges.counts"
