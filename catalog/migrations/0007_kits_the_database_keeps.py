"""No kit inside a kit, and a kit's cost is what its components cost together, whoever writes which of them.

Writers of compositions lock both products: what becomes a kit cannot become a component at the same moment. The cost
is unknown where a component's cost is, or where they are in several currencies.
"""

from django.db import migrations

CREATE = """
create function catalog_kit_guard() returns trigger language plpgsql as $$
declare found_sku text;
begin
  perform 1 from catalog_product where id in (new.kit_id, new.component_id) order by id for update;
  select sku into found_sku from catalog_product where id = new.component_id
     and exists (select 1 from catalog_kitcomponent inner_part where inner_part.kit_id = new.component_id);
  if not found then
    select sku into found_sku from catalog_product where id = new.kit_id
       and exists (select 1 from catalog_kitcomponent outer_part where outer_part.component_id = new.kit_id);
  end if;
  if found then
    raise exception '% would be a kit inside a kit', found_sku
      using errcode = 'check_violation', constraint = 'kit_inside_no_kit', detail = found_sku;
  end if;
  return new;
end $$;
create trigger catalog_kit_guard before insert or update of kit_id, component_id on catalog_kitcomponent
  for each row execute function catalog_kit_guard();

create function catalog_kit_cost() returns trigger language plpgsql as $$
declare together record;
begin
  select count(*) as many, count(part.cost) as known, count(distinct part.currency_id) as currencies,
         min(part.currency_id) as currency_id, sum(part.cost * item.quantity) as cost into together
    from catalog_kitcomponent item join catalog_product part on part.id = item.component_id where item.kit_id = new.id;
  if together.many = 0 then return new; end if;
  if together.known = together.many and together.currencies = 1 and together.cost < 1000000000000 then
    new.cost := together.cost;
    new.currency_id := together.currency_id;
  else
    new.cost := null;
    new.currency_id := '';
  end if;
  return new;
end $$;
create trigger catalog_kit_cost before update of cost, currency_id on catalog_product
  for each row execute function catalog_kit_cost();

create function catalog_cost_of_part_changed() returns trigger language plpgsql as $$ begin
  update catalog_product set cost = cost
   where id in (select kit_id from catalog_kitcomponent where component_id = new.id);
  return null;
end $$;
create trigger catalog_cost_of_part_changed after update of cost, currency_id on catalog_product
  for each row when ((old.cost, old.currency_id) is distinct from (new.cost, new.currency_id))
  execute function catalog_cost_of_part_changed();

create function catalog_composition_changed() returns trigger language plpgsql as $$ begin
  if tg_op <> 'INSERT' then update catalog_product set cost = cost where id = old.kit_id; end if;
  if tg_op <> 'DELETE' then update catalog_product set cost = cost where id = new.kit_id; end if;
  return null;
end $$;
create trigger catalog_composition_changed after insert or update or delete on catalog_kitcomponent
  for each row execute function catalog_composition_changed();
"""
DROP = """
drop trigger catalog_composition_changed on catalog_kitcomponent;
drop trigger catalog_cost_of_part_changed on catalog_product;
drop trigger catalog_kit_cost on catalog_product;
drop trigger catalog_kit_guard on catalog_kitcomponent;
drop function catalog_composition_changed(), catalog_cost_of_part_changed(), catalog_kit_cost(), catalog_kit_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_kits")]
    operations = [migrations.RunSQL(CREATE, DROP)]
