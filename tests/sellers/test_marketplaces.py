"""The numbers of a Global Selling seller: asked for, kept, and what is sent to them reaches the seller."""

import json
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection

from mercadolibre.client import GlobalClient
from orders.runs import missed
from sandbox import faults
from sellers import marketplaces
from sellers.connection import clients, oauth
from sellers.models import MarketplaceAccount, Notification, SellerAccount, Work
from sellers.notifications import inbox
from tests.sellers.connection.test_oauth import CALLBACK, begin, consent

MARKETS = (("MLM", "remote"), ("MLB", "remote"))
APPLICATION = int(settings.MELI_CLIENT_ID)


@pytest.fixture
def pacific(world):
    return world.add_global_seller("PACIFIC_TRADERS", marketplaces=MARKETS)


@pytest.fixture
def account(connect, pacific):
    return connect(pacific)


@pytest.fixture
def mexico(world):
    """The number of the seller in Mexico."""
    return lambda: world.seller("PACIFIC_TRADERS_MLM_REMOTE").user_id


def tell(user_id, **more):
    """A notification to a number arrives."""
    body = {"topic": "marketplace_orders", "resource": "/marketplace/orders/2001", "user_id": user_id}
    with connection.cursor() as cursor:
        inbox.store(cursor, [inbox.read(json.dumps(body | {"application_id": APPLICATION} | more).encode())])


def numbers(account):
    return set(account.marketplaces.values_list("ml_user_id", "site_id", "logistic_type"))


def test_connecting_reads_where_the_seller_sells(client, owner, world, pacific, mexico):
    client.force_login(owner)
    query = consent(world, begin(client, "CBT"), pacific)
    page = client.get(f"{CALLBACK}?{urlencode(query)}").headers["Location"]

    client.post(page, {"answer": "connect"})

    account = SellerAccount.objects.get()
    assert (account.site_id, account.is_global) == ("CBT", True)
    brazil = world.seller("PACIFIC_TRADERS_MLB_REMOTE").user_id
    assert numbers(account) == {(mexico(), "MLM", "remote"), (brazil, "MLB", "remote")}
    assert account.user_ids == {pacific.user_id, mexico(), brazil}


def test_a_seller_whose_marketplaces_cannot_be_read_is_not_connected(client, owner, world, pacific):
    client.force_login(owner)
    query = consent(world, begin(client, "CBT"), pacific)
    world.faults.add(faults.SERVER_ERROR, path="/marketplace/users/.*", times=9)

    page = client.get(f"{CALLBACK}?{urlencode(query)}").headers["Location"]

    assert page == "/sellers/connect/problem/"
    assert not SellerAccount.objects.exists()


def test_a_global_seller_has_a_client_of_its_own(account, connect, world):
    assert isinstance(clients.client_for(account), GlobalClient)
    assert not isinstance(clients.client_for(connect(world.add_seller("CASA"))), GlobalClient)


def test_the_daily_reading_finds_a_new_marketplace_and_keeps_the_old_ones(account, world, pacific, mexico):
    assert oauth.reread_sellers() == 1
    world.seller("PACIFIC_TRADERS_MLB_REMOTE").parent_id = None  # no longer sells in Brazil
    chile = world.add_seller("PACIFIC_TRADERS_MLC_REMOTE", site_id="MLC")
    chile.parent_id, chile.marketplace_logistic = pacific.user_id, "remote"

    assert oauth.reread_sellers() == 1

    assert {site for _number, site, _way in numbers(account)} == {"MLM", "MLB", "MLC"}
    assert oauth.reread_sellers() == 0


def test_a_number_nobody_knows_is_asked_for_once(account, mexico):
    client = clients.client_for(account)

    assert marketplaces.owns(account, mexico(), client)
    assert not marketplaces.owns(account, 12345, client)
    assert not marketplaces.owns(account, None, client)


def test_a_seller_of_one_country_is_not_asked_about(connect, world):
    account = connect(world.add_seller("CASA"))

    assert not marketplaces.owns(account, 12345, clients.client_for(account))
    assert not any("marketplace" in line.path for line in world.requests)


def test_what_is_sent_to_a_marketplaces_number_is_the_sellers(account, mexico):
    marketplaces.read(account, clients.client_for(account))

    tell(mexico())

    stored = Notification.objects.get()
    assert (stored.verdict, stored.ml_user_id) == ("accepted", account.ml_user_id)
    assert json.loads(bytes(stored.body))["user_id"] == mexico()
    row = Work.objects.get()
    assert (row.account, row.kind, row.key) == (account, "order", "2001")


def test_a_disconnected_seller_asks_for_nothing(account, mexico):
    marketplaces.read(account, clients.client_for(account))
    SellerAccount.objects.update(status="disconnected")

    tell(mexico())

    assert Notification.objects.get().verdict == "unknown_account"
    assert not Work.objects.exists()
    assert marketplaces.accounts_by_number() == {}


@pytest.mark.parametrize(
    ("topic", "resource", "work"),
    [
        ("marketplace_orders", "/marketplace/orders/2001", ("order", "2001")),
        ("marketplace_items", "/marketplace/items/MLM123", ("item", "MLM123")),
        ("items", "/items/CBT123", ("item", "CBT123")),
        ("marketplace_shipments", "/marketplace/shipments/44", ("shipment", "44")),
    ],
)
def test_its_topics_lead_to_the_same_work(account, pacific, topic, resource, work):
    tell(pacific.user_id, topic=topic, resource=resource)

    row = Work.objects.get()
    assert (row.kind, row.key) == work


def test_missed_notifications_of_its_numbers_are_found(account, mexico, world, work_off):
    marketplaces.read(account, clients.client_for(account))
    from_feed = inbox.parse_notification(
        json.dumps(
            {"topic": "marketplace_orders", "resource": "/marketplace/orders/2001", "user_id": mexico()}
        ).encode()
    )

    assert missed.wanted_by([from_feed]) == [(account.pk, "order", "2001")]


def test_a_number_belongs_to_one_seller(account, connect, world, mexico):
    marketplaces.read(account, clients.client_for(account))
    other = connect(world.add_global_seller("ATLANTIC", marketplaces=()))

    MarketplaceAccount.objects.filter(ml_user_id=mexico()).update(account=other)
    marketplaces.read(account, clients.client_for(account))

    assert MarketplaceAccount.objects.get(ml_user_id=mexico()).account == account
