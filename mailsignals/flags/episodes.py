"""The flags of one account, replayed event by event: recorded days, and feedback in between."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from models.alarms import COOL_DOWN_DAYS

ENTERING, PERSISTING, SNOOZED = "entering", "persisting", "snoozed"
DISMISSED, RECOVERED, CHURNED, SAVED = "dismissed", "recovered", "churned", "saved"
STATES = (ENTERING, PERSISTING, SNOOZED, DISMISSED, RECOVERED, CHURNED, SAVED)

WORSE, RETURNS = "worse", "returns"
EVENTS = (WORSE, RETURNS)
"""Events that end a snooze: risk that rises by half under one method, or high risk after a recovery."""

HIGH = "high"
RECENT_DAYS, PERSISTING_DAYS = 3, 2
"""A flag persists once high on two of the last three days, and recovers once high on none of them."""
RISE = 1.5
COOL_DOWN = dt.timedelta(days=COOL_DOWN_DAYS)


class RecordedDay(NamedTuple):
    """The recorded risk of an account on a day on which it had a level."""

    on: dt.date
    at: dt.datetime
    level: str
    score: float | None
    risk: float | None
    source: str
    held_back: bool | None
    method: str
    """Levels and risks of days with different methods don't compare."""
    baseline_until: dt.date | None
    """On an account's first day under a new method: the day from which that method decides alone; else None."""

    @property
    def high(self) -> bool:
        """Return whether the account was at high risk."""
        return self.level == HIGH


class Word(NamedTuple):
    """A feedback entry on an account; without a name (``by``) for a churn date of the account list."""

    on: dt.date
    at: dt.datetime
    kind: str
    by: str | None = None
    until: str | None = None
    note: str | None = None


Event: TypeAlias = RecordedDay | Word


class FlagStanding(NamedTuple):
    """The state of a flag, with its start and author."""

    state: str
    since_at: dt.datetime
    by: str | None = None
    until: str | None = None
    note: str | None = None


class Flag(NamedTuple):
    """One flag, replayed up to an event."""

    opened: RecordedDay
    latest: RecordedDay
    own: FlagStanding
    """The state by recorded days alone: entering, persisting or recovered."""
    recent: tuple[bool, ...]
    """Whether the account was at high risk on the last days, the newest last."""
    snooze: Word | None = None
    snoozed_at: RecordedDay | None = None
    """The recorded day before the snooze."""
    kept_until: dt.date | None = None
    """The day until which the flag can't recover, because a new method has not shown high risk yet."""
    verdict: FlagStanding | None = None
    """Dismissed, saved or churned."""
    closed_on: dt.date | None = None

    @property
    def quiet_until(self) -> dt.date:
        """Return the first day on which another flag may open after this one is closed."""
        if self.verdict is not None and self.verdict.until is not None:
            return dt.date.fromisoformat(self.verdict.until)
        return self.opened.on + COOL_DOWN

    def standing(self, today: dt.date) -> FlagStanding:
        """Return the state of the flag on a day, given the events up to now."""
        if self.verdict is not None:
            return self.verdict
        if self.closed_on is None and self.snooze is not None and not _is_day_over(self.snooze, today):
            word = self.snooze
            return FlagStanding(state=SNOOZED, since_at=word.at, by=word.by, until=word.until, note=word.note)
        return self.own


def flags_of(events: Iterable[Event]) -> list[Flag]:
    """Return the flags of an account, the oldest first; at most the last one is open.

    Args:
        events: in the order in which they happened.
    """
    told: list[Flag] = []
    gone = False
    waits_until: dt.date | None = None  # none opens: it was high from the first day of a method on
    for event in events:
        last = told[-1] if told else None
        if isinstance(event, Word):
            gone = gone or event.kind == CHURNED
            if last is not None:
                told[-1] = _after_word(last, event)
            continue
        is_open = last is not None and last.closed_on is None
        waits_until = _paused_until(waits_until, event, ends=is_open or not event.high)
        opens = event.high and waits_until is None
        if last is not None and (is_open or event.on < last.quiet_until):
            told[-1] = _after_day(last, event, opens=opens)
        elif opens and not gone:
            told.append(_opened(event))
    return told


def _paused_until(before: dt.date | None, day: RecordedDay, *, ends: bool) -> dt.date | None:
    """Return the day until which a change of method pauses openings or recoveries; None without a pause.

    A pause begins on a baseline, and a later baseline prolongs none. It ends with what it waits for (``ends``) or when
    its time is over, but not on a baseline: on such a day nothing opens or closes.
    """
    if ends:
        return None
    if day.baseline_until is not None:
        return before or day.baseline_until
    return None if before is None or day.on >= before else before


def _opened(day: RecordedDay) -> Flag:
    return Flag(opened=day, latest=day, own=FlagStanding(state=ENTERING, since_at=day.at), recent=(True,))


def _after_day(flag: Flag, day: RecordedDay, *, opens: bool) -> Flag:
    if flag.verdict is not None:
        return flag._replace(latest=day)
    if flag.closed_on is not None:
        return _returned(flag, day) if opens else flag._replace(latest=day)
    recent = (*flag.recent, day.high)[-RECENT_DAYS:]
    kept_until = _paused_until(flag.kept_until, day, ends=day.high)
    told = _compared(flag, day)._replace(latest=day, recent=recent, kept_until=kept_until)
    if sum(recent) >= PERSISTING_DAYS and flag.own.state == ENTERING:
        return told._replace(own=FlagStanding(state=PERSISTING, since_at=day.at))
    if len(recent) == RECENT_DAYS and not any(recent) and kept_until is None:
        return told._replace(own=FlagStanding(state=RECOVERED, since_at=day.at), closed_on=day.on)
    return told


def _returned(flag: Flag, day: RecordedDay) -> Flag:
    """Return the same flag, open again; it persists, so that no digest calls it new twice."""
    snooze = None if flag.snooze is not None and flag.snooze.until == RETURNS else flag.snooze
    own = FlagStanding(state=PERSISTING, since_at=day.at)
    return flag._replace(latest=day, own=own, recent=(True,), snooze=snooze, closed_on=None)


def _after_word(flag: Flag, word: Word) -> Flag:
    is_open = flag.closed_on is None
    match word.kind:
        case "snoozed" if is_open:
            return flag._replace(snooze=word, snoozed_at=flag.latest)
        case "churned" if is_open:
            said = FlagStanding(state=CHURNED, since_at=word.at, by=word.by, note=word.note)
        case "dismissed" | "saved" if flag.verdict is None or flag.verdict.state != CHURNED:
            until = (word.on + COOL_DOWN).isoformat()
            said = FlagStanding(state=word.kind, since_at=word.at, by=word.by, until=until, note=word.note)
        case _:
            return flag
    return flag._replace(verdict=said, closed_on=flag.closed_on or word.on)


def _is_day_over(snooze: Word, today: dt.date) -> bool:
    """Return whether a snooze until a day is over."""
    until = snooze.until or ""
    return until not in EVENTS and until <= today.isoformat()


def _compared(flag: Flag, day: RecordedDay) -> Flag:
    """The flag without a snooze until it gets worse, if it did; another method's first day is compared with instead."""
    then = flag.snoozed_at
    if flag.snooze is None or flag.snooze.until != WORSE or then is None:
        return flag
    if then.method != day.method:
        return flag._replace(snoozed_at=day)
    return flag._replace(snooze=None) if _is_worse(then, day) else flag


def _is_worse(then: RecordedDay, day: RecordedDay) -> bool:
    """Return whether risk has risen by half; for old days without a risk, whether the score fell as far."""
    if then.risk is not None and day.risk is not None:
        return day.risk >= RISE * then.risk
    if then.score is None or day.score is None:
        return False
    return 100 - day.score <= (100 - then.score) / 2
