"""The `attributes` parameter: which fields of an answer are wanted."""

from __future__ import annotations

from typing import Any

from sandbox.answers import Json


def select(body: Json, wanted: str | None) -> Json:
    """`id,price,variations.id` keeps those; a name that is not there is skipped."""
    if not wanted:
        return body
    kept: Json = _keep(body, _tree(wanted))
    return kept


def _tree(wanted: str) -> Json:
    tree: Json = {}
    for path in wanted.split(","):
        node = tree
        for name in path.strip().split("."):
            node = node.setdefault(name, {})
    return tree


def _keep(value: Any, tree: Json) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_keep(entry, tree) for entry in value]
    if not isinstance(value, dict):
        return value
    return {name: _keep(value[name], below) for name, below in tree.items() if name in value}


def select_envelope(element: Json, wanted: str | None) -> Json:
    """One element of a bulk answer. What is not named goes, the envelope too; without `body.` there is no body."""
    if not wanted:
        return element
    tree = _tree(wanted)
    if "body" not in tree:
        return {name: element[name] for name in ("id", "status_code") if name in element}
    kept: Json = _keep(element, tree)
    return kept
