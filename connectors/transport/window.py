"""The recent use of a budget of units per time."""

import collections
import dataclasses
from collections.abc import Callable, Sequence

MARGIN = 0.02
"""The share by which our windows are longer than the server's, because requests take time to arrive."""

EVIDENCE_SECONDS = 10.0
"""The seconds of use after which its average is the best estimate of the rate that the server rejected."""

RESERVED_SHARE, RESERVED_SECONDS = 0.02, 60.0
"""The part of each budget that is stored as used before it is, so that a crash can't make it be used twice."""

STORED_USES = 100
"""The largest number of times of use of one window that are stored."""


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
        self.unsaved = 0
        """Units that were used since the state was last stored."""
        self.span = budget.seconds * (1 + MARGIN)
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
                return max(last + self.span - now, 0.0)
        return 0.0

    def use(self, units: int, now: float) -> None:
        """Record that units are used."""
        self.used += units
        self.unsaved += units
        if self._uses and now - self._uses[-1][0] < self._grain:
            first, last, before = self._uses.pop()
            self._uses.append((first, max(last, now), before + units))
        else:
            self._uses.append((now, now, units))

    def forget(self, now: float) -> None:
        """Drop uses that are no longer in the window."""
        while self._uses and self._uses[0][1] + self.span <= now:
            self.used -= self._uses.popleft()[2]

    def recent(self, now: float) -> tuple[int, float]:
        """Return the units of the uses without a longer pause between them, and the seconds since the first."""
        units, began = 0, now
        for first, last, used in reversed(self._uses):
            if began - last > EVIDENCE_SECONDS:
                break
            units, began = units + used, first
        return units, max(now - began, 0.0)

    @property
    def reserve(self) -> int:
        """Return the units that are stored as used before they are."""
        most = min(self.budget.units * RESERVED_SHARE, self.budget.rate * RESERVED_SECONDS)
        return max(int(most), 1)

    def stored(self, at: Callable[[float], float]) -> tuple[tuple[float, int], ...]:
        """Return at most ``STORED_USES`` times of use and their units; ``at`` turns our times into stored ones.

        Uses that are put together count from the last one, so that none is forgotten too early.
        """
        size = -(-len(self._uses) // STORED_USES) or 1
        every = list(self._uses)
        parts = [every[start : start + size] for start in range(0, len(every), size)]
        return tuple((at(part[-1][1]), sum(units for _, _, units in part)) for part in parts)

    def restore(
        self, uses: Sequence[tuple[float, int]], *, ago: Callable[[float], float], now: float
    ) -> None:
        """Count stored uses too; ``ago`` returns the seconds since a stored time.

        A use later than now counts from now; one that is later by more than the window was noted by a wrong clock.
        """
        ages = [(max(age, 0.0), units) for at, units in uses if (age := ago(at)) >= -self.span]
        found = [(now - age, now - age, units) for age, units in ages if age < self.span and units > 0]
        self._uses = collections.deque(sorted((*self._uses, *found), key=lambda use: use[1]))
        self.used += sum(units for *_, units in found)
