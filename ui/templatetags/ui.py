"""What templates need beyond Django's own: `{% load ui %}`."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.forms import BoundField
from django.template.context import RequestContext
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ui import formatting, lamps, permissions, stored, tables
from ui.charts import Chart

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A picture from static/ui/icons.svg. Silent beside words; `label` where it stands alone."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
            label,
            static("ui/icons.svg"),
            name,
        )
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("ui/icons.svg"), name
    )


@register.simple_tag
def pill(label: object, tone: str = "") -> SafeString:
    return tables.pill(label, tone)


@register.simple_tag
def change(old: object, new: object) -> SafeString:
    return tables.change(old, new)


@register.filter
def ago(at: datetime | None) -> SafeString:
    """A <time>: relative, with the exact moment and its zone on hover."""
    return formatting.time(at)


@register.filter
def exact(at: datetime | None) -> str:
    return formatting.exact(at) if at else ""


@register.filter
def quantity(value: int | None) -> SafeString:
    return formatting.quantity(value)


@register.filter
def grouped(value: Any) -> str:
    return "" if value is None else formatting.grouped(value)


@register.filter
def money(amount: Any, currency: str = "") -> SafeString:
    return formatting.money(amount, currency)


@register.filter
def told(text: str | None) -> str:
    """A stored sentence in the reader's language."""
    return stored.told(text)


@register.filter(name="lamps")
def lamps_filter(value: lamps.Lamps | None) -> SafeString:
    return lamps.render(value)


@register.filter
def has_role(user: Any, role: str) -> bool:
    return permissions.has_role(user, role)


@register.filter
def elided(page: Any) -> Any:
    """Page numbers to link to, with "…" for gaps."""
    return page.paginator.elided(page.number)


@register.simple_tag(takes_context=True)
def qs(context: RequestContext, **changes: Any) -> str:
    """This page's query string with some parameters changed, or dropped where None: `{% qs page=2 format=None %}`."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            params.pop(name, None)
        else:
            params[name] = value
    return "?" + urlencode(list(params.lists()), doseq=True)


@register.simple_tag(takes_context=True)
def sort_href(context: RequestContext, table: Any, column: Any) -> str:
    """The same list sorted by a column, from its first page."""
    return qs(context, **{table.prefixed_order_by_field: str(column.order_by_alias.next), "page": None})


@register.simple_tag
def meter(value: float, maximum: float, label: str, tone: str = "") -> SafeString:
    """A level between 0 and `maximum`, told in words by `label`."""
    return format_html(
        '<meter class="meter {}" min="0" max="{}" value="{}" aria-label="{}" title="{}"></meter>',
        tone,
        str(maximum),
        str(value),
        label,
        label,
    )


@register.simple_tag
def progress(done: int, total: int | None, label: str) -> SafeString:
    """How far work has come; without a total it only shows that it goes on."""
    if not total:
        return format_html('<progress class="progress" aria-label="{}"></progress>', label)
    return format_html(
        '<progress class="progress" max="{}" value="{}" aria-label="{}"></progress>', str(total), str(done), label
    )


@register.simple_tag
def chart(drawing: Chart) -> SafeString:
    return drawing.render()


@register.filter
def tone(level: str) -> str:
    """A message's level as a tone."""
    return {"success": "ok", "warning": "warn", "error": "bad"}.get(level, "info")


@register.filter
def widget_kind(field: BoundField) -> str:
    """ "checkbox", "select", "file"…, to lay a field out."""
    return getattr(field.field.widget, "input_type", "textarea")
