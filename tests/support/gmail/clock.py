"""A clock that stands still until somebody waits."""

import datetime as dt
import threading


class ManualClock:
    """The time of a server and its client in a test; any thread may use it."""

    def __init__(self, start: dt.datetime = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)) -> None:
        self.start = start
        self.elapsed = 0.0
        """Seconds since the start."""
        self._lock = threading.Lock()

    def now(self) -> dt.datetime:
        """The instant."""
        return self.start + dt.timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self.elapsed

    def pause(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        with self._lock:
            self.elapsed += seconds
