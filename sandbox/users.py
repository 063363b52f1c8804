"""Users, the applications they consented to, and the application itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Answer, forbidden, not_found
from sandbox.request import Request
from sandbox.sellers import private_json, public_json
from sandbox.tokens import SCOPE

if TYPE_CHECKING:
    from sandbox.world import World


def get_me(world: World, request: Request) -> Answer:
    return Answer(body=private_json(world.sellers[request.caller_id]))


def get_user(world: World, request: Request, user_id: str) -> Answer:
    seller = world.sellers.get(int(user_id))
    if seller is None:
        raise not_found(f"User with id {user_id} not found")
    own = seller.user_id == request.caller_id
    return Answer(body=private_json(seller) if own else public_json(seller))


def _check_own(request: Request, user_id: str) -> None:
    if int(user_id) != request.caller_id:
        raise forbidden()


def get_user_applications(world: World, request: Request, user_id: str) -> Answer:
    _check_own(request, user_id)
    since = world.consents.connected_at.get(request.caller_id)
    if since is None:
        return Answer(body=[])
    application = {
        "user_id": user_id,
        "app_id": world.app.client_id,
        "date_created": formats.offset(since),
        "scopes": SCOPE.split(),
    }
    return Answer(body=[application])


def delete_user_application(world: World, request: Request, user_id: str, app_id: str) -> Answer:
    """Revoke: every token of the user stops working at once. Nobody is told."""
    _check_own(request, user_id)
    if app_id != world.app.client_id or not world.consents.revoke(int(user_id)):
        raise not_found(f"Application with id {app_id} not found")
    return Answer(body={"user_id": user_id, "app_id": app_id, "msg": "Autorización eliminada"})


def get_shipping_preferences(world: World, request: Request, user_id: str) -> Answer:
    _check_own(request, user_id)
    types = [
        {"type": kind, "default": kind == "cross_docking", "status": "active"}
        for kind in ("cross_docking", "self_service", "fulfillment")
    ]
    return Answer(
        body={
            "mandatory_settings": {"mode": "me2"},
            "modes": ["custom", "not_specified", "me2"],
            "logistics": [{"mode": "me2", "types": types}],
            "tags": [],
        }
    )


def app_owner_id(world: World) -> int | None:
    """The account the application belongs to: the first seller, unless another was set."""
    return world.app.owner_id if world.app.owner_id is not None else next(iter(world.sellers), None)


def _check_app(world: World, request: Request, app_id: str) -> None:
    if app_id != world.app.client_id:
        raise not_found(f"Application with id {app_id} not found")
    if request.caller_id != app_owner_id(world):
        raise forbidden()


def get_application(world: World, request: Request, app_id: str) -> Answer:
    _check_app(world, request, app_id)
    owner = world.sellers[request.caller_id]
    return Answer(
        body={
            "id": int(app_id),
            "site_id": owner.site_id,
            "thumbnail": None,
            "url": "http://apps.example.com/enlace",
            "sandbox_mode": True,
            "project_id": None,
            "active": world.app.active,
            "max_requests_per_hour": world.app.max_requests_per_hour,
            "certification_status": "not_certified",
        }
    )


def get_grants(world: World, request: Request, app_id: str) -> Answer:
    _check_app(world, request, app_id)
    grants = [
        {"user_id": user_id, "app_id": app_id, "date_created": formats.offset(at), "scopes": SCOPE.split()}
        for user_id, at in world.consents.connected_at.items()
    ]
    paging = {"total": len(grants), "limit": 50, "offset": 0}
    return Answer(body={"paging": paging, "grants": grants})
