"""Listings of which Mercado Libre made something else: what was, what is, and one click to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.lifecycle import words_of
from catalog.mapping import sku_mapping
from catalog.models import ShapeChange
from catalog.moves import Move
from catalog.shapes import shape_changes, shape_words
from catalog.shapes.shape_changes import Open
from catalog.shapes.shapes import Proposal
from ui import htmx
from ui.permissions import OPERATOR, VIEWER, require_role, role_required


@dataclass(frozen=True)
class Row:
    """A change as the page shows it."""

    found: Open
    words: shape_words.Words
    was: str
    now: str
    status: Any
    moves: Sequence[tuple[Move, str | Promise]]
    apply: str | Promise = ""  # the button that does what is proposed; none where nothing is
    look: str | Promise = ""  # the button that only says that somebody looked

    @property
    def change(self) -> ShapeChange:
        return self.found.change


@role_required(VIEWER)
def changed(request: HttpRequest) -> HttpResponse:
    """What waits for an answer and what was answered; a POST answers those that it names with what was seen of them."""
    if request.method == "POST":
        require_role(request.user, OPERATOR)
        return _answer(request)
    rows = [_row(found) for found in shape_changes.waiting()]
    history = [(one, shape_words.of(one)) for one in shape_changes.history()]
    several = sum(1 for row in rows if row.found.moves) > 1
    context = {"title": _("Changed listings"), "rows": rows, "history": history, "several": several}
    return render(request, "catalog/changed.html", context)


def _row(found: Open) -> Row:
    change = found.change
    apply: str | Promise = ""
    if found.moves:
        many = len(found.moves)
        apply = ngettext("Move the link", "Move %(many)d links", many) % {"many": many}
    elif found.proposal is Proposal.UNLINK:
        apply = _("Remove the link")
    look = _("Keep the link") if found.proposal is Proposal.UNLINK else _("Nothing to move")
    look = _("Go on") if found.proposal is Proposal.LOOK else look
    was, now = shape_words.before_and_after(change)
    moves = [(one, shape_words.SIGNS[one.sign]) for one in found.moves]
    return Row(found, shape_words.of(change), was, now, words_of(change.listing), moves, apply, look)


def _answer(request: HttpRequest) -> HttpResponse:
    """`change` is "pk:what was seen of it", several times for several; `answer` is "apply" or "look"."""
    apply, links, answered, stale = request.POST.get("answer") == "apply", 0, 0, 0
    for named in request.POST.getlist("change"):
        pk, _colon, seen = named.partition(":")
        try:
            links += shape_changes.answer(int(pk) if pk.isdecimal() else 0, seen=seen, apply=apply, by=request.user)
            answered += 1
        except shape_changes.Answered:
            messages.info(request, _("This was answered already: nothing changed the second time."))
        except shape_changes.Stale:
            stale += 1
        except sku_mapping.MappingRefused as refusal:
            messages.error(request, str(refusal))
    _tell(request, links=links, answered=answered, stale=stale)
    return htmx.redirect(request, reverse("catalog:changed"))


def _tell(request: HttpRequest, *, links: int, answered: int, stale: int) -> None:
    if links:
        told = ngettext("%(many)d link changed.", "%(many)d links changed.", links) % {"many": links}
        messages.success(request, told)
    elif answered:
        messages.success(request, _("Noted. What is to be sent is sent again."))
    if stale:
        messages.warning(request, _("Something changed while you were looking. See what is proposed now."))
