import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.privacy import is_personal, without_personal_data

PERSONAL = [
    "first_name",
    "last_name",
    "receiver_name",
    "receiver_phone",
    "phone",
    "alternative_phone",
    "email",
    "doc_number",
    "doc_type",
    "identification",
    "billing_info",
    "receiver_address",
    "destination",
    "shipping_address",
    "address_line",
    "street_name",
    "zip_code",
    "latitude",
    "comment",
    "card_id",
    "authorization_code",
]
NEEDED = [
    "id",
    "title",
    "name",
    "value_name",
    "status",
    "logistic_type",
    "tags",
    "quantity",
    "pack_id",
]
SECRET = "Fulana-de-Tal-4242"


@pytest.mark.parametrize("key", PERSONAL)
def test_keys_about_people_go(key):
    assert is_personal(key)


@pytest.mark.parametrize("key", NEEDED)
def test_keys_about_the_sale_stay(key):
    assert not is_personal(key)


def test_of_a_buyer_only_id_and_nickname_stay():
    buyer = {"id": 7, "nickname": "COMPRA7", "first_name": SECRET, "tax": {"number": SECRET}, "alias": SECRET}

    assert without_personal_data({"buyer": buyer}) == {"buyer": {"id": 7, "nickname": "COMPRA7"}}


KEYS = st.sampled_from(PERSONAL)
LEAVES = st.none() | st.integers() | st.text(max_size=5)
JSON = st.recursive(
    LEAVES,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(NEEDED) | KEYS, below, max_size=4),
    max_leaves=15,
)


@given(
    around=JSON, key=KEYS, secret=st.just(SECRET) | st.just({"deep": [SECRET]}), path=st.lists(st.sampled_from(NEEDED))
)
def test_no_secret_under_a_personal_key_survives_wherever_it_stands(around, key, secret, path):
    value = {key: secret, "around": around}
    for name in path:
        value = {name: [value]}

    kept = without_personal_data(value)

    assert SECRET not in json.dumps(kept)


@given(value=JSON)
def test_cleaning_twice_is_cleaning_once(value):
    once = without_personal_data(value)

    assert without_personal_data(once) == once
