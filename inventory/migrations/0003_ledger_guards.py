"""The ledger keeps itself: levels change only through movements, and movements never change.

TRUNCATE is refused too, except where the connection says `enlace.allow_truncate = on` (the test suite empties tables).
"""

from django.db import migrations

CREATE = """
create function stock_movement_apply() returns trigger language plpgsql as $$ begin
  update inventory_stocklevel
     set on_hand = on_hand + new.on_hand_delta, reserved = reserved + new.reserved_delta, seq = seq + 1
   where id = new.level_id
   returning on_hand, reserved, seq into new.on_hand_after, new.reserved_after, new.seq;
  if not found then raise exception 'no stock level %', new.level_id; end if;
  return new;
end $$;
create trigger stock_movement_apply before insert on inventory_stockmovement
  for each row execute function stock_movement_apply();

create function ledger_refuse() returns trigger language plpgsql as $$ begin
  if tg_op = 'TRUNCATE' and current_setting('enlace.allow_truncate', true) = 'on' then return null; end if;
  raise exception '% on % is refused: the ledger is append only', tg_op, tg_table_name;
end $$;
create trigger stock_movement_frozen before update or delete on inventory_stockmovement
  for each row execute function ledger_refuse();
create trigger stock_movement_not_truncated before truncate on inventory_stockmovement
  for each statement execute function ledger_refuse();

create function stock_level_guard() returns trigger language plpgsql as $$ begin
  if (new.on_hand, new.reserved, new.seq) is distinct from (old.on_hand, old.reserved, old.seq) and pg_trigger_depth() < 2 then
    raise exception 'stock levels change only through movements';
  end if;
  return new;
end $$;
create trigger stock_level_guard before update on inventory_stocklevel
  for each row execute function stock_level_guard();
create function stock_level_begins_at_zero() returns trigger language plpgsql as $$ begin
  if (new.on_hand, new.reserved, new.seq) is distinct from (0, 0, 0::bigint) then
    raise exception 'a stock level begins at zero';
  end if;
  return new;
end $$;
create trigger stock_level_begins_at_zero before insert on inventory_stocklevel
  for each row execute function stock_level_begins_at_zero();
"""
DROP = """
drop trigger stock_level_begins_at_zero on inventory_stocklevel;
drop trigger stock_level_guard on inventory_stocklevel;
drop trigger stock_movement_not_truncated on inventory_stockmovement;
drop trigger stock_movement_frozen on inventory_stockmovement;
drop trigger stock_movement_apply on inventory_stockmovement;
drop function stock_level_begins_at_zero(), stock_level_guard(), ledger_refuse(), stock_movement_apply();
"""


def add_main_warehouse(apps, schema_editor):
    apps.get_model("inventory", "Warehouse").objects.get_or_create(code="MAIN", defaults={"name": "Main warehouse"})


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_products_and_sellers_of_stock")]
    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.RunPython(add_main_warehouse, migrations.RunPython.noop),
    ]
