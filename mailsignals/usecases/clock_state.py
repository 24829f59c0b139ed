"""Compare the system's clock with the store, providers and mail, and refuse work that a wrong clock would spoil."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence

import polars as pl

from mailsignals.clock import latest_credible
from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.jobs.clock_doubt import clock_doubt, deletion_doubt
from mailsignals.jobs.clock_evidence import clock_evidence
from mailsignals.jobs.health import Observed, health
from mailsignals.jobs.job import Context
from mailsignals.readmodel.editions import EditionStore
from mailsignals.store import Store
from mailsignals.store.tables.row_times import FutureDates
from mailsignals.workspace import Workspace

A_MINUTE = dt.timedelta(minutes=1)
Work = Callable[[Workspace, Context], str]


class ClockDoubtError(UserError):
    """Raised where work waits because the system's clock is wrong, or may be."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClockState:
    """The system's clock beside everything that it can be compared with."""

    doubt: str | None = None
    """The reason why the clock must be wrong, in words; None if nothing contradicts it."""
    future: Sequence[FutureDates] = ()
    """Everything in the store that is dated in the future."""


def clock_state(store: Store, settings: Settings, now: dt.datetime) -> ClockState:
    """Return whether the clock must be wrong, and what is dated in the future."""
    return ClockState(
        doubt=clock_doubt(clock_evidence(store, settings, now), now=now),
        future=[*store.clock.future_rows(now), *_future_models(store, now), *_future_editions(settings, now)],
    )


def clock_sentences(workspace: Workspace, now: dt.datetime) -> list[str]:
    """Return the problems with the clock and with times in the store, each with a remedy.

    Raises:
        UserError: the store can't be read.
    """
    with workspace.reading() as store:
        found = clock_state(store, workspace.settings, now)
    seen = Observed(jobs=(), mailboxes=(), beat_at=None, clock_doubt=found.doubt, future=found.future)
    return [problem.text for problem in health(seen, now=now).problems]


def is_clock_wrong(workspace: Workspace, now: dt.datetime) -> bool:
    """Return whether the clock must be wrong.

    Raises:
        UserError: the store can't be read.
    """
    with workspace.reading() as store:
        return clock_doubt(clock_evidence(store, workspace.settings, now), now=now) is not None


def check_clock(workspace: Workspace, now: dt.datetime, *, deletes: bool = False) -> None:
    """Refuse to go on while the clock must be wrong.

    Args:
        workspace: the company.
        now: the current time.
        deletes: whether data is deleted by age, which also needs a clock that was confirmed lately.

    Raises:
        ClockDoubtError: the clock is wrong, or may be; with a remedy.
        UserError: the store can't be read.
    """
    judge = deletion_doubt if deletes else clock_doubt
    with workspace.reading() as store:
        doubt = judge(clock_evidence(store, workspace.settings, now), now=now)
    if doubt is not None:
        raise ClockDoubtError(doubt)


class ClockStates:
    """The state of the clock for health, computed once a minute at most."""

    def __init__(self, settings: Callable[[], Settings], *, elapsed: Callable[[], dt.timedelta]) -> None:
        """Take the current settings, and the time since any moment by a clock that nobody can set."""
        self._settings, self._elapsed = settings, elapsed
        self._last: tuple[dt.timedelta, ClockState] | None = None

    def at(self, now: dt.datetime) -> ClockState:
        """Return the state at a time, or that of up to a minute ago; an unreadable store shows nothing."""
        if self._last is None or self._elapsed() - self._last[0] >= A_MINUTE:
            settings = self._settings()
            try:
                with Store.open(settings.store.path, mode="read") as store:
                    found = clock_state(store, settings, now)
            except (
                UserError,
                OSError,
                pl.exceptions.PolarsError,
            ):  # health has its own words for such a store
                found = ClockState()
            self._last = self._elapsed(), found
        return self._last[1]


def when_clock_is_right(work: Work, *, deletes: bool = False) -> Work:
    """Return the work of a job that waits while the clock is wrong; its outcome then names the reason."""

    def checked(workspace: Workspace, context: Context) -> str:
        check_clock(workspace, context.now(), deletes=deletes)
        return work(workspace, context)

    return checked


def set_aside_future(workspace: Workspace, now: dt.datetime) -> list[FutureDates]:
    """Set aside every record that is dated in the future, and return what was moved; nothing is deleted.

    Raises:
        ClockDoubtError: the clock is wrong itself; nothing was moved.
        UserError: the store can't be written, or another program writes to it.
    """
    check_clock(workspace, now)
    with Store.open(workspace.settings.store.path, mode="write") as store:
        models = _future_models(store, now)
        store.models.set_aside_after(latest_credible(now), at=now)
        return [*store.clock.set_aside_future(now), *models]


def _future_models(store: Store, now: dt.datetime) -> list[FutureDates]:
    latest = latest_credible(now)
    times = [entry.promoted_at for entry in store.models.journal() if entry.promoted_at > latest]
    return _dates(times, "model put into use", "models put into use")


def _future_editions(settings: Settings, now: dt.datetime) -> list[FutureDates]:
    newest = EditionStore(settings.store.path).newest()
    found = [] if newest is None else [newest.as_of]
    return _dates(
        [at for at in found if at > latest_credible(now)], "dashboard edition", "dashboard editions"
    )


def _dates(times: Sequence[dt.datetime], noun: str, nouns: str) -> list[FutureDates]:
    if not times:
        return []
    return [FutureDates(noun=noun, nouns=nouns, number=len(times), last_at=max(times))]
