"""Stock pushes a second against a bare `requests` session that makes the same calls to the same sandbox."""

from __future__ import annotations

import time
from collections.abc import Iterator

import requests
from django.conf import settings

from catalog.models import Product
from inventory import ledger
from inventory.models import Warehouse
from mercadolibre.client import Client
from sellers.connection.clients import client_for
from sellers.models import SellerAccount, Work
from sellers.queue import work
from tests.bench import market
from tests.bench.report import Row

LISTINGS = 900  # two thirds of them without variations


def rounds(count: int) -> Iterator[Row]:
    with market.market(listings=LISTINGS) as made:
        market.forget()
        accounts = market.connect(made, mode="live")
        market.import_all(accounts)
        items = [item_id for group in market.share_products(each=1) for item_id in group]
        settle()
        for number in range(count):
            bare = bare_loop(accounts, items, market.STOCK + number)
            own = pushes(number)
            yield Row(
                ratios={"pushes/s ÷ a bare session's": (own / bare, ">=", 0.6)},
                facts={"pushes/s": f"{own:.0f}", "bare GET, PUT, GET /s": f"{bare:.0f}"},
            )
            settle()


def settle() -> None:
    """Work off what is waiting, so that a round begins with every listing equal to what is wanted."""
    for lane in settings.LANES.values():
        work.drain(lane, who="bench", seconds=600)


def bare_loop(accounts: list[SellerAccount], items: list[str], quantity: int) -> float:
    """GET, PUT (what ML shows already) and GET of every item with one session in one thread, the answers decoded."""
    tokens = {account.pk: access_token(client_for(account)) for account in accounts}
    owners = dict(zip(items, owners_of(items), strict=True))
    session = requests.Session()
    started = time.perf_counter()
    for item_id in items:
        url = f"{settings.MELI_API_URL}/items/{item_id}"
        headers = {"Authorization": f"Bearer {tokens[owners[item_id]]}"}
        session.get(url, params={"include_attributes": "all"}, headers=headers, timeout=10).json()
        session.put(url, json={"available_quantity": quantity}, headers=headers, timeout=10).json()
        session.get(url, params={"include_attributes": "all"}, headers=headers, timeout=10).json()
    return len(items) / (time.perf_counter() - started)


def owners_of(items: list[str]) -> list[int]:
    found = dict(market.Listing.objects.filter(item_id__in=items).values_list("item_id", "account_id"))
    return [found[item_id] for item_id in items]


def access_token(client: Client) -> str:
    return client._access_token


def pushes(number: int) -> float:
    """One more unit of every product, and the time until the lane is empty, in one thread too."""
    main = Warehouse.objects.get(code="MAIN")
    for product in Product.objects.all():
        ledger.receive(product=product, warehouse=main, quantity=1, reason="bench", operation=f"{number}:{product.sku}")
    waiting = Work.objects.filter(kind="stock", state="ready").count()
    started = time.perf_counter()
    work.drain(settings.LANES["pushes"], who="bench", seconds=600)
    return waiting / (time.perf_counter() - started)
