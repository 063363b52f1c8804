"""Why this number? Every step from what is on the shelf to what Mercado Libre shows, for one sellable unit."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from catalog.models import Product, Variation
from inventory.models import FullStock, StockLevel, StockTarget
from inventory.queries import Reservation, reservations_of
from inventory.rules.stock_rules import Scope
from inventory.targets import words
from inventory.targets.derivation import LastUnits
from inventory.targets.intents import Intent, intents_of, mapping_of
from inventory.targets.kit_shelves import KitShelf, kit_shelves
from inventory.targets.stock_targets import Dialect, Reason
from inventory.targets.why_steps import Step, steps
from sellers.models import PushAttempt


@dataclass(frozen=True)
class Shelf:
    """One warehouse's part. `counts` says whether this seller sells from it, `store_id` which of ML's stores it is."""

    warehouse: str
    on_hand: int
    reserved: int
    counts: bool
    store_id: str = ""

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


@dataclass(frozen=True)
class Why:
    """The derivation of one quantity. `wanted` is None where the unit is not linked or not written.

    A kit has `kit` in the place of shelves and reservations of its own. `made_at_ml`: a kit that Mercado Libre puts
    together itself, whose quantity is never written.
    """

    variation: Variation
    product: Product | None
    shelves: tuple[Shelf, ...]
    reservations: tuple[Reservation, ...]
    available: int
    buffer: int
    units: int
    wanted: int | None
    stores: dict[str, int]
    dialect: Dialect
    reason: str | Promise
    target: StockTarget | None
    last_push: PushAttempt | None
    kit: list[KitShelf] | None = None
    made_at_ml: bool = False
    buffer_scope: Scope = Scope.SELLER
    last_units: LastUnits | None = None
    full: FullStock | None = None

    @property
    def steps(self) -> list[Step]:
        """From what is available to what is wanted; none where nothing is wanted."""
        if self.wanted is None:
            return []
        without = self.last_units.without if self.last_units else self.wanted
        found = steps(
            available=self.available,
            buffer=self.buffer,
            units=self.units,
            without_last_units=without,
            wanted=self.wanted,
        )
        return list(found)

    @property
    def after_buffer(self) -> int:
        return max(0, self.available - self.buffer)


def why(variation: Variation) -> Why:
    """The derivation for a sellable unit, in a fixed number of queries."""
    (intent,) = intents_of(Variation.objects.filter(pk=variation.pk))
    mapping = mapping_of(intent.variation)
    product = mapping.product if mapping else None
    return Why(
        variation=intent.variation,
        product=product,
        shelves=tuple(_shelves(intent)),
        reservations=tuple(reservations_of(product)) if product else (),
        available=sum(intent.available.values()),
        buffer=intent.buffer,
        units=intent.units,
        wanted=intent.quantity,
        stores=intent.stores,
        dialect=intent.choice.dialect,
        reason=words.ONE_AT_A_TIME if intent.most is not None else words.REASONS[intent.choice.reason],
        target=intent.target,
        last_push=_last_push(intent),
        kit=_kit(intent),
        made_at_ml=intent.choice.reason is Reason.KIT,
        buffer_scope=intent.buffer_scope,
        last_units=intent.last_units,
        full=_full(intent),
    )


def _full(intent: Intent) -> FullStock | None:
    inventory_id = intent.variation.inventory_id
    return FullStock.objects.filter(inventory_id=inventory_id).first() if inventory_id else None


def _kit(intent: Intent) -> list[KitShelf] | None:
    if intent.product_id is None:
        return None
    stores = {place.warehouse_id: place.store_id for place in intent.places}
    return kit_shelves(intent.product_id, counting=intent.available, stores=stores)


def _shelves(intent: Intent) -> list[Shelf]:
    if intent.product_id is None:
        return []
    stores = {place.warehouse_id: place.store_id for place in intent.places}
    levels = StockLevel.objects.filter(product_id=intent.product_id).select_related("warehouse")
    return [
        Shelf(
            level.warehouse.code,
            level.on_hand,
            level.reserved,
            counts=level.warehouse_id in intent.available,
            store_id=stores.get(level.warehouse_id, ""),
        )
        for level in levels.order_by("warehouse__code")
    ]


def _last_push(intent: Intent) -> PushAttempt | None:
    pushes = PushAttempt.objects.filter(account=intent.account, kind="stock", key=intent.key)
    return pushes.exclude(outcome=PushAttempt.Outcome.UNCHANGED).order_by("-pk").first()
