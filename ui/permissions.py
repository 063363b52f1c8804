"""Roles are Django groups, each able to do what the ones before it can; a superuser may do all.

An active staff user without a group is a viewer. Roles are read once per request.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase

VIEWER, OPERATOR, MANAGER, ADMINISTRATOR = ROLES = ("viewer", "operator", "manager", "administrator")
NO_ROLE = -1


def rank_of(user: Any) -> int:
    """How far up ROLES a user stands; NO_ROLE for strangers."""
    if not getattr(user, "is_active", False) or not user.is_authenticated:
        return NO_ROLE
    if not hasattr(user, "_role_rank"):
        user._role_rank = _read_rank(user)
    rank: int = user._role_rank
    return rank


def _read_rank(user: Any) -> int:
    if user.is_superuser:
        return len(ROLES) - 1
    names = set(user.groups.values_list("name", flat=True))
    ranks = [rank for rank, role in enumerate(ROLES) if role in names]
    return max(ranks, default=ROLES.index(VIEWER) if user.is_staff else NO_ROLE)


def has_role(user: Any, role: str) -> bool:
    """Whether `user` may do what `role` may do."""
    if role not in ROLES:
        raise ImproperlyConfigured(f"Unknown role {role!r}; the roles are {', '.join(ROLES)}.")
    return rank_of(user) >= ROLES.index(role)


def require_role(user: Any, role: str) -> None:
    """Raises PermissionDenied where has_role() would say no."""
    if not has_role(user, role):
        raise PermissionDenied(f"This needs the role {role!r}.")


def role_required(role: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Refuse with 403 whoever lacks the role: `@role_required("operator")` above a function view."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            require_role(request.user, role)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


class RoleRequiredMixin:
    """The same for class-based views: set `role_required`, and `permission_required` for a Django permission too."""

    role_required: str = VIEWER
    permission_required: str = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_role(request.user, self.role_required)
        if self.permission_required and not request.user.has_perm(self.permission_required):
            raise PermissionDenied(f"This needs the permission {self.permission_required!r}.")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response
