"""A product's listings in the marketplaces of Global Selling."""
