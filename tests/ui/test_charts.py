import re

import pytest
from django.utils import translation

from ui.charts import Bars, Lines, Series, nice_step, short

HOURS = ["00h", "01h", "02h"]


def test_bars_are_stacked_to_scale():
    svg = Bars("Pushes", HOURS, [Series("ok", [50, 100, 0]), Series("bad", [50, 0, 0], "bad")]).render()

    heights = re.findall(r'mark-(\w+)" x="[\d.]+" y="[\d.]+" width="[\d.]+" height="([\d.]+)"', svg)
    assert heights == [("accent", "80.0"), ("bad", "80.0"), ("accent", "160.0")]


@pytest.mark.parametrize("language", ["en", "es", "pt-br"])
def test_coordinates_follow_no_language_but_the_data_does(language):
    with translation.override(language):
        svg = Lines("Lag", HOURS, [Series("p95", [1234.5, 2, 3])], unit="s").render()

    assert not re.search(r'(?:x|y|x1|y1|width|height)="[^"]*,', svg)
    assert ("1.234,5s" if language != "en" else "1,234.5s") in svg.replace("\xa0", ".")


def test_a_chart_offers_its_numbers_as_a_table():
    html = Bars("Pushes", HOURS, [Series("ok", [1, 2, 3])]).render()

    assert "Show data" in html
    assert html.count('<th scope="row">') == 3
    assert "style=" not in html


def test_names_are_escaped():
    assert "<script>" not in Bars("<script>", ["<script>"], [Series("<script>", [1])]).render()


@pytest.mark.parametrize("chart", [Bars("x", [], [Series("a", [])]), Lines("x", HOURS, [Series("a", [0, 0, 0])])])
def test_nothing_to_show_is_no_error(chart):
    assert "<svg" in chart.render()


@pytest.mark.parametrize(("highest", "step"), [(4, 1), (100, 50), (2300, 1000), (0.4, 0.1), (79, 20)])
def test_steps_are_round(highest, step):
    assert nice_step(highest) == pytest.approx(step)


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (950, "950"), (1500, "1.5k"), (3_000_000, "3M")])
def test_axis_numbers_are_short(number, text):
    assert short(number) == text
