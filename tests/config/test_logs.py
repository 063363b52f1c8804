"""Log lines: no secret and no row of the database in them, and what they belong to."""

import json
import logging
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.logs import ContextFilter, JsonFormatter, SecretsFilter, TextFormatter, configured
from ui import tracing


def lines(message, *arguments, error=None, **extra):
    """What a record becomes, as text and as JSON."""
    exc_info = None
    if error is not None:
        try:
            raise error
        except type(error):
            exc_info = sys.exc_info()
    record = logging.LogRecord("sellers.queue.work", logging.INFO, "file", 1, message, arguments, exc_info)
    record.__dict__.update(extra)
    for each in (SecretsFilter(), ContextFilter()):
        assert each.filter(record)
    return TextFormatter("%(levelname)s %(message)s").format(record), json.loads(JsonFormatter().format(record))


@pytest.mark.parametrize(
    "secret",
    ["APP_USR-123-abc", "TG-5f3-9", "Bearer APP", "/cb?code=TG&x", "/meli/notifications/s3cret-part/", "code=ab12"],
)
def test_secrets_are_hidden_whoever_logs_them(secret):
    text, line = lines("%s", f"GET ?{secret}", error=ValueError(f"GET ?{secret}"))

    shown = secret.split("=")[-1].split("&")[0].removeprefix("/meli/notifications/").strip("/").split()[-1]
    assert shown not in text
    assert shown not in json.dumps(line)
    assert "[hidden]" in text


def test_secrets_are_hidden_in_what_is_going_on():
    with tracing.about(key="Bearer APP_USR-1", work_id=7):
        text, line = lines("done")

    assert (line["key"], line["work_id"]) == ("[hidden]", 7)
    assert "APP_USR" not in text


@pytest.mark.parametrize("detail", ["DETAIL", "DETALLE", "DETALHE"])
def test_the_row_that_a_database_repeats_is_hidden(detail):
    refusal = ValueError(f'violates "x"\n{detail}:  Failing row contains (1, Canaria-Nombre).')

    text, line = lines("failed", error=refusal)

    assert "Canaria" not in text + json.dumps(line)
    assert "violates" in line["exception"]


def test_a_line_carries_what_is_going_on_and_its_own_before_that():
    with tracing.about(request_id="r1"), tracing.about(work_id=7, key="2001"):
        text, line = lines("done", about={"work_id": 8})

    assert (line["request_id"], line["work_id"], line["key"]) == ("r1", 8, "2001")
    assert text == "INFO done [request_id=r1 work_id=8 key=2001]"


def test_of_several_rows_at_hand_a_line_carries_all_or_the_one_it_is_about():
    with tracing.about(kind="stock", works={"MLA1": 7, "MLA2": 8}):
        _, of_all = lines("read")
        _, of_one = lines("written", about={"key": "MLA2"})
        _, of_another = lines("asks for an order", about={"key": "2001"})

    assert (of_all["work_id"], of_all["work_ids"]) == (None, [7, 8])
    assert (of_one["work_id"], "work_ids" in of_one) == (8, False)
    assert (of_another["work_id"], of_another["work_ids"]) == (None, [7, 8])


def test_a_line_outside_of_everything_says_so_in_json_and_nothing_in_text():
    text, line = lines("started")

    assert (line["request_id"], line["work_id"]) == (None, None)
    assert text == "INFO started"


def test_what_was_going_on_ends_with_it():
    with tracing.about(work_id=7):
        pass

    assert tracing.current() == {}


def test_a_line_of_json_is_one_line():
    record = logging.LogRecord("x", logging.INFO, "file", 1, "two\nlines", (), None)

    assert "\n" not in JsonFormatter().format(record)


def test_many_things_are_named_by_the_first():
    assert tracing.named([f"stock {number}" for number in range(12)]).endswith("stock 9 and 2 more")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_every_line_goes_through_the_filters(log_format):
    handler = configured(log_format)["handlers"]["console"]

    assert (handler["formatter"], handler["filters"]) == (log_format, ["secrets", "context"])


def test_another_format_is_refused():
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT must be text or json"):
        configured("xml")
