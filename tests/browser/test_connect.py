"""Connecting a seller through Mercado Libre's own consent page, and every way in which it may end in nothing."""

import pytest
from playwright.sync_api import Page, expect

from sellers.connection import grants
from sellers.models import Grant, SellerAccount

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-desk")]


@pytest.fixture
def sellers(world):
    return [world.add_seller("TIENDA_SUR"), world.add_seller("TIENDA_NORTE")]


@pytest.fixture
def consent(staff, site, market, sellers) -> Page:
    """Mercado Libre asks whether Enlace may use the account."""
    staff.goto(f"{site}/sellers/")
    staff.get_by_role("button", name="Connect").click()
    expect(staff.get_by_role("heading", name="Allow Enlace to use your account?")).to_be_visible()
    return staff


def test_yes_connects_a_seller_that_observes(consent, site):
    consent.get_by_role("radio", name="TIENDA_NORTE").check()
    consent.get_by_role("button", name="Allow").click()
    expect(consent.get_by_role("heading", name="Connect TIENDA_NORTE (MLA)?")).to_be_visible()
    assert "code=" not in consent.url
    assert not SellerAccount.objects.exists()

    consent.get_by_role("button", name="Yes, connect").click()

    expect(consent.locator("#toasts")).to_contain_text("TIENDA_NORTE (MLA) is connected and observes")
    account = SellerAccount.objects.get()
    assert (account.nickname, account.status, account.mode) == ("TIENDA_NORTE", "connected", "observe")


def test_no_at_the_last_question_keeps_nothing(consent):
    consent.get_by_role("button", name="Allow").click()

    consent.get_by_role("button", name="No, cancel").click()

    expect(consent.locator("#toasts")).to_contain_text("Nothing was connected.")
    assert not SellerAccount.objects.exists()
    assert not Grant.objects.exists()


def test_deny_at_mercado_libre_is_explained(consent, refusals):
    refusals.add(400)
    consent.get_by_role("button", name="Deny").click()

    expect(consent.get_by_role("heading", name="Not connected")).to_be_visible()
    expect(consent.get_by_role("alert")).to_contain_text("choose Allow")
    assert not SellerAccount.objects.exists()


def test_a_collaborator_is_stopped_by_mercado_libre(consent, refusals):
    refusals.add(403)
    consent.get_by_label("A collaborator").check()

    consent.get_by_role("button", name="Allow").click()

    expect(consent.get_by_text("invalid_operator_user_id")).to_be_visible()
    assert not SellerAccount.objects.exists()


def test_a_reconnect_that_brings_another_seller_is_refused_with_both_names(
    staff, site, market, sellers, connect, refusals
):
    refusals.add(400)
    account = connect(sellers[0])
    before = grants.current(account.pk).pk
    staff.goto(f"{site}/sellers/{account.pk}/")
    staff.get_by_role("button", name="Reconnect").click()
    staff.get_by_role("radio", name="TIENDA_NORTE").check()

    staff.get_by_role("button", name="Allow").click()

    expect(staff.get_by_role("alert")).to_contain_text("TIENDA_SUR")
    expect(staff.get_by_role("alert")).to_contain_text("TIENDA_NORTE")
    assert SellerAccount.objects.get().nickname == "TIENDA_SUR"
    assert grants.current(account.pk).pk == before


def test_a_seller_that_lost_its_access_is_connected_again(staff, site, market, sellers, connect):
    account = connect(sellers[0])
    SellerAccount.objects.update(status="needs_reconnect", status_reason="invalid_grant", mode="live")
    staff.goto(f"{site}/sellers/")
    expect(staff.locator("main")).to_contain_text("Needs reconnect")
    staff.get_by_role("button", name="Reconnect").click()
    staff.get_by_role("radio", name="TIENDA_SUR").check()
    staff.get_by_role("button", name="Allow").click()
    expect(staff.locator("main")).to_contain_text("This seller is known here")

    staff.get_by_role("button", name="Yes, connect").click()

    expect(staff.locator("#toasts")).to_contain_text("TIENDA_SUR (MLA) is connected again, and live as before.")
    account.refresh_from_db()
    assert (account.status, account.mode) == ("connected", "live")
