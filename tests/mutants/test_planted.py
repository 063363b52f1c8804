"""The texts that `make mutants` changes are still there, and so are the tests that have to find it."""

from pathlib import Path

import pytest

from tests.mutants.planted import MUTANTS

ROOT = Path(__file__).resolve().parents[2]
each = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)


@each
def test_a_mutant_can_be_planted(mutant):
    for change in mutant.changes:
        assert (ROOT / change.path).read_text().count(change.old) == change.times, change.path


@each
def test_the_tests_that_have_to_find_it_are_there(mutant):
    for test in mutant.tests:
        path, _, name = test.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text() if name else (ROOT / path).exists(), test
