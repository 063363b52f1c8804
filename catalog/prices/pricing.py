"""Which price a listing should have, and what to do about the one it has. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from mercadolibre.sites import CURRENCY_DECIMALS, PRICE_LIMIT

ENOUGH_DECIMALS = 2


@dataclass(frozen=True)
class Unit:
    """A linked unit of a listing: its product's price and floor in the listing's currency, and units per sale."""

    price: Decimal | None
    floor: Decimal | None
    units: int


def decimals_of(currency_id: str) -> int:
    return CURRENCY_DECIMALS.get(currency_id, ENOUGH_DECIMALS)


def rounded(amount: Decimal, decimals: int) -> Decimal:
    """Halves away from zero, as ML does."""
    return amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def wanted_price(
    own_price: Decimal | None, product_price: Decimal | None, units: int, currency_decimals: int
) -> Decimal | None:
    """The listing's own price, else the product's for the units sold at once; None where nobody set one."""
    if own_price is not None:
        return rounded(own_price, currency_decimals)
    return None if product_price is None else rounded(product_price * units, currency_decimals)


def listing_price(own_price: Decimal | None, linked: Iterable[Unit], currency_decimals: int) -> Decimal | None:
    """The one price of a listing. ML allows one for all its variations: the highest, so that none is sold too cheap."""
    if own_price is not None:
        return rounded(own_price, currency_decimals)
    prices = (wanted_price(None, unit.price, unit.units, currency_decimals) for unit in linked)
    return max((price for price in prices if price is not None), default=None)


def listing_floor(linked: Iterable[Unit]) -> Decimal | None:
    """The highest floor of what the listing sells; None where no product has one."""
    return max((unit.floor * unit.units for unit in linked if unit.floor is not None), default=None)


def is_below(price: Decimal | None, floor: Decimal | None) -> bool:
    return price is not None and floor is not None and price < floor


def is_sendable(price: Decimal) -> bool:
    return 0 < price < PRICE_LIMIT


class Step(StrEnum):
    """What a push does after it has read the listing."""

    UNCHANGED = "unchanged"
    SEND = "send"
    AUTOMATED = "automated"
    PROMOTION = "promotion"
    BLOCKED = "blocked"
    BELOW_FLOOR = "below_floor"


def decide(
    *, wanted: Decimal, floor: Decimal | None, price: Decimal | None, frozen: bool, automated: bool, in_promotion: bool
) -> Step:
    """What to do about a listing read a moment ago. Nothing below the floor is ever sent, whatever else is true."""
    if is_below(wanted, floor):
        return Step.BELOW_FLOOR
    if frozen:
        return Step.BLOCKED
    if automated:
        return Step.AUTOMATED
    if in_promotion:
        return Step.PROMOTION
    return Step.UNCHANGED if price == wanted else Step.SEND
