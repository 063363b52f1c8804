"""Two ways to page whose cost does not grow with the table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

LARGEST_ID = 2**63 - 1


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts at most CAP + 1 rows and offers no page beyond the cap."""

    CAP = 10_000

    @cached_property
    def _seen(self) -> int:
        rows = self.object_list
        while not isinstance(rows, QuerySet) and hasattr(rows, "data"):  # a table wraps its rows twice
            rows = rows.data
        if isinstance(rows, QuerySet):
            return rows.order_by()[: self.CAP + 1].count()
        return len(rows)

    @cached_property
    def count(self) -> int:
        return min(self._seen, self.CAP)

    @property
    def capped(self) -> bool:
        """There are more rows than were counted."""
        return self._seen > self.CAP

    def elided(self, number: int) -> Iterator[int | str]:
        """Page numbers around `number`, with "…" for gaps."""
        return self.get_elided_page_range(number, on_each_side=1, on_ends=1)


@dataclass(frozen=True)
class KeysetPage:
    """One page of rows, newest first; `older` and `newer` are cursors for the next request, None at an end."""

    rows: Sequence[Any]
    older: int | None
    newer: int | None

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    @property
    def has_other_pages(self) -> bool:
        return self.older is not None or self.newer is not None


def keyset_page(
    queryset: QuerySet[Any], params: Mapping[str, Any], *, per_page: int = 50, key: str = "id"
) -> KeysetPage:
    """The page that `?before=` (older than) or `?after=` (newer than) names, by `-key`; the newest without them.

    `key` must be unique and an integer. A cursor that is not a number, or has nothing beyond it, is ignored.
    """
    after, before = _cursor(params.get("after")), _cursor(params.get("before"))
    if after is not None:
        found = list(queryset.filter(**{f"{key}__gt": after}).order_by(key)[: per_page + 1])
        rows, more_newer, more_older = found[:per_page][::-1], len(found) > per_page, True
    else:
        older = queryset if before is None else queryset.filter(**{f"{key}__lt": before})
        found = list(older.order_by(f"-{key}")[: per_page + 1])
        rows, more_newer, more_older = found[:per_page], before is not None, len(found) > per_page
    if not rows:
        return (
            KeysetPage([], None, None)
            if after is before is None
            else keyset_page(queryset, {}, per_page=per_page, key=key)
        )
    ends = _value(rows[-1], key), _value(rows[0], key)
    return KeysetPage(rows, ends[0] if more_older else None, ends[1] if more_newer else None)


def _value(row: Any, key: str) -> int:
    value: int = row[key] if isinstance(row, dict) else getattr(row, key)
    return value


def _cursor(raw: Any) -> int | None:
    text = str(raw or "")
    return min(int(text), LARGEST_ID) if text.isascii() and text.isdigit() and len(text) < 20 else None
