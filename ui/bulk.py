"""Acting on many rows at once: the buttons of the bulk bar, and what was selected when one was pressed."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise

from ui.permissions import OPERATOR

Text = str | Promise
Rows = Callable[[], QuerySet[Any]]


@dataclass(frozen=True)
class BulkAction:
    """A button of the bulk bar, answered by the page's method `bulk_<name>(selection)`."""

    name: str
    label: Text
    role: str = OPERATOR
    tone: str = ""  # "primary" or "danger"
    confirm: Text = ""


@dataclass(frozen=True)
class Selection:
    """The rows a bulk action is for: those ticked, or all that the filter matches.

    Where `matching`, keep `query` (the list's query string) and work through it in a job.
    """

    queryset: QuerySet[Any]
    ids: tuple[Any, ...]
    matching: bool
    query: str
    operation: UUID

    def __len__(self) -> int:
        return self.queryset.count() if self.matching else len(self.ids)


def read_selection(request: HttpRequest, *, matching: Rows, rows: Rows) -> Selection:
    """What the bulk bar was sent for. Ids that the list does not hold are left out by `rows`."""
    all_matching = bool(request.POST.get("matching"))
    chosen = matching() if all_matching else rows()
    ids = tuple(valid_keys(chosen.model, request.POST.getlist("selected")))
    return Selection(
        queryset=chosen if all_matching else chosen.filter(pk__in=ids),
        ids=ids,
        matching=all_matching,
        query=request.GET.urlencode(),
        operation=_uuid(request.POST.get("operation")),
    )


def valid_keys(model: type[Model], raw: Iterable[str]) -> Iterator[Any]:
    """Primary keys as the model has them; whatever cannot be one is left out."""
    for key in raw:
        with suppress(ValidationError):
            yield model._meta.pk.to_python(key)


def _uuid(raw: str | None) -> UUID:
    try:
        return UUID(raw or "")
    except ValueError:
        return uuid4()
