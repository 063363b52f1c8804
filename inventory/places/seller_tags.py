"""How a seller keeps stock at Mercado Libre, which changes that overnight: what says so, and reading it again."""

from __future__ import annotations

from mercadolibre import errors
from sellers.connection import oauth
from sellers.models import SellerAccount, Work
from sellers.points import point
from sellers.queue import work

# Mercado Libre's words for: this seller keeps stock otherwise than you think.
OTHERWISE = (
    "available_quantity is not updatable",
    "available_quantity.not_updatable",
    "the fields [available_quantity] are invalid",
    "the fields [stock_locations] are invalid",
    "the fields [stock_locations] are required",
    "cannot update selling address stock",
    "seller with a single warehouse",
    "not configured to be a stock location",
)


def says_otherwise(error: errors.MeliError) -> bool:
    """Whether a refusal means that the seller's tags have to be read again."""
    said = "\n".join(error.words()).lower()
    return any(phrase in said for phrase in OTHERWISE)


def doubt(account: SellerAccount) -> None:
    """Ask for a reading of the seller's tags, now: a write was refused, or answered yes without effect."""
    work.bump(account_id=account.pk, kind="seller_tags", key="")


def read_again(claim: work.Claim) -> None:
    """Read a seller's tags (work kind "seller_tags"). Where they changed, the write of everything is chosen anew: work
    kind "seller_changed" is asked for with what was read.
    """
    oauth.read_again(claim.account, source="a write that was refused or had no effect")
    point("tags.read")


def try_refused_again(account: SellerAccount) -> None:
    """What ML refused of a seller's stock is tried at once: how it is written, or to which store, has changed."""
    refused = Work.objects.filter(account=account, kind="stock", state=Work.State.DEAD)
    work.retry(refused.values_list("pk", flat=True))
