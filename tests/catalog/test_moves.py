"""Links that follow their listings: by user product, by SKU, never where old ones disagree."""

import pytest
from django.utils import timezone

from catalog import moves
from catalog.models import Listing, Product, ShapeChange, SkuMapping, Variation
from catalog.shapes import shape_changes
from sellers.models import SellerAccount, Work


@pytest.fixture
def account(db):
    return SellerAccount.objects.create(ml_user_id=1, nickname="TIENDA", site_id="MLA")


@pytest.fixture
def mug(db):
    return Product.objects.create(sku="MUG-1", name="Mug")


def unit(account, item_id, *, status="active", variation_id=0, link=None, units=1, **fields):
    listing, _made = Listing.objects.get_or_create(
        item_id=item_id,
        defaults={
            "account": account,
            "title": item_id,
            "status": status,
            "currency_id": "ARS",
            "seen_at": timezone.now(),
        },
    )
    made = Variation.objects.create(listing=listing, variation_id=variation_id, **fields)
    if link:
        SkuMapping.objects.create(variation=made, product=link, units=units, source="typed")
    return made


def proposed():
    return {(str(one.old), str(one.new), str(one.sign)) for one in moves.proposals()}


def test_a_user_product_takes_its_link_along(account, mug):
    unit(account, "MLA1", status="closed", variation_id=11, link=mug, units=2, user_product_id="MLAU1")
    new = unit(account, "MLA2", user_product_id="MLAU1")

    assert proposed() == {("MLA1/11", "MLA2", "user_product")}
    shape_changes.note_successors(account.pk)
    (found,) = shape_changes.waiting()
    assert shape_changes.answer(found.change.pk, seen=found.seen, apply=True, by=None) == 1
    link = SkuMapping.objects.get(variation=new)
    assert (link.product, link.units, link.source) == (mug, 2, "accepted")
    assert SkuMapping.objects.count() == 2  # the old one stays for old orders
    assert Work.objects.get(kind="mapping").key == str(new.pk)
    assert moves.proposals() == []


@pytest.mark.parametrize("status", ["closed", "active"])
def test_the_same_seller_sku_is_a_sign_once_the_old_listing_ended(account, mug, status):
    old = unit(account, "MLA1", status=status, link=mug, seller_sku="taza")
    unit(account, "MLA2", seller_sku="taza")

    assert proposed() == ({("MLA1", "MLA2", "sku")} if status == "closed" else set())
    Listing.objects.filter(pk=old.listing_id).update(missing_since=timezone.now())
    assert proposed() == {("MLA1", "MLA2", "sku")}


def test_the_user_product_is_trusted_more_than_the_sku(account, mug):
    plate = Product.objects.create(sku="PLATE-1", name="Plate")
    unit(account, "MLA1", status="closed", link=mug, seller_sku="x", user_product_id="MLAU1")
    unit(account, "MLA2", status="closed", link=plate, seller_sku="taza", user_product_id="MLAU2")
    unit(account, "MLA3", seller_sku="taza", user_product_id="MLAU1")

    assert proposed() == {("MLA1", "MLA3", "user_product")}


def test_old_listings_that_disagree_propose_nothing(account, mug):
    plate = Product.objects.create(sku="PLATE-1", name="Plate")
    unit(account, "MLA1", status="closed", link=mug, seller_sku="taza")
    unit(account, "MLA2", status="closed", link=plate, seller_sku="taza")
    unit(account, "MLA3", seller_sku="taza")

    assert proposed() == set()


def test_what_disagrees_on_the_user_product_is_not_decided_by_the_sku(account, mug):
    plate = Product.objects.create(sku="PLATE-1", name="Plate")
    unit(account, "MLA1", status="closed", link=mug, seller_sku="taza", user_product_id="MLAU1")
    unit(account, "MLA2", status="closed", link=plate, seller_sku="plato", user_product_id="MLAU1")
    unit(account, "MLA3", seller_sku="taza", user_product_id="MLAU1")

    assert proposed() == set()


def test_another_seller_an_ignored_one_and_one_that_ended_are_left_alone(account, mug):
    other = SellerAccount.objects.create(ml_user_id=2, nickname="OTRA", site_id="MLA")
    unit(account, "MLA1", status="closed", link=mug, seller_sku="taza")
    unit(other, "MLA2", seller_sku="taza")
    unit(account, "MLA3", seller_sku="taza", ignored=True)
    unit(account, "MLA4", seller_sku="taza", status="closed")
    unit(account, "MLA5", seller_sku="taza", gone_at=timezone.now())
    unit(account, "MLA6", seller_sku="")

    assert proposed() == set()


def test_of_old_units_that_mean_the_same_the_one_that_waits_for_an_answer_is_shown(account, mug):
    unit(account, "MLA1", status="closed", link=mug, user_product_id="MLAU1")
    waits = unit(account, "MLA2", status="closed", link=mug, user_product_id="MLAU1")
    unit(account, "MLA3", status="closed", link=mug, user_product_id="MLAU1")
    unit(account, "MLA4", user_product_id="MLAU1")
    ShapeChange.objects.create(listing=waits.listing, kind="relisted", after={"item_id": "MLA9"})

    assert proposed() == {("MLA2", "MLA4", "user_product")}


def test_what_ml_says_was_relisted_is_trusted_most_each_variation_by_its_words(account, mug):
    plate = Product.objects.create(sku="PLATE-1", name="Plate")
    red = unit(account, "MLA1", status="closed", variation_id=11, link=mug, attributes_text="Color: Rojo")
    unit(account, "MLA1", variation_id=12, link=plate, attributes_text="Color: Azul")
    unit(account, "MLA2", variation_id=21, attributes_text="Color: Azul")
    unit(account, "MLA2", variation_id=22, attributes_text="Color: Rojo")
    ShapeChange.objects.create(listing=red.listing, kind="relisted", after={"item_id": "MLA2"})

    assert proposed() == {("MLA1/11", "MLA2/22", "relisted"), ("MLA1/12", "MLA2/21", "relisted")}


@pytest.mark.parametrize(("other", "found"), [("mug", True), ("plate", False), ("nothing", False)])
def test_an_item_without_variations_sells_what_they_were_where_all_were_the_same(account, mug, other, found):
    link = {"mug": mug, "plate": Product.objects.create(sku="PLATE-1", name="Plate"), "nothing": None}[other]
    old = unit(account, "MLA1", variation_id=11, link=mug, gone_at=timezone.now())
    unit(account, "MLA1", variation_id=12, link=link, gone_at=timezone.now())
    unit(account, "MLA1")
    ShapeChange.objects.create(listing=old.listing, kind="flattened", freezes=True)

    assert proposed() == ({("MLA1/12", "MLA1", "only_one")} if found else set())
