"""What waits for long gets its turn: rows that more urgent ones keep passing stand in line with them, by due time.

Without it a poll would never come while orders keep coming, and a look never while pushes do. Which priority that is
in a lane says settings.AGED_PRIORITY: there what was due first is claimed first.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from sellers.queue import work
from sellers.queue.work_sql import MAY_CALL, MAY_PUSH

LONG = timedelta(minutes=2)
MOST = 50  # of a kind at a time: thousands of old orders that are read again must not come before the new ones

# Only what can be done now: what waits for its seller takes no turn, and stands in nobody's way.
# Nothing is waited for, and rows are locked as everywhere: by kind, then key, then seller, as bytes.
AGE = f"""
with waiting as materialized (
  select w.id, aged.priority, row_number() over (partition by w.lane, w.kind order by w.due_at, w.id) as turn
    from unnest(%(lanes)s::smallint[], %(priorities)s::smallint[]) as aged (lane, priority)
    join sellers_work w on w.lane = aged.lane and w.priority > aged.priority
    left join sellers_selleraccount a on a.id = w.account_id
   where w.state = 'ready' and w.due_at < now() - %(long)s and {MAY_CALL} and {MAY_PUSH}),
held as materialized (
  select w.id, waiting.priority from sellers_work w join waiting on waiting.id = w.id and waiting.turn <= %(most)s
   where w.state = 'ready' order by w.kind collate "C", w.key collate "C", w.account_id for update of w skip locked)
update sellers_work w set priority = held.priority from held where w.id = held.id
"""  # noqa: S608  no outside words in it


def age() -> int:
    """Put what has been due for long in line with what is urgent in its lane. Returns how many rows that were.

    They keep the place until they are done; asked for again after that they begin with their own priority.
    """
    aged = {settings.LANES[lane]: priority for lane, priority in settings.AGED_PRIORITY.items()}
    parameters: dict[str, Any] = {"lanes": list(aged), "priorities": list(aged.values()), "long": LONG, "most": MOST}
    parameters["push_kinds"] = list(work.PUSH_KINDS)
    with connection.cursor() as cursor:
        cursor.execute(AGE, parameters)
        count: int = cursor.rowcount
    return count
