"""The shop at the moment: where its life began and what has happened to it so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache

from catalog.models import Product
from catalog.prices import price_changes
from inventory.models import Warehouse
from sandbox.world import World
from sellers.brakes import breakers
from sellers.models import SellerAccount
from sellers.queue import work
from tests import world as behind_requests
from tests.faults import processes
from tests.faults.stage import Stage
from tests.machine.beginning import Tables, copied

FIRST = 10  # mugs on hand when a life begins
FLOOR = Decimal(800)


@dataclass
class Clock:
    """A monotonic clock that can be moved on."""

    real: Callable[[], float]
    moved: float = 0.0

    def __call__(self) -> float:
        return self.real() + self.moved


@dataclass
class Beginning:
    """Where every life begins. `cup` is kept by warehouse, `red` is a variation that nobody has linked yet."""

    stage: Stage
    clock: Clock
    template: World
    units: list[tuple[str, int | None]]
    cup: Product
    cup_item: str
    red: Product
    tables: Tables = field(init=False)

    @classmethod
    def of(cls, stage: Stage, clock: Clock) -> Beginning:
        depots = stage.depots()
        nothing = {store.id: 0 for store in depots.seller.stores}
        cup = stage.publish_and_link(depots.account, depots.seller, depots.cup, title="Copa", stores=nothing)
        red = Product.objects.create(sku="TAZA-ROJA", name="Taza roja")
        stage.receive(red, 6)
        price_changes.set_product_price(
            product=stage.shop.mug, currency_id="ARS", price=Decimal(1000), floor=FLOOR, by=stage.owner
        )
        processes.work_off()
        stage.was_equal_for_an_hour()
        shop, world = stage.shop, stage.world
        world.drain_notifications()
        world.requests.clear()
        units = [(shop.mug_at_casa, None), (shop.mug_set_at_casa, shop.blue), (shop.mug_set_at_casa, 12)]
        units += [(shop.mug_at_aurora, None), (cup.id, None)]
        return cls(stage, clock, copied(world), units, depots.cup, cup.id, red)


@dataclass
class State:
    """What is there. Numbers choose among it."""

    begin: Beginning
    waiting: list[dict[str, Any]] = field(default_factory=list)  # told by Mercado Libre, not arrived
    frozen: list[work.Claim] = field(default_factory=list)
    sold: list[int] = field(default_factory=list)
    edited: set[int] = field(default_factory=set)
    answered: int = 0  # notifications that were told 200
    booked: int = 0  # what staff changed in all, in units
    renewed: set[int] = field(default_factory=set)
    seen: Counter[str] = field(default_factory=Counter)
    noticed: Callable[[], object] = lambda: None  # called when something happened in the middle of a step

    def __post_init__(self) -> None:
        self.begin.tables.put_back()
        self.begin.clock.moved = 0.0
        self.world = self.begin.stage.world = copied(self.begin.template)
        behind_requests.present["application"] = behind_requests.Application(self.world, sleep=lambda seconds: None)
        redis.Redis.from_url(settings.REDIS_URL).flushdb()
        cache.clear()
        breakers.here = breakers.Counter()

    @property
    def stage(self) -> Stage:
        return self.begin.stage

    @property
    def mug(self) -> Product:
        return self.stage.shop.mug

    @property
    def main(self) -> Warehouse:
        return Warehouse.objects.get(code="MAIN")

    @property
    def accounts(self) -> list[SellerAccount]:
        return list(SellerAccount.objects.order_by("pk"))
