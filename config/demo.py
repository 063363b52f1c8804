"""The demo's own data: a staff login, and the merchant's products and counted stock that fit the sandbox's listings."""

import csv
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

if not apps.ready:
    django.setup()

from catalog.models import Product
from sandbox import demo

LOGIN = "owner"
COLUMNS = {
    "products.csv": ("sku", "name", "cost", "currency", "gtin"),
    "stock.csv": ("sku", "on_hand"),
}


def prepare() -> str:
    """Make what is missing and return the staff password. Repeating it changes nothing."""
    password = staff_password()
    if settings.USE_SANDBOX and not Product.objects.exists():
        folder = Path(settings.DATA_DIR) / "demo"
        write_files(folder)
        call_command("import_products", folder / "products.csv", verbosity=0)
        call_command("import_stock", folder / "stock.csv", warehouse="MAIN", verbosity=0)
    return password


def staff_password() -> str:
    """The demo's staff login, made once; its password is kept beside the demo's data."""
    path = Path(settings.DATA_DIR) / "staff_password"
    users: Any = get_user_model().objects
    if path.exists() and users.filter(username=LOGIN).exists():
        return path.read_text()
    password = secrets.token_urlsafe(9)
    path.write_text(password)
    path.chmod(0o600)
    users.filter(username=LOGIN).delete()
    users.create_superuser(LOGIN, "owner@example.com", password)
    return password


def write_files(folder: Path) -> None:
    """The merchant's spreadsheets, as the import commands take them."""
    folder.mkdir(parents=True, exist_ok=True)
    products = demo.products()
    for name, columns in COLUMNS.items():
        write_csv(folder / name, columns, ([product[column] for column in columns] for product in products))


def write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[Iterable[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


if __name__ == "__main__":
    print(prepare())  # noqa: T201  read by config.run
