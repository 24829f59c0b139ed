"""The recipients of alerts, the events that each may see, and the digests that cover them; pure."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import polars as pl

from mailsignals.notifications.alerts.events import AT_RISK, ESCALATED
from mailsignals.notifications.digest.card import Row
from mailsignals.notifications.digest.queue import SHOWN
from mailsignals.store.tables.deliveries import SENT

ALERT = "alert"
"""The kind of delivery."""
CHANNEL = "alerts"
"""The recipient of the notes in a channel."""

MAKING = dt.timedelta(minutes=5)
"""The longest time from the as-of time of a digest until it is sent."""
PATIENCE = dt.timedelta(minutes=15)
"""The time after which an alert no longer waits for a digest that is due."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DigestSchedule:
    """The schedule of a digest that a reader gets."""

    sent_at: dt.datetime | None
    """The time at which the last one was claimed for sending; None without one."""
    due_at: dt.datetime | None
    """The time at which the last one was due; None without one."""
    today_at: dt.datetime | None
    """The time of one that is still due today; None without one."""
    place: str
    """The column with an event's place in the queue of the digest."""

    def has_sent(self, row: Row) -> bool:
        """Return whether a digest that was sent after an event began reports the event."""
        return self._names(row) and self.sent_at is not None and row["began_at"] < self.sent_at - MAKING

    def will_send(self, row: Row, *, at: dt.datetime) -> bool:
        """Return whether a digest that is due now, but not sent yet, will report an event.

        An account at risk is also reported by a digest that is due later today.
        """
        if row["kind"] == AT_RISK and self.today_at is not None:
            return True
        if self.due_at is None or (self.sent_at is not None and self.sent_at >= self.due_at):
            return False
        return self._names(row) and row["began_at"] < self.due_at and at - self.due_at < PATIENCE

    def _names(self, row: Row) -> bool:
        """Return whether the digest names an event: it names the first tickets and counts the others."""
        if row["kind"] == AT_RISK:
            return True
        return row["kind"] != ESCALATED and row[self.place] is not None and row[self.place] < SHOWN


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reader:
    """A recipient of alerts: a person or a channel."""

    kind: str
    """The kind of delivery: ``ALERT``, or the service of the channel."""
    recipient: str
    timezone: str
    csms: Collection[str] = ()
    """The values of the column ``csm`` in the account list that stand for this reader."""
    leads: bool = False
    """Whether the reader sees the tickets of all accounts."""
    schedules: Sequence[DigestSchedule] = ()
    problem: str | None = None
    """The reason why nothing may be sent to the reader; None if mail may be sent."""

    def sees(self, row: Row) -> bool:
        """Return whether an event is for this reader.

        Readers see events of their own accounts; those who lead see the tickets of all accounts.
        """
        return row["csm"] in self.csms or (self.leads and row["kind"] != AT_RISK)


def last_sent(deliveries: pl.DataFrame) -> Mapping[tuple[str, str], dt.datetime]:
    """Return the time of the last sent delivery by kind and recipient, from rows in ``DELIVERIES_SCHEMA``."""
    sent = deliveries.filter(pl.col("state") == SENT).group_by("kind", "recipient")
    return {(kind, recipient): at for kind, recipient, at in sent.agg(pl.col("claimed_at").max()).iter_rows()}
