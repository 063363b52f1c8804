"""Taking in orders, packs and shipments."""
