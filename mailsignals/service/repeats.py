"""Repeated trouble in the log: equal events appear once a minute, followed by their number."""

import dataclasses
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import TextIO, TypeAlias

SECONDS = 60.0
"""The time in which equal events appear once."""
DIFFERENT = 10
"""The most events of one kind in that time, if their fields differ."""
KINDS = 200
"""The most kinds of events that are counted separately in that time."""

Kind: TypeAlias = tuple[str, int, str, str]

_NUMBERS = re.compile(r"0x[0-9a-f]+|\d+")
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_OTHERS: Kind = ("", logging.WARNING, "other events", "")


def kind_of_event(record: logging.LogRecord) -> Kind:
    """Return what equal trouble has in common: logger, level, first line without numbers, and place of the error."""
    first = str(record.msg).partition("\n")[0]
    place, error = "", record.exc_info[1] if record.exc_info else None
    if error is not None:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        at = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        place = f"{type(error).__name__} {at}"
    return record.name, record.levelno, _NUMBERS.sub("#", first), place


def own_fields(record: logging.LogRecord) -> dict[str, object]:
    """Return the fields that an event of this program has besides the usual ones."""
    return {name: value for name, value in vars(record).items() if name not in _USUAL}


@dataclasses.dataclass
class _Seen:
    """The events of one kind since the last summary."""

    fields: set[str] = dataclasses.field(default_factory=set)
    suppressed: int = 0


class Repeats:
    """Counts warnings and errors, and decides which of them appear; safe to use from any thread."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._since = now()
        self._seen: dict[Kind, _Seen] = {}

    def admit(self, record: logging.LogRecord) -> bool:
        """Return whether an event appears in the log, and count it if not."""
        if record.levelno < logging.WARNING:
            return True
        kind = kind_of_event(record)
        with self._lock:
            if kind not in self._seen and len(self._seen) >= KINDS:
                kind = _OTHERS
            seen = self._seen.setdefault(kind, _Seen())
            fields = repr(sorted(own_fields(record).items(), key=lambda pair: pair[0]))
            if fields not in seen.fields and len(seen.fields) < DIFFERENT:
                seen.fields.add(fields)
                return True
            seen.suppressed += 1
            return False

    def is_due(self) -> bool:
        """Return whether a summary is due."""
        return self._now() - self._since >= SECONDS

    def summaries(self) -> Iterator[logging.LogRecord]:
        """Yield an event ``event_repeated`` for each kind that was left out, and begin anew."""
        with self._lock:
            now, seen = self._now(), self._seen
            seconds, self._since, self._seen = now - self._since, now, {}
        for (name, level, event, _), found in seen.items():
            if found.suppressed:
                usual = {"name": name, "levelno": level, "levelname": logging.getLevelName(level)}
                own = {"of": event, "times": found.suppressed, "seconds": round(seconds)}
                yield logging.makeLogRecord({"msg": "event_repeated", **usual, **own})


class QuietHandler(logging.StreamHandler[TextIO]):
    """A handler that writes equal trouble once a minute, and then its number."""

    def __init__(self, stream: TextIO, *, repeats: Repeats | None = None) -> None:
        super().__init__(stream)
        self._repeats = repeats or Repeats()
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write an event, unless its like was written a moment ago."""
        if self._repeats.is_due():
            self.summarise()
        if self._repeats.admit(record):
            super().emit(record)
        elif self._timer is None:
            self._timer = threading.Timer(SECONDS, self.summarise)
            self._timer.daemon = True
            self._timer.start()

    def summarise(self) -> None:
        """Write the number of events that were left out since the last time."""
        with self.lock or threading.RLock():
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            for record in self._repeats.summaries():
                super().emit(record)

    def close(self) -> None:
        """Write what was left out, and close the handler."""
        self.summarise()
        super().close()
