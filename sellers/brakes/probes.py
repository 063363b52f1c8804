"""The one call that tries whether Mercado Libre answers again, made by the pump (by beat while the pump is away)."""

from __future__ import annotations

from mercadolibre import errors
from sellers.brakes import breakers
from sellers.brakes.breakers import ML
from sellers.connection.clients import client_for
from sellers.models import Grant, SellerAccount
from sellers.points import point
from sellers.queue.outcomes import TryLater


def probe_due() -> int:
    """Try every breaker whose time has come. Returns how many were tried."""
    taken = breakers.take_probes()
    point("probe.taken")
    for scope, account_id in taken:
        good = answers(account_id if scope != ML else any_seller())
        point("probe.answered")
        breakers.probed(scope, good=good)
    return len(taken)


def answers(account_id: int | None) -> bool | None:
    """Whether Mercado Libre answers a seller, whatever it says; None where it cannot be asked now.

    A seller that was disconnected meanwhile has nothing to wait for.
    """
    account = SellerAccount.objects.connected().filter(pk=account_id or 0).first()
    if account is None:
        return True
    try:
        client_for(account, lane="orders", probing=True).me()
    except TryLater:
        return None
    except (errors.TransportError, errors.ServerError):
        return False
    except errors.MeliError:
        return True
    return True


def any_seller() -> int | None:
    """A connected seller that can be asked for, another one each time."""
    grants = Grant.objects.filter(state=Grant.State.CURRENT, account__status=SellerAccount.Status.CONNECTED)
    return grants.order_by("?").values_list("account_id", flat=True).first()
