"""Families of user products: who belongs to one, and the tasks that change all its members at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox import formats, stock
from sandbox.answers import Answer, Json, bad_request, forbidden, not_found
from sandbox.request import Request
from sandbox.state import UserProduct

if TYPE_CHECKING:
    from sandbox.world import World

# cause_id, code, words: what a task reports, in its `reasons`.
NOTHING = (31, "fields.to_update.missing", "There is nothing to update")
NO_MEMBERS = (35, "user_products.null", "user_products cannot be null or empty")
NO_ID = (36, "user_products.id.null", "The id of a user product cannot be null")
INCOMPLETE = (38, "user_products.incomplete", "All the user products of the family must be sent")


@dataclass
class Task:
    """A change of a whole family, done a little later."""

    id: str
    seller_id: int
    members: list[str]
    created_at: datetime
    updated_at: datetime
    reason: tuple[int, str, str] | None = None
    done: bool = False


def members_of(world: World, family_id: int) -> list[UserProduct]:
    return [product for product in world.user_products.values() if product.family_id == family_id]


def _owned(request: Request, members: list[UserProduct], family_id: str) -> list[UserProduct]:
    if not members:
        raise not_found(f"Family with id {family_id} not found")
    if members[0].seller_id != request.caller_id:
        raise forbidden()
    return members


def get_family(world: World, request: Request, site_id: str, family_id: str) -> Answer:
    found = [product for product in members_of(world, int(family_id)) if product.site_id == site_id]
    members = _owned(request, found, family_id)
    return Answer(
        body={
            "user_products_ids": [product.id for product in members],
            "family_id": int(family_id),
            "site_id": site_id,
            "user_id": request.caller_id,
        }
    )


def post_task(world: World, request: Request, family_id: str) -> Answer:
    """202: only the family's name is simulated; what is wrong with the rest shows in the task's reasons."""
    members = _owned(request, members_of(world, int(family_id)), family_id)
    body = request.json()
    named = body.get("user_products")
    if isinstance(named, list) and any(_id(one) not in (None, *(product.id for product in members)) for one in named):
        raise bad_request("A user product does not belong to the family")
    now = world.now()
    task_id = f"{members[0].site_id.lower()}_{world.ids.uuid()}"
    task = Task(task_id, request.caller_id, [product.id for product in members], now, now, _reason(members, body))
    world.family_tasks[task.id] = task
    name = (body.get("common_content") or {}).get("family_name")
    world.later(world.replication_delay, lambda: _finish(world, task, members, name))
    return Answer(202, {"task_id": task.id, "status": "pending", "date_created": formats.user_product(now)})


def _id(entry: Any) -> Any:
    return entry.get("id") if isinstance(entry, dict) else None


def _reason(members: list[UserProduct], body: Json) -> tuple[int, str, str] | None:
    named = body.get("user_products")
    if not isinstance(named, list) or not named:
        return NO_MEMBERS
    if any(_id(one) is None for one in named):
        return NO_ID
    if {_id(one) for one in named} != {product.id for product in members}:
        return INCOMPLETE
    changes = bool(body.get("common_content")) or any(one.get("attributes") for one in named)
    return None if changes else NOTHING


def _finish(world: World, task: Task, members: list[UserProduct], name: str | None) -> None:
    task.done, task.updated_at = True, world.now()
    if task.reason is None and name:
        rename(world, members, name)


def get_task(world: World, request: Request, task_id: str) -> Answer:
    task = world.family_tasks.get(task_id)
    if task is None or task.seller_id != request.caller_id:
        raise not_found("Task not found")
    state = ("failed" if task.reason else "succeeded") if task.done else "pending"
    return Answer(
        body={
            "task_id": task.id,
            "status": "finished" if task.done else "processing",
            "user-products": [_member(task, product_id, state) for product_id in task.members],
            "date_created": formats.user_product(task.created_at),
            "last_updated": formats.user_product(task.updated_at),
        }
    )


def _member(task: Task, product_id: str, state: str) -> Json:
    at = formats.user_product(task.updated_at)
    reasons = None
    if state == "failed" and task.reason:
        cause_id, code, words = task.reason
        reasons = [{"code": code, "message": words, "type": "error", "cause_id": cause_id, "department": "items"}]
    return {"id": product_id, "status": state, "processed_date": at, "last_updated": at, "reasons": reasons}


def rename(world: World, members: list[UserProduct], name: str) -> None:
    """A new name reaches every listing of the products, and their titles with it."""
    for product in members:
        product.family_name, product.updated_at = name, world.now()
        for item_id in sorted(product.item_ids):
            item = world.items[item_id]
            if item.status != "closed" and not item.variations:
                item.remember()
                item.title = item.title.replace(item.family_name or item.title, name, 1)
                item.family_name = name
                stock.touch(world, item)
    announce(world, members[0])


def announce(world: World, product: UserProduct) -> None:
    if product.family_id is not None:
        resource = f"/sites/{product.site_id}/user-products-families/{product.family_id}"
        world.notify("user-products-families", resource, product.seller_id)
