"""What a listing of a category says of itself, and what it has to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sandbox.answers import Answer, Json, Refusal, bad_request, cause, error, not_found
from sandbox.item_json import ATTRIBUTE_NAMES
from sandbox.request import Request
from sandbox.sites import SITES

if TYPE_CHECKING:
    from sandbox.world import World


def _entry(attribute_id: str, value_type: str = "string", *tags: str, values: Sequence[str] = (), **more: Any) -> Json:
    listed = [{"id": str(240_000 + number), "name": name} for number, name in enumerate(values)]
    return {
        "id": attribute_id,
        "name": ATTRIBUTE_NAMES.get(attribute_id, attribute_id.replace("_", " ").capitalize()),
        "tags": dict.fromkeys(tags, True),
        "hierarchy": "ITEM",
        "relevance": 1,
        "value_type": value_type,
        **({"value_max_length": 60} if value_type == "string" else {}),
        **({"values": listed} if listed else {}),
        **more,
        "attribute_group_id": "OTHERS",
        "attribute_group_name": "Otros",
    }


def _units(*names: str) -> Json:
    return {"allowed_units": [{"id": one, "name": one} for one in names], "default_unit": names[0]}


# What every category knows, none of which has to be said.
COMMON = (
    _entry("BRAND", "string", "catalog_required", values=("Genérica", "Umbra")),
    _entry("MODEL", "string", "catalog_required"),
    _entry("COLOR", "list", "allow_variations", values=("Negro", "Rojo", "Azul")),
    _entry("GTIN", "string", "multivalued", "variation_attribute"),
    _entry("SELLER_SKU", "string", "hidden", "variation_attribute"),
    _entry("ITEM_CONDITION", "list", "hidden", values=("Nuevo", "Usado")),
)
# Categories that ask for more, by the number without the site: phones, in which something of each kind is required.
ASKING = {
    "1055": (
        _entry("BRAND", "string", "required", "catalog_required", values=("Samsung", "Motorola")),
        _entry("MODEL", "string", "required", "catalog_required"),
        _entry("COLOR", "list", "required", "allow_variations", values=("Negro", "Azul")),
        _entry("IS_DUAL_SIM", "boolean", "new_required", values=("Sí", "No")),
        _entry("INTERNAL_MEMORY", "number_unit", "required", **_units("GB", "MB", "TB")),
        _entry("CAMERAS", "number", "required"),
        _entry("GTIN", "string", "conditional_required", "multivalued", "variation_attribute"),
        _entry("PRODUCT_DATA_SOURCE", "string", "required", "read_only", "hidden"),
        _entry("SELLER_SKU", "string", "hidden", "variation_attribute"),
        _entry("ITEM_CONDITION", "list", "required", "hidden", values=("Nuevo", "Usado")),
    )
}


def attributes_of(category_id: str) -> tuple[Json, ...]:
    return ASKING.get(category_id[3:], COMMON)


def is_known(category_id: str) -> bool:
    return category_id[:3] in SITES and category_id[3:] != "0"


def get_attributes(world: World, request: Request, category_id: str) -> Answer:
    """GET /categories/{id}/attributes."""
    if not is_known(category_id):
        raise not_found(f"Category not found: {category_id}")
    return Answer(body=list(attributes_of(category_id)))


def check(category_id: str, attributes: list[Json], *, condition: str) -> None:
    """Refuses a new listing that leaves out what its category asks for, or says it in words the category has not."""
    if not is_known(category_id):
        raise bad_request(f"Category {category_id} is not valid", "item.category_id.invalid")
    said = {str(one.get("id")): one.get("value_name") for one in attributes if one.get("value_name")}
    said["ITEM_CONDITION"] = None
    known = attributes_of(category_id)
    missing = [one["id"] for one in known if one["id"] not in said and _is_required(one["tags"], condition)]
    if missing:
        words = (
            f"The attributes [{', '.join(missing)}] are required for category [{category_id}] and channel marketplace. "
            "Check the attribute is present in the attributes list or in all variation's attributes_combination."
        )
        raise _refusal("item.attributes.missing_required", words)
    for one in known:
        names = [value["name"] for value in one.get("values", ())]
        if one["value_type"] in ("list", "boolean") and said.get(one["id"]) and said[one["id"]] not in names:
            raise _refusal("item.attribute.invalid_value", f"Attribute [{one['id']}] is not valid")


def _is_required(tags: Json, condition: str) -> bool:
    return "read_only" not in tags and ("required" in tags or ("new_required" in tags and condition == "new"))


def _refusal(code: str, words: str) -> Refusal:
    return Refusal(error(400, "validation_error", "Validation error", [cause(code, words, 147, "item.attributes")]))
