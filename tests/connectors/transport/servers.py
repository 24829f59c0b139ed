"""Servers that permit only so much, and a stage on which time passes only when somebody waits."""

import collections
import dataclasses
import heapq
import itertools
import random
import threading
from collections.abc import Callable, Iterable
from typing import TypeAlias

from connectors.transport.limiter import Budget, Limiter

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


class Stage(Clock):
    """A clock for several threads, of which one runs at a time: who wakes first, and among equals as chance has it."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.pauses = 0
        self._chance = random.Random(seed)
        self._asleep: list[tuple[float, float, threading.Semaphore]] = []
        self._mine = threading.local()
        self._director = threading.Semaphore(0)

    def pause(self, seconds: float) -> None:
        """Wait while others act."""
        assert 0 <= seconds < 10
        self.pauses += 1
        self._sleep(seconds)
        self._director.release()
        self._mine.turn.acquire()

    def play(self, parts: Iterable[Callable[[], None]]) -> None:
        """Let all of them act to their ends."""
        threads = []
        for part in parts:
            turn = threading.Semaphore(0)
            threads.append(threading.Thread(target=self._act, args=(part, turn), daemon=True))
            threads[-1].start()
            assert self._director.acquire(timeout=10)
        while self._asleep:
            self.now, _, turn = heapq.heappop(self._asleep)
            turn.release()
            assert self._director.acquire(timeout=10), "somebody waits with a lock in hand"
        for thread in threads:
            thread.join()

    def _act(self, part: Callable[[], None], turn: threading.Semaphore) -> None:
        self._mine.turn = turn
        self.pause(0)
        part()
        self._director.release()

    def _sleep(self, seconds: float) -> None:
        heapq.heappush(self._asleep, (self.now + seconds, self._chance.random(), self._mine.turn))


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
    used = 0

    def permits(now: float, wanted: int) -> bool:
        nonlocal used
        while uses and uses[0][0] <= now - seconds:
            used -= uses.popleft()[1]
        if used + wanted > units:
            return False
        uses.append((now, wanted))
        used += wanted
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


def at_once(most: int, seconds: float) -> Permits:
    """A server that works at so many requests at once, and for so long at each."""
    ends: collections.deque[float] = collections.deque()

    def permits(now: float, wanted: int) -> bool:
        del wanted
        while ends and ends[0] <= now:
            ends.popleft()
        if len(ends) >= most:
            return False
        ends.append(now + seconds)
        return True

    return permits


def turning(servers: Iterable[tuple[float, Permits]]) -> Permits:
    """One server after another, each until an instant."""
    plan = list(servers)

    def permits(now: float, wanted: int) -> bool:
        return next(server for until, server in plan if now < until)(now, wanted)

    return permits


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a piece of work."""

    units_per_second: float
    """What the server granted."""
    refused: float
    """The share of requests that it refused."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Work:
    """How requests are sent."""

    seconds: float
    units: int = 20
    """Of each request."""
    parts: int = 1
    """Requests that are sent together."""
    threads: int = 1
    travels: float = 0.4
    """Seconds that they take at most to reach the server, and at most to come back."""
    wait: float | None = None
    """What the server says when it refuses."""

    def on(self, server: Permits, budget: Budget, *, skip: float = 0.0) -> Outcome:
        """What comes of it; the first seconds may be left out of the account."""
        stage, chance = Stage(), random.Random(0)
        limiter = Limiter([budget], pause=stage.pause, clock=stage)
        began, counted = stage.now, collections.Counter[bool]()

        def act() -> None:
            while stage.now < began + self.seconds:
                limiter.take(self.units * self.parts)
                stage.pause(chance.uniform(0, self.travels))
                answers = [server(stage.now, self.units) for _ in range(self.parts)]
                stage.pause(chance.uniform(0, self.travels))
                if stage.now >= began + skip:
                    counted.update(answers)
                limiter.succeeded() if all(answers) else limiter.throttled(self.wait)

        random.seed(0)  # of the limiter's own chance
        stage.play(itertools.repeat(act, self.threads))
        granted = counted[True] * self.units / (self.seconds - skip)
        return Outcome(units_per_second=granted, refused=counted[False] / counted.total())
