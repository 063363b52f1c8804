"""What buyers do, and Mercado Libre."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from orders.models import OrderLine
from sandbox import sales
from sandbox.sales import NotForSale
from sellers.notifications import inbox
from tests.machine.state import State

MANY = 1000


class Outside(State):
    """All of it happens at the simulated Mercado Libre; what is told of it waits until it arrives."""

    # --- buyers

    def sell(self, unit: int, quantity: int, *, anyway: bool = False) -> None:
        item_id, variation_id = self.begin.units[unit]
        try:
            self.sold.append(self.world.sell(item_id, quantity, variation_id, oversell=anyway).id)
        except NotForSale:
            return

    def sell_cart(self, first: int, second: int) -> None:
        shop = self.stage.shop
        lines = [(shop.mug_at_casa, first), (shop.mug_set_at_casa, second, shop.blue)]
        try:
            self.sold += self.world.sell_pack(lines).order_ids
        except NotForSale:
            return

    def cancel(self, at: int) -> None:
        if order_id := self._here(at):
            self.world.cancel(order_id)

    def refund_a_part(self, at: int) -> None:
        if order_id := self._here(at):
            order = self.world.orders[order_id]
            order.remember()
            sales.settle(self.world, order, "partially_refunded")
            sales.touch(self.world, order)

    def edit(self, at: int, quantity: int) -> None:
        if order_id := self._here(at):
            order = self.world.orders[order_id]
            order.remember()
            order.quantity = quantity
            self.edited.add(order_id)
            sales.touch(self.world, order)

    def ship(self, at: int) -> None:
        """What is edited is not sent before we know: no seller ships what they have not read."""
        order_id = self._here(at)
        if order_id and (order_id not in self.edited or self._is_known(order_id)):
            self.world.ship(order_id)

    def arrive(self, at: int) -> None:
        if gone := [one for one in self.sold if self._parcel(one) == "shipped"]:
            self.world.deliver(gone[at % len(gone)])

    def come_back(self, at: int) -> None:
        if gone := [one for one in self.sold if self._parcel(one) == "shipped"]:
            self.world.return_parcel(gone[at % len(gone)])

    def _here(self, at: int) -> int | None:
        """An order that stands and whose parcel has not left."""
        here = [
            one
            for one in self.sold
            if self.world.orders[one].status != "cancelled" and self._parcel(one) == "ready_to_ship"
        ]
        return here[at % len(here)] if here else None

    def _parcel(self, order_id: int) -> str:
        shipment = self.world.shipments.get(self.world.orders[order_id].shipment_id or 0)
        return shipment.status if shipment else ""

    def _is_known(self, order_id: int) -> bool:
        quantity = self.world.orders[order_id].quantity
        return OrderLine.objects.filter(order_id=order_id, quantity=quantity).exists()

    # --- Mercado Libre

    def hear(self) -> None:
        self.waiting += self.world.drain_notifications()

    def deliver(self, start: int, many: int, *, twice: bool = False) -> None:
        """Some arrive, from anywhere in what waits: late ones overtake. Told twice, they stay to be told again."""
        self.hear()
        start = start % max(1, len(self.waiting))
        told = self.waiting[start : start + many]
        if not twice:
            del self.waiting[start : start + many]
        self._arrive(told)

    def _arrive(self, bodies: list[dict[str, Any]]) -> None:
        if bodies:
            with connection.cursor() as cursor:
                inbox.store(cursor, [inbox.read(json.dumps(body).encode()) for body in bodies])
        self.answered += len(bodies)

    def deliver_all(self) -> None:
        self.deliver(0, MANY)

    def lose(self, many: int) -> None:
        """Neither told again nor kept."""
        self.hear()
        del self.waiting[:many]

    def lose_to_missed_feeds(self, many: int) -> None:
        self.world.drop_notifications(many, missed=True)

    def forge(self, seller: int, order_id: int) -> None:
        self._arrive(
            [{"topic": "orders_v2", "resource": f"/orders/{order_id}", "user_id": self.accounts[seller].ml_user_id}]
        )

    def edit_by_hand(self, unit: int, quantity: int) -> None:
        item_id, variation_id = self.begin.units[unit]
        if item_id != self.begin.cup_item:
            self.world.edit_stock(item_id, quantity, variation_id)

    def pause_by_hand(self, unit: int) -> None:
        item = self.world.items[self.begin.units[unit][0]]
        (self.world.pause if item.status == "active" else self.world.activate)(item.id)

    def fault(self, kind: str, method: str | None, path: str) -> None:
        self.world.faults.add(kind, method=method, path=path)

    def end_token(self, seller: int) -> None:
        """Mercado Libre ends an access token before its time; once in a life, a second time it means reconnect."""
        account = self.accounts[seller]
        if account.pk not in self.renewed:
            self.renewed.add(account.pk)
            self.world.consents.expire_access(account.ml_user_id)
