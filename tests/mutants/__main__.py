"""`make mutants`: plants one bug after the other in a copy of the checkout; each has to be found by its own tests.

    make mutants                      all of them, after the same tests have passed in an unchanged copy
    make mutants MUTANTS="M3 M7"      some of them

A bug that survives, cannot be planted, or only breaks the tests instead of failing one of them fails the run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests import services
from tests.mutants.planted import MUTANTS, Change, Mutant

HERE = Path(__file__).resolve().parents[2]
LEFT_OUT = (".git", ".venv", ".data", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")
QUIETLY = ("-q", "-p", "no:cacheprovider", "--reuse-db", "--tb=short", "--show-capture=no")
PATIENCE = 600  # seconds for the tests of one mutant
FAILED = re.compile(r"^FAILED (\S+)", re.MULTILINE)
ALL_PASSED, SOME_FAILED = 0, 1


class NotPlanted(Exception):
    """The text to be changed is not there as it was: the mutant has to be written again."""


@dataclass
class Run:
    """`failed` are the tests that failed; the run stops at the first of them where `first` was asked for."""

    code: int
    failed: list[str]
    words: str
    seconds: float


def main() -> int:
    chosen = [one for one in MUTANTS if one.name in sys.argv[1:]] if sys.argv[1:] else list(MUTANTS)
    with tempfile.TemporaryDirectory(prefix="enlace-mutants-") as folder:
        copy = Path(folder) / "enlace"
        shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        (copy / ".data").mkdir()
        tests = sorted({test for mutant in chosen for test in mutant.tests})
        if not passes(copy, tests):
            return 1
        survivors = [mutant.name for mutant in chosen if not is_killed(copy, mutant)]
    print(f"survived: {', '.join(survivors)}" if survivors else f"all {len(chosen)} found")
    return bool(survivors)


def passes(copy: Path, tests: Iterable[str]) -> bool:
    """Whether all of it passes without any bug. Otherwise what fails later says nothing."""
    run = tested(copy, tests)
    told("unchanged", f"{'passes' if run.code == ALL_PASSED else 'FAILS'}", run)
    if run.code != ALL_PASSED:
        print(run.words)
    return run.code == ALL_PASSED


def is_killed(copy: Path, mutant: Mutant) -> bool:
    """Plant, test, take out again."""
    before = {change.path: (copy / change.path).read_text() for change in mutant.changes}
    try:
        for change in mutant.changes:
            plant(copy, change)
        run = tested(copy, mutant.tests, "-x")
    except NotPlanted as problem:
        print(f"{mutant.name:<10} CANNOT BE PLANTED: {problem}", flush=True)
        return False
    finally:
        for path, text in before.items():
            (copy / path).write_text(text)
    killed = run.code == SOME_FAILED and bool(run.failed)
    told(mutant.name, f"found by {run.failed[0]}" if killed else f"SURVIVED ({mutant.says})", run)
    if not killed and run.code != ALL_PASSED:
        print(run.words)
    return killed


def plant(copy: Path, change: Change) -> None:
    text = (copy / change.path).read_text()
    if (found := text.count(change.old)) != change.times:
        raise NotPlanted(f"{change.path} has {change.old.strip()!r} {found} times, not {change.times}")
    (copy / change.path).write_text(text.replace(change.old, change.new))


def tested(copy: Path, tests: Iterable[str], *options: str) -> Run:
    """Run tests in the copy, against this process's servers and one database, which no mutant changes."""
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", *QUIETLY, *options, *tests]
    try:
        answer = subprocess.run(
            command, cwd=copy, env=dict(os.environ), capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return Run(-1, [], f"no end within {PATIENCE} s", time.monotonic() - began)
    words = "\n".join((answer.stdout + answer.stderr).splitlines()[-60:])
    return Run(answer.returncode, FAILED.findall(answer.stdout), words, time.monotonic() - began)


def told(name: str, outcome: str, run: Run) -> None:
    print(f"{name:<10} {run.seconds:5.1f} s  {outcome}", flush=True)


if __name__ == "__main__":
    assert services.DATA  # the servers run from here on; their addresses are in the environment
    sys.exit(main())
