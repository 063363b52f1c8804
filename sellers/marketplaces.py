"""The numbers that sellers of Global Selling have on the marketplaces where they sell."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from mercadolibre.client import Client, GlobalClient
from mercadolibre.resources.marketplaces import MarketplaceAccount as Found
from sellers.models import MarketplaceAccount, SellerAccount


def asked(client: Client, ml_user_id: int) -> tuple[Found, ...]:
    """What ML says about a seller's marketplaces; none for a seller of one country, who is not asked about."""
    return client.marketplaces(ml_user_id) if isinstance(client, GlobalClient) else ()


def read(account: SellerAccount, client: Client) -> bool:
    """Ask ML where a seller sells, and remember it. Returns whether that is news; raises what the client raises."""
    return remember(account, asked(client, account.ml_user_id))


def remember(account: SellerAccount, found: Iterable[Found]) -> bool:
    """Store a seller's numbers. Returns whether any is new or changed. Those that ML no longer names are kept."""
    rows = [
        MarketplaceAccount(
            account=account,
            ml_user_id=one.user_id,
            site_id=one.site_id[:3],
            logistic_type=one.logistic_type[:30],
            read_at=timezone.now(),
        )
        for one in found
    ]
    if not rows:
        return False
    before = set(account.marketplaces.values_list("ml_user_id", "site_id", "logistic_type"))
    MarketplaceAccount.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["ml_user_id"],
        update_fields=["account", "site_id", "logistic_type", "read_at"],
    )
    vars(account).pop("user_ids", None)  # what was read before
    return not before >= {(one.ml_user_id, one.site_id, one.logistic_type) for one in rows}


def owns(account: SellerAccount, user_id: int | None, client: Client) -> bool:
    """Whether a number is the seller's. One that nobody knows is asked for once: a marketplace may be new."""
    if user_id in account.user_ids:
        return True
    return account.is_global and read(account, client) and user_id in account.user_ids


def accounts_by_number() -> dict[int, int]:
    """Our ids of the sellers that are not disconnected, by each of their numbers. Two queries."""
    present = SellerAccount.objects.exclude(status=SellerAccount.Status.DISCONNECTED)
    own = present.values_list("ml_user_id", "pk")
    there = MarketplaceAccount.objects.filter(account__in=present).values_list("ml_user_id", "account_id")
    return dict(there) | dict(own)
