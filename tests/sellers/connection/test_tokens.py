from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from sandbox import faults
from sellers.connection import crypto, grants, tokens
from sellers.connection.clients import client_for
from sellers.connection.tokens import Result
from sellers.models import Grant, RefreshAttempt, SellerAccount, Work
from sellers.notifications import spool
from sellers.queue import work
from sellers.queue.outcomes import TryLater

Outcome = RefreshAttempt.Outcome
NEEDS_RECONNECT = SellerAccount.Status.NEEDS_RECONNECT


def posts(world):
    """POSTs to the token endpoint that carried a refresh token."""
    return world.requests.to("/oauth/token", "POST")


def outcomes():
    return list(RefreshAttempt.objects.order_by("pk").values_list("outcome", flat=True))


def age_grant(account, **ago):
    """Let the current token have been given so long ago, with its life unchanged."""
    grant = grants.current(account.pk)
    moved = timedelta(**ago)
    Grant.objects.filter(pk=grant.pk).update(obtained_at=grant.obtained_at - moved, expires_at=grant.expires_at - moved)


def age_attempts(**ago):
    for attempt in RefreshAttempt.objects.all():
        RefreshAttempt.objects.filter(pk=attempt.pk).update(started_at=attempt.started_at - timedelta(**ago))


def reloaded(account):
    return SellerAccount.objects.get(pk=account.pk)


def test_a_refresh_replaces_the_pair_and_forgets_the_old_one(world, account):
    before = grants.current(account.pk)

    assert tokens.refresh(account.pk) is Result.RENEWED

    after = grants.current(account.pk)
    old = Grant.objects.get(pk=before.pk)
    assert (after.chain, after.generation) == (before.chain, before.generation + 1)
    assert (old.state, old.access_ct, old.refresh_ct) == ("rotated", None, None)
    assert grants.access_token(after) != grants.access_token(before)
    assert outcomes() == [Outcome.OK]
    assert client_for(account).me().id == account.ml_user_id
    assert list(spool.folder().iterdir()) == []


def test_a_new_token_is_used_a_minute_less_than_it_lives(world, account):
    world.expires_in = 10800

    tokens.refresh(account.pk)

    grant = grants.current(account.pk)
    assert grant.expires_at - grant.obtained_at == timedelta(seconds=10800 - 60)


@pytest.mark.parametrize(
    ("left", "renewed"), [(timedelta(hours=2), 0), (timedelta(minutes=30), 1), (-timedelta(hours=1), 1)]
)
def test_tokens_are_renewed_early(world, account, left, renewed):
    age_grant(account, seconds=(grants.current(account.pk).expires_at - timezone.now() - left).total_seconds())

    assert tokens.refresh_due(timezone.now()) == renewed
    assert len(posts(world)) == renewed


def test_a_renewed_token_is_left_alone_for_five_minutes(world, account):
    age_grant(account, hours=6)
    tokens.refresh_due(timezone.now())
    age_grant(account, hours=6)

    assert tokens.refresh_due(timezone.now()) == 0
    assert tokens.refresh_due(timezone.now() + timedelta(minutes=5, seconds=1)) == 1


def test_invalid_grant_ends_the_connection_after_one_call(world, account):
    world.consents.revoke(account.ml_user_id)

    assert tokens.refresh(account.pk) is Result.NEEDS_RECONNECT
    assert tokens.refresh(account.pk) is Result.NOTHING_TO_RENEW
    assert tokens.refresh_due(timezone.now() + timedelta(days=1)) == 0

    assert len(posts(world)) == 1
    assert outcomes() == [Outcome.INVALID_GRANT]
    assert reloaded(account).status == NEEDS_RECONNECT
    assert "authorisation has ended" in reloaded(account).status_reason
    assert Grant.objects.get().refresh_ct is None


def test_one_dead_grant_does_not_stop_the_other_sellers(world, connect):
    first, second = connect(world.add_seller("UNO")), connect(world.add_seller("DOS"))
    world.consents.revoke(first.ml_user_id)
    for account in (first, second):
        age_grant(account, hours=6)

    assert tokens.refresh_due(timezone.now()) == 1

    assert reloaded(first).status == NEEDS_RECONNECT
    assert reloaded(second).status == SellerAccount.Status.CONNECTED


@pytest.mark.parametrize("fault", [faults.TIMEOUT, faults.SERVER_ERROR, faults.HTML_502, faults.TRUNCATED_JSON])
def test_an_unknown_outcome_is_tried_once_more_after_half_a_minute(world, account, fault):
    age_grant(account, hours=6)
    world.faults.add(fault, path="/oauth/token")

    assert tokens.refresh_due(timezone.now()) == 0
    assert tokens.refresh_due(timezone.now()) == 0
    assert outcomes() == [Outcome.UNKNOWN]

    if fault != faults.TRUNCATED_JSON:  # there ML has rotated: see below
        assert tokens.refresh_due(timezone.now() + timedelta(seconds=31)) == 1
        assert outcomes() == [Outcome.UNKNOWN, Outcome.OK]


@pytest.mark.parametrize("fault", [faults.APPLIED_THEN_TIMEOUT, faults.TRUNCATED_JSON])
def test_an_answer_lost_after_ml_rotated_needs_a_human_and_no_third_call(world, account, fault):
    age_grant(account, hours=6)
    world.faults.add(fault, path="/oauth/token")
    tokens.refresh_due(timezone.now())

    tokens.refresh_due(timezone.now() + timedelta(seconds=31))
    tokens.refresh_due(timezone.now() + timedelta(minutes=10))

    assert outcomes() == [Outcome.UNKNOWN, Outcome.INVALID_GRANT]
    assert len(posts(world)) == 2
    assert reloaded(account).status == NEEDS_RECONNECT


def test_an_unreadable_answer_is_kept_sealed(world, account):
    world.faults.add(faults.TRUNCATED_JSON, path="/oauth/token")

    tokens.refresh(account.pk)

    (kept,) = spool.folder().iterdir()
    assert kept.suffix == ".unreadable"
    assert b"TG-" not in kept.read_bytes()


def test_a_throttled_token_endpoint_spends_nothing(world, account):
    age_grant(account, hours=6)
    world.faults.add(faults.RATE_LIMITED, path="/oauth/token")
    tokens.refresh_due(timezone.now())

    assert outcomes() == [Outcome.NOT_SENT]
    assert tokens.refresh_due(timezone.now() + timedelta(seconds=16)) == 1


def test_a_refused_application_stops_the_round_and_nobody_has_to_reconnect(world, connect):
    first, second = connect(world.add_seller("UNO")), connect(world.add_seller("DOS"))
    for account in (first, second):
        age_grant(account, hours=6)
    world.app.client_secret = "changed in DevCenter"

    assert tokens.refresh_due(timezone.now()) == 0

    assert len(posts(world)) == 1
    assert outcomes() == [Outcome.INVALID_CLIENT]
    assert set(SellerAccount.objects.values_list("status", flat=True)) == {"connected"}


def test_a_pending_attempt_of_a_dead_process_is_quarantined_then_tried_once_more(world, account):
    killed = RefreshAttempt.objects.create(account=account, grant=grants.current(account.pk), holder="dead")

    assert tokens.refresh(account.pk) is Result.BUSY
    assert len(posts(world)) == 0

    age_attempts(seconds=31)
    assert tokens.refresh(account.pk) is Result.RENEWED
    killed.refresh_from_db()
    assert killed.outcome == Outcome.UNKNOWN
    assert len(posts(world)) == 1


def test_an_answer_on_disk_is_taken_in_and_nothing_is_posted_again(world, account):
    """The process died, or PostgreSQL was away, between ML's answer and our commit."""
    attempt = tokens.begin(account.pk)
    carrier = spool.SpoolingTransport(tokens.base_transport(), attempt.pk)
    carrier.prepare()
    answered = tokens.oauth_client(carrier).refresh(grants.refresh_token(attempt.grant))
    RefreshAttempt.objects.filter(pk=attempt.pk).update(started_at=timezone.now() - timedelta(hours=1))
    assert tokens.refresh(account.pk) is Result.BUSY

    tokens.refresh_due(timezone.now())

    assert grants.access_token(grants.current(account.pk)) == answered.access_token
    assert outcomes() == [Outcome.OK]
    assert len(posts(world)) == 1
    assert list(spool.folder().iterdir()) == []


def test_an_answer_on_disk_that_was_stored_already_only_goes(world, account):
    attempt = tokens.begin(account.pk)
    carrier = spool.SpoolingTransport(tokens.base_transport(), attempt.pk)
    token = tokens.oauth_client(carrier).refresh(grants.refresh_token(attempt.grant))
    tokens.settle(attempt, token, None)
    current = grants.current(account.pk)

    assert tokens.replay() == 1

    assert grants.current(account.pk).pk == current.pk
    assert list(spool.folder().iterdir()) == []


@pytest.fixture
def torn(account):
    """A draft as a process leaves it that is killed while it writes the answer; `kept` bytes of it arrived."""

    def make(kept=None):
        attempt = tokens.begin(account.pk)
        carrier = spool.SpoolingTransport(tokens.base_transport(), attempt.pk)
        token = tokens.oauth_client(carrier).refresh(grants.refresh_token(attempt.grant))
        content = carrier.spooled.path.read_bytes()[:kept]
        carrier.spooled.remove()
        carrier.prepare()
        with (spool.folder() / f"{attempt.pk}{spool.DRAFT}").open("r+b") as draft:
            draft.write(content)
        return token

    return make


def test_a_torn_draft_does_not_block_the_seller(account, torn):
    torn(kept=100)
    assert tokens.replay() == 0, "it may still be written"
    assert tokens.refresh(account.pk) is Result.BUSY
    age_attempts(seconds=31)

    assert tokens.replay() == 1

    (kept,) = spool.folder().iterdir()
    assert kept.suffix == ".unreadable"
    assert outcomes() == [Outcome.UNKNOWN]
    assert tokens.refresh(account.pk) is not Result.BUSY


def test_a_draft_that_was_written_whole_but_not_cut_is_taken_in(account, torn):
    token = torn()
    age_attempts(seconds=31)

    assert tokens.replay() == 1

    assert grants.access_token(grants.current(account.pk)) == token.access_token


def test_the_token_of_another_user_is_never_stored(world, account):
    stranger = world.add_seller("OTRO")
    attempt = tokens.begin(account.pk)
    theirs = tokens.Token.from_json(world.grant(stranger).body())

    assert tokens.settle(attempt, theirs, None) is Result.NEEDS_RECONNECT

    assert Grant.objects.filter(state="current").count() == 0
    assert reloaded(account).status == NEEDS_RECONNECT
    assert outcomes() == [Outcome.REFUSED]


def test_a_refresh_that_comes_back_after_a_reconnect_is_dropped(world, account, seller):
    attempt = tokens.begin(account.pk)
    late = tokens.Token.from_json(world.grant(seller).body())
    reconnected = grants.start_chain(account, tokens.Token.from_json(world.grant(seller).body()))

    assert tokens.settle(attempt, late, None) is Result.NOTHING_TO_RENEW

    assert grants.current(account.pk).pk == reconnected.pk
    assert reloaded(account).status == SellerAccount.Status.CONNECTED


def test_a_second_seller_is_served_when_the_first_cannot_be(world, connect, settings):
    lost, fine = connect(world.add_seller("UNO")), connect(world.add_seller("DOS"))
    Grant.objects.filter(account=lost).update(refresh_ct=b"not sealed by us")
    for account in (lost, fine):
        age_grant(account, hours=6)

    assert tokens.refresh_due(timezone.now()) == 1

    assert reloaded(lost).status == SellerAccount.Status.CONNECTED
    assert grants.current(fine.pk).generation == 1


def test_the_same_refresh_token_given_back_renews_in_place(account, world):
    grant = grants.current(account.pk)
    same = tokens.Token("APP_USR-new", grants.refresh_token(grant), 21600, account.ml_user_id, "", "bearer")

    grants.continue_chain(grant, same)

    assert grants.access_token(grants.current(account.pk)) == "APP_USR-new"
    assert Grant.objects.count() == 1


def test_a_full_disk_spends_no_token(world, account, settings):
    folder = spool.folder()
    folder.chmod(0o500)
    folder.rename(folder.with_name("away"))
    folder.write_text("a file where the folder should be")

    with pytest.raises(OSError, match="tokens"):
        tokens.refresh(account.pk)

    assert len(posts(world)) == 0


def test_a_lost_key_spends_no_token(world, account, settings):
    settings.FIELD_ENCRYPTION_KEYS = ["ab" * 32]
    age_grant(account, hours=6)

    assert tokens.refresh_due(timezone.now()) == 0

    assert (len(posts(world)), outcomes()) == (0, [])


def test_a_row_copied_to_another_seller_does_not_open(world, connect):
    first, second = connect(world.add_seller("UNO")), connect(world.add_seller("DOS"))
    stolen = grants.current(first.pk)
    Grant.objects.filter(account=second).update(access_ct=stolen.access_ct)

    with pytest.raises(crypto.CannotOpen):
        client_for(second)


def test_an_expired_token_is_asked_for_and_the_work_looks_again(world, account):
    age_grant(account, hours=7)

    with pytest.raises(TryLater):
        client_for(account)

    assert reloaded(account).refresh_wanted_at is not None
    assert tokens.refresh_due(timezone.now()) == 1
    assert reloaded(account).refresh_wanted_at is None
    assert client_for(account).me().nickname == "TIENDA_UNO"


def test_a_renewal_lets_waiting_work_run_at_once(world, account):
    work.bump(account_id=account.pk, kind="order", key="1", delay=timedelta(hours=1))
    Work.objects.update(last_error_class="TryLater")
    work.bump(account_id=account.pk, kind="order", key="2", delay=timedelta(hours=1))

    tokens.refresh(account.pk)

    due = Work.objects.filter(due_at__lte=timezone.now())
    assert [row.key for row in due] == ["1"]


def test_401_asks_for_one_refresh_and_then_works(world, account):
    client = client_for(account)
    world.consents.expire_access(account.ml_user_id)
    with pytest.raises(tokens.errors.Unauthorized):
        client.me()
    asked_by_the_work_row(account)

    with pytest.raises(TryLater):
        client_for(account)
    assert tokens.refresh_due(timezone.now()) == 1
    assert client_for(account).me().id == account.ml_user_id


def test_401_with_a_token_that_was_renewed_meanwhile_asks_for_nothing(world, account):
    client = client_for(account)
    tokens.refresh(account.pk)
    world.consents._access = {
        token: access for token, access in world.consents._access.items() if token != client._access_token
    }

    with pytest.raises(TryLater):
        client.me()

    assert reloaded(account).refresh_wanted_at is None


def asked_by_the_work_row(account):
    SellerAccount.objects.filter(pk=account.pk).update(refresh_wanted_at=tokens.Now())


def test_freshly_renewed_tokens_refused_twice_need_a_human(world, account):
    age_grant(account, hours=1)
    for _ in range(2):
        asked_by_the_work_row(account)
        assert tokens.refresh_due(timezone.now()) == 1

    asked_by_the_work_row(account)
    assert tokens.refresh_due(timezone.now()) == 0

    assert reloaded(account).status == NEEDS_RECONNECT
    assert len(posts(world)) == 2


def test_no_text_column_and_no_log_line_holds_a_token(world, account, caplog):
    first = grants.current(account.pk)
    secrets = [grants.access_token(first), grants.refresh_token(first)]
    tokens.refresh(account.pk)
    second = grants.current(account.pk)
    secrets += [grants.access_token(second), grants.refresh_token(second)]
    world.consents.revoke(account.ml_user_id)
    tokens.refresh(account.pk)

    for secret in secrets:
        assert secret not in caplog.text
        assert secret not in dump()
        assert secret not in repr([first, second, client_for, RefreshAttempt.objects.first()])


def dump():
    """Every column of every table of ours, as text."""
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(
                f'select t::text, convert_from(decode(encode(t::text::bytea, %s), %s), %s) from "{table}" t',
                ["hex", "hex", "UTF8"],
            )
            rows += [f"{row[0]}{row[1]}" for row in cursor.fetchall()]
    return "\n".join(rows)
