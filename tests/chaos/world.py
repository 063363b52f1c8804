"""The simulated Mercado Libre of a run, and the merchant's shop in it."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import Error, connections

from catalog.models import Product, SkuMapping, Variation
from config.embedded import free_port
from inventory import ledger
from inventory.models import Warehouse
from sellers.connection import oauth
from sellers.models import SellerAccount
from tests.bench import market, servers
from tests.chaos import pace

LISTINGS = 40
EACH = 3  # sellable units of a product
LOG = 300_000  # requests that the simulated Mercado Libre remembers: all of them
FAULTS: list[dict[str, Any]] = [
    {"kind": "RATE_LIMITED", "probability": 0.01},
    {"kind": "SERVER_ERROR", "probability": 0.02, "path": "(?!/oauth).*"},
    {"kind": "TRUNCATED_JSON", "probability": 0.02, "method": "GET"},
    {"kind": "APPLIED_THEN_TIMEOUT", "probability": 0.08, "method": "PUT"},
    {"kind": "CONFLICT_409", "probability": 0.06, "method": "PUT"},
    {"kind": "SLOW", "probability": 0.1, "method": "GET", "seconds": 0.3},
    # the pair is rotated already when the answer is still on its way
    {"kind": "SLOW", "probability": 0.5, "path": "/oauth/token", "seconds": 0.4},
]


@contextlib.contextmanager
def market_of(notify: str | None, *, token_life: int, retry_scale: float) -> Iterator[market.Market]:
    """Serve a world with the limits of a run; this process and its children talk to it from now on."""
    port = free_port()
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--sellers", "bench", "--log-size", str(LOG)]
    command += ["--listings", str(LISTINGS)] + (["--notify", notify] if notify else [])
    url = f"http://127.0.0.1:{port}"
    with servers.process(command):
        servers.wait_for(port)
        for name, value in {"MELI_API_URL": url, "MELI_AUTH_URL": url, "MELI_RATE_PER_MINUTE": pace.RATE}.items():
            os.environ[name] = str(value)
            setattr(settings, name, value)
        made = market.Market(url)
        rules = {"rate_per_minute": pace.RATE, "stock_reads_per_minute": pace.RATE, "retry_scale": retry_scale}
        made.control("rules", **rules, expires_in=token_life, hang_seconds=2.5, disorder=True)
        if notify is None:
            made.control("rules", topics=[])
        yield made


SURELY: list[dict[str, Any]] = [
    {"kind": "RATE_LIMITED", "method": "GET"},
    {"kind": "SERVER_ERROR", "method": "GET"},
    {"kind": "TRUNCATED_JSON", "method": "GET"},
    {"kind": "APPLIED_THEN_TIMEOUT", "method": "PUT"},
    {"kind": "CONFLICT_409", "method": "PUT"},
]


def unleash(made: market.Market) -> None:
    """The faults of a run, and once for sure what has not come by chance."""
    made.control("clear_faults")
    for fault in FAULTS:
        made.control("faults", times=0, **fault)
    seen = made.look("state")["faults_seen"]
    for fault in SURELY:
        if fault["kind"] not in seen:
            made.control("faults", times=1, path="/(items|orders|shipments).*", **fault)
    if "TIMEOUT" not in seen:  # the answer to one renewal of a token never comes: nobody knows its fate
        made.control("faults", kind="TIMEOUT", path="/oauth/token", times=1)


Unit = tuple[str, int]  # item id, variation id (0 where there are none)


@dataclass
class Goods:
    """One product and the units that are sold of it."""

    product: Product
    units: list[Unit]
    adjusted: int = 0


@dataclass
class Shop:
    accounts: list[SellerAccount]
    goods: list[Goods]
    owner: Any
    main: Warehouse = field(default_factory=lambda: Warehouse.objects.get(code="MAIN"))


def open_shop(made: market.Market, seed: int) -> Shop:
    """Connect the sellers, import what they sell, put units of both, with variations and without, on one shelf."""
    owner = get_user_model().objects.create_superuser("owner", "owner@example.com", "a-long-enough-password")
    accounts = market.connect(made, mode="live")
    market.import_all(accounts)
    units = list(Variation.objects.select_related("listing").order_by("listing__item_id", "variation_id"))
    random.Random(seed).shuffle(units)
    shop = Shop(accounts, [], owner)
    for number in range(len(units) // EACH):
        shop.goods.append(shelve(shop, number, units[number * EACH : (number + 1) * EACH]))
    return shop


def shelve(shop: Shop, number: int, units: list[Variation]) -> Goods:
    product = Product.objects.create(sku=f"P{number:03d}", name=f"Product {number}")
    for unit in units:
        SkuMapping.objects.create(variation=unit, product=product, units=1, source=SkuMapping.Source.TYPED)
    given = {"product": product, "warehouse": shop.main, "quantity": market.STOCK, "actor": shop.owner}
    ledger.receive(**given, reason="first delivery", operation=f"first:{product.sku}")
    return Goods(product, [(unit.listing.item_id, unit.variation_id) for unit in units])


def patiently(what: Callable[[], Any], *, tries: int = 60) -> Any:
    """Do something although PostgreSQL may be restarting; `what` has to bear being done twice."""
    for _ in range(tries):
        try:
            return what()
        except (Error, requests.ConnectionError):
            connections.close_all()
            time.sleep(0.25)
    return what()


def reconnect(account: SellerAccount, owner: Any) -> None:
    """What a person does whose button says Connect again: over the consent page, to the end."""
    asked = oauth.begin(user=owner, session_key="chaos", site_id=account.site_id, account=account)
    form = {name: values[0] for name, values in parse_qs(urlsplit(asked).query).items()}
    form |= {"user_id": str(account.ml_user_id), "decision": "allow"}
    answer = requests.post(f"{settings.MELI_AUTH_URL}/authorization", data=form, allow_redirects=False, timeout=10)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    flow = oauth.complete(user=owner, session_key="chaos", state=back["state"][0], code=back["code"][0])
    flow.refresh_from_db()
    oauth.confirm(flow)
