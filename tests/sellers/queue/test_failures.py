"""Failed rows: which are alike, what they mean, and those that staff settled at Mercado Libre."""

import pytest
from django.db import IntegrityError, transaction

from mercadolibre import errors
from sellers.models import FailureAction, SellerAccount, Work
from sellers.queue import failures, outcomes, work


@pytest.fixture
def tienda(db):
    return SellerAccount.objects.create(ml_user_id=77, nickname="TIENDA", site_id="MLA")


def dead(account, key, words="400 nope", *, kind="stock", error_class="Rejected", **fields):
    values = {"lane": 1, "state": "dead", "fails": 2, "last_error": words, "last_error_class": error_class}
    return Work.objects.create(account=account, kind=kind, key=key, **(values | fields))


def groups():
    return {row.key: row.group for row in failures.with_group(Work.objects.all())}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PUT /items/MLA1 400 item.price.invalid Not 12", "PUT /items/MLB22222 400 item.price.invalid Not 9.50"),
        ("PUT /items/MLA1 400 x", "PUT /user-products/MLAU33/stock/type/seller_warehouse 400 x"),
        ("Item with id MLA1 not found", "Item with id CBT998877 not found"),
        ("lost 0b1d6ff6-0d3c-4c8e-9d3f-0f6f0d7a2c11", "lost ffffffff-aaaa-bbbb-cccc-dddddddddddd"),
        ("store not found: 000", "store not found: 1234567"),
    ],
)  # fmt: skip
def test_errors_that_differ_by_ids_and_numbers_are_alike(tienda, one, other):
    dead(tienda, "a", one)
    dead(tienda, "b", other)

    assert len(set(groups().values())) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"words": "PUT /items/MLA1 422 not this"},
        {"words": "PUT /items/MLA1 400 not that"},
        {"error_class": "StoreProblem"},
        {"kind": "price"},
    ],
)
def test_other_words_status_class_or_kind_are_another_group(tienda, other):
    dead(tienda, "a", "PUT /items/MLA1 400 not this")
    dead(tienda, "b", **({"words": "PUT /items/MLA1 400 not this"} | other))

    assert len(set(groups().values())) == 2


@pytest.mark.parametrize(
    ("words", "alike"),
    [
        ("PUT /items/MLA1 400 item.price.invalid Not 12", "400 item.price.invalid Not …"),
        ("GET /orders/2001 429", "429"),
        ("GET /orders/2001", "GET /orders/…"),
        ("", ""),
    ],
)
def test_a_group_is_known_by_its_words(tienda, words, alike):
    dead(tienda, "a", words)

    assert groups()["a"] == failures.group_of("stock", "Rejected", alike)


def test_handled_rows_leave_with_who_why_and_when(tienda, owner):
    row = dead(tienda, "MLA1", "400 locked")

    assert failures.handle([row.pk], reason=" Price corrected in the panel ", by=owner) == 1

    row.refresh_from_db()
    kept = FailureAction.objects.get()
    assert (row.state, row.last_error, row.fails, row.done_seq) == ("idle", "", 0, row.want_seq)
    assert (kept.work_id, kept.account_id, kept.kind, kept.key) == (row.pk, tienda.pk, "stock", "MLA1")
    assert (kept.action, kept.state) == ("handled", "dead")
    assert (kept.last_error, kept.last_error_class, kept.done_by) == ("400 locked", "Rejected", owner)
    assert kept.reason == "Price corrected in the panel"
    assert kept.done_at is not None


def test_handling_twice_is_handling_once(tienda, owner):
    row = dead(tienda, "MLA1")

    assert [failures.handle([row.pk], reason="There", by=owner) for _ in range(2)] == [1, 0]
    assert FailureAction.objects.count() == 1


def test_a_retry_of_staff_is_kept_with_what_the_row_said(tienda, owner):
    row = dead(tienda, "MLA1", "400 locked", last_error_at="2026-11-01T03:00:00Z")

    assert work.retry([row.pk], by=owner) == 1

    row.refresh_from_db()
    kept = FailureAction.objects.get()
    assert (row.state, row.want_seq) == ("ready", 2)
    assert (kept.action, kept.state, kept.reason, kept.done_by) == ("retry", "dead", "", owner)
    assert (kept.work_id, kept.account_id, kept.kind, kept.key) == (row.pk, tienda.pk, "stock", "MLA1")
    assert (kept.last_error, kept.last_error_class, kept.failed_at) == ("400 locked", "Rejected", row.last_error_at)


def test_what_enlace_tries_again_by_itself_is_nobody_s_doing(tienda):
    row = dead(tienda, "MLA1")

    assert work.retry([row.pk]) == 1
    assert not FailureAction.objects.exists()


def test_what_runs_is_neither_tried_again_nor_noted(tienda, owner):
    row = dead(tienda, "MLA1", state="ready", due_at="2000-01-01T00:00:00Z")
    work.claim(lane=1, who="test")

    assert work.retry([row.pk], by=owner) == 0
    assert not FailureAction.objects.exists()


def test_what_was_handled_runs_when_asked_for_again_and_comes_back_when_it_fails_again(tienda, owner):
    row = dead(tienda, "MLA1")
    failures.handle([row.pk], reason="There", by=owner)

    work.bump(account_id=tienda.pk, kind="stock", key="MLA1")
    (claim,) = work.claim(lane=1, who="test")
    work.fail(claim, errors.Rejected("again", status=400))

    row.refresh_from_db()
    assert (claim.work_id, row.state, row.last_error) == (row.pk, "dead", "400 again")
    assert failures.handle([row.pk], reason="There again", by=owner) == 1


@pytest.mark.parametrize("state", ["ready", "idle"])
def test_only_failed_rows_are_handled(tienda, owner, state):
    row = dead(tienda, "MLA1", state=state)

    assert failures.handle([row.pk], reason="There", by=owner) == 0
    assert not FailureAction.objects.exists()


def test_what_never_asked_mercado_libre_cannot_have_been_settled_there(tienda, owner):
    row = dead(tienda, "7", kind="job")

    assert failures.handle([row.pk], reason="There", by=owner) == 0


def test_a_reason_is_needed(tienda, owner):
    row = dead(tienda, "MLA1")

    with pytest.raises(IntegrityError, match="handled_for_a_reason"), transaction.atomic():
        failures.handle([row.pk], reason="  ", by=owner)

    row.refresh_from_db()
    assert row.state == "dead"


def test_thousands_are_a_few_statements(tienda, owner, django_assert_max_num_queries):
    Work.objects.bulk_create(
        Work(account=tienda, kind="stock", key=f"MLA{number}", lane=1, state="dead", last_error="400 no")
        for number in range(3_000)
    )
    ids = list(Work.objects.values_list("pk", flat=True))

    with django_assert_max_num_queries(4):
        assert work.retry(ids[:1500], by=owner) == 1500
    with django_assert_max_num_queries(3):
        assert failures.handle(ids, reason="There", by=owner) == 1500
    assert FailureAction.objects.filter(action="retry").count() == 1500


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (errors.Rejected("store not found: 000", status=400), "does not know this warehouse"),
        (errors.TimedOut("", request="GET /orders/1"), "did not answer in time"),
        (outcomes.TryLater("x", outcomes.STEPS[0]), "waits for its turn"),
        (outcomes.Unavailable(outcomes.STEPS[0]), "are held back"),
        (ValueError("store not found"), "has no words for"),
    ],
)
def test_every_failure_means_something_and_says_what_to_do(error, meaning):
    outcome = outcomes.outcome_of(error, kind="stock", fails=0)

    told = failures.explained(outcome.words, outcome.error_class)

    assert meaning in told.meaning
    assert told.todo.endswith(".")


def test_a_row_that_ended_its_worker_is_explained():
    told = failures.explained("The worker stopped in the middle of this.", "lease_expired")

    assert "ended before it was done" in told.meaning


def test_where_nothing_failed_nothing_is_explained():
    assert failures.explained("", "") is None
