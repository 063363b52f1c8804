"""The quantity that a sellable unit should show, from facts, levels and rules, one by one and as a whole. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from inventory.rules.stock_rules import NO_PRODUCT, Contender, RuleBook, Said, keeper_of
from inventory.targets import stock_targets
from inventory.targets.allocation import Place
from inventory.targets.stock_targets import Choice, Dialect, Facts, Reason

NO_BUFFER = Said()
Available = Mapping[int, Mapping[int, int]]  # product id -> warehouse id -> units


class Subject(NamedTuple):
    """A sellable unit as far as its number goes. `product_id` is None where it is not linked.

    `zero_is_fine`: Mercado Libre takes a zero for it; `most`: the most it takes, None where any number is fine;
    `able`: buyers can buy it; `live`: we write what it shows.
    """

    pk: int
    account_id: int
    listing_id: int
    item_id: str
    facts: Facts
    product_id: int | None = None
    units: int = 1
    zero_is_fine: bool = True
    sold: int = 0
    able: bool = True
    live: bool = True
    most: int | None = None


@dataclass(frozen=True)
class LastUnits:
    """The rule of the last units at work: up to how many units, whose rule, and what it did.

    `without` is what the unit would show without the rule, `keeper` the one that goes on selling; none where no
    listing can.
    """

    rule: Said
    keeper: Contender | None
    keeps: bool
    without: int = 0


class Derived(NamedTuple):
    """What follows for one unit. `quantity` is None where it is not linked, not written or has no place.

    `available` is units by warehouse id, `stores` the quantity by ML's store id. `most` is set where there are more
    than ML takes.
    """

    key: str
    choice: Choice
    available: Mapping[int, int] = {}
    buffer: Said = NO_BUFFER
    quantity: int | None = None
    stores: Mapping[str, int] = {}
    last_units: LastUnits | None = None
    most: int | None = None


def derive(
    subject: Subject,
    *,
    places: Sequence[Place],
    there: Mapping[int, int],
    rules: RuleBook,
    last_units: LastUnits | None = None,
) -> Derived:
    """One unit's number. `there` is what is available of its product by warehouse."""
    key = stock_targets.unit_key(subject.facts, item_id=subject.item_id)
    choice = stock_targets.choose(subject.facts)
    if subject.product_id is None:
        return Derived(key, choice)
    available = {place.warehouse_id: there.get(place.warehouse_id, 0) for place in places}
    buffer = rules.buffer_of(account_id=subject.account_id, product_id=subject.product_id, key=key)
    if choice.dialect is Dialect.SELLER_WAREHOUSE:
        by_store = _by_store(subject, Derived(key, choice, available, buffer), places)
        return _hidden(_capped(subject, by_store), last_units)
    quantity = None
    if choice.dialect.is_written:
        quantity = stock_targets.wanted_quantity(available, buffer=buffer.units, units=subject.units)
    found = _capped(subject, Derived(key, choice, available, buffer, quantity))
    return _with_zero(subject, _hidden(found, last_units))


def _by_store(subject: Subject, found: Derived, places: Sequence[Place]) -> Derived:
    """Only warehouses linked to one of ML's stores can be shown."""
    available = [(place.store_id, found.available[place.warehouse_id]) for place in places if place.store_id]
    choice = stock_targets.of_stores(found.choice, subject.facts, len(available))
    if not choice.dialect.is_written:
        return found._replace(choice=choice)
    stores = stock_targets.wanted_by_store(available, buffer=found.buffer.units, units=subject.units)
    return found._replace(stores=stores, quantity=sum(stores.values()))


def _capped(subject: Subject, found: Derived) -> Derived:
    """No more than ML takes."""
    if subject.most is None or found.quantity is None or found.quantity <= subject.most:
        return found
    stores = stock_targets.at_most(found.stores, subject.most)
    return found._replace(quantity=subject.most, stores=stores, most=subject.most)


def _hidden(found: Derived, last_units: LastUnits | None) -> Derived:
    """Zero where another listing goes on selling the last units."""
    if last_units is None or found.quantity is None:
        return found
    told = replace(last_units, without=found.quantity)
    if told.keeps or told.keeper is None:
        return found._replace(last_units=told)
    return found._replace(last_units=told, quantity=0, stores=dict.fromkeys(found.stores, 0))


def _with_zero(subject: Subject, found: Derived) -> Derived:
    if found.quantity == 0 and not subject.facts.variation_id and not subject.zero_is_fine:
        return found._replace(choice=Choice(Dialect.BLOCKED, Reason.ZERO_REFUSED))
    return found


# --- many at once ----------------------------------------------------------------------------------------------------

Keepers = Mapping[int, Contender | None]  # product id -> who goes on selling its last units


def last_units_rule(subject: Subject, found: Derived, rules: RuleBook) -> Said | None:
    """The rule of the last units that a unit is under now, or None."""
    if subject.product_id is None or found.quantity is None:
        return None
    said = rules.last_units_of(account_id=subject.account_id, product_id=subject.product_id)
    return said if said.units and 0 < sum(found.available.values()) <= said.units else None


def derive_all(
    subjects: Iterable[Subject],
    *,
    places: Mapping[int, Sequence[Place]],
    available: Available,
    rules: RuleBook,
) -> dict[int, Derived]:
    """The numbers of units that include every linked one of their products, by the unit's pk."""
    subjects = list(subjects)
    found = {one.pk: _alone(one, places, available, rules) for one in subjects}
    under = under_last_units(subjects, found, rules)
    keepers = keepers_among(subjects, found, under, rules)
    for one in subjects:
        if one.pk in under:
            told = told_of(one, found[one.pk], under[one.pk], keepers)
            found[one.pk] = _alone(one, places, available, rules, told)
    return found


def _alone(
    subject: Subject,
    places: Mapping[int, Sequence[Place]],
    available: Available,
    rules: RuleBook,
    last_units: LastUnits | None = None,
) -> Derived:
    there = available.get(subject.product_id or 0, {})
    return derive(subject, places=places[subject.account_id], there=there, rules=rules, last_units=last_units)


def under_last_units(subjects: Iterable[Subject], found: Mapping[int, Derived], rules: RuleBook) -> dict[int, Said]:
    """The units whose product is down to its last ones, with the rule that says so."""
    sellers, products = rules.sellers.values(), rules.products.values()
    if not (any(one.last_units for one in sellers) or any(one.last_units for one in products)):
        return {}
    said = ((one.pk, last_units_rule(one, found[one.pk], rules)) for one in subjects)
    return {pk: rule for pk, rule in said if rule is not None}


def keepers_among(
    subjects: Iterable[Subject], found: Mapping[int, Derived], under: Mapping[int, Said], rules: RuleBook
) -> dict[int, Contender | None]:
    """Who goes on selling each product that is down to its last units."""
    contenders: dict[int, list[Contender]] = {}
    for one in subjects:
        if one.pk in under and one.product_id is not None:
            contenders.setdefault(one.product_id, []).append(_contender(one, found[one.pk]))
    return {
        product_id: keeper_of(those, preferred=rules.products.get(product_id, NO_PRODUCT).preferred)
        for product_id, those in contenders.items()
    }


def _contender(subject: Subject, found: Derived) -> Contender:
    return Contender(
        key=(subject.account_id, found.key),
        listing_id=subject.listing_id,
        quantity=found.quantity or 0,
        sold=subject.sold,
        able=subject.able,
        live=subject.live,
        item_id=subject.item_id,
    )


def told_of(subject: Subject, found: Derived, rule: Said, keepers: Keepers) -> LastUnits:
    keeper = keepers.get(subject.product_id or 0)
    keeps = keeper is not None and keeper.key == (subject.account_id, found.key)
    return LastUnits(rule, keeper, keeps)
