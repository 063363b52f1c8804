"""Stock on paper: receipts, transfers, counts, and the first stock of products."""
