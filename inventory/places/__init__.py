"""Where else units are: Mercado Libre's stores of a seller, and Full."""
