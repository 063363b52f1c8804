"""Changes of what listings are: found when a listing is saved, answered by staff, or settled by themselves.

While one that freezes is open nothing is written to the listing (`Listing.frozen_by`, kept by the database). The answer
is given once: a page that shows another proposal than there is now is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog import moves
from catalog.mapping import sku_mapping
from catalog.models import Listing, ShapeChange, SkuMapping, Variation
from catalog.moves import Move
from catalog.shapes.shapes import Change, Kind, Proposal, rule_of
from sellers.points import point

State = ShapeChange.State
MOST = 100  # of one page

# Open changes of which every unit that went is linked again, somewhere else of the same seller, to the same thing; or
# that came back; and of listings that only seemed to have ended. What ML is still taking apart, and any other listing
# that has not ended, is not done. For a unit that went from a listing that goes on, the other is one of that listing or
# was linked since: one that is merely like it may have been there before.
DONE = """
select found.id, found.listing_id,
       (found.kind = 'relisted' and listing.status <> 'closed' and listing.missing_since is null) as came_back
  from catalog_shapechange found join catalog_listing listing on listing.id = found.listing_id
 where found.state = 'open'
   and found.kind in ('migrated', 'flattened', 'variations_gone', 'relisted')
   and (found.kind in ('flattened', 'variations_gone')
        or listing.status = 'closed' or listing.missing_since is not null
        or (found.kind = 'relisted' and found.after ? 'seems'))
   and ((found.kind = 'relisted' and listing.status <> 'closed' and listing.missing_since is null) or not exists (
     select from catalog_variation old join catalog_skumapping was on was.variation_id = old.id
      where old.listing_id = listing.id
        and (old.gone_at is not null or listing.status = 'closed' or listing.missing_since is not null)
        and not exists (
          select from catalog_skumapping now_is join catalog_variation new on new.id = now_is.variation_id
            join catalog_listing there on there.id = new.listing_id
           where now_is.product_id = was.product_id and now_is.units = was.units and new.id <> old.id
             and there.account_id = listing.account_id and new.gone_at is null
             and there.status <> 'closed' and there.missing_since is null
             and (found.kind not in ('flattened', 'variations_gone')
                  or new.listing_id = old.listing_id or now_is.created_at >= found.found_at)
             and ((new.user_product_id = old.user_product_id and old.user_product_id <> '')
                  or (new.seller_sku = old.seller_sku and old.seller_sku <> '') or new.listing_id = old.listing_id
                  or there.item_id = found.after ->> 'item_id'))))
"""
# Listings are locked before their changes, as where they are saved; one that somebody holds just now is settled the
# next time.
SETTLED = f"""
with done as materialized ({DONE} and listing.id = any(%s) for update of listing skip locked)
update catalog_shapechange as found set state = 'settled', closed_at = now(),
       after = case when came_back then found.after || '{{"came_back": true}}' else found.after end
  from done where found.id = done.id and found.state = 'open' returning found.listing_id
"""  # noqa: S608  no outside words in it


class Answered(Exception):
    """Somebody has answered already."""


class Stale(Exception):
    """What is proposed now is not what the page showed."""


@dataclass(frozen=True)
class Open:
    """A change that waits for an answer, with what is proposed. `seen` names exactly that."""

    change: ShapeChange
    moves: Sequence[Move]

    @property
    def proposal(self) -> Proposal:
        return rule_of(self.change.kind).proposal

    @property
    def seen(self) -> str:
        told = [self.change.pk, self.change.state, sorted(self.change.after.items())]
        links = [(one.new.pk, one.old.pk, one.link.product_id, one.link.units) for one in self.moves]
        return hashlib.sha256(repr((told, sorted(links))).encode()).hexdigest()[:16]


# --- found -----------------------------------------------------------------------------------------------------------


def note(found: Iterable[tuple[int, Change]]) -> None:
    """Write down what became of listings, by (listing id, change); what needs nobody is history at once.

    The same again while it is open does nothing.
    """
    now, rows = timezone.now(), []
    for listing_id, change in found:
        rule = rule_of(change.kind)
        row = ShapeChange(
            listing_id=listing_id,
            kind=change.kind,
            freezes=rule.freezes,
            before=dict(change.before),
            after=dict(change.after),
            found_at=now,
        )
        if not rule.needs_person:
            row.state, row.closed_at = State.SETTLED, now
        rows.append(row)
    ShapeChange.objects.bulk_create(rows, ignore_conflicts=True)


def note_successors(account_id: int) -> None:
    """Open a change for every listing that ended and whose links could follow it, unless one is open or this very
    successor was answered or settled before. One query where nothing is proposed, four otherwise."""
    proposed = moves.pairs(account_id)
    if not proposed:
        return
    news = dict(_item_ids([new for new, _old, _sign in proposed]))
    olds = Variation.objects.filter(pk__in=[old for _new, old, _sign in proposed])
    of_listing = dict(olds.values_list("pk", "listing_id"))
    busy, told = _told_of(of_listing.values())
    found = {
        of_listing[old]: Change(Kind.RELISTED, {}, {"seems": news[new]})
        for new, old, _sign in proposed
        if of_listing[old] not in busy and (of_listing[old], news[new]) not in told
    }
    note(found.items())


def _told_of(listing_ids: Iterable[int]) -> tuple[set[int], set[tuple[int, str]]]:
    """Listings of which a change is open, and those whose successor (item id) was dealt with; not where the listing
    came back meanwhile: if it ends again, that is news."""
    rows = ShapeChange.objects.filter(listing__in=list(listing_ids)).filter(Q(state=State.OPEN) | Q(kind=Kind.RELISTED))
    found = list(rows.values_list("listing_id", "state", "after"))
    told = {(pk, after.get("seems", "")) for pk, _state, after in found if "came_back" not in after}
    return {pk for pk, state, _after in found if state == State.OPEN}, told


def _item_ids(unit_ids: Sequence[int]) -> Iterable[tuple[int, str]]:
    return Variation.objects.filter(pk__in=unit_ids).values_list("pk", "listing__item_id")


def note_relisted(pairs: dict[str, str]) -> None:
    """Open a change for linked listings that ML says were relisted: old item id -> new one."""
    linked = Listing.objects.filter(item_id__in=pairs, variations__mapping__isnull=False).distinct()
    rows = linked.values_list("pk", "item_id")
    note((pk, Change(Kind.RELISTED, {"item_id": item_id}, {"item_id": pairs[item_id]})) for pk, item_id in rows)


@transaction.atomic
def settle() -> int:
    """Close what needs no answer any more: every link has a successor; stock and price of its listings are wanted anew
    with it. One query where there is none. Returns how many.

    Work is locked before listings: who completes work on a listing and then saves it must not wait for us while we wait
    for it. What is asked for one that somebody holds just now is asked for in vain.
    """
    with connection.cursor() as cursor:
        cursor.execute(DONE)
        listings = {listing_id for _pk, listing_id, _came_back in cursor.fetchall()}
        if not listings:
            return 0
        _go_on(listings)
        point("shapes.asked")
        cursor.execute(SETTLED, [list(listings)])
        return len({listing_id for (listing_id,) in cursor.fetchall()})


# --- shown -----------------------------------------------------------------------------------------------------------


def open_changes() -> QuerySet[ShapeChange]:
    return ShapeChange.objects.filter(state=State.OPEN)


def waiting(*, limit: int = MOST) -> list[Open]:
    """The open changes, those that freeze first, with what is proposed. Three queries."""
    rows = open_changes().select_related("listing__account").defer("listing__raw")
    return _with_moves(list(rows.order_by("-freezes", "found_at", "pk")[:limit]))


def _with_moves(rows: Sequence[ShapeChange], account_id: int | None = None) -> list[Open]:
    by_listing: dict[int, list[Move]] = {row.listing_id: [] for row in rows}
    if by_listing:
        for one in moves.proposals(account_id):
            by_listing.get(one.old.listing_id, []).append(one)
    # The moves of a listing belong to one of its changes: the first that proposes any.
    found = []
    for row in rows:
        takes = rule_of(row.kind).proposal is Proposal.MOVE
        found.append(Open(row, by_listing.pop(row.listing_id, []) if takes else []))
    return found


def history(*, limit: int = 30) -> QuerySet[ShapeChange]:
    """The last that were answered or settled, newest first."""
    closed = ShapeChange.objects.exclude(state=State.OPEN).select_related("listing__account", "closed_by")
    return closed.defer("listing__raw").order_by("-closed_at", "-pk")[:limit]


# --- answered --------------------------------------------------------------------------------------------------------


def answer(pk: int, *, seen: str, apply: bool, by: Any) -> int:
    """Apply what is proposed, or only say that somebody looked. Returns how many links changed; pushes go on after it.

    Raises Answered, Stale where `seen` is not what is proposed now, and MappingRefused.
    """
    with sku_mapping.recorded(how="changed listing", by=by):
        listings = Listing.objects.select_for_update(no_key=True).filter(shape_changes=pk)
        account_id = next(iter(listings.values_list("account_id", flat=True)), None)
        row = ShapeChange.objects.select_for_update().filter(pk=pk).first()
        if row is None or row.state != State.OPEN:
            raise Answered
        (found,) = _with_moves([row], account_id)
        if found.seen != seen:
            raise Stale
        row.done = _apply(found, by) if apply else []
        point("shape.applied")
        row.state = State.APPLIED if row.done else State.CONFIRMED
        row.closed_at, row.closed_by = timezone.now(), by
        row.save(update_fields=["done", "state", "closed_at", "closed_by"])
        _go_on([row.listing_id])
    return len(row.done)


def _apply(found: Open, by: Any) -> list[dict[str, Any]]:
    if found.proposal is Proposal.UNLINK:
        links = SkuMapping.objects.filter(variation__listing=found.change.listing_id)
        gone = list(links.select_related("variation__listing", "product"))
        sku_mapping.unlink(variation_ids=[one.variation_id for one in gone], by=by)
        return [_told(str(one.variation), "", one) for one in gone]
    sku_mapping.link_many(
        [
            sku_mapping.Link(one.new.pk, one.link.product_id, one.link.units, SkuMapping.Source.ACCEPTED)
            for one in found.moves
        ],
        by=by,
    )
    return [_told(str(one.old), str(one.new), one.link) for one in found.moves]


def _told(old: str, new: str, link: SkuMapping) -> dict[str, Any]:
    return {"old": old, "new": new, "sku": link.product.sku, "units": link.units}


def _go_on(listing_ids: Iterable[int]) -> None:
    """Stock and price of the listings are wanted anew: nothing was sent meanwhile."""
    linked = Variation.objects.filter(listing__in=listing_ids, mapping__isnull=False, gone_at=None)
    linked = linked.filter(listing__missing_since=None).exclude(listing__status="closed")
    sku_mapping.ask_for_effects(list(linked.values_list("pk", flat=True)))
