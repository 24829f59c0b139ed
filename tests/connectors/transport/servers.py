"""Servers that permit only so much, and a clock that moves only when somebody waits."""

import collections
from collections.abc import Callable, Sequence
from typing import TypeAlias

from connectors.transport.limiter import Limiter
from connectors.transport.window import Budget

Permits: TypeAlias = Callable[[float, int], bool]
"""Whether a server permits so many units at an instant; what it permits is used."""


class Clock:
    """Seconds that pass when somebody waits."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """The present."""
        return self.now

    def pause(self, seconds: float) -> None:
        """Wait."""
        assert 0 <= seconds < 10
        self.now += max(seconds, 1e-3)


def fixed_window(units: int, seconds: float) -> Permits:
    """A server that counts anew in each window of its own."""
    window, used = -1, 0

    def permits(now: float, wanted: int) -> bool:
        nonlocal window, used
        if int(now // seconds) != window:
            window, used = int(now // seconds), 0
        if used + wanted > units:
            return False
        used += wanted
        return True

    return permits


def sliding_window(units: int, seconds: float) -> Permits:
    """A server that looks back from each request."""
    uses: collections.deque[tuple[float, int]] = collections.deque()

    def permits(now: float, wanted: int) -> bool:
        while uses and uses[0][0] <= now - seconds:
            uses.popleft()
        if sum(used for _, used in uses) + wanted > units:
            return False
        uses.append((now, wanted))
        return True

    return permits


def token_bucket(rate: float, size: float) -> Permits:
    """A server that fills up steadily."""
    level, last = size, 0.0

    def permits(now: float, wanted: int) -> bool:
        nonlocal level, last
        level, last = min(size, level + rate * (now - last)), now
        if level < wanted:
            return False
        level -= wanted
        return True

    return permits


def work(server: Permits, budget: Budget, *, seconds: float, units: int, parts: int) -> tuple[float, float]:
    """Units a second that a server granted to batches of so many parts, and the share of parts that it refused."""
    clock = Clock()
    limiter = Limiter([budget], pause=clock.pause, clock=clock)
    granted = refused = 0
    began = clock.now
    while clock.now < began + seconds:
        limiter.take(units * parts)
        clock.now += 0.1
        answers = [server(clock.now, units) for _ in range(parts)]
        granted += sum(answers)
        refused += parts - sum(answers)
        if all(answers):
            limiter.succeeded()
        else:
            limiter.throttled()
    return granted * units / seconds, refused / (granted + refused)


def most_in(used: Sequence[tuple[float, int]], seconds: float) -> int:
    """The most units within so many seconds."""
    most = inside = first = 0
    for end, units in used:
        inside += units
        while used[first][0] <= end - seconds:
            inside -= used[first][1]
            first += 1
        most = max(most, inside)
    return most
