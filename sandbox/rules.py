"""What can be turned on the simulated Mercado Libre."""

from dataclasses import dataclass, field
from decimal import Decimal

TOPICS = (
    *("orders_v2", "items", "stock-locations", "shipments", "items_prices", "payments"),
    "fbm_stock_operations",
    *("marketplace_items", "marketplace_orders", "marketplace_shipments", "marketplace_fbm_stock"),
)


@dataclass(eq=False)
class Rules:
    """Defaults are ML's figures where it has one, and no delay where it has none. Delays are in seconds."""

    order_visible_after: float = 0.0
    shipping_visible_after: float = 0.0
    logistic_type_known_after: float = 0.0
    replication_delay: float = 0.0
    migration_takes: float = 0.0
    migrating_items_missing: bool = False
    cancel_returns_stock: bool = False

    expires_in: int = 21600
    pkce_required: bool = False
    oauth_error_key: str = "error_description"  # older recordings say "message"
    token_rate_per_minute: int = 600

    rate_per_minute: int = 1500
    stock_reads_per_minute: int = 100
    global_searches_per_minute: int = 100
    app_blocked: bool = False
    hang_seconds: float = 30.0

    legacy_multiget: bool = False
    empty_put_answers: bool = False
    warehouse_item_writes: str = "ignored"  # or "refused"
    order_stock_as_list: bool = False  # as the documents print it; recordings show an object
    unnamed_stores: str = "kept"  # or "emptied"
    stock_topic: str = "stock-locations"  # the documents also write stock_locations and stock-location
    global_child_stock: str = "ignored"  # or "applied"
    global_shipments_topic: str = "shipments"  # newer documents say marketplace_shipments
    scan_ends_with_null: bool = False
    price_floor: Decimal = Decimal(1)

    topics: tuple[str, ...] = TOPICS
    notify_url: str | None = None
    notification_variants: bool = True
    retry_scale: float = 1.0
    delivery_timeout: float = 1.0
    duplicate_every: int = 0
    disorder: bool = False
    topic_failure_limit: int = 20
    redirect_uris: set[str] = field(default_factory=set)
