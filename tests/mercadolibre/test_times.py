from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercadolibre.times import parse_time, wire_time
from tests.mercadolibre.strategies import patient, words


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-10-07T10:13:38.000-04:00", datetime(2026, 10, 7, 14, 13, 38, tzinfo=UTC)),
        ("2026-10-06T23:15:53+00:00", datetime(2026, 10, 6, 23, 15, 53, tzinfo=UTC)),
        ("2026-09-07T09:16:54.000-0400", datetime(2026, 9, 7, 13, 16, 54, tzinfo=UTC)),
        ("2024-02-07T23:54:53.076+0000", datetime(2024, 2, 7, 23, 54, 53, 76000, tzinfo=UTC)),
        ("2021-08-20T01:25:10.000Z", datetime(2021, 8, 20, 1, 25, 10, tzinfo=UTC)),
        ("2026-08-03T20:26:46Z", datetime(2026, 8, 3, 20, 26, 46, tzinfo=UTC)),
        ("2026-10-01T00:00:00", datetime(2026, 10, 1, tzinfo=UTC)),
        ("01-08-2024 11:30:07", datetime(2024, 8, 1, 11, 30, 7, tzinfo=UTC)),
        ("2026-10-06T13:23:36.52Z", datetime(2026, 10, 6, 13, 23, 36, 520000, tzinfo=UTC)),
        ("2026-10-06T13:23:36.660451532Z", datetime(2026, 10, 6, 13, 23, 36, 660451, tzinfo=UTC)),
    ],
)
def test_every_way_ml_writes_a_moment_becomes_utc(written, moment):
    assert parse_time(written) == moment
    assert parse_time(written).tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        None,
        5,
        "",
        "soon",
        "2026-10-07",
        "2026-13-07T10:13:38Z",
        "2026-02-30T10:13:38Z",
        "2026-10-07T24:00:00Z",
        "2026-10-07T10:13:38+99:00",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2026-10-07T10:13:38Z\n",
        "٢٠٢٦-10-07T10:13:38Z",
        "31-02-2024 11:30:07",
    ],
)
def test_what_is_no_moment_is_none(written):
    assert parse_time(written) is None


@patient
@given(st.one_of(words, st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[-+][0-9]{4}")))
def test_any_text_is_a_moment_in_utc_or_none(written):
    moment = parse_time(written)
    assert moment is None or moment.tzinfo is UTC


@patient
@given(st.datetimes(min_value=datetime(1000, 1, 2), timezones=st.just(UTC)))
def test_what_we_write_is_read_back_to_the_second(moment):
    assert parse_time(wire_time(moment)) == moment.replace(microsecond=0)
