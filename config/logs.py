"""Log records without secrets, as text or as one JSON object a line."""

import json
import logging
import re

SECRET = re.compile(
    r"APP_USR-[\w-]+|TG-[\w-]+|(?i:bearer)\s+\S+|(?<=[?&]code=)[^&\s\"']+|(?<=/meli/notifications/)[\w-]+"
)


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


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text:
            line["exception"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)
