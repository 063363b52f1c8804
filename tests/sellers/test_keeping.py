"""Pruning, key rotation, commands and system checks."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from sellers import checks, upkeep
from sellers.brakes import breakers
from sellers.connection import crypto, grants, oauth
from sellers.models import (
    Breaker,
    FailureAction,
    Grant,
    Notification,
    OAuthFlow,
    PushAttempt,
    ScheduleSlot,
    SellerAccount,
    Work,
)

OLD_KEY, NEW_KEY = "11" * 32, "22" * 32


def days_ago(days):
    return timezone.now() - timedelta(days=days)


def note(days, *, kind="order", key="1", user_id=7):
    return Notification.objects.create(
        received_at=days_ago(days), ml_user_id=user_id, work_kind=kind, work_key=key, body=b"", verdict="accepted"
    )


def test_old_notifications_go_but_the_last_of_each_key(db):
    note(40)
    last_of_its_key = note(35)
    note(40, key="2")
    recent = note(1, key="2")
    other_seller = note(40, key="2", user_id=8)
    note(40, kind="", key="")
    unknown_recent = note(29, kind="", key="")

    upkeep.prune()

    kept = set(Notification.objects.values_list("pk", flat=True))
    assert kept == {last_of_its_key.pk, recent.pk, other_seller.pk, unknown_recent.pk}


def test_slots_flows_and_pushes_go_by_their_age(account, owner):
    for days in (1, 3):
        ScheduleSlot.objects.create(name="x", slot=days_ago(days), ran_at=days_ago(days))
        OAuthFlow.objects.create(
            state_hash=bytes([days]), user=owner, session_hash=b"", verifier_ct=b"", created_at=days_ago(days)
        )
    for days in (89, 91):
        PushAttempt.objects.create(account=account, kind="stock", key="1", started_at=days_ago(days))
    idle = Work.objects.create(account=account, kind="order", key="1", lane=0, state="idle", last_done_at=days_ago(400))

    upkeep.prune()

    assert (ScheduleSlot.objects.count(), OAuthFlow.objects.count(), PushAttempt.objects.count()) == (1, 1, 1)
    assert Work.objects.get() == idle


def test_the_last_slot_of_a_week_is_kept_until_the_next(db):
    last, before = (ScheduleSlot.objects.create(name="w", slot=days_ago(n), ran_at=days_ago(n)) for n in (4, 11))

    upkeep.prune()

    assert [slot.slot for slot in ScheduleSlot.objects.all()] == [last.slot]
    assert last.slot > before.slot


def test_answers_to_failures_and_changes_of_breakers_are_kept_for_a_year(account, owner):
    for days in (364, 366):
        FailureAction.objects.create(
            kind="stock", key=str(days), state="dead", action="retry", done_by=owner, done_at=days_ago(days)
        )
    breakers.open_one(f"seller:{account.pk}", "500")
    events = Breaker.pgh_event_model.objects
    events.filter(state="closed").update(pgh_created_at=days_ago(366))

    upkeep.prune()

    assert FailureAction.objects.get().key == "364"
    assert [one.state for one in events.all()] == ["open"]


def test_tokens_nobody_said_yes_to_are_erased_within_the_hour(owner):
    OAuthFlow.objects.create(
        state_hash=b"x",
        user=owner,
        session_hash=b"",
        verifier_ct=b"",
        pending_ct=b"sealed",
        created_at=timezone.now() - timedelta(minutes=31),
    )

    upkeep.prune()

    assert OAuthFlow.objects.get().pending_ct is None


def test_pruning_goes_on_over_many_batches(db):
    for _ in range(8):
        note(40, kind="", key="")

    assert upkeep.delete(upkeep.OLD_NOTIFICATIONS, upkeep.NOTIFICATIONS, until=0) == 0
    assert upkeep.delete(upkeep.OLD_NOTIFICATIONS, upkeep.NOTIFICATIONS, size=3, batches=2) == 6
    assert upkeep.delete(upkeep.OLD_NOTIFICATIONS, upkeep.NOTIFICATIONS, size=3) == 2


def rotated():
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def test_keys_are_rotated_and_the_old_one_can_go(account, settings, owner):
    oauth.begin(user=owner, session_key="s", site_id="MLA")
    secret = grants.refresh_token(grants.current(account.pk))
    settings.FIELD_ENCRYPTION_KEYS = [NEW_KEY, OLD_KEY]

    assert rotated() == "2 rows re-encrypted, 0 were already under the first key.\n"
    assert rotated() == "0 rows re-encrypted, 2 were already under the first key.\n"

    settings.FIELD_ENCRYPTION_KEYS = [NEW_KEY]
    grant = grants.current(account.pk)
    assert grants.refresh_token(grant) == secret
    assert bytes(grant.refresh_fingerprint) == crypto.ring().fingerprint(secret)


def test_a_rotation_killed_in_the_middle_is_simply_run_again(connect, world, settings):
    for name in ("UNO", "DOS", "TRES"):
        connect(world.add_seller(name))
    settings.FIELD_ENCRYPTION_KEYS = [NEW_KEY, OLD_KEY]
    half_done = Grant.objects.order_by("pk")[1]
    opened = grants.access_token(half_done)
    half_done.access_ct = crypto.ring().seal(
        opened, bound_to=grants.bound_to(half_done.account_id, half_done.chain, half_done.generation, "access_ct")
    )
    half_done.save()

    rotated()

    settings.FIELD_ENCRYPTION_KEYS = [NEW_KEY]
    assert [bool(grants.access_token(grant)) for grant in Grant.objects.all()] == [True, True, True]
    assert grants.access_token(Grant.objects.get(pk=half_done.pk)) == opened


def test_a_rotation_without_the_old_key_says_so_and_changes_nothing(account, settings):
    before = bytes(Grant.objects.get().refresh_ct)
    settings.FIELD_ENCRYPTION_KEYS = [NEW_KEY]

    with pytest.raises(CommandError, match="1 rows open with none"):
        rotated()

    assert bytes(Grant.objects.get().refresh_ct) == before


def test_observe_takes_a_seller_out_of_live(account, capsys):
    SellerAccount.objects.update(mode="live", live_since=timezone.now())

    call_command("observe", account.nickname)
    call_command("observe", account.nickname)

    assert SellerAccount.objects.get().mode == "observe"
    assert "observes already" in capsys.readouterr().out


def test_observe_of_a_stranger_lists_who_is_known(account):
    with pytest.raises(CommandError, match="Known: TIENDA_UNO"):
        call_command("observe", "NOBODY")


def ids(messages):
    return [message.id for message in messages]


def test_a_handler_that_is_not_there_is_an_error_at_start(settings):
    settings.WORK_KINDS = {"order": {"handler": "sellers.queue.work.nothing", "lane": "orders", "priority": 1}}
    settings.JOB_KINDS = {"job": "no_such_package.run"}
    settings.SCHEDULE = {"x": (60, "sellers.queue.work.CHANNEL")}

    assert ids(checks.check_handlers(None)) == ["sellers.E001", "sellers.E001", "sellers.E002"]


def test_lanes_keys_and_application_are_checked(settings):
    settings.WORK_KINDS = {"order": {"handler": "sellers.queue.work.run", "lane": "fast", "priority": 1}}
    settings.NOTIFICATION_WORK = {"order": "sale"}
    settings.FIELD_ENCRYPTION_KEYS = ["short"]
    settings.MELI_CLIENT_ID = "my application"

    assert ids(checks.check_lanes(None)) == ["sellers.E003", "sellers.E004"]
    assert ids(checks.check_keys(None)) == ["sellers.E005"]
    assert ids(checks.check_application_id(None)) == ["sellers.E006"]


def test_the_settings_we_ship_pass(db):
    assert checks.check_lanes(None) == []
    assert checks.check_keys(None) == []
