"""The alerts that a reader received so far, and their effect on the next one; pure."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from mailsignals.clock import latest_credible
from mailsignals.notifications.alerts.recipients import Reader
from mailsignals.notifications.digest.card import Row
from mailsignals.store.tables.alerts import Alerted
from mailsignals.store.tables.deliveries import CLAIMED, LATER, REFUSED, SENT, SKIPPED, UNSURE, Key

A_DAY = dt.timedelta(days=1)

DUE, TOLD, KNOWN, BEFORE, DIGEST_TELLS = "due", "told", "known", "before", "digest"
"""States of an event for a reader: due; sent in an alert; in a digest; older than alerts; due in a digest."""

_MEANS = {SENT: TOLD, CLAIMED: TOLD, UNSURE: UNSURE, REFUSED: REFUSED, LATER: DUE, SKIPPED: DUE, KNOWN: KNOWN}
"""The state of an event by the state of its delivery; a postponed delivery leaves it due."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Past:
    """The alerts that one reader has received so far."""

    reader: Reader
    since: dt.datetime | None
    """The date and time from which the reader is alerted; None if it never was so far."""
    told: Mapping[str, str]
    """The state of the delivery that reports an event, by event, or ``KNOWN``."""
    last: Row | None
    """The newest delivery, in ``DELIVERIES_SCHEMA``."""

    def state(self, row: Row, *, at: dt.datetime) -> str:
        """Return the state of an event for the reader, apart from quiet hours and recent alerts."""
        before = _MEANS[self.told[row["matter"]]] if row["matter"] in self.told else DUE
        if before != DUE:
            return before
        if self.since is None or row["began_at"] <= self.since:
            return BEFORE
        if any(schedule.has_sent(row) for schedule in self.reader.schedules):
            return KNOWN
        return (
            DIGEST_TELLS if any(schedule.will_send(row, at=at) for schedule in self.reader.schedules) else DUE
        )

    @property
    def is_put_off(self) -> bool:
        """Return whether the last alert is to be tried again."""
        return self.last is not None and self.last["state"] == LATER

    def quiet_until(self, between: dt.timedelta, *, at: dt.datetime) -> dt.datetime | None:
        """Return the time from which another alert may follow the last one; None if that is now."""
        if self.last is None or self.last["state"] not in {SENT, CLAIMED, UNSURE}:
            return None
        claimed_at: dt.datetime = self.last["claimed_at"]
        until = claimed_at + between
        return until if until > at and claimed_at <= latest_credible(at) else None

    def key(self, today: dt.date, *, again: bool) -> Key:
        """Return the key of the next alert: that of the last one if it was not sent, else a new one.

        Args:
            today: the day where the reader is.
            again: whether a person wants the last one to be sent again.
        """
        number = 0
        if self.last is not None:
            reused = {LATER, SKIPPED, REFUSED, UNSURE} if again else {LATER, SKIPPED}
            today = max(today, self.last["due_on"])
            if self.last["state"] in reused:
                today, number = self.last["due_on"], self.last["number"]
            elif self.last["due_on"] == today:
                number = self.last["number"] + 1
        return Key(kind=self.reader.kind, recipient=self.reader.recipient, due_on=today, number=number)


def pasts_of(
    readers: Sequence[Reader],
    alerted: Alerted,
    deliveries: pl.DataFrame,
    *,
    at: dt.datetime | None = None,
) -> list[Past]:
    """Return the past alerts of each reader.

    Args:
        readers: the recipients of alerts.
        alerted: the events that each was alerted to.
        deliveries: in ``DELIVERIES_SCHEMA``.
        at: the current time; an alert of a later day, when the clock was ahead, is not the last one.
    """
    # The short form of a CSM's digest has the kind of a channel's alert, and is none.
    schema = {"kind": pl.String(), "recipient": pl.String()}
    own = pl.DataFrame([(each.kind, each.recipient) for each in readers], schema=schema, orient="row")
    ordered = deliveries.join(own, on=["kind", "recipient"], how="semi").sort("due_on", "number")
    # Days begin in the east up to 14 hours before they do in UTC.
    past = ordered if at is None else ordered.filter(pl.col("due_on") <= at.date() + A_DAY)
    last = {(row["kind"], row["recipient"]): row for row in past.iter_rows(named=True)}
    told = alerted.told.join(ordered, on=["recipient", "due_on", "number"], how="left")
    states: dict[str, dict[str, str]] = {}
    for recipient, matter, state in told.select(
        "recipient", "matter", pl.col("state").fill_null(KNOWN)
    ).iter_rows():
        states.setdefault(recipient, {})[matter] = state
    return [
        Past(
            reader=reader,
            since=alerted.since.get(reader.recipient),
            told=states.get(reader.recipient, {}),
            last=last.get((reader.kind, reader.recipient)),
        )
        for reader in readers
    ]
