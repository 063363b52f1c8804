"""A kit holds no stock of its own: a product with stock cannot become one, and what is a kit takes no units in.

Whoever makes a kit locks its product against new levels and the levels that are there against movements. What a kit
gave away before it was one may still come back, and be counted down to nothing.
"""

from django.db import migrations

CREATE = """
create function inventory_kit_holds_no_stock() returns trigger language plpgsql as $$
declare held record;
begin
  perform 1 from catalog_product where id = new.kit_id for update;
  perform 1 from inventory_stocklevel where product_id = new.kit_id order by id for update;
  select max(product.sku) as sku, sum(level.on_hand) as on_hand, sum(level.reserved) as reserved into held
    from inventory_stocklevel level join catalog_product product on product.id = level.product_id
   where level.product_id = new.kit_id and (level.on_hand, level.reserved) is distinct from (0, 0);
  if held.sku is not null then
    raise exception '% has stock of its own: % on hand, % reserved', held.sku, held.on_hand, held.reserved
      using errcode = 'check_violation', constraint = 'kit_holds_no_stock',
            detail = format('%s %s', held.on_hand, held.reserved);
  end if;
  return new;
end $$;
create trigger inventory_kit_holds_no_stock before insert or update of kit_id on catalog_kitcomponent
  for each row execute function inventory_kit_holds_no_stock();

-- By its name it comes after stock_movement_apply, which sets the after-values.
create function stock_movement_not_of_a_kit() returns trigger language plpgsql as $$ begin
  if new.kind not in ('release', 'return') and (new.on_hand_after, new.reserved_after) is distinct from (0, 0)
     and exists (select 1 from catalog_kitcomponent part join inventory_stocklevel level on level.product_id = part.kit_id
                  where level.id = new.level_id) then
    raise exception 'a kit holds no stock: its components do'
      using errcode = 'check_violation', constraint = 'kit_holds_no_stock';
  end if;
  return new;
end $$;
create trigger stock_movement_not_of_a_kit before insert on inventory_stockmovement
  for each row execute function stock_movement_not_of_a_kit();
"""
DROP = """
drop trigger stock_movement_not_of_a_kit on inventory_stockmovement;
drop trigger inventory_kit_holds_no_stock on catalog_kitcomponent;
drop function stock_movement_not_of_a_kit(), inventory_kit_holds_no_stock();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_plain_words"), ("catalog", "0007_kits_the_database_keeps")]
    operations = [migrations.RunSQL(CREATE, DROP)]
