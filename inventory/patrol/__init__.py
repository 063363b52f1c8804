"""Looking back at what Mercado Libre shows."""
