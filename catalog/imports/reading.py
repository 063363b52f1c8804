"""Reading a seller's items from ML, also ahead: the next page is fetched by a thread while the last one is written.

The thread only reads from ML. What it met, trouble too, waits as a `Page` for its turn; what nobody takes is lost.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connections

from mercadolibre import errors
from mercadolibre.client import Client
from mercadolibre.resources.items import Item, ScanPage
from sellers.queue.outcomes import TryLater

PAGE = 100
BULK = 20


@dataclass
class Page:
    """What was read of the items asked for. `trouble` stopped it before the end."""

    found: dict[str, Item | None] = field(default_factory=dict)  # by id, None for an absent or unreadable one
    unreadable: dict[str, errors.BadResponse] = field(default_factory=dict)
    following: ScanPage | None = None
    trouble: Exception | None = None

    @property
    def items(self) -> list[Item]:
        return [item for item in self.found.values() if item is not None]

    @property
    def absent(self) -> list[str]:
        return [one for one, item in self.found.items() if item is None and one not in self.unreadable]


class Reader:
    """Reads page after page of a seller's items. To be closed: nothing is read after that."""

    def __init__(self, client: Client, ml_user_id: int) -> None:
        self._client, self._ml_user_id = client, ml_user_id
        self._threads = ThreadPoolExecutor(1, "reader")
        self._begun: Future[Page] | None = None
        self._closed = threading.Event()

    def close(self) -> None:
        """Stop reading ahead; waits for the call that is on its way."""
        self._closed.set()
        self._threads.shutdown()

    def ids(self, scroll_id: str | None) -> ScanPage:
        """The next page of the ids of all of the seller's items."""
        return self._client.scan_items(self._ml_user_id, scroll_id, PAGE)

    def begin(self, item_ids: Sequence[str], scroll_id: str | None, *, last: bool) -> None:
        """Start with what the next `scanned` will be asked for."""
        self._begun = self._threads.submit(copy_context().run, self._aside, tuple(item_ids), scroll_id, last)

    def scanned(self, item_ids: Sequence[str], scroll_id: str | None, *, last: bool) -> Page:
        """The items of a page of ids and, unless it is the last, the page of ids that follows."""
        begun, self._begun = self._begun, None
        return begun.result() if begun else self._read(item_ids, scroll_id, last)

    def items(self, item_ids: Sequence[str]) -> Page:
        """Items, as many as can be had: what was read before some trouble is not to be read again."""
        page = Page()
        try:
            for begin in range(0, len(item_ids), BULK):
                self._add(page, item_ids[begin : begin + BULK])
        except (errors.MeliError, TryLater) as error:
            page.trouble = error
        return page

    def _aside(self, item_ids: Sequence[str], scroll_id: str | None, last: bool) -> Page:
        try:
            return self._read(item_ids, scroll_id, last)
        finally:
            connections.close_all()  # this thread's: a refused token is looked up

    def _read(self, item_ids: Sequence[str], scroll_id: str | None, last: bool) -> Page:
        page = self.items(item_ids)
        if page.trouble is None and not last:
            try:
                page.following = self.ids(scroll_id)
            except (errors.MeliError, TryLater) as error:
                page.trouble = error
        return page

    def _add(self, page: Page, item_ids: Sequence[str]) -> None:
        """Twenty items, and before each Global Selling item its listings on the marketplaces: none may be left out
        because something stopped the page after the item.
        """
        found = self._twenty(page, item_ids)
        there = [one.item_id for item in found.values() if item is not None for one in item.marketplace_items]
        for begin in range(0, len(there), BULK):
            page.found |= self._twenty(page, there[begin : begin + BULK])
        page.found |= found

    def _twenty(self, page: Page, item_ids: Sequence[str]) -> dict[str, Item | None]:
        """Where the answer cannot be read, one by one, so that the unreadable one stands alone."""
        if self._closed.is_set():
            raise TryLater("nobody waits for this any more", timedelta(0))
        try:
            return self._client.items(item_ids)
        except errors.BadResponse:
            return self._alone(page, item_ids)

    def _alone(self, page: Page, item_ids: Sequence[str]) -> dict[str, Item | None]:
        found: dict[str, Item | None] = {}
        unreadable: dict[str, errors.BadResponse] = {}
        for item_id in item_ids:
            try:
                found |= self._client.items([item_id])
            except errors.BadResponse as error:
                unreadable[item_id] = error
        if len(unreadable) == len(item_ids) > 1:
            raise unreadable[item_ids[0]]
        page.unreadable |= unreadable
        return found | dict.fromkeys(unreadable)
