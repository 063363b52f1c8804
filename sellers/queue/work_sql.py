"""The statements of the work table. Rows are locked by kind, then key, then seller, as bytes: see `work.bump_many`."""

# In the order given; the lanes are woken once each. For each row what the function work_bump() does for one.
BUMP = """
with bumped as (
  insert into sellers_work as w (account_id, kind, key, lane, priority, state, due_at, want_seq, done_seq, leased_by,
                                 claims, fails, last_error, last_error_class)
  select account_id, kind, key, lane, priority, 'ready', now() + %s, 1, 0, '', 0, 0, '', ''
    from unnest(%s::bigint[], %s::text[], %s::text[], %s::int[], %s::int[])
         with ordinality as wanted (account_id, kind, key, lane, priority, position) order by position
  on conflict (account_id, kind, key) do update set
    want_seq = w.want_seq + 1,
    lane = case when w.state = 'idle' then excluded.lane else least(w.lane, excluded.lane) end,
    priority = case when w.state = 'idle' then excluded.priority else least(w.priority, excluded.priority) end,
    wanted_since = case when w.state = 'idle' then now() else w.wanted_since end,
    due_at = case when w.state = 'idle' then excluded.due_at
                  when w.state = 'ready' and w.fails = 0 then least(w.due_at, excluded.due_at)
                  when w.state = 'dead' and w.last_error_at < now() - interval '15 min' then excluded.due_at
                  else w.due_at end,
    state = case when w.state = 'idle' then 'ready'
                 when w.state = 'dead' and w.last_error_at < now() - interval '15 min' then 'ready'
                 else w.state end
  returning lane)
select lane, pg_notify(%s, lane::text) from bumped group by lane
"""

# Sellers that ML can be called for now: connected, not slowed down, no breaker open.
MAY_CALL = """
(a.id is null or (a.status = 'connected' and coalesce(a.throttle_until, '-infinity') <= now()
                  and a.id <> all(array(select account_id from sellers_breaker
                                         where state <> 'closed' and account_id is not null))
                  and not exists (select from sellers_breaker where scope = 'ml' and state <> 'closed')))
"""
# Work that writes waits in its place while a seller's pushes are paused or writing is stopped. Where a brake has paused
# them, quantities go on that fall because something was sold: the others may be what it asks about.
SOLD = 35  # their priority
MAY_PUSH = f"""
not (w.kind = any(%(push_kinds)s)
     and ((coalesce(a.pushes_paused, false) and not (a.sales_go_on and w.kind = 'stock' and w.priority <= {SOLD}))
          or exists (select from sellers_writestop where ended_at is null)))
"""

# How much is due in each lane in which something is.
DUE = f"""
select w.lane, count(*) from sellers_work w left join sellers_selleraccount a on a.id = w.account_id
 where w.state = 'ready' and w.due_at <= now() and {MAY_CALL} and {MAY_PUSH} group by w.lane
"""  # noqa: S608  no outside words in it

# {{limit}}: how many, given by one of the two below.
CLAIM = f"""
with due as materialized (
  select w.id from sellers_work w left join sellers_selleraccount a on a.id = w.account_id
   where w.state = 'ready' and w.due_at <= now() and w.lane = %(lane)s
     and (%(kinds)s::text[] is null or w.kind = any(%(kinds)s) and w.account_id = any(%(accounts)s::bigint[]))
     and {MAY_CALL} and {MAY_PUSH}
   order by w.priority, w.due_at, w.id limit {{limit}} for update of w skip locked)
update sellers_work w
   set state = 'leased', lease_token = gen_random_uuid(), lease_until = now() + %(lease)s, leased_by = %(who)s,
       claim_seq = w.want_seq, claims = w.claims + 1
  from due where w.id = due.id
returning w.id, w.account_id, w.kind, w.key, w.lease_token, w.fails, w.wanted_since, w.claims, now(), w.priority
"""  # noqa: S608  no outside words in it

CLAIM_SOME = CLAIM.format(limit="%(limit)s")
# Half as many as wait, so that workers share it: who takes all keeps the others idle. A few are not worth sharing.
CLAIM_SHARE = CLAIM.format(
    limit="""(
  select least(%(limit)s, greatest(%(few)s, (count(*) + 1) / 2))
    from (select from sellers_work where state = 'ready' and due_at <= now() and lane = %(lane)s
                                     and kind = any(%(kinds)s) limit 2 * %(limit)s) as waiting)"""
)

# The rows of some claims (ids, tokens) that are still held.
HELD = """
with held as materialized (
  select w.id from sellers_work w join unnest(%s::bigint[], %s::uuid[]) as claim (id, token)
      on w.id = claim.id and w.lease_token = claim.token
   order by w.kind collate "C", w.key collate "C", w.account_id for update of w)
"""

COMPLETE = f"""{HELD}
update sellers_work w
   set state = case when want_seq > claim_seq then 'ready' else 'idle' end, done_seq = claim_seq, due_at = now(),
       wanted_since = now(), claims = 0, fails = 0, last_error = '', last_error_class = '',
       lease_token = null, lease_until = null, leased_by = '', last_done_at = now()
  from held where w.id = held.id
returning w.id, w.state, w.lane
"""  # noqa: S608  no outside words in it

GIVE_BACK = f"""{HELD}
update sellers_work w
   set state = 'ready', claims = greatest(claims - 1, 0), lease_token = null, lease_until = null, leased_by = ''
  from held where w.id = held.id
returning w.lane
"""  # noqa: S608  no outside words in it

FAIL = """
update sellers_work
   set state = case when %(state)s in ('dead', 'idle') and want_seq > claim_seq then 'ready' else %(state)s end,
       due_at = now() + %(delay)s, fails = fails + %(counted)s, claims = 0,
       done_seq = case when %(state)s = 'idle' then claim_seq else done_seq end,
       last_error = %(words)s, last_error_class = %(error_class)s, last_error_at = now(),
       lease_token = null, lease_until = null, leased_by = ''
 where id = %(id)s and lease_token = %(token)s
"""

REAP = """
with expired as materialized (
  select id from sellers_work where state = 'leased' and lease_until < now() order by id limit 200
     for update skip locked)
update sellers_work w
   set state = case when w.claims >= %s then 'dead' else 'ready' end,
       last_error = 'The worker stopped in the middle of this.', last_error_class = 'lease_expired',
       last_error_at = now(), due_at = now() + make_interval(secs => random() * w.claims),
       lease_token = null, lease_until = null, leased_by = ''
  from expired where w.id = expired.id
returning w.lane
"""

# What waits with one of some errors for a seller is due now.
BRING_FORWARD = """
with waiting as materialized (
  select id from sellers_work
   where account_id = %s and state = 'ready' and due_at > now() and last_error_class = any(%s)
   order by kind collate "C", key collate "C", account_id for update skip locked)
update sellers_work w set due_at = now() from waiting where w.id = waiting.id
"""

# Failed, waiting and done rows by their ids; {columns} of them.
CHOSEN = """
with chosen as materialized (
  select {columns} from sellers_work where id = any(%(ids)s) and {condition}
   order by kind collate "C", key collate "C", account_id for update)
"""

# What staff does about chosen rows is kept with what they said before: who, when and why.
KEEP = """
  insert into sellers_failureaction (work_id, account_id, kind, key, state, last_error, last_error_class, failed_at,
                                     action, reason, done_by_id, done_at)
  select id, account_id, kind, key, state, last_error, last_error_class, last_error_at,
         '{action}', {reason}, %(by)s, now() from chosen where %(by)s::bigint is not null
"""

RETRY = f"""{CHOSEN.format(columns="*", condition="state in ('dead', 'ready', 'idle')")},
kept as ({KEEP.format(action="retry", reason="''")})
update sellers_work w
   set state = 'ready', due_at = now(), fails = 0, claims = 0, want_seq = w.want_seq + 1, wanted_since = now()
  from chosen where w.id = chosen.id
returning w.lane
"""  # noqa: S608  no outside words in it

HANDLE = f"""{CHOSEN.format(columns="*", condition="state = 'dead' and kind = any(%(kinds)s)")},
kept as ({KEEP.format(action="handled", reason="%(reason)s")})
update sellers_work w
   set state = 'idle', done_seq = w.want_seq, due_at = now(), wanted_since = now(), fails = 0, claims = 0,
       last_error = '', last_error_class = ''
  from chosen where w.id = chosen.id
"""  # noqa: S608  no outside words in it
