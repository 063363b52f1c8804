"""Products: list, add, edit, prices by currency, import."""

from decimal import Decimal
from typing import Any

import pghistory
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalog import queries
from catalog.filters import ProductFilters
from catalog.forms import ProductForm, ProductPriceForm, SheetForm
from catalog.mapping import matching
from catalog.models import Product
from catalog.prices import price_changes
from catalog.sheets import product_sheet
from catalog.tables import ProductTable
from ui import htmx
from ui.importing import UnreadableFile, read_rows
from ui.lists import Empty, ListPage
from ui.permissions import MANAGER, OPERATOR, VIEWER, role_required


class ProductList(ListPage):
    title = _("Products")
    queryset = staticmethod(lambda request: queries.products())
    table_class = ProductTable
    filterset_class = ProductFilters
    template_name = "catalog/products.html"
    export_name = "products"
    empty = Empty(_("No products yet"), _("Add one, or import a spreadsheet with your SKUs."), icon="box")


@role_required(OPERATOR)
def add(request: HttpRequest) -> HttpResponse:
    form = ProductForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        product = form.save()
        linked = matching.link_exact(product_ids=[product.pk])
        words = gettext("%(sku)s is added, %(linked)d listings linked by their SKU.")
        messages.success(request, words % {"sku": product.sku, "linked": linked})
        return htmx.redirect(request, reverse("catalog:product", args=[product.pk]))
    context = {"title": _("Add a product"), "form": form}
    return render(request, "catalog/product_form.html", context, status=422 if form.errors else 200)


@role_required(OPERATOR)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    product = get_object_or_404(Product, pk=pk)
    form = ProductForm(request.POST or None, instance=product)
    if request.method == "POST" and form.is_valid():
        with pghistory.context(how="product form"):
            form.save()
        matching.link_exact(product_ids=[product.pk])
        messages.success(request, gettext("%(sku)s is saved.") % {"sku": product.sku})
        return htmx.redirect(request, reverse("catalog:product", args=[product.pk]))
    context = {"title": _("Edit %(sku)s") % {"sku": product.sku}, "form": form, "product": product}
    return render(request, "catalog/product_form.html", context, status=422 if form.errors else 200)


@role_required(VIEWER)
def product(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, get_object_or_404(Product, pk=pk), ProductPriceForm())


@require_POST
@role_required(MANAGER)
def price(request: HttpRequest, pk: int) -> HttpResponse:
    """Set, change or take away a product's price and floor in one currency."""
    found = get_object_or_404(Product, pk=pk)
    form = ProductPriceForm(request.POST)
    if form.is_valid() and _priced(form, found, request.user):
        messages.success(request, gettext("The price is saved; listings are updated by themselves."))
        return htmx.redirect(request, reverse("catalog:product", args=[pk]))
    return page(request, found, form, status=422)


def _priced(form: ProductPriceForm, product: Product, by: Any) -> bool:
    amounts: dict[str, Decimal | None] = {name: form.cleaned_data[name] for name in ("price", "floor")}
    try:
        price_changes.set_product_price(product=product, currency_id=form.cleaned_data["currency_id"], **amounts, by=by)
    except price_changes.PriceRefused as refusal:
        form.add_error(None, str(refusal))
    return not form.errors


def page(request: HttpRequest, found: Product, form: ProductPriceForm, status: int = 200) -> HttpResponse:
    context = {
        "title": found.sku,
        "product": found,
        "form": form,
        "prices": found.prices.order_by("currency_id"),
        "units": queries.units().filter(mapping__product=found)[:50],
        "parts": queries.kit_rows().filter(kit=found),
        "part_of": queries.kit_rows().filter(component=found)[:50],
        "kit_history": queries.kit_history(found.pk),
    }
    return render(request, "catalog/product.html", context, status=status)


@role_required(OPERATOR)
def import_sheet(request: HttpRequest) -> HttpResponse:
    """Create and update products from a sheet: checked wholly first, with the rows named that cannot be taken."""
    form = SheetForm(request.POST or None, request.FILES or None)
    plan = None
    if request.method == "POST" and form.is_valid():
        try:
            rows = read_rows(form.cleaned_data["file"], product_sheet.COLUMNS, optional=product_sheet.OPTIONAL)
        except UnreadableFile as problem:
            form.add_error("file", str(problem))
        else:
            plan = product_sheet.plan(rows)
            if plan.is_clean:
                many = product_sheet.apply(plan, by=request.user)
                messages.success(
                    request, ngettext("%(many)d product saved.", "%(many)d products saved.", many) % {"many": many}
                )
                return htmx.redirect(request, reverse("catalog:products"))
    context = {"title": _("Import products"), "form": form, "plan": plan}
    return render(request, "catalog/product_import.html", context, status=422 if plan or form.errors else 200)
