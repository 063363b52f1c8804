from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from orders.resolving import resolve


@dataclass(frozen=True)
class Line:
    item_id: str
    variation_id: int = 0
    user_product_id: str = ""
    seller_sku: str = ""

    @property
    def stock_item_id(self):
        return self.item_id


@dataclass(frozen=True)
class Unit(Line):
    meaning: tuple[int, int] | None = None


def test_item_and_variation_decide():
    red, blue = Unit("MLA1", 11, seller_sku="A", meaning=(1, 1)), Unit("MLA1", 12, seller_sku="A", meaning=(2, 1))

    assert resolve(Line("MLA1", 12, seller_sku="A"), [red, blue]) is blue


def test_a_line_without_variation_is_found_by_its_user_product():
    red, blue = Unit("MLA1", 11, "MLAU1", meaning=(1, 1)), Unit("MLA1", 12, "MLAU2", meaning=(2, 1))

    assert resolve(Line("MLA1", 0, "MLAU2"), [red, blue]) is blue


def test_an_old_item_id_is_found_by_its_user_product_on_the_new_listing():
    new = Unit("MLA2", 0, "MLAU1", meaning=(1, 1))

    assert resolve(Line("MLA1", 11, "MLAU1"), [new]) is new


def test_the_sku_is_the_last_resort():
    unit = Unit("MLA2", 0, "", "MUG-1", meaning=(1, 1))

    assert resolve(Line("MLA1", seller_sku="MUG-1"), [unit]) is unit


def test_two_products_with_one_sku_are_not_guessed_between():
    units = [Unit("MLA2", seller_sku="A", meaning=(1, 1)), Unit("MLA3", seller_sku="A", meaning=(2, 1))]

    assert resolve(Line("MLA1", seller_sku="A"), units) is None


def test_a_different_number_of_units_is_not_guessed_either():
    units = [Unit("MLA2", seller_sku="A", meaning=(1, 1)), Unit("MLA3", seller_sku="A", meaning=(1, 6))]

    assert resolve(Line("MLA1", seller_sku="A"), units) is None


def test_an_exact_unit_that_is_not_linked_is_not_replaced_by_a_guess():
    exact, other = Unit("MLA1", 0, "MLAU1"), Unit("MLA2", 0, "MLAU1", meaning=(1, 1))

    assert resolve(Line("MLA1", 0, "MLAU1"), [exact, other]) is exact


NAMES = st.sampled_from(["", "A", "B"])
UNITS = st.builds(
    Unit,
    item_id=st.sampled_from(["MLA1", "MLA2"]),
    variation_id=st.sampled_from([0, 11, 12]),
    user_product_id=NAMES,
    seller_sku=NAMES,
    meaning=st.none() | st.tuples(st.sampled_from([1, 2]), st.just(1)),
)


@given(line=st.builds(Line, st.just("MLA1"), st.sampled_from([0, 11]), NAMES, NAMES), units=st.lists(UNITS))
def test_what_is_found_always_has_something_in_common_with_the_line(line, units):
    found = resolve(line, units)

    if found is not None:
        exact = (found.item_id, found.variation_id) == (line.item_id, line.variation_id)
        assert exact or found.user_product_id == line.user_product_id != "" or found.seller_sku == line.seller_sku != ""


@given(line=st.builds(Line, st.just("MLA1"), st.just(0), NAMES, NAMES), units=st.lists(UNITS, max_size=5))
def test_the_order_of_the_catalog_does_not_change_the_product(line, units):
    one, other = resolve(line, units), resolve(line, units[::-1])
    exact = [unit for unit in units if (unit.item_id, unit.variation_id) == (line.item_id, line.variation_id)]

    if len(exact) < 2:  # the database holds a variation once
        assert (one and one.meaning) == (other and other.meaning)
