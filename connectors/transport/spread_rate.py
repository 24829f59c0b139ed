"""The rate at which requests are spread after a server's first complaint.

It starts at recent use and rises slowly. After another complaint the rate stays a little lower, and the next attempt
to raise it comes later each time.
(Additive increase, multiplicative decrease: Chiu and Jain, 1989.)
"""

import dataclasses
from collections.abc import Callable

from connectors.transport.limit_state import Deadline, LimitState

DECREASE = 0.93
"""The factor for a rate after the server rejected it."""

FAST_DECREASE = 0.75
"""The factor until a rate was accepted for a while: the first ones may be far above the permitted one."""

RECOVERY_SECONDS = 300.0
"""Seconds in which the rate rises by the budget's full rate, unless it is near a rejected rate."""

FIRST_HOLD = 60.0
LAST_HOLD = 7_200.0
"""Seconds before a rejected rate is tried again: at first, and at most; doubled each time."""

FORGOTTEN_SECONDS = 86_400.0
"""Seconds without a complaint after which the full rate is no longer spread."""

CREDIT_SECONDS = 1.0
"""Seconds of a pause whose units may be used at once afterwards."""


class SpreadRate:
    """The rate at which units are spread after a server's first complaint."""

    def __init__(self, full: float) -> None:
        self.full = full
        self.rate: float | None = None
        """Units per second; None while the server never complained."""
        self._ceiling: float | None = None
        """The rate that the server rejected, until it is tried again."""
        self._hold = FIRST_HOLD
        self._held = self._hold_until = float("-inf")
        self._looked = self._refused_at = float("-inf")
        self._accepted = False
        """Whether a rate was accepted for as long as it was held."""
        self._next = float("-inf")

    def wait(self, now: float) -> float:
        """Return the seconds until the next unit is due; the rate rises meanwhile."""
        if self.rate is None:
            return 0.0
        passed = max(now - self._looked, 0.0)
        self._looked = now
        if self._ceiling is None or now >= self._hold_until:
            self._accepted = self._accepted or self._ceiling is not None
            step = self.full * passed / RECOVERY_SECONDS
            # Slowly near a rejected rate, because exceeding it costs a complaint.
            self.rate += step / 10 if self._ceiling and self.rate > DECREASE**2 * self._ceiling else step
        self.rate = min(self.full, self.rate)
        if self.rate == self.full and now > self._refused_at + FORGOTTEN_SECONDS:
            self.rate, self._ceiling, self._hold, self._accepted = None, None, FIRST_HOLD, False
            return 0.0
        return max(self._next - now, 0.0)

    def use(self, units: int, now: float) -> None:
        """Record that units are used; the next ones are due when their share of time is over."""
        if self.rate is not None:
            self._next = max(self._next, now - CREDIT_SECONDS) + units / self.rate

    def refused(self, now: float, *, lately: float) -> None:
        """Go below the rejected rate; ``lately`` is the average use before rates were limited, in units per second."""
        if self.rate is None:
            self.rate = min(max(lately, self.full / 100), self.full) * DECREASE
        else:
            self._ceiling = self.rate
            self.rate *= DECREASE if self._accepted else FAST_DECREASE
            self._held, self._hold_until = now, now + self._hold
            self._hold = min(2 * self._hold, LAST_HOLD)
        self._looked = self._refused_at = now

    def put_into(self, state: LimitState, *, now: float, at: Callable[[float], float]) -> LimitState:
        """Return the state with what was found out here; ``at`` turns our times into stored ones."""
        if self.rate is None:
            return state
        hold = Deadline(since=at(self._held), until=at(self._hold_until)) if self._hold_until > now else None
        return dataclasses.replace(
            state,
            rate=self.rate,
            refused_at=at(self._refused_at),
            ceiling=self._ceiling,
            hold_seconds=self._hold,
            hold=hold,
        )

    def restore(self, state: LimitState, *, now: float, wall: float) -> None:
        """Continue from a stored state, of which the rate has risen meanwhile."""
        if state.rate is None:
            return
        self.rate = min(max(state.rate, self.full / 1_000), self.full)
        self._ceiling = state.ceiling
        self._accepted = state.ceiling is not None
        self._hold = min(max(state.hold_seconds or FIRST_HOLD, FIRST_HOLD), LAST_HOLD)
        if state.hold is not None and (left := state.hold.left(wall)) > 0:
            self._held, self._hold_until = now - max(wall - state.hold.since, 0.0), now + left
        self._looked = now - max(wall - state.saved_at, 0.0)
        self._refused_at = now - max(wall - (state.refused_at or wall), 0.0)
