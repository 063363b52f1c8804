"""A listing is frozen exactly as long as a change of its shape that freezes is open, whoever writes which of them."""

from django.db import migrations

CREATE = """
create function catalog_freeze_listing() returns trigger language plpgsql as $$
declare of_listing bigint := case when tg_op = 'DELETE' then old.listing_id else new.listing_id end;
begin
  update catalog_listing as kept set frozen_by = now_is.kind
    from (select coalesce((select kind from catalog_shapechange
                            where listing_id = of_listing and state = 'open' and freezes order by id limit 1), '') as kind
         ) as now_is
   where kept.id = of_listing and kept.frozen_by <> now_is.kind;
  return null;
end $$;
create trigger catalog_freeze_listing after insert or update of state, freezes or delete on catalog_shapechange
  for each row execute function catalog_freeze_listing();
"""
DROP = """
drop trigger catalog_freeze_listing on catalog_shapechange;
drop function catalog_freeze_listing();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_shape_changes_and_sales_speed")]
    operations = [migrations.RunSQL(CREATE, DROP)]
