"""A restored backup and a copied database write nothing before a person says so."""

import shutil
import uuid
from datetime import timedelta

import pytest
import redis
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mercadolibre.oauth import Token
from sellers import tasks
from sellers.brakes import installation, stops
from sellers.brakes.installation import Notes, Verdict, judge
from sellers.connection import oauth
from sellers.connection.clients import Switch
from sellers.models import Installation, SellerAccount, Work, WriteStop
from sellers.queue import work
from sellers.queue.outcomes import WritesHeld
from sellers.queue.pumping import Pump
from ui.stored import told

HOME, OTHER = "https://enlace.example", "https://staging.example"
NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def a_process_of_its_own():
    """Forget what this process knows, as one that has just started."""

    def start():
        installation.memory.found = installation.memory.attended = None

    start()
    yield start
    start()


@pytest.fixture
def running(settings, account, a_process_of_its_own):
    """A seller that is live, on an installation that ran for half a minute."""
    settings.PRODUCTION, settings.PUBLIC_URL = True, HOME
    SellerAccount.objects.update(mode="live")
    for _ in range(3):
        installation.keep()
    a_process_of_its_own()
    return account


def may_write(account):
    try:
        return Switch(account.pk)()
    except WritesHeld:
        return False


def released(staff):
    """The database was found to be an older one, and an administrator has said yes."""
    Installation.objects.update(epoch=1)
    installation.verify()
    stop = WriteStop.objects.get()
    assert installation.release(stop.pk, by=staff("administrator"))
    return stop


def pending_of(account, given):
    """What waits for a person's yes when they connect again."""
    return oauth.Pending(Token.from_json(given.body()), account.ml_user_id, account.nickname, account.site_id, ())


def orders_are_read():
    polls = Work.objects.filter(kind="order_poll", key=installation.COMPARED)
    polls.update(state="idle", done_seq=F("want_seq"), last_done_at=Now())


def causes():
    return set(stops.active().values_list("cause", flat=True))


A_MINUTE, LONG_AGO = timedelta(seconds=60), timedelta(hours=1)
NOWHERE, NOT_SEEN = Notes(None), Notes(None, complete=False)


@pytest.mark.parametrize(
    ("epoch", "address", "notes", "doubted", "verdict"),
    [
        (0, HOME, NOWHERE, None, Verdict.FINE),  # a new database
        (1, HOME, NOWHERE, None, Verdict.FINE),  # killed before its first note
        (7, HOME, Notes(7), None, Verdict.FINE),
        (8, HOME, Notes(7), None, Verdict.FINE),  # killed before the note
        (7, HOME, Notes(7, complete=False), None, Verdict.FINE),
        # a web host is added: Redis knows
        (9_007, HOME, Notes(9_006), None, Verdict.FINE),
        # Redis was flushed, and this machine is new: whoever knows has a minute
        (9_007, HOME, NOWHERE, None, Verdict.NOT_KNOWN),
        (9_007, HOME, NOWHERE, A_MINUTE / 2, Verdict.NOT_KNOWN),
        # a copy on other machines: nobody knows it
        (9_007, HOME, NOWHERE, A_MINUTE, Verdict.ELSEWHERE),
        # the same, on a machine that was part of the installation long ago
        (9_007, HOME, Notes(9_006 - installation.NEAR), None, Verdict.NOT_KNOWN),
        (9_007, HOME, Notes(9_006 - installation.NEAR), A_MINUTE, Verdict.ELSEWHERE),
        (9_007, HOME, Notes(9_007 - installation.NEAR), A_MINUTE, Verdict.FINE),
        # everything was off since the doubt: it begins anew
        (9_007, HOME, NOWHERE, LONG_AGO, Verdict.NOT_KNOWN),
        # Redis is away: it may know
        (7, HOME, NOT_SEEN, None, Verdict.NOT_KNOWN),
        (7, HOME, NOT_SEEN, A_MINUTE, Verdict.NOT_KNOWN),
        # a restored backup, whatever was doubted when it was made
        (6, HOME, Notes(7), None, Verdict.RESTORED),
        (6, HOME, Notes(7), A_MINUTE, Verdict.RESTORED),
        (0, HOME, Notes(7), None, Verdict.RESTORED),
        (6, HOME, Notes(7, complete=False), None, Verdict.RESTORED),
        (6, OTHER, Notes(7), None, Verdict.RESTORED),
        # a copy under another address
        (7, OTHER, Notes(7), None, Verdict.ELSEWHERE),
        (0, OTHER, NOWHERE, None, Verdict.ELSEWHERE),
    ],
)
def test_what_the_database_is(epoch, address, notes, doubted, verdict):
    assert judge(epoch=epoch, address=address, here=HOME, notes=notes, doubted=doubted) is verdict


def test_where_all_is_well_writing_goes_on_and_the_epoch_grows(running):
    assert may_write(running)
    before = Installation.objects.get().epoch

    installation.keep()

    assert Installation.objects.get().epoch == before + 1
    assert may_write(running)
    assert causes() == set()


def test_a_new_database_writes(account, a_process_of_its_own):
    SellerAccount.objects.update(mode="live")

    assert may_write(account)


def test_a_restored_backup_writes_nothing(running):
    Installation.objects.update(epoch=1)  # the database as it was twenty seconds ago

    assert not may_write(running)
    assert causes() == {"restored"}
    installation.keep()
    assert Installation.objects.get().epoch == 1, "nothing is noted for it"


def test_a_backup_restored_under_a_running_process_is_seen_at_the_next_write(running, settings, tmp_path):
    """Even where neither file nor Redis can be asked: the process itself remembers."""
    assert may_write(running)
    settings.REDIS_URL, settings.DATA_DIR = NOBODY_LISTENS, tmp_path / "elsewhere"

    Installation.objects.update(epoch=2)

    assert not may_write(running)
    assert causes() == {"restored"}


@pytest.fixture
def on(settings, tmp_path, a_process_of_its_own):
    """Be a process that has just started on a machine with its own disk."""
    at_home = settings.DATA_DIR

    def start(machine):
        settings.DATA_DIR = at_home if machine == "home" else tmp_path / machine
        a_process_of_its_own()

    return start


def redis_forgets(settings):
    redis.Redis.from_url(settings.REDIS_URL).flushdb()


def pass_time(**length):
    """Let a doubt be older by so much."""
    Installation.objects.update(doubted_at=F("doubted_at") - timedelta(**length))


def test_a_database_copied_to_other_machines_writes_nothing(running, settings, on):
    redis_forgets(settings)
    on("staging")

    assert not may_write(running)
    assert Installation.objects.get().doubted_at is None, "who only writes may be all that runs"
    installation.keep()
    assert not may_write(running)
    assert causes() == set(), "somebody may know it"
    pass_time(seconds=50)
    installation.keep()
    assert causes() == set()
    pass_time(seconds=11)
    installation.keep()
    assert causes() == {"elsewhere"}
    assert Installation.objects.get().epoch == 3, "nothing was noted for it"


def test_a_new_machine_stops_nothing_where_redis_has_forgotten_and_others_work(running, settings, on):
    """It takes every turn of the clock for two minutes; the others just do their work."""
    redis_forgets(settings)
    for _ in range(12):
        on("a container with a fresh disk")
        installation.keep()
        pass_time(seconds=10)
        on("home")
        installation.attend()

    on("a container with a fresh disk")
    assert may_write(running)
    assert causes() == set()
    assert Installation.objects.get().doubted_at is None


def test_the_new_machine_writes_as_soon_as_somebody_has_answered_and_notes_for_itself(running, settings, on):
    redis_forgets(settings)
    on("new")
    installation.keep()
    assert not may_write(running)

    on("home")
    installation.attend()
    on("new")
    assert may_write(running)
    installation.attend()
    redis_forgets(settings)
    on("new")

    assert may_write(running), "it has a file of its own now"


def test_a_process_that_remembers_answers_though_its_notes_are_gone_too(running, settings, on, a_process_of_its_own):
    installation.attend()
    remembered = installation.memory.found
    redis_forgets(settings)
    on("new")
    installation.keep()

    installation.memory.found = remembered
    installation.attend()

    assert Installation.objects.get().doubted_at is None
    a_process_of_its_own()
    assert may_write(running)


def test_a_restored_backup_is_seen_by_whoever_knows_more_while_a_new_machine_doubts(running, settings, on):
    redis_forgets(settings)
    Installation.objects.update(epoch=2)
    on("new")
    installation.keep()
    assert causes() == set()

    on("home")
    installation.attend()

    assert causes() == {"restored"}
    assert Installation.objects.get().epoch == 2


def test_a_copy_on_a_machine_that_was_part_of_it_long_ago_writes_nothing(running, settings):
    redis_forgets(settings)
    Installation.objects.update(epoch=9_007)

    installation.keep()

    assert not may_write(running)
    pass_time(seconds=60)
    installation.keep()
    assert causes() == {"elsewhere"}


def test_a_doubt_from_before_everything_was_off_begins_anew(running, settings, on):
    redis_forgets(settings)
    on("new")
    installation.keep()
    pass_time(hours=1)

    installation.keep()

    assert causes() == set()
    assert timezone.now() - Installation.objects.get().doubted_at < timedelta(minutes=1)


def test_a_process_looks_once_in_ten_seconds(running, django_assert_num_queries):
    installation.attend()

    with django_assert_num_queries(0):
        installation.attend()
    installation.memory.attended -= installation.EVERY
    with CaptureQueriesContext(connection) as queries:
        installation.attend()
    assert 0 < len(queries) <= 5


def test_an_older_database_that_comes_between_does_not_overwrite_the_note(running, monkeypatch, a_process_of_its_own):
    """It is put back after the look that found all well, before the note."""
    verify = installation.verify

    def and_then_the_backup_is_back(**given):
        verdict = verify(**given)
        Installation.objects.update(epoch=1)
        return verdict

    monkeypatch.setattr(installation, "verify", and_then_the_backup_is_back)
    installation.keep()
    monkeypatch.undo()
    a_process_of_its_own()

    assert not may_write(running)
    assert causes() == {"restored"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("process", ["pump", "worker"])
def test_pump_and_workers_answer_a_doubt_beside_their_work(running, settings, process):
    settings.SCHEDULE = {}
    Installation.objects.update(doubted_at=timezone.now())

    if process == "worker":
        tasks.drain("bulk")
    else:
        pump = Pump()
        pump.tick()
        pump.finish()

    assert Installation.objects.get().doubted_at is None


def test_a_machine_without_the_file_waits_while_redis_has_forgotten(running, settings, tmp_path):
    """Redis was restarted empty: the machine that keeps the notes has its file, this one has none."""
    at_home = settings.DATA_DIR
    settings.DATA_DIR = tmp_path / "another machine"
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    assert not may_write(running)

    settings.DATA_DIR = at_home
    installation.keep()
    settings.DATA_DIR = tmp_path / "another machine"

    assert may_write(running)
    assert causes() == set()


def test_a_copy_under_another_address_writes_nothing(running, settings):
    settings.PUBLIC_URL = OTHER

    assert not may_write(running)
    assert causes() == {"elsewhere"}
    assert HOME in told(WriteStop.objects.get().reason)
    assert OTHER in told(WriteStop.objects.get().reason)


def test_a_process_that_looks_while_another_notes_finds_all_well(running, monkeypatch, a_process_of_its_own):
    """It has read the row, then the other commits and notes the next epoch, then it reads the note."""
    read = installation.read_notes

    def and_before_that_the_other_notes(key):
        Installation.objects.update(epoch=F("epoch") + 1)
        installation.write_notes(key, Installation.objects.get().epoch)
        return read(key)

    monkeypatch.setattr(installation, "read_notes", and_before_that_the_other_notes)

    assert installation.verify() is Verdict.FINE
    assert causes() == set()


def test_a_stop_that_stands_is_logged_once(running, caplog):
    Installation.objects.update(epoch=1)

    for _ in range(3):
        installation.keep()

    assert caplog.text.count("is stopped") == 1


def test_a_production_database_on_a_developers_machine_writes_nothing(running, settings):
    settings.PRODUCTION, settings.PUBLIC_URL = False, "http://localhost:8000"

    assert not may_write(running)


@pytest.mark.parametrize("lost", ["file", "redis", "redis is away"])
def test_one_note_is_enough(running, settings, tmp_path, lost):
    if lost == "file":
        shutil.rmtree(settings.DATA_DIR / "installation")
    elif lost == "redis":
        redis.Redis.from_url(settings.REDIS_URL).flushdb()
    else:
        settings.REDIS_URL = NOBODY_LISTENS

    assert may_write(running)
    assert causes() == set()


def test_while_a_note_cannot_be_asked_for_nothing_is_written_and_nothing_stopped(running, settings, tmp_path):
    settings.REDIS_URL, settings.DATA_DIR = NOBODY_LISTENS, tmp_path / "another machine"

    assert not may_write(running)
    assert causes() == set()


@pytest.mark.parametrize("role", ["viewer", "operator", "manager", "administrator"])
def test_only_an_administrator_lets_it_write(as_role, running, role):
    Installation.objects.update(epoch=1)
    may_write(running)
    stop = WriteStop.objects.get()

    as_role(role).post(f"/sellers/stop/{stop.pk}/release/")

    stop.refresh_from_db()
    assert (stop.released_at is not None) is (role == "administrator")
    assert not may_write(running)


def test_nobody_goes_on_past_it(as_role, running):
    Installation.objects.update(epoch=1)
    may_write(running)
    stop = WriteStop.objects.get()

    assert as_role("administrator").post(f"/sellers/stop/{stop.pk}/go-on/").status_code == 404
    assert not stops.end_released(stop.pk)
    assert causes() == {"restored"}


@pytest.mark.django_db(transaction=True)
def test_after_the_yes_the_orders_of_a_week_are_read_before_anything_is_written(running, staff, work_off):
    Installation.objects.update(epoch=1)
    may_write(running)
    stop, old_key = WriteStop.objects.get(), Installation.objects.get().key

    assert installation.release(stop.pk, by=staff("administrator"))
    assert not installation.release(stop.pk, by=None)

    assert Installation.objects.get().key != old_key
    assert list(Work.objects.values_list("kind", "key")) == [("order_poll", "days:7")]
    installation.keep()
    assert not may_write(running), "the orders are not read yet"
    work_off()
    work.bump(account_id=running.pk, kind="order", key="2001")
    installation.keep()
    assert not may_write(running), "one of them is not in yet"
    Work.objects.filter(kind="order").update(state="idle")
    installation.keep()
    assert may_write(running)
    stop.refresh_from_db()
    assert stop.ended_at is not None


def test_the_one_that_was_copied_from_goes_on(running, settings, staff):
    """The copy becomes an installation of its own: its notes do not speak about the other's database."""
    original = Installation.objects.get()
    settings.PUBLIC_URL = OTHER
    may_write(running)
    installation.release(WriteStop.objects.get().pk, by=staff("administrator"))
    installation.keep()

    assert installation.read_notes(original.key).epoch == original.epoch
    copy = Installation.objects.get()
    assert copy.key != original.key
    assert installation.read_notes(copy.key).epoch == copy.epoch == 1


def test_killed_between_the_first_epoch_after_the_yes_and_its_note(running, staff, a_process_of_its_own):
    released(staff)
    Installation.objects.update(epoch=F("epoch") + 1)  # committed by the process that died before it noted it
    a_process_of_its_own()

    assert installation.verify(keeping=True) is Verdict.FINE


def test_a_note_that_makes_no_sense_counts_as_not_answered(running, settings):
    key = Installation.objects.get().key
    (settings.DATA_DIR / "installation" / str(key)).write_text("nonsense")

    assert installation.read_notes(key) == Notes(3, complete=False)
    assert installation.read_notes(uuid.uuid4()) == Notes(None)


def test_what_lies_in_the_future_does_not_hold_it_up(running, staff):
    """The next poll by the clock is no order that is missing."""
    Installation.objects.update(epoch=1)
    may_write(running)
    stop = WriteStop.objects.get()
    installation.release(stop.pk, by=staff("administrator"))
    orders_are_read()
    work.bump(account_id=running.pk, kind="order_poll", key="", delay=timedelta(minutes=4))

    installation.keep()

    assert causes() == set()


def test_a_seller_who_connects_after_the_yes_is_read_too(running, staff, connect, world):
    released(staff)
    late = connect(world.add_seller("TIENDA_DOS"))
    orders_are_read()

    installation.keep()

    assert causes() == {"restored"}
    assert Work.objects.filter(account=late, kind="order_poll", key=installation.COMPARED, state="ready").exists()
    orders_are_read()
    installation.keep()
    assert causes() == set()


def test_what_was_read_before_the_yes_does_not_count(running, staff):
    """The row of an earlier yes, or of the backup."""
    stop = released(staff)
    orders_are_read()
    Work.objects.update(last_done_at=timezone.now() - timedelta(hours=1))

    installation.keep()

    assert causes() == {"restored"}
    assert stop.ended_at is None
    assert Work.objects.get(key=installation.COMPARED).state == "ready"


def test_a_reading_that_failed_is_asked_for_again(running, staff):
    released(staff)
    Work.objects.update(state="dead", last_error_at=timezone.now() - timedelta(hours=1))

    installation.keep()

    assert Work.objects.get(key=installation.COMPARED).state == "ready"


def test_sales_that_come_after_the_reading_do_not_hold_it_up(running, staff):
    stop = released(staff)
    orders_are_read()
    WriteStop.objects.filter(pk=stop.pk).update(released_at=timezone.now() - timedelta(minutes=9))
    Work.objects.update(last_done_at=timezone.now() - timedelta(minutes=5))
    work.bump(account_id=running.pk, kind="order", key="2002")

    installation.keep()

    assert causes() == set()


def test_sellers_whose_tokens_were_spent_since_the_backup_are_paused_until_staff_has_looked(
    running, seller, world, staff
):
    """None is connected, so nothing can be compared; connected again they would write yesterday's stock."""
    SellerAccount.objects.update(status="needs_reconnect")
    released(staff)

    installation.keep()

    assert causes() == set()
    paused = SellerAccount.objects.get()
    assert paused.pushes_paused
    oauth.upsert_account(pending_of(paused, world.grant(seller)))
    again = SellerAccount.objects.get()
    assert (again.mode, again.pushes_paused) == ("live", True)
    assert "resume pushes" in told(again.status_reason)
    assert not may_write(again)


def test_a_seller_who_only_observes_is_not_paused(running, staff):
    SellerAccount.objects.update(status="needs_reconnect", mode="observe")
    released(staff)

    installation.keep()

    assert not SellerAccount.objects.get().pushes_paused
