from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from sandbox import faults
from sellers.connection import grants, oauth
from sellers.models import Grant, OAuthFlow, SellerAccount, Work

CONNECT, CALLBACK = "/sellers/connect/", "/sellers/callback/"


@pytest.fixture
def desk(client, owner):
    client.force_login(owner)
    return client


def begin(desk, site="MLA"):
    """Press Connect; the address at Mercado Libre that the browser is sent to."""
    answer = desk.post(CONNECT, {"site": site}, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    return answer.headers["HX-Redirect"]


def consent(world, url, seller):
    """The seller allows access; the query that Mercado Libre sends the browser back with."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    code = world.consents.code(
        seller.user_id, asked["redirect_uri"], asked["code_challenge"], asked["code_challenge_method"]
    )
    return {"code": code, "state": asked["state"]}


def come_back(desk, query):
    answer = desk.get(f"{CALLBACK}?{urlencode(query)}")
    assert answer.status_code == 303
    assert "code" not in answer.headers["Location"].lower().replace("/sellers/connect/problem/", "")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    return answer.headers["Location"]


def token_posts(world):
    return len(world.requests.to("/oauth/token", "POST"))


def test_connect_consent_confirm(desk, world, seller):
    url = begin(desk)
    page = come_back(desk, consent(world, url, seller))
    question = desk.get(page)
    assert "TIENDA_UNO" in question.content.decode()
    assert not SellerAccount.objects.exists()

    answer = desk.post(page, {"answer": "connect"})

    account = SellerAccount.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sellers/")
    assert (account.ml_user_id, account.nickname, account.site_id) == (seller.user_id, "TIENDA_UNO", "MLA")
    assert (account.status, account.mode, account.tags) == ("connected", "observe", ["normal"])
    assert grants.current(account.pk).generation == 0
    assert Work.objects.get().kind == "connected"
    assert OAuthFlow.objects.get().pending_ct is None


def test_the_address_carries_state_and_challenge_and_only_the_hash_is_stored(desk, world):
    asked = parse_qs(urlsplit(begin(desk)).query)

    state = asked["state"][0]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(state) >= 43
    flow = OAuthFlow.objects.get()
    assert bytes(flow.state_hash) == oauth.hash_of(state)
    assert state.encode() not in bytes(flow.verifier_ct)


def test_two_flows_never_share_a_state(desk, world):
    assert begin(desk) != begin(desk)


def test_pkce_is_accepted_where_ml_demands_it(desk, world, seller):
    world.pkce_required = True

    page = come_back(desk, consent(world, begin(desk), seller))

    assert desk.get(page).status_code == 200


def reused(desk, world, seller):
    query = consent(world, begin(desk), seller)
    come_back(desk, query)
    return query


def without_state(desk, world, seller):
    return {"code": consent(world, begin(desk), seller)["code"]}


def invented_state(desk, world, seller):
    return consent(world, begin(desk), seller) | {"state": "x" * 43}


def expired(desk, world, seller):
    query = consent(world, begin(desk), seller)
    OAuthFlow.objects.update(created_at=timezone.now() - timedelta(minutes=10, seconds=1))
    return query


def other_session(desk, world, seller):
    query = consent(world, begin(desk), seller)
    desk.logout()
    desk.force_login(get_user_model().objects.get(username="olivia"))
    return query


def other_person(desk, world, seller):
    query = consent(world, begin(desk), seller)
    desk.force_login(get_user_model().objects.create_superuser("mallory"))
    return query


@pytest.mark.parametrize("attack", [reused, without_state, invented_state, expired, other_session, other_person])
def test_a_state_that_is_not_good_makes_no_call_and_connects_nobody(desk, world, seller, attack):
    query = attack(desk, world, seller)
    calls = token_posts(world)

    page = come_back(desk, query)

    assert page == "/sellers/connect/problem/"
    assert desk.get(page).status_code == 400
    assert token_posts(world) == calls
    assert not SellerAccount.objects.exists()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"error": "access_denied"}, "Access was not allowed"),
        ({"error": "access_denied", "error_description": "invalid_operator_user_id"}, "only the main user"),
        ({"error": "invalid_request"}, "does not accept our application"),
        ({}, "without an authorisation"),
    ],
)
def test_what_ml_says_instead_of_a_code_becomes_a_clear_page(desk, world, query, words):
    state = parse_qs(urlsplit(begin(desk)).query)["state"][0]

    page = come_back(desk, query | {"state": state})

    assert words in desk.get(page).content.decode()
    assert token_posts(world) == 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faults.SERVER_ERROR, "did not answer"),
        (faults.TIMEOUT, "did not answer"),
        (faults.RATE_LIMITED, "did not answer"),
    ],
)
def test_an_exchange_that_fails_is_told_and_connects_nobody(desk, world, seller, fault, words):
    world.faults.add(fault, path="/oauth/token")

    page = come_back(desk, consent(world, begin(desk), seller))

    assert words in desk.get(page).content.decode()
    assert not SellerAccount.objects.exists()


def test_an_application_without_offline_access_is_refused(desk, world, seller):
    world.app.offline_access = False

    page = come_back(desk, consent(world, begin(desk), seller))

    assert "Refresh Token" in desk.get(page).content.decode()


def test_a_wrong_secret_is_told_to_the_administrator(desk, world, seller):
    world.app.client_secret = "another"

    page = come_back(desk, consent(world, begin(desk), seller))

    assert "does not accept our application" in desk.get(page).content.decode()


def test_a_code_somebody_else_slipped_in_fails_by_pkce(desk, world, seller):
    mine = consent(world, begin(desk), seller)
    theirs = consent(
        world, oauth.oauth.authorization_url("MLA", "1", oauth.redirect_uri(), "s", "c" * 43, "http://x"), seller
    )

    page = come_back(desk, mine | {"code": theirs["code"]})

    assert "did not accept the authorisation" in desk.get(page).content.decode()


def test_no_keeps_nothing(desk, world, seller):
    page = come_back(desk, consent(world, begin(desk), seller))

    desk.post(page, {"answer": "cancel"})

    assert not SellerAccount.objects.exists()
    assert OAuthFlow.objects.get().pending_ct is None
    assert desk.get(page).status_code == 404


def test_yes_twice_connects_once(desk, world, seller):
    page = come_back(desk, consent(world, begin(desk), seller))

    assert desk.post(page, {"answer": "connect"}).status_code == 303
    assert desk.post(page, {"answer": "connect"}).status_code == 404
    assert Grant.objects.count() == 1


def test_nobody_else_can_say_yes(desk, world, seller):
    page = come_back(desk, consent(world, begin(desk), seller))
    desk.force_login(get_user_model().objects.create_superuser("mallory"))

    assert desk.post(page, {"answer": "connect"}).status_code == 404
    assert not SellerAccount.objects.exists()


def test_a_question_left_open_for_ten_minutes_is_closed(desk, world, seller):
    page = come_back(desk, consent(world, begin(desk), seller))
    OAuthFlow.objects.update(used_at=timezone.now() - timedelta(minutes=11))

    assert desk.get(page).status_code == 404


def reconnect(desk, account):
    answer = desk.post(f"/sellers/{account.pk}/reconnect/", headers={"HX-Request": "true"})
    return answer.headers["HX-Redirect"]


def test_a_reconnect_keeps_mode_and_settings_and_lets_work_run(desk, world, account, seller):
    SellerAccount.objects.update(
        status="needs_reconnect", status_reason="dead", mode="live", buffer=3, refresh_wanted_at=timezone.now()
    )
    grants.forget(account.pk)

    page = come_back(desk, consent(world, reconnect(desk, account), seller))
    assert "known here" in desk.get(page).content.decode()
    desk.post(page, {"answer": "connect"})

    account = SellerAccount.objects.get()
    assert (account.status, account.status_reason, account.mode, account.buffer) == ("connected", "", "live", 3)
    assert account.refresh_wanted_at is None
    assert grants.current(account.pk).chain == 2


def test_a_reconnect_with_another_seller_is_refused_with_both_names(desk, world, account):
    stranger = world.add_seller("OTRA_TIENDA")
    before = grants.current(account.pk).pk

    page = come_back(desk, consent(world, reconnect(desk, account), stranger))

    words = desk.get(page).content.decode()
    assert "TIENDA_UNO" in words
    assert "OTRA_TIENDA" in words
    assert grants.current(account.pk).pk == before
    assert SellerAccount.objects.count() == 1
    assert OAuthFlow.objects.get().pending_ct is None


def test_connecting_a_seller_we_know_is_a_reconnect(desk, world, account, seller):
    SellerAccount.objects.update(mode="live")

    desk.post(come_back(desk, consent(world, begin(desk), seller)), {"answer": "connect"})

    account = SellerAccount.objects.get()
    assert account.mode == "live"
    assert list(Grant.objects.order_by("chain").values_list("state", flat=True)) == ["dead", "current"]


def test_the_time_of_the_token_counts_from_the_exchange_not_from_the_yes(desk, world, seller):
    page = come_back(desk, consent(world, begin(desk), seller))
    OAuthFlow.objects.update(used_at=timezone.now() - timedelta(minutes=9))

    desk.post(page, {"answer": "connect"})

    left = Grant.objects.get().expires_at - timezone.now()
    assert timedelta(hours=5, minutes=49) < left < timedelta(hours=5, minutes=51)


def test_no_page_of_the_way_shows_a_token(desk, world, seller):
    page = come_back(desk, consent(world, begin(desk), seller))
    shown = desk.get(page).content.decode()

    for secret in [*world.consents._access, *world.consents._refresh]:
        assert secret not in shown


def test_without_javascript_connect_answers_a_page_with_the_link(desk, world):
    answer = desk.post(CONNECT, {"site": "MLB"})

    assert answer.status_code == 200
    assert "/authorization?" in answer.content.decode()
    assert 'rel="noreferrer"' in answer.content.decode()


def test_the_question_may_be_answered_by_a_form(desk, world, seller):
    """With "no-referrer" the browser would send `Origin: null`, which the CSRF check refuses."""
    page = come_back(desk, consent(world, begin(desk), seller))

    assert desk.get(page).headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("site", ["", "XXX", "mla", "../"])
def test_a_country_that_does_not_exist_is_refused(desk, world, site):
    assert desk.post(CONNECT, {"site": site}, headers={"HX-Request": "true"}).status_code == 422
    assert not OAuthFlow.objects.exists()


def test_each_site_has_its_own_address(desk, settings):
    settings.MELI_AUTH_URL = None

    assert begin(desk, "MLB").startswith("https://auth.mercadolivre.com.br/authorization?")
    assert begin(desk, "MLA").startswith("https://auth.mercadolibre.com.ar/authorization?")
    assert begin(desk, "CBT").startswith("https://global-selling.mercadolibre.com/authorization?")


def test_tags_and_nickname_are_read_again(world, account, seller):
    seller.tags.append("warehouse_management")
    seller.nickname = "TIENDA_NUEVA"

    assert oauth.reread_sellers() == 1
    assert oauth.reread_sellers() == 0

    account = SellerAccount.objects.get()
    assert account.manages_warehouses
    assert (account.nickname, account.tags_read_at is not None) == ("TIENDA_NUEVA", True)
    assert Work.objects.filter(kind="seller_changed", account=account).count() == 1  # everything is chosen anew


def test_another_nickname_alone_changes_no_push(world, account, seller):
    seller.nickname = "TIENDA_NUEVA"

    assert oauth.reread_sellers() == 1
    assert not Work.objects.filter(kind="seller_changed").exists()


def test_a_seller_that_cannot_be_read_does_not_stop_the_others(world, connect, seller):
    broken, fine = connect(world.add_seller("ROTA")), connect(seller)
    world.faults.add(faults.SERVER_ERROR, user_id=broken.ml_user_id)
    seller.tags.append("mshops")

    assert oauth.reread_sellers() == 1
    assert SellerAccount.objects.get(pk=fine.pk).tags[-1] == "mshops"
