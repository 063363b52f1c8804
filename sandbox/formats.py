"""The different ways Mercado Libre writes a time, and a number."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

# Orders and shipments carry this offset whatever the site.
MINUS_FOUR = timezone(timedelta(hours=-4))


def offset(at: datetime) -> str:
    """Orders, payments, shipments: 2026-10-07T10:13:38.000-04:00."""
    return at.astimezone(MINUS_FOUR).strftime("%Y-%m-%dT%H:%M:%S.000-04:00")


def offset_or_null(at: datetime | None) -> str | None:
    return None if at is None else offset(at)


def search(at: datetime) -> str:
    """`date_last_updated` of the order search: 2026-10-06T23:15:53+00:00."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def pack(at: datetime) -> str:
    """Packs: 2026-09-07T09:16:54.000-0400."""
    return at.astimezone(MINUS_FOUR).strftime("%Y-%m-%dT%H:%M:%S.000-0400")


def user_product(at: datetime) -> str:
    """User products: 2026-04-01T19:56:10.000+0000."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def millis(at: datetime) -> str:
    """Items, notifications: 2021-08-20T01:25:10.123Z."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def seconds(at: datetime) -> str:
    """Prices, stock: 2026-08-03T20:26:46Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(amount: Decimal | None) -> int | float | None:
    """A price as items and searches print it: 55882, or 55882.5."""
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def amount(value: Decimal | None) -> float | None:
    """A price as orders and the price resources print it: 55882.0."""
    return None if value is None else float(value)
