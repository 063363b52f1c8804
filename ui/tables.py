"""The base of every table, and its columns. A column's export value is plain: see `value()`."""

from collections.abc import Callable, Mapping
from typing import Any

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ui import formatting, lamps

Lamps = lamps.Lamps
A = django_tables2.A


class Table(django_tables2.Table):  # type: ignore[misc]
    """Set `order_by` in Meta for the order a page opens with; the primary key breaks ties."""

    id = "table"
    row_template = "tables/row.html"

    class Meta:
        template_name = "tables/table.html"
        attrs = {"class": "t"}
        row_attrs = {"data-key": lambda record: getattr(record, "pk", None)}
        order_by_field = "sort"
        default = formatting.NOTHING

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", formatting.NOTHING)
        kwargs.setdefault("template_name", "tables/table.html")
        kwargs.setdefault("order_by_field", "sort")
        kwargs.setdefault("attrs", {"class": "t", **(self._meta.attrs or {})})
        kwargs.setdefault("row_attrs", {"data-key": _key_of, **(self._meta.row_attrs or {})})
        super().__init__(*args, **kwargs)

    def hide_ticks(self) -> None:
        """Leave out the tick boxes, where nothing can be done with ticked rows."""
        for column in self.columns.all():
            if isinstance(column.column, CheckboxColumn):
                self.columns.hide(column.name)


def _key_of(record: Any) -> Any:
    return record.get("pk", record.get("id")) if isinstance(record, Mapping) else getattr(record, "pk", None)


def with_class(attrs: dict[str, Any] | None, name: str) -> dict[str, Any]:
    """Column attrs with a class added to the heading and the cells."""
    attrs = dict(attrs or {})
    for part in ("th", "td"):
        own = dict(attrs.get(part, {}))
        attrs[part] = own | {"class": f"{own.get('class', '')} {name}".strip()}
    return attrs


class Column(django_tables2.Column):  # type: ignore[misc]
    """A column with a CSS class of its own; `main=True` makes it the title of the card on a phone."""

    css = ""

    def __init__(self, *args: Any, main: bool = False, **kwargs: Any) -> None:
        css = f"{self.css} {'c-main' if main else ''}".strip()
        if css:
            kwargs["attrs"] = with_class(kwargs.get("attrs"), css)
        super().__init__(*args, **kwargs)

    def value(self, value: Any, **context: Any) -> Any:
        return value


class CheckboxColumn(Column):
    """Selects rows for the bulk bar. `label` names the row aloud: an accessor, or a function of the record."""

    css = "c-select"
    empty_values = ()

    def __init__(self, label: str | Callable[[Any], object] = "", **kwargs: Any) -> None:
        self.label = label
        defaults: dict[str, Any] = {"accessor": "pk", "orderable": False, "exclude_from_export": True}
        super().__init__(**(defaults | kwargs))

    @property
    def header(self) -> SafeString:
        label = _("Select all rows on this page")
        return format_html('<input type="checkbox" class="check" data-select-all aria-label="{}">', label)

    def render(self, value: Any, record: Any) -> SafeString:
        return format_html(
            '<input type="checkbox" class="check" name="selected" value="{}" form="bulk" data-select aria-label="{}">',
            value,
            _("Select %(row)s") % {"row": self._name(record)},
        )

    def _name(self, record: Any) -> object:
        if callable(self.label):
            return self.label(record)
        return A(self.label).resolve(record) if self.label else record


class CodeColumn(Column):
    """An id or a SKU: never broken over two lines."""

    css = "c-code"

    def render(self, value: Any) -> SafeString:
        return format_html("<code>{}</code>", value)


class TimeColumn(Column):
    css = "c-time"

    def render(self, value: Any) -> SafeString:
        return formatting.time(value)


class QuantityColumn(Column):
    css = "num"

    def render(self, value: Any) -> SafeString:
        return formatting.quantity(value)


class MoneyColumn(Column):
    """An amount with its currency, read from the record by the accessor `currency`."""

    css = "num"

    def __init__(self, *args: Any, currency: str = "currency_id", **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(*args, **kwargs)

    def render(self, value: Any, record: Any) -> SafeString:
        return formatting.money(value, A(self.currency).resolve(record, quiet=True) or "")


def pill(label: object, tone: str = "", *, hint: object = "") -> SafeString:
    """A state in a word. `tone`: "ok", "info", "warn", "bad" or "" for neutral. `hint` is told on hover."""
    if hint:
        return format_html('<span class="pill {}" title="{}: {}">{}</span>', tone, label, hint, label)
    return format_html('<span class="pill {}">{}</span>', tone, label)


class StatusColumn(Column):
    """A state in some words, which `render_x` makes a pill: a long one is cut."""

    css = "c-status"


class PillColumn(Column):
    """A state as a pill. `tones` maps a state to a tone, `labels` to words; choices of the model's field serve too."""

    css = "c-pill"

    def __init__(
        self, *args: Any, tones: Mapping[Any, str] | None = None, labels: Mapping[Any, Any] | None = None, **kwargs: Any
    ) -> None:
        self.tones, self.labels = tones or {}, labels
        super().__init__(*args, **kwargs)

    def render(self, value: Any, record: Any, bound_column: Any) -> SafeString:
        state = A(bound_column.accessor).resolve(record, quiet=True)
        return pill(self._label(state, shown=value), self.tones.get(state, ""))

    def _label(self, state: Any, *, shown: Any) -> object:
        """`shown` already is the choice's label where the field has choices."""
        if self.labels is not None:
            return self.labels.get(state, state)
        return shown if shown != state else capfirst(str(state).replace("_", " "))


class LampsColumn(Column):
    """Three lamps from a `Lamps`, which the accessor or a `render_x` finds on the record."""

    css = "c-lamps"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"orderable": False} | kwargs))

    def render(self, value: Lamps | None) -> SafeString:
        return lamps.render(value)

    def value(self, value: Lamps | None, **context: Any) -> Any:
        return "" if value is None else value.observed


class LinkColumn(Column):
    """The row's title, linking to its page: `LinkColumn("catalog:listing", "item_id")`.

    `detail` is a second, quiet line: an accessor, or a function of the record.
    """

    def __init__(self, view: str, key: str = "pk", *, detail: Any = "", main: bool = True, **kwargs: Any) -> None:
        self.view, self.key, self.detail = view, key, detail
        super().__init__(main=main, **kwargs)

    def render(self, value: Any, record: Any) -> SafeString:
        href = reverse(self.view, args=[A(self.key).resolve(record)])
        return titled(value, self._detail(record), href=href)

    def _detail(self, record: Any) -> object:
        if callable(self.detail):
            return self.detail(record)
        return A(self.detail).resolve(record, quiet=True) if self.detail else ""


class ActionsColumn(Column):
    """Buttons of a row; give the table a `render_x` for its content."""

    css = "c-actions"
    empty_values = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {
            "verbose_name": _("Actions"),
            "accessor": "pk",
            "orderable": False,
            "exclude_from_export": True,
        }
        super().__init__(*args, **(defaults | kwargs))


def titled(title: object, detail: object = "", *, href: str = "") -> SafeString:
    """A title with a quiet second line, as in the first column of a list."""
    line = (
        format_html('<a class="title" href="{}" title="{}">{}</a>', href, title, title) if href else title_span(title)
    )
    return format_html('{}<span class="detail">{}</span>', line, detail) if detail else line


def title_span(title: object) -> SafeString:
    return format_html('<span class="title">{}</span>', title)


def change(old: object, new: object) -> SafeString:
    """Old and new value with an arrow between."""
    return format_html('<span class="change"><del>{}</del> → <ins>{}</ins></span>', old, new)
