"""What must hold when it is quiet again, by the numbers of the reliability plan, each a named check.

Most are `tests.faults.invariants`, asked of this run; what only this trade knows is reckoned here. Not asked:

    I8   prices against floor and ceiling: nobody wants a price here; asked is that none was sent at all
    I10  renewals in flight: Mercado Libre tells one moment of each; asked is that none is tried again too soon
    I13  half the rate after a 429: the trade here is far below the limit; asked is that the share is halved, and of the
         ten seconds after it that they see no more than half of the limit
    I16  schedule slots: the primary key of their table; asked is that the first delivery was booked once
    I17  changes of roles and prices: there are none here; asked is the cause of every movement of stock
    I18  memory growing over 20 minutes: no process lives that long here; what each has in the end is printed
    how long 99 of 100 answers took: printed, as it says more of the machine; asked is what Mercado Libre allows at most
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Sum

from inventory.models import StockLevel, StockMovement
from orders.models import OrderLine
from sandbox.ids import fingerprint
from sellers.connection import grants
from sellers.models import Grant, Notification, RefreshAttempt, Work
from tests.bench import market
from tests.chaos import bounds, histories, pace
from tests.chaos.children import Children
from tests.chaos.courier import Courier, digest
from tests.chaos.services import Services
from tests.chaos.trade import Trade
from tests.chaos.watching import Reader, Yardstick
from tests.faults import invariants
from tests.faults.invariants import Look

BY_THE_CLOCK = ("order_poll", "missed_feeds", "order_runs", "patrol")  # asked for again and again
SECRET = r"APP_USR-[0-9]|TG-[0-9A-Za-z]{8}|sandbox-client-secret|" + histories.PERSONAL
CONNECTIONS = 60  # what all processes together may have open
MINUTE = timedelta(minutes=1)


@dataclass
class Run:
    made: market.Market
    trade: Trade
    courier: Courier
    reader: Reader
    children: Children
    services: Services
    yardstick: Yardstick
    struck: Counter[str] = field(default_factory=Counter)

    def look(self) -> Look:
        return Look(self.made, at_rest=False)


Check = Callable[[Run, Look], Iterator[str]]


def of_faults(*checks: Callable[[Look], Iterator[str]]) -> Check:
    def ask(run: Run, look: Look) -> Iterator[str]:
        for check in checks:
            yield from check(look)

    return ask


# --- while it runs ----------------------------------------------------------------------------------------------------


def right_at_every_moment(run: Run, look: Look) -> Iterator[str]:
    yield from sorted(set(run.reader.wrong))
    if not run.reader.looks:
        yield "the reader never looked"


# --- books and orders -------------------------------------------------------------------------------------------------


def held_once(run: Run, look: Look) -> Iterator[str]:
    """Every sale that stands holds one unit of its product, a cancelled one none; hand edits are there once."""
    wanted = Counter(goods.product.pk for order, goods in run.trade.sold.items() if order not in run.trade.cancelled)
    levels = {level.product_id: level for level in StockLevel.objects.filter(warehouse=run.trade.shop.main)}
    for goods in run.trade.shop.goods:
        level = levels[goods.product.pk]
        expected = market.STOCK + goods.adjusted, wanted[goods.product.pk]
        if (level.on_hand, level.reserved) != expected:
            yield f"{goods.product.sku} is {level.on_hand}/{level.reserved}, expected {expected}"


def every_sale_is_ours(run: Run, look: Look) -> Iterator[str]:
    unlinked = OrderLine.objects.filter(product=None).count()
    if unlinked:
        yield f"{unlinked} lines have no product"
    if strange := run.trade.sold.keys() - look.orders.keys():
        yield f"Mercado Libre does not know the orders {sorted(strange)[:3]}"


def shown_is_there(run: Run, look: Look) -> Iterator[str]:
    """A plain reckoning: what is on the shelf and not sold is what every listing of it shows."""
    levels = {level.product_id: level for level in StockLevel.objects.filter(warehouse=run.trade.shop.main)}
    for goods in run.trade.shop.goods:
        there = max(0, levels[goods.product.pk].available)
        for item_id, variation_id in goods.units:
            shows = invariants.quantity_there(look.items.get(item_id), variation_id)
            if shows != there:
                yield f"{item_id}/{variation_id} shows {shows}, there are {there}"


def no_price_was_sent(run: Run, look: Look) -> Iterator[str]:
    yield from (f"PUT {path} carried a price" for path, body in invariants.writes(look) if "price" in body)


# --- tokens -----------------------------------------------------------------------------------------------------------


def tokens_are_spent_once(run: Run, look: Look) -> Iterator[str]:
    history = run.made.look("tokens")["history"]
    renewals = [event for event in history if event["grant_type"] == "refresh_token"]
    granted = Counter(event["presented"] for event in renewals if event["outcome"] == "granted")
    presented = Counter(event["presented"] for event in renewals)
    yield from (f"token {name} was accepted {times} times" for name, times in granted.items() if times > 1)
    yield from (f"token {name} was presented {times} times" for name, times in presented.items() if times > 2)
    issued = {event["issued"] for event in history}
    yield from (f"token {name} was never issued" for name in presented.keys() - issued)
    last = {event["user_id"]: event["issued"] for event in history if event["issued"]}
    for grant in Grant.objects.filter(state="current").select_related("account"):
        if last.get(grant.account.ml_user_id) != fingerprint(grants.refresh_token(grant)):
            yield f"seller {grant.account_id}: the pair we keep is not the last one issued"


def chains_end_only_by_a_kill(run: Run, look: Look) -> Iterator[str]:
    """A refused token is one whose answer was on its way when the pump was killed: its fate was unknown."""
    refused = RefreshAttempt.objects.filter(outcome="invalid_grant")
    for attempt in refused:
        if not RefreshAttempt.objects.filter(grant=attempt.grant, outcome="unknown", pk__lt=attempt.pk).exists():
            yield f"seller {attempt.account_id}: a token was refused whose fate was known"
    if refused.count() > run.struck["kill pump"]:
        yield f"{refused.count()} chains ended, the pump was killed {run.struck['kill pump']} times"
    if refused.count() != len(run.trade.reconnected):
        yield f"{refused.count()} chains ended, {len(run.trade.reconnected)} times somebody connected again"
    numbers = Counter(Grant.objects.values_list("account", "chain", "generation"))
    yield from (f"generation {name} is there twice" for name, times in numbers.items() if times > 1)


def one_renewal_at_a_time(run: Run, look: Look) -> Iterator[str]:
    """By Mercado Libre's history: nobody presents a token again while the answer may still be on its way."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for event in run.made.look("tokens")["history"]:
        if event["grant_type"] == "refresh_token":
            times[event["presented"]].append(datetime.fromisoformat(event["at"]))
    for name, found in times.items():
        if len(found) > 1 and (found[1] - found[0]).total_seconds() < pace.READ_TIMEOUT:
            yield f"token {name} was presented again after {(found[1] - found[0]).total_seconds():.1f} s"


# --- work, arrivals, calls --------------------------------------------------------------------------------------------


def nothing_waits(run: Run, look: Look) -> Iterator[str]:
    waiting = Work.objects.filter(state__in=["ready", "leased"]).exclude(kind__in=BY_THE_CLOCK)
    for row in waiting[:5]:
        yield f"{row.kind} {row.key} is {row.state}: {row.last_error_class} {row.last_error}"
    if unseen := Work.objects.filter(state="idle").exclude(done_seq=F("want_seq")).count():
        yield f"{unseen} rows are done, but not with the last that was wanted"


def every_200_is_a_row(run: Run, look: Look) -> Iterator[str]:
    stored = Counter(digest(bytes(body)) for body in Notification.objects.values_list("body", flat=True))
    lost = run.courier.told - stored
    if lost:
        yield f"{sum(lost.values())} bodies were told 200 and are not in the inbox"


def within_the_rate(run: Run, look: Look) -> Iterator[str]:
    if refused := look.counters.get("rate_limited", 0):
        yield f"Mercado Libre had to refuse {refused} calls"
    window: dict[int, deque[datetime]] = defaultdict(deque)
    most: Counter[int] = Counter()
    for line in reversed(look.requests):
        at, times = datetime.fromisoformat(line["at"]), window[line["user_id"]]
        times.append(at)
        while times[0] <= at - MINUTE:
            times.popleft()
        most[line["user_id"]] = max(most[line["user_id"]], len(times))
    yield from (
        f"seller {name}: {count} calls in a minute" for name, count in most.items() if name and count > pace.RATE
    )


def nobody_left_the_machine(run: Run, look: Look) -> Iterator[str]:
    for name, text in run.children.logs().items():
        yield from (f"{name} {words}" for words in set(re.findall(r"reached for [^\s)]+", text)))


TABLES = "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"


def no_secret_is_readable(run: Run, look: Look) -> Iterator[str]:
    for name, text in run.children.logs().items():
        if found := re.search(SECRET, text):
            yield f"the log of {name} has {found[0]}…"
    if any(re.search(SECRET, text) for text in run.services.texts_of_broker()):
        yield "the broker holds a secret"
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(f'select count(*) from "{table}" line where line::text ~ %s', [SECRET])
            if count := cursor.fetchone()[0]:
                yield f"{count} rows of {table} hold a secret in plain words"


def first_delivery_is_booked_once(run: Run, look: Look) -> Iterator[str]:
    booked = StockMovement.objects.filter(operation__startswith="first:").aggregate(n=Sum("on_hand_delta"))["n"]
    if booked != market.STOCK * len(run.trade.shop.goods):
        yield f"{booked} units came with the first delivery"


def every_movement_has_a_cause(run: Run, look: Look) -> Iterator[str]:
    owners = {line.owner for line in OrderLine.objects.all()}
    for movement in StockMovement.objects.all():
        by_staff = movement.operation and movement.reason and movement.actor_id
        if not by_staff and movement.owner not in owners:
            yield f"movement {movement.pk} ({movement.kind}) has no cause"


# --- leftovers, when everybody has ended ------------------------------------------------------------------------------


def nothing_is_left(run: Run, look: Look) -> Iterator[str]:
    for check in (invariants.nothing_is_held, invariants.the_spool_is_empty, invariants.no_try_is_under_way):
        yield from check(look)
    for row in Work.objects.filter(state="leased"):
        yield f"{row.kind} {row.key} is held by {row.leased_by}, who has ended"
    if run.reader.most_connections > CONNECTIONS:
        yield f"{run.reader.most_connections} connections were open at once"


LIVE: dict[str, Check] = {
    "I1, I2 at every look while it ran": right_at_every_moment,
    "during: leases": histories.leases_are_exclusive,
    "during: answers": bounds.every_200_came_in_time,
    "I1 I2 books": of_faults(invariants.books_add_up),
    "I3 lines": of_faults(invariants.each_line_holds_what_its_sale_says),
    "I3 shelves": held_once,
    "I4 orders": of_faults(invariants.orders_are_as_they_are_there),
    "I4 contents": histories.orders_say_the_same,
    "I4 sales": every_sale_is_ours,
    "I4 I5 none lost, none invented": of_faults(invariants.no_order_is_lost_or_invented),
    "I6 listings": of_faults(invariants.listings_show_what_is_wanted),
    "I6 shelves": shown_is_there,
    "I7 variations": of_faults(invariants.variations_are_the_same, invariants.nothing_was_deleted),
    "I8 prices": no_price_was_sent,
    "I9 tokens": tokens_are_spent_once,
    "I9 chains": chains_end_only_by_a_kill,
    "I9 generations": histories.chains_have_no_gaps,
    "I9 sellers": of_faults(invariants.sellers_are_connected),
    "I10 renewals": one_renewal_at_a_time,
    "I11 work": nothing_waits,
    "I11 failures": of_faults(invariants.nothing_failed),
    "I12 notifications": every_200_is_a_row,
    "I13 rate": within_the_rate,
    "I13 after a 429": bounds.a_429_halves_the_rate,
    "I14 privacy": of_faults(invariants.no_call_for_what_is_anothers),
    "I14 this machine only": nobody_left_the_machine,
    "I15 secrets": no_secret_is_readable,
    "I16 first delivery": first_delivery_is_booked_once,
    "I17 causes": every_movement_has_a_cause,
}
SETTLING = {name: LIVE[name] for name in ("I11 work", "I3 shelves", "I6 shelves")}
AT_REST: dict[str, Check] = {"I18 leftovers": nothing_is_left}


def broken(run: Run, checks: dict[str, Check]) -> list[str]:
    """Everything that does not hold, each with its name."""
    look = run.look()
    return [f"{name}: {sentence}" for name, check in checks.items() for sentence in check(run, look)]
