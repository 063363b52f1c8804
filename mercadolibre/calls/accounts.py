"""Users, applications, and notifications that were missed."""

import logging
from typing import Any

from mercadolibre import keys
from mercadolibre.calls.caller import Caller, only, same
from mercadolibre.fields import Malformed, mapping
from mercadolibre.notifications import MalformedNotification, MissedPage, Notification
from mercadolibre.protocol import Request, decode
from mercadolibre.resources.accounts import Application, User

logger = logging.getLogger(__name__)


class AccountCalls(Caller):
    def me(self) -> User:
        """GET /users/me: the user the access token belongs to."""
        return self._get("/users/me", only(User.from_json))

    def user(self, user_id: int) -> User:
        """GET /users/{id}; another account's is a public part."""
        path = f"/users/{keys.number(user_id)}"
        user = self._get(path, only(User.from_json))
        same(user_id, user.id, path)
        return user

    def application(self, app_id: int) -> Application:
        """GET /applications/{id}; refused for test users' tokens."""
        return self._get(f"/applications/{keys.number(app_id)}", only(Application.from_json))

    def revoke(self, user_id: int, app_id: int) -> None:
        """DELETE the seller's grant. Allowed while writing is switched off: it takes rights away from us."""
        request = Request("DELETE", f"/users/{keys.number(user_id)}/applications/{keys.number(app_id)}")
        decode(self._exchange(request), request)

    def missed_feeds(
        self, app_id: int, topic: str | None = None, site_id: str | None = None, offset: int = 0, limit: int = 50
    ) -> MissedPage:
        """GET /missed_feeds: notifications of the last two days nobody took; a page without entries is the end.

        Needs the token of the application's owner. ML wants `site_id` for the topic items. An entry that cannot be
        read is logged and passed over.
        """
        query = [("app_id", keys.number(app_id)), ("offset", str(offset)), ("limit", str(limit))]
        if topic is not None:
            query.append(("topic", topic))
        if site_id is not None:
            query.append(("site_id", keys.site(site_id)))
        return self._get("/missed_feeds", only(_missed_page), query=tuple(query))


def _missed_page(data: Any) -> MissedPage:
    messages = mapping(data).get("messages", data)
    if not isinstance(messages, list | None):
        raise Malformed("messages: neither list nor null")
    found = tuple(one for one in map(_notification, messages or []) if one is not None)
    return MissedPage(found, len(messages or []))


def _notification(entry: Any) -> Notification | None:
    try:
        return Notification.from_json(entry)
    except MalformedNotification as error:
        logger.warning("missed notification passed over: %s", error)
        return None
