"""What a new listing needs besides the call that makes it: what its category asks for, and its description."""

from typing import Any

from mercadolibre import keys
from mercadolibre.calls.caller import Caller, only
from mercadolibre.errors import NotFound
from mercadolibre.resources.categories import CategoryAttribute, category_attributes, plain_text


class PublishingCalls(Caller):
    def category_attributes(self, category_id: str) -> tuple[CategoryAttribute, ...]:
        """GET /categories/{id}/attributes: everything a listing of the category may say. Raises NotFound."""
        return self._get(f"/categories/{keys.item(category_id)}/attributes", only(category_attributes))

    def description(self, item_id: str) -> str:
        """GET /items/{id}/description; "" where there is none."""
        try:
            return self._get(_path(item_id), only(plain_text))
        except NotFound:
            return ""

    def describe(self, item_id: str, words: str) -> None:
        """POST /items/{id}/description, plain text with line breaks. Raises Rejected for a listing that has one."""
        self._create(_path(item_id), {"plain_text": words}, _nothing)


def _path(item_id: str) -> str:
    return f"/items/{keys.item(item_id)}/description"


def _nothing(content: Any) -> None:
    """Whatever is answered to a description: it is read back where it matters."""
