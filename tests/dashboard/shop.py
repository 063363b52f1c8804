"""A merchant's day in rows: sellers, listings in every state, orders, pushes, failures. The same each time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from catalog.models import Listing, PriceTarget, Product, ProductPrice, SkuMapping, Variation
from inventory import ledger
from inventory.models import StockTarget, Warehouse
from orders.models import Order, OrderLine
from sellers.models import Grant, Hearing, Heartbeat, Job, Notification, PushAttempt, SellerAccount, SyncCursor, Work

HOSTILE = '<img src=x onerror=alert(1)> Termo & "Acero" 1 L'
TITLES = [
    "Cafetera Express Peabody Pro 1.5 L",
    "Lámpara LED de escritorio con pinza",
    "Teclado Mecánico Redragon Kumara K552",
    HOSTILE,
    "Parlante Portátil JBL Go 4 Azul",
    "Freidora de Aire Philips Essential 4,1 L",
    "Silla Gamer Reclinable con Apoyapiés",
    "Amoladora Angular Bosch 115 mm 750 W",
]
PROCESSES = ["pump", "beat", "worker:orders", "worker:pushes", "worker:bulk"]
REFUSED = {
    "http_status": 400,
    "ml_words": "item.price.invalid: The price 12 is not valid for item",
    "meaning": "Mercado Libre does not accept this price in the category.",
    "todo": "Set a price above the category's minimum.",
}


@dataclass
class Shop:
    """Builds rows around one moment, `now`."""

    now: datetime = field(default_factory=timezone.now)
    number: int = 1000

    def ago(self, **length: float) -> datetime:
        return self.now - timedelta(**length)

    def next(self) -> int:
        self.number += 1
        return self.number

    def beat(self) -> None:
        for name in PROCESSES:
            Heartbeat.objects.update_or_create(name=name, defaults={"at": self.now})

    def seller(self, nickname: str = "TIENDA_SUR", site_id: str = "MLA", **fields: Any) -> SellerAccount:
        account = SellerAccount.objects.create(ml_user_id=self.next(), nickname=nickname, site_id=site_id, **fields)
        if account.status == "connected":
            self.token(account)
        SyncCursor.objects.create(
            account=account, stream="orders", high_water=self.ago(minutes=3), full_pass_at=self.ago(minutes=3)
        )
        return account

    def token(self, account: SellerAccount, *, obtained: float = 2, ends: float = 4) -> Grant:
        return Grant.objects.create(
            account=account,
            chain=1,
            generation=1,
            refresh_fingerprint=hashlib.sha256(str(account.pk).encode()).digest(),
            obtained_at=self.ago(hours=obtained),
            expires_at=self.now + timedelta(hours=ends),
        )

    def listing(self, account: SellerAccount, title: str = TITLES[0], *, variations: int = 0, **fields: Any) -> Listing:
        values: dict[str, Any] = {
            "item_id": f"{account.site_id}11{self.next():08}",
            "status": "active",
            "currency_id": "ARS",
            "price": Decimal("25999.50"),
            "available_quantity": 5,
            "sold_quantity": self.number % 37,
            "seen_at": self.ago(minutes=self.number % 30),
            "raw": {"title": title, "note": "</pre><script>alert(1)</script>"},
        }
        listing = Listing.objects.create(account=account, title=title, **(values | fields))
        for number in range(max(1, variations)):
            Variation.objects.create(
                listing=listing,
                variation_id=self.next() if variations else 0,
                attributes_text=f"Color: Rojo · Talle: {36 + number}" if variations else "",
                seller_sku=f"AT-ML-{self.number}",
                available_quantity=5,
            )
        return listing

    def product(self, sku: str, name: str = "Producto", on_hand: int = 8) -> Product:
        product, made = Product.objects.get_or_create(sku=sku, defaults={"name": name})
        if made and on_hand:
            warehouse = Warehouse.objects.get(code="MAIN")
            ledger.receive(
                product=product, warehouse=warehouse, quantity=on_hand, operation=f"seed:{sku}", reason="Seed"
            )
        return product

    def link(
        self, listing: Listing, product: Product, *, wanted: int = 5, observed: int = 5, state: str = "equal"
    ) -> None:
        for unit in listing.variations.all():
            SkuMapping.objects.create(variation=unit, product=product, source="accepted")
            StockTarget.objects.update_or_create(
                variation=unit,
                defaults={
                    "wanted": wanted,
                    "wanted_at": self.ago(minutes=9),
                    "accepted": wanted,
                    "accepted_at": self.ago(minutes=9) + timedelta(seconds=1.4),
                    "observed": observed,
                    "observed_at": self.ago(minutes=2),
                    "state": state,
                },
            )

    def price(self, listing: Listing, product: Product, amount: str = "25999.50", floor: str = "20000") -> None:
        ProductPrice.objects.get_or_create(
            product=product, currency_id="ARS", defaults={"price": Decimal(amount), "floor": Decimal(floor)}
        )
        PriceTarget.objects.update_or_create(
            listing=listing,
            defaults={
                "wanted": Decimal(amount),
                "wanted_at": self.ago(hours=1),
                "accepted": Decimal(amount),
                "accepted_at": self.ago(hours=1),
                "observed": listing.price,
                "observed_at": self.ago(minutes=5),
                "state": "equal" if listing.price == Decimal(amount) else "waiting",
            },
        )

    def order(self, account: SellerAccount, *, stock_state: str = "reserved", age: float = 1, **fields: Any) -> Order:
        created = self.ago(hours=age)
        order_id = 2000_0000_0000 + self.next()
        values: dict[str, Any] = {
            "order_id": order_id,
            "pack_key": order_id,
            "status": "paid",
            "date_created": created,
            "ml_last_updated": created,
            "total_amount": Decimal("25999.50"),
            "currency_id": "ARS",
            "buyer_nickname": "COMPRADORA",
            "announced_at": created,
            "first_seen_at": created + timedelta(seconds=1.1),
            "shipping_id": 4000_0000_000 + self.number,
            "stock_state": stock_state,
        }
        order = Order.objects.create(account=account, **(values | fields))
        OrderLine.objects.create(
            order=order, position=0, item_id="MLA1", title=TITLES[0], quantity=1, unit_price=Decimal("25999.50")
        )
        return order

    def push(
        self, account: SellerAccount, key: str, *, age: float = 10, outcome: str = "verified", **fields: Any
    ) -> PushAttempt:
        started = self.ago(minutes=age)
        values: dict[str, Any] = {
            "kind": "stock",
            "item_id": key,
            "changes": [{"variation_id": 0, "old": "5", "new": "3"}],
            "started_at": started,
            "finished_at": started + timedelta(milliseconds=340),
            "duration_ms": 340,
            "http_status": 200,
        }
        return PushAttempt.objects.create(account=account, key=key, outcome=outcome, **(values | fields))

    def work(
        self,
        account: SellerAccount | None,
        kind: str,
        key: str,
        *,
        state: str = "ready",
        age: float = 10,
        **fields: Any,
    ) -> Work:
        lanes = {"stock": 1, "price": 1, "order": 0, "job": 2}
        values: dict[str, Any] = {
            "lane": lanes.get(kind, 2),
            "state": state,
            "wanted_since": self.ago(minutes=age),
            "due_at": self.ago(minutes=age),
        }
        return Work.objects.create(account=account, kind=kind, key=key, **(values | fields))

    def dead(
        self, account: SellerAccount, kind: str, key: str, words: str = REFUSED["ml_words"], **fields: Any
    ) -> Work:
        failure = {"last_error": words, "last_error_class": "ValidationRefused", "last_error_at": self.now, "fails": 1}
        return self.work(account, kind, key, state="dead", **(failure | fields))

    def notification(
        self, account: SellerAccount, *, age: float = 5, kind: str = "order", key: str = "2001"
    ) -> Notification:
        return Notification.objects.create(
            received_at=self.ago(minutes=age),
            ml_user_id=account.ml_user_id,
            topic="orders_v2",
            resource=f"/orders/{key}",
            body=b"{}",
            verdict="accepted",
            work_kind=kind,
            work_key=key,
        )

    def job(self, account: SellerAccount | None = None, *, state: str = "running", **fields: Any) -> Job:
        values: dict[str, Any] = {
            "title": "Import the listings",
            "done": 640,
            "total": 1000,
            "started_at": self.ago(minutes=1),
        }
        return Job.objects.create(
            kind=fields.pop("kind", "mapping_import"), account=account, state=state, **(values | fields)
        )


def quiet(shop: Shop) -> SellerAccount:
    """A shop where nothing is wrong."""
    shop.beat()
    account = shop.seller(mode="live")
    product = shop.product("CK-17628-AZU", "Cafetera")
    listing = shop.listing(account)
    shop.link(listing, product)
    shop.price(listing, product)
    shop.order(account)
    shop.push(account, listing.item_id)
    shop.notification(account)
    return account


def busy(shop: Shop) -> SellerAccount:
    """A shop where everything is wrong that can be."""
    account = quiet(shop)
    many = [shop.listing(account, title, variations=3 * (number % 3 == 0)) for number, title in enumerate(TITLES)]
    states = ["equal", "drift", "rejected", "waiting", "accepted"]
    for number, listing in enumerate(many[:6]):
        shop.link(listing, shop.product(f"SKU-{number:03}"), observed=5 + number % 2, state=states[number % 5])
    Listing.objects.filter(pk=many[5].pk).update(status="paused", sub_status=["out_of_stock"])
    Listing.objects.filter(pk=many[6].pk).update(status="under_review", sub_status=["waiting_for_patch"])
    shop.price(many[1], shop.product("SKU-001"), amount="27500")
    troubles(shop, account, many)
    return account


def troubles(shop: Shop, account: SellerAccount, many: list[Listing]) -> None:
    Heartbeat.objects.filter(name="worker:bulk").update(at=shop.ago(minutes=14))
    shop.seller("OUTLET_NORTE", "MLB", status="needs_reconnect", status_reason="invalid_grant: refresh token revoked")
    paused = "Pushes were paused: one change would have set 120 of 300 listings to zero."
    shop.seller("HOGAR_MX", "MLM", mode="live", pushes_paused=True, status_reason=paused)
    shop.order(account, stock_state="unlinked", age=5)
    shop.order(account, stock_state="unknown", age=2)
    ledger.adjust(
        product=shop.product("SKU-003"), warehouse=Warehouse.objects.get(), delta=-9, operation="oops", reason="Broken"
    )
    for number, listing in enumerate(many[:3]):
        shop.push(account, listing.item_id, kind="price", outcome="rejected", age=20 + number, **REFUSED)
        shop.dead(account, "price", listing.item_id, f"{REFUSED['ml_words']} {listing.item_id}")
    shop.dead(account, "order", "20000000000777", "Something broke")
    shop.work(account, "stock", many[4].item_id, age=30, fails=3, last_error="No answer", last_error_class="Timeout")
    for hour in range(1, 24):
        for _ in range(hour % 7):
            shop.push(account, many[0].item_id, age=60 * hour, outcome="verified" if hour % 5 else "failed")
    Hearing.objects.create(
        account=account, topic="orders_v2", last_at=shop.ago(hours=3), silent_since=shop.ago(hours=3)
    )
    shop.job(account)
    shop.job(state="failed", message="Row 14 is not a number.", finished_at=shop.ago(hours=5))
