"""Notifications: what they look like, who gets them, and what becomes of those nobody accepted."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Json

if TYPE_CHECKING:
    from sandbox.world import World

ATTEMPTS = 8
HOUR = 3600.0
MISSED_LIFE = timedelta(days=2)


def wait_after(attempt: int) -> float:
    """Seconds until the next try: doubles each time, and the eighth try falls at the end of the hour."""
    return HOUR / (2.0 ** (ATTEMPTS - 1) - 1) * float(2 ** (attempt - 1))


@dataclass
class Notification:
    """A pointer to something that changed. `variant` is which of ML's habits of writing it is used."""

    id: str
    topic: str
    resource: str
    user_id: int
    application_id: int
    received_at: datetime
    actions: Sequence[str] = ()
    variant: int = 0
    attempts: int = 1
    sent_at: datetime | None = None

    def body(self) -> Json:
        full: Json = {
            "_id": self.id,
            "topic": self.topic,
            "resource": self.resource,
            "user_id": self.user_id,
            "application_id": self.application_id,
            "sent": formats.millis(self.sent_at or self.received_at),
            "attempts": self.attempts,
            "received": formats.millis(self.received_at),
            "actions": list(self.actions),
        }
        return VARIANTS[self.variant](full)


def _plain_id(body: Json) -> Json:
    return {"id": body.pop("_id"), **body}


def _without_id(body: Json) -> Json:
    body.pop("_id")
    return body


def _text_user(body: Json) -> Json:
    return {**body, "user_id": str(body["user_id"])}


def _misspelt(body: Json) -> Json:
    received = body.pop("received")
    return {**body, "recieved": f"{received[:-1]}451532Z"}


def _without_actions(body: Json) -> Json:
    body.pop("actions")
    return body


def _without_slash(body: Json) -> Json:
    return {**body, "resource": body["resource"].removeprefix("/")}


def _short_fraction(body: Json) -> Json:
    return {**body, "received": f"{body['received'][:-2]}Z"}


VARIANTS = (dict, _plain_id, _text_user, _misspelt, _without_actions, _without_slash, _without_id, _short_fraction)


@dataclass
class Missed:
    """A notification nobody accepted, with the last answer."""

    notification: Notification
    at: datetime
    url: str
    http_code: int = 0
    req_time: int = 1000


@dataclass
class Mailbox:
    """What was sent, what waits to be taken out, what was missed."""

    world: World = field(repr=False)
    outbox: list[Notification] = field(default_factory=list)
    missed: deque[Missed] = field(default_factory=lambda: deque(maxlen=50_000))
    disabled_topics: set[str] = field(default_factory=set)
    drop_next: int = 0
    keep_dropped: bool = True
    count: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    def post(self, topic: str, resource: str, user_id: int, actions: Sequence[str] = ()) -> None:
        """Tell the application, if the seller connected it, it listens to the topic and the topic is on."""
        world = self.world
        if topic not in world.topics or topic in self.disabled_topics or user_id not in world.consents:
            return
        self.count += 1
        notification = Notification(
            id=world.ids.uuid(),
            topic=world.stock_topic if topic == "stock-locations" else topic,
            resource=resource,
            user_id=user_id,
            application_id=int(world.app.client_id),
            received_at=world.now(),
            actions=actions,
            variant=self.count % len(VARIANTS) if world.notification_variants else 0,
        )
        self._send(notification)

    def _send(self, notification: Notification) -> None:
        world = self.world
        if self.drop_next:
            self.drop_next -= 1
            world.counters["notifications_dropped"] += 1
            if self.keep_dropped:
                self.miss(notification, attempts=ATTEMPTS)
            return
        twice = world.duplicate_every and self.count % world.duplicate_every == 0
        for _ in range(2 if twice else 1):
            self._hand_over(notification)

    def _hand_over(self, notification: Notification) -> None:
        if self.world.courier is None:
            self.outbox.append(notification)
        else:
            self.world.courier.take(notification)

    def drain(self) -> list[Json]:
        """Take everything out of the outbox, in order, or shuffled where the world is in disorder."""
        taken, self.outbox = self.outbox, []
        bodies = [notification.body() for notification in taken]
        return self.world.ids.shuffled(bodies) if self.world.disorder else bodies

    def miss(self, notification: Notification, *, attempts: int, http_code: int = 0, req_time: int = 1000) -> None:
        """Give a notification up. Many in a row of one topic switch the topic off."""
        notification.attempts = attempts
        at = self.world.now()
        notification.sent_at = notification.sent_at or at
        self.missed.append(Missed(notification, at, self.world.notify_url or "", http_code, req_time))
        self.failures[notification.topic] += 1
        if self.failures[notification.topic] >= self.world.topic_failure_limit:
            self.disabled_topics.add(notification.topic)

    def accepted(self, notification: Notification) -> None:
        self.failures[notification.topic] = 0
        self.world.counters["notifications_accepted"] += 1

    def enable(self, topic: str) -> None:
        """What a person does in the application's settings after ML switched a topic off."""
        self.disabled_topics.discard(topic)
        self.failures[topic] = 0
