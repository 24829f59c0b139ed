"""Brings digests to their CSMs, once a day each, and their short form into a channel."""

import contextlib
import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Iterator, Sequence
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.config import Settings
from mailsignals.deliver.mail import Mail, Origin, message, message_id
from mailsignals.deliver.outbox import Outcome, Parcel, deliver_once, may_be_sent, put_off
from mailsignals.deliver.safety import plain_address, why_not
from mailsignals.deliver.senders.choice import mail_sender, note_sender
from mailsignals.deliver.senders.webhook import NAMES, Note
from mailsignals.digest.bulletin import Bulletin
from mailsignals.digest.content import Digest
from mailsignals.digest.news import DIGEST
from mailsignals.digest.plain import short, subject, text
from mailsignals.digest.render import letter
from mailsignals.errors import UserError
from mailsignals.store.deliveries import SKIPPED, Key, Record, records
from mailsignals.store.ledger import Ledger
from mailsignals.sync.providers import Surroundings

NOBODY = "nobody"
"""The recipient of digests of accounts without a CSM."""

DUE = "due"
"""The state, in a dry run, of what would be sent."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Due:
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


def dues(settings: Settings, digests: Sequence[Digest], as_of: dt.datetime) -> list[Due]:
    """What is to go out of the day where each CSM is: a mail, and a note into the channel if there is one."""
    channel = settings.digest.webhook.kind
    found = []
    for digest in digests:
        on = as_of.astimezone(ZoneInfo(settings.timezone_of(digest.csm))).date()
        csm = digest.csm or NOBODY
        recipient, problem = plain_address(csm) or csm, why_not(digest.csm, settings.mail_may_go_to)
        found.append(Due(key=Key(kind=DIGEST, recipient=recipient, due_on=on), paper=digest, problem=problem))
        if channel:
            key = Key(kind=channel, recipient=recipient, due_on=on)
            found.append(Due(key=key, paper=digest, problem=None))
    return found


def bulletin_dues(settings: Settings, bulletin: Bulletin, *, to: Sequence[str], on: dt.date) -> list[Due]:
    """A mail with a bulletin for each of some addresses; a day of delivery is used once."""
    return [
        Due(
            key=Key(kind=bulletin.kind, recipient=plain_address(address) or address, due_on=on),
            paper=bulletin,
            problem=why_not(address, settings.mail_may_go_to),
        )
        for address in to
    ]


def foreseen(
    wanted: Sequence[Due], deliveries: pl.DataFrame, *, at: dt.datetime, resend: bool
) -> list[Outcome]:
    """What would become of each, as deliveries stand (``DELIVERIES_SCHEMA``)."""
    known = records(deliveries)
    return [_foreseen(due, known.get(due.key), at=at, resend=resend) for due in wanted]


def _foreseen(due: Due, record: Record | None, *, at: dt.datetime, resend: bool) -> Outcome:
    if due.problem is not None:
        return Outcome(record=Record(state=SKIPPED, problem=due.problem), tried=False)
    if record is None or may_be_sent(record, at=at, resend=resend):
        return Outcome(record=Record(state=DUE), tried=False)
    return Outcome(record=record, tried=False)


def send(settings: Settings, wanted: Sequence[Due], around: Surroundings, *, resend: bool) -> list[Outcome]:
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
def _post(settings: Settings, around: Surroundings, *, resend: bool) -> Iterator["Post"]:
    with contextlib.ExitStack() as held:
        ledger = held.enter_context(Ledger.open(settings.store.path, at=around.now()))
        yield Post(settings, around, ledger, held, resend=resend)


class Post:
    """The open ledger with the ways to send."""

    def __init__(
        self,
        settings: Settings,
        around: Surroundings,
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

    def deliver(self, due: Due, *, cause: Record | None) -> Outcome:
        """Send one paper on one way, unless something speaks against it: of its own, or a ``cause`` for all."""
        id_ = message_id(due.key, self._origin)
        if due.problem is not None:
            skipped = Record(state=SKIPPED, problem=due.problem)
            if due.key.recipient != NOBODY:  # nobody misses a mail to nobody
                self._ledger.pass_over(due.key, skipped, message_id=id_, at=self._now())
            return Outcome(record=skipped, tried=False)
        # Made before anything is claimed: a fault in it must leave nothing uncertain.
        parcel = Parcel(key=due.key, id_=id_, send=self._ready(due, id_), matters=due.matters)
        if cause is not None:
            return put_off(self._ledger, parcel, cause, now=self._now, resend=self._resend)
        return deliver_once(self._ledger, parcel, now=self._now, resend=self._resend)

    def _ready(self, due: Due, id_: str) -> Callable[[], None]:
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
