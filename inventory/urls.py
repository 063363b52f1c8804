"""Pages of stock."""

from django.urls import path

from inventory.views import (
    counts,
    documents,
    full,
    go_live,
    kits,
    levels,
    movements,
    publishing,
    rules,
    stores,
    warehouses,
)

app_name = "inventory"
urlpatterns = [
    path("inventory/", levels.LevelList.as_view(), name="levels"),
    path("inventory/move/<slug:kind>/", movements.move, name="move"),
    path("inventory/overwrite/<int:pk>/", movements.overwrite, name="overwrite"),
    path("full/<slug:inventory_id>/", full.operations, name="full"),
    path("inventory/<path:sku>/", levels.product, name="product"),
    path("products/<int:pk>/kit/", kits.change, name="kit"),
    path("ledger/", movements.LedgerList.as_view(), name="ledger"),
    path("warehouses/", warehouses.warehouses, name="warehouses"),
    path("warehouses/<int:pk>/", warehouses.warehouse, name="warehouse"),
    path("warehouses/sellers/<int:pk>/", warehouses.seller_warehouses, name="seller_warehouses"),
    path("warehouses/sellers/<int:pk>/stores/", stores.store_list, name="stores"),
    path("warehouses/sellers/<int:pk>/stores/<slug:store_id>/", stores.link, name="link_store"),
    path("warehouses/sellers/<int:pk>/stores/<slug:store_id>/left-out/", stores.leave_out, name="leave_out_store"),
    path("warehouses/links/<int:pk>/remove/", warehouses.unlink, name="unlink"),
    path("receipts/", documents.ReceiptList.as_view(), name="receipts"),
    path("receipts/new/", documents.receipt_new, name="receipt_new"),
    path("receipts/<int:pk>/", documents.receipt, name="receipt"),
    path("transfers/", documents.TransferList.as_view(), name="transfers"),
    path("transfers/new/", documents.transfer_new, name="transfer_new"),
    path("transfers/<int:pk>/", documents.transfer, name="transfer"),
    path("transfers/<int:pk>/receive/", documents.transfer_receive, name="transfer_receive"),
    path("counts/", counts.CountList.as_view(), name="counts"),
    path("counts/new/", counts.count_new, name="count_new"),
    path("counts/<int:pk>/", counts.count, name="count"),
    path("counts/<int:pk>/decide/", counts.count_decide, name="count_decide"),
    path("stock-rules/", rules.rules, name="rules"),
    path("stock-rules/sellers/<int:pk>/", rules.seller_rule, name="seller_rule"),
    path("stock-rules/products/", rules.ProductRuleList.as_view(), name="product_rules"),
    path("stock-rules/products/<int:pk>/", rules.product_rule, name="product_rule"),
    path("stock-rules/listings/", rules.ListingRuleList.as_view(), name="listing_rules"),
    path("stock-rules/listings/<int:pk>/", rules.listing_rule, name="listing_rule"),
    path("sellers/<int:pk>/publish/", publishing.publish, name="publish"),
    path("sellers/<int:pk>/go-live/", go_live.go_live, name="go_live"),
]
