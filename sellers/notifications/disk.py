"""Writing to a disk that may be full."""

from __future__ import annotations

import os


def write_all(descriptor: int, content: bytes) -> None:
    """Write everything. A disk that is almost full takes a part and says so by a number: only the next write raises
    OSError."""
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
