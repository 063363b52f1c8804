"""Made-up content for the component page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ui import tables
from ui.charts import Bars, Lines, Series
from ui.forms import OperationForm
from ui.lists import BulkAction, Empty
from ui.paging import CappedPaginator

TITLES = (
    "Cafetera Express Peabody Pro 1.5 L",
    "Lámpara LED de escritorio con pinza",
    "Teclado Mecánico Redragon Kumara K552",
    "Termo Acero Inoxidable Stanley 1 L",
    "Parlante Portátil JBL Go 4 Azul",
    "Freidora de Aire Philips Essential 4,1 L",
    "Zapatillas Running Hombre Talle 42",
    '<b>Título con marcas</b> & comillas "dobles"',
)
STATES = (("active", "ok"), ("paused", "warn"), ("under_review", "info"), ("closed", ""))


@dataclass(frozen=True)
class Sample:
    pk: int
    title: str
    item_id: str
    status: str
    sku: str
    stock: int
    price: Decimal
    currency_id: str
    lamps: tables.Lamps
    updated_at: datetime


class SampleTable(tables.Table):
    pk = tables.CheckboxColumn(label="title")
    title = tables.Column(verbose_name=_("Listing"), main=True)
    status = tables.PillColumn(verbose_name=_("Status"), tones=dict(STATES))
    sku = tables.CodeColumn(verbose_name="SKU")
    stock = tables.QuantityColumn(verbose_name=_("Stock"))
    price = tables.MoneyColumn(verbose_name=_("Price"))
    lamps = tables.LampsColumn(verbose_name=_("Stock on ML"))
    updated_at = tables.TimeColumn(verbose_name=_("Updated"))

    class Meta:
        order_by = "-updated_at"

    def render_title(self, record: Sample) -> SafeString:
        return tables.titled(record.title, record.item_id, href="#list")


class SampleForm(OperationForm):
    counted = forms.IntegerField(label=_("Counted"), min_value=0, help_text=_("Units on the shelf, all boxes opened."))
    reason = forms.ChoiceField(label=_("Reason"), choices=[("count", _("Stock count")), ("damage", _("Damaged"))])
    comment = forms.CharField(label=_("Comment"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    file = forms.FileField(label=_("Spreadsheet"), required=False)
    urgent = forms.BooleanField(label=_("Send to Mercado Libre at once"), required=False)


def rows(now: datetime) -> list[Sample]:
    return [_sample(number, title, now) for number, title in enumerate(TITLES)]


def _sample(number: int, title: str, now: datetime) -> Sample:
    minutes = timedelta(minutes=7 * number + 2)
    wanted = 3 + number * 411
    observed = wanted if number % 3 else wanted + 2
    return Sample(
        pk=number + 1,
        title=title,
        item_id=f"MLA{1100177249 + number}",
        status=STATES[number % 4][0],
        sku=f"CK-{17628 + number}-AZU",
        stock=wanted,
        price=Decimal("12499.9") * (number + 1),
        currency_id="CLP" if number % 3 == 1 else "ARS",
        lamps=tables.Lamps(
            wanted, wanted, observed, now - minutes, now - minutes, now - minutes / 2, failed=number == 4
        ),
        updated_at=now - minutes,
    )


def everything(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    table = SampleTable(rows(now))
    table.order_by = request.GET.get("sort") or "-updated_at"
    table.page = CappedPaginator(table.rows, 6).get_page(request.GET.get("page"))
    return {
        "title": _("Components"),
        "now": now,
        "earlier": now - timedelta(hours=3),
        "table": table,
        "page": table.page,
        "can_export": True,
        "is_filtered": False,
        "bulk_actions": [
            BulkAction("push", _("Push stock"), tone="primary"),
            BulkAction("pause", _("Pause"), tone="danger"),
        ],
        "form": SampleForm(),
        "wrong_form": SampleForm({"counted": "-4", "reason": "count"}, auto_id="wrong_%s"),
        "bars": bars(),
        "lines": lines(),
        "lamps": rows(now)[1].lamps,
        "empty": Empty(
            _("No listings yet"), _("They arrive with the first sync of a seller."), _("Connect a seller"), "#"
        ),
        "job": {"pk": 1, "label": "import.csv", "done": 640, "total": 1000, "failed": 3, "state": "running"},
        "why": why_rows(),
        "events": events(now),
        "amount": Decimal("1234567.5"),
    }


def bars() -> Bars:
    hours = [f"{hour:02}h" for hour in range(24)]
    sent = [900 + 37 * ((hour * 7) % 24) for hour in range(24)]
    failed = [40 * (hour % 5 == 0) for hour in range(24)]
    series = [
        Series(_("Accepted"), sent),
        Series(_("Retried"), [n // 12 for n in sent], "warn"),
        Series(_("Failed"), failed, "bad"),
    ]
    return Bars(_("Pushes per hour"), hours, series)


def lines() -> Lines:
    hours = [f"{hour:02}h" for hour in range(24)]
    lag = [4 + (hour * 5) % 9 + 38 * (hour == 9) for hour in range(24)]
    return Lines(
        _("Notification lag, p95"), hours, [Series(_("Lag"), lag)], unit="s", goal=60, goal_label=_("Goal 60 s")
    )


def why_rows() -> list[dict[str, Any]]:
    return [
        {"sign": "", "label": _("On hand"), "note": "CENTRO 6, NORTE 2", "value": 8},
        {"sign": "−", "label": _("Reserved"), "note": _("2 orders"), "value": 3},
        {"sign": "−", "label": _("Buffer"), "note": _("rule for slow sellers"), "value": 1},
        {"sign": "=", "label": _("Wanted on ML"), "note": "", "value": 4, "total": True},
    ]


def events(now: datetime) -> list[dict[str, Any]]:
    return [
        {"at": now - timedelta(minutes=2), "what": _("Read back from Mercado Libre: 4"), "tone": "ok", "note": ""},
        {
            "at": now - timedelta(minutes=3),
            "what": _("Mercado Libre accepted 4"),
            "tone": "info",
            "note": "HTTP 200, 412 ms",
        },
        {"at": now - timedelta(minutes=9), "what": _("Push refused"), "tone": "bad", "note": "409 item.conflict"},
        {"at": now - timedelta(minutes=10), "what": _("Order paid"), "tone": "", "note": "2000003508419013"},
    ]
