"""Sends each notification once, by email or into a chat channel, whatever its content."""

import contextlib
import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.config import Settings
from mailsignals.credentials import Runtime
from mailsignals.errors import UserError
from mailsignals.notifications.delivery.message import Letter, Mail, SenderIdentity, message, message_id
from mailsignals.notifications.delivery.outbox import (
    Delivery,
    DeliveryOutcome,
    deliver_once,
    may_be_sent,
    put_off,
)
from mailsignals.notifications.delivery.senders.choice import mail_sender, note_sender
from mailsignals.notifications.delivery.senders.webhook import NAMES, Note
from mailsignals.store.tables.deliveries import SKIPPED, UNSURE, Key, Record, records
from mailsignals.store.tables.ledger import Ledger
from mailsignals.store.tables.restores import RESTORED

NOBODY = "nobody"
"""The recipient of digests for accounts without a CSM."""

AHEAD = dt.timedelta(minutes=5)
"""A restore noted later than now by more than this was noted by a wrong clock, and counts for nothing."""

DUE = "due"
"""The state of a delivery that would be sent, in a dry run."""


class Notification(Protocol):
    """Content that can be sent by email and into a chat channel."""

    @property
    def subject(self) -> str:
        """Return the subject of the email, which is the title in a channel."""

    @property
    def text(self) -> str:
        """Return all of it as plain text."""

    @property
    def short_text(self) -> str:
        """Return a short form, for a channel."""

    @property
    def letter(self) -> Letter:
        """Return all of it as the HTML of an email."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Envelope:
    """A notification for one recipient by one sender, with the key by which it is sent once."""

    key: Key
    content: Notification
    problem: str | None
    """The reason why it may not be sent; None if it may be."""
    events: Sequence[str] = ()
    """The ids of the events in an alert."""


def check_enabled(settings: Settings) -> None:
    """Raise UserError unless the configuration lets digests be sent."""
    if not settings.digest.enabled:
        raise UserError(
            "digest.enabled is false, so nothing is sent. Set it to true in the configuration. "
            "`mailsignals digest --send --dry-run` previews the recipients and contents."
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class RestoreGuard:
    """Keeps digests and reports that were due before a restore from being sent a second time."""

    settings: Settings
    restored_at: dt.datetime | None
    """The time of the last restore of the store; None without one."""

    def record(self, envelope: Envelope, before: Record | None, *, at: dt.datetime) -> Record | None:
        """Return the uncertain record of a delivery that may have been sent before the restore; None for others.

        Alerts are no concern of it: since a restore they report new events only.
        """
        unknown = before is None or before.state == SKIPPED
        if self.restored_at is None or self.restored_at > at + AHEAD or envelope.events or not unknown:
            return None
        zone = self.settings.timezone_of(envelope.key.recipient)
        due_at = dt.datetime.combine(envelope.key.due_on, self.settings.schedule.digest_at, ZoneInfo(zone))
        return Record(state=UNSURE, problem=RESTORED) if due_at <= self.restored_at else None


def foresee(
    wanted: Sequence[Envelope],
    deliveries: pl.DataFrame,
    *,
    at: dt.datetime,
    resend: bool,
    guard: RestoreGuard,
) -> list[DeliveryOutcome]:
    """Return the state of each envelope's delivery, which is ``DUE`` if it would be sent now; send nothing.

    Args:
        wanted: the envelopes.
        deliveries: the deliveries so far, in ``DELIVERIES_SCHEMA``.
        at: the date and time.
        resend: whether uncertain, refused or postponed deliveries would be sent again.
        guard: the restore that makes earlier deliveries uncertain.
    """
    known = records(deliveries)
    return [
        _foreseen(
            envelope,
            guard.record(envelope, known.get(envelope.key), at=at) or known.get(envelope.key),
            at=at,
            resend=resend,
        )
        for envelope in wanted
    ]


def _foreseen(envelope: Envelope, record: Record | None, *, at: dt.datetime, resend: bool) -> DeliveryOutcome:
    if envelope.problem is not None:
        return DeliveryOutcome(record=Record(state=SKIPPED, problem=envelope.problem), tried=False)
    if record is None or may_be_sent(record, at=at, resend=resend):
        return DeliveryOutcome(record=Record(state=DUE), tried=False)
    return DeliveryOutcome(record=record, tried=False)


def send(
    settings: Settings, wanted: Sequence[Envelope], around: Runtime, *, resend: bool
) -> list[DeliveryOutcome]:
    """Send what is due; after an error that affects a whole sender, its other deliveries are postponed.

    Raises:
        UserError: sending is not enabled, a secret is missing, or another program is sending.
    """
    check_enabled(settings)
    causes: dict[str, Record] = {}
    outcomes = []
    with _dispatcher(settings, around, resend=resend) as dispatcher:
        for envelope in wanted:
            outcome = dispatcher.deliver(envelope, cause=causes.get(envelope.key.kind))
            if outcome.error is not None and outcome.error.everywhere:
                causes[envelope.key.kind] = outcome.record
            outcomes.append(outcome)
    return outcomes


@contextlib.contextmanager
def _dispatcher(settings: Settings, around: Runtime, *, resend: bool) -> Iterator["Dispatcher"]:
    with contextlib.ExitStack() as held:
        ledger = held.enter_context(Ledger.open(settings.store.path, at=around.now()))
        yield Dispatcher(settings, around, ledger, held, resend=resend)


class Dispatcher:
    """The open ledger with its senders."""

    def __init__(
        self,
        settings: Settings,
        around: Runtime,
        ledger: Ledger,
        held: contextlib.ExitStack,
        *,
        resend: bool,
    ) -> None:
        self._origin = SenderIdentity(address=settings.digest.sender, name=settings.digest.from_name)
        self._now = around.now
        self._ledger = ledger
        self._resend = resend
        self._guard = RestoreGuard(settings=settings, restored_at=ledger.restored_at())
        self._mails = mail_sender(settings, around, held)
        self._notes = note_sender(settings, around, held)

    def deliver(self, envelope: Envelope, *, cause: Record | None) -> DeliveryOutcome:
        """Send one notification, unless its own problem or a ``cause`` for the whole sender prevents it."""
        # Since a restore the numbers of alerts may repeat, but they report other events.
        salt = self._guard.restored_at if envelope.events else None
        id_ = message_id(envelope.key, self._origin, salt=salt)
        if envelope.problem is not None:
            skipped = Record(state=SKIPPED, problem=envelope.problem)
            if envelope.key.recipient != NOBODY:  # accounts without a CSM have no reader
                self._ledger.pass_over(envelope.key, skipped, message_id=id_, at=self._now())
            return DeliveryOutcome(record=skipped, tried=False)
        before = self._ledger.find(envelope.key)
        unsure = None if self._resend else self._guard.record(envelope, before, at=self._now())
        if unsure is not None:
            self._ledger.pass_over(envelope.key, unsure, message_id=id_, at=self._now())
            return DeliveryOutcome(record=unsure, tried=False)
        # Made before anything is claimed: a fault in it must leave nothing uncertain.
        delivery = Delivery(
            key=envelope.key, id_=id_, send=self._ready(envelope, id_), events=envelope.events
        )
        if cause is not None:
            return put_off(self._ledger, delivery, cause, now=self._now, resend=self._resend)
        return deliver_once(self._ledger, delivery, now=self._now, resend=self._resend)

    def _ready(self, envelope: Envelope, id_: str) -> Callable[[], None]:
        """Make the message, and return a function that sends it."""
        if envelope.key.kind in NAMES:
            assert self._notes is not None  # such envelopes exist only with a channel
            return functools.partial(
                self._notes.send, Note(envelope.content.subject, envelope.content.short_text)
            )
        page = envelope.content.letter
        mail = Mail(
            kind=envelope.key.kind,
            recipient=envelope.key.recipient,
            subject=envelope.content.subject,
            html=page.html,
            text=envelope.content.text,
            images=page.images,
        )
        return functools.partial(self._mails.send, message(mail, self._origin, id_=id_, at=self._now()))
