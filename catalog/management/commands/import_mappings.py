from catalog.sheets import mapping_sheet
from catalog.sheets.command import SheetCommand


class Command(SheetCommand):
    help = "Link listings to products from FILE: item_id,variation_id,sku,units. Empty units: 1."
    columns, optional = mapping_sheet.COLUMNS, mapping_sheet.OPTIONAL
    what = "links"
    plan = staticmethod(mapping_sheet.plan)
    apply = staticmethod(mapping_sheet.apply)
