"""work_bump(): ask for work in one statement, from Django or from the intake's plain connection."""

from django.db import migrations

CREATE = """
create function work_bump(p_account bigint, p_kind text, p_key text, p_lane int, p_priority int, p_delay interval default '0')
returns bigint language sql as $$
  insert into sellers_work as w (account_id, kind, key, lane, priority, state, due_at, want_seq, done_seq, leased_by,
                                 claims, fails, last_error, last_error_class)
  values (p_account, p_kind, p_key, p_lane, p_priority, 'ready', now() + p_delay, 1, 0, '', 0, 0, '', '')
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
  returning w.id
$$;
alter table sellers_work set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200);
alter table sellers_notification add constraint notification_body_is_bounded check (octet_length(body) <= 65536);
"""


class Migration(migrations.Migration):
    dependencies = [("sellers", "0001_initial")]
    operations = [
        migrations.RunSQL(
            CREATE,
            "alter table sellers_notification drop constraint notification_body_is_bounded;"
            "drop function work_bump(bigint, text, text, int, int, interval);",
        )
    ]
