"""Changes of Global Selling items asked for at the same moment, on a real PostgreSQL."""

from uuid import uuid4

import pytest

from catalog.marketplaces import marketplace_changes
from catalog.marketplaces.fields import Field
from catalog.models import Listing, MarketplaceChange
from mercadolibre.variations import NewVariation
from tests.inventory.test_ledger_races import together

TWO = [{"combination": {"COLOR": name}, "available_quantity": 3} for name in ("Red", "Blue")]


@pytest.fixture
def shirt(transactional_db, world, connect, run_import):
    seller = world.add_global_seller("PACIFIC_TRADERS", marketplaces=(("MLM", "remote"),))
    item = world.add_global_item(seller, title="Shirt", price=20, variations=TWO)
    run_import(connect(seller, mode="live"))
    return Listing.objects.select_related("account").get(item_id=item.id)


def asking(listing, field, value, operation=None):
    refused = []

    def ask():
        try:
            marketplace_changes.ask(listing, field, value, by=None, operation=operation or uuid4())
        except marketplace_changes.ChangeRefused as refusal:
            refused.append(refusal)

    return ask, refused


def test_a_double_click_is_one_change(shirt):
    operation = uuid4()
    clicks = [asking(shirt, Field.TITLE, "Tee", operation) for _ in range(4)]

    together(*(ask for ask, _refused in clicks))

    assert MarketplaceChange.objects.count() == 1


def test_of_many_wishes_at_once_one_waits_and_the_others_are_kept(shirt):
    wishes = [asking(shirt, Field.TITLE, f"Tee {number}") for number in range(4)]

    together(*(ask for ask, _refused in wishes))

    states = sorted(MarketplaceChange.objects.values_list("state", flat=True))
    assert states == ["replaced", "replaced", "replaced", "waiting"]


def test_of_two_new_variations_at_once_one_is_told_to_wait(shirt):
    both = [asking(shirt, Field.VARIATION, NewVariation({"COLOR": name}, 1)) for name in ("Green", "Black")]

    together(*(ask for ask, _refused in both))

    assert MarketplaceChange.objects.count() == 1
    (refused,) = [one for _ask, found in both for one in found]
    assert "on its way" in str(refused)
