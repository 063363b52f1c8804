"""Rows of the benchmark's table: ratios of each round, their median, and what was to be reached."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One round of one measurement: name -> (value, "<=" or ">=", goal), and facts beside it."""

    ratios: dict[str, tuple[float, str, float]]
    facts: dict[str, str] = field(default_factory=dict)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def lines(title: str, rounds: Sequence[Row]) -> list[str]:
    """The table's lines for one measurement: the median of the rounds decides."""
    found = [f"{title}"]
    for name, (_, sense, goal) in rounds[0].ratios.items():
        values = [row.ratios[name][0] for row in rounds]
        median = statistics.median(values)
        reached = median >= goal if sense == ">=" else median <= goal
        each = " ".join(f"{value:.2f}" for value in values)
        found.append(
            f"  {name:<44} {median:>8.2f}   goal {sense} {goal:<5g} {'ok ' if reached else 'NOT'}   rounds {each}"
        )
    for name in rounds[0].facts:
        found.append(f"    {name}: {', '.join(row.facts[name] for row in rounds)}")
    return found
