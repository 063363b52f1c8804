"""No price below the floor, whoever writes it: the database refuses."""

import pytest
from django.db import IntegrityError, connection, transaction

from catalog.mapping import sku_mapping
from catalog.models import Listing, PriceTarget, ProductPrice
from catalog.prices import price_targets


@pytest.fixture
def floor(mug):
    return ProductPrice.objects.create(product=mug, currency_id="ARS", price=1500, floor=1000)


def link(unit, product, units=1):
    return sku_mapping.link(variation_ids=[unit.pk], product=product, units=units, source="typed", by=None)


def refused(statement, *parameters):
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return error.value.__cause__.diag.constraint_name


def test_an_own_price_below_the_floor_is_refused(make_unit, mug, floor):
    unit = make_unit()
    link(unit, mug, units=2)

    name = refused("update catalog_listing set own_price = 1999.99 where id = %s", unit.listing_id)

    assert name == "own_price_not_below_floor"
    Listing.objects.filter(pk=unit.listing_id).update(own_price=2000)
    assert Listing.objects.get().own_price == 2000


def test_a_wanted_price_below_the_floor_is_refused(make_unit, mug, floor):
    unit = make_unit()
    link(unit, mug)

    assert PriceTarget.objects.get().wanted == 1500
    assert refused("update catalog_pricetarget set wanted = 999") == "wanted_price_not_below_floor"


def test_the_floor_is_that_of_the_listing_s_currency(make_unit, mug, floor):
    unit = make_unit(currency_id="BRL")
    link(unit, mug)

    Listing.objects.update(own_price=1)

    assert Listing.objects.get().own_price == 1


def test_raising_a_floor_above_an_own_price_is_refused(make_unit, mug, floor):
    unit = make_unit(own_price=1200)
    link(unit, mug)

    assert refused("update catalog_productprice set floor = 1201") == "floor_not_above_own_price"


def test_linking_a_product_whose_floor_is_above_the_own_price_is_refused_in_plain_words(make_unit, mug, floor):
    unit = make_unit(own_price=900)

    with pytest.raises(sku_mapping.MappingRefused, match="below the floor"):
        link(unit, mug)

    assert not hasattr(type(unit).objects.get(), "mapping") or type(unit).objects.filter(mapping=None).count() == 1


def test_raising_a_floor_takes_wanted_prices_below_it_back(make_unit, mug, floor):
    link(make_unit(), mug)

    ProductPrice.objects.update(floor=1500, price=1500)
    floor_row = ProductPrice.objects.get()
    floor_row.floor, floor_row.price = 1600, 1600
    floor_row.save()

    target = PriceTarget.objects.get()
    assert (target.wanted, target.state) == (None, "below_floor")
    price_targets.want([target.listing_id])
    assert PriceTarget.objects.get().wanted == 1600


def test_rounding_never_goes_below_the_floor(make_unit, mug):
    ProductPrice.objects.create(product=mug, currency_id="CLP", price="1000.40", floor="1000.40")

    link(make_unit(currency_id="CLP"), mug)

    target = PriceTarget.objects.get()
    assert (target.wanted, target.state) == (None, "below_floor")
    assert "1000.40" in target.explanation


def test_two_listings_of_one_product_do_not_lock_each_other_out(make_unit, mug, floor):
    first, second = make_unit(), make_unit()

    link(first, mug)
    link(second, mug, units=3)

    wanted = dict(PriceTarget.objects.values_list("listing_id", "wanted"))
    assert wanted == {first.listing_id: 1500, second.listing_id: 4500}
