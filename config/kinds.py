"""What points up the line of packages, as data: which handler each kind of work has, what runs when.

Checked at start by `manage.py check`.
"""

from typing import Any

# resource kind of a notification -> work kind
NOTIFICATION_WORK = {
    "order": "order",
    "shipment": "shipment",
    "item": "item",
    "item_prices": "item",
    "user_product_stock": "user_product_stock",
    "fulfillment_operation": "full_operation",
}
# lane -> Celery queue
LANES = {"orders": 0, "pushes": 1, "bulk": 2}
# lane -> the priority of what has waited for long, where it is not higher: beside orders, pushes (quantities that fall
# still go first) and jobs, the one that was due first before the others
AGED_PRIORITY = {"orders": 10, "pushes": 50, "bulk": 40}
# work kind -> handler(claim), lane, priority (0 first); `together` takes many claims and may leave any to the handler
WORK_KINDS: dict[str, dict[str, Any]] = {
    "connected": {"handler": "orders.upkeep.connected", "lane": "orders", "priority": 20},
    "order": {
        "handler": "orders.imports.importing.import_order",
        "together": "orders.imports.importing.import_orders",
        "lane": "orders",
        "priority": 10,
    },
    "shipment": {
        "handler": "orders.imports.importing.import_shipment",
        "together": "orders.imports.importing.import_shipments",
        "lane": "orders",
        "priority": 20,
    },
    "order_poll": {"handler": "orders.runs.reconciliation.poll", "lane": "orders", "priority": 40},
    "missed_feeds": {"handler": "orders.runs.missed.recover", "lane": "orders", "priority": 45},
    "order_runs": {"handler": "orders.runs.runs.add_up_all", "lane": "orders", "priority": 90},
    "mapping": {"handler": "orders.upkeep.mapping_changed", "lane": "orders", "priority": 30},
    "went_live": {"handler": "inventory.pushes.stock_push.went_live", "lane": "pushes", "priority": 30},
    "seller_tags": {"handler": "inventory.places.seller_tags.read_again", "lane": "pushes", "priority": 20},
    "seller_stores": {"handler": "inventory.places.stores.read_claimed", "lane": "bulk", "priority": 60},
    "seller_changed": {"handler": "inventory.pushes.stock_push.went_live", "lane": "pushes", "priority": 40},
    "stock": {
        "handler": "inventory.pushes.stock_push.push",
        "together": "inventory.pushes.together.push_many",
        "lane": "pushes",
        "priority": 50,
    },
    "price": {"handler": "catalog.prices.price_push.push", "lane": "pushes", "priority": 60},
    "marketplace": {"handler": "catalog.marketplaces.push.push", "lane": "pushes", "priority": 55},
    "user_product_stock": {
        "handler": "inventory.patrol.patrol.look",
        "together": "inventory.patrol.looks_together.look_at_user_products",
        "lane": "pushes",
        "priority": 70,
    },
    "item": {
        "handler": "inventory.patrol.patrol.look_at_item",
        "together": "inventory.patrol.looks_together.look_at_items",
        "lane": "bulk",
        "priority": 50,
    },
    "publication": {"handler": "inventory.publishing.publishing.follow", "lane": "bulk", "priority": 45},
    "full_stock": {"handler": "inventory.places.full.read", "lane": "bulk", "priority": 55},
    "full_operation": {"handler": "inventory.places.full.operation", "lane": "bulk", "priority": 55},
    "patrol": {"handler": "inventory.patrol.patrol.patrol", "lane": "bulk", "priority": 70},
    "job": {"handler": "sellers.queue.jobs.run", "lane": "bulk", "priority": 40},
}
# job kind -> handler(job); each is resumable from job.checkpoint
JOB_KINDS = {
    "catalog_import": "catalog.imports.importing.run_import",
    "mapping_import": "catalog.sheets.mapping_sheet.run_import",
    "listings_again": "dashboard.jobs.run_again",
    "bulk_accept": "catalog.bulk.run_bulk_accept",
}
# what to do when staff lets pushes of a seller go on: handler(account)
RESUMED = "inventory.pushes.blast.resumed"
# slot name -> (seconds between runs, handler without arguments); run by beat and, where beat is away, by the pump
SCHEDULE = {
    "order_poll": (300, "orders.runs.reconciliation.schedule_polls"),
    "missed_feeds": (600, "orders.runs.missed.schedule"),
    "orders_week": (86400, "orders.runs.reconciliation.schedule_week"),
    "orders_two_months": (7 * 86400, "orders.runs.reconciliation.schedule_two_months"),
    "silence": (60, "orders.runs.watching.watch"),
    "order_runs_prune": (3600, "orders.runs.runs.prune"),
    "patrol": (60, "inventory.patrol.patrol.schedule"),
    "sales_speed": (3600, "orders.speed.refresh"),
    "catalog_sweep": (60, "catalog.imports.importing.sweep"),
    "seller_facts": (86400, "sellers.connection.oauth.reread_sellers"),
    "full_stock": (3600, "inventory.places.full.schedule"),
    "seller_stores": (6 * 3600, "inventory.places.stores.schedule"),
    "ageing": (10, "sellers.queue.ageing.age"),
    "installation": (10, "sellers.brakes.installation.keep"),
    "mass_zero": (10, "inventory.pushes.blast.watch"),
    "rate_recovery": (60, "sellers.brakes.budget.recover"),
    "prune": (3600, "sellers.upkeep.prune"),
}
