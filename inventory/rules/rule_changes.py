"""Changing a rule: what it would do is shown first; confirmed, it is done and pushed in one transaction.

The rehearsal makes the change, looks at what follows and takes it back, so that it can never tell another story than
the change itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Model

from catalog.models import Listing, Product
from inventory.models import ListingRule, ProductRule, SellerRule
from inventory.pushes.wants import want_patterns
from inventory.targets.patterns import Pattern, Products, patterns_of
from sellers.models import SellerAccount
from sellers.points import point

OF_SELLERS = """
select m.product_id from catalog_skumapping m join catalog_variation v on v.id = m.variation_id
  join catalog_listing l on l.id = v.listing_id where l.account_id = any(%(accounts)s) and l.missing_since is null
"""
OF_LISTING = """
select m.product_id from catalog_skumapping m join catalog_variation v on v.id = m.variation_id
 where v.listing_id = %(listing)s
"""


class ChangedMeanwhile(Exception):
    """Somebody else changed the rule since the page was made. `present` is what it says now."""

    def __init__(self, present: tuple[Any, ...]) -> None:
        super().__init__(f"the rule says {present} now")
        self.present = present


class MoreReachZero(Exception):
    """More quantities would reach zero than staff has seen."""

    def __init__(self, effect: Effect) -> None:
        super().__init__(f"{effect.to_zero} quantities would reach zero")
        self.effect = effect


@dataclass(frozen=True)
class Line:
    """A sellable unit that changes: what Mercado Libre shows, what we want by now, what we shall want."""

    variation_id: int
    account_id: int
    shown: int
    now: int | None
    then: int | None

    @property
    def harm(self) -> tuple[bool, int]:
        """What reaches zero first, then the largest falls."""
        return self.then != 0, (self.then or 0) - self.shown


@dataclass(frozen=True)
class Effect:
    """What a change does: the patterns whose units should show something else."""

    changing: list[Pattern] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(len(one.variation_ids) for one in self.changing)

    @property
    def to_zero(self) -> int:
        """Quantities that buyers can buy of now and could not any more."""
        emptied = (one for one in self.changing if one.derived.quantity == 0 and one.lamps.last_known > 0)
        return sum(len(one.variation_ids) for one in emptied)

    def worst(self, limit: int) -> list[Line]:
        lines = (
            Line(pk, one.account_id, one.lamps.shown, one.lamps.wanted, one.derived.quantity)
            for one in self.changing
            for pk in one.variation_ids[:limit]
        )
        return sorted(lines, key=lambda line: (line.harm, line.variation_id))[:limit]


class Change(Protocol):
    """A change of a rule. `make` writes it and raises ChangedMeanwhile; `products` are those it can reach."""

    def make(self) -> None: ...

    def products(self) -> Products: ...


def rehearse(change: Change) -> Effect:
    """What would follow. Nothing stays written."""
    with transaction.atomic():
        change.make()
        effect = effect_of(change)
        transaction.set_rollback(True)
    return effect


@transaction.atomic
def apply(change: Change, *, seen_to_zero: int) -> Effect:
    """Do it and ask for the pushes. `seen_to_zero` quantities at zero is what staff has seen and confirmed.

    Raises MoreReachZero and ChangedMeanwhile; then nothing is written.
    """
    change.make()
    point("rule.made")
    effect = effect_of(change)
    if effect.to_zero > seen_to_zero:
        raise MoreReachZero(effect)
    want_patterns(effect.changing)
    return effect


def effect_of(change: Change) -> Effect:
    """What follows from a change that was made."""
    return Effect([one for one in patterns_of(change.products()) if one.derived.quantity != one.lamps.wanted])


def products_of_sellers(account_ids: Iterable[int]) -> Products:
    return Products(OF_SELLERS, {"accounts": list(account_ids)}, many=True)


# --- the changes ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OfSeller:
    """A seller's buffer and number of last units. `seen`: what both were when the page was made."""

    account: SellerAccount
    buffer: int
    last_units: int | None
    seen: tuple[Any, ...] | None = None

    def make(self) -> None:
        account = SellerAccount.objects.select_for_update(of=("self",)).get(pk=self.account.pk)
        rule = SellerRule.objects.filter(account=account).first()
        _unchanged(self.seen, (account.buffer, rule.last_units if rule else None))
        if account.buffer != self.buffer:
            account.buffer = self.buffer
            account.save(update_fields=["buffer"])
        _say(SellerRule, {"account": account}, {"last_units": self.last_units})

    def products(self) -> Products:
        return products_of_sellers([self.account.pk])


@dataclass(frozen=True)
class OfProduct:
    """A product's buffer, number of last units and who sells them; what is None is left to the seller's rule."""

    product: Product
    buffer: int | None
    last_units: int | None
    preferred: Listing | None
    seen: tuple[Any, ...] | None = None

    def make(self) -> None:
        Product.objects.select_for_update().get(pk=self.product.pk)
        rule = ProductRule.objects.filter(product=self.product).first() or ProductRule()
        _unchanged(self.seen, (rule.buffer, rule.last_units, rule.preferred_id))
        says = {"buffer": self.buffer, "last_units": self.last_units, "preferred": self.preferred}
        _say(ProductRule, {"product": self.product}, says)

    def products(self) -> Products:
        return Products("select %(product)s::bigint", {"product": self.product.pk})


@dataclass(frozen=True)
class OfListing:
    """A listing's buffer; None leaves it to the product's or the seller's rule."""

    listing: Listing
    buffer: int | None
    seen: tuple[Any, ...] | None = None

    def make(self) -> None:
        Listing.objects.select_for_update(no_key=True).only("pk").get(pk=self.listing.pk)
        rule = ListingRule.objects.filter(listing=self.listing).first()
        _unchanged(self.seen, (rule.buffer if rule else None,))
        _say(ListingRule, {"listing": self.listing}, {"buffer": self.buffer})

    def products(self) -> Products:
        return Products(OF_LISTING, {"listing": self.listing.pk})


def _unchanged(seen: tuple[Any, ...] | None, present: tuple[Any, ...]) -> None:
    if seen is not None and seen != present:
        raise ChangedMeanwhile(present)


def _say(model: type[Model], whose: dict[str, Any], says: dict[str, Any]) -> None:
    """Write a rule where it says something new; one that says nothing is removed."""
    rule = model._default_manager.filter(**whose).first()
    if all(value is None for value in says.values()):
        if rule is not None:
            rule.delete()
        return
    if rule is None:
        rule = model(**whose)
    if rule.pk is None or any(getattr(rule, name) != value for name, value in says.items()):
        for name, value in says.items():
            setattr(rule, name, value)
        rule.save()
