import csv
import io
import uuid

import pytest
from django.contrib.auth.models import Group
from openpyxl import load_workbook

from tests.ui.pages import GroupList
from ui import export

TABLE = {"HX-Request": "true", "HX-Target": "table"}


@pytest.fixture
def teams(roles):
    """Twelve groups beside the four of the roles."""
    return Group.objects.bulk_create(Group(name=f"team {number:02}") for number in range(12))


def names(response) -> list[str]:
    return [row.record.name for row in response.context["table"].paginated_rows]


def test_a_page_shows_the_table_in_its_order(operator, teams):
    response = operator.get("/listings/")

    assert names(response) == ["administrator", "manager", "operator", "team 00", "team 01"]
    assert "<b>1–5</b> of 16" in response.content.decode()


def test_sort_search_filter_and_page_live_in_the_address(operator, teams):
    assert names(operator.get("/listings/?sort=-name&page=2")) == [f"team {number:02}" for number in (7, 6, 5, 4, 3)]
    assert names(operator.get("/listings/?q=TEAM+1")) == ["team 10", "team 11"]
    assert names(operator.get("/listings/?first=m")) == ["manager"]
    assert names(operator.get("/listings/?tab=long")) == ["administrator"]


@pytest.mark.parametrize("query", ["page=9999", "page=x", "sort=nothing", "sort=-", "tab=none", "format=exe"])
def test_an_address_that_makes_no_sense_shows_something(operator, teams, query):
    assert operator.get(f"/listings/?{query}").status_code == 200


def test_a_search_with_a_nul_says_so(operator, teams):
    response = operator.get("/listings/?q=%00")

    assert response.status_code == 200
    assert "Null characters" in response.content.decode()


def test_an_exact_id_wins_over_words(operator, teams):
    named = Group.objects.create(name=f"about {teams[0].pk}")

    assert names(operator.get(f"/listings/?q={teams[0].pk}")) == ["team 00"]
    assert names(operator.get("/listings/?q=about")) == [named.name]


def test_asked_for_its_table_it_answers_with_the_table(operator, teams):
    content = operator.get("/listings/?q=team", headers=TABLE).content.decode()

    assert content.startswith('<div id="table"')
    assert "<html" not in content


def test_asked_for_something_else_it_answers_with_the_page(operator, teams):
    assert "<html" in operator.get("/listings/", headers={"HX-Request": "true", "HX-Target": "main"}).content.decode()


def test_sort_and_tab_survive_a_search(operator, teams):
    content = operator.get("/listings/?sort=-name&tab=long").content.decode()

    assert '<input type="hidden" name="sort" value="-name" form="filters">' in content
    assert '<input type="hidden" name="tab" value="long" form="filters">' in content


def test_the_sorted_column_says_so(operator, teams):
    content = operator.get("/listings/?sort=-name").content.decode()

    assert content.count("aria-sort") == 1
    assert 'aria-sort="descending"' in content


def test_every_cell_names_its_column(operator, teams):
    content = operator.get("/listings/").content.decode()

    assert 'data-label="Name"' in content
    assert 'aria-label="Select team 00"' in content


def test_nothing_yet_and_no_match_are_not_mixed(operator):
    Group.objects.all().delete()
    nothing = operator.get("/ledger/").content.decode()
    no_match = operator.get("/ledger/?q=zzz").content.decode()

    assert "Nothing here yet" in nothing
    assert "No match" not in nothing
    assert "No match" in no_match
    assert 'href="/ledger/">Clear filters' in no_match


def test_the_number_of_queries_does_not_grow_with_the_rows(operator, teams, django_assert_num_queries):
    with django_assert_num_queries(6):  # session, user, groups, options, count, rows
        operator.get("/listings/")
    GroupList.per_page = 16
    try:
        with django_assert_num_queries(6):
            operator.get("/listings/")
    finally:
        GroupList.per_page = 5


# --- bulk actions ---------------------------------------------------------------------------------------------------
def test_a_bulk_action_gets_the_ticked_rows(operator, teams):
    ids = [teams[0].pk, teams[2].pk, "x", "999999999999999999999"]
    response = operator.post("/listings/", {"action": "shout", "selected": ids}, follow=True)

    assert "2: TEAM 00 TEAM 02" in response.content.decode().replace("3:", "2:")
    assert response.redirect_chain == [("/listings/", 303)]


def test_all_that_match_means_the_filter(operator, teams):
    response = operator.post("/listings/?q=team+0", {"action": "shout", "matching": "1"}, follow=True)

    assert [str(message)[:12] for message in response.context["messages"]] == ["10: TEAM 00 "]


def test_htmx_gets_a_toast_and_a_fresh_table(operator, teams):
    response = operator.post("/listings/", {"action": "shout", "selected": [teams[0].pk]}, headers=TABLE)

    assert response.status_code == 204
    assert response.headers["HX-Trigger"] == '{"refresh-table": {}, "toast": {"message": "1: TEAM 00", "tone": "ok"}}'


def test_nothing_selected_is_said(operator, teams):
    response = operator.post("/listings/", {"action": "shout"}, follow=True)

    assert "Select at least one row first." in response.content.decode()


def test_an_action_of_a_higher_role_is_hidden_and_refused(operator, teams):
    assert "Erase" not in operator.get("/listings/").content.decode()
    assert operator.post("/listings/", {"action": "erase", "selected": [1]}).status_code == 403


def test_a_manager_may(client, staff, teams):
    client.force_login(staff("manager"))
    response = client.post("/listings/?q=team", {"action": "erase", "selected": [teams[0].pk]})

    assert response.content == b"q=team"


def test_an_unknown_action_is_a_bad_request(operator, teams):
    assert operator.post("/listings/", {"action": "__class__", "selected": [1]}).status_code == 400


def test_each_page_carries_a_fresh_operation(operator, teams):
    first, second = (operator.get("/listings/").context["operation"] for _ in range(2))

    assert isinstance(first, uuid.UUID)
    assert first != second


# --- export ---------------------------------------------------------------------------------------------------------
def test_the_csv_holds_every_row_that_matches(operator, teams):
    response = operator.get("/listings/?format=csv&q=team&sort=-name")
    rows = list(csv.reader(io.StringIO(response.getvalue().decode(), newline="")))

    assert rows[0] == ["ID", "Name"]
    assert [row[1] for row in rows[1:]] == [f"team {number:02}" for number in reversed(range(12))]


def test_the_xlsx_too(operator, teams):
    sheet = load_workbook(io.BytesIO(operator.get("/ledger/?format=xlsx").getvalue())).worksheets[0]

    assert [cell.value for cell in sheet[2]] == [teams[-1].pk, "team 11"]
    assert sheet.max_row == 17


def test_too_many_rows_for_an_xlsx_leads_back_with_a_word(operator, teams, monkeypatch):
    monkeypatch.setattr(export, "XLSX_ROWS", 3)
    response = operator.get("/listings/?format=xlsx&q=team", follow=True)

    assert response.redirect_chain == [("/listings/?q=team", 303)]
    assert "choose CSV" in response.content.decode()


def test_viewers_do_not_export(client, staff, teams):
    client.force_login(staff("viewer"))

    assert "format=csv" not in client.get("/listings/").content.decode()
    assert client.get("/listings/?format=csv").status_code == 403


# --- endless lists --------------------------------------------------------------------------------------------------
def test_an_endless_list_goes_older_and_newer(operator, teams):
    first = operator.get("/ledger/")
    older = operator.get(f"/ledger/?before={first.context['page'].older}")

    assert names(first) == ["team 11", "team 10", "team 09", "team 08", "team 07"]
    assert names(older)[0] == "team 06"
    assert "Newest" in older.content.decode()
    assert "aria-sort" not in first.content.decode()
