"""The one parser of Mercado Libre's six ways to write a moment."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, timezone

# 2026-10-07T10:13:38.000-04:00, …+00:00, …-0400, …Z, without a zone; fractions of any length
ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,12}))?"
    r"(?:(Z)|([+-])([0-9]{2}):?([0-9]{2}))?"
)
DAY_FIRST = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2})")


def parse_time(value: object) -> datetime | None:
    """An aware UTC datetime, or None for anything that is not a moment. Never raises.

    A moment without a zone (seller promotions, price suggestions) is taken as UTC. Fractions are cut to microseconds.
    One at either end of the calendar ("0001-01-01T00:00:00Z") is none: no reader's zone could show it.
    """
    if not isinstance(value, str) or len(value) > 50:
        return None
    try:
        found = _iso(value) or _day_first(value)
    except (ValueError, OverflowError):
        return None
    return found if found and MINYEAR < found.year < MAXYEAR else None


def wire_time(moment: datetime) -> str:
    """A moment as `orders/search` takes it in its filters: milliseconds and offset, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000-00:00")


def _iso(value: str) -> datetime | None:
    match = ISO.fullmatch(value)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    microsecond = int((match[7] or "0")[:6].ljust(6, "0"))
    zone = _zone(match[9], match[10], match[11])
    return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=zone).astimezone(UTC)


def _zone(sign: str | None, hours: str, minutes: str) -> timezone:
    if sign is None:
        return UTC
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def _day_first(value: str) -> datetime | None:
    match = DAY_FIRST.fullmatch(value)
    if match is None:
        return None
    day, month, year, hour, minute, second = (int(part) for part in match.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
