"""What staff does to a seller: pause, resume, observe, settings, read again now, disconnect."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mercadolibre import errors
from sellers.connection import clients, crypto, grants, tokens
from sellers.models import SellerAccount
from sellers.points import point
from sellers.queue import jobs, work
from ui.stored import stored

logger = logging.getLogger(__name__)

# What can be asked for now: the word in the address -> work kind. The key says that staff asked.
ASKED_FOR = "button"
SYNCS = {"orders": "order_poll", "missed": "missed_feeds"}


def pause(account: SellerAccount, *, by: Any = None, reason: str = "") -> None:
    """Write nothing to ML until resumed. Orders are still read; what is to be pushed waits."""
    told = stored(gettext_noop("Paused by %(person)s: %(reason)s"), person=by, reason=reason) if reason else ""
    _change(account, pushes_paused=True, sales_go_on=False, status_reason=told)


@transaction.atomic
def resume(account: SellerAccount) -> None:
    """Push again, beginning with what waited. What paused it is settled by that (settings.RESUMED)."""
    _change(account, pushes_paused=False, sales_go_on=False, status_reason="")
    point("resume.written")
    import_string(settings.RESUMED)(account)
    tokens.wake(account.pk)


def observe(account: SellerAccount) -> None:
    """Back to observe mode: everything is read and computed, nothing is written to ML."""
    _change(account, mode=SellerAccount.Mode.OBSERVE, live_since=None, live_by=None)


def change_settings(account: SellerAccount, *, drift_policy: str) -> None:
    """What happens when somebody changes a value at ML."""
    _change(account, drift_policy=drift_policy)


def _change(account: SellerAccount, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(account, name, value)
    account.save(update_fields=list(fields))


def sync_now(account: SellerAccount, what: str, *, by: Any) -> str:
    """Ask for a reading now: catalog, orders or missed. Returns what to tell. Raises ValueError for another word."""
    if what == "catalog":
        title = stored(gettext_noop("Import the listings of %(seller)s"), seller=account.nickname)
        jobs.start(kind="catalog_import", title=title, account=account, by=by)
        return _("The listings of %(seller)s are being imported.") % {"seller": account.nickname}
    if what not in SYNCS:
        raise ValueError(f"nothing is called {what!r}")
    work.bump(account_id=account.pk, kind=SYNCS[what], key=ASKED_FOR, priority=0)
    if what == "orders":
        return _("The orders of %(seller)s are being read.") % {"seller": account.nickname}
    return _("Missed notifications of %(seller)s are being read.") % {"seller": account.nickname}


def disconnect(account: SellerAccount, *, by: Any) -> bool:
    """Take our rights away at ML, as far as it answers, and forget the tokens whatever it says.

    Returns whether ML confirmed. Nothing else is deleted: connecting again goes on where this stopped.
    """
    revoked = _revoke(account)
    point("disconnect.revoked")
    with transaction.atomic():
        grants.forget(account.pk)
        reason = stored(gettext_noop("Disconnected by %(person)s."), person=by)
        _change(account, status=SellerAccount.Status.DISCONNECTED, status_reason=reason, refresh_wanted_at=None)
    logger.info("seller %s: disconnected by user %s, revoked at ML: %s", account.pk, by.pk, revoked)
    return revoked


def _revoke(account: SellerAccount) -> bool:
    grant = grants.current(account.pk)
    if grant is None:
        return False
    try:
        client = clients.reading_client(grants.access_token(grant))
        client.revoke(account.ml_user_id, int(settings.MELI_CLIENT_ID))
    except (errors.MeliError, crypto.CannotOpen) as error:
        logger.warning("seller %s: not revoked at Mercado Libre: %s", account.pk, error)
        return False
    return True
