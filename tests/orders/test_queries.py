from datetime import UTC, datetime, timedelta

import pytest

from orders import queries
from orders.timeline import lag_words, step, told

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)


def test_unlinked_with_the_age_of_the_oldest(world, publish, look):
    listed = publish(seller_sku="OTHER")
    first, _second = (look(world.sell(listed.listing.item_id, 1).id) for _ in range(2))

    found = queries.unlinked()

    assert (found.orders, found.oldest) == (2, first.date_created)
    assert queries.unlinked([0]).orders == 0


@pytest.mark.parametrize(
    ("lag", "words"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=47), "47 s"),
        (timedelta(minutes=3), "3 min"),
        (timedelta(minutes=3, seconds=5), "3 min 5 s"),
        (timedelta(hours=2, seconds=5), "2 h"),
        (timedelta(days=4, hours=3, minutes=9), "4 d 3 h"),
    ],
)
def test_lags_in_words(lag, words):
    assert lag_words(lag) == words


def test_steps_are_told_in_order_with_their_lags_and_without_what_did_not_happen():
    steps = told([step(NOW + timedelta(seconds=9), "fetched"), step(None, "announced"), step(NOW, "sold")])

    assert [(one.what, one.note) for one in steps] == [("sold", ""), ("fetched", "9 s later")]
