"""The bugs, as changes of text. A text that is not found, or not as often as said, fails the run: nothing was planted.

`tests` are those that are there for it; at least one of them has to fail, not to break.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """In one file, every one of `times` places where the old text stands."""

    path: str
    old: str
    new: str
    times: int = 1


@dataclass(frozen=True)
class Mutant:
    name: str
    says: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "M1",
        "what is asked for while it runs is forgotten: no dirty flag",
        (
            Change(
                "sellers/queue/work_sql.py",
                "set state = case when want_seq > claim_seq then 'ready' else 'idle' end, done_seq",
                "set state = 'idle', done_seq",
            ),
        ),
        (
            "tests/sellers/queue/test_work.py::test_a_wish_during_the_run_makes_it_run_once_more",
            "tests/faults/test_races_sales.py::test_news_during_the_fetch_make_it_run_again",
            "tests/faults/test_races_pushes.py::test_what_is_wanted_meanwhile_is_sent_afterwards",
        ),
    ),
    Mutant(
        "M2",
        "an order takes its units each time it is seen: a decrement without idempotency",
        (
            Change(
                "inventory/ledger.py",
                "_differences(held.get(owner, {}), wanted[owner])",
                "_differences({}, wanted[owner])",
            ),
        ),
        (
            "tests/orders/test_sales.py::test_the_same_order_many_times_reserves_once",
            "tests/orders/test_sales.py::test_a_cancelled_sale_gives_the_units_back",
            "tests/orders/imports/test_disorder.py",
        ),
    ),
    Mutant(
        "M3",
        "only the variations that change are sent, and the last look before a write is gone",
        (
            Change(
                "mercadolibre/variations.py",
                '{"id": one, "available_quantity": self.quantities[one]} if one in self.quantities else {"id": one}\n'
                "            for one in self.ids",
                '{"id": one, "available_quantity": self.quantities[one]}\n            for one in self.quantities',
            ),
            Change("mercadolibre/calls/items.py", "        check_item_body(item, body)\n", "        return\n"),
        ),
        (
            "tests/mercadolibre/test_variations.py",
            "tests/inventory/pushes/test_stock_push.py::test_every_variation_is_in_the_body_and_the_unlinked_ones_keep_theirs",
            "tests/inventory/pushes/test_stock_push.py::test_a_variation_added_at_ml_meanwhile_is_not_deleted",
        ),
    ),
    Mutant(
        "M4",
        "a quantity is written over a sale whose order has not arrived",
        (
            Change("inventory/pushes/stock_push.py", "    settle(reading, baselines)\n", ""),
            Change("inventory/pushes/together.py", "    settle(push.reading, push.baselines)\n", ""),
        ),
        (
            "tests/inventory/pushes/test_stock_push.py::test_a_sale_unknown_to_us_is_waited_for_before_anything_is_written",
            "tests/inventory/pushes/test_stock_push.py::test_while_orders_wait_to_be_imported_no_round_is_counted_and_no_poll_asked_for",
        ),
    ),
    Mutant(
        "M5",
        "the poll reads what changed and asks for nothing: no reconciliation",
        (Change("orders/runs/reconciliation.py", "    wanted = news(account, found.orders)\n", "    wanted = []\n"),),
        ("tests/orders/runs/test_reconciliation.py",),
    ),
    Mutant(
        "M6",
        "refreshes know nothing of each other: no lock, no quarantine, no unique attempt",
        (
            Change(
                "sellers/connection/tokens.py",
                "        (alone,) = cursor.fetchone()\n",
                "        alone = bool(cursor.fetchone())\n",
            ),
            Change(
                "sellers/connection/tokens.py",
                "    if pending.filter(started_at__gt=Now() - QUARANTINE).exists():\n        return Result.BUSY\n",
                "",
            ),
        ),
        ("tests/sellers/connection/test_refresh_races.py",),
    ),
    Mutant(
        "M7",
        "a worker back from the dead writes: no fence",
        (
            Change(
                "sellers/queue/work_sql.py",
                "      on w.id = claim.id and w.lease_token = claim.token\n",
                "      on w.id = claim.id\n",
            ),
        ),
        (
            "tests/sellers/queue/test_work.py::test_a_worker_back_from_the_dead_writes_nothing",
            "tests/faults/test_races_sales.py::test_a_worker_back_from_the_dead_writes_no_order",
        ),
    ),
    Mutant(
        "M7b",
        "an older answer overwrites a newer order: no look at last_updated",
        (
            Change(
                "orders/imports/incoming.py",
                "    return _is_older(fetched.last_updated, stored.ml_last_updated)\n",
                "    return False\n",
            ),
        ),
        (
            "tests/orders/test_sales.py::test_a_lagging_replica_changes_nothing",
            "tests/orders/test_sales.py::test_a_lagging_replica_costs_the_orders_beside_it_nothing",
        ),
    ),
    Mutant(
        "M8",
        "the order is committed first, the ledger by a second transaction",
        (
            Change(
                "orders/imports/importing.py",
                '    point("order.saved")\n    settle(orders)\n',
                '    point("order.saved")\n    transaction.on_commit(lambda: transaction.atomic(settle)(orders))\n',
            ),
            Change(
                "orders/imports/importing.py",
                "from django.utils import timezone\n",
                "from django.db import transaction\nfrom django.utils import timezone\n",
            ),
        ),
        (
            "tests/faults/test_crashes.py::test_dies_is_started_again_and_everything_holds[Orders-ledger.moved]",
            "tests/faults/test_crashes.py::test_dies_is_started_again_and_everything_holds[Cancellation-ledger.moved]",
        ),
    ),
    Mutant(
        "M9",
        "resources are read with \\d and $: digits of any script, a line break at the end",
        (
            Change("mercadolibre/notifications.py", 'N = "([1-9][0-9]{0,17})"', 'N = r"(\\d{1,18})"'),
            Change("mercadolibre/notifications.py", "re.compile(pattern), kind", 're.compile(pattern + "$"), kind'),
            Change("mercadolibre/notifications.py", "match = pattern.fullmatch(path)", "match = pattern.match(path)"),
        ),
        ("tests/mercadolibre/test_notifications.py::test_a_hostile_resource_points_nowhere",),
    ),
)
