"""A simulated Mercado Libre in a process of its own for a measurement, and sellers connected to it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import redis
import requests
from django.conf import settings
from django.utils import timezone

from catalog.imports.importing import start
from catalog.models import Listing, Product, SkuMapping, Variation
from config.embedded import free_port
from inventory import ledger
from inventory.models import Warehouse
from mercadolibre.oauth import OAuthClient, challenge, new_verifier
from mercadolibre.transport import RequestsTransport
from orders.runs import reconciliation
from sellers.connection import grants
from sellers.models import SellerAccount, Work
from sellers.queue import work
from tests.bench import servers

REDIRECT = "http://localhost/sellers/callback/"
MELI_RATE = 1500  # calls a minute and seller
NO_LIMITS = {"rate_per_minute": 10_000_000, "stock_reads_per_minute": 10_000_000}
STOCK = 50  # what the bench world's listings show at the beginning


@dataclass(frozen=True)
class Market:
    url: str

    def control(self, name: str, **given: Any) -> Any:
        answer = requests.post(f"{self.url}/control/{name}", json=given, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def look(self, name: str, **query: Any) -> Any:
        answer = requests.get(f"{self.url}/control/{name}", params=query, timeout=30)
        answer.raise_for_status()
        return answer.json()


@contextlib.contextmanager
def market(*, listings: int, notify: str | None = None, sellers: int = 2) -> Iterator[Market]:
    """Serve a bench world without rate limits; this process and its children talk to it from now on."""
    port = free_port()
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--sellers", "bench", "--listings", str(listings)]
    command += ["--bench-sellers", str(sellers), "--log-size", "50000"]
    command += ["--notify", notify] if notify else []
    url = f"http://127.0.0.1:{port}"
    with servers.process(command):
        servers.wait_for(port)
        os.environ["MELI_API_URL"] = settings.MELI_API_URL = url
        os.environ["MELI_RATE_PER_MINUTE"] = "10000000"
        settings.MELI_RATE_PER_MINUTE = 10_000_000
        made = Market(url)
        made.control("rules", **NO_LIMITS)
        yield made


@contextlib.contextmanager
def with_limits(made: Market) -> Iterator[None]:
    """From now on the limits of the real Mercado Libre, for it and for us."""
    made.control("rules", rate_per_minute=MELI_RATE, stock_reads_per_minute=100)
    os.environ["MELI_RATE_PER_MINUTE"] = str(MELI_RATE)
    settings.MELI_RATE_PER_MINUTE = MELI_RATE
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    try:
        yield
    finally:
        made.control("rules", **NO_LIMITS)
        os.environ["MELI_RATE_PER_MINUTE"] = "10000000"
        settings.MELI_RATE_PER_MINUTE = 10_000_000


@contextlib.contextmanager
def far_away(made: Market, seconds: float) -> Iterator[None]:
    """Every answer of the sandbox comes so late."""
    made.control("faults", kind="SLOW", path="(?!/control/).*", times=0, seconds=seconds)
    try:
        yield
    finally:
        made.control("clear_faults")


def connect(made: Market, *, mode: str = "observe") -> list[SellerAccount]:
    """Connect every seller of the world over its consent page."""
    Work.objects.all().delete()
    SellerAccount.objects.all().delete()
    return [connect_one(made, seller, mode) for seller in made.look("state")["sellers"]]


def connect_one(made: Market, seller: dict[str, Any], mode: str) -> SellerAccount:
    verifier = new_verifier()
    asked = {
        "response_type": "code",
        "client_id": settings.MELI_CLIENT_ID,
        "redirect_uri": REDIRECT,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        "user_id": str(seller["user_id"]),
        "decision": "allow",
    }
    answer = requests.post(f"{made.url}/authorization", data=asked, allow_redirects=False, timeout=10)
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    application = OAuthClient(RequestsTransport(), made.url, settings.MELI_CLIENT_ID, settings.MELI_CLIENT_SECRET)
    token = application.exchange(code, REDIRECT, verifier)
    account = SellerAccount.objects.create(
        ml_user_id=seller["user_id"],
        nickname=seller["nickname"],
        site_id=seller["site_id"],
        tags=seller["tags"],
        mode=mode,
    )
    grants.start_chain(account, token)
    return account


def import_all(accounts: list[SellerAccount]) -> None:
    """Import every catalog, in this process."""
    for account in accounts:
        start(account=account)
    while work.drain(settings.LANES["bulk"], who="bench", seconds=600):
        pass


def share_products(*, each: int) -> list[list[str]]:
    """Link every `each` listings to one product with the stock that they show. Returns the groups of item ids."""
    units = list(Variation.objects.filter(variation_id=0).select_related("listing").order_by("listing__item_id"))
    # Neighbours by item id belong to different sellers, as a merchant's listings of one product do.
    groups = [units[begin : begin + each] for begin in range(0, len(units) - each + 1, each)]
    products = Product.objects.bulk_create(Product(sku=f"P{n:05d}", name=f"Product {n}") for n in range(len(groups)))
    SkuMapping.objects.bulk_create(
        SkuMapping(variation=unit, product=product, units=1, source=SkuMapping.Source.FILE)
        for product, group in zip(products, groups, strict=True)
        for unit in group
    )
    main = Warehouse.objects.get(code="MAIN")
    for product in products:
        ledger.receive(
            product=product, warehouse=main, quantity=STOCK, reason="bench", operation=f"bench:{product.sku}"
        )
    return [[unit.listing.item_id for unit in group] for group in groups]


def forget() -> None:
    """Empty what an earlier measurement left (all but the ledger's past, which cannot be)."""
    Listing.objects.all().delete()
    SellerAccount.objects.update(catalog_imported_at=timezone.now())


def hurry() -> None:
    """Do not wait out the long pauses between tries and polls: due now is what would be due within hours."""
    reconciliation.schedule_polls()
    Work.objects.filter(state="ready").update(due_at=timezone.now())
