"""Hints at what is not ours. Anybody can send a notification: an order that Mercado Libre says is another seller's is
asked for as often as one that is not there yet, then let go and counted; it does not fill the list of failures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mercadolibre import errors
from mercadolibre.marking import gettext_noop
from orders.models import Order, Shipment
from sellers.queue import work


class NotOurs(errors.NotFound):
    """403, or an answer about another seller, for something that was never stored here."""

    meaning = gettext_noop("Mercado Libre says that this belongs to another seller.")
    todo = gettext_noop("Nothing: anybody can send such a notification. What is yours is found by reading your orders.")


@contextmanager
def let_go(claim: work.Claim) -> Iterator[None]:
    """Raises NotOurs where ML refuses an order or a shipment that is not known here. One that is known has a problem
    that somebody has to see: its refusal stays what it is, and so does a permission that is missing."""
    try:
        yield
    except errors.PolicyDenied:
        raise
    except (errors.Forbidden, errors.WrongResource) as refusal:
        if is_known(claim):
            raise
        raise NotOurs(
            refusal.message,
            status=refusal.status,
            code=refusal.code,
            causes=refusal.causes,
            request=refusal.request,
            body=refusal.body,
        ) from refusal


def is_known(claim: work.Claim) -> bool:
    """Whether it is stored, or is the parcel of a sale that is."""
    if claim.kind == "order":
        return Order.objects.filter(pk=claim.key, account=claim.account_id).exists()
    named = Order.objects.filter(shipping_id=claim.key, account=claim.account_id)
    return named.exists() or Shipment.objects.filter(pk=claim.key, account=claim.account_id).exists()
