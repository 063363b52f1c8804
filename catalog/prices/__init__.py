"""What a listing should cost, and writing it."""
