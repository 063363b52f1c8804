"""Changes of what listings are: written down once, answered once, never on the word of an old page."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.imports.storing import save_item
from catalog.models import Listing, Product, ShapeChange, SkuMapping
from catalog.shapes import shape_changes
from catalog.shapes.shape_changes import Answered, Stale
from catalog.shapes.shapes import Change, Kind
from mercadolibre.resources.items import Item
from sellers.models import SellerAccount, Work
from tests.catalog.test_moves import unit


@pytest.fixture
def account(db):
    return SellerAccount.objects.create(ml_user_id=1, nickname="TIENDA", site_id="MLA")


@pytest.fixture
def mug(db):
    return Product.objects.create(sku="MUG-1", name="Mug")


@pytest.fixture
def flat(account, mug):
    """A listing whose variation became the item itself."""
    old = unit(account, "MLA1", variation_id=11, link=mug, gone_at=timezone.now(), attributes_text="Color: Azul")
    unit(account, "MLA1")
    return noted(old.listing, Kind.FLATTENED, {"units": [11], "gone": [11]}, {"units": [0]})


def noted(listing, kind, before=None, after=None):
    shape_changes.note([(listing.pk, Change(kind, before or {}, after or {}))])
    return ShapeChange.objects.get(listing=listing, kind=kind)


def frozen(item_id="MLA1"):
    return Listing.objects.get(item_id=item_id).frozen_by


def proposal():
    (found,) = shape_changes.waiting()
    return found


def test_what_freezes_freezes_as_long_as_it_is_open_whoever_writes_it(account, mug):
    listing = unit(account, "MLA1", link=mug).listing

    shape_changes.note([(listing.pk, Change(Kind.KIT_ENDED, {}, {})), (listing.pk, Change(Kind.BECAME_KIT, {}, {}))])
    assert frozen() == "kit_ended"
    ShapeChange.objects.filter(kind="kit_ended").update(state="settled", closed_at=timezone.now())
    assert frozen() == "became_kit"
    ShapeChange.objects.all().delete()
    assert frozen() == ""


def test_what_needs_nobody_is_history_at_once_and_freezes_nothing(account, mug):
    change = noted(
        unit(account, "MLA1", link=mug).listing, Kind.LOGISTICS, {"logistic_type": "a"}, {"logistic_type": "b"}
    )

    assert (change.state, change.closed_by, frozen()) == ("settled", None, "")
    assert shape_changes.waiting() == []
    assert list(shape_changes.history()) == [change]


def test_the_same_again_while_it_is_open_is_one_entry(flat):
    noted(flat.listing, Kind.FLATTENED)

    assert ShapeChange.objects.get().before == {"units": [11], "gone": [11]}


def test_the_database_keeps_one_open_entry_of_a_kind_and_times_of_closed_ones(flat):
    with pytest.raises(IntegrityError, match="one_open_shape_change_of_a_kind"), transaction.atomic():
        ShapeChange.objects.create(listing=flat.listing, kind="flattened")
    with pytest.raises(IntegrityError, match="closed_shape_change_has_a_time"), transaction.atomic():
        ShapeChange.objects.update(state="applied")


def test_one_click_moves_the_link_unfreezes_and_asks_for_what_follows(flat, owner, mug):
    assert frozen() == "flattened"
    Work.objects.all().delete()

    assert shape_changes.answer(flat.pk, seen=proposal().seen, apply=True, by=owner) == 1

    new = SkuMapping.objects.get(variation__variation_id=0)
    assert (new.product, new.created_by, frozen()) == (mug, owner, "")
    flat.refresh_from_db()
    assert (flat.state, flat.closed_by) == ("applied", owner)
    assert flat.done == [{"old": "MLA1/11", "new": "MLA1", "sku": "MUG-1", "units": 1}]
    assert SkuMapping.objects.filter(variation__variation_id=11).exists()  # for old orders
    assert [(row.kind, row.key) for row in Work.objects.all()] == [("mapping", str(new.variation_id))]


def test_a_double_click_applies_once(flat, owner):
    seen = proposal().seen
    shape_changes.answer(flat.pk, seen=seen, apply=True, by=owner)

    with pytest.raises(Answered):
        shape_changes.answer(flat.pk, seen=seen, apply=True, by=owner)
    assert SkuMapping.objects.count() == 2


@pytest.mark.parametrize("what", ["another product", "linked by hand", "one more to move"])
def test_a_stale_page_changes_nothing(flat, owner, account, mug, what):
    seen = proposal().seen
    if what == "another product":
        SkuMapping.objects.update(product=Product.objects.create(sku="PLATE-1", name="Plate"))
    elif what == "linked by hand":
        SkuMapping.objects.create(variation=flat.listing.variations.get(variation_id=0), product=mug, source="typed")
    else:
        unit(account, "MLA1", variation_id=12, link=mug, gone_at=timezone.now(), seller_sku="x")
        unit(account, "MLA2", seller_sku="x")
    links = SkuMapping.objects.count()

    with pytest.raises(Stale):
        shape_changes.answer(flat.pk, seen=seen, apply=True, by=owner)

    assert (SkuMapping.objects.count(), frozen()) == (links, "flattened")


def test_only_looking_moves_nothing_and_unfreezes(flat, owner):
    assert shape_changes.answer(flat.pk, seen=proposal().seen, apply=False, by=owner) == 0

    flat.refresh_from_db()
    assert (flat.state, flat.done, frozen()) == ("confirmed", [], "")
    assert SkuMapping.objects.count() == 1


def test_a_kit_loses_its_link_with_one_click(account, mug, owner):
    change = noted(unit(account, "MLA1", link=mug).listing, Kind.BECAME_KIT, {"kit": False}, {"kit": True})

    assert shape_changes.answer(change.pk, seen=proposal().seen, apply=True, by=owner) == 1

    change.refresh_from_db()
    assert (SkuMapping.objects.count(), change.state, frozen()) == (0, "applied", "")
    assert change.done == [{"old": "MLA1", "new": "", "sku": "MUG-1", "units": 1}]


@pytest.mark.parametrize(("units", "settles"), [(1, True), (2, False)])
def test_what_was_linked_by_hand_to_the_same_settles_by_itself(flat, mug, units, settles):
    new = flat.listing.variations.get(variation_id=0)
    assert shape_changes.settle() == 0
    SkuMapping.objects.create(variation=new, product=mug, units=units, source="typed")

    assert shape_changes.settle() == int(settles)

    flat.refresh_from_db()
    assert (flat.state, frozen()) == (("settled", "") if settles else ("open", "flattened"))


def test_a_variation_that_came_back_settles_by_itself(account, mug):
    old = unit(account, "MLA1", variation_id=11, link=mug, gone_at=timezone.now())
    noted(old.listing, Kind.VARIATIONS_GONE, {"units": [11]}, {"units": []})
    assert shape_changes.settle() == 0

    old.gone_at = None
    old.save()

    assert shape_changes.settle() == 1


def test_what_ml_still_takes_apart_is_not_settled(account, mug):
    listing = unit(account, "MLA1", variation_id=11, link=mug, user_product_id="MLAU1").listing
    noted(listing, Kind.MIGRATED, {"units": [11]}, {"units": []})
    assert shape_changes.settle() == 0

    new = unit(account, "MLA2", user_product_id="MLAU1")
    Listing.objects.filter(item_id="MLA1").update(status="closed")
    assert shape_changes.settle() == 0
    SkuMapping.objects.create(variation=new, product=mug, source="exact_sku")
    assert shape_changes.settle() == 1


def test_a_listing_that_ended_is_opened_once_something_took_its_place(account, mug):
    unit(account, "MLA1", status="closed", link=mug, seller_sku="taza")
    shape_changes.note_successors(account.pk)
    assert ShapeChange.objects.count() == 0  # it only ended

    unit(account, "MLA2", seller_sku="taza")
    shape_changes.note_successors(account.pk)
    shape_changes.note_successors(account.pk)

    found = proposal()
    assert (found.change.kind, found.change.after) == ("relisted", {"seems": "MLA2"})
    assert [(str(one.old), str(one.new)) for one in found.moves] == [("MLA1", "MLA2")]


@pytest.fixture
def seems_relisted(account, mug):
    """A listing that ML did not show for a moment, and another one that is like it."""
    old = unit(account, "MLA1", link=mug, seller_sku="taza").listing
    unit(account, "MLA2", seller_sku="taza")
    vanish(old)
    shape_changes.note_successors(account.pk)
    return proposal().change


def vanish(listing, at="now"):
    Listing.objects.filter(pk=listing.pk).update(missing_since=timezone.now() if at == "now" else at)


def test_a_listing_that_comes_back_goes_on_and_one_that_ends_again_is_asked_about_again(account, seems_relisted):
    assert (shape_changes.settle(), frozen()) == (0, "relisted")

    vanish(seems_relisted.listing, at=None)
    assert (shape_changes.settle(), frozen()) == (1, "")
    shape_changes.note_successors(account.pk)
    assert shape_changes.waiting() == []

    vanish(seems_relisted.listing)
    shape_changes.note_successors(account.pk)
    assert (proposal().change.after, frozen()) == ({"seems": "MLA2"}, "relisted")


def test_what_somebody_answered_is_not_asked_again(account, seems_relisted, owner):
    shape_changes.answer(seems_relisted.pk, seen=proposal().seen, apply=False, by=owner)

    shape_changes.note_successors(account.pk)
    assert ShapeChange.objects.count() == 1
    Listing.objects.filter(item_id="MLA2").update(status="closed")
    unit(account, "MLA3", seller_sku="taza")
    shape_changes.note_successors(account.pk)
    assert proposal().change.after == {"seems": "MLA3"}


def test_what_settled_by_another_successor_is_not_opened_for_ever(account, mug, seems_relisted):
    unit(account, "MLA3", link=mug, seller_sku="taza")
    assert shape_changes.settle() == 1

    shape_changes.note_successors(account.pk)

    assert ShapeChange.objects.count() == 1


@pytest.mark.parametrize("kind", [Kind.FLATTENED, Kind.VARIATIONS_GONE])
def test_another_listing_that_was_linked_alike_before_answers_nothing(account, mug, kind):
    old = unit(account, "MLA1", variation_id=11, link=mug, gone_at=timezone.now(), seller_sku="taza")
    twin = unit(account, "MLA2", link=mug, seller_sku="taza")
    noted(old.listing, kind, {"units": [11], "gone": [11]}, {"units": [0]})
    assert shape_changes.settle() == 0

    SkuMapping.objects.filter(variation=twin).delete()
    SkuMapping.objects.create(variation=twin, product=mug, source="typed")
    assert shape_changes.settle() == 1


def test_a_kit_that_ml_made_without_saying_when_is_found_once(account, mug):
    said = {"id": "MLA1", "last_updated": "2026-05-01T10:00:00.000Z", "currency_id": "ARS", "variations": []}
    plain, kit = (Item.from_json(said | {"bundle": bundle}) for bundle in (None, {"components": []}))
    save_item(account, plain, timezone.now())
    SkuMapping.objects.create(variation=Listing.objects.get().variations.get(), product=mug, source="typed")

    found = [save_item(account, one, timezone.now()).shape for one in (plain, kit, kit)]

    assert found == [(), ("became_kit",), ()]


# --- the page --------------------------------------------------------------------------------------------------------

PAGE = "/mapping/changed/"


def named(found):
    return f"{found.change.pk}:{found.seen}"


def test_the_page_says_when_nothing_waits(client, owner):
    client.force_login(owner)

    assert "No listing waits for an answer" in client.get(PAGE).content.decode()


def test_the_page_shows_before_and_after_with_as_many_queries_for_many(
    client, owner, account, mug, django_assert_num_queries
):
    client.force_login(owner)
    for number in range(4):
        unit(account, f"MLA1{number}", status="closed", link=mug, user_product_id=f"MLAU{number}")
        unit(account, f"MLA2{number}", user_product_id=f"MLAU{number}")
    shape_changes.note_successors(account.pk)
    kit = noted(
        unit(account, "MLA30", link=mug).listing, Kind.LOGISTICS, {"logistic_type": "a"}, {"logistic_type": "b"}
    )

    with django_assert_num_queries(6):
        page = client.get(PAGE).content.decode()

    assert all(one in page for one in ("MLA10", "MLA20", "Closed for good", "same user product", "Move all links"))
    assert "Settled by itself" in page
    assert kit.listing.item_id in page


def test_all_moves_are_applied_by_one_click_and_who_did_it_is_kept(client, owner, account, mug):
    client.force_login(owner)
    for number in range(2):
        unit(account, f"MLA1{number}", status="closed", link=mug, user_product_id=f"MLAU{number}")
        unit(account, f"MLA2{number}", user_product_id=f"MLAU{number}")
    shape_changes.note_successors(account.pk)

    client.post(PAGE, {"answer": "apply", "change": [named(one) for one in shape_changes.waiting()]})

    assert set(SkuMapping.objects.filter(source="accepted").values_list("created_by__username", flat=True)) == {
        "olivia"
    }
    page = client.get(PAGE).content.decode()
    assert "2 links changed." in page
    assert "Proposal applied" in page
    assert "olivia" in page


def test_a_stale_page_is_told_so(client, owner, flat, mug):
    client.force_login(owner)
    body = {"answer": "apply", "change": named(proposal())}
    SkuMapping.objects.update(units=2)

    page = client.post(PAGE, body, follow=True).content.decode()

    assert "Something changed while you were looking" in page
    assert SkuMapping.objects.count() == 1
    body["change"] = named(proposal())
    client.post(PAGE, body)
    again = client.post(PAGE, body, follow=True).content.decode()
    assert "answered already" in again
    assert SkuMapping.objects.count() == 2


@pytest.mark.parametrize("change", ["", "x:y", "999999:abc", "1"])
def test_nonsense_changes_nothing(client, owner, flat, change):
    client.force_login(owner)

    assert client.post(PAGE, {"answer": "apply", "change": change}).status_code == 303
    assert SkuMapping.objects.count() == 1


def test_a_viewer_looks_and_answers_nothing(client, django_user_model, flat):
    client.force_login(django_user_model.objects.create_user("vera", is_staff=True))

    page = client.get(PAGE).content.decode()
    assert "Move the link" not in page
    assert "Nothing to move" not in page
    assert client.post(PAGE, {"answer": "apply", "change": named(proposal())}).status_code == 403
    assert frozen() == "flattened"
