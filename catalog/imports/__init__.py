"""Taking in a seller's listings."""
