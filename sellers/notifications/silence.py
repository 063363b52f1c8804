"""When silence is no chance. Pure.

The rule: minutes in which a topic is heard come by chance, at the rate learned for that hour of the seller's day
(Poisson). Hearing nothing for so long that this happens once in a thousand times is silence. Nothing is judged before
a week of history, nor within a quarter of an hour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOURS = 24
LIKELY = 1 / 1000
ENOUGH_DAYS = 7
ENOUGH_MINUTES = 50
AT_LEAST = timedelta(minutes=15)
LONGEST = timedelta(days=28)  # of silence, as of history: beyond it the sum is long past deciding

ZONES = {
    "MLA": "America/Argentina/Buenos_Aires",
    "MLB": "America/Sao_Paulo",
    "MLM": "America/Mexico_City",
    "MLC": "America/Santiago",
    "MCO": "America/Bogota",
    "MPE": "America/Lima",
    "MLU": "America/Montevideo",
    "MEC": "America/Guayaquil",
    "MLV": "America/Caracas",
    "MCR": "America/Costa_Rica",
    "MPA": "America/Panama",
    "MRD": "America/Santo_Domingo",
    "MBO": "America/La_Paz",
    "MPY": "America/Asuncion",
    "MGT": "America/Guatemala",
    "MHN": "America/Tegucigalpa",
    "MNI": "America/Managua",
    "MSV": "America/El_Salvador",
}


@cache
def zone_of(site_id: str) -> tzinfo:
    """The clock that a seller's buyers live by; UTC for Global Selling, which has many."""
    try:
        return ZoneInfo(ZONES.get(site_id, "UTC"))
    except ZoneInfoNotFoundError:
        return ZoneInfo("UTC")


def rates_of(heard: Mapping[int, int], days: float) -> list[float]:
    """Minutes heard in each hour of the day, on average. `heard` is their sum by hour of the day (0 to 23)."""
    return [heard.get(hour, 0) / days for hour in range(HOURS)] if days > 0 else []


def expected(rates: Sequence[float], start: datetime, end: datetime, zone: tzinfo) -> float:
    """In how many minutes from `start` to `end` the topic should have been heard."""
    total, at = 0.0, max(start, end - LONGEST)
    while at < end:
        following = min(end, at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
        total += rates[at.astimezone(zone).hour] * ((following - at) / timedelta(hours=1))
        at = following
    return total


def is_silent(
    rates: Sequence[float], *, days: float, minutes: int, since: datetime, now: datetime, zone: tzinfo
) -> bool:
    """Whether nothing was heard since `since` although that is all but impossible. `days` and `minutes` say how much
    history the rates were learned from."""
    if not rates or days < ENOUGH_DAYS or minutes < ENOUGH_MINUTES or now - since < AT_LEAST:
        return False
    return math.exp(-expected(rates, since, now, zone)) < LIKELY
