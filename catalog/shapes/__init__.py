"""Listings that changed their shape at Mercado Libre, and moving their links."""
