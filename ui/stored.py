"""Sentences that are kept in the database: stored in English, translated for whoever reads them.

A sentence without values is stored as it is. One with values is stored as `["sentence", {"name": "value"}]`, so that
the sentence can still be translated; several sentences stand on lines of their own.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, override


def stored(text: str | Promise, **values: Any) -> str:
    """A sentence to keep, in English whatever the writer reads. `values` fill its %(name)s."""
    with override(None):
        english = str(text)
    if not values:
        return english
    return json.dumps([english, {name: str(value) for name, value in values.items()}], ensure_ascii=False)


def together(*texts: str) -> str:
    """Several stored sentences as one."""
    return "\n".join(text for text in texts if text)


def without(text: str, sentence: str | Promise) -> str:
    """What was stored together, without one of its sentences, whatever its values are."""
    with override(None):
        english = str(sentence)
    return together(*(line for line in text.split("\n") if _parts(line)[0] != english))


def told(text: str | None) -> str:
    """What was stored, in the reader's language. Anything else, such as ML's own words, stays as it is."""
    return " ".join(_sentence(line) for line in (text or "").split("\n") if line)


def _sentence(line: str) -> str:
    english, values = _parts(line)
    return gettext(english) % values if values else gettext(english)


def _parts(line: str) -> tuple[str, Mapping[str, str]]:
    if not line.startswith('["'):
        return line, {}
    try:
        english, values = json.loads(line)
    except ValueError:
        return line, {}
    return (english, values) if isinstance(english, str) and isinstance(values, dict) else (line, {})
