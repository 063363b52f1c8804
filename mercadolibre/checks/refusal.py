"""Why something would be refused."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """`field` is ML's name of what is wrong; `reason` a whole sentence for staff, translated where it is shown."""

    field: str
    reason: str
