"""People with roles, and a browser that fails a test on any error in its console."""

import os
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User

from ui.permissions import ROLES

# Playwright's own event loop runs in the thread of the test.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@pytest.fixture(autouse=True)
def shell_urls(settings):
    settings.ROOT_URLCONF = "tests.ui.urls"
    settings.UI_BADGES = ""


@pytest.fixture
def roles(db):
    """The groups, also after a test that emptied the tables."""
    return {name: Group.objects.get_or_create(name=name)[0] for name in ROLES}


@pytest.fixture
def staff(roles):
    """Make a staff user with a role: `staff("operator")`."""

    def make(role: str = "", **fields) -> User:
        user = User.objects.create_user(role or "newcomer", is_staff=True, **fields)
        if role:
            user.groups.add(roles[role])
        return user

    return make


@pytest.fixture
def operator(client, staff):
    """A client that an operator is logged in with."""
    client.force_login(staff("operator"))
    return client


@pytest.fixture
def boss(db):
    return User.objects.create_superuser("olga", "olga@example.com", "a-long-enough-password")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    chromium = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
    return {**browser_type_launch_args, **chromium, "args": QUIET.split()}


@pytest.fixture
def browsing(page, live_server, transactional_db, client, roles):
    """A superuser's browser page. Any error in the console, a violated CSP too, fails the test."""
    client.force_login(User.objects.create_superuser("olga", "olga@example.com", "a-long-enough-password"))
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_default_timeout(5000)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.problems = problems
    yield page
    assert problems == []
