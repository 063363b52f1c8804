"""Log records without secrets, as text or as one JSON object a line, each with the request or the work at hand."""

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from ui import tracing

SECRET = re.compile(
    r"APP_USR-[\w-]+|TG-[\w-]+|(?i:bearer)\s+\S+|(?<=[?&]code=)[^&\s\"']+|(?<=/meli/notifications/)[\w-]+"
    # A database's refusal repeats the row, and with it what it says of people; in the language of its server.
    r"|(?<=DETAIL:  ).*|(?<=DETALLE:  ).*|(?<=DETALHE:  ).*"
)
ALWAYS: Mapping[str, Any] = {"request_id": None, "work_id": None}  # null where neither is going on


def masked(text: str) -> str:
    return SECRET.sub("[hidden]", text)


class SecretsFilter(logging.Filter):
    """Hide tokens and authorization codes in the finished message, whoever logged it."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        hidden = masked(message)
        if hidden != message:
            record.msg, record.args = hidden, None
        if record.exc_info and not record.exc_text:
            record.exc_text = masked(logging.Formatter().formatException(record.exc_info))
        return True


class ContextFilter(logging.Filter):
    """Write down what was going on: see `ui.tracing`."""

    def filter(self, record: logging.LogRecord) -> bool:
        own: Mapping[str, Any] = getattr(record, "about", {})
        found = tracing.together(own)
        record.context = {name: masked(value) if isinstance(value, str) else value for name, value in found.items()}
        return True


def context_of(record: logging.LogRecord) -> dict[str, Any]:
    found: dict[str, Any] = getattr(record, "context", {})
    return found


class TextFormatter(logging.Formatter):
    """The line for people, with what was going on behind it in brackets."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the name is logging's
        told = " ".join(f"{name}={value}" for name, value in context_of(record).items())
        line = super().formatMessage(record)
        return f"{line} [{told}]" if told else line


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "pid": record.process,
            "message": record.getMessage(),
            **ALWAYS,
            **context_of(record),
        }
        if record.exc_text:
            line["exception"] = record.exc_text
        return json.dumps(line, ensure_ascii=False, default=str)


def configured(log_format: str) -> dict[str, Any]:
    """Django's LOGGING: everything to stderr, as "text" or "json". Raises ImproperlyConfigured for another format."""
    if log_format not in {"text", "json"}:
        raise ImproperlyConfigured(f"LOG_FORMAT must be text or json, not {log_format!r}.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "secrets": {"()": SecretsFilter},
            "context": {"()": ContextFilter},
        },
        "formatters": {
            "text": {"()": TextFormatter, "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
            "json": {"()": JsonFormatter},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": log_format,
                "filters": ["secrets", "context"],
                "stream": sys.stderr,
            }
        },
        "root": {"handlers": ["console"], "level": "INFO"},
    }
