"""Rules that change how many a listing shows: buffers, and who sells the last units."""
