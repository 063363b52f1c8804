"""What holds calls and writes back, as Today, Sellers, /readyz and /metrics tell it."""

import pytest
from django.utils import timezone

from dashboard import brakes
from dashboard.attention import decide
from dashboard.attention_rules import Kind
from inventory.models import MassZero
from sellers.brakes import breakers, stops
from sellers.models import PushAttempt, SellerAccount


@pytest.fixture
def casa(db):
    return SellerAccount.objects.create(ml_user_id=1, nickname="CASA", site_id="MLA", mode="live")


def sentences(accounts):
    now = timezone.now()
    return {item.kind: item for item in decide(brakes.facts(accounts, now), now)}


def test_nothing_is_told_where_nothing_is_held_back(casa):
    assert sentences([casa]) == {}


def test_a_seller_that_gets_no_answers_is_told_with_the_error(casa):
    breakers.open_one(f"seller:{casa.pk}", "GET /items/MLA1 500")

    item = sentences([casa])[Kind.SELLER_DOWN]

    assert "CASA" in item.sentence
    assert (item.words, item.pk, item.tone) == ("GET /items/MLA1 500", casa.pk, "bad")


def test_all_of_mercado_libre_and_its_token_endpoint(casa):
    breakers.open_one(breakers.ML)
    breakers.open_one(breakers.OAUTH)

    assert set(sentences([casa])) == {Kind.ML_DOWN, Kind.TOKENS_DOWN}


def test_stops_say_whose_they_are(casa):
    stops.stop(reason="wrong prices")
    stops.stop(cause="restored", reason="older")

    found = sentences([casa])

    assert found[Kind.STOPPED].words == "wrong prices"
    assert Kind.INSTALLATION in found


@pytest.mark.parametrize(("conflicts", "told"), [(20, False), (21, True)])
def test_more_than_twenty_conflicts_an_hour_are_somebody_else(casa, conflicts, told):
    attempt = {"account": casa, "kind": "stock", "key": "MLA1", "outcome": "conflict"}
    PushAttempt.objects.bulk_create(PushAttempt(**attempt) for _ in range(conflicts))

    assert (Kind.OTHER_WRITER in sentences([casa])) is told


def test_a_mass_zero_replaces_the_line_about_the_pause(client, owner, casa):
    SellerAccount.objects.update(pushes_paused=True)
    asked = MassZero.objects.create(account=casa, zeroed=60, listings=200, change="Counted: stock.xlsx")
    client.force_login(owner)

    page = client.get("/").content.decode()

    assert "60 listings would be set to zero" in page
    assert f"/inventory/emptied/{asked.pk}/" in page
    assert "Pushes of CASA are paused" not in page


def test_sellers_says_when_the_next_call_is_tried(client, owner, casa):
    breakers.open_one(f"seller:{casa.pk}")
    client.force_login(owner)

    assert "Mercado Libre does not answer" in client.get("/sellers/").content.decode()


def test_machines_are_told(client, casa):
    assert client.get("/readyz").json()["writing"] is True
    breakers.open_one(f"seller:{casa.pk}")
    stops.stop(reason="wait")

    ready = client.get("/readyz").json()
    assert (ready["writing"], ready["held_back"]) == (False, {f"seller:{casa.pk}": "open"})
    metrics = client.get("/metrics").content.decode()
    assert 'enlace_writes_stopped{cause="staff"} 1.0' in metrics
    assert 'enlace_writes_stopped{cause="restored"} 0.0' in metrics
    assert f'enlace_breaker_open{{scope="seller:{casa.pk}"}} 1.0' in metrics
