import pytest

from ui import htmx

pytestmark = pytest.mark.django_db

TABLE = {"HX-Request": "true", "HX-Target": "table", "HX-Current-URL": "http://testserver/listings/?q=a"}


def test_a_page_without_login_leads_to_the_login(client):
    response = client.get("/listings/?q=a")

    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/login/?next=/listings/%3Fq%3Da")


def test_a_part_without_login_sends_the_whole_page_to_the_login(client):
    response = client.get("/listings/?q=b&page=2", headers=TABLE)

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["HX-Redirect"] == "/accounts/login/?next=/listings/%3Fq%3Da"


def test_without_the_current_page_the_login_leads_to_today(client):
    response = client.post("/listings/", headers={"HX-Request": "true"})

    assert response.headers["HX-Redirect"] == "/accounts/login/?next=/"


def test_another_sites_address_is_not_led_back_to(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/x"}

    assert client.get("/listings/", headers=headers).headers["HX-Redirect"] == "/accounts/login/?next=/"


def test_caches_keep_parts_and_pages_apart(operator):
    for response in (operator.get("/listings/"), operator.get("/listings/", headers=TABLE)):
        assert {"HX-Request", "HX-Target"} <= set(response.headers["Vary"].split(", "))


def test_downloads_do_not_vary(operator):
    assert "HX-Request" not in operator.get("/listings/?format=csv").headers["Vary"]


def test_redirects_suit_the_one_who_asks(rf):
    plain, asked = rf.post("/"), rf.post("/")
    plain.htmx, asked.htmx = False, True

    assert htmx.redirect(plain, "/orders/").status_code == 303
    assert htmx.redirect(asked, "/orders/").headers["HX-Redirect"] == "/orders/"


def test_a_toast_and_a_refresh_travel_together(rf):
    request = rf.post("/")
    request.htmx = True
    response = htmx.refresh_table(htmx.toast(htmx.redirect(request, "/"), "Listo", "ok"))

    assert response.headers["HX-Trigger"] == '{"toast": {"message": "Listo", "tone": "ok"}, "refresh-table": {}}'
