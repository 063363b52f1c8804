"""What each sellable unit should show on Mercado Libre, computed from levels, links, warehouses and buffer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace

from django.db.models import F, QuerySet
from django.db.models.expressions import RawSQL

from catalog.imports.storing import Saved
from catalog.lifecycle import MIGRATION_TAGS
from catalog.listing_rows import VARIATION_FIELDS
from catalog.models import SkuMapping, Variation
from inventory.models import StockTarget
from inventory.queries import available_of, places_of, warehouses_of
from inventory.rules.stock_rules import RuleBook, Scope, can_sell
from inventory.targets.allocation import Place
from inventory.targets.derivation import Derived, LastUnits, Subject, derive, under_last_units
from inventory.targets.stock_targets import Choice, Dialect, Facts, Reason, accepts_zero, most_units
from inventory.targets.unit_rows import rules_of, units_of_products
from sellers.models import SellerAccount

MIGRATED = frozenset(MIGRATION_TAGS)


@dataclass(frozen=True)
class Intent:
    """One sellable unit: its link, what is available for it, how it is written and the quantity it should show.

    `quantity` is None where the unit is not linked, not written, or has no place to be written to. `stores` is the
    quantity for each of ML's stores of a seller who keeps stock by warehouse.
    """

    variation: Variation
    key: str
    choice: Choice
    places: Sequence[Place] = ()
    available: dict[int, int] = field(default_factory=dict)  # warehouse id -> units
    buffer: int = 0
    buffer_scope: Scope = Scope.SELLER
    last_units: LastUnits | None = None
    most: int | None = None
    units: int = 1
    product_id: int | None = None
    quantity: int | None = None
    stores: dict[str, int] = field(default_factory=dict)

    @property
    def account(self) -> SellerAccount:
        return self.variation.listing.account

    @property
    def target(self) -> StockTarget | None:
        return getattr(self.variation, "stock_target", None)

    @property
    def is_written(self) -> bool:
        return self.quantity is not None and self.choice.dialect.is_written

    @property
    def total(self) -> int:
        """Units available for it in all of the seller's warehouses."""
        return sum(self.available.values())

    @property
    def difference(self) -> str:
        """Ours against what ML shows, with its sign."""
        return f"{(self.quantity or 0) - self.variation.available_quantity:+d}"

    @property
    def last_known(self) -> int:
        """What ML has, as far as we know: accepted after the last look, or seen."""
        target = self.target
        if target is None or target.accepted is None:
            return self.variation.available_quantity
        seen = target.observed_at and target.accepted_at and target.observed_at > target.accepted_at
        return target.observed if seen and target.observed is not None else target.accepted


def with_facts(variations: QuerySet[Variation]) -> QuerySet[Variation]:
    """The variations with everything an intent looks at and a page shows, in one query, without the raw JSON."""
    return facts_only(variations.select_related("listing__account", "mapping__product", "stock_target"))


def facts_only(variations: QuerySet[Variation]) -> QuerySet[Variation]:
    shipping = {"shipping_tags": F("listing__raw__shipping__tags"), "bundle": F("listing__raw__bundle")}
    return variations.select_related("listing", "mapping", "stock_target").defer("listing__raw").annotate(**shipping)


def linked() -> QuerySet[Variation]:
    """Sellable units that are linked to a product and still there."""
    return Variation.objects.filter(mapping__isnull=False, ignored=False, gone_at=None)


def intents_of(
    variations: QuerySet[Variation], *, moved: Mapping[tuple[int, int], int] | None = None, limit: int | None = None
) -> list[Intent]:
    """The intents of sellable units, in five queries however many they are; the first `limit` of them.

    Five more where products are down to their last units: who goes on selling them depends on their other listings.

    `moved` is units by (product id, warehouse id) that are added in thought: what would follow from a movement.
    """
    rows = list(with_facts(variations).order_by("pk")[:limit])
    available = _available(rows, moved)
    return _intents(rows, places_of({row.listing.account_id for row in rows}), available)


def _intents(
    rows: Sequence[Variation], places: Mapping[int, Sequence[Place]], available: dict[int, dict[int, int]]
) -> list[Intent]:
    subjects = [subject_of(row) for row in rows]
    rules = rules_of(places, (one.product_id for one in subjects if one.product_id is not None))
    found = {one.pk: _derived(one, places[one.account_id], available, rules) for one in subjects}
    under = under_last_units(subjects, found, rules)
    if under:
        products = {one.product_id for one in subjects if one.pk in under and one.product_id is not None}
        whole = units_of_products(products, available=available)
        found |= {pk: whole.derived[pk] for pk in under if pk in whole.derived}
    return [_intent(row, places[row.listing.account_id], found[row.pk]) for row in rows]


def _derived(
    subject: Subject, places: Sequence[Place], available: Mapping[int, Mapping[int, int]], rules: RuleBook
) -> Derived:
    return derive(subject, places=places, there=available.get(subject.product_id or 0, {}), rules=rules)


def _available(
    rows: Iterable[Variation], moved: Mapping[tuple[int, int], int] | None = None
) -> dict[int, dict[int, int]]:
    return available_of((mapping.product_id for row in rows if (mapping := mapping_of(row))), moved=moved)


def mapping_of(variation: Variation) -> SkuMapping | None:
    found: SkuMapping | None = getattr(variation, "mapping", None)
    return found


def facts_of(variation: Variation) -> Facts:
    """What the choice of the dialect looks at; of a variation read by `with_facts`."""
    listing = variation.listing
    tags = getattr(variation, "shipping_tags", None) or ()
    return Facts(
        site_id=listing.account.site_id,
        manages_warehouses=listing.account.manages_warehouses,
        several_warehouses=listing.account.several_warehouses,
        status=listing.status,
        sub_status=listing.sub_status,
        variation_id=variation.variation_id,
        user_product_id=variation.user_product_id or ("" if variation.variation_id else listing.user_product_id),
        inventory_id=variation.inventory_id or ("" if variation.variation_id else listing.inventory_id),
        logistic_type=listing.logistic_type,
        shipping_tags=tuple(tags),
        is_kit=bool(getattr(variation, "bundle", None)),
        is_gone=listing.missing_since is not None or variation.gone_at is not None,
        is_migrated=not MIGRATED.isdisjoint(listing.tags),
        is_of_marketplace=listing.is_of_marketplace,
        is_frozen=bool(listing.frozen_by),
    )


def subject_of(variation: Variation) -> Subject:
    """What the derivation looks at; of a variation read by `with_facts`."""
    listing = variation.listing
    mapping = None if variation.ignored else mapping_of(variation)
    return Subject(
        pk=variation.pk,
        account_id=listing.account_id,
        listing_id=listing.pk,
        item_id=listing.item_id,
        facts=facts_of(variation),
        product_id=mapping.product_id if mapping else None,
        units=mapping.units if mapping else 1,
        zero_is_fine=accepts_zero(condition=listing.condition, listing_type_id=listing.listing_type_id),
        sold=listing.sold_quantity,
        able=can_sell(status=listing.status, sub_status=listing.sub_status),
        live=listing.account.may_write,
        most=most_units(condition=listing.condition, category_id=listing.category_id),
    )


def _intent(variation: Variation, places: Sequence[Place], found: Derived) -> Intent:
    mapping = None if variation.ignored else mapping_of(variation)
    return Intent(
        variation,
        found.key,
        found.choice,
        places,
        available=dict(found.available),
        buffer=found.buffer.units,
        buffer_scope=found.buffer.scope,
        last_units=found.last_units,
        most=found.most,
        units=mapping.units if mapping else 1,
        product_id=mapping.product_id if mapping else None,
        quantity=found.quantity,
        stores=dict(found.stores),
    )


@dataclass(frozen=True)
class Unit:
    """What one push writes: the sellable units with the same key."""

    account: SellerAccount
    key: str
    intents: tuple[Intent, ...]

    @property
    def written(self) -> tuple[Intent, ...]:
        return tuple(intent for intent in self.intents if intent.is_written)


# Each branch by its own index; together in one condition they would make PostgreSQL read the seller's whole catalog.
OF_KEYS = """
select v.id from catalog_variation v join catalog_listing l on l.id = v.listing_id where l.item_id = any(%s)
union select v.id from catalog_variation v where v.user_product_id = any(%s) and v.user_product_id <> ''
union select v.id from catalog_variation v join catalog_listing l on l.id = v.listing_id
       where l.user_product_id = any(%s) and l.user_product_id <> '' and v.variation_id = 0
"""


def unit_of(account: SellerAccount, key: str) -> Unit:
    """The unit behind a push's key, as things are now."""
    return units_of(account, [key])[key]


def units_of(account: SellerAccount, keys: Iterable[str], *, places: Sequence[Place] | None = None) -> dict[str, Unit]:
    """The units behind the keys of pushes, as things are now, in four queries however many they are.

    Three, where the seller's `places` are given; five more for last units, as in `intents_of`.
    """
    keys = list(keys)
    candidates = linked().filter(pk__in=RawSQL(OF_KEYS, (keys, keys, keys)), listing__account=account)  # noqa: S611
    rows = list(facts_only(candidates).order_by("pk"))
    for row in rows:
        row.listing.account = account
    places = warehouses_of(account) if places is None else places
    by_key: dict[str, list[Intent]] = {key: [] for key in keys}
    for intent in _intents(rows, {account.pk: places}, _available(rows)):
        if intent.key in by_key:
            by_key[intent.key].append(intent)
    return {key: Unit(account, key, tuple(_agreeing(intents))) for key, intents in by_key.items()}


def after_look(unit: Unit, saved: Saved) -> Unit:
    """The unit after one of its items was read and saved: what ML shows is new, our side is as it was read before."""
    intents = [
        _as_saved(intent, saved) if intent.variation.listing_id == saved.listing.pk else intent
        for intent in unit.intents
        if intent.variation.listing_id != saved.listing.pk or intent.variation.variation_id in saved.variations
    ]
    same = (intent for intent in intents if intent.key == unit.key)
    return Unit(unit.account, unit.key, tuple(_agreeing(same)))


def _as_saved(intent: Intent, saved: Saved) -> Intent:
    variation = copy(intent.variation)
    variation.listing = saved.listing
    saved.listing.account = intent.account
    for name in VARIATION_FIELDS:
        setattr(variation, name, getattr(saved.variations[variation.variation_id], name))
    if not saved.seen_again:
        shipping = saved.listing.raw.get("shipping")
        tags = shipping.get("tags") if isinstance(shipping, dict) else None
        vars(variation).update(shipping_tags=tags, bundle=saved.listing.raw.get("bundle"))
    return _again(intent, variation)


def _again(intent: Intent, variation: Variation) -> Intent:
    """The same derivation of a unit that ML shows otherwise now; rules and stock are as they were read before."""
    subject = subject_of(variation)
    buffer = {(subject.account_id, intent.key): intent.buffer}
    found = derive(
        subject,
        places=intent.places,
        there=intent.available,
        rules=RuleBook(listings=buffer),
        last_units=intent.last_units,
    )
    return replace(_intent(variation, intent.places, found), buffer_scope=intent.buffer_scope)


def _agreeing(intents: Iterable[Intent]) -> list[Intent]:
    """Listings that share one stock must mean the same thing; where they do not, none of them is written."""
    intents = list(intents)
    shared = [intent for intent in intents if intent.is_written and not intent.variation.variation_id]
    by_place = [intent for intent in intents if intent.choice.dialect == Dialect.SELLER_WAREHOUSE]
    meant = {(intent.product_id, intent.units) for intent in (by_place or shared)}
    if len(meant) < 2:
        return intents
    mixed = Choice(Dialect.BLOCKED, Reason.MIXED_PRODUCTS)
    return [replace(intent, choice=mixed) if intent.is_written else intent for intent in intents]
