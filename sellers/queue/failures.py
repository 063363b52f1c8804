"""Work that failed: what its words mean, which failures are alike, and those that staff settled at Mercado Libre."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import CharField, F, Func, QuerySet, TextField, Value
from django.db.models.functions import MD5, Concat

from mercadolibre.errors import BY_ITSELF, Explanation, explain_kept
from mercadolibre.marking import gettext_noop
from sellers.points import point
from sellers.queue.work_sql import HANDLE

logger = logging.getLogger(__name__)

# Kinds that ask something of Mercado Libre: only these can have been settled there.
SETTLED_THERE = (
    "order",
    "shipment",
    "stock",
    "price",
    "marketplace",
    "user_product_stock",
    "item",
    "publication",
    "full_stock",
    "full_operation",
)
RETRY_OR_REPORT = gettext_noop("Press Retry once; if it fails again, report it with these words.")
UNKNOWN = Explanation(gettext_noop("Enlace could not do this, for a reason it has no words for."), RETRY_OR_REPORT)
DATABASE_AWAY = Explanation(gettext_noop("The database did not answer in time."), BY_ITSELF)
# What fails on our side, by the class that is kept with it.
OURS = {
    "lease_expired": Explanation(
        gettext_noop("The process that worked on it ended before it was done, several times."),
        gettext_noop("Press Retry once; if it comes back, report it: this row may be what ends the process."),
    ),
    "TryLater": Explanation(gettext_noop("It waits for its turn: for now, no more calls are made for it."), BY_ITSELF),
    "Unavailable": Explanation(
        gettext_noop("Mercado Libre does not answer, or asked us to slow down: calls are held back."), BY_ITSELF
    ),
    "OperationalError": DATABASE_AWAY,
    "InterfaceError": DATABASE_AWAY,
}
WORDS = (  # sentences of our own that rows keep
    gettext_noop("The worker stopped in the middle of this."),
    gettext_noop("The calls we allow ourselves are used up for the moment."),
    gettext_noop("Calls for this seller are held back until Mercado Libre answers again."),
    gettext_noop("The seller has to connect again first."),
    gettext_noop("Mercado Libre answered with an older state of the order."),
    gettext_noop("Mercado Libre does not show the change yet."),
    gettext_noop("Mercado Libre does not show the new listing yet."),
    gettext_noop("Mercado Libre has sold something whose order is about to be imported."),
    gettext_noop("Mercado Libre has sold something whose order has not arrived yet."),
    gettext_noop("Mercado Libre made something else of the listing: it is looked at again."),
)


def explained(words: str, error_class: str) -> Explanation | None:
    """What a row's error means and what to do; None where nothing failed."""
    if not words and not error_class:
        return None
    return explain_kept(words, error_class) or OURS.get(error_class, UNKNOWN)


class Alike(Func):
    """An error's words without what makes equal ones differ: the address asked, ids and numbers. The status stays."""

    output_field = CharField()
    template = (
        "left(concat_ws(' ', substring(%(expressions)s from '^[A-Z]+ [^ ]+ ([0-9]{3})( |$)'),"
        " nullif(regexp_replace(regexp_replace(%(expressions)s, '^[A-Z]+ [^ ]+ [0-9]{3}( |$)', ''),"
        r" '\m[A-Z]{2,5}[0-9]+\M|\m[0-9a-f]{8}-[0-9a-f-]{27}\M|[0-9]+([.,][0-9]+)*', '…', 'g'), '')), 200)"
    )


def with_group(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Work rows with `group`, the same for all that failed alike: kind, class and the words that matter."""
    parts = ("kind", Value("\n"), "last_error_class", Value("\n"), Alike(F("last_error")))
    grouped: QuerySet[Any] = rows.annotate(group=MD5(Concat(*parts, output_field=TextField())))
    return grouped


def group_of(kind: str, error_class: str, words: str) -> str:
    """The `group` of rows with this kind, class and `Alike` words."""
    return hashlib.md5(f"{kind}\n{error_class}\n{words}".encode(), usedforsecurity=False).hexdigest()


@transaction.atomic
def handle(work_ids: Iterable[int], *, reason: str, by: Any) -> int:
    """Take failed rows off the list: staff says that it was settled at Mercado Libre, and why.

    Each leaves a `FailureAction`. Whoever asks for the same work again gets it done as ever, and where it fails it
    is on the list again. Rows that are not failed (any more), or never asked anything of ML, are left as they are.
    Returns how many were taken off.
    """
    parameters = {"ids": list(work_ids), "kinds": list(SETTLED_THERE), "reason": reason.strip(), "by": by.pk}
    with connection.cursor() as cursor:
        cursor.execute(HANDLE, parameters)
        point("handled.written")
        count: int = cursor.rowcount
    logger.info("%s failed rows handled at Mercado Libre by user %s", count, by.pk)
    return count
