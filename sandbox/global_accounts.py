"""Global Selling accounts: one that logs in, and one in each marketplace that only sells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.answers import Answer, Refusal, cause, error
from sandbox.request import Request
from sandbox.sellers import Seller
from sandbox.state import Item

if TYPE_CHECKING:
    from sandbox.world import World

CBT = "CBT"
REMOTE, FULFILLMENT = "remote", "fulfillment"
EVERYWHERE = tuple((site_id, REMOTE) for site_id in ("MLM", "MLB", "MLC", "MCO"))
NOT_HERE = "Cannot modify CBT item from this resource."


def open_account(world: World, nickname: str, marketplaces: Sequence[tuple[str, str]]) -> Seller:
    """The parent account; `marketplaces` are pairs of site and `remote` or `fulfillment`."""
    parent = world.add_seller(nickname, site_id=CBT)
    for site_id, logistic in marketplaces:
        account = world.add_seller(f"{nickname}_{site_id}_{logistic}".upper(), site_id=site_id)
        account.parent_id, account.marketplace_logistic = parent.user_id, logistic
    return parent


def accounts_of(world: World, parent_id: int) -> list[Seller]:
    return [seller for seller in world.sellers.values() if seller.parent_id == parent_id]


def acts_for(world: World, caller_id: int, seller_id: int) -> bool:
    """Whether the account is the caller's, or one of its marketplace accounts."""
    return caller_id in (seller_id, world.sellers[seller_id].parent_id)


def is_global(world: World, seller_id: int) -> bool:
    seller = world.sellers[seller_id]
    return seller.site_id == CBT or seller.parent_id is not None


def policy_refusal() -> Refusal:
    return Refusal(
        Answer(
            403,
            {
                "code": "PA_UNAUTHORIZED_RESULT_FROM_POLICIES",
                "blocked_by": "PolicyAgent",
                "message": "At least one policy returned UNAUTHORIZED.",
                "status": 403,
            },
        )
    )


def owned_global(world: World, request: Request, item_id: str) -> Item:
    """A parent or marketplace listing of the caller."""
    item = world.items.get(item_id)
    if item is None or "deleted" in item.sub_status or not is_global(world, item.seller_id):
        raise Refusal(error(404, "not_found", f"Item with id {item_id} not found"))
    if not acts_for(world, request.caller_id, item.seller_id):
        raise policy_refusal()
    return item


def check_local(world: World, request: Request, item_id: str) -> None:
    """The local resources write nothing of Global Selling."""
    item = world.items.get(item_id)
    if item is not None and is_global(world, item.seller_id) and acts_for(world, request.caller_id, item.seller_id):
        causes = [cause("item.cbt.not_modifiable", NOT_HERE, 446, "item.id")]
        raise Refusal(error(400, "validation_error", NOT_HERE, causes))


def get_marketplaces(world: World, request: Request, user_id: str) -> Answer:
    """GET /marketplace/users/{id}."""
    if int(user_id) != request.caller_id or world.sellers[request.caller_id].site_id != CBT:
        raise policy_refusal()
    found = [
        {"user_id": account.user_id, "site_id": account.site_id, "logistic_type": account.marketplace_logistic}
        for account in accounts_of(world, request.caller_id)
    ]
    return Answer(body={"user_id": request.caller_id, "site_id": CBT, "marketplaces": found})
