"""What may need attention: of every kind when it does harm, how bad that is, the sentence and where it leads. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

Text = str | Promise
NOW = timedelta(0)


class Kind(StrEnum):
    PROCESS = "process"
    INSTALLATION = "installation"
    ML_DOWN = "ml_down"
    RECONNECT = "reconnect"
    SELLER_DOWN = "seller_down"
    TOKENS_DOWN = "tokens_down"
    MASS_ZERO = "mass_zero"
    STOPPED = "stopped"
    OTHER_WRITER = "other_writer"
    OVERSOLD = "oversold"
    ORDERS_FAILED = "orders_failed"
    ORDERS_LATE = "orders_late"
    ORDERS_UNREAD = "orders_unread"
    SILENCE = "silence"
    TOKEN = "token"  # noqa: S105  a kind of trouble, not a secret
    UNKNOWN_STATUS = "unknown_status"
    UNLINKED_ORDERS = "unlinked_orders"
    STORES = "stores"
    CHANGES_REFUSED = "changes_refused"
    PAUSED = "paused"
    PUSHES_REFUSED = "pushes_refused"
    SHAPES = "shapes"
    DRIFT = "drift"
    PRICE_DRIFT = "price_drift"
    STORE_TO_LINK = "store_to_link"
    PUSHES_LATE = "pushes_late"
    BELOW_FLOOR = "below_floor"
    COUNTS_WAITING = "counts_waiting"
    WORK_FAILED = "work_failed"
    JOB_FAILED = "job_failed"


@dataclass(frozen=True)
class Rule:
    """`harm_after` counts from the beginning of the trouble; `tone` is "bad" or "warn"."""

    sentence: Text
    todo: Text
    url_name: str = ""
    harm_after: timedelta = NOW
    tone: str = "bad"
    query: Mapping[str, str] = field(default_factory=dict)


# The order of the rules is how bad they are once they do harm.
RULES: dict[Kind, Rule] = {
    Kind.PROCESS: Rule(
        ngettext_lazy("A process is not running: %(who)s.", "%(count)s processes are not running: %(who)s.", "count"),
        _("Ask an administrator to start it again. Nothing is lost meanwhile, but everything it does waits."),
    ),
    Kind.INSTALLATION: Rule(
        _("Nothing is written to Mercado Libre: this database is not the one that ran here before."),
        _("If this installation is the one that shall write, an administrator says so above."),
        "dashboard:sellers",
    ),
    Kind.MASS_ZERO: Rule(
        ngettext_lazy(
            "%(who)s: %(count)s listing would be set to zero; its pushes are paused.",
            "%(who)s: %(count)s listings would be set to zero; its pushes are paused.",
            "count",
        ),
        _("See which, and by what. Press Go on if it is right; else put the stock right first."),
        "inventory:mass_zero",
    ),
    Kind.ML_DOWN: Rule(
        _("Mercado Libre does not answer: calls wait, and one is tried from time to time."),
        _("Nothing is lost, everything keeps its place. If it lasts, see Mercado Libre's status page."),
        "dashboard:held_back",
    ),
    Kind.RECONNECT: Rule(
        _("%(who)s must be connected again: nothing is read from or sent to Mercado Libre."),
        _("Press Reconnect and allow access as the seller's main user."),
        "dashboard:seller",
    ),
    Kind.SELLER_DOWN: Rule(
        _("Mercado Libre does not answer for %(who)s: its calls wait, other sellers go on."),
        _("It is tried again by itself within five minutes. Nothing is lost."),
        "dashboard:seller",
    ),
    Kind.OVERSOLD: Rule(
        ngettext_lazy(
            "%(count)s product is oversold: more units are promised than there are.",
            "%(count)s products are oversold: more units are promised than there are.",
            "count",
        ),
        _("Count it, receive what is on its way, or talk to the buyer before cancelling."),
        "inventory:levels",
        query={"stock": "oversold"},
    ),
    Kind.ORDERS_FAILED: Rule(
        ngettext_lazy("%(count)s order could not be read.", "%(count)s orders could not be read.", "count"),
        _("Press Retry once the cause is gone. Their units are not reserved until then."),
        "dashboard:work",
    ),
    Kind.ORDERS_LATE: Rule(
        ngettext_lazy("%(count)s order waits to be read.", "%(count)s orders wait to be read.", "count"),
        _("Check under Processes that “Orders” is running, and whether Mercado Libre answers."),
        "dashboard:work",
        harm_after=timedelta(minutes=5),
    ),
    Kind.UNKNOWN_STATUS: Rule(
        ngettext_lazy(
            "%(count)s order has a status we do not know: its stock stays as it was.",
            "%(count)s orders have a status we do not know: their stock stays as it was.",
            "count",
        ),
        _("Look at the order at Mercado Libre and correct the stock by hand."),
        "orders:list",
        harm_after=timedelta(hours=1),
        query={"stock": "unknown"},
    ),
    Kind.UNLINKED_ORDERS: Rule(
        ngettext_lazy(
            "%(count)s order waits for a SKU link: nothing is reserved for it.",
            "%(count)s orders wait for a SKU link: nothing is reserved for them.",
            "count",
        ),
        _("Link the listing once; every waiting order line is then updated by itself."),
        "orders:list",
        harm_after=timedelta(minutes=30),
        query={"stock": "unlinked"},
    ),
    Kind.ORDERS_UNREAD: Rule(
        _("%(who)s: Mercado Libre's list of orders was not read completely for more than 15 minutes."),
        _("The runs say why. Orders that notifications announce still come in."),
        "orders:runs",
    ),
    Kind.SILENCE: Rule(
        _("%(who)s: notifications stay away longer than chance explains. Orders are read without them, but later."),
        _(
            "In Mercado Libre's developer panel, see whether the application's topics are still on; if not, choose them"
            " again. See too whether the notification address answers from outside."
        ),
        "orders:runs",
    ),
    Kind.TOKEN: Rule(
        _("The access to %(who)s ends soon and could not be renewed."),
        _("It is tried again by itself. If it fails until then, press Reconnect."),
        "dashboard:seller",
    ),
    Kind.STORES: Rule(
        _("Mercado Libre now keeps the stock of %(who)s by warehouse: link its stores."),
        _("Say which of our warehouses each store is. Until then no quantity of this seller is sent."),
        "inventory:stores",
    ),
    Kind.TOKENS_DOWN: Rule(
        _("Mercado Libre renews no access: one seller is tried from time to time."),
        _("It goes on by itself. What is connected works until its access ends."),
        "dashboard:held_back",
        harm_after=timedelta(minutes=30),
    ),
    Kind.STOPPED: Rule(
        _("Writing to Mercado Libre is stopped: quantities and prices there grow old."),
        _("Press Go on writing above when what stopped it is settled."),
        "dashboard:sellers",
    ),
    Kind.OTHER_WRITER: Rule(
        _("Somebody else writes the stock of %(who)s: %(count)s times within an hour it changed under our hands."),
        _("Find the other application under Applications in the seller's account, and let only one of them write."),
        "dashboard:seller",
    ),
    Kind.PUSHES_REFUSED: Rule(
        ngettext_lazy(
            "%(count)s push was refused: Mercado Libre keeps showing the old value.",
            "%(count)s pushes were refused: Mercado Libre keeps showing the old values.",
            "count",
        ),
        _("See what Mercado Libre says, correct it there or here, then press Retry."),
        "dashboard:pushes",
        harm_after=timedelta(minutes=5),
        query={"tab": "failed"},
    ),
    Kind.CHANGES_REFUSED: Rule(
        ngettext_lazy(
            "%(count)s change of a Global Selling listing was refused: Mercado Libre keeps showing the old value.",
            "%(count)s changes of Global Selling listings were refused: Mercado Libre keeps showing the old values.",
            "count",
        ),
        _("See why, ask for something that is allowed, or say that it was settled at Mercado Libre."),
        "dashboard:work",
        harm_after=timedelta(minutes=5),
        query={"tab": "global"},
    ),
    Kind.PAUSED: Rule(
        _("Pushes of %(who)s are paused: quantities and prices at Mercado Libre grow old."),
        _("Resume them when what stopped them is settled."),
        "dashboard:seller",
        harm_after=timedelta(minutes=30),
    ),
    Kind.SHAPES: Rule(
        ngettext_lazy(
            "Mercado Libre made something else of %(count)s listing: its stock is not sent.",
            "Mercado Libre made something else of %(count)s listings: their stock is not sent.",
            "count",
        ),
        _("See what was and what is, and move the links with one click."),
        "catalog:changed",
    ),
    Kind.DRIFT: Rule(
        ngettext_lazy(
            "%(count)s listing shows another quantity at Mercado Libre than ours.",
            "%(count)s listings show another quantity at Mercado Libre than ours.",
            "count",
        ),
        _("See both numbers; push ours again, or correct the stock here."),
        "dashboard:listings",
        harm_after=timedelta(minutes=30),
        tone="warn",
        query={"differs": "drift"},
    ),
    Kind.STORE_TO_LINK: Rule(
        ngettext_lazy(
            "%(who)s: %(count)s store at Mercado Libre is not linked: its stock is not sent.",
            "%(who)s: %(count)s stores at Mercado Libre are not linked: their stock is not sent.",
            "count",
        ),
        _("Say which of our warehouses it is, or leave it out."),
        "inventory:stores",
        harm_after=timedelta(hours=4),
        tone="warn",
    ),
    Kind.PRICE_DRIFT: Rule(
        ngettext_lazy(
            "%(count)s listing shows another price at Mercado Libre than ours.",
            "%(count)s listings show another price at Mercado Libre than ours.",
            "count",
        ),
        _("See both prices; send ours again, or take theirs."),
        "catalog:prices",
        harm_after=timedelta(minutes=30),
        tone="warn",
        query={"state": "drift"},
    ),
    Kind.PUSHES_LATE: Rule(
        ngettext_lazy("%(count)s push waits to be sent.", "%(count)s pushes wait to be sent.", "count"),
        _("Check under Processes that “Pushes” is running, and whether Mercado Libre answers."),
        "dashboard:pushes",
        harm_after=timedelta(minutes=10),
        tone="warn",
        query={"tab": "retrying"},
    ),
    Kind.BELOW_FLOOR: Rule(
        ngettext_lazy(
            "%(count)s price would be below its floor and is not sent.",
            "%(count)s prices would be below their floor and are not sent.",
            "count",
        ),
        _("Raise the price or lower the floor."),
        "catalog:prices",
        harm_after=timedelta(days=1),
        tone="warn",
        query={"state": "below_floor"},
    ),
    Kind.COUNTS_WAITING: Rule(
        ngettext_lazy(
            "%(count)s stock count waits for approval: stock stays as it was until then.",
            "%(count)s stock counts wait for approval: stock stays as it was until then.",
            "count",
        ),
        _("Look at what differs, then approve or reject it."),
        "inventory:counts",
        harm_after=timedelta(hours=4),
        tone="warn",
        query={"state": "waiting"},
    ),
    Kind.WORK_FAILED: Rule(
        ngettext_lazy("%(count)s task failed.", "%(count)s tasks failed.", "count"),
        _("Press Retry once the cause is gone."),
        "dashboard:work",
        harm_after=timedelta(hours=2),
        tone="warn",
    ),
    Kind.JOB_FAILED: Rule(
        ngettext_lazy("%(count)s job failed.", "%(count)s jobs failed.", "count"),
        _("Open it to see why; it goes on where it stopped."),
        "dashboard:jobs",
        harm_after=timedelta(days=1),
        tone="warn",
        query={"state": "failed"},
    ),
}
