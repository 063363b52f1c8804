"""Which product a listing's unit probably is, how sure that is, and why. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

BULK_FROM = 95  # what staff may accept many at a time
TITLE_FROM = 40  # below this, a similar title is no help
TITLE_MOST = 79
NOISE = re.compile(r"[^A-Z0-9]")


class Reason(StrEnum):
    EXACT_SKU = "exact_sku"
    NORMALISED_SKU = "normalised_sku"
    GTIN = "gtin"
    SIBLING = "sibling"
    TITLE = "title"


SCORES = {Reason.EXACT_SKU: 100, Reason.NORMALISED_SKU: 95, Reason.GTIN: 90, Reason.SIBLING: 85}
WORDS: dict[Reason, Promise] = {
    Reason.EXACT_SKU: _("same seller SKU"),
    Reason.NORMALISED_SKU: _("seller SKU differs only in spelling"),
    Reason.GTIN: _("same GTIN"),
    Reason.SIBLING: _("another variation is linked to it"),
    Reason.TITLE: _("similar title"),
}


@dataclass(frozen=True)
class Unit:
    """The unit to be linked: a variation, or an item without variations."""

    pk: int
    seller_sku: str
    gtin: str
    title: str


@dataclass(frozen=True)
class Candidate:
    """A product that may be it. `is_sibling`: another unit of the same listing or user product is linked to it."""

    product_id: int
    sku: str
    name: str
    gtin: str
    is_sibling: bool = False


@dataclass(frozen=True)
class Suggestion:
    """`others` are the SKUs of products that fit equally well: then it is never accepted in bulk."""

    product_id: int
    sku: str
    name: str
    score: int
    reason: Reason
    others: tuple[str, ...] = ()

    @property
    def words(self) -> Promise:
        return WORDS[self.reason]

    @property
    def for_bulk(self) -> bool:
        return self.score >= BULK_FROM and not self.others


def normalised(code: str) -> str:
    """A SKU without case, spaces and punctuation. Leading zeros stay: they are part of it."""
    return NOISE.sub("", code.upper())


def judge(unit: Unit, candidate: Candidate) -> Suggestion | None:
    """How well one product fits, by the strongest reason; None where nothing speaks for it."""
    found = _reason(unit, candidate)
    if found is None:
        return None
    reason, score = found
    return Suggestion(candidate.product_id, candidate.sku, candidate.name, score, reason)


def best(unit: Unit, candidates: Iterable[Candidate]) -> Suggestion | None:
    """The product that fits best. Where several fit equally well, the first by SKU, naming the others."""
    judged = [found for one in candidates if (found := judge(unit, one)) is not None]
    if not judged:
        return None
    top = max(one.score for one in judged)
    first, *others = sorted({one for one in judged if one.score == top}, key=lambda one: one.sku)
    equal = tuple(one.sku for one in others) if first.reason is not Reason.TITLE else ()
    return Suggestion(first.product_id, first.sku, first.name, first.score, first.reason, equal)


def _reason(unit: Unit, candidate: Candidate) -> tuple[Reason, int] | None:
    for reason, holds in (
        (Reason.EXACT_SKU, bool(unit.seller_sku) and unit.seller_sku == candidate.sku),
        (Reason.NORMALISED_SKU, _same_normalised(unit.seller_sku, candidate.sku)),
        (Reason.GTIN, bool(unit.gtin) and unit.gtin == candidate.gtin),
        (Reason.SIBLING, candidate.is_sibling),
    ):
        if holds:
            return reason, SCORES[reason]
    similarity = fuzz.token_set_ratio(unit.title.casefold(), candidate.name.casefold())
    score = min(int(similarity * TITLE_MOST / 100), TITLE_MOST)
    return (Reason.TITLE, score) if score >= TITLE_FROM else None


def _same_normalised(seller_sku: str, sku: str) -> bool:
    return bool(normalised(seller_sku)) and normalised(seller_sku) == normalised(sku)
