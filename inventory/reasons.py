"""Why units are missing or too many: a short list, and what staff adds in their own words."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ui.stored import stored, together

LONGEST = 200


class Cause(models.TextChoices):
    DAMAGED = "damaged", _("Damaged or expired")
    LOST = "lost", _("Lost")
    STOLEN = "stolen", _("Stolen")
    FOUND = "found", _("Found")
    WRONG_ENTRY = "wrong_entry", _("Wrong entry before")
    SENT_WRONG = "sent_wrong", _("Wrong product or number of units was sent")
    OTHER = "other", _("Other")


def reason_of(cause: str, words: str = "") -> str:
    """Both as one text to keep, read again by `ui.stored.told`. Empty for no cause and no words."""
    named = stored(Cause(cause).label) if cause else ""
    own = " ".join(words.split())
    return together(named, own)[:LONGEST]
