from catalog.sheets import price_sheet
from catalog.sheets.command import SheetCommand


class Command(SheetCommand):
    help = "Set listings' own prices from FILE: item_id,price. The price is in the listing's currency."
    columns = price_sheet.COLUMNS
    what = "prices"
    plan = staticmethod(price_sheet.plan)
    apply = staticmethod(price_sheet.apply)
