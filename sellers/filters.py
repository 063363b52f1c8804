"""Filters of the notifications."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sellers import queries
from sellers.models import Notification
from sellers.wording import TOPICS, topic
from ui.filters import FilterSet, SearchFilter, SelectFilter


def topic_choices() -> list[tuple[str, str]]:
    """The topics that we use; the search finds any other."""
    return [(code, topic(code)) for code in TOPICS]


class NotificationFilters(FilterSet):
    q = SearchFilter(method="find", placeholder=_("Order, listing or resource"))
    seller = SelectFilter(
        queries.seller_choices, field_name="ml_user_id", label=_("Seller"), all_label=_("All sellers")
    )
    topic = SelectFilter(topic_choices, label=_("Topic"), all_label=_("All topics"))
    verdict = SelectFilter(Notification.Verdict.choices, label=_("Result"), all_label=_("All results"))

    class Meta:
        model = Notification
        fields: list[str] = []

    def find(self, rows: QuerySet[Notification], name: str, value: str) -> QuerySet[Notification]:
        return queries.search(rows, value)
