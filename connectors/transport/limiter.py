"""Keeps requests within a server's limits, and finds out what the limits are.

A budget is never exceeded in any window of its length, wherever the server's own windows begin. All of it may be
used at once, so that a small mailbox is read without waiting. The longest waiting request has the next turn, whatever
its size. If a server throttles requests all the same, it permits less than documented. From then on requests are spread
evenly (``spread_rate``).
"""

import collections
import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from connectors.transport.limit_state import Deadline, LimitState, StandingWaitError
from connectors.transport.spread_rate import SpreadRate
from connectors.transport.waits import LONGEST, Pause, backoff
from connectors.transport.window import EVIDENCE_SECONDS, Budget, Window

LONGEST_PAUSE = 5.0
"""Seconds after which a waiting thread checks again."""

SHORTEST_PAUSE = 0.01
"""Seconds after which a thread checks again while another has its turn."""

STANDING_SECONDS = 60.0
"""A wait longer than this ends a run's turn instead of holding it."""

LONG_WINDOW_SECONDS = 3_600.0
"""From windows longer than this on, a used budget is a standing wait."""

WORTHWHILE_SHARE = 0.02
"""The share of a long window's budget that must be free before a standing wait ends."""


class Ticket:
    """A request for units that waits for its turn."""

    def __init__(self, limiter: "Limiter", units: int) -> None:
        self.units = units
        self._limiters = limiter.chain
        self._lock = limiter.lock
        self._clock = limiter.clock
        with self._lock:
            limiter.queue.append(self)

    def wait(self) -> float:
        """Use the units in all limiters at once if they may be used now; else return the seconds until a next try.

        Raises:
            StandingWaitError: it takes more than a minute.
        """
        with self._lock:
            now = self._clock()
            for level, limiter in enumerate(self._limiters):
                limiter.refuse_standing_wait(self.units, now, everywhere=level > 0)
            for level, limiter in enumerate(self._limiters):
                if self not in limiter.queue:
                    limiter.queue.append(self)
                first = limiter.queue[0]
                wait = limiter.wait(first.units, now)
                if first is not self or wait > 0:
                    self._leave(self._limiters[level + 1 :])
                    return max(wait, SHORTEST_PAUSE) if first is not self else wait
            self.leave()
            for limiter in self._limiters:
                limiter.use(self.units, now)
            return 0.0

    def leave(self) -> None:
        """Give up the turn in all limiters."""
        with self._lock:
            self._leave(self._limiters)

    def _leave(self, limiters: Sequence["Limiter"]) -> None:
        for limiter in limiters:
            with contextlib.suppress(ValueError):
                limiter.queue.remove(self)


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
        self.clock: Callable[[], float] = clock if parent is None else parent.clock
        self.lock: threading.RLock = threading.RLock() if parent is None else parent.lock
        self.queue: collections.deque[Ticket] = collections.deque()
        """The requests that wait here, in the order of their turns."""
        self.changed: Callable[[], None] = lambda: None
        """A function that stores the state; called before more is used than is stored."""
        self._windows = [Window(budget) for budget in budgets]
        self._pause = pause
        self._parent = parent
        self._pace = SpreadRate(min(budget.rate for budget in budgets))
        self._fenced, self._fence = 0.0, float("-inf")
        self._complaints = 0

    @property
    def chain(self) -> "tuple[Limiter, ...]":
        """Return this limiter and its parents."""
        return (self,) if self._parent is None else (self, *self._parent.chain)

    def take(self, units: int) -> None:
        """Wait until so many units may be used here and in all parents, and use them.

        Raises:
            StandingWaitError: it takes more than a minute, because the server requested it, or the day's budget is
                used up.
            StoppedError: the run was interrupted.
        """
        with self._turn(units) as ticket:
            while (wait := ticket.wait()) > 0:
                self._pause(min(wait, LONGEST_PAUSE))

    @contextlib.contextmanager
    def _turn(self, units: int) -> Iterator[Ticket]:
        ticket = Ticket(self, units)
        try:
            yield ticket
        finally:
            ticket.leave()

    def throttled(
        self, wait_seconds: float | None = None, *, everywhere: bool = False, slower: bool = True
    ) -> None:
        """Record that the server throttled a request: stop requests until the wait is over, and slow down after it.

        Args:
            wait_seconds: the wait that the server requests; None if it requests none.
            everywhere: whether the whole project has to wait, not only this mailbox.
            slower: whether the server complained about the rate.
        """
        if everywhere and self._parent is not None:
            self._parent.throttled(wait_seconds, slower=slower)
            return
        with self.lock:
            now = self.clock()
            if slower and not self._complaints:
                self._pace.refused(now, lately=self._lately(now))
            self._complaints += 1
            wait = (
                min(backoff(self._complaints), STANDING_SECONDS)
                if wait_seconds is None
                else min(wait_seconds, LONGEST)
            )
            if now + wait > self._fence:
                self._fenced, self._fence = now, now + wait
            self.changed()

    def _lately(self, now: float) -> float:
        """The rate that the server rejected, in units per second: the average since requests began without a pause.

        Of few seconds the average says little, so that the documented rate counts for what is missing.
        """
        shortest = min(self._windows, key=lambda window: window.budget.seconds)
        shortest.forget(now)
        units, seconds = shortest.recent(now)
        evidence = min(seconds / min(EVIDENCE_SECONDS, shortest.budget.seconds), 1.0)
        return evidence * units / max(seconds, 1e-9) + (1 - evidence) * self._pace.full

    def succeeded(self) -> None:
        """Record that the server answered, so that the next complaint counts as a new one."""
        with self.lock:
            self._complaints = 0

    @property
    def units_per_second(self) -> float:
        """Return the steady rate that is permitted now, here and in all parents."""
        own = self._pace.rate or self._pace.full
        return own if self._parent is None else min(own, self._parent.units_per_second)

    @property
    def standing_wait(self) -> float | None:
        """Return the seconds of a wait over a minute that the server requested; None if there is none."""
        with self.lock:
            left = self._fence_left(self.clock())
            return left if left > STANDING_SECONDS else None

    def refuse_standing_wait(self, units: int, now: float, *, everywhere: bool) -> None:
        """Check that units may be used within about a minute, as far as the server's wishes and long windows go.

        Raises:
            StandingWaitError: they may not.
        """
        if (left := self._fence_left(now)) > STANDING_SECONDS:
            raise StandingWaitError(min(left, LONGEST), everywhere=everywhere, demanded=True)
        for window in self._windows:
            budget = window.budget
            if budget.seconds <= LONG_WINDOW_SECONDS or window.wait(units, now) <= STANDING_SECONDS:
                continue
            worthwhile = max(units, int(budget.units * WORTHWHILE_SHARE))
            raise StandingWaitError(window.wait(worthwhile, now), everywhere=everywhere, demanded=False)

    def _fence_left(self, now: float) -> float:
        """The seconds left of the wait that the server requested; never more than the whole wait."""
        return min(self._fence - now, self._fence - self._fenced)

    def wait(self, units: int, now: float) -> float:
        """Return the seconds until so many units may be used here, as far as is known now."""
        return max(
            0.0,
            self._fence_left(now),
            self._pace.wait(now),
            *(window.wait(units, now) for window in self._windows),
        )

    def use(self, units: int, now: float) -> None:
        """Record that units are used; stores the state first if more was used than is stored."""
        for window in self._windows:
            window.use(units, now)
        self._pace.use(units, now)
        if any(window.unsaved >= window.reserve for window in self._windows):
            self.changed()

    def state(self, wall: float, *, ended: bool = False) -> LimitState:
        """Return the state to store; ``wall`` is the time in seconds since 1970.

        Until the run has ended, it includes the units that may be used before the state is stored next.
        """
        with self.lock:
            now = self.clock()

            def at(time_: float) -> float:
                return wall - (now - time_)

            windows: dict[float, tuple[tuple[float, int], ...]] = {}
            for window in self._windows:
                window.forget(now)
                window.unsaved = 0
                reserved = () if ended else ((wall, min(window.reserve, window.budget.units - window.used)),)
                windows[window.budget.seconds] = (
                    *window.stored(at),
                    *((time_, units) for time_, units in reserved if units > 0),
                )
            fence = Deadline(since=at(self._fenced), until=at(self._fence)) if self._fence > now else None
            return self._pace.put_into(
                LimitState(saved_at=wall, windows=windows, fence=fence), now=now, at=at
            )

    def restore(self, state: LimitState, wall: float) -> None:
        """Continue from a stored state; ``wall`` is the time in seconds since 1970."""
        with self.lock:
            now = self.clock()
            stored: Mapping[float, tuple[tuple[float, int], ...]] = state.windows
            for window in self._windows:
                uses = stored.get(window.budget.seconds, ())
                window.restore(uses, ago=lambda time_: wall - time_, now=now)
            if state.fence is not None and (left := state.fence.left(wall)) > 0:
                self._fenced, self._fence = now - max(wall - state.fence.since, 0.0), now + left
            self._pace.restore(state, now=now, wall=wall)
