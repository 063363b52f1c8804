"""Sellers as commands name them."""

from __future__ import annotations

from django.core.management.base import CommandError

from sellers.models import SellerAccount


def seller_named(nickname: str) -> SellerAccount:
    """Raises CommandError, naming the sellers there are."""
    found = list(SellerAccount.objects.filter(nickname=nickname)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(f"There are several sellers called {nickname}.")
    known = ", ".join(SellerAccount.objects.values_list("nickname", flat=True)) or "none yet"
    raise CommandError(f"There is no seller {nickname}; there are: {known}.")
