"""Token answers on disk: written and synced before they are read, so that no crash after ML's answer can lose it.

A refresh token works once. The answer that replaces it is sealed into a file before it is parsed or stored, and the
file goes when the database has it. A file left behind is taken in by the next round (`tokens.replay`).
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from mercadolibre.oauth import Token
from mercadolibre.protocol import Request, Response, decode
from mercadolibre.transport import Transport
from sellers.connection import crypto
from sellers.notifications.disk import write_all
from sellers.points import point

logger = logging.getLogger(__name__)

ROOM = 16 * 1024  # reserved before the call: a full disk shows before a refresh token is spent
DRAFT, SUFFIX, UNREADABLE = ".draft", ".token", ".unreadable"


@dataclass(frozen=True)
class Spooled:
    """The raw answer to one refresh attempt."""

    attempt_id: int
    path: Path

    def token(self) -> Token:
        """Raises crypto.CannotOpen, and what reading a malformed answer raises (ValueError, errors.MeliError)."""
        sealed = self.path.read_bytes()
        if self.is_torn():  # perhaps whole, with what was reserved behind it
            sealed = sealed.rstrip(b"\0")
        kept = json.loads(crypto.ring().open(sealed, bound_to=bound_to(self.attempt_id)))
        response = Response(kept["status"], {}, base64.b64decode(kept["body"]))
        return Token.from_json(decode(response, Request("POST", "/oauth/token")))

    def is_blank(self) -> bool:
        """Room that was taken for an answer which never came."""
        return not self.path.read_bytes().strip(b"\0")

    def is_torn(self) -> bool:
        """Its process was killed in the middle of writing it: the reserved room was never cut to its length."""
        return self.path.suffix == DRAFT and self.path.stat().st_size == ROOM

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def set_aside(self) -> Path:
        """Keep an answer that nobody can read, sealed, for a human."""
        return self.path.rename(self.path.with_suffix(UNREADABLE))


def folder() -> Path:
    found = Path(settings.DATA_DIR) / "spool" / "tokens"
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def bound_to(attempt_id: int) -> str:
    return f"spool:{attempt_id}:answer"


def waiting() -> Iterator[Spooled]:
    """Answers that the database may not have yet, oldest attempt first, and what the killed left on their way there."""
    found = [path for path in folder().iterdir() if path.suffix in (DRAFT, SUFFIX) and path.stem.isdigit()]
    return iter([Spooled(int(path.stem), path) for path in sorted(found, key=lambda path: int(path.stem))])


@dataclass
class SpoolingTransport:
    """Carries one refresh and keeps the raw answer before anybody looks into it. Used once."""

    inner: Transport
    attempt_id: int
    spooled: Spooled | None = None

    def prepare(self) -> None:
        """Take the room on the disk. Raises OSError: then nothing may be sent."""
        self._write(self._draft, b"\0" * ROOM)

    def send(self, request: Request, *, base_url: str, access_token: str | None) -> Response:
        point("token.before_post")
        response = self.inner.send(request, base_url=base_url, access_token=access_token)
        point("token.after_post")
        if 200 <= response.status < 300:
            try:
                self._keep(response)
            except OSError:
                # The answer is still in memory: losing the file must not lose the tokens.
                logger.exception("refresh attempt %s: its answer could not be kept on disk", self.attempt_id)
        return response

    def discard(self) -> None:
        """Give the room back where nothing was kept."""
        with contextlib.suppress(OSError):
            self._draft.unlink(missing_ok=True)

    @property
    def _draft(self) -> Path:
        return folder() / f"{self.attempt_id}{DRAFT}"

    def _keep(self, response: Response) -> None:
        kept = json.dumps({"status": response.status, "body": base64.b64encode(response.body).decode()})
        self._write(self._draft, crypto.ring().seal(kept, bound_to=bound_to(self.attempt_id)))
        point("token.drafted")
        final = self._draft.with_suffix(SUFFIX)
        self._draft.rename(final)
        sync_folder(final.parent)
        point("token.spooled")
        self.spooled = Spooled(self.attempt_id, final)

    def _write(self, path: Path, content: bytes) -> None:
        """Overwrite in place: the blocks taken by `prepare` are used again."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            write_all(descriptor, content)
            os.ftruncate(descriptor, len(content))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
