"""Brings digests to their CSMs, once a day each, and their short form into a channel."""

import contextlib
import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Iterator, Sequence

import polars as pl

from mailsignals.accounts.addresses import plain_address
from mailsignals.clock import local_date
from mailsignals.config import Settings
from mailsignals.credentials import Runtime
from mailsignals.errors import UserError
from mailsignals.flags.news import DIGEST
from mailsignals.notifications.delivery.message import Mail, Origin, message, message_id
from mailsignals.notifications.delivery.outbox import Delivery, Outcome, deliver_once, may_be_sent, put_off
from mailsignals.notifications.delivery.safety import why_not
from mailsignals.notifications.delivery.senders.choice import mail_sender, note_sender
from mailsignals.notifications.delivery.senders.webhook import NAMES, Note
from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.digest import Digest
from mailsignals.notifications.digest.html import letter
from mailsignals.notifications.digest.text import short, subject, text
from mailsignals.store.tables.deliveries import SKIPPED, Key, Record, records
from mailsignals.store.tables.ledger import Ledger

NOBODY = "nobody"
"""The recipient of digests of accounts without a CSM."""

DUE = "due"
"""The state, in a dry run, of what would be sent."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Notification:
    """One digest or bulletin on one of its ways."""

    key: Key
    paper: Digest | Bulletin
    problem: str | None
    """Why it may not be sent at all."""
    matters: Sequence[str] = ()
    """What an alert tells of."""


def check_enabled(settings: Settings) -> None:
    """Raise UserError unless the configuration lets digests be sent."""
    if not settings.digest.enabled:
        raise UserError(
            "digest.enabled is false, so nothing is sent. Set it to true in the configuration; "
            "`mailsignals digest --send --dry-run` shows what would go to whom."
        )


def dues(settings: Settings, digests: Sequence[Digest], as_of: dt.datetime) -> list[Notification]:
    """What is to go out of the day where each CSM is: a mail, and a note into the channel if there is one."""
    channel = settings.digest.webhook.kind
    found = []
    for digest in digests:
        on = local_date(as_of, settings.timezone_of(digest.csm))
        csm = digest.csm or NOBODY
        recipient, problem = plain_address(csm) or csm, why_not(digest.csm, settings.mail_may_go_to)
        found.append(
            Notification(key=Key(kind=DIGEST, recipient=recipient, due_on=on), paper=digest, problem=problem)
        )
        if channel:
            key = Key(kind=channel, recipient=recipient, due_on=on)
            found.append(Notification(key=key, paper=digest, problem=None))
    return found


def bulletin_dues(
    settings: Settings, bulletin: Bulletin, *, to: Sequence[str], on: dt.date
) -> list[Notification]:
    """A mail with a bulletin for each of some addresses; a day of delivery is used once."""
    return [
        Notification(
            key=Key(kind=bulletin.kind, recipient=plain_address(address) or address, due_on=on),
            paper=bulletin,
            problem=why_not(address, settings.mail_may_go_to),
        )
        for address in to
    ]


def foreseen(
    wanted: Sequence[Notification], deliveries: pl.DataFrame, *, at: dt.datetime, resend: bool
) -> list[Outcome]:
    """What would become of each, as deliveries stand (``DELIVERIES_SCHEMA``)."""
    known = records(deliveries)
    return [_foreseen(due, known.get(due.key), at=at, resend=resend) for due in wanted]


def _foreseen(due: Notification, record: Record | None, *, at: dt.datetime, resend: bool) -> Outcome:
    if due.problem is not None:
        return Outcome(record=Record(state=SKIPPED, problem=due.problem), tried=False)
    if record is None or may_be_sent(record, at=at, resend=resend):
        return Outcome(record=Record(state=DUE), tried=False)
    return Outcome(record=record, tried=False)


def send(
    settings: Settings, wanted: Sequence[Notification], around: Runtime, *, resend: bool
) -> list[Outcome]:
    """Send what is due; after trouble that concerns everybody on a way, the others on it are put off.

    Raises:
        UserError: sending is not enabled, a secret is not where it should be, or another program is sending.
    """
    check_enabled(settings)
    causes: dict[str, Record] = {}
    outcomes = []
    with _post(settings, around, resend=resend) as post:
        for due in wanted:
            outcome = post.deliver(due, cause=causes.get(due.key.kind))
            if outcome.error is not None and outcome.error.everywhere:
                causes[due.key.kind] = outcome.record
            outcomes.append(outcome)
    return outcomes


@contextlib.contextmanager
def _post(settings: Settings, around: Runtime, *, resend: bool) -> Iterator["Dispatcher"]:
    with contextlib.ExitStack() as held:
        ledger = held.enter_context(Ledger.open(settings.store.path, at=around.now()))
        yield Dispatcher(settings, around, ledger, held, resend=resend)


class Dispatcher:
    """The open ledger with the ways to send."""

    def __init__(
        self,
        settings: Settings,
        around: Runtime,
        ledger: Ledger,
        held: contextlib.ExitStack,
        *,
        resend: bool,
    ) -> None:
        self._origin = Origin(address=settings.digest.sender, name=settings.digest.from_name)
        self._now = around.now
        self._ledger = ledger
        self._resend = resend
        self._mails = mail_sender(settings, around, held)
        self._notes = note_sender(settings, around, held)

    def deliver(self, due: Notification, *, cause: Record | None) -> Outcome:
        """Send one paper on one way, unless something speaks against it: of its own, or a ``cause`` for all."""
        id_ = message_id(due.key, self._origin)
        if due.problem is not None:
            skipped = Record(state=SKIPPED, problem=due.problem)
            if due.key.recipient != NOBODY:  # nobody misses a mail to nobody
                self._ledger.pass_over(due.key, skipped, message_id=id_, at=self._now())
            return Outcome(record=skipped, tried=False)
        # Made before anything is claimed: a fault in it must leave nothing uncertain.
        parcel = Delivery(key=due.key, id_=id_, send=self._ready(due, id_), matters=due.matters)
        if cause is not None:
            return put_off(self._ledger, parcel, cause, now=self._now, resend=self._resend)
        return deliver_once(self._ledger, parcel, now=self._now, resend=self._resend)

    def _ready(self, due: Notification, id_: str) -> Callable[[], None]:
        """What hands a paper over, which is made by then."""
        if due.key.kind in NAMES:
            assert self._notes is not None  # else there would be no such due
            return functools.partial(self._notes.send, Note(subject(due.paper), short(due.paper)))
        page = letter(due.paper)
        mail = Mail(
            kind=due.key.kind,
            recipient=due.key.recipient,
            subject=subject(due.paper),
            html=page.html,
            text=text(due.paper),
            images=page.images,
        )
        return functools.partial(self._mails.send, message(mail, self._origin, id_=id_, at=self._now()))
