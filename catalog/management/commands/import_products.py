from catalog.sheets import product_sheet
from catalog.sheets.command import SheetCommand


class Command(SheetCommand):
    help = "Create and update products from FILE: sku,name,cost,currency,gtin. An empty cell keeps what is there."
    columns, optional = product_sheet.COLUMNS, product_sheet.OPTIONAL
    what = "products"
    plan = staticmethod(product_sheet.plan)
    apply = staticmethod(product_sheet.apply)
