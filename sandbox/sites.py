"""Countries, currencies and the figures that depend on them."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Site:
    """One country of Mercado Libre; `decimals` is how many its currency has."""

    site_id: str
    name: str
    country_id: str
    currency_id: str
    decimals: int
    domain: str
    per_dollar: Decimal


SITES = {
    site.site_id: site
    for site in (
        Site("MLA", "Argentina", "AR", "ARS", 2, "mercadolibre.com.ar", Decimal("1385.5")),
        Site("MLB", "Brasil", "BR", "BRL", 2, "mercadolivre.com.br", Decimal("5.42")),
        Site("MLM", "México", "MX", "MXN", 2, "mercadolibre.com.mx", Decimal("18.63")),
        Site("MLC", "Chile", "CL", "CLP", 0, "mercadolibre.cl", Decimal("948.2")),
        Site("MCO", "Colombia", "CO", "COP", 0, "mercadolibre.com.co", Decimal("4021.7")),
        Site("MPE", "Perú", "PE", "PEN", 2, "mercadolibre.com.pe", Decimal("3.71")),
        Site("MLU", "Uruguay", "UY", "UYU", 2, "mercadolibre.com.uy", Decimal("40.2")),
        Site("MEC", "Ecuador", "EC", "USD", 2, "mercadolibre.com.ec", Decimal(1)),
        Site("CBT", "Global Selling", "CN", "USD", 2, "mercadolibre.com", Decimal(1)),
    )
}

CURRENCIES = {
    "ARS": ("Peso argentino", "$", 2),
    "BOB": ("Boliviano", "Bs", 2),
    "BRL": ("Real", "R$", 2),
    "CLF": ("Unidad de Fomento", "UF", 2),
    "CLP": ("Peso Chileno", "$", 0),
    "COP": ("Peso colombiano", "$", 0),
    "CRC": ("Colones", "¢", 2),
    "DOP": ("Peso Dominicano", "$", 2),
    "EUR": ("Euro", "€", 2),
    "GTQ": ("Quetzal Guatemalteco", "Q", 2),
    "HNL": ("Lempira", "L", 0),
    "MXN": ("Peso Mexicano", "$", 2),
    "NIO": ("Córdoba", "C$", 0),
    "PAB": ("Balboa", "B/.", 2),
    "PEN": ("Soles", "S/", 2),
    "PYG": ("Guaraní", "₲", 0),
    "USD": ("Dólar", "U$S", 2),
    "UYU": ("Peso Uruguayo", "$", 2),
    "VES": ("Bolivar Soberano", "Bs.", 2),
}

# Highest price of an item, exclusive (item.price.invalid, cause 129).
PRICE_CEILING = Decimal(9_999_999_999)


def ratio(source: str, target: str) -> Decimal | None:
    """How many `target` one unit of `source` buys; None for a currency without a rate."""
    rates = {site.currency_id: site.per_dollar for site in SITES.values()}
    if source not in rates or target not in rates:
        return None
    return (rates[target] / rates[source]).quantize(Decimal("0.00000001"))
