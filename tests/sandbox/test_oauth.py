import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox import APPLIED_THEN_TIMEOUT, CLIENT_ID, CLIENT_SECRET, RATE_LIMITED, NoAnswer, World
from tests.sandbox.caller import REDIRECT, Caller, open_shop

VERIFIER = "a-verifier-of-at-least-forty-three-characters-x"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
APPLICATION = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def consent(caller, user_id, decision="allow", **more):
    asked = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": REDIRECT, "state": "s/1&x", **more}
    return caller.form("/authorization", {**asked, "user_id": user_id, "decision": decision})


def code_of(reply):
    return parse_qs(urlsplit(reply.headers["Location"]).query)["code"][0]


def exchange(caller, code, **more):
    fields = {"grant_type": "authorization_code", **APPLICATION, "code": code, "redirect_uri": REDIRECT, **more}
    return caller.form("/oauth/token", fields)


def refresh(caller, token, **more):
    return caller.form("/oauth/token", {"grant_type": "refresh_token", **APPLICATION, "refresh_token": token, **more})


@pytest.fixture
def world():
    return World(seed=1)


@pytest.fixture
def seller(world):
    return world.add_seller("CASA")


@pytest.fixture
def caller(world):
    return Caller(world)


def test_a_consent_gives_a_code_and_the_code_gives_tokens(world, seller, caller):
    back = consent(caller, seller.user_id)

    assert back.status == 302
    assert back.headers["Location"].startswith(f"{REDIRECT}?code=TG-")
    assert parse_qs(urlsplit(back.headers["Location"]).query)["state"] == ["s/1&x"]
    assert code_of(back).endswith(f"-{seller.user_id}")

    tokens = exchange(caller, code_of(back)).json
    assert tokens["access_token"].startswith(f"APP_USR-{CLIENT_ID}-")
    assert tokens["refresh_token"].startswith("TG-")
    assert (tokens["token_type"], tokens["expires_in"], tokens["user_id"]) == ("bearer", 21600, seller.user_id)
    assert "offline_access" in tokens["scope"]
    assert Caller(world, tokens["access_token"]).get("/users/me").json["nickname"] == "CASA"


def test_a_code_works_once(seller, caller):
    code = code_of(consent(caller, seller.user_id))
    exchange(caller, code)

    assert exchange(caller, code).json["error"] == "invalid_grant"


def test_a_code_needs_the_same_redirect_uri_to_the_character(seller, caller):
    code = code_of(consent(caller, seller.user_id))

    reply = exchange(caller, code, redirect_uri=REDIRECT.rstrip("/"))

    assert (reply.status, reply.json["error"]) == (400, "invalid_grant")


def test_a_code_expires(world, seller, caller):
    code = code_of(consent(caller, seller.user_id))
    world.clock.advance(seconds=601)

    assert exchange(caller, code).json["error"] == "invalid_grant"


def test_pkce_is_checked_when_a_challenge_was_sent(seller, caller):
    sent = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}

    assert exchange(caller, code_of(consent(caller, seller.user_id, **sent)), code_verifier=VERIFIER).status == 200
    wrong = exchange(caller, code_of(consent(caller, seller.user_id, **sent)), code_verifier="x" * 43)
    assert (wrong.status, wrong.json["error"]) == (400, "invalid_grant")
    missing = exchange(caller, code_of(consent(caller, seller.user_id, **sent)))
    assert (missing.status, missing.json["error"]) == (400, "invalid_request")


def test_with_pkce_required_only_the_exchange_fails(world, seller, caller):
    world.pkce_required = True

    back = consent(caller, seller.user_id)

    assert back.status == 302
    assert exchange(caller, code_of(back)).json["error"] == "invalid_request"


def test_a_verifier_without_a_challenge_does_no_harm(seller, caller):
    code = code_of(consent(caller, seller.user_id))

    assert exchange(caller, code, code_verifier=VERIFIER).status == 200


def test_a_refresh_token_works_once_and_replays_are_counted(world, seller, caller):
    first = world.grant(seller)

    second = refresh(caller, first.refresh_token)
    replay = refresh(caller, first.refresh_token)

    assert second.status == 200
    assert second.json["refresh_token"] != first.refresh_token
    assert (replay.status, replay.json["error"], replay.json["status"], replay.json["cause"]) == (
        400,
        "invalid_grant",
        400,
        [],
    )
    assert "error_description" in replay.json
    assert world.counters["refresh_replays"] == 1
    assert refresh(caller, second.json["refresh_token"]).status == 200


def test_only_the_newest_refresh_token_of_a_seller_works(world, seller, caller):
    older = world.grant(seller).refresh_token
    world.grant(seller)

    assert refresh(caller, older).json["error"] == "invalid_grant"


def test_token_errors_come_in_both_shapes(world, caller):
    assert "error_description" in refresh(caller, "TG-none").json

    world.oauth_error_key = "message"
    body = refresh(caller, "TG-none").json
    assert "error_description" not in body
    assert body["message"].startswith("Error validating grant")


def test_the_lifetime_of_a_token_is_in_the_answer_and_is_kept(world, seller, caller):
    world.expires_in = 8
    tokens = refresh(caller, world.grant(seller).refresh_token).json
    owner = Caller(world, tokens["access_token"])

    assert tokens["expires_in"] == 8
    assert owner.get("/users/me").status == 200
    world.clock.advance(seconds=9)
    assert owner.get("/users/me").status == 401


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"refresh_token": ""}, "invalid_request"),
    ],
)
def test_wrong_token_requests_are_refused_by_name(world, seller, caller, change, error):
    reply = refresh(caller, world.grant(seller).refresh_token, **change)

    assert (reply.status, reply.json["error"]) == (400, error)


def test_token_parameters_in_the_query_or_in_json_do_not_count(world, seller, caller):
    token = world.grant(seller).refresh_token
    fields = {"grant_type": "refresh_token", **APPLICATION, "refresh_token": token}

    assert caller.post("/oauth/token", fields).json["error"] == "invalid_request"
    assert caller.form("/oauth/token?" + "&".join(f"{k}={v}" for k, v in fields.items()), {}).status == 400
    assert caller.form("/oauth/token", [*fields.items(), ("client_id", "2")]).json["error"] == "invalid_request"
    assert refresh(caller, token).status == 200


def test_without_offline_access_there_is_no_refresh_token(world, seller, caller):
    world.app.offline_access = False

    assert "refresh_token" not in exchange(caller, code_of(consent(caller, seller.user_id))).json


def test_client_credentials_give_a_token_without_refresh(world, seller, caller):
    reply = caller.form("/oauth/token", {"grant_type": "client_credentials", **APPLICATION})

    assert reply.status == 200
    assert "refresh_token" not in reply.json


def test_too_many_token_requests_answer_plain_text(world, caller):
    world.token_rate_per_minute = 1
    refresh(caller, "TG-none")

    reply = refresh(caller, "TG-none")

    assert (reply.status, reply.text) == (429, "local_rate_limited")
    world.token_rate_per_minute = 600
    world.faults.add(RATE_LIMITED, path="/oauth/token")
    assert refresh(caller, "TG-none").text == "local_rate_limited"


def test_a_refresh_whose_answer_is_lost_has_spent_the_token(world, seller, caller):
    token = world.grant(seller).refresh_token
    world.faults.add(APPLIED_THEN_TIMEOUT, path="/oauth/token")

    with pytest.raises(NoAnswer):
        refresh(caller, token)

    assert refresh(caller, token).json["error"] == "invalid_grant"
    assert [event.outcome for event in world.consents.history] == ["granted", "invalid_grant"]


def test_the_consent_page_offers_the_sellers_and_a_collaborator(seller, caller):
    page = caller.get(f"/authorization?response_type=code&client_id={CLIENT_ID}&redirect_uri={REDIRECT}&state=%3Cb%3E")

    assert page.status == 200
    assert "CASA" in page.text
    assert "collaborator" in page.text
    assert "&lt;b&gt;" in page.text
    assert "<b>" not in page.text


def test_a_collaborator_cannot_consent(caller, seller):
    reply = consent(caller, "collaborator")

    assert reply.status == 403
    assert "invalid_operator_user_id" in reply.text
    assert "Location" not in reply.headers


def test_denying_comes_back_with_the_state_and_no_code(seller, caller):
    back = consent(caller, seller.user_id, decision="deny")

    assert parse_qs(urlsplit(back.headers["Location"]).query) == {"error": ["access_denied"], "state": ["s/1&x"]}


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "1"},
        {"redirect_uri": "https://other.example/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"response_type": "token"},
    ],
)
def test_the_consent_page_sends_nobody_to_an_address_it_does_not_know(world, seller, caller, change):
    world.redirect_uris = {REDIRECT} if "other" in change.get("redirect_uri", "") else set()

    reply = consent(caller, seller.user_id, **change)

    assert reply.status == 400
    assert "Location" not in reply.headers


def test_revoking_kills_every_token(world):
    shop = open_shop(world=world)
    refresh_token = world.grant(shop.seller).refresh_token

    applications = shop.get(f"/users/{shop.seller.user_id}/applications").json
    reply = shop.delete(f"/users/{shop.seller.user_id}/applications/{CLIENT_ID}")

    assert [application["app_id"] for application in applications] == [CLIENT_ID]
    assert reply.json["msg"] == "Autorización eliminada"
    assert shop.get("/users/me").status == 401
    assert refresh(shop, refresh_token).json["error"] == "invalid_grant"
    assert shop.seller.user_id not in world.consents


def test_a_token_in_the_query_is_no_token(world):
    shop = open_shop(world=world)

    assert Caller(world).get(f"/users/me?access_token={shop.token}").status == 401
    assert shop.token not in str(list(world.requests))


def test_the_log_holds_no_secret(world, seller, caller):
    first = world.grant(seller)
    tokens = refresh(caller, first.refresh_token).json

    kept = str(list(world.requests)) + str(list(world.consents.history)) + repr(first)
    kept += (
        caller.get("/control/state").text + caller.get("/control/requests").text + caller.get("/control/tokens").text
    )
    assert not any(secret in kept for secret in (first.refresh_token, first.access_token, tokens["access_token"]))


def test_a_blocked_application_is_refused_everywhere(world):
    shop = open_shop(world=world)
    world.app_blocked = True

    reply = shop.get("/users/me")

    assert (reply.status, reply.json["error"]) == (401, "unauthorized_scopes")
