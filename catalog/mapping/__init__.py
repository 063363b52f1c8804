"""Which product a listing sells."""
