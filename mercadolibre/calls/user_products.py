"""User products, their families, and what became of listings that were made into user products."""

from mercadolibre import keys
from mercadolibre.calls.caller import Caller, only, same
from mercadolibre.resources.migrations import Migration
from mercadolibre.resources.stock import UserProduct, UserProductFamily


class UserProductCalls(Caller):
    def user_product(self, user_product_id: str) -> UserProduct:
        """GET /user-products/{id}. Its listings: `search_items(…, user_product_id=…)`."""
        path = f"/user-products/{keys.user_product(user_product_id)}"
        found = self._get(path, only(UserProduct.from_json))
        same(user_product_id, found.id, path)
        return found

    def user_product_family(self, site_id: str, family_id: int | str) -> UserProductFamily:
        """GET /sites/{site}/user-products-families/{id}."""
        path = f"/sites/{keys.site(site_id)}/user-products-families/{keys.number(family_id)}"
        found = self._get(path, only(UserProductFamily.from_json))
        same(family_id, found.family_id, path)
        return found

    def migration(self, item_id: str) -> Migration:
        """GET /items/{id}/migration_live_listing: which listings took the place of an old one with variations.

        Raises NotFound for a listing that was never one of those.
        """
        path = f"/items/{keys.item(item_id)}/migration_live_listing"
        found = self._get(path, only(Migration.from_json))
        same(item_id, found.item_id, path)
        return found
