import pytest
from django.contrib.auth.models import Group

from ui.paging import CappedPaginator, keyset_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def twelve(db):
    Group.objects.all().delete()
    Group.objects.bulk_create(Group(name=f"g{number:02}") for number in range(12))
    return list(Group.objects.order_by("-id").values_list("id", flat=True))


def test_a_capped_paginator_counts_no_further_than_its_cap(twelve, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(CappedPaginator, "CAP", 10)
    paginator = CappedPaginator(Group.objects.order_by("id"), 5)

    with django_assert_num_queries(1) as captured:
        assert (paginator.count, paginator.capped, paginator.num_pages) == (10, True, 2)

    assert "LIMIT 11" in captured.captured_queries[0]["sql"]


def test_below_the_cap_the_count_is_exact(twelve):
    paginator = CappedPaginator(Group.objects.order_by("id"), 5)

    assert (paginator.count, paginator.capped) == (12, False)
    assert list(paginator.elided(1)) == [1, 2, 3]


def test_a_list_is_counted_as_it_is():
    assert CappedPaginator([1, 2, 3], 2).count == 3


def test_walking_older_and_back_newer_meets_every_row_once(twelve):
    rows = Group.objects.all()
    first = keyset_page(rows, {}, per_page=5)
    second = keyset_page(rows, {"before": first.older}, per_page=5)
    third = keyset_page(rows, {"before": second.older}, per_page=5)
    back = keyset_page(rows, {"after": third.newer}, per_page=5)

    assert [row.id for page in (first, second, third) for row in page] == twelve
    assert (first.newer, third.older) == (None, None)
    assert [row.id for row in back] == [row.id for row in second]


def test_the_newest_page_reached_by_newer_has_nothing_newer(twelve):
    second = keyset_page(Group.objects.all(), {"before": twelve[4]}, per_page=5)

    newest = keyset_page(Group.objects.all(), {"after": second.newer}, per_page=5)

    assert [row.id for row in newest] == twelve[:5]
    assert newest.newer is None


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "9" * 5000, "٣", None])
def test_a_cursor_that_is_none_shows_the_newest(twelve, cursor):
    page = keyset_page(Group.objects.all(), {"before": cursor, "after": cursor}, per_page=5)

    assert [row.id for row in page] == twelve[:5]


def test_a_cursor_beyond_the_end_shows_the_newest(twelve):
    assert [row.id for row in keyset_page(Group.objects.all(), {"before": "0"}, per_page=5)] == twelve[:5]


def test_an_empty_list_has_no_other_pages(db):
    page = keyset_page(Group.objects.none(), {})

    assert (len(page), page.has_other_pages) == (0, False)


def test_a_page_costs_one_query(twelve, django_assert_num_queries):
    with django_assert_num_queries(1):
        keyset_page(Group.objects.all(), {"before": twelve[3]}, per_page=5)
