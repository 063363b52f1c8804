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
# work kind -> handler(claim), lane, priority (0 first); `together` takes many claims and may leave any to the handler
WORK_KINDS: dict[str, dict[str, Any]] = {
    "connected": {"handler": "orders.upkeep.connected", "lane": "orders", "priority": 20},
    "order": {
        "handler": "orders.importing.import_order",
        "together": "orders.importing.import_orders",
        "lane": "orders",
        "priority": 10,
    },
    "shipment": {
        "handler": "orders.importing.import_shipment",
        "together": "orders.importing.import_shipments",
        "lane": "orders",
        "priority": 20,
    },
    "order_poll": {"handler": "orders.reconciliation.poll", "lane": "orders", "priority": 40},
    "missed_feeds": {"handler": "orders.missed.recover", "lane": "orders", "priority": 45},
    "order_runs": {"handler": "orders.runs.add_up_all", "lane": "orders", "priority": 90},
    "mapping": {"handler": "orders.upkeep.mapping_changed", "lane": "orders", "priority": 30},
    "went_live": {"handler": "inventory.stock_push.went_live", "lane": "pushes", "priority": 30},
    "seller_tags": {"handler": "inventory.seller_tags.read_again", "lane": "pushes", "priority": 20},
    "seller_stores": {"handler": "inventory.stores.read_claimed", "lane": "bulk", "priority": 60},
    "seller_changed": {"handler": "inventory.stock_push.went_live", "lane": "pushes", "priority": 40},
    "stock": {
        "handler": "inventory.stock_push.push",
        "together": "inventory.push_together.push_many",
        "lane": "pushes",
        "priority": 50,
    },
    "price": {"handler": "catalog.price_push.push", "lane": "pushes", "priority": 60},
    "marketplace": {"handler": "catalog.marketplace_push.push", "lane": "pushes", "priority": 55},
    "user_product_stock": {
        "handler": "inventory.patrol.look",
        "together": "inventory.looks_together.look_at_user_products",
        "lane": "pushes",
        "priority": 70,
    },
    "item": {
        "handler": "inventory.patrol.look_at_item",
        "together": "inventory.looks_together.look_at_items",
        "lane": "bulk",
        "priority": 50,
    },
    "publication": {"handler": "inventory.publishing.follow", "lane": "bulk", "priority": 45},
    "full_stock": {"handler": "inventory.full.read", "lane": "bulk", "priority": 55},
    "full_operation": {"handler": "inventory.full.operation", "lane": "bulk", "priority": 55},
    "patrol": {"handler": "inventory.patrol.patrol", "lane": "bulk", "priority": 70},
    "job": {"handler": "sellers.jobs.run", "lane": "bulk", "priority": 40},
}
# job kind -> handler(job); each is resumable from job.checkpoint
JOB_KINDS = {
    "catalog_import": "catalog.importing.run_import",
    "mapping_import": "catalog.mapping_sheet.run_import",
    "listings_again": "dashboard.jobs.run_again",
    "bulk_accept": "catalog.bulk.run_bulk_accept",
}
# what to do when staff lets pushes of a seller go on: handler(account)
RESUMED = "inventory.blast.resumed"
# slot name -> (seconds between runs, handler without arguments); run by beat and, where beat is away, by the pump
SCHEDULE = {
    "order_poll": (300, "orders.reconciliation.schedule_polls"),
    "missed_feeds": (600, "orders.missed.schedule"),
    "orders_week": (86400, "orders.reconciliation.schedule_week"),
    "orders_two_months": (7 * 86400, "orders.reconciliation.schedule_two_months"),
    "silence": (60, "orders.watching.watch"),
    "order_runs_prune": (3600, "orders.runs.prune"),
    "patrol": (60, "inventory.patrol.schedule"),
    "sales_speed": (3600, "orders.speed.refresh"),
    "catalog_sweep": (60, "catalog.importing.sweep"),
    "seller_facts": (86400, "sellers.oauth.reread_sellers"),
    "full_stock": (3600, "inventory.full.schedule"),
    "seller_stores": (6 * 3600, "inventory.stores.schedule"),
    "installation": (10, "sellers.installation.keep"),
    "mass_zero": (10, "inventory.blast.watch"),
    "rate_recovery": (60, "sellers.budget.recover"),
    "prune": (3600, "sellers.upkeep.prune"),
}
