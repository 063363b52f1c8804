"""What an explanation is, and the short form in which the tables write it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """What an error means and what staff can do about it. Whole English sentences, translated where they are shown."""

    meaning: str
    todo: str


Table = tuple[tuple[str, Explanation], ...]
"""A phrase in lower case, found in ML's code, its causes' codes or its message, and what it means."""
