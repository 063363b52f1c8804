"""`manage.py check --deploy` with production settings: every warning is an error."""

import os
import sys

PRODUCTION = {
    "PUBLIC_URL": "https://enlace.example.com",
    "SECRET_KEY": "checked-only-" + "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "FIELD_ENCRYPTION_KEYS": "00" * 32,
    "DATABASE_URL": "postgresql://nobody@localhost/none",
    "REDIS_URL": "redis://localhost:1/0",
    "MELI_CLIENT_ID": "1",
    "MELI_CLIENT_SECRET": "1",
    "DEBUG": "off",
    "TRUSTED_PROXIES": "1",
}

if __name__ == "__main__":
    os.environ.update(PRODUCTION)
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    os.execv(sys.executable, command)  # noqa: S606
