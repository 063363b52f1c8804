"""Sending what staff changed of a Global Selling item or listing: read, check, write, read back (work kind
"marketplace").

Mercado Libre answers `{}`, which proves nothing: a change is done when it is seen.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop

from catalog.imports.storing import save_item
from catalog.lifecycle import SHAPE_CHANGED
from catalog.marketplaces import marketplace_changes
from catalog.marketplaces.fields import DELETED, KINDS, Field
from catalog.marketplaces.marketplace_changes import State
from catalog.models import Listing, MarketplaceChange
from mercadolibre import errors
from mercadolibre.client import Client, GlobalClient
from mercadolibre.resources.items import Item
from sellers import clock
from sellers.brakes import writing
from sellers.connection.clients import client_for
from sellers.points import point
from sellers.queue import work
from sellers.queue.outcomes import TryLater, WritesHeld
from ui.stored import stored, together

LOOK_AGAIN = timedelta(seconds=30)
GIVE_UP = timedelta(minutes=15)
ENOUGH = 5  # times that Mercado Libre said yes without effect
NOT_NOW = "Nothing is sent while the seller observes."
WITHOUT_EFFECT = gettext_noop(
    "Mercado Libre says yes again and again but shows the old value. Look in its panel for the reason."
)
NOT_SHOWN = gettext_noop(
    "Mercado Libre said yes but does not show the variation. “Send again” only looks for it, so that it is not added "
    "twice. Look in its panel: if it is not there, fill in the new variation once more."
)


def push(claim: work.Claim) -> None:
    """Make a listing as staff wants it, one kind of change after the other. Waits while nothing may be written."""
    account = claim.account
    waiting = MarketplaceChange.objects.filter(listing__account=account, listing__item_id=claim.key)
    changes = list(waiting.filter(state=State.WAITING).order_by("pk"))
    if not changes:
        return
    if not writing.is_wanted(account):
        raise TryLater(NOT_NOW, GIVE_UP)
    client = client_for(account)
    try:
        unseen = [change for change in changes if not _settled(claim, client, change)]
    except WritesHeld:
        raise
    except errors.WritesDisabled:  # observing since a moment ago; nobody else would ask for it again
        raise TryLater(NOT_NOW, GIVE_UP) from None
    if unseen:
        raise TryLater("Mercado Libre does not show the change yet.", LOOK_AGAIN)
    with work.completing(claim):
        pass


def _settled(claim: work.Claim, client: Client, change: MarketplaceChange) -> bool:
    """Send one change unless it is so, and say whether that is the end of it."""
    try:
        return _applied(claim, client, change)
    except (errors.Rejected, errors.NotFound) as error:
        explained = errors.explain(error)
        words = "; ".join(filter(None, error.words()))
        return _finish(change, State.REFUSED, together(explained.meaning, explained.todo), words)


def _applied(claim: work.Claim, client: Client, change: MarketplaceChange) -> bool:
    item = _look(claim, client, change)
    if item is not None and not is_so(item, change):
        listing = Listing.objects.get(pk=change.listing_id)
        if listing.frozen_by:
            return _finish(change, State.REFUSED, stored(SHAPE_CHANGED))
        refused = marketplace_changes.problems_of(listing, change.field, value_of(change))
        if refused:
            return _finish(change, State.REFUSED, together(*(one.reason for one in refused)))
        if not _is_only_looked_for(change):
            _write(client, item, change)
        item = _look(claim, client, change)
    if item is None or is_so(item, change):
        _look_at_marketplaces(change)
        return _finish(change, State.DONE)
    words = NOT_SHOWN if change.field == Field.VARIATION else WITHOUT_EFFECT
    return _is_hopeless(change) and _finish(change, State.REFUSED, words)


def _is_hopeless(change: MarketplaceChange) -> bool:
    """Sent long ago, and again and again since: how long it waited to be sent is not counted, nor is a pause."""
    enough = 1 if change.field == Field.VARIATION else ENOUGH
    return change.sent_at is not None and clock.now() - change.sent_at > GIVE_UP and change.times_sent >= enough


def _is_only_looked_for(change: MarketplaceChange) -> bool:
    """A variation is added by each call that says so: after a yes it is not sent again."""
    return change.field == Field.VARIATION and change.sent_at is not None


def _look(claim: work.Claim, client: Client, change: MarketplaceChange) -> Item | None:
    """The item as ML shows it now; None for one that is gone and was to go."""
    try:
        item = client.item(claim.key)
    except errors.NotFound:
        if (change.field, change.new) != (Field.STATUS, DELETED):
            raise
        Listing.objects.filter(pk=change.listing_id, missing_since=None).update(missing_since=clock.now())
        return None
    save_item(claim.account, item, clock.now())
    return item


def _look_at_marketplaces(change: MarketplaceChange) -> None:
    """What changed of an item shows on its listings in each country too."""
    there = Listing.objects.filter(parent_item__pk=change.listing_id, missing_since=None)
    work.bump_many((account_id, "item", item_id) for account_id, item_id in there.values_list("account_id", "item_id"))


def value_of(change: MarketplaceChange) -> Any:
    return KINDS[change.field].value(change.new)


def is_so(item: Item, change: MarketplaceChange) -> bool:
    """Whether ML shows what is wanted."""
    return KINDS[change.field].is_so(item, value_of(change), change.old)


def _write(client: Client, item: Item, change: MarketplaceChange) -> None:
    if not isinstance(client, GlobalClient):
        raise ValueError(f"{item.id} is not of a Global Selling seller")
    point("marketplace.before_put")
    KINDS[change.field].send(client, item, value_of(change))
    point("marketplace.after_put")
    change.sent_at = change.sent_at or clock.now()
    change.times_sent += 1
    change.save(update_fields=["sent_at", "times_sent"])


def _finish(change: MarketplaceChange, state: str, explanation: str = "", ml_words: str = "") -> bool:
    """Unless staff wanted something else meanwhile. Either way nothing is left to be done for it."""
    same = MarketplaceChange.objects.filter(pk=change.pk, state=State.WAITING)
    same.update(state=state, explanation=explanation, ml_words=ml_words, finished_at=clock.now())
    return True
