"""What Mercado Libre itself does to accounts, listings and parcels; and Global Selling. Part of the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from sandbox import activation, by_hand, full, global_accounts, global_listing, kits, migration, reshaping, shipping
from sandbox.sellers import Seller
from sandbox.state import Item, UserProduct
from sandbox.trade import Shipment

if TYPE_CHECKING:
    from sandbox.world import World


class MeliDoes:
    """The part of `World` that no buyer and no seller asks for."""

    @property
    def _world(self) -> World:
        return cast("World", self)

    def activate_warehouses(self, seller: Seller, *, several: bool = True, out_of_stock_for: float = 0.0) -> None:
        """ML moves an account to warehouses: its tags change, and so does the way its stock is written."""
        with self._world.lock:
            activation.activate_warehouses(self._world, seller, several=several, out_of_stock_for=out_of_stock_for)

    def activate_user_products(self, seller: Seller) -> None:
        """ML moves an account to the user products model."""
        with self._world.lock:
            activation.activate_user_products(self._world, seller)

    def unify(self, item_ids: Sequence[str]) -> UserProduct:
        """ML puts listings of the same thing under one user product."""
        with self._world.lock:
            return activation.unify(self._world, item_ids)

    def migrate(self, item_id: str) -> migration.Migration:
        """UPtin of a listing with variations, and of its account if that is still of the old model."""
        with self._world.lock:
            item = self._world.items[item_id]
            activation.activate_user_products(self._world, self._world.sellers[item.seller_id])
            return migration.start(self._world, item)

    def remove_variation(self, item_id: str, variation_id: int) -> None:
        """The seller takes a variation away in the panel."""
        with self._world.lock:
            reshaping.remove_variation(self._world, self._world.items[item_id], variation_id)

    def split_off(self, item_id: str, variation_id: int) -> Item:
        """A variation becomes a listing of its own; the rest stays as it was."""
        with self._world.lock:
            return reshaping.split_off(self._world, self._world.items[item_id], variation_id)

    def flatten(self, item_id: str, variation_id: int) -> None:
        """A listing with variations goes on without: it sells this one."""
        with self._world.lock:
            reshaping.flatten(self._world, self._world.items[item_id], variation_id)

    def make_kit(self, item_id: str, components: Mapping[str, int]) -> None:
        """A listing becomes a kit: user product id -> how many of it."""
        with self._world.lock:
            reshaping.make_kit(self._world, self._world.items[item_id], components)

    def end_kit(self, item_id: str) -> None:
        with self._world.lock:
            reshaping.end_kit(self._world, self._world.items[item_id])

    def send_by(self, item_id: str, logistic_type: str) -> None:
        """A listing's parcels leave another way."""
        with self._world.lock:
            reshaping.send_by(self._world, self._world.items[item_id], logistic_type)

    def change_logistic_type(self, order_id: int, logistic_type: str) -> Shipment:
        """ML sends a parcel another way than it said: from Full, by Flex (`self_service`), `cross_docking` …"""
        with self._world.lock:
            return shipping.change_logistic_type(self._world, order_id, logistic_type)

    def receive_in_full(self, item_id: str, quantity: int, variation_id: int | None = None) -> None:
        """Units that the seller sent arrive in Full."""
        with self._world.lock:
            item = self._world.items[item_id]
            full.receive(self._world, item, item.holding(variation_id), quantity)

    def lose_in_full(self, item_id: str, quantity: int, variation_id: int | None = None, why: str = "lost") -> None:
        with self._world.lock:
            full.lose(self._world, self._world.items[item_id].holding(variation_id), quantity, why)

    def add_global_seller(
        self, nickname: str, *, marketplaces: Sequence[tuple[str, str]] = global_accounts.EVERYWHERE
    ) -> Seller:
        """Open a Global Selling account with its marketplace accounts: pairs of site and `remote` or `fulfillment`."""
        with self._world.lock:
            return global_accounts.open_account(self._world, nickname, marketplaces)

    def add_global_item(self, seller: Seller, **what: Any) -> Item:
        """Publish a parent and its marketplace listings; see `global_listing.publish`."""
        with self._world.lock:
            return global_listing.publish(seller, **what)

    def children_of(self, item_id: str) -> dict[str, Item]:
        """The marketplace listings of a parent, by site; those in Full as `MLM fulfillment`."""
        found = global_listing.children_of(self._world, self._world.items[item_id])
        return {
            item.site_id if item.logistic_type != "fulfillment" else f"{item.site_id} fulfillment": item
            for item in found
        }

    def add_kit(
        self, seller: Seller, title: str, price: Decimal | int, components: Mapping[str, int], **details: Any
    ) -> Item:
        """Publish a virtual kit: user product id -> how many of it."""
        with self._world.lock:
            return kits.publish(seller, title, price, components, details)

    def set_under_review(self, item_id: str, sub_status: str = "waiting_for_patch") -> None:
        """ML objects. With `warning` the listing stays open and can be changed, else it is hidden and cannot."""
        with self._world.lock:
            by_hand.set_status(
                self._world, item_id, "active" if sub_status == "warning" else "under_review", [sub_status]
            )

    def set_inactive(self, item_id: str) -> None:
        """Nobody put right what ML objected to."""
        self.set_status(item_id, "inactive")

    def set_status(self, item_id: str, status: str, *sub_status: str) -> None:
        """Any other status: `payment_required`, `paused` for another reason …"""
        with self._world.lock:
            by_hand.set_status(self._world, item_id, status, list(sub_status))
