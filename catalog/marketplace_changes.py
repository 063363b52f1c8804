"""Net proceeds and status of a listing on one marketplace, as staff asks for them: checked, noted, then sent."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from catalog import lifecycle, price_targets, sku_mapping
from catalog.models import Listing, MarketplaceChange
from mercadolibre.checks import Refusal, check_full, check_package, check_values, package_of
from mercadolibre.resources.items import Item
from sellers import work

Field, State = MarketplaceChange.Field, MarketplaceChange.State
PAUSE_OR_ACTIVATE = ("active", "paused")
EMPTY_PACKAGE = package_of(())


class ChangeRefused(Exception):
    """A change cannot be made; the message says why and what to do."""


def refusals(listing: Listing, field: str, value: Any) -> list[str]:
    """Why Mercado Libre would not take a value, in words for staff; nothing is asked. Total."""
    item = Item.from_json(listing.raw)
    body = {field: value}
    found: Collection[Refusal] = (*check_values(item, body), *check_full(item, body, has_units=item.is_full))
    words = [_(one.reason) for one in found]
    if field == Field.STATUS and value == "active" and not listing.available_quantity:
        words.append(_("There is nothing to sell: the listing comes back by itself as soon as its item has stock."))
    return words


def package_problems(listing: Listing) -> list[str]:
    """What is wrong with the package as it is at Mercado Libre, from which it computes the price of shipping."""
    package = package_of(listing.raw.get("attributes"))
    return [] if package == EMPTY_PACKAGE else list(dict.fromkeys(_(one.reason) for one in check_package(package)))


def ask(listing: Listing, field: str, value: Any, *, by: Any, operation: UUID) -> MarketplaceChange | None:
    """Ask for a change. The same operation again, or what is so already, does nothing: then the answer is None.

    Net proceeds make the price, so an own price from here is taken away. Raises ChangeRefused.
    """
    _check(listing, field, value)
    with sku_mapping.recorded(how="marketplace", by=by):
        locked = Listing.objects.select_for_update(no_key=True).only("pk").get(pk=listing.pk)
        if MarketplaceChange.objects.filter(operation=operation).exists() or _is_so(listing, field, value):
            return None
        waiting = MarketplaceChange.objects.filter(listing=locked, field=field, state=State.WAITING)
        waiting.update(state=State.REPLACED)
        if field == Field.NET_PROCEEDS:
            _forget_own_price(listing)
        made = MarketplaceChange.objects.create(
            listing=locked, field=field, old=shown(listing, field), new=_text(value), operation=operation, created_by=by
        )
        work.bump(account_id=listing.account_id, kind="marketplace", key=listing.item_id)
    return made


def shown(listing: Listing, field: str) -> str:
    """What ML shows now, as text."""
    return _text(listing.net_proceeds if field == Field.NET_PROCEEDS else listing.status)


def _text(value: Any) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _check(listing: Listing, field: str, value: Any) -> None:
    if not listing.is_of_marketplace or (field == Field.STATUS and value not in PAUSE_OR_ACTIVATE):
        raise ChangeRefused(_("Only a listing on a marketplace has net proceeds, or is paused in one country."))
    if not listing.account.may_write:
        raise ChangeRefused(_("The seller only observes or is paused: nothing is sent until you go live or resume."))
    permission = lifecycle.may_push_price(listing)
    if not permission:
        raise ChangeRefused(str(permission.reason))
    if words := refusals(listing, field, value):
        raise ChangeRefused(" ".join(words))


def _is_so(listing: Listing, field: str, value: Any) -> bool:
    """Whether this is what waits already or, where nothing waits, what ML shows."""
    newest = MarketplaceChange.objects.filter(listing=listing, field=field, state=State.WAITING).first()
    if newest is not None:
        return newest.new == _text(value)
    return shown(listing, field) == _text(value)


@transaction.atomic
def _forget_own_price(listing: Listing) -> None:
    if Listing.objects.filter(pk=listing.pk, own_price__isnull=False).update(own_price=None):
        price_targets.want([listing.pk])
