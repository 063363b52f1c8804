"""Asking for one piece of work and for many: the function of the intake and the statement do the same to a row."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.utils import timezone

from sellers.models import SellerAccount, Work
from sellers.queue import work

STATES = ["none", "idle", "ready", "leased", "dead"]
FIELDS = ["state", "lane", "priority", "want_seq", "done_seq", "fails", "claims", "due_at", "wanted_since", "leased_by"]


def put(seller, key, state, *, fails, hurried, failed_ago):
    """A row of a kind of lane 1, as it may be found; what is asked for is of lane 0."""
    if state == "none":
        return
    now = timezone.now().replace(microsecond=0)
    leased = state == "leased"
    Work.objects.create(
        account=seller,
        kind="order",
        key=key,
        lane=1,
        priority=5 if hurried else 90,
        state=state,
        due_at=now + timedelta(hours=1 if hurried else -1),
        wanted_since=now - timedelta(days=1),
        want_seq=7,
        done_seq=3,
        fails=fails,
        last_error_at=now - failed_ago,
        lease_token="6f1f9b1e-0000-4000-8000-000000000000" if leased else None,
        lease_until=now if leased else None,
    )


@pytest.mark.parametrize("delay", [timedelta(0), timedelta(minutes=5)])
@pytest.mark.django_db
def test_one_and_many_do_the_same(delay):
    seller = SellerAccount.objects.create(ml_user_id=1, nickname="CASA", site_id="MLA")
    agos = [timedelta(minutes=1), timedelta(hours=1)]
    cases = list(product(STATES, [0, 2], [True, False], agos))
    for at, (state, fails, hurried, failed_ago) in enumerate(cases):
        for way in ("one", "many"):
            put(seller, f"{way}{at}", state, fails=fails, hurried=hurried, failed_ago=failed_ago)

    with connection.cursor() as cursor:
        for at in range(len(cases)):
            cursor.execute("select work_bump(%s, 'order', %s, 0, 10, %s)", [seller.pk, f"one{at}", delay])
    work.bump_many([(seller.pk, "order", f"many{at}") for at in range(len(cases))], delay=delay)

    for at, case in enumerate(cases):
        fields = [name for name in FIELDS if case[0] != "none" or name != "wanted_since"]  # made a statement apart
        one, many = (Work.objects.values(*fields).get(key=f"{way}{at}") for way in ("one", "many"))
        assert one == many, case
    assert Work.objects.filter(want_seq=8).count() == 2 * len([case for case in cases if case[0] != "none"])
