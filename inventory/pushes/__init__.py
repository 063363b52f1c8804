"""Making Mercado Libre's quantities equal to what is wanted, and the brakes on it."""
