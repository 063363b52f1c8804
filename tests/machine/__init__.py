"""Random lives of a merchant: buyers, staff, workers, Mercado Libre in any order; after each step much holds."""
