"""What a line takes from the shelves: from which warehouse, and what is left for the lines after it."""

import pytest

from inventory.ledger import Demand
from inventory.targets.allocation import Place
from orders.exploding import allotted
from orders.models import OrderLine

CUP, PLATE, SPOON = 1, 2, 3
MAIN, NORTE = 10, 20
PLACES = [Place(MAIN, store_id="S-MAIN"), Place(NORTE, store_id="S-NORTE")]
SET, GIFT = {CUP: 1, PLATE: 2}, {PLATE: 1, SPOON: 1}


def shelves():
    return {CUP: {MAIN: 5, NORTE: 5}, PLATE: {MAIN: 4, NORTE: 9}, SPOON: {MAIN: 9}}


def line(quantity=1, units=1, **fields):
    return OrderLine(quantity=quantity, units=units, **fields)


TABLE = [
    ("the first that has it all", line(2), SET, {}, {(CUP, MAIN): 2, (PLATE, MAIN): 4}),
    ("a component short: the next one", line(3), SET, {}, {(CUP, NORTE): 3, (PLATE, NORTE): 6}),
    ("a pack of two", line(1, units=2), SET, {}, {(CUP, MAIN): 2, (PLATE, MAIN): 4}),
    ("never apart: where there is most of it", line(5), GIFT, {}, {(PLATE, MAIN): 5, (SPOON, MAIN): 5}),
    ("the store that ML names", line(1, store_id="S-NORTE"), SET, {}, {(CUP, NORTE): 1, (PLATE, NORTE): 2}),
    ("a product of its own", line(5), {CUP: 1}, {}, {(CUP, MAIN): 5}),
    (
        "it stays where it is, and more of it",
        line(1),
        {CUP: 1, PLATE: 3},
        {(CUP, NORTE): Demand(reserved=1), (PLATE, NORTE): Demand(reserved=2)},
        {(CUP, NORTE): 1, (PLATE, NORTE): 3},
    ),
    (
        "made of other things: anew",
        line(1),
        GIFT,
        {(CUP, NORTE): Demand(reserved=1), (PLATE, NORTE): Demand(reserved=2)},
        {(PLATE, MAIN): 1, (SPOON, MAIN): 1},
    ),
]


@pytest.mark.parametrize(("name", "sold", "parts", "held", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_from_where(name, sold, parts, held, expected):
    assert allotted(sold, parts, places=PLACES, available=shelves(), held=held) == expected


def test_kits_that_share_a_component_see_each_other():
    available = shelves()

    first = allotted(line(1), SET, places=PLACES, available=available, held={})
    second = allotted(line(3), {PLATE: 1}, places=PLACES, available=available, held={})

    assert (first, second) == ({(CUP, MAIN): 1, (PLATE, MAIN): 2}, {(PLATE, NORTE): 3})
    assert available == {CUP: {MAIN: 4, NORTE: 5}, PLATE: {MAIN: 2, NORTE: 6}, SPOON: {MAIN: 9}}


def test_what_a_line_holds_is_free_for_itself_alone():
    """It holds the last cup. Said again it keeps it, and nobody else has it."""
    available = {CUP: {MAIN: 0, NORTE: 1}}
    held = {(CUP, MAIN): Demand(reserved=1)}

    assert allotted(line(1), {CUP: 1}, places=PLACES, available=available, held=held) == {(CUP, MAIN): 1}
    assert available == {CUP: {MAIN: 0, NORTE: 1}}
