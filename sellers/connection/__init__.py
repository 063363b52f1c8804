"""OAuth, tokens and the client of each seller."""
