"""Fees, currencies and sites."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Answer, Json, bad_request, not_found
from sandbox.request import Request
from sandbox.sites import CURRENCIES, SITES, Site, ratio

if TYPE_CHECKING:
    from sandbox.world import World

FEES = {"free": Decimal(0), "gold_special": Decimal("0.155"), "gold_pro": Decimal("0.24")}


def get_listing_prices(world: World, request: Request, site_id: str) -> Answer:
    """Fees of a sale at a price, by listing type."""
    site = _site(site_id)
    try:
        price = Decimal(request.query.get("price", ""))
    except InvalidOperation as problem:
        raise bad_request("price is required", "invalid_parameter") from problem
    wanted = request.query.get("listing_type_id")
    fees = [_fee(site, name, share, price) for name, share in FEES.items() if wanted in (None, name)]
    return Answer(body=fees[0] if wanted and fees else fees)


def _fee(site: Site, listing_type_id: str, share: Decimal, price: Decimal) -> Json:
    fee = formats.amount((price * share).quantize(Decimal("0.01")))
    return {
        "currency_id": site.currency_id,
        "listing_type_id": listing_type_id,
        "listing_fee_amount": 0.0,
        "sale_fee_amount": fee,
        "sale_fee_details": {"percentage_fee": float(share * 100), "fixed_fee": 0.0, "gross_amount": fee},
    }


def get_conversion(world: World, request: Request) -> Answer:
    source, target = request.query.get("from", ""), request.query.get("to", "")
    found = ratio(source, target)
    if found is None:
        raise not_found(f"No conversion from {source} to {target}")
    body = {"currency_base": source, "currency_quote": target, "ratio": float(found), "inv_rate": float(1 / found)}
    return Answer(body=body)


def get_sites(world: World, request: Request) -> Answer:
    sites = [
        {"id": site.site_id, "name": site.name, "default_currency_id": site.currency_id}
        for site in SITES.values()
        if site.site_id != "CBT"
    ]
    return Answer(body=sites)


def _site(site_id: str) -> Site:
    if site_id not in SITES:
        raise not_found(f"Site with id {site_id} not found")
    return SITES[site_id]


def get_site(world: World, request: Request, site_id: str) -> Answer:
    site = _site(site_id)
    currency = {"id": site.currency_id, "symbol": CURRENCIES[site.currency_id][1]}
    body = {"id": site.site_id, "name": site.name, "country_id": site.country_id, "currencies": [currency]}
    return Answer(body=body | {"default_currency_id": site.currency_id})


def get_currencies(world: World, request: Request) -> Answer:
    return Answer(body=[_currency(name) for name in CURRENCIES])


def get_currency(world: World, request: Request, currency_id: str) -> Answer:
    if currency_id not in CURRENCIES:
        raise not_found(f"Currency with id {currency_id} not found")
    return Answer(body=_currency(currency_id))


def _currency(name: str) -> Json:
    description, symbol, decimals = CURRENCIES[name]
    return {"id": name, "description": description, "symbol": symbol, "decimal_places": decimals}
