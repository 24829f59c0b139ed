"""Log events of the service as JSON lines or text lines, without addresses."""

import datetime as dt
import json
import logging
import re
from typing import Literal, TextIO, TypeAlias

from mailsignals.service.repeats import QuietHandler, own_fields

Style: TypeAlias = Literal["auto", "json", "text"]

_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+\w")


def without_addresses(text: str) -> str:
    """Return a text with a placeholder for each email address."""
    return _ADDRESS.sub("<address>", text)


def log_event(record: logging.LogRecord) -> dict[str, object]:
    """Return a log record as values by name: time, level, event, logger and its fields; addresses are removed."""
    at = dt.datetime.fromtimestamp(record.created, dt.UTC)
    event = {
        "at": f"{at:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "level": record.levelname.lower(),
        "event": record.getMessage(),
        "logger": record.name,
        **own_fields(record),
    }
    if record.exc_info:
        event["traceback"] = logging.Formatter().formatException(record.exc_info)
    return {
        name: value if isinstance(value, int | float | None) else without_addresses(str(value))
        for name, value in event.items()
    }


class JsonLines(logging.Formatter):
    """A formatter that writes one JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON."""
        return json.dumps(log_event(record), ensure_ascii=False)


class Lines(logging.Formatter):
    """A formatter that writes one line per event, followed by its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line of text."""
        event = log_event(record)
        at, level, name = (event.pop(key) for key in ("at", "level", "event"))
        traceback = event.pop("traceback", None)
        event.pop("logger")
        fields = " ".join(f"{key}={value}" for key, value in event.items())
        return "\n".join(
            [f"{at} {level:<7} {name} {fields}".rstrip(), *([str(traceback)] if traceback else [])]
        )


def log_to(stream: TextIO, style: Style) -> None:
    """Write the log of this program to a stream; libraries only log warnings and errors.

    Equal warnings and errors appear once a minute, followed by their number.
    """
    as_json = style == "json" or (style == "auto" and not stream.isatty())
    handler = QuietHandler(stream)
    handler.setFormatter(JsonLines() if as_json else Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("mailsignals").setLevel(logging.INFO)
    # A run may take longer than its interval; the table of runs shows it, so no warning is needed.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
