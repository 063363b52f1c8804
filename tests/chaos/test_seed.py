"""One run of `make chaos` in the suite, with servers and processes of its own. `make chaos SEEDS=20` is by hand."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.chaos import nemesis, sometimes


@pytest.mark.xdist_group("chaos")
@pytest.mark.timeout(420)
def test_after_kills_stops_and_faults_everything_comes_right():
    """The seed is fixed, so that a failure is about what was changed; quiet may take long beside other tests."""
    command = [sys.executable, "-m", "tests.chaos", "--seed", "1", "--seconds", "25"]
    command += ["--quiet", "200", "--folder", "tests/chaos"]

    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert run.returncode == 0, f"{run.stdout}\n{run.stderr[-2000:]}"
    assert "all invariants hold" in run.stdout


def test_the_same_seed_is_the_same_plan_and_a_short_one_has_every_strike_once():
    names = ["intake", "pump", "orders", "pushes", "bulk", "beat"]

    plan = nemesis.plan_of(7, 25, names)

    assert plan == nemesis.plan_of(7, 25, names)
    assert plan != nemesis.plan_of(8, 25, names)
    told = [what.removesuffix(" ahead").removesuffix(" behind") for _, what in plan]
    assert sorted(told) == sorted(nemesis.deck(names))
    assert all(at < 25 for at, _ in plan)


def test_without_small_disks_none_is_filled_and_it_is_said():
    names = ["intake", "orders"]
    services = SimpleNamespace(no_rooms="mount: permission denied")

    plan = nemesis.plan_of(7, 60, names, rooms=False)
    told = nemesis.Nemesis(None, None, services, plan).told()

    assert not [what for _, what in plan if what.startswith("fill")]
    assert told == "; not struck: fill database, fill spool (mount: permission denied)"


def test_a_run_in_which_something_never_happened_is_vacuous():
    everything = dict.fromkeys([*sometimes.ALWAYS, *sometimes.IN_LONG_RUNS], 1)
    found = sometimes.Counter(everything | {"fence refusal": 0, "409": 0, "spool replayed": 0})

    assert sometimes.missing(found, seconds=60, without="") == ["409", "fence refusal", "spool replayed"]
    assert sometimes.missing(found, seconds=25, without="") == ["409"]
    assert sometimes.missing(found, seconds=60, without="webhooks") == ["409", "fence refusal"]


def test_what_only_a_small_disk_could_have_shown_is_asked_only_where_there_is_one():
    found = sometimes.Counter(dict.fromkeys([*sometimes.ALWAYS, *sometimes.IN_LONG_RUNS], 1))
    found.subtract(sometimes.OF_DISKS)

    assert sometimes.missing(found, seconds=60, without="") == ["disk full", "told 503"]
    assert sometimes.missing(found, seconds=60, without="", rooms=False) == []


def test_who_needs_postgresql_waits_until_the_strike_that_took_it_away_is_over():
    """The same thread brings it back."""
    struck = nemesis.Nemesis(None, None, None, [])
    done = []
    struck._after(0.1, "database", lambda: done.append("room"))
    struck._after(9, "orders", lambda: done.append("goes on"))

    struck._wait_for("database")

    assert done == ["room"]
