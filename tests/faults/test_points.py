"""The points themselves: all of them are died at, off they are nothing, and production knows none."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from config.check_deploy import PRODUCTION
from sellers import points
from tests.faults.flows.flow import Flow
from tests.faults.test_crashes import CRASHES

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("config", "dashboard", "orders", "inventory", "catalog", "sellers", "mercadolibre", "ui")
START = "import django; django.setup(); from sellers.points import point; point('a.b'); point('a.b'); print('alive')"


@cache
def calls() -> list[ast.Call]:
    """Every call of a point in the product, by whatever name it was imported, in no order."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    sources = (source for path in files if "points" in (source := path.read_text()))
    nodes = (node for source in sources for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [node for node in nodes if called(node) == "point"]


def called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
    return ""


def in_the_code() -> list[str]:
    """The names of all points of the product, in no order."""
    return [ast.literal_eval(call.args[0]) for call in calls()]


def died_at() -> set[str]:
    return {where.partition(":")[0] for names in CRASHES.values() for where in names}


def below(flow: type[Flow]) -> set[type[Flow]]:
    return {flow}.union(*(below(one) for one in flow.__subclasses__()))


def test_every_call_says_its_name():
    """One that is reckoned, or that hides behind another name, would be missed here."""
    assert [ast.unparse(call) for call in calls() if not isinstance(call.args[0], ast.Constant)] == []
    sources = ((ROOT / package).rglob("*.py") for package in PACKAGES)
    renamed = [path.name for paths in sources for path in paths if "import point as" in path.read_text()]
    assert renamed == []


def test_every_point_of_the_product_is_died_at():
    assert set(in_the_code()) - died_at() == set()
    assert died_at() - set(in_the_code()) == set()


def test_every_flow_is_died_in():
    """Itself, or one that goes on from it."""
    assert {flow.__name__ for flow in below(Flow) if not below(flow) & CRASHES.keys()} == set()


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
