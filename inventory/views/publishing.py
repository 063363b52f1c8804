"""Publishing a listing of a seller who keeps stock by warehouse."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import Product
from inventory.models import Publication, SellerWarehouse
from inventory.publishing import publishing
from inventory.publishing.categories import attributes_of
from inventory.publishing.errors import STORES, problems_of
from inventory.publishing.forms import PublishForm
from inventory.queries import available_of
from inventory.targets.stock_targets import wanted_by_store
from mercadolibre import errors
from mercadolibre.resources.categories import CategoryAttribute
from sellers.models import SellerAccount
from sellers.queue.outcomes import TryLater
from ui import htmx
from ui.permissions import MANAGER, role_required
from ui.stored import told

SHOWN = 10
TONES = {"published": "ok", "refused": "bad", "unknown": "warn", "sending": "info"}


@role_required(MANAGER)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """A form with what our stock says of each linked store; ML's refusals stand beside its fields."""
    account = get_object_or_404(SellerAccount, pk=pk)
    links = list(account.warehouses.exclude(store_id="").select_related("warehouse"))
    product = Product.objects.filter(sku=request.GET.get("sku", "").strip()).first()
    category_id = (request.POST.get("category_id") or request.GET.get("category", "")).strip()
    attributes, trouble = _asked_by(account, category_id)
    form = PublishForm(
        request.POST or None,
        account=account,
        links=links,
        there=_there(account, links, product),
        attributes=attributes,
        initial=_known(product) | {"category_id": category_id},
    )
    if request.method == "POST" and form.is_valid():
        published = _publish(request, account, form)
        if published is not None:
            return htmx.redirect(request, published)
    newest = account.publications.select_related("product", "created_by").order_by("-created_at")[:SHOWN]
    context = {
        "title": _("Publish a listing of %(seller)s") % {"seller": account.nickname},
        "account": account,
        "links": links,
        "form": form,
        "trouble": trouble,
        "publications": [(one, TONES[one.state]) for one in newest],
    }
    return render(request, "inventory/publish.html", context, status=422 if form.errors else 200)


def _asked_by(account: SellerAccount, category_id: str) -> tuple[Sequence[CategoryAttribute] | None, str]:
    """What the category asks for, None where there is no such category; and why it cannot be told, else ""."""
    if not category_id.startswith(account.site_id):
        return (), ""
    try:
        return attributes_of(account, category_id), ""
    except errors.NotFound:
        return None, _("Mercado Libre has no category %(category)s.") % {"category": category_id}
    except ValueError:
        return (), ""
    except (errors.MeliError, TryLater) as error:
        words = _("What the category asks for cannot be told now: Mercado Libre says it when you publish. %(reason)s")
        return (), words % {"reason": error}


def _known(product: Product | None) -> dict[str, str]:
    return {"sku": product.sku, "name": product.name} if product else {}


def _there(account: SellerAccount, links: Sequence[SellerWarehouse], product: Product | None) -> dict[str, int]:
    """What our stock is good for in each store, after the seller's buffer."""
    if product is None:
        return {}
    available = available_of([product.pk]).get(product.pk, {})
    return wanted_by_store(
        [(link.store_id, available.get(link.warehouse_id, 0)) for link in links], buffer=account.buffer
    )


def _publish(request: HttpRequest, account: SellerAccount, form: PublishForm) -> str | None:
    """Where to go next, or None where the form says what is wrong."""
    draft, operation = form.draft(), form.cleaned_data["operation"]
    try:
        made = publishing.publish(account, draft, operation=operation, by=request.user)
    except errors.MeliError as error:
        for field, words in problems_of(error, store_ids=draft.quantities, attribute_ids=form.attribute_ids):
            form.blame(field, told(words))
        return None
    except TryLater as later:
        form.blame("", _("Nothing was published. %(reason)s") % {"reason": later})
        return None
    except ValueError:
        form.blame(STORES, _("Mercado Libre would not take it: look at the price and at the stores."))
        return None
    if made.state == Publication.State.PUBLISHED:
        messages.success(
            request, _("Published as %(item)s and linked to %(sku)s.") % {"item": made.item_id, "sku": made.product}
        )
        return reverse("dashboard:listing", args=[made.item_id])
    form.blame("", told(made.explanation) or _("It is being published. Look again in a moment."))
    return None
