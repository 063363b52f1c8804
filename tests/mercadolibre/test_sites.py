from decimal import Decimal

import pytest

from mercadolibre.sites import SITES, round_price, to_wire


@pytest.mark.parametrize(
    ("amount", "currency_id", "rounded"),
    [
        ("1500.555", "ARS", "1500.56"),
        ("1500.554", "BRL", "1500.55"),
        ("0.005", "USD", "0.01"),
        ("55882.50", "CLP", "55883"),
        ("55882.49", "COP", "55882"),
        ("10", "MXN", "10.00"),
    ],
)
def test_a_price_has_the_decimals_of_its_currency(amount, currency_id, rounded):
    result = round_price(Decimal(amount), currency_id)
    assert (result, str(result)) == (Decimal(rounded), rounded)


@pytest.mark.parametrize(("amount", "currency_id"), [("1", "XXX"), ("1", ""), ("NaN", "ARS"), ("Infinity", "ARS")])
def test_no_price_is_made_up(amount, currency_id):
    with pytest.raises(ValueError, match=r"unknown currency|not an amount"):
        round_price(Decimal(amount), currency_id)


def test_a_float_is_no_price():
    with pytest.raises(ValueError, match="not an amount"):
        round_price(10.5, "ARS")


@pytest.mark.parametrize(
    ("amount", "number", "kind"),
    [("1500.00", 1500, int), ("1500.50", Decimal("1500.50"), Decimal), ("55882", 55882, int)],
)
def test_amounts_go_out_as_int_or_decimal(amount, number, kind):
    assert to_wire(Decimal(amount)) == number
    assert type(to_wire(Decimal(amount))) is kind


@pytest.mark.parametrize("site_id", [site_id for site_id, site in SITES.items() if site.decimals == 0])
def test_on_sites_without_cents_every_price_goes_out_as_int(site_id):
    assert type(to_wire(round_price(Decimal("10.49"), SITES[site_id].currency_id))) is int


def test_every_site_has_a_currency_we_can_round():
    assert {site.site_id: site.decimals for site in SITES.values() if site.decimals == 0} == {
        "MLC": 0,
        "MCO": 0,
        "MPY": 0,
        "MHN": 0,
        "MNI": 0,
    }
    assert SITES["MLB"].auth_host == "auth.mercadolivre.com.br"
    assert [site.site_id for site in SITES.values() if site.family == "global"] == ["CBT"]
