"""Wake-ups from the pump to the Celery workers. A broker that is down costs a fraction of a second, never a row."""

from __future__ import annotations

import logging
import time
from typing import Any

import redis
from django.conf import settings
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from sellers.tasks import WAKE_UPS

logger = logging.getLogger(__name__)

QUICK = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2, "retry_on_timeout": False}
ONCE = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
ENOUGH = 4  # wake-ups that may wait in a lane's queue; each drains until nothing is due


class Waker:
    """Sends wake-ups; `silent_for()` says for how many seconds the broker has not taken any."""

    def __init__(self, broker_url: str | None = None) -> None:
        self.url = broker_url or settings.CELERY_BROKER_URL
        self.client = redis.Redis.from_url(self.url, **QUICK)
        self.connection: Any = None
        self.silent_since: float | None = None
        self.queues = {number: name for name, number in settings.LANES.items()}

    def wake(self, lane: int) -> bool:
        """Wake one worker of a lane. False where nobody more can be: enough are, or the broker does not answer."""
        try:
            sent = self._send(lane)
        except (OperationalError, RedisError, OSError) as error:
            if self.silent_since is None:
                self.silent_since = time.monotonic()
                logger.warning("the broker does not answer (%s); work goes on without it", type(error).__name__)
            self._close()
            return False
        if self.silent_since is not None:
            logger.info("the broker answers again")
        self.silent_since = None
        return sent

    def silent_for(self) -> float:
        return 0 if self.silent_since is None else time.monotonic() - self.silent_since

    def _send(self, lane: int) -> bool:
        if self._waiting(self.queues[lane]) >= ENOUGH:
            return False
        if self.connection is None:
            self.connection = Connection(  # type: ignore[no-untyped-call]
                self.url, transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS | QUICK
            )
        WAKE_UPS[lane].apply_async(connection=self.connection, retry=True, retry_policy=ONCE)
        return True

    def _waiting(self, queue: str) -> int:
        """Asked first: it notices a broker that is down in a moment, where Celery would try for seconds."""
        prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
        return int(self.client.llen(f"{prefix}{queue}"))

    def _close(self) -> None:
        if self.connection is not None:
            self.connection.release()
            self.connection = None
