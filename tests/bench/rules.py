"""A seller's rule changes for 20,000 listings: what follows is computed, against one SQL aggregate over the same rows;
it is done, against the same rows written by two bare statements."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from catalog.models import Listing, Product, SkuMapping, Variation
from inventory import ledger
from inventory.models import StockTarget, Warehouse
from inventory.rules import rule_changes
from sellers.models import SellerAccount, Work
from tests.bench.report import Row, milliseconds

LISTINGS = 20_000
LEVELS = range(10, 210)  # units there, each as often
BATCH = 1000
# The same rows, added up by the database: what each listing should show, and how many differ from what is wanted.
AGGREGATE = """
select count(*), count(*) filter (where t.wanted is distinct from greatest(0, s.units - a.buffer) / m.units)
  from catalog_variation v join catalog_listing l on l.id = v.listing_id
  join sellers_selleraccount a on a.id = l.account_id join catalog_skumapping m on m.variation_id = v.id
  join (select product_id, sum(on_hand - reserved) as units from inventory_stocklevel group by product_id) s
       on s.product_id = m.product_id
  left join inventory_stocktarget t on t.variation_id = v.id
 where a.id = %s and v.gone_at is null and not v.ignored
"""
BARE = (
    """
insert into sellers_work (account_id, kind, key, lane, state, want_seq, done_seq, leased_by, claims, fails, last_error,
                          last_error_class, priority)
select account_id, 'stock', item_id, 1, 'ready', 1, 0, '', 0, 0, '', '', 50 from catalog_listing where account_id = %s
""",
    """
update inventory_stocktarget t set wanted = wanted + 1, wanted_at = now(), state = 'waiting', explanation = ''
  from catalog_variation v join catalog_listing l on l.id = v.listing_id
 where v.id = t.variation_id and l.account_id = %s
""",
)
# As large as Mercado Libre's own.
RAW = {
    "shipping": {"mode": "me2", "tags": ["self_service_in"], "logistic_type": "cross_docking"},
    "pictures": [{"id": f"{n}-MLA", "url": f"https://http2.mlstatic.com/D_{n}-O.jpg"} for n in range(8)],
    "attributes": [{"id": f"A{n}", "name": f"Attribute {n}", "value_name": f"value {n}"} for n in range(20)],
}


def rounds(count: int) -> Iterator[Row]:
    account = shop()
    rule_changes.apply(rule_changes.OfSeller(account, 1, None), seen_to_zero=0)
    for number in range(count):
        vacuum()
        Work.objects.all().delete()
        change = rule_changes.OfSeller(account, 2 + number, 3)
        aggregate = min(timed(partial(add_up, account)) for _ in range(3))
        bare = timed(partial(write_bare, account))
        with counted() as looking:
            shown = timed(partial(rule_changes.rehearse, change))
        with counted() as doing:
            done = timed(partial(rule_changes.apply, change, seen_to_zero=0))
        assert Work.objects.filter(kind="stock").count() == LISTINGS
        yield Row(
            ratios={
                "rule: shown before saving ÷ one aggregate": (shown / aggregate, "<=", 5),
                "rule: applied and pushes asked for ÷ bare writes": (done / bare, "<=", 3),
                "rule: queries of both": (len(looking) + len(doing), "<=", 40),
            },
            facts={
                "aggregate": milliseconds(aggregate),
                "bare writes": milliseconds(bare),
                "shown": milliseconds(shown),
                "applied": milliseconds(done),
            },
        )


def shop() -> SellerAccount:
    """One live seller with 20,000 linked listings, each of a product of its own."""
    account = SellerAccount.objects.create(ml_user_id=77, nickname="BENCH_RULES", site_id="MLA", mode="live")
    listings = in_batches(
        Listing(
            account=account,
            item_id=f"MLA9{n:08}",
            title=f"Listing {n}",
            status="active",
            currency_id="ARS",
            available_quantity=stock_of(n),
            condition="new",
            listing_type_id=("gold_special", "gold_pro", "free")[n % 3],
            logistic_type=("cross_docking", "drop_off")[n % 2],
            seen_at=timezone.now(),
            raw=RAW | {"id": f"MLA9{n:08}"},
        )
        for n in range(LISTINGS)
    )
    units = in_batches(Variation(listing=one, available_quantity=one.available_quantity) for one in listings)
    products = in_batches(Product(sku=f"R{n:05}", name=f"Product {n}") for n in range(LISTINGS))
    in_batches(
        SkuMapping(variation=unit, product=product, source="file")
        for unit, product in zip(units, products, strict=True)
    )
    main = Warehouse.objects.get(code="MAIN")
    for start in range(0, LISTINGS, BATCH):
        batch = enumerate(products[start : start + BATCH], start)
        counts = {(product.pk, main.pk): stock_of(n) for n, product in batch}
        ledger.count_many(counts=counts, operation=f"bench:rules:{start}", reason="bench")
    assert StockTarget.objects.filter(wanted=F("variation__available_quantity")).count() == LISTINGS
    return account


def stock_of(number: int) -> int:
    return LEVELS[number * 7 % len(LEVELS)]


def in_batches(rows: Iterable[Any]) -> list[Any]:
    made = list(rows)
    for start in range(0, len(made), BATCH):
        type(made[0])._default_manager.bulk_create(made[start : start + BATCH])
    return made


def vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


def add_up(account: SellerAccount) -> None:
    with connection.cursor() as cursor:
        cursor.execute(AGGREGATE, [account.pk])
        assert cursor.fetchone()[0] == LISTINGS


def write_bare(account: SellerAccount) -> None:
    """As many rows as a change writes, by one insert and one update, and nothing looked at. Taken back."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in BARE:
            cursor.execute(statement, [account.pk])
            assert cursor.rowcount == LISTINGS
        transaction.set_rollback(True)


def timed(what: Callable[[], Any]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent meanwhile."""
    sent: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        sent.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield sent
