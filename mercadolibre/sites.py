"""One table of the countries Mercado Libre serves, and rounding by currency."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

# GET /currencies: decimal places ML keeps; VES stands where ML's own list still says VEF.
CURRENCY_DECIMALS: dict[str, int] = {
    **dict.fromkeys(("CLP", "COP", "HNL", "NIO", "PYG"), 0),
    **dict.fromkeys(("ARS", "BRL", "MXN", "PEN", "UYU", "USD", "BOB", "CRC", "DOP", "GTQ", "PAB"), 2),
    **dict.fromkeys(("VES", "VEF", "EUR", "CLF"), 2),
}

PRICE_LIMIT = Decimal(9_999_999_999)


@dataclass(frozen=True)
class Site:
    """A country's marketplace. `family` is "local", or "global" for Global Selling, whose resources differ."""

    site_id: str
    country: str
    currency_id: str
    auth_host: str
    family: Literal["local", "global"] = "local"

    @property
    def decimals(self) -> int:
        return CURRENCY_DECIMALS[self.currency_id]


# Auth hosts below MCR are derived from the country's domain; keep the address configurable per account.
SITES: dict[str, Site] = {
    site.site_id: site
    for site in (
        Site("MLA", "Argentina", "ARS", "auth.mercadolibre.com.ar"),
        Site("MLB", "Brazil", "BRL", "auth.mercadolivre.com.br"),
        Site("MLM", "Mexico", "MXN", "auth.mercadolibre.com.mx"),
        Site("MLC", "Chile", "CLP", "auth.mercadolibre.cl"),
        Site("MCO", "Colombia", "COP", "auth.mercadolibre.com.co"),
        Site("MPE", "Peru", "PEN", "auth.mercadolibre.com.pe"),
        Site("MLU", "Uruguay", "UYU", "auth.mercadolibre.com.uy"),
        Site("MEC", "Ecuador", "USD", "auth.mercadolibre.com.ec"),
        Site("MLV", "Venezuela", "VES", "auth.mercadolibre.com.ve"),
        Site("MCR", "Costa Rica", "CRC", "auth.mercadolibre.co.cr"),
        Site("MPA", "Panama", "USD", "auth.mercadolibre.com.pa"),
        Site("MRD", "Dominican Republic", "DOP", "auth.mercadolibre.com.do"),
        Site("MBO", "Bolivia", "BOB", "auth.mercadolibre.com.bo"),
        Site("MPY", "Paraguay", "PYG", "auth.mercadolibre.com.py"),
        Site("MGT", "Guatemala", "GTQ", "auth.mercadolibre.com.gt"),
        Site("MHN", "Honduras", "HNL", "auth.mercadolibre.com.hn"),
        Site("MNI", "Nicaragua", "NIO", "auth.mercadolibre.com.ni"),
        Site("MSV", "El Salvador", "USD", "auth.mercadolibre.com.sv"),
        Site("CBT", "Global Selling", "USD", "global-selling.mercadolibre.com", "global"),
    )
}


def round_price(amount: Decimal, currency_id: str) -> Decimal:
    """An amount with the decimals its currency has, halves away from zero.

    Raises ValueError for a currency we do not know or an amount that is not finite.
    """
    if currency_id not in CURRENCY_DECIMALS:
        raise ValueError(f"unknown currency {currency_id!r}")
    if not isinstance(amount, Decimal) or not amount.is_finite() or abs(amount) > Decimal("1e15"):
        raise ValueError("not an amount")
    return amount.quantize(Decimal(1).scaleb(-CURRENCY_DECIMALS[currency_id]), rounding=ROUND_HALF_UP)


def to_wire(amount: Decimal) -> int | Decimal:
    """The number to put into JSON: an int when there are no cents, so always on zero-decimal currencies."""
    whole = int(amount)
    return whole if whole == amount else amount
