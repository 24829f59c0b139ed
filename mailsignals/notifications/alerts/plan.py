"""The plan of alerts at a point in time: the events for each reader, now or later; pure.

Each event is sent to each reader once. Several events for one reader share one email.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from mailsignals.clock import local_date
from mailsignals.notifications.alerts.events import DUE_SOON
from mailsignals.notifications.alerts.history import BEFORE, DIGEST_TELLS, DUE, KNOWN, TOLD, Past
from mailsignals.notifications.alerts.quiet_hours import LoudHours
from mailsignals.notifications.alerts.recipients import Reader
from mailsignals.notifications.digest.card import Row
from mailsignals.store.tables.deliveries import REFUSED, SKIPPED, UNSURE, Key

QUIET, GATHERED = "quiet", "gathered"
WHY = {
    DUE: "The next alert includes it.",
    TOLD: "Already sent in an alert.",
    KNOWN: "Already sent in a digest.",
    BEFORE: "Began before alerts were enabled.",
    DIGEST_TELLS: "Today's digest will include it.",
    QUIET: "Waits for alerts.hours.",
    GATHERED: "Waits for alerts.minutes_between since the last alert.",
    SKIPPED: "Email to this reader is not allowed; `mailsignals alerts --send --dry-run` shows the reason.",
    REFUSED: "The mail server refused the alert; the next alert, or --resend, repeats it.",
    UNSURE: "It is unknown whether the alert arrived; --resend repeats it.",
}
"""Each state of an event for a reader, in one sentence."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class AlertRules:
    """The hours in which alerts may be sent, and the time between two of them."""

    loud: LoudHours
    between: dt.timedelta
    """The least time between two alerts to one reader, unless something falls due before."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class EventState:
    """The state of one event for one reader."""

    reader: Reader
    row: Row
    state: str
    """A key of ``WHY``."""
    until: dt.datetime | None
    """The time at which a waiting event is considered again; None if unknown."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Notice:
    """One alert to send."""

    reader: Reader
    key: Key
    rows: Sequence[Row]


@dataclasses.dataclass(frozen=True, kw_only=True)
class AlertPlan:
    """The alerts to send, with the state of every event for every reader."""

    at: dt.datetime
    """The date and time of the plan."""
    standings: Sequence[EventState]
    notices: Sequence[Notice]
    begin: Sequence[str]
    """Recipients who are alerted from now on."""
    known: Mapping[str, Sequence[str]]
    """By recipient, the events that a digest included, not noted yet."""


def plan_alerts(
    matters: Sequence[Row],
    pasts: Sequence[Past],
    *,
    rules: AlertRules,
    at: dt.datetime,
    resend: bool = False,
) -> AlertPlan:
    """Return the alerts to send now, with the state of every event for every reader who may see it.

    Args:
        matters: rows in ``EVENT_SCHEMA`` with ``matter``, ``csm`` and the places in the queues of digests.
        pasts: one for each reader of alerts.
        rules: when alerts may be sent.
        at: the date and time.
        resend: whether somebody requests that uncertain, refused or postponed alerts are sent now.
    """
    standings: list[EventState] = []
    notices: list[Notice] = []
    known: dict[str, list[str]] = {}
    for past in pasts:
        reader = past.reader
        states = [(row, past.state(row, at=at)) for row in matters if reader.sees(row)]
        again = resend and (past.is_put_off or any(state in {REFUSED, UNSURE} for _, state in states))
        rows = _to_tell(states, again=again)
        held, until = (None, None) if again else _held(past, rows, rules, at=at)
        if rows and held is None:
            key = past.key(local_date(at, reader.timezone), again=again)
            notices.append(Notice(reader=reader, key=key, rows=rows))
        for row, state in states:
            waits = held is not None and state == DUE
            becomes = SKIPPED if reader.problem is not None and state == DUE else state
            standings.append(
                EventState(
                    reader=reader,
                    row=row,
                    state=held if held is not None and waits else becomes,
                    until=until if waits else None,
                )
            )
        news = [row["matter"] for row, state in states if state == KNOWN and row["matter"] not in past.told]
        if news:
            known[reader.recipient] = news
    begin = [past.reader.recipient for past in pasts if past.since is None]
    return AlertPlan(at=at, standings=standings, notices=notices, begin=begin, known=known)


def _held(
    past: Past, rows: Sequence[Row], rules: AlertRules, *, at: dt.datetime
) -> tuple[str | None, dt.datetime | None]:
    """Return the reason and the end of a pause in alerts to a reader; events due within a pause end it."""
    timezone = past.reader.timezone
    if not rules.loud.holds(at, timezone):
        return QUIET, rules.loud.next_after(at, timezone)
    until = past.quiet_until(rules.between, at=at)
    if until is None or any(row["kind"] == DUE_SOON and row["due_at"] <= until for row in rows):
        return None, None
    return GATHERED, until


def _to_tell(states: Sequence[tuple[Row, str]], *, again: bool) -> list[Row]:
    """Return new events with refused ones; on request also those of uncertain alerts."""
    wanted = {DUE, REFUSED, UNSURE} if again else {DUE, REFUSED}
    if not again and all(state != DUE for _, state in states):
        return []
    return [row for row, state in states if state in wanted]
