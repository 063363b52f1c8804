from catalog.sheets import kit_sheet
from catalog.sheets.command import SheetCommand


class Command(SheetCommand):
    help = "Change what kits consist of from FILE: kit,component,quantity. A quantity of 0 takes the component out."
    columns, optional = kit_sheet.COLUMNS, kit_sheet.OPTIONAL
    what = "components"
    plan = staticmethod(kit_sheet.plan)
    apply = staticmethod(kit_sheet.apply)
