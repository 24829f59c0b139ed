"""Jumps of the wall clock, found by comparing it with a clock that counts sleep and can't be set."""

import dataclasses
import datetime as dt

from mailsignals.clock import ClockReading
from mailsignals.wording.numbers import duration_words

JUMP = dt.timedelta(minutes=1)
"""The smallest change of the wall clock against the steady one that is a jump."""
SHOWN = dt.timedelta(hours=1)
"""The time for which health reports a jump."""
SLEW = 0.001
"""The largest speed at which time servers adjust a clock without a jump, in seconds per second."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClockJump:
    """One jump of the wall clock."""

    by: dt.timedelta
    """The change: positive if the clock was set forward, negative if it was set back."""
    before: dt.datetime
    """The last time that the clock showed before the jump, as far as it was read."""
    after: dt.datetime
    """The first time that it showed after the jump."""

    @property
    def text(self) -> str:
        """The jump in words: ``was set forward by 200 days at 2026-12-01 10:00 UTC``."""
        way = "forward" if self.by > dt.timedelta() else "back"
        size = duration_words(abs(self.by) / dt.timedelta(hours=1))
        return f"was set {way} by {size} at {self.before:%Y-%m-%d %H:%M} UTC"


class ClockWatch:
    """Compares readings of both clocks, and finds jumps of the wall clock.

    Sleep is not a jump, because both clocks count it. Neither is a slow adjustment by a time server. Several small
    changes in a short time count together.
    """

    def __init__(self, first: ClockReading) -> None:
        self._last = first
        self._drift = dt.timedelta()
        self._jump: tuple[ClockJump, dt.timedelta] | None = None

    def look(self, reading: ClockReading) -> ClockJump | None:
        """Return the jump since the previous reading; None without one."""
        passed = max(reading.elapsed - self._last.elapsed, dt.timedelta())
        self._drift += reading.wall - self._last.wall - passed
        before, self._last = self._last.wall, reading
        if abs(self._drift) >= JUMP:
            jump = ClockJump(by=self._drift, before=before, after=reading.wall)
            self._drift, self._jump = dt.timedelta(), (jump, reading.elapsed)
            return jump
        slewed = min(abs(self._drift), passed * SLEW)
        self._drift += slewed if self._drift < dt.timedelta() else -slewed
        return None

    def recent(self, elapsed: dt.timedelta) -> ClockJump | None:
        """Return the last jump for as long as health reports it, by the steady clock; None after that."""
        if self._jump is None:
            return None
        jump, at = self._jump
        return jump if elapsed - at <= SHOWN else None
