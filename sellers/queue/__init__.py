"""Work rows: asking for work, claiming it, what came of it."""
