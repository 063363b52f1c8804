import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-password"


def test_logging_in_and_out(client):
    User.objects.create_user("ana", password=PASSWORD, is_staff=True)

    entered = client.post(
        "/accounts/login/?next=/listings/", {"username": "ana", "password": PASSWORD, "next": "/listings/"}
    )
    assert entered.headers["Location"] == "/listings/"
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").headers["Location"] == "/accounts/login/"
    assert client.get("/").status_code == 302


def test_a_wrong_password_is_said_and_the_sixth_is_locked_out(client):
    User.objects.create_user("ana", password=PASSWORD, is_staff=True)
    answers = [client.post("/accounts/login/", {"username": "ana", "password": "wrong"}) for _ in range(6)]

    assert 'role="alert"' in answers[0].content.decode()
    assert answers[-1].status_code == 429


def test_the_login_leads_to_no_other_site(client):
    User.objects.create_user("ana", password=PASSWORD, is_staff=True)
    entered = client.post(
        "/accounts/login/", {"username": "ana", "password": PASSWORD, "next": "https://evil.example/"}
    )

    assert entered.headers["Location"] == "/"


@pytest.mark.parametrize(("language", "word"), [("es", "es"), ("pt-br", "pt-br"), ("en", "en")])
def test_the_language_can_be_chosen_before_logging_in(client, language, word):
    client.post("/language/", {"language": language, "next": "/accounts/login/"})

    assert f'<html lang="{word}">' in client.get("/accounts/login/").content.decode()


def test_a_password_can_be_changed(operator):
    user = User.objects.get(username="operator")
    user.set_password(PASSWORD)
    user.save()
    operator.force_login(user)
    fields = {"old_password": PASSWORD, "new_password1": "another-good-one-7", "new_password2": "another-good-one-7"}

    response = operator.post("/accounts/password/", fields, follow=True)

    assert "Your password was changed." in response.content.decode()
    assert User.objects.get(username="operator").check_password("another-good-one-7")


def test_errors_have_pages(operator):
    missing = operator.get("/nowhere/")
    refused = operator.post("/listings/", {"action": "erase"})
    operator.raise_request_exception = False

    assert (missing.status_code, "There is no such page" in missing.content.decode()) == (404, True)
    assert (refused.status_code, "You may not see this" in refused.content.decode()) == (403, True)
    assert "Something broke" in operator.get("/broken/").content.decode()


@pytest.mark.parametrize("name", ["500.html", "403_csrf.html"])
def test_the_last_pages_need_nothing(name):
    assert "/static/ui/tokens.css" in render_to_string(name)


@pytest.mark.parametrize("path", ["/", "/components/", "/listings/", "/ledger/", "/accounts/password/"])
def test_no_inline_script_or_style_anywhere(client, boss, path):
    client.force_login(boss)
    html = client.get(path).content.decode()

    for forbidden in (" style=", "<style", " onclick=", " hx-on", "javascript:", "<script>"):
        assert forbidden not in html
