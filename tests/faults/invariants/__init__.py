"""What must hold when it is quiet again, whatever happened before. A check yields sentences; none means it holds.

The truth about the marketplace is asked of the sandbox's control API, the truth about us of the database. What is
wanted is reckoned here once more, in a plainer way than the product does it, wherever that is possible.

    books        levels are the sum of their movements, chains have no gaps; documents and ledger say the same
    orders       none lost, none invented, none old; each line holds or took what its sale says, no more, no less
    listings     Mercado Libre shows what is wanted, and the lamps say so; no variation was deleted by us
    prices       Mercado Libre has the price that is wanted; no price below a floor was ever sent
    tokens       the pair we keep is the last one issued; none was presented more than twice
    work         nothing waits, runs or failed; jobs are over; no try is said to be under way
    arrivals     every 200 given to Mercado Libre is a row
    privacy      no call carried one seller's token for what is another's
    leftovers    no transaction left open, no lock held, nothing on the spool
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.bench.market import Market
from tests.faults.invariants.books import (
    books_add_up,
    documents_are_booked,
)
from tests.faults.invariants.connection import (
    no_call_for_what_is_anothers,
    sellers_are_connected,
    tokens_are_a_chain,
)
from tests.faults.invariants.listings import (
    a_publication_is_one_listing,
    listings_show_what_is_wanted,
    no_price_below_its_floor,
    nothing_was_deleted,
    prices_are_as_wanted,
    quantity_there,
    stock_and_price_are_never_sent_together,
    variations_are_the_same,
    writes,
)
from tests.faults.invariants.look import Look
from tests.faults.invariants.sales import (
    CALLED_OFF,
    LEFT_THE_HOUSE,
    each_line_holds_what_its_sale_says,
    no_order_is_lost_or_invented,
    orders_are_as_they_are_there,
)
from tests.faults.invariants.work import (
    every_200_is_a_row,
    jobs_are_over,
    no_try_is_under_way,
    no_work_is_left,
    nothing_failed,
    nothing_is_held,
    the_spool_is_empty,
)

__all__ = ["CALLED_OFF", "CHECKS", "LEFT_THE_HOUSE", "Look", "broken", "quantity_there", "writes"]


def broken(made: Market, **expected: Any) -> list[str]:
    """Everything that does not hold, in words. `expected` is of `Look`."""
    look = Look(made, **expected)
    checks = CHECKS if look.at_rest else [check for check in CHECKS if check not in ONLY_AT_REST]
    return [f"{check.__name__}: {sentence}" for check in checks for sentence in check(look)]


CHECKS: tuple[Callable[[Look], Iterator[str]], ...] = (
    books_add_up,
    documents_are_booked,
    no_order_is_lost_or_invented,
    orders_are_as_they_are_there,
    each_line_holds_what_its_sale_says,
    listings_show_what_is_wanted,
    variations_are_the_same,
    nothing_was_deleted,
    a_publication_is_one_listing,
    prices_are_as_wanted,
    no_price_below_its_floor,
    stock_and_price_are_never_sent_together,
    tokens_are_a_chain,
    sellers_are_connected,
    nothing_failed,
    no_work_is_left,
    jobs_are_over,
    no_try_is_under_way,
    every_200_is_a_row,
    no_call_for_what_is_anothers,
    nothing_is_held,
    the_spool_is_empty,
)
# While processes run their clock asks for work, and what they do just now is under way.
ONLY_AT_REST = {no_work_is_left, jobs_are_over, no_try_is_under_way, nothing_is_held, the_spool_is_empty}
