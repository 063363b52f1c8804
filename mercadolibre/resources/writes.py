"""What a write tells us."""

from dataclasses import dataclass
from typing import Any

from mercadolibre.envelopes import read_causes
from mercadolibre.errors import Cause


@dataclass(frozen=True)
class WriteResult:
    """The answer to a write: HTTP status and warnings.

    A warning is the only sign that ML dropped a field, and 2xx without one is no proof: read back.
    """

    status: int
    warnings: tuple[Cause, ...] = ()

    @classmethod
    def from_answer(cls, status: int, content: Any) -> "WriteResult":
        """From an answer that may hold the whole resource, `{}` or nothing."""
        found = content.get("warnings") if isinstance(content, dict) else None
        return cls(status, read_causes(found))
