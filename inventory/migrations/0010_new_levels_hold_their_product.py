"""A level that is made holds its product as it is until the transaction ends: nobody makes a kit of it meanwhile.

References are checked at the end of a transaction, so that they lock the product too late for that.
"""

from django.db import migrations

CREATE = """
create function stock_level_holds_product() returns trigger language plpgsql as $$ begin
  perform 1 from catalog_product where id = new.product_id for key share;
  return null;
end $$;
create trigger stock_level_holds_product after insert on inventory_stocklevel
  for each row execute function stock_level_holds_product();
"""
DROP = """
drop trigger stock_level_holds_product on inventory_stocklevel;
drop function stock_level_holds_product();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0009_receipts_transfers_and_counts")]
    operations = [migrations.RunSQL(CREATE, DROP)]
