"""Stock rules: who keeps how many back, who sells the last ones. Shown before they are saved."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Listing, Product
from inventory.forms import TwoStepForm
from inventory.models import ListingRule, ProductRule, SellerRule
from inventory.rules import rule_changes, rule_forms
from inventory.rules.history import Past, past_of
from inventory.rules.rule_changes import Change
from inventory.rules.tables import ListingRuleTable, ProductRuleTable
from inventory.views.two_steps import again, take
from sellers.models import SellerAccount
from ui import htmx
from ui.lists import Empty, ListPage
from ui.permissions import MANAGER, VIEWER, require_role, role_required


@role_required(VIEWER)
def rules(request: HttpRequest) -> HttpResponse:
    """What every seller's rule says, and how many products and listings have one of their own."""
    finder = rule_forms.FindForm(request.POST or None)
    if request.method == "POST":
        require_role(request.user, MANAGER)
        if finder.is_valid():
            return htmx.redirect(request, finder.cleaned_data["url"])
    sellers = SellerAccount.objects.exclude(status=SellerAccount.Status.DISCONNECTED)
    context = {
        "title": _("Stock rules"),
        "sellers": sellers.annotate(last_units=F("stock_rule__last_units")),
        "products": ProductRule.objects.count(),
        "listings": ListingRule.objects.count(),
        "form": finder,
    }
    return render(request, "inventory/rules.html", context, status=422 if finder.errors else 200)


class ProductRuleList(ListPage):
    title = gettext_lazy("Stock rules of products")
    queryset = staticmethod(lambda request: ProductRule.objects.select_related("product", "preferred__account"))
    table_class = ProductRuleTable
    filterset_class = rule_forms.ProductRuleFilters
    empty = Empty(
        gettext_lazy("No product has a rule of its own"),
        gettext_lazy("Until one has, the rules of the sellers count for it."),
        gettext_lazy("To the rules"),
        "/stock-rules/",
        "tag",
    )


class ListingRuleList(ListPage):
    title = gettext_lazy("Stock rules of listings")
    queryset = staticmethod(lambda request: ListingRule.objects.select_related("listing__account"))
    table_class = ListingRuleTable
    filterset_class = rule_forms.ListingRuleFilters
    empty = Empty(
        gettext_lazy("No listing has a rule of its own"),
        gettext_lazy("Until one has, the rules of its product and its seller count for it."),
        gettext_lazy("To the rules"),
        "/stock-rules/",
        "tag",
    )


@dataclass(frozen=True)
class Editor:
    """A page that edits one rule: its form, what the rule says now, and the change that an entry makes."""

    title: str
    whose: str
    hint: str | Promise
    back: str
    form: Callable[..., TwoStepForm]
    present: dict[str, Any]
    change: Callable[[dict[str, Any], tuple[Any, ...] | None], Change]
    past: list[Past]


@role_required(MANAGER)
def seller_rule(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(SellerAccount, pk=pk)
    rule = SellerRule.objects.filter(account=account).first()
    return _edit(
        request,
        Editor(
            title=_("Stock rule of %(seller)s") % {"seller": account.nickname},
            whose=account.nickname,
            hint=gettext_lazy("It counts for every listing of the seller unless its product or the listing says more."),
            back=reverse("inventory:rules"),
            form=rule_forms.SellerRuleForm,
            present={"buffer": account.buffer, "last_units": rule.last_units if rule else None},
            change=lambda entered, seen: rule_changes.OfSeller(account, **entered, seen=seen),
            past=sorted(
                [
                    *past_of("SellerAccount", {"pgh_obj_id": account.pk}, ["buffer"]),
                    *past_of("SellerRule", {"account_id": account.pk}, ["last_units"]),
                ],
                key=lambda one: one.at,
                reverse=True,
            ),
        ),
    )


@role_required(MANAGER)
def product_rule(request: HttpRequest, pk: int) -> HttpResponse:
    product = get_object_or_404(Product, pk=pk)
    rule = ProductRule.objects.filter(product=product).first() or ProductRule()
    return _edit(
        request,
        Editor(
            title=_("Stock rule of %(sku)s") % {"sku": product.sku},
            whose=product.name,
            hint=gettext_lazy("What is left empty is the seller's. It counts at every seller."),
            back=reverse("inventory:product_rules"),
            form=lambda *args, **kwargs: rule_forms.ProductRuleForm(*args, product=product, **kwargs),
            present={"buffer": rule.buffer, "last_units": rule.last_units, "preferred": rule.preferred_id},
            change=lambda entered, seen: rule_changes.OfProduct(product, **entered, seen=seen),
            past=past_of("ProductRule", {"product_id": product.pk}, ["buffer", "last_units", "preferred"]),
        ),
    )


@role_required(MANAGER)
def listing_rule(request: HttpRequest, pk: int) -> HttpResponse:
    listing = get_object_or_404(Listing.objects.select_related("account").defer("raw"), pk=pk)
    rule = ListingRule.objects.filter(listing=listing).first()
    return _edit(
        request,
        Editor(
            title=_("Stock rule of %(item)s") % {"item": listing.item_id},
            whose=listing.title,
            hint=gettext_lazy(
                "Leave it empty for the rule of its product or seller. Of listings that share their stock at "
                "Mercado Libre the largest buffer counts."
            ),
            back=reverse("inventory:listing_rules"),
            form=rule_forms.ListingRuleForm,
            present={"buffer": rule.buffer if rule else None},
            change=lambda entered, seen: rule_changes.OfListing(listing, **entered, seen=seen),
            past=past_of("ListingRule", {"listing_id": listing.pk}, ["buffer"]),
        ),
    )


def _edit(request: HttpRequest, editor: Editor) -> HttpResponse:
    seen = json.dumps(list(editor.present.values()))
    form = editor.form(request.POST or None, initial=editor.present | {"seen": seen})
    preview = None
    if request.method == "POST" and form.is_valid():
        entered = {name: form.cleaned_data[name] for name in editor.present}
        try:
            preview = take(request, editor.change(entered, _seen(form)), form)
        except rule_changes.ChangedMeanwhile:
            messages.warning(request, _("Somebody changed this rule meanwhile. This is what it says now."))
            form = editor.form(initial=editor.present | {"seen": seen})
        else:
            if preview is None:
                return htmx.redirect(request, editor.back)
            form = again(form, to_zero=preview.effect.to_zero)
    context = {"title": editor.title, "editor": editor, "form": form, "preview": preview}
    return render(request, "inventory/rule.html", context, status=422 if form.errors else 200)


def _seen(form: TwoStepForm) -> tuple[Any, ...] | None:
    try:
        found = json.loads(form.cleaned_data["seen"] or "null")
    except ValueError:
        return ("?",)
    return tuple(found) if isinstance(found, list) else None
