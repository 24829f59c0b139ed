"""Sends once despite crashes and restarts: claim, send, record."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection

from mailsignals.clock import wait_is_over
from mailsignals.notifications.delivery.senders.base import LaterError, RefusedError, SendError, UnsureError
from mailsignals.store.tables import deliveries as states
from mailsignals.store.tables.deliveries import Key, Record
from mailsignals.store.tables.ledger import Ledger

DELAYS = (
    dt.timedelta(minutes=1),
    dt.timedelta(minutes=5),
    dt.timedelta(minutes=15),
    dt.timedelta(hours=1),
    dt.timedelta(hours=3),
)
"""The delay after each attempt that may be repeated; no attempt follows the last delay."""
LONGEST_WAIT = dt.timedelta(days=1)
"""The longest delay that is believed; the clock was wrong when a longer one began."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Delivery:
    """A message that is to be sent once."""

    key: Key
    id_: str
    """The Message-ID, by which a repetition can be recognised."""
    send: Callable[[], None]
    """Sends it; raises ``SendError``."""
    events: Collection[str] = ()
    """The ids of the events in an alert."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DeliveryOutcome:
    """The state of a delivery after an attempt, or without one."""

    record: Record
    tried: bool
    """Whether an attempt was made now; otherwise the record is unchanged."""
    error: SendError | None = None
    """The error of the attempt; None without one."""


def deliver_once(
    ledger: Ledger, delivery: Delivery, *, now: Callable[[], dt.datetime], resend: bool = False
) -> DeliveryOutcome:
    """Send a delivery unless it was sent already, or its last attempt is too recent.

    The claim is durable before anything is sent. A crash between claim and record leaves the claim, which the next
    sender treats as uncertain. ``resend``: also send uncertain, refused and postponed deliveries now.
    """
    at = now()
    attempt, before = ledger.claim(
        delivery.key,
        message_id=delivery.id_,
        at=at,
        may=lambda record: may_be_sent(record, at=at, resend=resend),
        matters=delivery.events,
    )
    if attempt is None:
        assert before is not None  # what was never tried may be
        return DeliveryOutcome(record=before, tried=False)
    error: SendError | None = None
    try:
        delivery.send()
    except SendError as trouble:
        error = trouble
    ended_at = now()
    record = record_of(error, attempt=attempt, at=ended_at)
    ledger.end(delivery.key, record, at=ended_at)
    return DeliveryOutcome(record=record, tried=True, error=error)


def put_off(
    ledger: Ledger, delivery: Delivery, cause: Record, *, now: Callable[[], dt.datetime], resend: bool = False
) -> DeliveryOutcome:
    """Postpone a delivery that is due, because of an error that affects the whole sender."""
    at = now()
    before = ledger.find(delivery.key)
    if before is not None and not may_be_sent(before, at=at, resend=resend):
        return DeliveryOutcome(record=before, tried=False)
    waits = dataclasses.replace(cause, attempts=0)
    ledger.pass_over(delivery.key, waits, message_id=delivery.id_, at=at)
    return DeliveryOutcome(record=waits, tried=False)


def may_be_sent(record: Record | None, *, at: dt.datetime, resend: bool) -> bool:
    """Return whether a delivery may be sent now.

    Deliveries that were sent, or that another process is sending, may not. A failed one may if its next try is due, or
    with ``resend``.
    """
    if record is None or record.state == states.SKIPPED:
        return True
    if record.state in {states.SENT, states.CLAIMED}:
        return False
    due = record.next_try_at is not None and wait_is_over(record.next_try_at, now=at, longest=LONGEST_WAIT)
    return resend or due


def record_of(error: SendError | None, *, attempt: int, at: dt.datetime) -> Record:
    """Return the record of a delivery after an attempt.

    Errors that concern all emails (``everywhere``) are retried too, so that none has to be resent by hand after the
    cause is fixed.
    """
    if error is None:
        return Record(state=states.SENT, attempts=attempt)
    if isinstance(error, UnsureError):
        return Record(state=states.UNSURE, attempts=attempt, problem=str(error))
    asked = error.after if isinstance(error, LaterError) else None
    next_try_at = next_delivery_try(attempt, at=at, asked=asked)
    if next_try_at is None or (isinstance(error, RefusedError) and not error.everywhere):
        return Record(state=states.REFUSED, attempts=attempt, problem=str(error))
    return Record(state=states.LATER, attempts=attempt, next_try_at=next_try_at, problem=str(error))


def next_delivery_try(
    attempt: int, *, at: dt.datetime, asked: dt.timedelta | None = None
) -> dt.datetime | None:
    """Return the date and time of the next try after so many attempts; None if there is none.

    Args:
        attempt: the number of attempts so far.
        at: the date and time of the last one.
        asked: the least delay that the server requested.
    """
    if attempt > len(DELAYS):
        return None
    return at + max(DELAYS[attempt - 1], asked or dt.timedelta())
