"""Changes of a Global Selling item, and of its listings, as staff asks for them: checked, noted, then sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from catalog import lifecycle
from catalog.mapping import sku_mapping
from catalog.marketplaces import marketplace_floor
from catalog.marketplaces.fields import DELETED, KINDS, Field
from catalog.models import Listing, MarketplaceChange
from catalog.prices import price_targets
from mercadolibre.checks import Refusal, check_package, check_values, package_of
from mercadolibre.resources.items import Item
from mercadolibre.resources.marketplaces import is_global
from sellers.queue import work
from ui.stored import stored, told

State = MarketplaceChange.State
EMPTY_PACKAGE = package_of(())
OF_GLOBAL_SELLING = gettext_noop("Only Global Selling items and their listings in each country are changed here.")
OBSERVES = gettext_noop("The seller only observes or is paused: nothing is sent until you go live or resume.")
ONE_AT_A_TIME = gettext_noop("Another new variation is on its way: wait until it is seen, then add the next.")


class ChangeRefused(Exception):
    """A change cannot be made. `problems` says what is wrong, by ML's name of the field, to be read with `told`."""

    def __init__(self, problems: Sequence[Refusal]) -> None:
        super().__init__(" ".join(told(one.reason) for one in problems))
        self.problems = problems


def problems_of(listing: Listing, field: str, value: Any) -> list[Refusal]:
    """Why a value would not be taken, with the listing as it was read last; nothing is asked."""
    item = Item.from_json(listing.raw)
    found = list(KINDS[field].refused(item, value, has_units_in_full(listing)))
    if field == Field.NET_PROCEEDS:
        below = marketplace_floor.problem(listing, value, marketplace_floor.floor_of(listing))
        found += [Refusal(field, below)] if below else []
    return found


def price_refused(listing: Listing, price: Any) -> list[Refusal]:
    return list(check_values(Item.from_json(listing.raw), {"price": price}))


def has_units_in_full(listing: Listing) -> bool:
    """Whether Full holds units of a listing, or of any listing of an item."""
    if listing.is_of_marketplace:
        return listing.logistic_type == lifecycle.FULL and listing.available_quantity > 0
    there = listing.marketplaces.filter(missing_since=None).exclude(status="closed")
    return there.filter(logistic_type=lifecycle.FULL, available_quantity__gt=0).exists()


def package_problems(listing: Listing) -> list[str]:
    """What is wrong with the package as it is at Mercado Libre, from which it computes the price of shipping."""
    package = package_of(listing.raw.get("attributes"))
    if package == EMPTY_PACKAGE:
        return []
    return list(dict.fromkeys(told(one.reason) for one in check_package(package)))


def ask(listing: Listing, field: str, value: Any, *, by: Any, operation: UUID) -> MarketplaceChange | None:
    """Ask for a change. The same operation again, or what is so already, does nothing: then the answer is None.

    Net proceeds make the price, so an own price from here is taken away. Raises ChangeRefused.
    """
    if MarketplaceChange.objects.filter(operation=operation).exists():
        return None
    _check(listing, field, value)
    new = KINDS[field].text(value)
    with sku_mapping.recorded(how="marketplace", by=by):
        locked = Listing.objects.select_for_update(no_key=True).only("pk").get(pk=listing.pk)
        if MarketplaceChange.objects.filter(operation=operation).exists() or _is_so(listing, field, new):
            return None
        _replace(locked, field)
        if field == Field.NET_PROCEEDS:
            _forget_own_price(listing)
        made = MarketplaceChange.objects.create(
            listing=locked, field=field, old=shown(listing, field), new=new, operation=operation, created_by=by
        )
        work.bump(account_id=listing.account_id, kind="marketplace", key=listing.item_id)
    return made


def shown(listing: Listing, field: str) -> str:
    """What ML shows now, as text."""
    return KINDS[field].shown(Item.from_json(listing.raw))


def _check(listing: Listing, field: str, value: Any) -> None:
    if not (listing.is_of_marketplace or is_global(listing.item_id)):
        raise ChangeRefused([Refusal("", OF_GLOBAL_SELLING)])
    if not listing.account.may_write:
        raise ChangeRefused([Refusal("", OBSERVES)])
    permission = lifecycle.may_push_price(listing)
    if not permission and not (value == DELETED and listing.status == "closed" and not listing.missing_since):
        raise ChangeRefused([Refusal("", stored(permission.reason))])
    if problems := problems_of(listing, field, value):
        raise ChangeRefused(problems)


def _replace(listing: Listing, field: str) -> None:
    """A newer wish takes the place of one that waits; of new variations none is lost."""
    waiting = MarketplaceChange.objects.filter(listing=listing, field=field, state=State.WAITING)
    if field == Field.VARIATION and waiting.exists():
        raise ChangeRefused([Refusal(field, ONE_AT_A_TIME)])
    waiting.update(state=State.REPLACED)


def _is_so(listing: Listing, field: str, new: str) -> bool:
    """Whether this is what waits already or, where nothing waits, what ML shows."""
    newest = MarketplaceChange.objects.filter(listing=listing, field=field, state=State.WAITING).first()
    return new == (shown(listing, field) if newest is None else newest.new)


@transaction.atomic
def _forget_own_price(listing: Listing) -> None:
    if Listing.objects.filter(pk=listing.pk, own_price__isnull=False).update(own_price=None):
        price_targets.want([listing.pk])
