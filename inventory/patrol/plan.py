"""How much a patrol reads back in one round, and what for. Pure.

A round begins every minute. Its calls go three ways: to the listings that sell most, every round; to those that nobody
saw for longest, which is what bounds the age of the oldest look; and to those most at risk: sales a day × little stock
× age of the last look. ML allows 1,500 calls a minute and seller; a full round takes 60 of them, twenty listings each.
Of the 100 reads of user products' stock a minute that ML allows we use 80, and of those 20 are left to pushes. Of the
60 of a round forty go to the user products whose places nobody read for longest, the rest to those most at risk. They
are rows that workers come to: what still waits is not asked for once more, and takes room from the next round.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import NamedTuple

PERIOD = timedelta(minutes=1)
WITHIN = timedelta(minutes=30)  # every listing is looked at once in this time, where the round is large enough
BULK = 20
TOP = 100
RISKIEST = 200
MOST = 1200  # listings of one round
MOST_GLOBAL = 100  # of a Global Selling seller, whose items are read one by one
PLACES = 60  # user products of one round
PLACES_OLDEST = 40
LATE = timedelta(minutes=1)  # what a round takes until its last read, and until it begins


class Plan(NamedTuple):
    """Listings of one round."""

    top: int
    riskiest: int
    oldest: int

    @property
    def size(self) -> int:
        return self.top + self.riskiest + self.oldest


class Bound(NamedTuple):
    """How old the oldest look gets: of every listing, and of those that sell most."""

    every: timedelta
    top: timedelta


def plan(listings: int, *, is_global: bool = False) -> Plan:
    """A round for so many listings. The oldest get what `WITHIN` asks for, and at most what the others leave."""
    scale = MOST_GLOBAL / MOST if is_global else 1
    top, riskiest = (min(listings, math.ceil(part * scale)) for part in (TOP, RISKIEST))
    needed = math.ceil(listings * (PERIOD / WITHIN))
    return Plan(top, riskiest, min(needed, int(MOST * scale) - top - riskiest))


def bound(listings: int, *, is_global: bool = False) -> Bound:
    """What the plan keeps as long as Mercado Libre answers."""
    oldest = plan(listings, is_global=is_global).oldest
    rounds = math.ceil(listings / oldest) if oldest else 0
    return Bound(rounds * PERIOD + LATE, PERIOD + LATE)


def places_bound(user_products: int) -> timedelta:
    """How old the oldest reading of a user product's places gets, as long as those asked for are read in their round.

    One period longer than the rounds take: the readings of a round are spread over it.
    """
    return (math.ceil(user_products / PLACES_OLDEST) + 1) * PERIOD + LATE
