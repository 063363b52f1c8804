"""Spreadsheets of products, kits, links and prices."""
