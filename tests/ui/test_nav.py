import pytest
from django.test import RequestFactory

from ui import nav
from ui.context import badges

pytestmark = pytest.mark.django_db


def request_for(path, user):
    request = RequestFactory().get(path)
    request.user = user
    return request


def links(path, user, counts=None):
    return {
        link.href: link for section in nav.sections(request_for(path, user), counts or {}) for link in section.links
    }


def test_only_pages_that_are_there_are_offered(staff):
    assert set(links("/", staff())) == {"/", "/listings/", "/ledger/"}


def test_a_superuser_gets_the_admin(boss):
    assert "/admin/" in links("/", boss)


def test_groups_without_pages_are_left_out(staff):
    labels = [str(section.label) for section in nav.sections(request_for("/", staff()), {})]

    assert labels == ["", "Catalog", "Stock"]


@pytest.mark.parametrize(
    ("path", "current"),
    [("/", "/"), ("/listings/", "/listings/"), ("/listings/MLA1/", "/listings/"), ("/elsewhere/", None)],
)
def test_one_link_is_the_current_one(staff, path, current):
    assert [href for href, link in links(path, staff()).items() if link.current] == ([current] if current else [])


def test_badges_stand_beside_their_page(staff):
    assert links("/", staff(), {"dashboard:listings": 12})["/listings/"].badge == 12


def count_work(request):
    return {"dashboard:listings": 7}


def test_badges_come_from_the_callable_in_settings(settings):
    assert badges(None) == {}

    settings.UI_BADGES = "tests.ui.test_nav.count_work"
    assert badges(None) == {"dashboard:listings": 7}


def test_the_page_shows_menu_and_badge(client, boss, settings):
    settings.UI_BADGES = "tests.ui.test_nav.count_work"
    client.force_login(boss)

    page = client.get("/listings/").content.decode()

    assert 'href="/listings/" aria-current="page"' in page
    assert '<span class="badge">7' in page
