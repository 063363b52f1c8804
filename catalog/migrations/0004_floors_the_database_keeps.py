"""No price below the floor: neither staff's own price of a listing nor the price wanted for it, whoever writes it.

The floor of a listing is the highest of its linked products' floors times the units sold at once, in its currency.
Setting an own price below it, linking a product whose floor is above the own price and raising a floor above an own
price are refused. A wanted price that a new floor or link makes too low is taken back: it is computed again.
Writers of prices share-lock the products whose floors they read, so that a floor cannot rise at the same moment.
"""

from django.db import migrations

CREATE = """
create function catalog_listing_floor(the_listing bigint, the_currency text) returns numeric language sql as $$
  select max(price.floor * mapping.units)
    from catalog_variation unit
    join catalog_skumapping mapping on mapping.variation_id = unit.id
    join catalog_productprice price on price.product_id = mapping.product_id and price.currency_id = the_currency
   where unit.listing_id = the_listing
$$;
create function catalog_lock_products_of(the_listing bigint) returns void language plpgsql as $$ begin
  perform 1 from catalog_product
    where id in (select mapping.product_id from catalog_variation unit
                   join catalog_skumapping mapping on mapping.variation_id = unit.id where unit.listing_id = the_listing)
    order by id for share;
end $$;

create function catalog_own_price_guard() returns trigger language plpgsql as $$
declare floor numeric;
begin
  perform catalog_lock_products_of(new.id);
  floor := catalog_listing_floor(new.id, new.currency_id);
  if new.own_price < floor then
    raise exception 'own price % of % is below its floor %', new.own_price, new.item_id, floor
      using errcode = 'check_violation', constraint = 'own_price_not_below_floor';
  end if;
  return new;
end $$;
create trigger catalog_own_price_guard before insert or update of own_price, currency_id on catalog_listing
  for each row when (new.own_price is not null) execute function catalog_own_price_guard();

create function catalog_wanted_price_guard() returns trigger language plpgsql as $$
declare floor numeric;
begin
  perform catalog_lock_products_of(new.listing_id);
  select catalog_listing_floor(id, currency_id) into floor from catalog_listing where id = new.listing_id;
  if new.wanted < floor then
    raise exception 'wanted price % of listing % is below its floor %', new.wanted, new.listing_id, floor
      using errcode = 'check_violation', constraint = 'wanted_price_not_below_floor';
  end if;
  return new;
end $$;
create trigger catalog_wanted_price_guard before insert or update of wanted on catalog_pricetarget
  for each row when (new.wanted is not null) execute function catalog_wanted_price_guard();

create function catalog_mapping_guard() returns trigger language plpgsql as $$
declare listing record; floor numeric;
begin
  select l.id, l.item_id, l.own_price, l.currency_id into listing
    from catalog_variation unit join catalog_listing l on l.id = unit.listing_id
   where unit.id = new.variation_id for no key update of l;
  perform 1 from catalog_product where id = new.product_id for share;
  floor := catalog_listing_floor(listing.id, listing.currency_id);
  if listing.own_price < floor then
    raise exception 'own price % of % is below the floor %', listing.own_price, listing.item_id, floor
      using errcode = 'check_violation', constraint = 'own_price_not_below_floor';
  end if;
  update catalog_pricetarget set wanted = null, state = 'below_floor' where listing_id = listing.id and wanted < floor;
  return null;
end $$;
create trigger catalog_mapping_guard after insert or update of product_id, units, variation_id on catalog_skumapping
  for each row execute function catalog_mapping_guard();

create function catalog_floor_lock() returns trigger language plpgsql as $$ begin
  perform 1 from catalog_product where id = new.product_id for no key update;
  return new;
end $$;
create trigger catalog_floor_lock before insert or update of floor, currency_id, product_id on catalog_productprice
  for each row when (new.floor is not null) execute function catalog_floor_lock();

create function catalog_floor_guard() returns trigger language plpgsql as $$
declare found_id text;
begin
  select listing.item_id into found_id
    from catalog_skumapping mapping
    join catalog_variation unit on unit.id = mapping.variation_id
    join catalog_listing listing on listing.id = unit.listing_id and listing.currency_id = new.currency_id
   where mapping.product_id = new.product_id and listing.own_price < new.floor * mapping.units limit 1;
  if found then
    raise exception 'the floor % is above the own price of %', new.floor, found_id
      using errcode = 'check_violation', constraint = 'floor_not_above_own_price';
  end if;
  update catalog_pricetarget target set wanted = null, state = 'below_floor'
    from catalog_skumapping mapping
    join catalog_variation unit on unit.id = mapping.variation_id
    join catalog_listing listing on listing.id = unit.listing_id and listing.currency_id = new.currency_id
   where target.listing_id = listing.id and mapping.product_id = new.product_id
     and target.wanted < new.floor * mapping.units;
  return null;
end $$;
create trigger catalog_floor_guard after insert or update of floor, currency_id, product_id on catalog_productprice
  for each row when (new.floor is not null) execute function catalog_floor_guard();
"""
DROP = """
drop trigger catalog_floor_guard on catalog_productprice;
drop trigger catalog_floor_lock on catalog_productprice;
drop trigger catalog_mapping_guard on catalog_skumapping;
drop trigger catalog_wanted_price_guard on catalog_pricetarget;
drop trigger catalog_own_price_guard on catalog_listing;
drop function catalog_floor_guard(), catalog_floor_lock(), catalog_mapping_guard(), catalog_wanted_price_guard(),
  catalog_own_price_guard(), catalog_lock_products_of(bigint), catalog_listing_floor(bigint, text);
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_history_of_unlinking")]
    operations = [migrations.RunSQL(CREATE, DROP)]
