"""Mercado Libre makes something else of a listing."""

from __future__ import annotations

import contextlib

from catalog.models import Listing, ShapeChange, SkuMapping
from catalog.shapes import shape_changes
from inventory.patrol import patrol
from tests.faults.flows.flow import Flow
from tests.flows.conftest import link


class Flattened(Flow):
    """A listing loses its variations, and Mercado Libre tells of it."""

    def begin(self) -> None:
        shop = self.stage.shop
        self.stage.world.flatten(shop.mug_set_at_casa, shop.blue)
        self.stage.deliver()

    def act(self) -> None:
        self.stage.drain("pushes", "bulk")

    def check(self) -> None:
        assert (self.change().state, self.listing.frozen_by) == ("open", "flattened")

    def change(self) -> ShapeChange:
        return ShapeChange.objects.get(kind="flattened")

    @property
    def listing(self) -> Listing:
        return Listing.objects.get(item_id=self.stage.shop.mug_set_at_casa)


class FlattenedAndWanted(Flattened):
    """It is known, and while nobody has answered a mug comes in: of this listing it is not sent."""

    def begin(self) -> None:
        super().begin()
        self.stage.drain("pushes", "bulk")
        self.stage.receive(self.stage.shop.mug, 1)
        self.stage.drain("pushes")

    def check(self) -> None:
        assert self.listing.frozen_by == ""
        assert SkuMapping.objects.get(variation__listing=self.listing, variation__variation_id=0).units == 1
        assert self.stage.world.items[self.listing.item_id].available_quantity == 11


class Answered(FlattenedAndWanted):
    """Staff moves the link; where no page came, the button is pressed once more."""

    def begin(self) -> None:
        super().begin()
        (self.found,) = shape_changes.waiting()

    def act(self) -> None:
        shape_changes.answer(self.found.change.pk, seen=self.found.seen, apply=True, by=self.stage.owner)

    def again(self) -> None:
        with contextlib.suppress(shape_changes.Answered):
            self.act()

    def check(self) -> None:
        super().check()
        assert (self.change().state, len(self.change().done)) == ("applied", 1)


class Settled(FlattenedAndWanted):
    """Staff has linked the new unit by hand: nobody has to answer any more, the clock finds."""

    def begin(self) -> None:
        super().begin()
        link(self.stage.shop.mug_set_at_casa, self.stage.shop.mug)
        self.stage.drain("orders", "pushes")

    def act(self) -> None:
        patrol.schedule()

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        super().check()
        assert self.change().state == "settled"
