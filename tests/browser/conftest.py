"""A real browser against the real pages: served over sockets, with the sandbox beside them and work going on behind."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Page, expect

from config import intake
from config.wsgi import application
from inventory.models import Warehouse
from sandbox.serving import LocalServer
from sellers.connection import tokens
from sellers.queue import work
from tests.dashboard.shop import Shop
from ui.permissions import ROLES

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's own event loop runs in this thread
expect.set_options(timeout=10_000)
SCREENSHOTS = Path(__file__).resolve().parent.parent.parent / ".data" / "screenshots"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What depends on light and dark; all other rules are asked once per width.
CONTRAST = {"runOnly": ["color-contrast"]}
# Of a long table the first rows tell: the others look the same and would take most of the time.
PROBLEMS = """options => axe
  .run({exclude: [["tbody tr:nth-child(n+8)"]]}, {resultTypes: ["violations"], preload: false, ...options})
  .then(found => found.violations.map(rule => `${rule.id}: ${rule.nodes.map(node => node.html).join(" | ")}`))"""
TOO_WIDE = """() => {
  const page = document.scrollingElement;
  const tables = [...document.querySelectorAll(".region .scroll")];
  return [
    ...(page.scrollWidth > page.clientWidth ? [`page: ${page.scrollWidth} px`] : []),
    ...tables.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => `table: ${one.scrollWidth} px`),
  ];
}"""


@pytest.fixture(autouse=True, scope="session")
def chromium() -> str:
    if CHROMIUM:
        return CHROMIUM
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail("no Chromium: run `make browser`")
    pytest.skip("no Chromium on this machine: `make browser` installs Debian's, or set CHROMIUM to one")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, chromium):
    return browser_type_launch_args | {"executable_path": chromium, "args": QUIET}


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Requests are not worth a line here."""


def closing_connections(environ, start_response):
    """The application, giving its thread's database connection back after each request."""
    try:
        answer = application(environ, start_response)
        yield from answer
        answer.close() if hasattr(answer, "close") else None
    finally:
        connections.close_all()


@pytest.fixture
def migrated(transactional_db) -> None:
    """What migrations made once and a test that empties all tables takes away; and nothing kept from that test."""
    Warehouse.objects.get_or_create(code="MAIN", defaults={"name": "Main warehouse"})
    for name in ROLES:
        Group.objects.get_or_create(name=name)
    cache.clear()


@pytest.fixture
def shop(migrated) -> Shop:
    """Rows of a merchant's day, without the marketplace."""
    return Shop()


@pytest.fixture
def site(migrated, settings) -> Iterator[str]:
    """Enlace over HTTP on a free port, the notification intake included; yields its address."""
    server = make_server("127.0.0.1", 0, closing_connections, Threaded, Quiet)
    url = f"http://localhost:{server.server_port}"
    settings.PUBLIC_URL, settings.CSRF_TRUSTED_ORIGINS = url, [url]
    intake.committer = intake.Committer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield url
    server.shutdown()
    server.server_close()
    intake.committer._close()


@pytest.fixture
def market(site, world, settings) -> Iterator[LocalServer]:
    """The test's simulated Mercado Libre over HTTP; its notifications come to the site."""
    settings.MELI_SESSION_FACTORY = "requests.Session"
    with LocalServer(world, host="localhost") as server:
        settings.MELI_API_URL = settings.MELI_AUTH_URL = server.url
        world.deliver_to(f"{site}/meli/notifications/")
        yield server
        world.stop()


@pytest.fixture
def at_work(site) -> Iterator[None]:
    """Workers and pump, as one thread that drains the lanes until the test ends."""
    stopping = threading.Event()
    broken: list[BaseException] = []

    def go_on() -> None:
        try:
            while not stopping.wait(0.05):
                tokens.refresh_due(timezone.now())
                work.reap()
                for lane in django_settings.LANES.values():
                    work.drain(lane, who="test", seconds=1)
        except BaseException as error:
            broken.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=go_on)
    thread.start()
    yield
    stopping.set()
    thread.join()
    assert broken == []


@pytest.fixture
def refusals() -> set[int]:
    """Statuses of answers that the test provokes, which the browser reports as failed requests."""
    return {422}


@pytest.fixture
def quiet_page(page: Page, site, refusals) -> Iterator[Page]:
    """A page that fails on any console error: violations of the content policy show up there."""
    page.set_default_timeout(10_000)
    page.set_viewport_size({"width": 1400, "height": 900})
    problems: list[str] = []

    def told(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"{message.text} ({message.location['url']}:{message.location['lineNumber']})")

    page.on("console", told)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    page.goto("about:blank")  # nothing asks the server while the tables are emptied
    provoked = tuple(f"status of {status}" for status in refusals)
    assert not [problem for problem in problems if not any(part in problem for part in provoked)], "\n".join(problems)


def sign_in(page: Page, site: str, user: object) -> None:
    client = Client()
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])


@pytest.fixture
def staff(quiet_page, site, owner) -> Page:
    """A signed-in owner's page."""
    sign_in(quiet_page, site, owner)
    return quiet_page


@pytest.fixture
def viewer(quiet_page, site) -> Page:
    """The page of somebody who may look and change nothing."""
    user = get_user_model().objects.create_user("vera", is_staff=True)
    user.groups.add(Group.objects.get(name="viewer"))
    sign_in(quiet_page, site, user)
    return quiet_page


@pytest.fixture
def look(page: Page) -> Callable[[str], list[tuple[object, ...]]]:
    """Keep screenshots for a human (light, dark, phone); returns what is too wide and what axe finds."""

    def take(name: str) -> list[tuple[object, ...]]:
        problems: list[tuple[object, ...]] = []
        page.evaluate(AXE_SCRIPT)
        for scheme, width in (("light", 1400), ("dark", 1400), ("dark", 390), ("light", 390)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=SCREENSHOTS / f"{name}-{scheme}-{width}.png", full_page=True)
            found = page.evaluate(TOO_WIDE) + page.evaluate(PROBLEMS, {} if scheme == "light" else CONTRAST)
            problems += [(name, scheme, width, one) for one in found]
        page.set_viewport_size({"width": 1400, "height": 900})
        return problems

    return take
