"""The base of every list's filters: a search box and labelled selects, each read from the database at most once."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.utils.translation import gettext_lazy as _

Options = Iterable[tuple[Any, Any]]


class FilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """Declare `q = SearchFilter(...)` and selects. `active` says whether anything narrows the list."""

    @property
    def active(self) -> bool:
        return any(self.data.get(name) for name in self.filters)


class SearchFilter(django_filters.CharFilter):  # type: ignore[misc]
    """Free text. A value found in one of the `exact` fields (an index each) wins; else `text` fields are searched."""

    def __init__(
        self, *, exact: Iterable[str] = (), text: Iterable[str] = (), placeholder: Any = "", **kwargs: Any
    ) -> None:
        self.exact_fields, self.text_fields = tuple(exact), tuple(text)
        attrs = {
            "type": "search",
            "placeholder": placeholder or _("Search"),
            "autocomplete": "off",
            "spellcheck": "false",
        }
        widget = forms.TextInput(attrs=attrs)
        super().__init__(**({"label": _("Search"), "max_length": 200, "widget": widget} | kwargs))

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return search(qs, value, exact=self.exact_fields, text=self.text_fields)


def search(queryset: QuerySet[Any], words: str, *, exact: Iterable[str], text: Iterable[str]) -> QuerySet[Any]:
    """Rows that `words` names exactly, or else rows whose `text` fields contain them."""
    words = (words or "").strip()
    if not words:
        return queryset
    named = _any(_exact_terms(queryset.model, words, exact))
    if named and queryset.filter(named).order_by().exists():
        return queryset.filter(named)
    containing = _any(Q(**{f"{field}__icontains": words}) for field in text)
    return queryset.filter(containing) if containing else queryset.none()


def _any(terms: Iterable[Q]) -> Q:
    found = Q()
    for term in terms:
        found |= term
    return found


def _exact_terms(model: type[Model], words: str, fields: Iterable[str]) -> Iterator[Q]:
    for path in fields:
        for spelling in {words, words.upper()}:
            try:
                value = _field(model, path).to_python(spelling)
            except ValidationError:
                continue
            yield Q(**{path: value})


def _field(model: type[Model], path: str) -> Any:
    *relations, last = path.split(LOOKUP_SEP)
    for name in relations:
        model = model._meta.get_field(name).related_model  # type: ignore[assignment]
    return model._meta.get_field(last)


class SelectFilter(django_filters.ChoiceFilter):  # type: ignore[misc]
    """A select. `options` is a list of pairs, or a function that reads them: called once per request.

    `all_label` says what no choice means ("All sellers").
    """

    def __init__(
        self, options: Options | Callable[[], Options] | None = None, *, all_label: Any = None, **kwargs: Any
    ) -> None:
        self.options = options if options is not None else kwargs.pop("choices", ())
        label = kwargs.get("label")
        super().__init__(**({"empty_label": all_label or label or _("All")} | kwargs))

    @property
    def field(self) -> forms.Field:
        if not hasattr(self, "_field"):
            self.extra["choices"] = list(self.options() if callable(self.options) else self.options)
        field: forms.Field = super().field
        return field


class YesNoFilter(SelectFilter):
    """A select of two conditions: `YesNoFilter(field_name="product__isnull", yes=_("Unlinked"), no=_("Linked"))`."""

    def __init__(self, *, yes: Any, no: Any, **kwargs: Any) -> None:
        super().__init__([("yes", yes), ("no", no)], **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value not in {"yes", "no"}:
            return qs
        if self.method:
            return super().filter(qs, value)  # type: ignore[no-any-return]
        return qs.filter(**{self.field_name: value == "yes"})
