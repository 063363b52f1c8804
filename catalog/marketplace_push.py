"""Sending what staff changed of a marketplace's listing: read, check, write, read back (work kind "marketplace").

Mercado Libre answers `{}`, which proves nothing: a change is done when it is seen.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_noop

from catalog.marketplace_changes import Field, State
from catalog.models import MarketplaceChange
from catalog.storing import save_item
from mercadolibre import errors
from mercadolibre.checks import check_values
from mercadolibre.client import Client, GlobalClient
from mercadolibre.resources.items import Item
from sellers import work
from sellers.clients import client_for
from sellers.outcomes import TryLater
from sellers.points import point
from ui.stored import stored, together

CENT = Decimal("0.01")
LOOK_AGAIN = timedelta(seconds=30)
GIVE_UP = timedelta(minutes=15)
NOT_NOW = "Nothing is sent while the seller observes or is paused."
WITHOUT_EFFECT = gettext_noop(
    "Mercado Libre says yes again and again but shows the old value. Look in its panel for the reason."
)


def push(claim: work.Claim) -> None:
    """Make a listing as staff wants it, one kind of change after the other. Waits while nothing may be written."""
    account = claim.account
    waiting = MarketplaceChange.objects.filter(listing__account=account, listing__item_id=claim.key)
    changes = list(waiting.filter(state=State.WAITING).order_by("pk"))
    if not changes:
        return
    if not account.may_write:
        raise TryLater(NOT_NOW, GIVE_UP)
    client = client_for(account)
    for change in changes:
        try:
            _apply(claim, client, change)
        except errors.WritesDisabled:  # switched off a moment ago; nobody else would ask for it again
            raise TryLater(NOT_NOW, GIVE_UP) from None
        except (errors.Rejected, errors.NotFound) as error:
            explained = errors.explain(error)
            _finish(
                change,
                State.REFUSED,
                together(explained.meaning, explained.todo),
                "; ".join(filter(None, error.words())),
            )
    with work.completing(claim):
        pass


def _apply(claim: work.Claim, client: Client, change: MarketplaceChange) -> None:
    item = _look(claim, client)
    if not is_so(item, change):
        refused = check_values(item, {change.field: value_of(change)})
        if refused:
            return _finish(change, State.REFUSED, stored(refused[0].reason))
        point("marketplace.before_put")
        _write(client, item, change)
        point("marketplace.after_put")
        item = _look(claim, client)
    if is_so(item, change):
        return _finish(change, State.DONE)
    if timezone.now() - change.created_at > GIVE_UP:
        return _finish(change, State.REFUSED, WITHOUT_EFFECT)
    raise TryLater("Mercado Libre does not show the change yet.", LOOK_AGAIN)


def _look(claim: work.Claim, client: Client) -> Item:
    item = client.item(claim.key)
    save_item(claim.account, item, timezone.now())
    return item


def value_of(change: MarketplaceChange) -> Decimal | str:
    return Decimal(change.new) if change.field == Field.NET_PROCEEDS else change.new


def is_so(item: Item, change: MarketplaceChange) -> bool:
    """Whether ML shows what is wanted; amounts within a cent, as it rounds them."""
    wanted = value_of(change)
    if isinstance(wanted, Decimal):
        return item.net_proceeds is not None and abs(item.net_proceeds - wanted) <= CENT
    return item.status == wanted


def _write(client: Client, item: Item, change: MarketplaceChange) -> None:
    if not isinstance(client, GlobalClient):
        raise ValueError(f"{item.id} is not of a Global Selling seller")
    wanted = value_of(change)
    if isinstance(wanted, Decimal):
        client.set_net_proceeds(item, wanted)
    else:
        client.set_status(item, wanted)


def _finish(change: MarketplaceChange, state: str, explanation: str = "", ml_words: str = "") -> None:
    """Unless staff wanted something else meanwhile."""
    same = MarketplaceChange.objects.filter(pk=change.pk, state=State.WAITING)
    same.update(state=state, explanation=explanation, ml_words=ml_words, finished_at=timezone.now())
