"""Keeps requests within what a server permits, and finds out what that is.

A budget is never exceeded in any window of its length, wherever the server's own windows begin. All of it may be
used at once, so that a small mailbox is read without waiting. A server that says "too much" all the same permits
less than we were told: from then on requests are spread evenly, at a rate that starts at what it took of late and
rises slowly. Where it complains again it is left a little below that, and the next attempt to go higher comes
later each time. (Additive increase, multiplicative decrease: Chiu and Jain, 1989.)
"""

import collections
import dataclasses
import threading
import time
from collections.abc import Callable, Sequence

from connectors.transport.waits import Pause, backoff

MARGIN = 0.02
"""The share by which our windows are longer than the server's, because requests take their time to arrive."""

DECREASE = 0.93
"""What is left of a rate that the server refused."""

RECOVERY_SECONDS = 300.0
"""How long the rate takes to rise by all of the budget's, while it is not near a rate that was refused."""

FIRST_HOLD = 60.0
LAST_HOLD = 7_200.0
"""Seconds for which a rate that was refused is not tried again: at first, and at most; twice as long each time."""

LONGEST_PAUSE = 5.0
"""Seconds after which a waiting thread looks again."""


@dataclasses.dataclass(frozen=True, slots=True)
class Budget:
    """So many units in so many seconds."""

    units: int
    seconds: float

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.units / self.seconds


class Window:
    """The recent use of one budget, in its units."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.used = 0
        self._span = budget.seconds * (1 + MARGIN)
        self._grain = budget.seconds / 1_000
        self._uses: collections.deque[tuple[float, float, int]] = collections.deque()
        """First instant, last instant and units of uses that lie close together."""

    def wait(self, units: int, now: float) -> float:
        """Seconds until so many units may be used; more than the whole budget once nothing else is in use."""
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
        """Note that they are used."""
        self.used += units
        if self._uses and now - self._uses[-1][0] < self._grain:
            first, _, before = self._uses.pop()
            self._uses.append((first, now, before + units))
        else:
            self._uses.append((now, now, units))

    def forget(self, now: float) -> None:
        """Let go of what is over."""
        while self._uses and self._uses[0][1] + self._span <= now:
            self.used -= self._uses.popleft()[2]


class Limiter:
    """Permits units; any thread may ask, and several limiters may share a parent."""

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
        self._pace = Pace(min(budget.rate for budget in budgets))
        self._fence = float("-inf")
        self._complaints = 0

    def take(self, units: int) -> None:
        """Wait until so many units may be used here and in all parents, and use them.

        Raises:
            StoppedError: somebody wants to stop.
        """
        while (wait := self._try(units)) > 0:
            self._pause(min(wait, LONGEST_PAUSE))
        if self._parent is not None:
            self._parent.take(units)

    def throttled(self, wait_seconds: float | None = None) -> None:
        """The server said that it was too much: nobody asks again before the wait is over, and less from then on."""
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
        """The server answered, so a complaint that follows is a new one."""
        with self._lock:
            self._complaints = 0

    @property
    def units_per_second(self) -> float:
        """The steady rate that is permitted now, here and in all parents."""
        own = self._pace.rate or self._pace.full
        return own if self._parent is None else min(own, self._parent.units_per_second)

    def _try(self, units: int) -> float:
        """Use the units if they may be used now; else the seconds until they may."""
        with self._lock:
            now = self._clock()
            waits = [window.wait(units, now) for window in self._windows]
            wait = max(0.0, self._fence - now, self._pace.wait(now), *waits)
            if wait <= 0:
                for window in self._windows:
                    window.use(units, now)
                self._pace.use(units, now)
            return wait


class Pace:
    """The rate at which units are spread, once a server has complained."""

    def __init__(self, full: float) -> None:
        self.full = full
        self.rate: float | None = None
        """Units a second; None: not spread, because the server never complained."""
        self._ceiling: float | None = None
        """The rate that the server refused, while it is not tried again."""
        self._hold = FIRST_HOLD
        self._hold_until = float("-inf")
        self._looked = float("-inf")
        self._next = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until the next unit is due; the rate rises meanwhile."""
        if self.rate is None:
            return 0.0
        passed = max(now - self._looked, 0.0)
        self._looked = now
        if self._ceiling is None or now >= self._hold_until:
            step = self.full * passed / RECOVERY_SECONDS
            # Slowly where it was refused before: a step too far costs a complaint.
            self.rate += step / 10 if self._ceiling and self.rate > DECREASE**2 * self._ceiling else step
        self.rate = min(self.full, self.rate)
        return max(self._next - now, 0.0)

    def use(self, units: int, now: float) -> None:
        """Note that units are used; the next ones are due when their share of time is over."""
        if self.rate is not None:
            self._next = max(self._next, now) + units / self.rate

    def refused(self, now: float, *, lately: float) -> None:
        """Go below the rate that was refused; ``lately`` is what was used on average before rates were kept."""
        if self.rate is None:
            self.rate = min(max(lately, self.full / 100), self.full) * DECREASE
        else:
            self._ceiling = self.rate
            self.rate *= DECREASE
            self._hold_until = now + self._hold
            self._hold = min(2 * self._hold, LAST_HOLD)
        self._looked = now
