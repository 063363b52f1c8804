"""Disks of a run's own that are small enough to be filled.

They are memory, mounted where nobody but this run sees them: gone with its last process, however it ends. It needs the
right to mount; where there is none the strikes that need them are not made, and the run says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

NEW_MOUNTS = 0x00020000  # CLONE_NEWNS
BLOCK = 4096
FILLER = "filler"
TRIES = 200  # each takes half of what is left


class CannotMount(Exception):
    """No small disks here; the text says why."""


@dataclass(frozen=True)
class Room:
    """A disk of so many megabytes at `folder`."""

    folder: Path
    megabytes: int

    def open(self) -> None:
        """Raises CannotMount."""
        self.folder.mkdir(parents=True, exist_ok=True)
        mount("-t", "tmpfs", "-o", f"size={self.megabytes}m,mode=0755", "tmpfs", str(self.folder))

    def fill(self) -> None:
        """Take all that is left."""
        with (self.folder / FILLER).open("ab") as filler:
            for _ in range(TRIES):
                if (left := self.left()) < BLOCK:
                    break
                with contextlib.suppress(OSError):  # somebody else took some meanwhile
                    os.posix_fallocate(filler.fileno(), os.fstat(filler.fileno()).st_size, max(BLOCK, left // 2))

    def empty(self) -> None:
        (self.folder / FILLER).unlink(missing_ok=True)

    def left(self) -> int:
        """Bytes."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize


def opened(*rooms: Room) -> None:
    """Mount them for this process and those that it starts from now on. Raises CannotMount."""
    try:
        if ctypes.CDLL(None, use_errno=True).unshare(NEW_MOUNTS):
            raise CannotMount(f"no mounts of our own: {os.strerror(ctypes.get_errno())}")
    except AttributeError:
        raise CannotMount("no mounts of our own on this system") from None
    mount("--make-rprivate", "/")
    for room in rooms:
        room.open()


def mount(*arguments: str) -> None:
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise CannotMount("there is no mount here") from None
    except subprocess.CalledProcessError as error:
        raise CannotMount(error.stderr.strip()) from error
