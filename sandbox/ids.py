"""Ids, hashes and choices, the same again for the same seed."""

import hashlib
import uuid
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

# First number of every kind of id, in the magnitude production uses: most are above 32 bits.
FIRST = {
    "user": 413_600_000,
    "item": 1_207_000_000,
    "variation": 175_550_000_000,
    "user_product": 245_330_000,
    "family": 7_695_306_917_000_000,
    "inventory": 10_000,
    "order": 2_000_018_800_000_000,
    "pack": 2_000_015_300_000_000,
    "shipment": 48_195_900_000,
    "payment": 182_800_000_000,
    "buyer": 1_076_000_000,
    "billing": 895_666_165_000_000_000,
    "store": 53_400_000,
    "node": 4_136_000_000,
    "address": 1_224_000_000,
    "price": 400,
    "picture": 700_000,
}


class Ids:
    """Never repeats an id; steps are random so that nobody relies on neighbours."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - repeatable on purpose, guards nothing
        self._last = dict(FIRST)

    def number(self, kind: str) -> int:
        self._last[kind] += self._random.randint(1, 97)
        return self._last[kind]

    def item(self, site_id: str) -> str:
        return f"{site_id}{self.number('item')}"

    def user_product(self, site_id: str) -> str:
        return f"{site_id}U{self.number('user_product')}"

    def picture(self, site_id: str) -> str:
        return f"{self.number('picture')}-{site_id}{self.number('picture')}_102026"

    def inventory(self) -> str:
        return f"{''.join(self._random.choices('ABCDEFGHJKLMNPQRSTUVWXYZ', k=4))}{self.number('inventory'):05d}"

    def secret(self, length: int = 32) -> str:
        return f"{self._random.getrandbits(length * 4):0{length}x}"

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def chance(self) -> float:
        return self._random.random()

    def between(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def choice(self, options: Sequence[T]) -> T:
        return self._random.choice(options)

    def shuffled(self, things: Sequence[T]) -> list[T]:
        return self._random.sample(things, len(things))


def fingerprint(secret: str) -> str:
    """A short name for a token that does not reveal it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:12]
