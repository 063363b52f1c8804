"""Pages of stock: levels, movements, the ledger, warehouses, go live."""
