"""The menu: one table of what exists, shown as far as its pages do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Entry:
    url_name: str
    label: Text
    icon: str
    superuser_only: bool = False


@dataclass(frozen=True)
class Group:
    label: Text
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Link:
    """An entry as one request sees it."""

    href: str
    label: Text
    icon: str
    current: bool
    badge: int


@dataclass(frozen=True)
class Section:
    label: Text
    links: tuple[Link, ...]


MENU = (
    Group(
        "",
        (
            Entry("dashboard:today", _("Today"), "home"),
            Entry("dashboard:sellers", _("Sellers"), "store"),
            Entry("orders:list", _("Orders"), "cart"),
        ),
    ),
    Group(
        _("Catalog"),
        (
            Entry("dashboard:listings", _("Listings"), "list"),
            Entry("catalog:mapping", _("SKU mapping"), "link"),
            Entry("catalog:products", _("Products"), "grid"),
            Entry("catalog:prices", _("Prices"), "tag"),
        ),
    ),
    Group(
        _("Stock"),
        (
            Entry("inventory:levels", _("Inventory"), "box"),
            Entry("inventory:ledger", _("Ledger"), "book"),
            Entry("inventory:receipts", _("Receipts"), "download"),
            Entry("inventory:transfers", _("Transfers"), "truck"),
            Entry("inventory:counts", _("Stock counts"), "check"),
            Entry("inventory:warehouses", _("Warehouses"), "warehouse"),
            Entry("inventory:rules", _("Stock rules"), "shield"),
        ),
    ),
    Group(
        _("Sync"),
        (
            Entry("dashboard:pushes", _("Pushes"), "upload"),
            Entry("sellers:notifications", _("Notifications"), "bell"),
            Entry("orders:runs", _("Reconciliation"), "refresh"),
            Entry("dashboard:jobs", _("Jobs"), "gear"),
        ),
    ),
    Group(
        _("System"),
        (
            Entry("components", _("Components"), "grid", superuser_only=True),
            Entry("admin:index", _("Admin"), "shield", superuser_only=True),
        ),
    ),
)


def sections(request: HttpRequest, badges: Mapping[str, int]) -> list[Section]:
    """The menu for one request: no page that is not there yet, no empty group, one current link."""
    visible = [(group.label, list(_visible(group, request.user))) for group in MENU]
    current = _current(request.path, [href for _label, pairs in visible for _entry, href in pairs])
    return [
        Section(label, tuple(_link(entry, href, current, badges) for entry, href in pairs))
        for label, pairs in visible
        if pairs
    ]


def _link(entry: Entry, href: str, current: str, badges: Mapping[str, int]) -> Link:
    return Link(href, entry.label, entry.icon, href == current, badges.get(entry.url_name, 0))


def _visible(group: Group, user: Any) -> Iterator[tuple[Entry, str]]:
    for entry in group.entries:
        if entry.superuser_only and not user.is_superuser:
            continue
        try:
            yield entry, reverse(entry.url_name)
        except NoReverseMatch:
            continue


def _current(path: str, hrefs: list[str]) -> str:
    """The longest address that the page stands below; "/" only stands for itself."""
    below = [href for href in hrefs if href == path or (href != "/" and path.startswith(href))]
    return max(below, key=len, default="")
