"""Log lines are JSON objects that carry the request's id."""

import json
import logging
import sys

import pytest

from shelfwise.app.logs import ConsoleFormatter, JsonFormatter
from shelfwise.context import request_id


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("shelfwise.access", logging.INFO, __file__, 1, message, (), None)
    vars(made).update(extra)
    return made


def test_a_json_line_has_the_request_id_and_the_extra_fields() -> None:
    token = request_id.set("r-1")
    try:
        line = json.loads(JsonFormatter("ranker").format(record("request", ms=1.5, status=200)))
    finally:
        request_id.reset(token)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "service": "ranker",
        "logger": "shelfwise.access",
        "event": "request",
        "request_id": "r-1",
        "ms": 1.5,
        "status": 200,
    }


def test_a_console_line_has_service_level_event_and_extra_fields() -> None:
    assert ConsoleFormatter("ranker").format(record("request", ms=1.5)).endswith("ranker    info    request ms=1.5")


@pytest.mark.parametrize("formatter", [JsonFormatter("x"), ConsoleFormatter("x")])
def test_a_logged_value_cannot_forge_a_line_of_its_own(formatter: logging.Formatter) -> None:
    forged = formatter.format(record("request", path="/a\n12:00:00 gateway error \x1b[2Jall is lost"))
    assert forged.isprintable()
    assert "all is lost" in forged


@pytest.mark.parametrize("formatter", [JsonFormatter("x"), ConsoleFormatter("x")])
def test_a_traceback_is_kept(formatter: logging.Formatter) -> None:
    failed = record("broke")
    try:
        raise ValueError("seven")
    except ValueError:
        failed.exc_info = sys.exc_info()
    assert "ValueError: seven" in formatter.format(failed)
