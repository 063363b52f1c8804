import time
from datetime import timedelta

import pytest
from django.utils import timezone

from mercadolibre.errors import UnexpectedRedirect, WritesDisabled
from sandbox import faults
from sellers.connection import clients
from sellers.connection.clients import client_for
from sellers.models import SellerAccount
from sellers.queue.outcomes import TryLater


def test_a_client_speaks_for_its_seller(world, connect):
    first, second = connect(world.add_seller("UNO")), connect(world.add_seller("DOS"))

    assert client_for(first).me().nickname == "UNO"
    assert client_for(second).me().nickname == "DOS"
    assert {line.user_id for line in world.requests.to("/users/me")} == {first.ml_user_id, second.ml_user_id}


def test_making_a_client_is_one_query(account, django_assert_num_queries):
    with django_assert_num_queries(1):
        client_for(account)


@pytest.mark.parametrize("status", ["needs_reconnect", "disconnected"])
def test_a_seller_that_is_not_connected_has_no_client(account, status):
    SellerAccount.objects.update(status=status)

    with pytest.raises(TryLater) as refusal:
        client_for(account)
    assert refusal.value.delay == timedelta(minutes=5)


def test_a_seller_that_ml_slows_down_waits(account):
    SellerAccount.objects.update(throttle_until=timezone.now() + timedelta(seconds=30))

    with pytest.raises(TryLater) as refusal:
        client_for(account)
    assert timedelta(seconds=29) < refusal.value.delay <= timedelta(seconds=30)


@pytest.mark.parametrize(
    ("fields", "writes"),
    [
        ({"mode": "live"}, True),
        ({"mode": "observe"}, False),
        ({"mode": "live", "pushes_paused": True}, False),
        ({"mode": "live", "status": "needs_reconnect"}, False),
    ],
)
def test_the_switch_for_writing_is_read_at_the_moment_of_writing(account, seller, world, fields, writes):
    listing = seller.add_item(available_quantity=5)
    client = client_for(account)
    item = client.item(listing.id)
    SellerAccount.objects.update(**fields)

    if writes:
        client.set_quantity(item, 3)
    else:
        with pytest.raises(WritesDisabled):
            client.set_quantity(item, 3)

    assert len(world.requests.to(f"/items/{listing.id}", "PUT")) == int(writes)


def test_a_pause_stops_writes_within_a_quarter_of_a_second(account, seller, world):
    listing = seller.add_item(available_quantity=5)
    SellerAccount.objects.update(mode="live")
    client = client_for(account)
    item = client.item(listing.id)
    client.set_quantity(item, 4)
    SellerAccount.objects.update(pushes_paused=True)

    time.sleep(clients.SWITCH_SEEN_FOR)
    with pytest.raises(WritesDisabled):
        client.set_quantity(item, 3)

    assert listing.available_quantity == 4


def test_a_token_is_never_sent_to_where_a_redirect_points(account, world):
    world.faults.add(faults.REDIRECT_302)

    with pytest.raises(UnexpectedRedirect):
        client_for(account).me()
    assert len(world.requests) == 1


def test_nothing_shows_the_token(account):
    client = client_for(account)

    assert client._access_token not in repr(client) + repr(client._transport) + repr(clients.oauth_client())
