"""Whether something may be written to Mercado Libre for a seller, asked right before it is."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from sellers import installation

MAY_WRITE = """
select a.status = 'connected' and a.mode = 'live', a.pushes_paused,
       exists (select from sellers_writestop where ended_at is null), i.key, i.epoch
  from sellers_selleraccount a left join sellers_installation i on i.id = 1 where a.id = %s
"""
PAUSED = "Pushes of this seller are paused."
STOPPED = "Writing to Mercado Libre is stopped."


@dataclass(frozen=True)
class Answer:
    """`on`: go ahead. `held`: not now, for what `words` say; neither: this seller is not to be written to."""

    on: bool = False
    held: bool = False
    words: str = ""


def may_write(account_id: int) -> Answer:
    """Read the switches of the seller and of everything, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(MAY_WRITE, [account_id])
        live, paused, stopped, key, epoch = cursor.fetchone()
    if not live:
        return Answer()
    if paused:
        return Answer(held=True, words=PAUSED)
    if stopped or not installation.is_trusted(key, epoch):
        return Answer(held=True, words=STOPPED)
    return Answer(on=True)
