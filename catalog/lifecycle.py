"""A listing's status in plain words, what to do about it, and what may be written to it. Pure tables."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

AUTOMATED_TAG = "dynamic_standard_price"
FROZEN_STATUSES = frozenset({"closed", "under_review", "inactive", "payment_required"})
FULL = "fulfillment"
# A listing whose variations ML moves to listings of their own: while it does, and afterwards.
MIGRATION_TAGS = ("variations_migration_pending", "variations_migration_source")


@dataclass(frozen=True)
class Words:
    """What a status means and what staff can do; `todo` is empty where there is nothing to do."""

    meaning: str | Promise
    todo: str | Promise = ""
    tone: str = "info"


# (status, sub_status) first, then (status, ""); the first sub_status that is known wins.
WORDS: dict[tuple[str, str], Words] = {
    ("active", ""): Words(_("For sale"), tone="ok"),
    ("active", "warning"): Words(
        _("For sale, but ML asks for a correction"),
        _("Correct it in Mercado Libre's panel within two days, or ML hides the listing."),
        "warn",
    ),
    ("paused", ""): Words(_("Paused"), _("Activate it in Mercado Libre's panel when it should be sold again."), "warn"),
    ("paused", "out_of_stock"): Words(
        _("Paused: no stock"), _("Nothing: ML shows it again as soon as stock is sent."), "warn"
    ),
    ("paused", "paused_by_seller"): Words(
        _("Paused by the seller"),
        _("Stock alone does not bring it back: activate it in Mercado Libre's panel."),
        "warn",
    ),
    ("paused", "picture_downloading_pending"): Words(
        _("Paused until ML has the pictures"), _("Wait; if it lasts, upload the pictures again."), "warn"
    ),
    ("under_review", ""): Words(_("Under review by ML"), _("Look at the reason in Mercado Libre's panel."), "bad"),
    ("under_review", "warning"): Words(
        _("Under review, still for sale"), _("Correct it in Mercado Libre's panel within two days."), "warn"
    ),
    ("under_review", "waiting_for_patch"): Words(
        _("Hidden until it is corrected"), _("Correct what ML names in its panel; the listing then comes back."), "bad"
    ),
    ("under_review", "held"): Words(
        _("Hidden: ML looks at it by hand"), _("Wait for ML's decision; nothing can be changed meanwhile."), "bad"
    ),
    ("under_review", "pending_documentation"): Words(
        _("Hidden until documents arrive"), _("Upload the documents in Mercado Libre's panel."), "bad"
    ),
    ("under_review", "forbidden"): Words(
        _("Removed by ML's moderation"), _("It cannot come back: delete it and publish what the rules allow."), "bad"
    ),
    ("closed", ""): Words(_("Closed for good"), _("Relist it at ML if it should be sold: it gets a new id."), "off"),
    ("closed", "expired"): Words(_("Closed: its time ran out"), _("Relist it at ML: it gets a new id."), "off"),
    ("closed", "deleted"): Words(_("Deleted"), tone="off"),
    ("closed", "suspended"): Words(_("Closed: suspended by ML"), _("Ask Mercado Libre for the reason."), "bad"),
    ("closed", "freezed"): Words(_("Closed: frozen by ML"), _("Ask Mercado Libre for the reason."), "bad"),
    ("payment_required", ""): Words(
        _("Waiting for the seller's payment"), _("Pay what the seller owes Mercado Libre."), "bad"
    ),
    ("inactive", ""): Words(
        _("Inactive: it was not corrected in time"), _("See the listings under review in Mercado Libre's panel."), "bad"
    ),
    ("not_yet_active", ""): Words(_("Not shown yet"), _("Nothing: ML is still preparing it."), "info"),
    ("programmed", ""): Words(_("Planned for later"), _("Nothing: it starts by itself."), "info"),
    ("pending", ""): Words(_("Waiting for ML"), _("Nothing: ML is still preparing it."), "info"),
}
GONE = Words(_("Gone: ML no longer has it"), _("Nothing, if it was deleted; otherwise look for its new id."), "off")


@dataclass(frozen=True)
class Permission:
    """Whether something may be written; `reason` says why not, in words for staff."""

    allowed: bool
    reason: str | Promise = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Permission(True)
SHAPE_CHANGED = _("Its shape changed at Mercado Libre: answer on the page Changed listings first.")


def words_for(status: str, sub_status: Collection[str] = (), *, missing: bool = False) -> Words:
    """The words of a status; one that ML invents tomorrow is shown as ML writes it."""
    if missing:
        return GONE
    known = (WORDS[status, one] for one in sub_status if (status, one) in WORDS)
    return next(known, WORDS.get((status, ""), Words(status.replace("_", " ").capitalize(), tone="warn")))


def words_of(listing: Any) -> Words:
    return words_for(listing.status, listing.sub_status, missing=listing.missing_since is not None)


def may_push_price(listing: Any) -> Permission:
    """Whether ML takes a price for this listing now; automation and promotions are `pricing.decide`'s matter."""
    if listing.missing_since is not None:
        return Permission(False, GONE.meaning)
    if listing.status in FROZEN_STATUSES:
        return Permission(False, words_of(listing).meaning)
    if listing.frozen_by:
        return Permission(False, SHAPE_CHANGED)
    return ALLOWED
