"""Keeps requests within a server's limits, and finds out what the limits are.

A budget is never exceeded in any window of its length, wherever the server's own windows begin. All of it may be
used at once, so that a small mailbox is read without waiting. If a server throttles requests all the same, it permits
less than documented. From then on requests are spread evenly, at a rate that starts at recent use and rises slowly.
After another complaint the rate stays a little lower, and the next attempt to raise it comes later each time.
(Additive increase, multiplicative decrease: Chiu and Jain, 1989.)
"""

import collections
import dataclasses
import threading
import time
from collections.abc import Callable, Sequence

from connectors.transport.waits import Pause, backoff

MARGIN = 0.02
"""The share by which our windows are longer than the server's, because requests take time to arrive."""

DECREASE = 0.93
"""The factor for a rate after the server rejected it."""

RECOVERY_SECONDS = 300.0
"""Seconds in which the rate rises by the budget's full rate, unless it is near a rejected rate."""

FIRST_HOLD = 60.0
LAST_HOLD = 7_200.0
"""Seconds before a rejected rate is tried again: at first, and at most; doubled each time."""

LONGEST_PAUSE = 5.0
"""Seconds after which a waiting thread checks again."""


@dataclasses.dataclass(frozen=True, slots=True)
class Budget:
    """A limit of units per number of seconds."""

    units: int
    seconds: float

    @property
    def rate(self) -> float:
        """Units per second."""
        return self.units / self.seconds


class Window:
    """The recent use of one budget, in its units."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.used = 0
        self._span = budget.seconds * (1 + MARGIN)
        self._grain = budget.seconds / 1_000
        self._uses: collections.deque[tuple[float, float, int]] = collections.deque()
        """First time, last time and units of uses that lie close together."""

    def wait(self, units: int, now: float) -> float:
        """Return the seconds until so many units may be used.

        More units than the whole budget may be used once nothing else is in use.
        """
        self.forget(now)
        over = self.used + min(units, self.budget.units) - self.budget.units
        for _, last, used in self._uses:
            if over <= 0:
                break
            over -= used
            if over <= 0:
                return max(last + self._span - now, 0.0)
        return 0.0

    def use(self, units: int, now: float) -> None:
        """Record that units are used."""
        self.used += units
        if self._uses and now - self._uses[-1][0] < self._grain:
            first, _, before = self._uses.pop()
            self._uses.append((first, now, before + units))
        else:
            self._uses.append((now, now, units))

    def forget(self, now: float) -> None:
        """Drop uses that are no longer in the window."""
        while self._uses and self._uses[0][1] + self._span <= now:
            self.used -= self._uses.popleft()[2]


class Limiter:
    """A limiter of units, safe to use from any thread; several limiters may share a parent."""

    def __init__(
        self,
        budgets: Sequence[Budget],
        *,
        pause: Pause,
        parent: "Limiter | None" = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._windows = [Window(budget) for budget in budgets]
        self._pause = pause
        self._parent = parent
        self._clock = clock
        self._lock = threading.Lock()
        self._pace = SpreadRate(min(budget.rate for budget in budgets))
        self._fence = float("-inf")
        self._complaints = 0

    def take(self, units: int) -> None:
        """Wait until so many units may be used here and in all parents, and use them.

        Raises:
            StoppedError: the run was interrupted.
        """
        while (wait := self._try(units)) > 0:
            self._pause(min(wait, LONGEST_PAUSE))
        if self._parent is not None:
            self._parent.take(units)

    def throttled(self, wait_seconds: float | None = None) -> None:
        """Record that the server throttled a request: stop requests until the wait is over, and slow down after it."""
        with self._lock:
            now = self._clock()
            if not self._complaints:
                shortest = min(self._windows, key=lambda window: window.budget.seconds)
                shortest.forget(now)
                self._pace.refused(now, lately=shortest.used / shortest.budget.seconds)
            self._complaints += 1
            wait = backoff(self._complaints) if wait_seconds is None else wait_seconds
            self._fence = max(self._fence, now + wait)

    def succeeded(self) -> None:
        """Record that the server answered, so that the next complaint counts as a new one."""
        with self._lock:
            self._complaints = 0

    @property
    def units_per_second(self) -> float:
        """Return the steady rate that is permitted now, here and in all parents."""
        own = self._pace.rate or self._pace.full
        return own if self._parent is None else min(own, self._parent.units_per_second)

    def _try(self, units: int) -> float:
        """Use the units if they may be used now; else return the seconds until they may."""
        with self._lock:
            now = self._clock()
            waits = [window.wait(units, now) for window in self._windows]
            wait = max(0.0, self._fence - now, self._pace.wait(now), *waits)
            if wait <= 0:
                for window in self._windows:
                    window.use(units, now)
                self._pace.use(units, now)
            return wait


class SpreadRate:
    """The rate at which units are spread after a server's first complaint."""

    def __init__(self, full: float) -> None:
        self.full = full
        self.rate: float | None = None
        """Units per second; None while the server never complained."""
        self._ceiling: float | None = None
        """The rate that the server rejected, until it is tried again."""
        self._hold = FIRST_HOLD
        self._hold_until = float("-inf")
        self._looked = float("-inf")
        self._next = float("-inf")

    def wait(self, now: float) -> float:
        """Return the seconds until the next unit is due; the rate rises meanwhile."""
        if self.rate is None:
            return 0.0
        passed = max(now - self._looked, 0.0)
        self._looked = now
        if self._ceiling is None or now >= self._hold_until:
            step = self.full * passed / RECOVERY_SECONDS
            # Slowly near a rejected rate, because exceeding it costs a complaint.
            self.rate += step / 10 if self._ceiling and self.rate > DECREASE**2 * self._ceiling else step
        self.rate = min(self.full, self.rate)
        return max(self._next - now, 0.0)

    def use(self, units: int, now: float) -> None:
        """Record that units are used; the next ones are due when their share of time is over."""
        if self.rate is not None:
            self._next = max(self._next, now) + units / self.rate

    def refused(self, now: float, *, lately: float) -> None:
        """Go below the rejected rate; ``lately`` is the average use before rates were limited, in units per second."""
        if self.rate is None:
            self.rate = min(max(lately, self.full / 100), self.full) * DECREASE
        else:
            self._ceiling = self.rate
            self.rate *= DECREASE
            self._hold_until = now + self._hold
            self._hold = min(2 * self._hold, LAST_HOLD)
        self._looked = now
