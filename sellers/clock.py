"""The database's clock: whatever is kept beside its times, or compared with them, is told by it.

The clocks of two machines never agree, and one may be an hour off: work that one did would seem old to another, or yet
to come. A process's own clock is for its pages and logs. How long something takes is told by `time.monotonic`.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import connection


def now() -> datetime:
    """This moment, within a transaction too."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def since(moment: datetime, read_at: float) -> datetime:
    """This moment, where the clock was read as `moment` when `time.monotonic` told `read_at`: it is not asked again."""
    return moment + timedelta(seconds=time.monotonic() - read_at)
