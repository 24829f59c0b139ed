"""Plain values of the limits found out about a server, for later runs."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol, Self


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A wait from one time to another, both in seconds since 1970."""

    since: float
    until: float

    def left(self, now: float) -> float:
        """Return the seconds left; never more than the whole wait, and 0 if it begins after now by more than that.

        Such a wait was noted by a clock that was ahead.
        """
        length = self.until - self.since
        return 0.0 if self.since > now + length else min(max(self.until - now, 0.0), length)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LimitState:
    """The use of a server's limits, and the limits found out; all times in seconds since 1970."""

    saved_at: float
    windows: Mapping[float, tuple[tuple[float, int], ...]] = dataclasses.field(default_factory=dict)
    """Times and units of recent use, by the seconds of the budget's window."""
    fence: Deadline | None = None
    """The wait that the server requested."""
    rate: float | None = None
    """Units per second after a complaint; None if the server never complained."""
    refused_at: float | None = None
    """The time of the last complaint about the rate."""
    ceiling: float | None = None
    """The rate that the server rejected."""
    hold_seconds: float | None = None
    """The length of the next wait before a rejected rate is tried again."""
    hold: Deadline | None = None
    """The wait before the rejected rate is tried again."""
    places: int | None = None
    """The number of simultaneous requests that the server accepts; None if it never complained."""
    places_hold_seconds: float | None = None
    places_hold: Deadline | None = None
    """The wait before one more simultaneous request is tried."""

    def document(self) -> dict[str, Any]:
        """Return the state as a JSON object without empty entries."""
        windows = {str(seconds): uses for seconds, uses in self.windows.items() if uses}
        found = dataclasses.asdict(self) | {"windows": windows}
        return {name: value for name, value in found.items() if value not in (None, {})}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Return the state of a JSON object.

        Raises:
            ValueError: a value has another form, as after damage or of a later version.
        """
        try:
            windows = {
                float(seconds): tuple((float(at), int(units)) for at, units in uses)
                for seconds, uses in document.get("windows", {}).items()
            }
            waits = {
                name: Deadline(since=float(found["since"]), until=float(found["until"]))
                for name in ("fence", "hold", "places_hold")
                if (found := document.get(name)) is not None
            }
            plain = {
                name: float(document[name])
                for name in ("rate", "refused_at", "ceiling", "hold_seconds", "places_hold_seconds")
                if document.get(name) is not None
            }
            places = document.get("places")
            return cls(
                saved_at=float(document["saved_at"]),
                windows=windows,
                places=None if places is None else int(places),
                **plain,  # type: ignore[arg-type]  # each name with its type
                **waits,  # type: ignore[arg-type]  # each name with its type
            )
        except (TypeError, KeyError, AttributeError, OverflowError) as error:
            raise ValueError(f"not the state of limits: {error}") from error


class LimitMemory(Protocol):
    """A memory of limits that outlives a run; safe to use from any thread."""

    def load(self, project: str, mailbox: str) -> LimitState | None:
        """Return the stored state of a mailbox, or of the whole project if ``mailbox`` is empty; None if none is."""

    def save(self, project: str, mailbox: str, state: LimitState) -> None:
        """Store the state before this returns."""


class NoLimitMemory:
    """A memory that forgets everything, for single requests without a store."""

    def load(self, project: str, mailbox: str) -> LimitState | None:
        """Return None, because nothing is stored."""
        del project, mailbox
        return None

    def save(self, project: str, mailbox: str, state: LimitState) -> None:
        """Store nothing, whatever the state."""


class StandingWaitError(Exception):
    """Units may be used only after more than a minute, so that the caller should do something else meanwhile."""

    def __init__(self, seconds: float, *, everywhere: bool, demanded: bool) -> None:
        super().__init__(f"{seconds:.0f} seconds")
        self.after = dt.timedelta(seconds=seconds)
        self.everywhere = everywhere
        """True if the wait holds for all mailboxes of the project."""
        self.demanded = demanded
        """True if the server requested the wait; False if the budget of a long window is used up."""
