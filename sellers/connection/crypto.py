"""Sealing of secrets at rest: AES-256-GCM, bound to the row they belong to.

A blob is version (1 byte) ‖ key id (4) ‖ nonce (12) ‖ ciphertext with tag. The first key of FIELD_ENCRYPTION_KEYS
seals, all of them open. What a blob is bound to ("table:row:field") is authenticated with it: a blob copied to
another row, or to another field of the same row, does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION = b"\x01"
KEY_ID_LENGTH = 4
NONCE_LENGTH = 12
HEADER_LENGTH = len(VERSION) + KEY_ID_LENGTH


class CannotOpen(Exception):
    """The blob was made with a key that is gone, belongs to another row, or was changed."""


@dataclass(frozen=True)
class Key:
    """One key of the ring. Its id is a hash: it tells which key sealed a blob and nothing about the key."""

    material: bytes

    def __repr__(self) -> str:
        return f"<Key {self.id.hex()}>"

    @property
    def id(self) -> bytes:
        return hashlib.sha256(b"enlace key id" + self.material).digest()[:KEY_ID_LENGTH]


@dataclass(frozen=True)
class KeyRing:
    """Keys in the order of the setting: the first seals, all open."""

    keys: tuple[Key, ...]

    def seal(self, text: str, *, bound_to: str) -> bytes:
        """`bound_to` names table, row and field; opening needs the same."""
        key = self.keys[0]
        header, nonce = VERSION + key.id, os.urandom(NONCE_LENGTH)
        sealed = AESGCM(key.material).encrypt(nonce, text.encode(), header + bound_to.encode())
        return header + nonce + sealed

    def open(self, blob: bytes | memoryview, *, bound_to: str) -> str:
        """Raises CannotOpen."""
        blob = bytes(blob)
        header, nonce = blob[:HEADER_LENGTH], blob[HEADER_LENGTH : HEADER_LENGTH + NONCE_LENGTH]
        key = next((key for key in self.keys if header == VERSION + key.id), None)
        if key is None:
            raise CannotOpen(f"{bound_to}: none of FIELD_ENCRYPTION_KEYS made this")
        try:
            opened = AESGCM(key.material).decrypt(
                nonce, blob[HEADER_LENGTH + NONCE_LENGTH :], header + bound_to.encode()
            )
        except (InvalidTag, ValueError):
            raise CannotOpen(f"{bound_to}: it was changed, or belongs to another row") from None
        return opened.decode()

    def is_current(self, blob: bytes | memoryview) -> bool:
        """Whether the first key sealed it."""
        return bytes(blob[:HEADER_LENGTH]) == VERSION + self.keys[0].id

    def fingerprint(self, secret: str) -> bytes:
        """A keyed hash: tells that two secrets are equal, to nobody without the key."""
        return hmac.new(self.keys[0].material, b"fingerprint:" + secret.encode(), hashlib.sha256).digest()


def ring() -> KeyRing:
    """The key ring of the settings. Raises ImproperlyConfigured for a key that is not 32 bytes."""
    return _ring(tuple(settings.FIELD_ENCRYPTION_KEYS))


@lru_cache(maxsize=8)
def _ring(written: tuple[str, ...]) -> KeyRing:
    keys = tuple(Key(read_key(text.strip())) for text in written if text.strip())
    if not keys:
        raise ImproperlyConfigured("Set FIELD_ENCRYPTION_KEYS: one or more keys of 32 bytes, comma-separated.")
    return KeyRing(keys)


def read_key(text: str) -> bytes:
    """A key written as 64 hex digits or as base64 (either alphabet). Raises ImproperlyConfigured, never showing it."""
    for decode in (bytes.fromhex, _base64):
        try:
            key = decode(text)
        except (ValueError, binascii.Error):
            continue
        if len(key) == 32:
            return key
    raise ImproperlyConfigured(
        "A key in FIELD_ENCRYPTION_KEYS is not 32 bytes as hex or base64."
        ' Make one with: python -c "import secrets; print(secrets.token_hex(32))"'
    )


def _base64(text: str) -> bytes:
    plain = text.replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
