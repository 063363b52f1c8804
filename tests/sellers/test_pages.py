import pytest
from django.contrib.auth import get_user_model

from sandbox import faults
from sellers.connection import grants
from sellers.models import Grant, Job, SellerAccount, Work
from ui.stored import told

ACTIONS = {
    "reconnect/": "manager",
    "disconnect/": "manager",
    "pause/": "manager",
    "resume/": "manager",
    "settings/": "manager",
    "sync/catalog/": "operator",
    "sync/orders/": "operator",
    "sync/missed/": "operator",
}
RANK = ["viewer", "operator", "manager", "administrator"]


@pytest.mark.parametrize("role", RANK)
@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_press_what(as_role, account, role, action):
    answer = as_role(role).post(f"/sellers/{account.pk}/{action}")

    allowed = RANK.index(role) >= RANK.index(ACTIONS[action])
    assert (answer.status_code != 403) is allowed
    if not allowed:
        assert not Job.objects.exists()
        assert not Work.objects.exists()
        assert SellerAccount.objects.get().state == "connected"


@pytest.mark.parametrize("path", ["connect/", "callback/?code=1&state=2", "connect/problem/", "confirm/00/"])
def test_connecting_needs_a_manager(as_role, world, path):
    assert as_role("operator").get(f"/sellers/{path}").status_code == 403


@pytest.mark.parametrize(
    "action", [action for action in ACTIONS if action not in {"disconnect/", "pause/", "settings/"}]
)
def test_nothing_changes_by_get(as_role, account, action):
    assert as_role("administrator").get(f"/sellers/{account.pk}/{action}").status_code == 405


@pytest.mark.parametrize("action", ["pause/", "sync/nonsense/"])
def test_what_is_not_there_is_not_found(as_role, account, action):
    pk = 0 if action == "pause/" else account.pk

    assert as_role("manager").post(f"/sellers/{pk}/{action}").status_code == 404


def test_pause_and_resume_are_recorded_with_the_person(as_role, account):
    browser = as_role("manager")

    answer = browser.post(f"/sellers/{account.pk}/pause/", {"next": "/listings/", "reason": "Inventory day"})
    assert told(SellerAccount.objects.get().status_reason) == "Paused by manager-person: Inventory day"
    assert (answer.status_code, answer.headers["Location"]) == (303, "/listings/")
    assert SellerAccount.objects.get().state == "paused"
    browser.post(f"/sellers/{account.pk}/resume/", headers={"HX-Request": "true"})
    assert SellerAccount.objects.get().state == "connected"

    events = SellerAccount.pgh_event_model.objects.order_by("pgh_id")
    assert [event.pushes_paused for event in events][-2:] == [True, False]
    assert [told(event.status_reason) for event in events][-2:] == ["Paused by manager-person: Inventory day", ""]
    person = get_user_model().objects.get()
    assert {event.pgh_context.metadata["user"] for event in events[1:]} == {person.pk}


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_a_pause_says_why(as_role, account, reason):
    browser = as_role("manager")
    asked = browser.get(f"/sellers/{account.pk}/pause/?next=/listings/")

    answer = browser.post(f"/sellers/{account.pk}/pause/", {"next": "/listings/", "reason": reason})

    assert 'name="next" value="/listings/"' in asked.content.decode()
    assert (answer.status_code, SellerAccount.objects.get().state) == (422, "connected")
    assert answer.context["form"].errors["reason"]
    assert 'name="next" value="/listings/"' in answer.content.decode()


def test_htmx_is_answered_by_a_redirect_of_its_own(as_role, account):
    answer = as_role("manager").post(f"/sellers/{account.pk}/pause/", {"reason": "x"}, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sellers/")


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_no_way_back_leads_elsewhere(as_role, account, next_page):
    answer = as_role("manager").post(f"/sellers/{account.pk}/pause/", {"next": next_page, "reason": "x"})

    assert answer.headers["Location"] == "/sellers/"


def test_disconnect_asks_first_then_revokes_and_forgets(as_role, account, world):
    browser = as_role("manager")
    assert browser.get(f"/sellers/{account.pk}/disconnect/").status_code == 200
    assert SellerAccount.objects.get().status == "connected"

    browser.post(f"/sellers/{account.pk}/disconnect/")

    account = SellerAccount.objects.get()
    assert (account.status, told(account.status_reason)) == ("disconnected", "Disconnected by manager-person.")
    assert account.ml_user_id not in world.consents
    grant = Grant.objects.get()
    assert (grant.state, grant.access_ct, grant.refresh_ct) == ("dead", None, None)


def test_disconnect_forgets_even_when_ml_is_away(as_role, account, world):
    world.faults.add(faults.SERVER_ERROR, times=None)

    answer = as_role("manager").post(f"/sellers/{account.pk}/disconnect/", follow=False)

    assert answer.status_code == 303
    assert SellerAccount.objects.get().status == "disconnected"
    assert grants.current(account.pk) is None


def test_sync_catalog_is_a_job_and_only_one(as_role, account):
    browser = as_role("operator")

    browser.post(f"/sellers/{account.pk}/sync/catalog/")
    browser.post(f"/sellers/{account.pk}/sync/catalog/")

    job = Job.objects.get()
    assert (job.kind, job.account, job.created_by.username) == ("catalog_import", account, "operator-person")


@pytest.mark.parametrize(("what", "kind"), [("orders", "order_poll"), ("missed", "missed_feeds")])
def test_sync_asks_for_a_reading(as_role, account, what, kind):
    as_role("operator").post(f"/sellers/{account.pk}/sync/{what}/")

    row = Work.objects.get()
    assert (row.account, row.kind, row.key, row.state) == (account, kind, "button", "ready")


def test_settings_are_kept_and_lead_to_the_stock_rules(as_role, account):
    browser = as_role("manager")
    page = f"/sellers/{account.pk}/settings/"
    assert f"/stock-rules/sellers/{account.pk}/" in browser.get(page).content.decode()

    assert browser.post(page, {"drift_policy": "ask", "buffer": "2"}).status_code == 303

    account.refresh_from_db()
    assert (account.buffer, account.drift_policy) == (0, "ask")
    assert not Work.objects.exists()


@pytest.mark.parametrize("wrong", [{"drift_policy": "guess"}, {}])
def test_wrong_settings_are_refused_beside_the_field(as_role, account, wrong):
    answer = as_role("manager").post(f"/sellers/{account.pk}/settings/", wrong)

    assert answer.status_code == 422
    assert SellerAccount.objects.get().drift_policy == "overwrite"


@pytest.mark.parametrize("path", ["connect/", "{pk}/disconnect/", "{pk}/settings/"])
def test_a_hostile_nickname_is_text(as_role, connect, world, path):
    account = connect(world.add_seller("<img src=x onerror=alert(1)>"))

    page = as_role("manager").get(f"/sellers/{path.format(pk=account.pk)}").content.decode()

    assert "<img src=x" not in page


@pytest.mark.parametrize("model", ["grant", "oauthflow", "refreshattempt"])
def test_the_admin_knows_no_tokens(client, owner, model):
    client.force_login(owner)

    assert client.get(f"/admin/sellers/{model}/").status_code == 404


@pytest.mark.parametrize("model", ["selleraccount", "work", "notification", "pushattempt", "job"])
def test_the_admin_shows_raw_records_and_changes_none(client, owner, account, model):
    client.force_login(owner)

    assert client.get(f"/admin/sellers/{model}/").status_code == 200
    assert client.get(f"/admin/sellers/{model}/add/").status_code == 403


def test_the_admin_shows_no_token(client, owner, account):
    client.force_login(owner)
    grant = grants.current(account.pk)

    page = client.get(f"/admin/sellers/selleraccount/{account.pk}/change/").content.decode()

    assert account.nickname in page
    assert grants.access_token(grant) not in page


def test_sync_now_and_retry_from_the_admin(client, owner, account):
    client.force_login(owner)

    client.post("/admin/sellers/selleraccount/", {"action": "sync_now", "_selected_action": [account.pk]})
    assert sorted(Work.objects.values_list("kind", flat=True)) == ["job", "missed_feeds", "order_poll"]

    dead = Work.objects.get(kind="order_poll")
    Work.objects.filter(pk=dead.pk).update(state="dead", last_error="broken")
    client.post("/admin/sellers/work/", {"action": "retry", "_selected_action": [dead.pk]})
    dead.refresh_from_db()
    assert dead.state == "ready"


def test_disconnect_of_a_seller_that_needs_reconnect_still_revokes(as_role, account, world):
    """Work may have found a permission missing while the token is good."""
    SellerAccount.objects.update(status="needs_reconnect")

    as_role("manager").post(f"/sellers/{account.pk}/disconnect/")

    assert account.ml_user_id not in world.consents
    assert SellerAccount.objects.get().status == "disconnected"
