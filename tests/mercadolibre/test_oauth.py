from urllib.parse import parse_qs, urlsplit

import pytest

from mercadolibre import errors, oauth
from mercadolibre.oauth import OAuthClient
from tests.mercadolibre.canned import CannedTransport

ANSWER = {
    "access_token": "APP_USR-access-55",
    "refresh_token": "TG-refresh-55",
    "expires_in": 10800,
    "user_id": 55,
    "scope": "offline_access read write",
    "token_type": "bearer",
}


@pytest.fixture
def transport():
    return CannedTransport()


@pytest.fixture
def client(transport):
    return OAuthClient(transport, "https://api.example", "123", "the-secret")


def test_the_challenge_is_the_one_of_rfc_7636():
    assert (
        oauth.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_verifiers_are_long_and_never_the_same():
    first, second = oauth.new_verifier(), oauth.new_verifier()
    assert first != second
    assert 43 <= len(first) <= 128


def test_the_seller_consents_at_their_countrys_host():
    url = urlsplit(oauth.authorization_url("MLB", "123", "https://us.example/cb?x=1", "state", "chal"))
    assert (url.scheme, url.netloc, url.path) == ("https", "auth.mercadolivre.com.br", "/authorization")
    assert parse_qs(url.query) == {
        "response_type": ["code"],
        "client_id": ["123"],
        "redirect_uri": ["https://us.example/cb?x=1"],
        "state": ["state"],
        "code_challenge": ["chal"],
        "code_challenge_method": ["S256"],
    }


def test_the_address_of_the_consent_page_can_be_given():
    url = oauth.authorization_url("MLA", "1", "r", "s", "c", auth_url="http://127.0.0.1:8001/authorization")
    assert url.startswith("http://127.0.0.1:8001/authorization?response_type=code&")


def test_an_unknown_site_has_no_consent_page():
    with pytest.raises(ValueError, match="unknown site"):
        oauth.authorization_url("XXX", "1", "r", "s", "c")


def test_a_code_is_exchanged_in_the_body(client, transport):
    transport.will_answer(ANSWER)

    token = client.exchange("TG-code", "https://us.example/cb", "verifier")

    assert (token.access_token, token.refresh_token, token.expires_in) == ("APP_USR-access-55", "TG-refresh-55", 10800)
    assert (token.user_id, token.scope) == (55, "offline_access read write")
    assert (transport.last.name, transport.last.query, transport.tokens) == ("POST /oauth/token", (), [None])
    assert transport.last.form == {
        "grant_type": "authorization_code",
        "client_id": "123",
        "client_secret": "the-secret",
        "code": "TG-code",
        "redirect_uri": "https://us.example/cb",
        "code_verifier": "verifier",
    }


def test_a_refresh_token_is_sent_once_even_when_it_fails(client, transport):
    transport.will_answer({"error": "invalid_grant", "message": "used"}, status=400)
    with pytest.raises(errors.InvalidGrant, match="used"):
        client.refresh("TG-old")
    assert [request.form["refresh_token"] for request in transport.asked] == ["TG-old"]


def test_an_application_without_offline_access_gets_no_refresh_token(client, transport):
    transport.will_answer({key: value for key, value in ANSWER.items() if key != "refresh_token"})
    assert client.refresh("TG-old").refresh_token is None


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"", b'{"access_token": "APP_USR-access-55"}'])
def test_an_answer_that_cannot_be_read_is_reported_without_its_body(client, transport, body):
    transport.will_answer(body)
    with pytest.raises(errors.BadResponse) as caught:
        client.refresh("TG-old")
    assert caught.value.outcome_unknown
    assert caught.value.body == ""


def test_the_secret_is_in_no_repr_and_no_error(client, transport):
    transport.will_answer(b"the-secret was wrong", status=400)
    with pytest.raises(errors.TokenEndpointError) as caught:
        client.refresh("TG-old")
    assert "the-secret" not in repr(client) + caught.value.body
