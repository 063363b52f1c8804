"""Small pieces of HTML, everything escaped."""

from __future__ import annotations

from html import escape as e
from pathlib import Path

from sandbox.answers import Answer, html

STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
STYLE_PATH = "/control/style.css"
POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"


def style() -> Answer:
    return Answer(body=STYLE, content_type="text/css;charset=utf-8", headers={"Cache-Control": "max-age=60"})


def page(title: str, body: str, status: int = 200) -> Answer:
    """A whole page; `body` is HTML."""
    answer = html(
        "<!doctype html>"
        f'<html lang="en"><head><meta charset="utf-8"><title>{e(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f'<link rel="stylesheet" href="{STYLE_PATH}"></head><body>{body}</body></html>',
        status,
    )
    answer.headers |= {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    return answer


def hidden(name: str, value: object) -> str:
    return f'<input type="hidden" name="{e(name)}" value="{e(str(value))}">'


def button(label: str, *, kind: str = "", about: str = "") -> str:
    """`about` tells a screen reader which of many equal buttons this is."""
    named = f' aria-label="{e(f"{label} {about}")}"' if about else ""
    return f'<button class="{kind}"{named}>{e(label)}</button>'


def form(action: str, inside: str, css: str = "inline") -> str:
    return f'<form class="{css}" method="post" action="/do/{e(action)}">{inside}</form>'


def number(name: str, value: int, about: str, least: int = 0) -> str:
    return f'<input type="number" name="{e(name)}" value="{value}" min="{least}" required aria-label="{e(about)}">'


def options(values: dict[str, str], chosen: str = "") -> str:
    return "".join(
        f'<option value="{e(value)}"{" selected" if value == chosen else ""}>{e(words)}</option>'
        for value, words in values.items()
    )


def field(label: str, control: str) -> str:
    return f"<label><span>{e(label)}</span>{control}</label>"


def table(caption: str, heads: list[str], rows: list[list[str]]) -> str:
    """Cells are HTML. On a narrow screen a row becomes a card."""
    head = "".join(f'<th scope="col">{e(name)}</th>' for name in heads)
    lines = "".join(
        "<tr>"
        + "".join(f'<td data-head="{e(name)}">{cell}</td>' for name, cell in zip(heads, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return f"<table><caption>{e(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
