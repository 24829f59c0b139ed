"""Limits the number of simultaneous requests to a server, and finds out how many it accepts."""

import collections
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connectors.transport.limit_state import Deadline, LimitState
from connectors.transport.spread_rate import FIRST_HOLD, FORGOTTEN_SECONDS, LAST_HOLD
from connectors.transport.waits import Pause

_LOOK_AGAIN = 0.2
"""Seconds after which a waiting thread checks whether it must stop."""


class Concurrency:
    """A limit on the number of simultaneous requests, lowered when the server refuses requests, and raised slowly."""

    def __init__(self, most: int, *, pause: Pause, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._limit = most
        self._inside = 0
        self._queue: collections.deque[object] = collections.deque()
        self._free = threading.Condition()
        self._pause = pause
        self._clock = clock
        self._lowered = 0
        self._hold = FIRST_HOLD
        self._held = self._hold_until = float("-inf")

    @contextmanager
    def place(self) -> Iterator[int]:
        """Wait for one of the places in turn, and hold it for the duration of the block.

        Yields:
            A number for ``crowded``, if the server refuses this request because of others.

        Raises:
            StoppedError: the run was interrupted.
        """
        ticket = object()
        with self._free:
            self._queue.append(ticket)
            try:
                while self._queue[0] is not ticket or self._inside >= self._raised():
                    self._free.wait(_LOOK_AGAIN)
                    self._pause(0)
                self._inside += 1
                lowered = self._lowered
            finally:
                self._queue.remove(ticket)
                self._free.notify_all()
        try:
            yield lowered
        finally:
            with self._free:
                self._inside -= 1
                self._free.notify_all()

    def crowded(self, number: int) -> None:
        """Halve the limit, because the server has too many of our requests at once.

        ``number`` is from ``place``: of several requests that were refused together, only the first one counts.
        """
        with self._free:
            if number < self._lowered:
                return
            now = self._clock()
            if now > self._hold_until + FORGOTTEN_SECONDS:
                self._hold = FIRST_HOLD
            self._limit = max(self._raised() // 2, 1)
            self._lowered += 1
            self._held, self._hold_until = now, now + self._hold
            self._hold = min(2 * self._hold, LAST_HOLD)

    @property
    def number(self) -> int:
        """Return the number for ``crowded`` of a request that begins now, without a place of its own."""
        with self._free:
            return self._lowered

    @property
    def limit(self) -> int:
        """Return the number of requests that may be under way now."""
        with self._free:
            return self._raised()

    def _raised(self) -> int:
        """The limit; one more after each wait without a complaint."""
        now = self._clock()
        if self._limit < self.most and now >= self._hold_until:
            self._limit += 1
            self._held, self._hold_until = now, now + self._hold
        return self._limit

    def put_into(self, state: LimitState, *, wall: float) -> LimitState:
        """Return the state with what was found out here; ``wall`` is the time in seconds since 1970."""
        with self._free:
            if not self._lowered and self._hold == FIRST_HOLD:
                return state
            ago = wall - self._clock()
            hold = Deadline(since=ago + self._held, until=ago + self._hold_until)
            return dataclasses.replace(
                state, places=self._limit, places_hold_seconds=self._hold, places_hold=hold
            )

    def restore(self, state: LimitState, *, wall: float) -> None:
        """Continue from a stored state."""
        if state.places is None:
            return
        with self._free:
            now = self._clock()
            self._limit = min(max(state.places, 1), self.most)
            self._hold = min(max(state.places_hold_seconds or FIRST_HOLD, 2 * FIRST_HOLD), LAST_HOLD)
            left = state.places_hold.left(wall) if state.places_hold is not None else 0.0
            self._held, self._hold_until = now - self._hold, now + left
