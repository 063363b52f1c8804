"""The points themselves: all of them are died at, off they are nothing, and production knows none."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from config.check_deploy import PRODUCTION
from sellers import points
from tests.faults.test_crashes import CRASHES

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("config", "dashboard", "orders", "inventory", "catalog", "sellers", "mercadolibre", "ui")
START = "import django; django.setup(); from sellers.points import point; point('a.b'); point('a.b'); print('alive')"


def in_the_code() -> list[str]:
    """The names of all points of the product, in no order."""
    trees = (ast.parse(path.read_text()) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    named = (call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "point")
    return [name.value for name in named if isinstance(name, ast.Constant)]


def died_at() -> set[str]:
    return {where.partition(":")[0] for names in CRASHES.values() for where in names}


def test_every_point_of_the_product_is_died_at():
    assert set(in_the_code()) - died_at() == set()
    assert died_at() - set(in_the_code()) == set()


def test_a_name_stands_in_the_code_once():
    assert [name for name, times in Counter(in_the_code()).items() if times > 1] == []


def start(**environ: str) -> subprocess.CompletedProcess[str]:
    """What a process does that passes a point twice and says that it is alive."""
    given = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"} | environ
    return subprocess.run([sys.executable, "-c", START], cwd=ROOT, env=given, capture_output=True, text=True)


def test_a_process_dies_where_its_environment_says():
    ended = start(ENLACE_CRASH_AT="a.b:2")

    assert (ended.returncode, ended.stdout) == (points.KILLED, "")


def test_in_production_nothing_starts_that_is_to_die():
    ended = start(**PRODUCTION, ENLACE_CRASH_AT="a.b")

    assert ended.returncode == 1
    assert "ENLACE_CRASH_AT is for tests only" in ended.stderr


def test_an_action_happens_once_and_leaves_nothing_behind():
    happened = []
    with points.at("a.b", lambda: happened.append(1)):
        points.point("a.b")
        points.point("a.b")
        points.point("c.d")
    points.point("a.b")

    assert happened == [1]
    assert points._actions == {}


@pytest.fixture(scope="module", autouse=True)
def no_action_is_left():
    yield
    assert points._actions == {}
