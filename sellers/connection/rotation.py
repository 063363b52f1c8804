"""Sealing what is stored again with the first key, so that an old key can be thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model, Q

from sellers.connection import crypto, grants, oauth
from sellers.models import Grant, OAuthFlow

BATCH = 100


@dataclass
class Rotated:
    """How many rows were sealed again, were already, and could not be opened with any key we have."""

    resealed: int = 0
    current: int = 0
    lost: int = 0


def rotate() -> Rotated:
    """Go through every sealed column in batches of their own transactions. Killed, it is simply run again."""
    done = Rotated()
    for model, fields in ((Grant, ("access_ct", "refresh_ct")), (OAuthFlow, ("verifier_ct", "pending_ct"))):
        last: object = None
        while keys := _next_keys(model, fields, last):
            with transaction.atomic():
                for row in model._default_manager.select_for_update().filter(pk__in=keys).order_by("pk"):
                    _reseal(row, fields, done)
            last = keys[-1]
    return done


def _next_keys(model: type[Model], fields: tuple[str, ...], last: object) -> list[Any]:
    sealed = Q()
    for field in fields:
        sealed |= Q(**{f"{field}__isnull": False})
    rows = model._default_manager.filter(sealed).order_by("pk")
    rows = rows if last is None else rows.filter(pk__gt=last)
    return list(rows.values_list("pk", flat=True)[:BATCH])


def _reseal(row: Model, fields: tuple[str, ...], done: Rotated) -> None:
    ring = crypto.ring()
    old = {field: blob for field in fields if (blob := getattr(row, field)) and not ring.is_current(blob)}
    if not old:
        done.current += 1
        return
    try:
        opened = {field: ring.open(blob, bound_to=_bound_to(row, field)) for field, blob in old.items()}
    except crypto.CannotOpen:
        done.lost += 1
        return
    for field, text in opened.items():
        setattr(row, field, ring.seal(text, bound_to=_bound_to(row, field)))
    if isinstance(row, Grant) and "refresh_ct" in opened:
        row.refresh_fingerprint = ring.fingerprint(opened["refresh_ct"])
    row.save()
    done.resealed += 1


def _bound_to(row: Model, field: str) -> str:
    if isinstance(row, Grant):
        return grants.bound_to(row.account_id, row.chain, row.generation, field)
    assert isinstance(row, OAuthFlow)
    return oauth.bound_to(row.state_hash, field)
