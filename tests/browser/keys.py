"""Keys as staff presses them: one after the other, each when the answer to the one before is there."""

from playwright.sync_api import Page, expect


def press(page: Page, *keys: str) -> None:
    for key in keys:
        settled(page)
        page.keyboard.press(key)


def settled(page: Page) -> None:
    """What htmx put into the page answers to clicks once it is settled."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling")).to_have_count(0)
