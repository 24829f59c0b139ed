"""Who is told between digests, of which matters, and which digests tell them too; pure."""

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
"""How long it may take from the instant that a digest is of until it is sent."""
PATIENCE = dt.timedelta(minutes=15)
"""How long a digest that is due may take until it is no longer waited for."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DigestSchedule:
    """A digest that a reader gets."""

    sent_at: dt.datetime | None
    """When the last one was claimed that was sent."""
    due_at: dt.datetime | None
    """When the last one was due."""
    today_at: dt.datetime | None
    """When one is still to come today; none if none is."""
    place: str
    """The column with a matter's place in its queue."""

    def told(self, row: Row) -> bool:
        """Return whether a digest that was sent after an event began reports the event."""
        return self._names(row) and self.sent_at is not None and row["began_at"] < self.sent_at - MAKING

    def will_tell(self, row: Row, *, at: dt.datetime) -> bool:
        """Return whether a digest that is due now, but not sent yet, will report an event.

        An account at risk is also reported by a digest that is due later today.
        """
        if row["kind"] == AT_RISK and self.today_at is not None:
            return True
        if self.due_at is None or (self.sent_at is not None and self.sent_at >= self.due_at):
            return False
        return self._names(row) and row["began_at"] < self.due_at and at - self.due_at < PATIENCE

    def _names(self, row: Row) -> bool:
        """Whether there is room for it: of what waits, the first are named and the others counted."""
        if row["kind"] == AT_RISK:
            return True
        return row["kind"] != ESCALATED and row[self.place] is not None and row[self.place] < SHOWN


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reader:
    """Somebody who is told, or a channel."""

    kind: str
    """Of delivery: ``ALERT``, or the service of the channel."""
    recipient: str
    timezone: str
    csms: Collection[str] = ()
    """Under which names accounts are this reader's, as the account book has them."""
    leads: bool = False
    """Whether the tickets of all accounts are."""
    schedules: Sequence[DigestSchedule] = ()
    problem: str | None = None
    """Why nothing may be sent to them."""

    def sees(self, row: Row) -> bool:
        """Return whether an event is for this reader.

        Readers see events of their own accounts; those who lead see the tickets of all accounts.
        """
        return row["csm"] in self.csms or (self.leads and row["kind"] != AT_RISK)


def last_sent(deliveries: pl.DataFrame) -> Mapping[tuple[str, str], dt.datetime]:
    """By kind and recipient, when the last delivery was claimed that was sent; of ``DELIVERIES_SCHEMA``."""
    sent = deliveries.filter(pl.col("state") == SENT).group_by("kind", "recipient")
    return {(kind, recipient): at for kind, recipient, at in sent.agg(pl.col("claimed_at").max()).iter_rows()}
