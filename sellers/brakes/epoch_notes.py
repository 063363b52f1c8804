"""Where an installation's epoch is noted outside its database: a file below the data directory, and Redis."""

from __future__ import annotations

import contextlib
import logging
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from sellers.points import point

logger = logging.getLogger(__name__)

REDIS_TIMEOUT = 0.2


@dataclass(frozen=True)
class Notes:
    """What is noted outside the database: the newest epoch, None where nothing is; whether every place answered."""

    epoch: int | None
    complete: bool = True


def read_notes(key: uuid.UUID) -> Notes:
    found: list[int] = []
    complete = True
    for read in (_read_file, _read_redis):
        try:
            noted = read(key)
        except (OSError, ValueError, redis.RedisError):
            complete = False
        else:
            found += [] if noted is None else [noted]
    return Notes(max(found, default=None), complete)


def write_notes(key: uuid.UUID, epoch: int) -> None:
    """Where one of them cannot be written the other is enough."""
    with contextlib.suppress(redis.RedisError):
        _redis().set(_name(key), epoch)
    point("epoch.half_noted")
    try:
        path = _path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(str(epoch))
        new.replace(path)
    except OSError as error:
        logger.warning("the installation's epoch could not be noted on disk (%s)", type(error).__name__)


def _read_file(key: uuid.UUID) -> int | None:
    path = _path(key)
    return int(path.read_text()) if path.exists() else None


def _read_redis(key: uuid.UUID) -> int | None:
    found: Any = _redis().get(_name(key))
    return None if found is None else int(found)


def _path(key: uuid.UUID) -> Path:
    return Path(settings.DATA_DIR) / "installation" / str(key)


def _name(key: uuid.UUID) -> str:
    return f"enlace:installation:{key}"


def _redis() -> Any:
    timeouts = {"socket_timeout": REDIS_TIMEOUT, "socket_connect_timeout": REDIS_TIMEOUT}
    return redis.Redis.from_url(settings.REDIS_URL, retry=Retry(NoBackoff(), 0), **timeouts)
