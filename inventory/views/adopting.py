"""The first stock of a seller's products, as Mercado Libre shows it: looked at, then taken over as it was shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Product
from inventory.documents import adopting
from sellers.models import SellerAccount
from ui import htmx
from ui.permissions import MANAGER, role_required

SHOWN = 200
NAMED = 10  # products in one message
LONGEST = 18  # digits of a number in the form


@role_required(MANAGER)
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would be taken over; a POST carries what was shown, and takes that, each product once."""
    account = get_object_or_404(SellerAccount, pk=pk)
    if request.method != "POST":
        return page(request, account, {})
    shown = units_of(request.POST.getlist("shown"))
    try:
        done = adopting.adopt(account, by=request.user, shown=shown)
    except ValueError:
        messages.error(request, _("The seller sells from no warehouse: link one on the page Warehouses first."))
        return htmx.redirect(request, reverse("inventory:adopt", args=[pk]))
    many = len(done.plain)
    told = ngettext("%(many)d product taken over as shown.", "%(many)d products taken over as shown.", many)
    messages.success(request, told % {"many": many})
    if done.left:
        messages.warning(request, left_alone(done.left))
    if not done.changed:
        return htmx.redirect(request, reverse("inventory:adopt", args=[pk]))
    many = len(done.changed)
    told = ngettext(
        "%(many)d product shows another quantity by now and was left. Look again and confirm.",
        "%(many)d products show another quantity by now and were left. Look again and confirm.",
        many,
    )
    messages.warning(request, told % {"many": many})
    return page(request, account, {one.product_id: shown[one.product_id] for one in done.changed})


def page(request: HttpRequest, account: SellerAccount, before: Mapping[int, int]) -> HttpResponse:
    """`before`: units by product id that the reader saw and that have changed; they stand first."""
    found = adopting.found(account)
    plain = sorted(found.plain, key=lambda one: one.product_id not in before)[:SHOWN]
    products = Product.objects.in_bulk([*(one.product_id for one in plain), *found.differ[:SHOWN]])
    context = {
        "title": _("First stock: %(seller)s") % {"seller": account.nickname},
        "account": account,
        "plain": [(products[one.product_id], one, before.get(one.product_id)) for one in plain],
        "differ": [products[pk] for pk in found.differ[:SHOWN]],
        "many": len(found.plain),
        "shown": len(plain),
    }
    return render(request, "inventory/adopt.html", context)


def left_alone(product_ids: Sequence[int]) -> str:
    """What was shown and not taken over, the first by name."""
    skus = Product.objects.filter(pk__in=product_ids).order_by("sku").values_list("sku", flat=True)[:NAMED]
    many = len(product_ids)
    told = ngettext(
        "%(many)d product was not taken over: %(skus)s. It was counted meanwhile, or its listings changed: look "
        "whether it stands under “To be counted by hand”.",
        "%(many)d products were not taken over: %(skus)s. They were counted meanwhile, or their listings changed: look "
        "which of them stand under “To be counted by hand”.",
        many,
    )
    return told % {"many": many, "skus": ", ".join(skus) + (", …" if many > NAMED else "")}


def units_of(lines: Iterable[str]) -> dict[int, int]:
    """Units by product id, of the lines "<product id>:<units>" that the page carries."""
    pairs = [line.partition(":") for line in lines]
    numbers = [text for product, _colon, units in pairs for text in (product, units)]
    if not all(text.isascii() and text.isdigit() and len(text) <= LONGEST for text in numbers):
        raise SuspiciousOperation("not a product and its units")
    return {int(product): int(units) for product, _colon, units in pairs}
