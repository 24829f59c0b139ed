"""Keeps requests within what a server permits, and finds out what that is.

A budget is never exceeded in any window of its length, wherever the server's own windows begin. All of it may be
used at once, so that a small mailbox is read without waiting. Where a server refuses something all the same, nobody
asks for as long as it wants, and from then on requests are spread evenly at the rate that it turns out to permit.
"""

import collections
import dataclasses
import threading
import time
from collections.abc import Callable, Sequence

from connectors.transport.pace import Pace
from connectors.transport.waits import Pause, backoff

MARGIN = 0.02
"""The share by which our windows are longer than the server's, because requests take their time to arrive."""

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
    """What was used of one budget lately."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.used = 0
        self._span = budget.seconds * (1 + MARGIN)
        self._grain = budget.seconds / 1_000
        self._uses: collections.deque[tuple[float, float, int]] = collections.deque()
        """First instant, last instant and units of uses that lie close together."""

    def wait(self, units: int, now: float, *, ahead: int) -> float:
        """Seconds until units may be used that have so many others ahead of them.

        More than the whole budget may be used when it is first in line and nothing else is in use.
        """
        self.forget(now)
        wanted = ahead + (units if ahead else min(units, self.budget.units))
        over = self.used + wanted - self.budget.units
        until = now
        for _, last, used in self._uses:
            if over <= 0:
                break
            over -= used
            until = last + self._span
        return until - now + max(over, 0) / self.budget.rate

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


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """Units that a thread waits for; equal to no other."""

    units: int


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
        self._read = self._instant = clock()
        self._lock = threading.Lock()
        self._pace = Pace(min(budget.rate for budget in budgets))
        self._fence = float("-inf")
        self._refusals = 0
        """How many there were in a row."""
        self._waiting: dict[Turn, None] = {}
        """In the order in which they came."""

    def take(self, units: int) -> None:
        """Wait until so many units may be used here and in all parents, and use them; first come, first served.

        Raises:
            StoppedError: somebody wants to stop.
        """
        turn = Turn(units)
        try:
            while (wait := self.attempt(turn)) > 0:
                self._pause(min(wait, LONGEST_PAUSE))
        finally:
            self.leave(turn)

    def attempt(self, turn: Turn) -> float:
        """Use the units at once, here and in all parents, or nowhere: then the seconds after which to try again."""
        with self._lock:
            now = self._now()
            self._waiting.setdefault(turn)
            wait = self._wait(turn, now)
            if self._parent is not None:
                # Who is held up here must hold up nobody there.
                wait = self._parent.attempt(turn) if wait <= 0 else self._parent.leave(turn) or wait
            if wait <= 0:
                self._use(turn, now)
            return wait

    def leave(self, turn: Turn) -> None:
        """Wait no longer."""
        with self._lock:
            self._waiting.pop(turn, None)
        if self._parent is not None:
            self._parent.leave(turn)

    def throttled(self, wait_seconds: float | None = None) -> None:
        """The server said that it was too much: nobody asks again before the wait is over, and less from then on."""
        with self._lock:
            now = self._now()
            if now >= self._fence:  # else it is about a request that was under way when the first was refused
                self._refusals += 1
                wait_seconds = self._longer(wait_seconds)
                self._pace.refused(now, until=now + wait_seconds, again=self._refusals > 1)
            self._fence = max(self._fence, now + (wait_seconds or 0.0))

    def succeeded(self) -> None:
        """The server answered something else; slowly permits more again."""
        with self._lock:
            now = self._now()
            if now >= self._fence:
                self._refusals = 0
                self._pace.succeeded(now)

    @property
    def units_per_second(self) -> float:
        """The steady rate that is permitted now, here and in all parents."""
        own = self._pace.rate or self._pace.full
        return own if self._parent is None else min(own, self._parent.units_per_second)

    def _now(self) -> float:
        """The clock, except that time stands still while that goes back."""
        read = self._clock()
        self._instant += max(read - self._read, 0.0)
        self._read = read
        return self._instant

    def _longer(self, wait_seconds: float | None) -> float:
        """What the server wants; more if it wants nothing, or that did not help the last time."""
        if wait_seconds is None:
            return backoff(self._refusals)
        return wait_seconds if self._refusals == 1 else max(wait_seconds, backoff(self._refusals - 1))

    def _wait(self, turn: Turn, now: float) -> float:
        ahead = 0
        for other in self._waiting:
            if other is turn:
                break
            ahead += other.units
        waits = [window.wait(turn.units, now, ahead=ahead) for window in self._windows]
        return max(0.0, self._fence - now, self._pace.wait(now, ahead=ahead), *waits)

    def _use(self, turn: Turn, now: float) -> None:
        del self._waiting[turn]
        for window in self._windows:
            window.use(turn.units, now)
        self._pace.use(turn.units, now)
