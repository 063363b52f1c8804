"""UPtin: a listing with variations becomes one listing per variation, and its id ends."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox import families, formats, stock
from sandbox.answers import Answer, Json, bad_request, not_found
from sandbox.item_json import attribute
from sandbox.items import owned
from sandbox.request import Request
from sandbox.state import MIGRATING, Holding, Item, Variation

if TYPE_CHECKING:
    from sandbox.world import World

SOURCE = "variations_migration_source"
RESULT = "variations_migration_uptin"
LISTED = "user_product_listing"


@dataclass
class Migration:
    """What became of one listing: the new listing of each variation."""

    item_id: str
    new: dict[int, str]
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None


def obstacle(world: World, item: Item) -> str | None:
    """Why a listing cannot be migrated; None where it can."""
    if not item.variations:
        return f"Item {item.id} has no variations."
    if not world.sellers[item.seller_id].has_user_products:
        return f"The seller of item {item.id} does not publish by user product."
    if item.status not in ("active", "paused") or {MIGRATING, SOURCE} & set(item.tags):
        return f"Item {item.id} is not allowed to migrate."
    taken = any(len(world.user_products[holding.user_product_id].item_ids) > 1 for holding in item.holdings)
    return f"Item {item.id} has a user product with another listing." if taken else None


def start(world: World, item: Item) -> Migration:
    """New listings at once, paused; after the world's time they open and the old one closes. Raises ValueError."""
    problem = obstacle(world, item)
    if problem:
        raise ValueError(problem)
    now, family_id, name = world.now(), world.ids.number("family"), item.title
    item.remember()
    item.tags += [MIGRATING, SOURCE]
    made = {variation.id: _new_item(world, item, variation, family_id, name) for variation in item.variations}
    found = Migration(item.id, {key: new.id for key, new in made.items()}, now, now)
    world.migrations[item.id] = found
    for changed in (item, *made.values()):
        stock.touch(world, changed)
    families.announce(world, world.user_products[next(iter(made.values())).own.user_product_id])
    world.later(world.migration_takes, lambda: _finish(world, item, list(made.values()), found))
    return found


def _new_item(world: World, item: Item, variation: Variation, family_id: int, name: str) -> Item:
    own = Holding(
        variation.user_product_id,
        variation.available_quantity,
        variation.sold_quantity,
        variation.seller_sku,
        variation.seller_custom_field,
        variation.gtin,
        variation.inventory_id,
    )
    new = replace(
        copy.deepcopy(item),
        id=world.ids.item(item.site_id),
        title=" ".join([name, *variation.combination.values()]),
        own=own,
        variations=[],
        created_at=world.now(),
        initial_quantity=variation.available_quantity,
        status="paused",
        sub_status=[],
        tags=[tag for tag in item.tags if tag != SOURCE] + [RESULT, LISTED],
        attributes=[*item.attributes, *(attribute(key, value) for key, value in variation.combination.items())],
        family_name=name,
        family_id=family_id,
        promotion=None,
    )
    product = world.user_products[own.user_product_id]
    product.family_name, product.family_id = name, family_id
    product.item_ids.add(new.id)
    world.add(new)
    return new


def _finish(world: World, item: Item, made: list[Item], found: Migration) -> None:
    """The new listings take the place of the old one, open or paused as it was."""
    status, sub_status = item.status, list(item.sub_status)
    for new in made:
        new.remember()
        new.tags.remove(MIGRATING)
        paused = status == "paused" and "out_of_stock" not in sub_status
        new.status, new.sub_status = ("paused", sub_status) if paused else ("active", [])
        stock.refresh(world, new)
    item.remember()
    item.tags.remove(MIGRATING)
    item.status, item.sub_status, item.stop_time = "closed", [], world.now()
    stock.touch(world, item)
    found.finished_at = found.updated_at = world.now()


def check_not_migrating(item: Item) -> None:
    """Nobody changes a listing while it moves."""
    if MIGRATING in item.tags:
        raise not_found(f"Item with id {item.id} not found")


def get_validation(world: World, request: Request, item_id: str) -> Answer:
    problem = obstacle(world, owned(world, request, item_id))
    cause = [{"code": 1001, "message": problem, "reference": f"item.{item_id}"}] if problem else []
    return Answer(body={"is_valid": problem is None, "cause": cause})


def post_migration(world: World, request: Request, site_id: str) -> Answer:
    item = owned(world, request, str(request.json().get("item_id")))
    problem = obstacle(world, item)
    if problem or item.site_id != site_id:
        raise bad_request(problem or f"Item {item.id} is not of site {site_id}", "item.migration.invalid")
    start(world, item)
    return Answer(body={"item_id": item.id})


def get_migration(world: World, request: Request, item_id: str) -> Answer:
    owned(world, request, item_id)
    found = world.migrations.get(item_id)
    if found is None:
        raise not_found(f"Migration of item {item_id} not found")
    done = formats.seconds(found.finished_at) if found.finished_at else None
    new: list[Json] = [
        {"new_item_id": new_id, "variation_id": variation_id, "migration_status": "created"}
        for variation_id, new_id in found.new.items()
    ]
    body: Json = {"item_id": item_id, "migration_completed": done, "activation_completed": done}
    body |= {"date_created": formats.seconds(found.started_at), "last_updated": formats.seconds(found.updated_at)}
    return Answer(body=body | {"new_items": new})
