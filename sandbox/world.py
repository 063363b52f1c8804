"""The simulated marketplace: everything that exists in it, and what people do to it."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox import by_hand, families, full, global_topics, kits, migration, packs, relisting, sales, shipping, stock
from sandbox.answers import Json
from sandbox.clock import Clock
from sandbox.courier import Courier
from sandbox.faults import Faults
from sandbox.hooks import Hooks
from sandbox.ids import Ids
from sandbox.limits import Limits
from sandbox.log import RequestLog
from sandbox.meli import MeliDoes
from sandbox.notifications import Mailbox
from sandbox.rules import Rules
from sandbox.sellers import App, Seller, site_of
from sandbox.state import Item, UserProduct
from sandbox.tokens import Consents, Grant
from sandbox.trade import Order, Pack, Shipment


class World(MeliDoes, Rules):
    """All state in memory, guarded by one lock. The same seed gives the same ids, names and tokens.

    Attributes of `Rules` may be set at any time. `requests` is the log of API requests, `counters` counts
    what a client should never cause (`variations_deleted`, `put_missing_variation`, `refresh_replays`) and more.
    """

    def __init__(self, *, seed: int = 1, log_size: int = 5000, **rules: Any) -> None:
        super().__init__(**rules)
        self.seed = seed
        self.lock = threading.RLock()
        self.log_size = log_size
        self.courier: Courier | None = None
        self.rebuild: Callable[[World], object] = lambda world: None
        self._clear()

    def _clear(self) -> None:
        self.ids = Ids(self.seed)
        self.clock = Clock()
        self.clock.on_change = self.run_due
        # Faults strike by dice of their own, so that they do not change the ids that follow.
        self.faults = Faults(Ids(self.seed + 1).chance)
        self.hooks = Hooks()
        self.limits = Limits(self)
        self.requests = RequestLog(self.log_size)
        self.counters: Counter[str] = Counter()
        self.app = App()
        self.sellers: dict[int, Seller] = {}
        self.items: dict[str, Item] = {}
        self.items_of: dict[int, list[str]] = {}
        self.user_products: dict[str, UserProduct] = {}
        self.inventories: dict[str, str] = {}
        self.family_tasks: dict[str, families.Task] = {}
        self.migrations: dict[str, migration.Migration] = {}
        self.operations: dict[int, full.Operation] = {}
        self.kits_of: dict[str, set[str]] = {}
        self.orders: dict[int, Order] = {}
        self.orders_of: dict[int, list[int]] = {}
        self.packs: dict[int, Pack] = {}
        self.shipments: dict[int, Shipment] = {}
        self.scrolls: dict[str, datetime] = {}
        self.stock_history: deque[Json] = deque(maxlen=self.log_size)
        self.consents = Consents(self)
        self.mailbox = Mailbox(self)
        self._due: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order_of_due = itertools.count()

    def reset(self) -> None:
        """Forget everything but the rules; ids start again from the seed."""
        with self.lock:
            self._clear()

    # --- time

    def now(self) -> datetime:
        return self.clock.now()

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do something after a delay; at once where there is none."""
        if seconds <= 0:
            action()
            return
        heapq.heappush(self._due, (self.now() + timedelta(seconds=seconds), next(self._order_of_due), action))

    def run_due(self) -> None:
        """Do what has become due. Every request and every move of the clock calls it."""
        if not self._due:
            return
        with self.lock:
            while self._due and self._due[0][0] <= self.now():
                heapq.heappop(self._due)[2]()

    # --- sellers and listings

    def add_seller(self, nickname: str, *, site_id: str = "MLA", tags: Sequence[str] = ("normal",)) -> Seller:
        """Open an account. `tags`: `user_product_seller`, `warehouse_management`, `multiwarehouse`, …"""
        with self.lock:
            user_id = self.ids.number("user")
            seller = Seller(self, user_id, nickname, site_of(site_id), list(tags), self.now())
            self.sellers[user_id] = seller
            self.items_of[user_id] = []
            self.orders_of[user_id] = []
            return seller

    def seller(self, nickname: str) -> Seller:
        """The seller of a nickname. Raises KeyError."""
        for seller in self.sellers.values():
            if seller.nickname == nickname:
                return seller
        raise KeyError(nickname)

    def relist(self, item_id: str) -> Item:
        """A closed listing lives on under another id."""
        with self.lock:
            item = self.items[item_id]
            problem = relisting.obstacle(self, item)
            if problem:
                raise ValueError(problem)
            return relisting.relist(self, item)

    def grant(self, seller: Seller, *, expires_in: int | None = None) -> Grant:
        """Connect a seller to the application without the browser, and get the pair of tokens."""
        with self.lock:
            return self.consents.grant(seller.user_id, expires_in=expires_in)

    def add(self, item: Item) -> None:
        self.items[item.id] = item
        self.items_of[item.seller_id].append(item.id)

    # --- buyers

    def sell(self, item_id: str, quantity: int = 1, variation_id: int | None = None, **how: Any) -> Order:
        """Buy something. `how`: see `sales.sell` (logistic_type, order_id, store_id, status, oversell).

        A kit is sold as its components, and gives the first one's order.
        """
        with self.lock:
            if self.is_kit(item_id):
                return self.orders[kits.sell(self, self.items[item_id], quantity, **how).order_ids[0]]
            return sales.sell(self, item_id, quantity, variation_id, **how)

    def is_kit(self, item_id: str) -> bool:
        product = self.user_products.get(self.items[item_id].own.user_product_id)
        return product is not None and bool(product.components)

    def follow_kits(self, product: UserProduct) -> None:
        kits.follow(self, product)

    def sell_pack(self, lines: Sequence[Mapping[str, Any] | tuple[Any, ...] | str], **how: Any) -> Pack:
        """Buy a cart. A line is an item id, (item_id, quantity[, variation_id]) or a mapping of those names."""
        with self.lock:
            return packs.sell_pack(self, lines, **how)

    def cancel(self, order_id: int, *, group: str = "buyer", code: str = "buyer_cancel_express") -> Order:
        with self.lock:
            return sales.cancel(self, order_id, group=group, code=code)

    def pay(self, order_id: int) -> Order:
        """The payment of an order sold with another status than paid arrives."""
        with self.lock:
            return sales.pay(self, order_id)

    def flag_fraud(self, order_id: int) -> Order:
        with self.lock:
            return sales.flag_fraud(self, order_id)

    def split_pack(self, pack_id: int) -> list[Order]:
        """Cancel a cart as `pack_splitted` and give the new orders that replace it."""
        with self.lock:
            return packs.split_pack(self, pack_id)

    # --- parcels

    def ship(self, order_id: int) -> Shipment:
        with self.lock:
            return shipping.ship(self, order_id)

    def deliver(self, order_id: int) -> Shipment:
        with self.lock:
            return shipping.deliver(self, order_id)

    def return_parcel(self, order_id: int) -> Shipment:
        """Not delivered, on its way back to the seller."""
        with self.lock:
            return shipping.come_back(self, order_id)

    # --- the seller's hand in the seller's panel

    def edit_stock(
        self, item_id: str, quantity: int, variation_id: int | None = None, store_id: str | None = None
    ) -> None:
        with self.lock:
            by_hand.edit_stock(self, item_id, quantity, variation_id, store_id)

    def edit_price(self, item_id: str, price: Decimal | int | float | str) -> None:
        with self.lock:
            by_hand.edit_price(self, item_id, Decimal(str(price)))

    def pause(self, item_id: str) -> None:
        with self.lock:
            by_hand.set_status(self, item_id, "paused", ["paused_by_seller"])

    def activate(self, item_id: str) -> None:
        with self.lock:
            by_hand.set_status(self, item_id, "active", [])
            stock.refresh(self, self.items[item_id])

    def close(self, item_id: str) -> None:
        with self.lock:
            by_hand.set_status(self, item_id, "closed", [])

    # --- notifications

    def notify(self, topic: str, resource: str, user_id: int, actions: Sequence[str] = ()) -> None:
        told = global_topics.translate(self, global_topics.Told(topic, resource, user_id))
        if told is not None:
            self.mailbox.post(*told, actions if told.topic == topic else ())

    @property
    def outbox(self) -> list[Json]:
        """Bodies of the notifications waiting to be taken out (there is no URL to send them to)."""
        return [notification.body() for notification in self.mailbox.outbox]

    def drain_notifications(self) -> list[Json]:
        """Take the waiting notifications out, to deliver them in any order or not at all."""
        with self.lock:
            return self.mailbox.drain()

    def drop_notifications(self, count: int, *, missed: bool = True) -> None:
        """Lose the next ones. They turn up in missed feeds, unless `missed` is False."""
        with self.lock:
            self.mailbox.drop_next = count
            self.mailbox.keep_dropped = missed

    def deliver_to(self, url: str) -> None:
        """Send notifications to a URL from now on, by threads of their own."""
        self.notify_url = url
        if self.courier is None:
            self.courier = Courier(self)
            self.courier.start()

    def stop(self) -> None:
        """End the threads."""
        if self.courier is not None:
            self.courier.stop()
            self.courier = None
