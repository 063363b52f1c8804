"""The measures of a package that Global Selling ships."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mercadolibre.checks.refusal import Refusal
from mercadolibre.fields import dig, mapping, sequence, text
from mercadolibre.marking import gettext_noop

SHORTEST_SIDE = Decimal(3)  # cm
LIGHTEST = Decimal(50)  # g
VOLUME_DIVISOR = Decimal(5000)
SMALLEST_VOLUME = Decimal("0.02")  # of width * height * length / 5000, which has to be above it

# ML's attributes, and the fields of ours they fill.
MEASURES = {
    "PACKAGE_WIDTH": "width",
    "PACKAGE_HEIGHT": "height",
    "PACKAGE_LENGTH": "length",
    "PACKAGE_WEIGHT": "weight",
}
# Units in centimetres or grams.
UNITS = {
    "mm": Decimal("0.1"), "cm": Decimal(1), "m": Decimal(100), "in": Decimal("2.54"), '"': Decimal("2.54"),
    "ft": Decimal("30.48"), "mg": Decimal("0.001"), "g": Decimal(1), "kg": Decimal(1000),
    "oz": Decimal("28.349523125"), "lb": Decimal("453.59237"),
}  # fmt: skip
WRITTEN = re.compile(r"\s*([0-9]+(?:[.,][0-9]+)?)\s*([a-zA-Z\"]+)\s*")


@dataclass(frozen=True)
class Package:
    """A package: sides in centimetres, weight in grams; None where it is not known."""

    width: Decimal | None = None
    height: Decimal | None = None
    length: Decimal | None = None
    weight: Decimal | None = None

    @property
    def sides(self) -> tuple[tuple[str, Decimal | None], ...]:
        return (("PACKAGE_WIDTH", self.width), ("PACKAGE_HEIGHT", self.height), ("PACKAGE_LENGTH", self.length))

    @property
    def volume(self) -> Decimal | None:
        """Width * height * length / 5000; None while a side is not known."""
        if self.width is None or self.height is None or self.length is None:
            return None
        return self.width * self.height * self.length / VOLUME_DIVISOR


def attributes_of_package(package: Package) -> list[dict[str, str]]:
    """The attributes that set a package's measures. Raises ValueError unless all four are known."""
    measures = {field: getattr(package, name) for field, name in MEASURES.items()}
    if None in measures.values():
        raise ValueError("a package has four measures")
    return [
        {"id": field, "value_name": f"{measure:f} {'g' if field == 'PACKAGE_WEIGHT' else 'cm'}"}
        for field, measure in measures.items()
    ]


def check_package(package: Package) -> tuple[Refusal, ...]:
    """What ML would refuse of a package's measures."""
    return tuple(_refusals(package))


def _refusals(package: Package) -> Iterable[Refusal]:
    for field, value in (*package.sides, ("PACKAGE_WEIGHT", package.weight)):
        if value is None:
            yield Refusal(
                field, gettext_noop("The package needs all four: width, height, length and weight, each with its unit.")
            )
    for field, side in package.sides:
        if side is not None and side < SHORTEST_SIDE:
            yield Refusal(field, gettext_noop("Each side of the package has to be at least 3 centimetres."))
    if package.weight is not None and package.weight < LIGHTEST:
        yield Refusal("PACKAGE_WEIGHT", gettext_noop("The package has to weigh at least 50 grams."))
    if package.volume is not None and package.volume <= SMALLEST_VOLUME:
        yield Refusal(
            "PACKAGE_VOLUME",
            gettext_noop("The package is too small: width times height times length has to be above 100 cubic cm."),
        )


def package_of(attributes: Any) -> Package:
    """The package in the attributes of an item or of one of its variations, as ML sends them."""
    found: dict[str, Decimal | None] = {}
    for entry in sequence(attributes):
        field = MEASURES.get(text(mapping(entry).get("id")) or "")
        if field is not None:
            found[field] = _measure(entry)
    return Package(**found)


def _measure(attribute: dict[str, Any]) -> Decimal | None:
    """A measure in centimetres or grams; None where the number or the unit cannot be read."""
    first = next(iter(sequence(attribute.get("values"))), None)
    for struct in (attribute.get("value_struct"), dig(first, "struct")):
        number, unit = dig(struct, "number"), text(dig(struct, "unit"))
        if isinstance(number, int | float | Decimal) and unit in UNITS and _is_finite(number):
            return Decimal(str(number)) * UNITS[unit]
    written = text(attribute.get("value_name")) or text(dig(first, "name")) or ""
    match = WRITTEN.fullmatch(written)
    if match is None or match[2] not in UNITS:
        return None
    return Decimal(match[1].replace(",", ".")) * UNITS[match[2]]


def _is_finite(number: int | float | Decimal) -> bool:
    return not isinstance(number, bool) and Decimal(str(number)).is_finite()
