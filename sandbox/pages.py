"""The control page: the marketplace's other window, where a person sells, cancels, edits and breaks."""

from __future__ import annotations

from html import escape as e
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox import actions, control_page, markup
from sandbox.answers import Answer, redirect
from sandbox.control import foreign
from sandbox.request import Request

if TYPE_CHECKING:
    from sandbox.world import World

DO = "/do/"
KEPT = ("q", "seller", "page")


def answer(world: World, request: Request) -> Answer | None:
    """None for paths that are not pages."""
    if request.path == "/" and request.method in ("GET", "HEAD"):
        with world.lock:
            return control_page.show(world, request.query)
    if request.path == markup.STYLE_PATH:
        return markup.style()
    if request.path.startswith(DO) and request.method == "POST":
        return _do(world, request)
    return None


def _do(world: World, request: Request) -> Answer:
    """Do it and go back to the page with a sentence about it."""
    name = request.path.removeprefix(DO)
    if foreign(request):
        return markup.page("Refused", f"<main><p>{e('A page of another site asked for this.')}</p></main>", 403)
    if name not in actions.ACTIONS:
        return markup.page("Not found", "<main><p>There is no such action.</p></main>", 404)
    form = request.form()
    try:
        done = actions.run(world, name, {**form, **_lines(request)})
        told = {"done": f"{name.replace('_', ' ')}: {_words(done)}"}
    except ValueError as problem:
        told = {"problem": str(problem)}
    kept = {key: form[f"back_{key}"] for key in KEPT if form.get(f"back_{key}")}
    return redirect(f"/?{urlencode({**kept, **told})}")


def _lines(request: Request) -> dict[str, Any]:
    """Ticked listings of a cart: `item_id` or `item_id:variation_id`."""
    ticked = [value for name, value in request.form_pairs() if name == "line"]
    lines = []
    for value in ticked:
        item_id, _, variation_id = value.partition(":")
        lines.append((item_id, 1, int(variation_id) if variation_id.isdigit() else None))
    return {"lines": lines} if lines else {}


def _words(done: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in done.items())
