"""Logs of the service: events with fields; JSON for programs, a line for people, and no address in either."""

import datetime as dt
import json
import logging
import re
from typing import Literal, TextIO, TypeAlias

Style: TypeAlias = Literal["auto", "json", "text"]

_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+\w")
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def without_addresses(text: str) -> str:
    """The text with a placeholder for every mail address in it."""
    return _ADDRESS.sub("<address>", text)


def log_event(record: logging.LogRecord) -> dict[str, object]:
    """Return a log record as values by name: time, level, event, logger and its fields; addresses are removed."""
    at = dt.datetime.fromtimestamp(record.created, dt.UTC)
    fields = {name: value for name, value in vars(record).items() if name not in _USUAL}
    event = {
        "at": f"{at:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "level": record.levelname.lower(),
        "event": record.getMessage(),
        "logger": record.name,
        **fields,
    }
    if record.exc_info:
        event["traceback"] = logging.Formatter().formatException(record.exc_info)
    return {
        name: value if isinstance(value, int | float | None) else without_addresses(str(value))
        for name, value in event.items()
    }


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        return json.dumps(log_event(record), ensure_ascii=False)


class Lines(logging.Formatter):
    """One line for people, and the traceback of a bug below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in words."""
        event = log_event(record)
        at, level, name = (event.pop(key) for key in ("at", "level", "event"))
        traceback = event.pop("traceback", None)
        event.pop("logger")
        fields = " ".join(f"{key}={value}" for key, value in event.items())
        return "\n".join(
            [f"{at} {level:<7} {name} {fields}".rstrip(), *([str(traceback)] if traceback else [])]
        )


def log_to(stream: TextIO, style: Style) -> None:
    """Send what this program logs to a stream; libraries say only what is wrong."""
    as_json = style == "json" or (style == "auto" and not stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if as_json else Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("mailsignals").setLevel(logging.INFO)
    # That a run takes longer than its interval, which the table of runs shows, is no warning of ours.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
