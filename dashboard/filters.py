"""Search and filters of the dashboard's lists."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter

from catalog.models import MarketplaceChange
from dashboard.queries import listings
from dashboard.wording import LOGISTICS
from sellers.models import FailureAction, Job, PushAttempt
from sellers.queue.failures import with_group
from sellers.wording import WORK_KINDS
from ui.filters import FilterSet, SearchFilter, SelectFilter, YesNoFilter

STATUSES = [
    ("active", _("For sale")),
    ("paused", _("Paused")),
    ("under_review", _("Under review")),
    ("closed", _("Closed")),
    ("inactive", _("Inactive")),
    ("payment_required", _("Payment due")),
]
OFFERED = ("drop_off", "xd_drop_off", "cross_docking", "self_service", "fulfillment", "default")
OFFERED_LOGISTICS = [(kind, LOGISTICS[kind]) for kind in OFFERED]
DIFFERENCES = [
    ("stock", _("Stock differs")),
    ("drift", _("Changed at ML")),
    ("refused", _("Refused by ML")),
    ("price", _("Price differs")),
]


class ListingFilters(FilterSet):
    """What is narrowed by what: `queries.listings.narrow`, which jobs use too."""

    q = SearchFilter(placeholder=_("Title, item id, SKU or link"))
    seller = SelectFilter(listings.seller_options, label=_("Seller"), all_label=_("All sellers"))
    status = SelectFilter(STATUSES, label=_("Status"), all_label=_("Any status"))
    linked = YesNoFilter(yes=_("Linked"), no=_("To link"), label=_("Linked or not"))
    differs = SelectFilter(DIFFERENCES, label=_("Differences"), all_label=_("Equal or not"))
    logistic = SelectFilter(OFFERED_LOGISTICS, label=_("Logistics"), all_label=_("Any logistics"))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return listings.narrow(queryset, self.form.cleaned_data)


class PushFilters(FilterSet):
    q = SearchFilter(exact=("item_id", "key"), placeholder=_("Item id or user product"))
    seller = SelectFilter(
        listings.seller_options, label=_("Seller"), all_label=_("All sellers"), field_name="account_id"
    )
    kind = SelectFilter(PushAttempt.Kind.choices, label=_("Kind"), all_label=_("Stock and price"))
    outcome = SelectFilter(PushAttempt.Outcome.choices, label=_("Outcome"), all_label=_("Any outcome"))


class GroupFilter(CharFilter):  # type: ignore[misc]
    """Those that failed alike; set by the links of groups, never typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"widget": forms.HiddenInput, "label": _("Equal errors")} | kwargs))

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return with_group(qs).filter(group=value) if value else qs


class WaitingPushFilters(FilterSet):
    group = GroupFilter()
    q = SearchFilter(exact=("key",), placeholder=_("Item id or user product"))
    seller = SelectFilter(
        listings.seller_options, label=_("Seller"), all_label=_("All sellers"), field_name="account_id"
    )
    kind = SelectFilter(PushAttempt.Kind.choices, label=_("Kind"), all_label=_("Stock and price"))


class KindFilters(FilterSet):
    q = SearchFilter(exact=("key",), placeholder=_("Order, item or resource"))
    seller = SelectFilter(
        listings.seller_options, label=_("Seller"), all_label=_("All sellers"), field_name="account_id"
    )
    kind = SelectFilter(
        [(kind, WORK_KINDS.get(kind, kind)) for kind in settings.WORK_KINDS],
        label=_("Kind"),
        all_label=_("Any kind of work"),
    )


class WorkFilters(KindFilters):
    group = GroupFilter()


class RefusalFilters(FilterSet):
    q = SearchFilter(exact=("listing__item_id", "listing__parent_item__item_id"), placeholder=_("Item id"))
    seller = SelectFilter(
        listings.seller_options, label=_("Seller"), all_label=_("All sellers"), field_name="listing__account_id"
    )
    field = SelectFilter(MarketplaceChange.Field.choices, label=_("Change"), all_label=_("Any change"))


class ActionFilters(KindFilters):
    action = SelectFilter(FailureAction.Action.choices, label=_("What was done"), all_label=_("Whatever was done"))


class JobFilters(FilterSet):
    q = SearchFilter(text=("title",), placeholder=_("Title"))
    state = SelectFilter(Job.State.choices, label=_("State"), all_label=_("Any state"))
    seller = SelectFilter(
        listings.seller_options, label=_("Seller"), all_label=_("All sellers"), field_name="account_id"
    )
