"""A world with very many listings, for measuring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.sellers import Seller

if TYPE_CHECKING:
    from sandbox.world import World

WORDS = ("Taza", "Sartén", "Botella", "Lámpara", "Mochila", "Teclado", "Remera", "Toalla", "Cortina", "Espejo")
COLOURS = ("Negro", "Blanco", "Rojo")


def build(world: World, *, listings: int = 20_000, sellers: int = 2, variations_every: int = 3) -> list[Seller]:
    """Sellers `BENCH_1` …, the listings spread evenly over them, every third with three variations.

    SKUs are `B000001` …; those of variations end in -0, -1, -2. Every quantity is 50.
    """
    accounts = [world.add_seller(f"BENCH_{number + 1}") for number in range(sellers)]
    for number in range(listings):
        add_listing(accounts[number % sellers], number, with_variations=number % variations_every == 0)
    return accounts


def add_listing(seller: Seller, number: int, *, with_variations: bool) -> None:
    sku = f"B{number + 1:06d}"
    title = f"{WORDS[number % len(WORDS)]} modelo {number + 1}"
    price = 1000 + number % 9000
    if not with_variations:
        seller.add_item(title=title, price=price, available_quantity=50, seller_sku=sku)
        return
    variations = [
        {"combination": {"COLOR": colour}, "available_quantity": 50, "seller_sku": f"{sku}-{place}"}
        for place, colour in enumerate(COLOURS)
    ]
    seller.add_item(title=title, price=price, variations=variations)
