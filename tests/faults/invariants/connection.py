"""Tokens, and whose token a call carried."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from sandbox.ids import fingerprint
from sellers.connection import grants
from sellers.models import Grant, RefreshAttempt, SellerAccount
from tests.faults.invariants.look import Look


def tokens_are_a_chain(look: Look) -> Iterator[str]:
    history = [one for one in look.made.look("tokens")["history"] if one["grant_type"] == "refresh_token"]
    presented = Counter(one["presented"] for one in history)
    if often := [name for name, times in presented.items() if times > 2]:
        yield f"refresh tokens presented more than twice: {often}"
    refused = sum(one["outcome"] != "granted" for one in history)
    if refused > look.reconnects:
        yield f"{refused} refresh tokens were refused, {look.reconnects} were to be"
    last = {one["user_id"]: one["issued"] for one in history if one["issued"]}
    for grant in Grant.objects.filter(state="current").select_related("account"):
        issued = last.get(grant.account.ml_user_id)
        if issued and issued != fingerprint(grants.refresh_token(grant)):
            yield f"seller {grant.account_id}: the pair we keep is not the last one issued"


def sellers_are_connected(look: Look) -> Iterator[str]:
    away = SellerAccount.objects.filter(status="needs_reconnect").count()
    if away != look.reconnects:
        yield f"{away} sellers have to connect again, {look.reconnects} were to"
    if open_ones := RefreshAttempt.objects.filter(outcome="pending").count():
        yield f"{open_ones} refreshes are said to be under way"
    if len(set(chains())) != len(chains()):
        yield "two refreshes of one seller at the same time"


def chains() -> list[tuple[int, int, int]]:
    return list(Grant.objects.values_list("account", "chain", "generation"))


OWNED = re.compile(r"/(?:marketplace/)?(items|orders|shipments)/([A-Z]{0,3}\d+)(?:/.*)?")


def no_call_for_what_is_anothers(look: Look) -> Iterator[str]:
    parents = {one["user_id"]: one["parent_id"] or one["user_id"] for one in look.made.look("state")["sellers"]}
    parcels = {one["shipment_id"]: one["seller_id"] for one in look.orders.values()}
    for line in look.requests:
        found = OWNED.fullmatch(line["path"])
        if not found or line["status"] not in (200, 201, 206):
            continue
        owner = owner_of(look, parcels, found[1], found[2])
        if owner is not None and parents.get(owner) != parents.get(line["user_id"]):
            yield f"{line['method']} {line['path']} carried the token of {line['user_id']}, it is of {owner}"


def owner_of(look: Look, parcels: dict[int, int], kind: str, key: str) -> int | None:
    match kind:
        case "items":
            found: int | None = look.items.get(key, {}).get("seller_id")
        case "orders":
            found = look.orders.get(int(key), {}).get("seller_id")
        case _:
            found = parcels.get(int(key))
    return found
