"""What staff can change of a Global Selling item and of its listings: a table with a line for each kind of change.

A value is kept as text that people read too: `15 × 10 × 20 cm, 400 g`, a picture on each line, `COLOR: Blue`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from catalog.lifecycle import AUTOMATED_TAG
from catalog.marketplaces.models import MarketplaceChange
from mercadolibre.checks import Package, Refusal, check_full, check_package, check_values, package_of
from mercadolibre.client import GlobalClient
from mercadolibre.marking import gettext_noop
from mercadolibre.resources.items import Item
from mercadolibre.variations import NewVariation

Field = MarketplaceChange.Field
CENT = Decimal("0.01")
DELETED = "deleted"
UNKNOWN = "?"
QUANTITY, SKU = "available_quantity", "SELLER_SKU"
PACKAGE = re.compile(r"([\d.]+) × ([\d.]+) × ([\d.]+) cm, ([\d.]+) g")
NOT_OF_PARENT = Refusal("", gettext_noop("Net proceeds and deleting are matters of a listing in one country."))
NOT_OF_LISTING = Refusal("", gettext_noop("Package and variations are the Global Selling item's: change them there."))
NOTHING_TO_SELL = Refusal(
    "status",
    gettext_noop("There is nothing to sell: the listing comes back by itself as soon as its item has stock."),
)
SHOWN_BY_VARIATIONS = Refusal(
    "pictures", gettext_noop("Variations show the pictures that are there: they can be added to, not replaced.")
)
HAS_IT = Refusal("variation", gettext_noop("The item has this variation already."))
OTHER_ATTRIBUTES = Refusal(
    "variation", gettext_noop("A new variation says what all others say: fill in each of the fields.")
)
AUTOMATED = Refusal(
    "net_proceeds",
    gettext_noop("Mercado Libre's price automation sets this price. End it in ML's panel to set your own."),
)
NO_TITLE = Refusal("title", gettext_noop("A listing has a title."))
NO_PICTURE = Refusal("pictures", gettext_noop("A listing has at least one picture."))


@dataclass(frozen=True)
class Pictures:
    """The pictures a listing is to have: those kept, by ML's ids, then those that ML is to fetch, by address."""

    kept: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """How one kind of change is kept, seen, checked and sent. `is_so` gets the text of the old value too."""

    text: Callable[[Any], str]
    value: Callable[[str], Any]
    shown: Callable[[Item], str]
    is_so: Callable[[Item, Any, str], bool]
    refused: Callable[[Item, Any, bool], Iterable[Refusal]]
    send: Callable[[GlobalClient, Item, Any], Any]


def amount_text(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def package_text(package: Package) -> str:
    measures = [getattr(package, field.name) for field in fields(Package)]
    if not any(measures):
        return ""
    width, height, length, weight = (UNKNOWN if one is None else f"{plain(one):f}" for one in measures)
    return f"{width} × {height} × {length} cm, {weight} g"


def plain(number: Decimal) -> Decimal:
    """Without zeros at the end."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def package_from(written: str) -> Package:
    """Raises ValueError for a text that is no whole package."""
    found = PACKAGE.fullmatch(written)
    if found is None:
        raise ValueError(f"no package: {written}")
    return Package(*map(Decimal, found.groups()))


def pictures_text(pictures: Pictures) -> str:
    return "\n".join((*pictures.kept, *pictures.addresses))


def pictures_from(written: str) -> Pictures:
    lines = written.splitlines()
    addresses = tuple(line for line in lines if "://" in line)
    return Pictures(tuple(line for line in lines if line not in addresses), addresses)


def variation_text(new: NewVariation) -> str:
    lines = {**new.combination, QUANTITY: str(new.quantity), SKU: new.seller_sku}
    return "\n".join(f"{name}: {value}" for name, value in lines.items() if value)


def variation_from(written: str) -> NewVariation:
    pairs = [line.partition(": ") for line in written.splitlines()]
    lines = {name: value for name, _colon, value in pairs}
    quantity, sku = int(lines.pop(QUANTITY)), lines.pop(SKU, "")
    return NewVariation(lines, quantity, sku)


def picture_ids(item: Item) -> tuple[str, ...]:
    pictures = item.raw.get("pictures") or ()
    return tuple(str(one["id"]) for one in pictures if isinstance(one, Mapping) and one.get("id"))


def combinations(item: Item) -> list[dict[str, str]]:
    """What each variation differs by: ML's id of the attribute and the value."""
    return [
        {str(one.get("id")): str(one.get("value_name") or "") for one in variation.get("attribute_combinations") or ()}
        for variation in item.raw.get("variations") or ()
    ]


def _is_status(item: Item, wanted: str, old: str) -> bool:
    if wanted == DELETED:
        return item.status == "closed" and DELETED in item.sub_status
    return item.status == wanted


def _are_proceeds(item: Item, wanted: Decimal, old: str) -> bool:
    """Within a cent, as ML rounds them."""
    return item.net_proceeds is not None and abs(item.net_proceeds - wanted) <= CENT


def _are_pictures(item: Item, wanted: Pictures, old: str) -> bool:
    """Those kept are there, and beside them as many that were not there before as were to be fetched."""
    present = picture_ids(item)
    added = [one for one in present if one not in wanted.kept]
    were_there = set(added) & set(old.splitlines())
    return not were_there and set(wanted.kept) <= set(present) and len(added) == len(wanted.addresses)


def _has_variation(item: Item, wanted: NewVariation, old: str) -> bool:
    def folded(one: Mapping[str, str]) -> set[tuple[str, str]]:
        return {(name, value.casefold()) for name, value in one.items()}

    return folded(wanted.combination) in [folded(one) for one in combinations(item)]


def _status_refused(item: Item, value: str, in_full: bool) -> Iterable[Refusal]:
    body = {"status": value}
    yield from check_values(item, body)
    yield from check_full(item, body, has_units=in_full)
    if value == "active" and not item.available_quantity:
        yield NOTHING_TO_SELL


def _proceeds_refused(item: Item, value: Decimal, in_full: bool) -> Iterable[Refusal]:
    if item.is_global:
        yield NOT_OF_PARENT
        return
    yield from check_values(item, {"net_proceeds": value})
    if AUTOMATED_TAG in item.tags:  # a price from here would end it
        yield AUTOMATED


def _package_refused(item: Item, value: Package, in_full: bool) -> Iterable[Refusal]:
    return check_package(value) if item.is_global else (NOT_OF_LISTING,)


def _title_refused(item: Item, value: str, in_full: bool) -> Iterable[Refusal]:
    return check_values(item, {"title": value}) if value.strip() else (NO_TITLE,)


def _pictures_refused(item: Item, value: Pictures, in_full: bool) -> Iterable[Refusal]:
    if not value.kept and not value.addresses:
        yield NO_PICTURE
    elif item.variations and not set(picture_ids(item)) <= set(value.kept):
        yield SHOWN_BY_VARIATIONS


def _variation_refused(item: Item, value: NewVariation, in_full: bool) -> Iterable[Refusal]:
    if not item.is_global:
        yield NOT_OF_LISTING
        return
    present = [{"id": one.id} for one in item.variations]
    yield from check_full(item, {"variations": [*present, value.body()]}, has_units=in_full)
    if any(set(one) != set(value.combination) for one in combinations(item)):
        yield OTHER_ATTRIBUTES
    elif _has_variation(item, value, ""):
        yield HAS_IT


KINDS: dict[str, Kind] = {
    Field.NET_PROCEEDS: Kind(
        text=amount_text,
        value=Decimal,
        shown=lambda item: amount_text(item.net_proceeds and item.net_proceeds.quantize(CENT)),
        is_so=_are_proceeds,
        refused=_proceeds_refused,
        send=lambda client, item, value: client.set_net_proceeds(item, value),
    ),
    Field.STATUS: Kind(
        text=str,
        value=str,
        shown=lambda item: item.status,
        is_so=_is_status,
        refused=_status_refused,
        send=lambda client, item, value: client.set_status(item, value),
    ),
    Field.PACKAGE: Kind(
        text=package_text,
        value=package_from,
        shown=lambda item: package_text(package_of(item.raw.get("attributes"))),
        is_so=lambda item, wanted, old: package_of(item.raw.get("attributes")) == wanted,
        refused=_package_refused,
        send=lambda client, item, value: client.set_package(item, value),
    ),
    Field.TITLE: Kind(
        text=str,
        value=str,
        shown=lambda item: item.title,
        is_so=lambda item, wanted, old: item.title == wanted,
        refused=_title_refused,
        send=lambda client, item, value: client.set_title(item, value),
    ),
    Field.PICTURES: Kind(
        text=pictures_text,
        value=pictures_from,
        shown=lambda item: "\n".join(picture_ids(item)),
        is_so=_are_pictures,
        refused=_pictures_refused,
        send=lambda client, item, value: client.set_pictures(item, value.kept, value.addresses),
    ),
    Field.VARIATION: Kind(
        text=variation_text,
        value=variation_from,
        shown=lambda item: "",
        is_so=_has_variation,
        refused=_variation_refused,
        send=lambda client, item, value: client.add_variation(item, value),
    ),
}
