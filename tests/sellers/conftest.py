"""Sellers of the simulated Mercado Libre, and staff in every role."""

import pytest
import redis
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from sellers.brakes import budget


@pytest.fixture(autouse=True)
def full_budget(settings):
    """Every test begins with nothing used up."""
    budget.shared.cache_clear()
    redis.Redis.from_url(settings.REDIS_URL).flushdb()


@pytest.fixture
def seller(world):
    return world.add_seller("TIENDA_UNO")


@pytest.fixture
def account(connect, seller):
    return connect(seller)


@pytest.fixture
def staff(db):
    """Make a staff member with a role; None for one without."""

    def make(role):
        user = get_user_model().objects.create_user(f"{role}-person", password="x", is_staff=True)
        if role:
            user.groups.add(Group.objects.get_or_create(name=role)[0])
        return user

    return make


@pytest.fixture
def as_role(client, staff):
    """A browser logged in with a role."""

    def login(role):
        client.force_login(staff(role))
        return client

    return login
