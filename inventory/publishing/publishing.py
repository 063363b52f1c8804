"""Publishing a listing of a seller who keeps stock by warehouse: once, and linked to its product at once.

It is written down before anything is sent, under the operation of its form: a second click finds it. Listings that
carry the SKU already are noted before the one POST; where no answer comes, the one that carries it and was not there
before is the one that was made. What cannot be read afterwards is read later, and links itself by its SKU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from catalog.imports import storing
from catalog.mapping import sku_mapping
from catalog.models import Product, SkuMapping, Variation
from inventory.models import Publication, SellerWarehouse
from inventory.publishing.descriptions import describe, describe_or_later
from inventory.targets import words
from mercadolibre import errors
from mercadolibre.client import Client
from mercadolibre.publishing import NewListing
from mercadolibre.resources.stock import SELLER_WAREHOUSE, StockLocation
from mercadolibre.sites import SITES
from sellers import clock
from sellers.connection.clients import client_for
from sellers.models import SellerAccount
from sellers.points import point
from sellers.queue import work
from sellers.queue.outcomes import TryLater
from ui.stored import stored, together

State = Publication.State
PATIENCE = timedelta(minutes=1)  # in which a new listing surely shows in ML's search
LOOK_AGAIN = timedelta(minutes=5)
GIVEN_UP = timedelta(hours=2)
SAME_SKU = 50


@dataclass(frozen=True)
class Draft:
    """What staff entered. `quantities` is units by ML's store, `attributes` values by ML's id of the attribute."""

    product: Product
    name: str
    category_id: str
    price: Decimal
    listing_type_id: str
    quantities: Mapping[str, int]
    condition: str = "new"
    pictures: Sequence[str] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    catalog_product_id: str = ""
    description: str = ""

    def listing(self, account: SellerAccount, nodes: Mapping[str, str]) -> NewListing:
        """For ML. Raises ValueError for what it is known to refuse."""
        by_family = "user_product_seller" in account.tags
        places = [
            StockLocation(SELLER_WAREHOUSE, units, store_id, nodes.get(store_id) or None)
            for store_id, units in self.quantities.items()
        ]
        return NewListing(
            category_id=self.category_id,
            price=self.price,
            currency_id=SITES[account.site_id].currency_id,
            listing_type_id=self.listing_type_id,
            locations=places,
            title="" if by_family else self.name,
            family_name=self.name if by_family else "",
            condition=self.condition,
            pictures=self.pictures,
            attributes={**self.attributes, "SELLER_SKU": self.product.sku},
            catalog_product_id=self.catalog_product_id or None,
        )


def publish(account: SellerAccount, draft: Draft, *, operation: UUID, by: Any) -> Publication:
    """Publish, unless this operation did. Look at the state of what is returned: no answer may have come.

    Raises what ML said no with, TryLater, and ValueError for what it is known to refuse; then nothing was published,
    and the same operation may be tried again.
    """
    listing = draft.listing(account, _nodes(account))
    says = {
        "name": draft.name,
        "entered": _plain(listing.body()),
        "description": draft.description,
        "product": draft.product,
        "created_by": by,
    }
    publication, is_ours = _written_down(account, operation, says)
    point("publish.written")
    if not is_ours:
        look_for(publication)
        is_ours = _taken_up(publication, says)
        point("publish.taken_up")
    if is_ours:
        _send(client_for(account), publication, listing)
    if publication.state == State.PUBLISHED:
        point("publish.before_take_in")
        take_in(publication)
        describe_or_later(publication)
    return publication


@transaction.atomic
def _written_down(account: SellerAccount, operation: UUID, says: Mapping[str, Any]) -> tuple[Publication, bool]:
    """The publication, and whether it is new; then somebody looks later what became of it, whatever happens here."""
    publication, is_new = Publication.objects.get_or_create(
        operation=operation, defaults={**says, "account": account, "sent_at": clock.now()}
    )
    if is_new:
        _follow_later(publication)
    return publication, is_new


def _follow_later(publication: Publication) -> None:
    key = str(publication.pk)
    work.bump(account_id=publication.account_id, kind="publication", key=key, delay=2 * PATIENCE)


@transaction.atomic
def _taken_up(publication: Publication, says: Mapping[str, Any]) -> bool:
    """Whether the caller is to send it again, and nobody else: it was refused, or surely was not made. Then somebody
    looks later what became of it, as the first time."""
    now = clock.now()
    not_made = Q(state=State.UNKNOWN, sent_at__lt=now - PATIENCE)
    again = Publication.objects.filter(Q(state=State.REFUSED) | not_made, pk=publication.pk)
    is_ours = bool(again.update(**says, state=State.SENDING, sent_at=now, explanation=""))
    if is_ours:
        _follow_later(publication)
    publication.refresh_from_db()
    return is_ours


def _plain(value: Any) -> Any:
    """As JSON keeps it."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Decimal) else value


def _nodes(account: SellerAccount) -> dict[str, str]:
    links = SellerWarehouse.objects.filter(account=account).exclude(store_id="")
    return dict(links.values_list("store_id", "network_node_id"))


def _send(client: Client, publication: Publication, listing: NewListing) -> None:
    try:
        publication.skus_before = _with_sku(client, publication)
        publication.save(update_fields=["skus_before"])
        point("publish.before_post")
        made = client.publish(listing)
        point("publish.after_post")
    except errors.MeliError as error:
        told = errors.explain(error)
        why = together(told.meaning, told.todo, str(error))
        if error.outcome_unknown and error.request.startswith("POST"):
            _end(publication, State.UNKNOWN, why)
            return
        _end(publication, State.REFUSED, why)
        raise
    except TryLater as later:
        _end(publication, State.REFUSED, str(later))
        raise
    publication.item_id, publication.user_product_id = made.item_id, made.user_product_id or ""
    _end(publication, State.PUBLISHED, "")


def _end(publication: Publication, state: str, explanation: str) -> None:
    publication.state, publication.explanation = state, explanation
    publication.save(update_fields=["state", "explanation", "item_id", "user_product_id"])


def _with_sku(client: Client, publication: Publication) -> list[str]:
    sku = publication.product.sku
    return list(client.search_items(publication.account.ml_user_id, seller_sku=sku, limit=SAME_SKU).ids)


def look_for(publication: Publication) -> None:
    """Find out at ML what became of a publication that was not answered. Raises what the client raises."""
    if publication.state not in (State.UNKNOWN, State.SENDING):
        return
    if publication.state == State.SENDING and not _is_old(publication):
        return  # another click is sending it
    found = _with_sku(client_for(publication.account), publication)
    taken = Publication.objects.filter(item_id__in=found).values_list("item_id", flat=True)
    new = set(found) - set(publication.skus_before) - set(taken)
    if len(new) == 1:
        publication.item_id = new.pop()
        _end(publication, State.PUBLISHED, "")
    else:
        _end(publication, State.UNKNOWN, stored(words.NOT_ANSWERED))


def follow(claim: work.Claim) -> None:
    """Look what became of a publication that nobody waits for any more, and send its description if that is still to be
    done (work kind "publication", key: operation).
    """
    publication = Publication.objects.select_related("account", "product").get(pk=claim.key)
    look_for(publication)
    if (
        publication.state == State.PUBLISHED
        and not Variation.objects.filter(listing__item_id=publication.item_id, mapping__isnull=False).exists()
    ):
        take_in(publication)
    describe(publication)
    lately = publication.sent_at is not None and clock.now() - publication.sent_at < GIVEN_UP
    if publication.state in (State.UNKNOWN, State.SENDING) and lately:
        raise TryLater("Mercado Libre does not show the new listing yet.", LOOK_AGAIN)


def _is_old(publication: Publication) -> bool:
    return publication.sent_at is not None and clock.now() - publication.sent_at > PATIENCE


def take_in(publication: Publication) -> None:
    """Read the new listing, save it and link it. Repeating is harmless; what cannot be read now is read later."""
    account = publication.account
    try:
        item = client_for(account).item(publication.item_id)
    except (errors.MeliError, TryLater):
        work.bump(account_id=account.pk, kind="item", key=publication.item_id)
        return
    storing.save_items(account, [item], clock.now())
    point("publish.saved")
    unlinked = Variation.objects.filter(listing__item_id=publication.item_id, mapping=None, gone_at=None)
    sku_mapping.link(
        variation_ids=unlinked.values_list("pk", flat=True),
        product=publication.product,
        source=SkuMapping.Source.TYPED,
        by=publication.created_by,
    )
