"""The description of a published listing, which Mercado Libre takes by a call of its own afterwards: once.

A listing that has another description already keeps it: somebody wrote it there.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_noop

from inventory.models import Publication
from mercadolibre import errors
from mercadolibre.client import Client
from sellers import clock
from sellers.connection.clients import client_for
from sellers.points import point
from sellers.queue import work
from sellers.queue.outcomes import TryLater
from ui.stored import stored, together

LOOK_AGAIN = timedelta(seconds=30)
GIVEN_UP = timedelta(hours=1)
ANOTHER = gettext_noop("The listing has another description already. It stays: change it in Mercado Libre's panel.")
NOT_SHOWN = gettext_noop("Mercado Libre took the description and does not show it: write it in Mercado Libre's panel.")


def is_waiting(publication: Publication) -> bool:
    return (
        publication.state == Publication.State.PUBLISHED
        and bool(publication.description)
        and publication.described_at is None
        and not publication.description_problem
    )


def describe(publication: Publication) -> None:
    """Send the description, unless it is there. What ML refuses is written down; anything else that the client raises
    goes on, and TryLater where the description does not show yet; after an hour that is written down too.
    """
    if not is_waiting(publication):
        return
    client, words = client_for(publication.account), publication.description
    present = client.description(publication.item_id)
    point("describe.before_post")
    refusal = "" if present else _sent(client, publication)
    point("describe.after_post")
    present = present or client.description(publication.item_id)
    if not present and not refusal and not _is_given_up(publication):
        raise TryLater("Mercado Libre does not show the description yet.", LOOK_AGAIN)
    is_there = present.split() == words.split()
    publication.description_problem = "" if is_there else stored(ANOTHER) if present else refusal or stored(NOT_SHOWN)
    publication.described_at = clock.now() if is_there else None
    publication.save(update_fields=["description_problem", "described_at"])


def _is_given_up(publication: Publication) -> bool:
    return publication.sent_at is not None and clock.now() - publication.sent_at > GIVEN_UP


def _sent(client: Client, publication: Publication) -> str:
    """Why ML refused it, "" where it did not. It refuses too what somebody else has sent a moment ago."""
    try:
        client.describe(publication.item_id, publication.description)
    except errors.Rejected as error:
        told = errors.explain(error)
        return together(told.meaning, told.todo, str(error))
    return ""


def describe_or_later(publication: Publication) -> None:
    """The same for somebody who waits: what cannot be sent now is sent by the work row that follows publications."""
    try:
        describe(publication)
    except (errors.MeliError, TryLater):
        work.bump(account_id=publication.account_id, kind="publication", key=str(publication.pk))
