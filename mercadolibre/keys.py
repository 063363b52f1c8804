"""Keys that go into paths: checked before any I/O, so that a path is made of constants and nothing else can get in.

Each answers the key as text and raises ValueError for anything of another shape.
"""

import re

NUMBER = re.compile(r"[1-9][0-9]{0,17}")
ITEM = re.compile(r"[A-Z]{3}[0-9]{1,15}")
USER_PRODUCT = re.compile(r"[A-Z]{3}U[0-9]{1,15}")
SITE = re.compile(r"[A-Z]{3}")
INVENTORY = re.compile(r"[A-Z0-9]{4,20}")


def _checked(pattern: re.Pattern[str], key: object, what: str) -> str:
    written = str(key) if isinstance(key, str | int) and not isinstance(key, bool) else ""
    if not pattern.fullmatch(written):
        raise ValueError(f"not {what}")
    return written


def number(key: int | str) -> str:
    """The id of a user, order, pack, shipment, family or application."""
    return _checked(NUMBER, key, "a numeric id")


def item(key: str) -> str:
    return _checked(ITEM, key, "an item id")


def user_product(key: str) -> str:
    return _checked(USER_PRODUCT, key, "a user product id")


def site(key: str) -> str:
    return _checked(SITE, key, "a site id")


def inventory(key: str) -> str:
    return _checked(INVENTORY, key, "an inventory id")
