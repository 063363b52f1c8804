"""Prices: what is set, what the buyer pays, what would win, what a sale costs."""

from decimal import Decimal

from mercadolibre import keys
from mercadolibre.calls.caller import Caller, only, same
from mercadolibre.resources.prices import ItemPrices, ListingPrice, PriceToWin, SalePrice, listing_prices
from mercadolibre.sites import to_wire


class PriceCalls(Caller):
    def price_to_win(self, item_id: str) -> PriceToWin:
        """GET /items/{id}/price_to_win?version=v2; status not_listed for items outside the catalog."""
        path = f"/items/{keys.item(item_id)}/price_to_win"
        found = self._get(path, only(PriceToWin.from_json), query=(("version", "v2"),))
        same(item_id, found.item_id, path)
        return found

    def prices(self, item_id: str) -> ItemPrices:
        """GET /items/{id}/prices: standard and promotion prices, old ones of other channels among them."""
        path = f"/items/{keys.item(item_id)}/prices"
        found = self._get(path, only(ItemPrices.from_json))
        same(item_id, found.item_id, path)
        return found

    def sale_price(self, item_id: str) -> SalePrice:
        """GET /items/{id}/sale_price in the marketplace: what the buyer pays now."""
        query = (("context", "channel_marketplace"),)
        return self._get(f"/items/{keys.item(item_id)}/sale_price", only(SalePrice.from_json), query=query)

    def listing_prices(
        self, site_id: str, price: Decimal, listing_type_id: str, category_id: str
    ) -> tuple[ListingPrice, ...]:
        """GET /sites/{site}/listing_prices: ML's fee for a sale at a price in the site's currency."""
        query = (
            ("price", f"{Decimal(to_wire(price)):f}"),
            ("listing_type_id", listing_type_id),
            ("category_id", category_id),
        )
        return self._get(f"/sites/{keys.site(site_id)}/listing_prices", only(listing_prices), query=query)
