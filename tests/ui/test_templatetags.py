from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from ui import formatting, lamps
from ui.lamps import Lamps
from ui.templatetags import ui

NOW = datetime(2026, 11, 21, 22, 15, tzinfo=UTC)


def rendered(source: str, path: str = "/", **context) -> str:
    request = RequestFactory().get(path)
    return Template("{% load ui %}" + source).render(Context({"request": request, **context}))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "just now"), (-20, "just now"), (61, "1\xa0minute ago"), (7200, "2\xa0hours ago"), (-7200, "in 2\xa0hours")],
)
def test_times_read_relative(seconds, words):
    assert formatting.relative(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(("seconds", "letters"), [(-5, "0s"), (59, "59s"), (60, "1m"), (7199, "1h"), (200_000, "2d")])
def test_ages_are_short(seconds, letters):
    assert formatting.age(NOW - timedelta(seconds=seconds), NOW) == letters


def test_a_time_tells_the_exact_moment_with_its_zone(settings):
    with timezone.override("America/Argentina/Buenos_Aires"):
        shown = ui.ago(NOW)

    assert 'datetime="2026-11-21T22:15:00+00:00"' in shown
    assert 'title="2026-11-21 19:15:00 -03"' in shown


@pytest.mark.parametrize(
    ("amount", "currency", "language", "shown"),
    [
        (Decimal("1234567.5"), "ARS", "en", "1,234,567.50"),
        (Decimal("1234567.5"), "BRL", "pt-br", "1.234.567,50"),
        (Decimal("12990"), "CLP", "en", "12,990"),
        (Decimal("-3"), "MXN", "en", "-3.00"),
    ],
)
def test_money_is_grouped_for_people(amount, currency, language, shown):
    with translation.override(language):
        assert formatting.money(amount, currency) == (
            f'<span class="money">{shown} <span class="unit">{currency}</span></span>'
        )


@pytest.mark.parametrize("empty", [ui.money(None, "ARS"), ui.quantity(None), ui.ago(None), ui.lamps_filter(None)])
def test_what_is_not_there_is_a_dash(empty):
    assert empty == formatting.NOTHING


def test_quantities_are_grouped():
    assert rendered("{{ 12345|quantity }}") == '<span class="qty">12,345</span>'


def test_labels_are_escaped():
    assert rendered("{% pill label 'ok' %}", label="<b>") == '<span class="pill ok">&lt;b&gt;</span>'
    assert "&lt;i&gt;" in rendered("{% change old 3 %}", old="<i>")


def test_an_icon_is_silent_unless_it_stands_alone():
    assert 'aria-hidden="true"' in ui.icon("home")
    assert 'role="img" aria-label="Start"' in ui.icon("home", "Start")


def test_the_query_string_is_edited_and_escaped():
    source = "{% qs page=2 format=None %}"

    assert rendered(source, "/?q=a%26b&tag=1&tag=2&page=9&format=csv") == "?q=a%26b&amp;tag=1&amp;tag=2&amp;page=2"


def test_numbers_for_machines_follow_no_language():
    with translation.override("es"):
        assert 'max="1234.5" value="0.5"' in ui.meter(0.5, 1234.5, "x")
        assert 'max="20000" value="1500"' in ui.progress(1500, 20000, "x")


def test_progress_without_a_total_only_goes_on():
    assert "value" not in ui.progress(3, None, "x")


@pytest.mark.parametrize(
    ("state", "tones"),
    [
        (Lamps(), ("off", "off", "off")),
        (Lamps(5), ("info", "off", "off")),
        (Lamps(5, 5), ("info", "info", "off")),
        (Lamps(5, 5, 5), ("info", "info", "ok")),
        (Lamps(5, 3, 3), ("info", "warn", "warn")),
        (Lamps(5, 5, 3, NOW, NOW, NOW - timedelta(hours=1)), ("info", "info", "warn")),
        (Lamps(5, 5, 3, NOW, NOW, NOW + timedelta(minutes=1)), ("info", "info", "bad")),
        (Lamps(5, 3, 3, failed=True), ("info", "bad", "warn")),
    ],
)
def test_lamps_are_green_only_after_reading_back(state, tones):
    assert tuple(lamp.tone for lamp in state.lit()) == tones


def test_lamps_tell_their_value_and_age():
    shown = lamps.render(Lamps(5, 5, None, timezone.now() - timedelta(minutes=3, seconds=1), timezone.now()))

    assert 'aria-label="Wanted: 5, 3\xa0minutes ago"' in shown
    assert 'aria-label="Observed: not yet"' in shown
