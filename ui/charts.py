"""Charts drawn on the server as SVG: no script, no inline style, themed by CSS classes. Numbers never follow a locale.

A chart always offers its numbers as a table below ("Show data").
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ui.formatting import grouped

Text = str | Promise
LEFT, BOTTOM, TOP = 44, 22, 18
LABELS = 8


@dataclass(frozen=True)
class Series:
    """One kind of value. `tone`: "accent", "ok", "info", "warn", "bad"."""

    label: Text
    values: Sequence[float]
    tone: str = "accent"


@dataclass(frozen=True)
class Chart:
    """`label` says what is shown, `points` name the places on the x axis; every series has a value for each."""

    label: Text
    points: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    goal: float | None = None
    goal_label: Text = ""
    width: int = 720
    height: int = 200
    kind: str = field(default="", init=False)

    def render(self) -> SafeString:
        context = {"chart": self, "svg": self._svg(), "rows": list(self._rows()), "legend": len(self.series) > 1}
        return SafeString(render_to_string("partials/chart.html", context))

    def marks(self) -> Iterator[SafeString]:
        raise NotImplementedError

    def highest(self) -> float:
        raise NotImplementedError

    @property
    def top(self) -> float:
        """The upper end of the y axis: a whole number of steps."""
        reached = max(self.highest(), self.goal or 0, 1e-9)
        return math.ceil(reached / nice_step(reached)) * nice_step(reached)

    def x(self, position: float) -> float:
        """Where a position, counted in points, lies in the picture."""
        return LEFT + (self.width - LEFT) * position / max(len(self.points), 1)

    def y(self, value: float) -> float:
        return TOP + (self.height - BOTTOM - TOP) * (1 - value / self.top)

    def _rows(self) -> Iterator[tuple[str, list[str]]]:
        for number, point in enumerate(self.points):
            yield point, [f"{grouped(series.values[number])}{self.unit}" for series in self.series]

    def _svg(self) -> SafeString:
        parts = [*self._grid(), *self.marks(), *self._goal(), *self._labels(), *self._hints()]
        return format_html(
            '<svg class="chart-svg" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
            str(self.width),
            str(self.height),
            self.label,
            format_html_join("", "{}", ((part,) for part in parts)),
        )

    def _grid(self) -> Iterator[SafeString]:
        step = nice_step(self.top)
        for number in range(round(self.top / step) + 1):
            y = self.y(number * step)
            yield format_html(
                '<line class="grid-line" x1="{}" x2="{}" y1="{}" y2="{}"/>', LEFT, px(self.width), px(y), px(y)
            )
            yield _text(LEFT - 8, y + 4, f"{short(number * step)}{self.unit}", "end")

    def _goal(self) -> Iterator[SafeString]:
        if self.goal is not None:
            y = px(self.y(self.goal))
            yield format_html('<line class="goal" x1="{}" x2="{}" y1="{}" y2="{}"/>', LEFT, px(self.width), y, y)
            yield _text(self.width - 4, self.y(self.goal) - 5, str(self.goal_label), "end", "tick goal-label")

    def _labels(self) -> Iterator[SafeString]:
        every = max(1, math.ceil(len(self.points) / LABELS))
        for number, point in enumerate(self.points):
            if number % every == 0:
                yield _text(self.x(number + 0.5), self.height - 6, point, "middle")

    def _hints(self) -> Iterator[SafeString]:
        """Invisible columns that say their numbers on hover."""
        for number, (point, values) in enumerate(self._rows()):
            told = ", ".join(f"{series.label} {value}" for series, value in zip(self.series, values, strict=True))
            yield format_html(
                '<rect class="hint" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>',
                px(self.x(number)),
                TOP,
                px(self.x(1) - self.x(0)),
                px(self.height - BOTTOM - TOP),
                point,
                told,
            )


@dataclass(frozen=True)
class Bars(Chart):
    """A bar for each point, its series stacked."""

    def highest(self) -> float:
        return max((sum(values) for values in zip(*(s.values for s in self.series), strict=True)), default=0)

    def marks(self) -> Iterator[SafeString]:
        slot = self.x(1) - self.x(0)
        width = min(slot * 0.7, 36)
        for number in range(len(self.points)):
            below = 0.0
            for series in self.series:
                value = series.values[number]
                if value:
                    yield self._bar(self.x(number) + (slot - width) / 2, width, below, below + value, series.tone)
                below += value

    def _bar(self, x: float, width: float, low: float, high: float, tone: str) -> SafeString:
        y, height = self.y(high), max(1.0, self.y(low) - self.y(high))
        return format_html(
            '<rect class="mark mark-{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>',
            tone,
            px(x),
            px(y),
            px(width),
            px(height),
        )


@dataclass(frozen=True)
class Lines(Chart):
    """A line for each series, the first one with its area filled."""

    def highest(self) -> float:
        return max((value for series in self.series for value in series.values), default=0)

    def marks(self) -> Iterator[SafeString]:
        for number, series in enumerate(self.series):
            path = " L".join(f"{px(self.x(at + 0.5))},{px(self.y(value))}" for at, value in enumerate(series.values))
            if not path:
                continue
            if number == 0:
                first, last = px(self.x(0.5)), px(self.x(len(series.values) - 0.5))
                base = px(self.y(0))
                yield format_html(
                    '<path class="area area-{}" d="M{} L{},{} L{},{} Z"/>', series.tone, path, last, base, first, base
                )
            yield format_html('<path class="line line-{}" d="M{}"/>', series.tone, path)


def _text(x: float, y: float, text: str, anchor: str, css: str = "tick") -> SafeString:
    return format_html('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>', css, px(x), px(y), anchor, text)


def px(value: Any) -> str:
    """A coordinate as SVG wants it, whatever the reader's language."""
    return f"{value:.1f}"


def nice_step(highest: float) -> float:
    """A round step that divides the axis into about four."""
    rough = highest / 4
    magnitude: float = 10.0 ** math.floor(math.log10(rough))
    return next((size * magnitude for size in (1.0, 2.0, 5.0) if size * magnitude >= rough), 10.0 * magnitude)


def short(number: float) -> str:
    """3000 as 3k."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if abs(number) >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"
