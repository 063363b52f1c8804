"""Whether something may be written to Mercado Libre for a seller, asked right before it is."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from sellers.brakes import installation
from sellers.models import SellerAccount
from sellers.queue.outcomes import WritesHeld

MAY_WRITE = """
select a.mode = 'live', a.status = 'connected', a.pushes_paused and not (a.sales_go_on and %s),
       exists (select from sellers_writestop where ended_at is null), i.key, i.epoch
  from sellers_selleraccount a left join sellers_installation i on i.id = 1 where a.id = %s
"""
PAUSED = "Pushes of this seller are paused."
NOT_CONNECTED = "This seller has to connect again first."
STOPPED = "Writing to Mercado Libre is stopped."


@dataclass(frozen=True)
class Answer:
    """`on`: go ahead. `held`: not now, for what `words` say; neither: this seller is not to be written to."""

    on: bool = False
    held: bool = False
    words: str = ""


def may_write(account_id: int, *, sales_only: bool = False) -> Answer:
    """Read the switches of the seller and of everything, in one query.

    `sales_only`: what is to be written is nothing but what buyers took, which only staff's pause holds back.
    """
    with connection.cursor() as cursor:
        cursor.execute(MAY_WRITE, [sales_only, account_id])
        live, connected, paused, stopped, key, epoch = cursor.fetchone()
    if not live:
        return Answer()
    if not connected:
        return Answer(held=True, words=NOT_CONNECTED)
    if paused:
        return Answer(held=True, words=PAUSED)
    if stopped or not installation.is_trusted(key, epoch):
        return Answer(held=True, words=STOPPED)
    return Answer(on=True)


def is_wanted(account: SellerAccount) -> bool:
    """Whether a seller is to be written to at all, as its row was read. Raises WritesHeld where only not now: what is
    wanted keeps its place, since nobody asks for it again when the seller is resumed or connected."""
    if account.mode != SellerAccount.Mode.LIVE:
        return False
    if not account.may_write:
        raise WritesHeld(PAUSED if account.pushes_paused else NOT_CONNECTED)
    return True
