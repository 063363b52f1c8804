"""`manage.py status` for people: the same numbers in tables, in words and units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.utils.translation import gettext as _

from dashboard.numbers import Numbers, SellerNumbers
from dashboard.queries.work import KindOfWork
from dashboard.wording import PROCESSES, SELLER_STATES, length, share
from sellers.wording import work_kind

Rows = Sequence[Sequence[object]]


def as_text(found: Numbers) -> str:
    sections = [
        (_("In all"), totals(found)),
        (_("Sellers"), sellers(found)),
        (_("Work that is not done"), work(found)),
        (_("Processes"), processes(found)),
    ]
    return "\n".join(line for title, rows in sections for line in [title.upper(), *table(rows), ""]).rstrip()


def totals(found: Numbers) -> Rows:
    return [
        [_("Order lag"), length(found.order_lag)],
        [_("Push lag"), length(found.push_lag)],
        [_("Backlog"), f"{found.backlog} ({_('Oldest waits %(age)s') % {'age': length(found.backlog_age)}})"],
        [_("Failed"), found.dead],
        [_("Differences"), found.drift],
        [_("Oldest look"), length(found.staleness)],
        [_("Calls used"), share(found.rate_used)],
        [_("Access ends in"), length(found.token_left)],
        [_("Silent topics"), found.silent_topics],
    ]


def sellers(found: Numbers) -> Rows:
    heads = [
        _("Seller"), _("Country"), _("State"), _("Mode"), _("Listings"), _("To link"), _("Differences"),
        _("Order lag"), _("Push lag"), _("Oldest look"), _("Calls used"), _("Access ends in"),
    ]  # fmt: skip
    return [heads, *([*of_seller(one)] for one in found.sellers)] if found.sellers else []


def of_seller(one: SellerNumbers) -> Iterable[object]:
    account, counted = one.card.account, one.card.numbers
    yield from (account.nickname, account.site_id, SELLER_STATES[account.state][0], account.get_mode_display())
    yield from (counted.listings, counted.unlinked, counted.drift)
    yield from (length(one.card.order_lag), length(one.card.push_lag), length(one.staleness))
    yield from (share(one.rate_used), length(one.token_left))


def work(found: Numbers) -> Rows:
    heads = [_("Kind"), _("Waiting"), _("Due"), _("Running"), _("Failed"), _("Oldest")]
    return [heads, *(of_kind(row, found) for row in found.work)] if found.work else []


def of_kind(row: KindOfWork, found: Numbers) -> Sequence[object]:
    oldest = found.at - row.since if row.since else None
    return [work_kind(row.kind), row.ready, row.due, row.leased, row.dead, length(oldest)]


def processes(found: Numbers) -> Rows:
    return [[PROCESSES.get(one.name, one.name), one.name, seen(one.age)] for one in found.processes]


def seen(age: timedelta | None) -> str:
    return _("never seen") if age is None else _("seen %(age)s ago") % {"age": length(age)}


def table(rows: Rows) -> list[str]:
    """Columns as wide as their widest value; numbers to the right."""
    if not rows:
        return [f"  {_('None')}"]
    cells = [[str(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    right = [isinstance(value, int) for value in rows[-1]]
    return ["  " + "  ".join(map(aligned, row, widths, right)).rstrip() for row in cells]


def aligned(cell: str, width: int, right: bool) -> str:
    return cell.rjust(width) if right else cell.ljust(width)
