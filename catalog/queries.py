"""What the catalog's pages show, in a fixed number of queries."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, Lag, Upper
from django.utils.translation import gettext as _

from catalog.mapping import suggestions
from catalog.models import KitComponent, Listing, Product, SkuMapping, Variation, normalised

COUNTED = 10_001
NAMED_MOST = 1_000
OPTIONS = 12
TITLE_CANDIDATES = 3
HISTORY = 50
CLOSED = "closed"

# Products that a unit's SKU, GTIN, siblings or user product point at: unit, product, sku, name, gtin, whether sibling.
CANDIDATES = """
with unit as (
  select * from unnest(%(ids)s::bigint[], %(codes)s::text[], %(plain)s::text[], %(gtins)s::text[])
    as u(id, code, plain, gtin))
select unit.id, p.id, p.sku, p.name, p.gtin, false from unit join catalog_product p on p.sku = unit.code
union
select unit.id, p.id, p.sku, p.name, p.gtin, false from unit
  join catalog_product p on regexp_replace(upper(p.sku), '[^A-Z0-9]', '', 'g') = unit.plain where unit.plain <> ''
union
select unit.id, p.id, p.sku, p.name, p.gtin, false from unit
  join catalog_product p on p.gtin = unit.gtin and p.gtin <> '' where unit.gtin <> ''
union
select unit.id, p.id, p.sku, p.name, p.gtin, true from unit
  join catalog_variation own on own.id = unit.id
  join catalog_variation twin on twin.listing_id = own.listing_id and twin.id <> own.id
  join catalog_skumapping m on m.variation_id = twin.id join catalog_product p on p.id = m.product_id
union
select unit.id, p.id, p.sku, p.name, p.gtin, true from unit
  join catalog_variation own on own.id = unit.id
  join catalog_variation twin
    on twin.user_product_id = own.user_product_id and twin.user_product_id <> '' and twin.id <> own.id
  join catalog_skumapping m on m.variation_id = twin.id join catalog_product p on p.id = m.product_id
"""
SIMILAR_TITLES = """
select unit.id, p.id, p.sku, p.name, p.gtin, false
  from unnest(%(ids)s::bigint[], %(titles)s::text[]) as unit(id, title)
 cross join lateral (
   select * from catalog_product where upper(name) %% upper(unit.title)
    order by similarity(upper(name), upper(unit.title)) desc, sku limit %(most)s) p
"""


def units() -> QuerySet[Variation]:
    """Every sellable unit with what the mapping page shows of it, best sold first."""
    rows = Variation.objects.select_related("listing__account", "mapping__product", "mapping__created_by")
    return rows.defer("listing__raw").order_by("-sold_quantity", "pk")


def to_map(rows: QuerySet[Variation]) -> QuerySet[Variation]:
    """Unlinked units that can still be sold. A Global Selling item's listings on marketplaces follow the item."""
    alive = rows.filter(mapping__isnull=True, ignored=False, gone_at__isnull=True, listing__missing_since__isnull=True)
    alive = alive.filter(listing__parent_item__isnull=True)
    return alive.exclude(listing__status=CLOSED)


def mapped(rows: QuerySet[Variation]) -> QuerySet[Variation]:
    return rows.filter(mapping__isnull=False)


def ignored(rows: QuerySet[Variation]) -> QuerySet[Variation]:
    return rows.filter(ignored=True, mapping__isnull=True)


def in_conflict(rows: QuerySet[Variation]) -> QuerySet[Variation]:
    """Links that contradict a seller SKU: one SKU linked to two products, or linked away from the product it names."""
    rows = rows.filter(mapping__isnull=False).exclude(seller_sku="")
    return rows.annotate(
        sku_names_another=Exists(
            Product.objects.filter(sku=OuterRef("seller_sku")).exclude(pk=OuterRef("mapping__product"))
        ),
        sku_linked_twice=Exists(
            SkuMapping.objects.annotate(code=Upper("variation__seller_sku"))
            .filter(code=Upper(OuterRef("seller_sku")), variation__seller_sku=OuterRef("seller_sku"))
            .filter(variation__listing__account=OuterRef("listing__account"))
            .exclude(product=OuterRef("mapping__product"))
        ),
    ).filter(Q(sku_names_another=True) | Q(sku_linked_twice=True))


TABS = {"": to_map, "mapped": mapped, "ignored": ignored, "conflicts": in_conflict}


def tab_counts() -> dict[str, int]:
    """How many units each tab holds, counted up to a little above ten thousand."""
    rows = Variation.objects.order_by()
    return {name: narrow(rows)[:COUNTED].count() for name, narrow in TABS.items()}


def narrowed(rows: QuerySet[Variation], wanted: Mapping[str, Any]) -> QuerySet[Variation]:
    """Units by the mapping page's filters: `q`, `seller` (an account's key), `status`, `sku` ("yes" or "no")."""
    if seller := wanted.get("seller"):
        rows = rows.filter(listing__account=int(seller)) if str(seller).isdecimal() else rows.none()
    if status := wanted.get("status"):
        rows = rows.filter(listing__status=status)
    if wanted.get("sku") in ("yes", "no"):
        rows = rows.filter(seller_sku="") if wanted["sku"] == "no" else rows.exclude(seller_sku="")
    return found_by(rows, (wanted.get("q") or "").strip())


def found_by(rows: QuerySet[Variation], words: str) -> QuerySet[Variation]:
    """Units that `words` names exactly (item, SKU, GTIN, user product), or else whose title holds them."""
    if not words:
        return rows
    if named := _named(words):
        return rows.filter(pk__in=named)
    return rows.filter(listing__in=Listing.objects.filter(title__icontains=words).values("pk"))


def _named(words: str) -> list[int]:
    """Keys of the units whose id or code this is; each way has its own index."""
    code = words.upper()
    every = Variation.objects.order_by()
    ways = [
        every.annotate(code=Upper("seller_sku")).filter(code=code),
        every.filter(listing__in=Listing.objects.filter(item_id=code).values("pk")),
        every.filter(gtin=words).exclude(gtin=""),
        every.filter(user_product_id=code).exclude(user_product_id=""),
        every.filter(mapping__product__in=Product.objects.annotate(code=Upper("sku")).filter(code=code).values("pk")),
    ]
    first, *others = (way.values_list("pk", flat=True) for way in ways)
    return list(first.union(*others)[:NAMED_MOST])


def suggestions_for(rows: Collection[Variation], *, by_title: bool = True) -> dict[int, suggestions.Suggestion]:
    """The best suggestion for each unit that has one, in one query, or two with similar titles."""
    wanted = {
        row.pk: suggestions.Unit(row.pk, row.seller_sku, row.gtin, f"{row.listing.title} {row.attributes_text}".strip())
        for row in rows
    }
    found = _best(wanted, _candidates(list(wanted.values())))
    if by_title:
        without = [unit for pk, unit in wanted.items() if pk not in found]
        found |= _best(wanted, _similar_titles(without))
    return found


def _best(
    wanted: Mapping[int, suggestions.Unit], candidates: Iterable[tuple[int, suggestions.Candidate]]
) -> dict[int, suggestions.Suggestion]:
    by_unit: dict[int, list[suggestions.Candidate]] = {}
    for pk, candidate in candidates:
        by_unit.setdefault(pk, []).append(candidate)
    judged = {pk: suggestions.best(wanted[pk], found) for pk, found in by_unit.items()}
    return {pk: one for pk, one in judged.items() if one is not None}


def _candidates(wanted: Collection[suggestions.Unit]) -> list[tuple[int, suggestions.Candidate]]:
    return _rows(
        CANDIDATES,
        {
            "ids": [unit.pk for unit in wanted],
            "codes": [unit.seller_sku for unit in wanted],
            "plain": [suggestions.normalised(unit.seller_sku) for unit in wanted],
            "gtins": [unit.gtin for unit in wanted],
        },
    )


def _similar_titles(wanted: Collection[suggestions.Unit]) -> list[tuple[int, suggestions.Candidate]]:
    ids, titles = [unit.pk for unit in wanted], [unit.title for unit in wanted]
    return _rows(SIMILAR_TITLES, {"ids": ids, "titles": titles, "most": TITLE_CANDIDATES})


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[int, suggestions.Candidate]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [(row[0], suggestions.Candidate(*row[1:])) for row in cursor.fetchall()]


def product_options(words: str) -> list[Product]:
    """Products for a combobox: by SKU first, then by name."""
    words = words.strip()
    if not words:
        return list(Product.objects.order_by("sku")[:OPTIONS])
    coded = Product.objects.annotate(code=Upper("sku")).filter(code__startswith=words.upper()).order_by("sku")
    found: list[Product] = list(coded[:OPTIONS])
    if len(found) < OPTIONS:
        named = Product.objects.filter(name__icontains=words).exclude(pk__in=[one.pk for one in found]).order_by("sku")
        found += named[: OPTIONS - len(found)]
    return found


def product_named(sku: str) -> Product | None:
    """The product of a SKU as typed: exactly, or else the only one that differs in case or punctuation alone."""
    exact = Product.objects.filter(sku=sku).first()
    if exact is not None or not suggestions.normalised(sku):
        return exact
    alike = Product.objects.annotate(plain=normalised("sku")).filter(plain=suggestions.normalised(sku))[:2]
    return alike[0] if len(alike) == 1 else None


def products() -> QuerySet[Product]:
    """Products with how many units are linked to each, and of how many components each kit consists."""
    links = SkuMapping.objects.filter(product=OuterRef("pk")).order_by().values("product").annotate(many=Count("pk"))
    parts = KitComponent.objects.filter(kit=OuterRef("pk")).order_by().values("kit").annotate(many=Count("pk"))
    rows = Product.objects.annotate(
        links=Coalesce(Subquery(links.values("many")), 0), parts=Coalesce(Subquery(parts.values("many")), 0)
    )
    return rows.order_by("sku")


def narrowed_products(rows: QuerySet[Product], words: str, linked: str, kit: str = "") -> QuerySet[Product]:
    if kit in ("yes", "no"):
        is_kit = Exists(KitComponent.objects.filter(kit=OuterRef("pk")))
        rows = rows.filter(is_kit if kit == "yes" else ~is_kit)
    if linked in ("yes", "no"):
        has_link = Exists(SkuMapping.objects.filter(product=OuterRef("pk")))
        rows = rows.filter(has_link if linked == "yes" else ~has_link)
    words = words.strip()
    if not words:
        return rows
    coded = Product.objects.annotate(code=Upper("sku")).filter(code__startswith=words.upper()).values("pk")
    named = Product.objects.filter(Q(name__icontains=words) | Q(gtin=words)).values("pk")
    return rows.filter(Q(pk__in=coded) | Q(pk__in=named))


def priced_listings() -> QuerySet[Listing]:
    """Listings with their seller and wanted price, best sold first."""
    rows = Listing.objects.select_related("account", "price_target").defer("raw")
    return rows.exclude(status=CLOSED).filter(missing_since=None).order_by("-sold_quantity", "pk")


def narrowed_prices(rows: QuerySet[Listing], wanted: Mapping[str, Any]) -> QuerySet[Listing]:
    """Listings by the price page's filters: `q`, `seller`, `state`, `own` ("yes" or "no")."""
    if seller := wanted.get("seller"):
        rows = rows.filter(account=int(seller))
    if state := wanted.get("state"):
        rows = rows.filter(price_target__state=state)
    if wanted.get("own") in ("yes", "no"):
        rows = rows.filter(own_price__isnull=wanted["own"] == "no")
    words = (wanted.get("q") or "").strip()
    if not words:
        return rows
    if named := _named(words):
        return rows.filter(variations__in=named).distinct()
    return rows.filter(title__icontains=words)


def linked_skus(listing_ids: Collection[int]) -> dict[int, list[str]]:
    """The SKUs a listing sells, by listing, each once."""
    rows = SkuMapping.objects.filter(variation__listing__in=listing_ids, variation__gone_at=None)
    found: dict[int, list[str]] = {}
    pairs = rows.order_by("product__sku").values_list("variation__listing_id", "product__sku").distinct()
    for listing_id, sku in pairs:
        found.setdefault(listing_id, []).append(sku)
    return found


def link_history(variation_id: int) -> list[Any]:
    """What happened to a unit's link, newest first; `who` is the name of who did it."""
    events: Any = SkuMapping.pgh_event_model  # type: ignore[attr-defined]
    history = events.objects.filter(variation=variation_id).select_related("product", "pgh_context")
    return named_actors(history.order_by("-pgh_id")[:HISTORY])


def kit_rows() -> QuerySet[KitComponent]:
    """What every kit consists of, a row for each component: one query."""
    return KitComponent.objects.select_related("kit", "component").order_by("kit__sku", "component__sku")


def narrowed_kits(rows: QuerySet[KitComponent], words: str) -> QuerySet[KitComponent]:
    """All components of the kits that `words` names, or that contain a component it names."""
    words = words.strip()
    if not words:
        return rows
    meant = Product.objects.filter(Q(sku__icontains=words) | Q(name__icontains=words)).values("pk")
    kits = KitComponent.objects.filter(Q(kit__in=meant) | Q(component__in=meant)).values("kit")
    return rows.filter(kit__in=kits)


def kit_history(kit_id: int) -> list[Any]:
    """What happened to a kit's composition, newest first; `was` is the quantity before, `who` who did it."""
    events: Any = KitComponent.pgh_event_model  # type: ignore[attr-defined]
    before = Window(Lag("quantity"), partition_by="component", order_by="pgh_id")
    rows = events.objects.filter(kit=kit_id).annotate(was=before).select_related("component", "pgh_context")
    return named_actors(rows.order_by("-pgh_id")[:HISTORY])


def named_actors(rows: Iterable[Any]) -> list[Any]:
    """Events of the history, each with the name of who did it as `who`."""
    found = list(rows)
    keys = {one.pgh_context.metadata.get("user") for one in found if one.pgh_context}
    names = dict(get_user_model().objects.filter(pk__in=keys - {None}).values_list("pk", "username"))
    for event in found:
        context = event.pgh_context.metadata if event.pgh_context else {}
        event.who = names.get(context.get("user", 0), _("automatic"))
    return found
