"""Quota units, and how Google enforces them (developers.google.com/workspace/gmail/api/reference/quota)."""

import collections
import dataclasses
import datetime as dt
import math
import threading
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from tests.support.gmail import errors
from tests.support.loopback import Answer

_UNITS = {
    "users.getProfile": 1,
    "users.labels.list": 1,
    "users.history.list": 2,
    "users.messages.list": 5,
    "users.threads.list": 10,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Profile:
    """What methods cost, and how much there is."""

    units: Mapping[str, int]
    """By method."""
    per_user: int
    """Units for a user in each window."""
    window_seconds: float = 60.0
    per_project: int = 1_200_000
    """Units for all users together in a minute."""
    per_day: int | None = None
    """Units for all users together in a day."""


CURRENT = Profile(
    units={**_UNITS, "users.messages.get": 20, "users.threads.get": 40}, per_user=6_000, per_day=80_000_000
)
"""Of projects since May 2026."""

LEGACY = Profile(units={**_UNITS, "users.messages.get": 5, "users.threads.get": 10}, per_user=15_000)
"""Of projects that were in use before."""

MOVING = dataclasses.replace(LEGACY, per_user=1_250, window_seconds=5.0, per_day=1_000_000_000)
"""Of old: a moving average of 250 units a second, which is taken over five seconds here."""

Window = Literal["fixed", "sliding"]


class _Used(Protocol):
    def room(self, at: float) -> int: ...

    def add(self, at: float, units: int) -> None: ...


class _Fixed:
    """So many units from one round time to the next."""

    def __init__(self, units: int, seconds: float) -> None:
        self._units, self._seconds = units, seconds
        self._window, self._used = -1, 0

    def room(self, at: float) -> int:
        window = math.floor(at / self._seconds)
        if window != self._window:
            self._window, self._used = window, 0
        return self._units - self._used

    def add(self, at: float, units: int) -> None:
        self.room(at)
        self._used += units


class _Sliding:
    """So many units in any such time."""

    def __init__(self, units: int, seconds: float) -> None:
        self._units, self._seconds = units, seconds
        self._uses: collections.deque[tuple[float, int]] = collections.deque()
        self._used = 0

    def room(self, at: float) -> int:
        while self._uses and self._uses[0][0] <= at - self._seconds:
            self._used -= self._uses.popleft()[1]
        return self._units - self._used

    def add(self, at: float, units: int) -> None:
        self._uses.append((at, units))
        self._used += units


class Quota:
    """Enforces a profile; what is refused costs nothing."""

    def __init__(
        self,
        profile: Profile,
        *,
        now: Callable[[], dt.datetime],
        window: Window = "fixed",
        refuse: Callable[[], Answer] = errors.queries_per_minute,
    ) -> None:
        self.profile = profile
        self.refuse = refuse
        """What a user is told who has none left."""
        self._now = now
        self._kind: Callable[[int, float], _Used] = _Fixed if window == "fixed" else _Sliding
        self._users: dict[str, _Used] = {}
        self._project: _Used = self._kind(profile.per_project, 60.0)
        self._day: _Used = _Fixed(profile.per_day or 0, 86_400.0)
        self._lock = threading.Lock()

    def charge(self, user: str, units: int) -> Answer | None:
        """Take units for a request, or say why not."""
        profile = self.profile
        at = self._now().timestamp()
        with self._lock:
            if user not in self._users:
                self._users[user] = self._kind(profile.per_user, profile.window_seconds)
            if profile.per_day is not None and self._day.room(at) < units:
                return errors.daily_limit()
            if self._project.room(at) < units:
                return errors.queries_per_minute(per="")
            if self._users[user].room(at) < units:
                return self.refuse()
            for used in (self._users[user], self._project, self._day):
                used.add(at, units)
        return None
