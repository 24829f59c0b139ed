"""What ``mailsignals digest --send`` does: through the outbox, once for each CSM and day, and says what came of it."""

import contextlib
import dataclasses
import datetime as dt
import functools
import os
import threading
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import polars as pl
from rich.console import RenderableType

from mailsignals import clock
from mailsignals.cli.output import Output, table
from mailsignals.cli.run import DONE, PARTIAL, SIGN_IN, Run
from mailsignals.cli.words import UNKNOWN, day
from mailsignals.cli.workspace import Workspace
from mailsignals.config import Settings
from mailsignals.deliver.mail import Mail, Origin, message, message_id
from mailsignals.deliver.outbox import Outcome, Parcel, deliver_once, may_be_sent, put_off
from mailsignals.deliver.safety import recipient_of, why_not
from mailsignals.deliver.senders.base import RefusedError
from mailsignals.deliver.senders.choice import mail_sender, note_sender
from mailsignals.deliver.senders.webhook import Note
from mailsignals.digest.content import Digest
from mailsignals.digest.plain import short, subject, text
from mailsignals.digest.render import html
from mailsignals.errors import UserError
from mailsignals.store.deliveries import SENT, SKIPPED, Key, Record, records
from mailsignals.store.ledger import Ledger
from mailsignals.sync.providers import Surroundings

DIGEST = "digest"
NOBODY = "nobody"
"""The recipient of digests of accounts without a CSM."""

DUE = "due"
"""The state, in a dry run, of what would be sent."""

SENDINGS_SCHEMA = pl.Schema(
    {
        "kind": pl.String(),
        "recipient": pl.String(),
        "due_on": pl.Date(),
        "subject": pl.String(),
        "state": pl.String(),
        "now": pl.Boolean(),
        "next_try_at": pl.Datetime("us", "UTC"),
        "problem": pl.String(),
    }
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the person wants besides."""

    dry_run: bool
    resend: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Due:
    """One digest on one of its ways."""

    key: Key
    digest: Digest
    problem: str | None
    """Why it may not be sent at all."""


def check_enabled(settings: Settings) -> None:
    """Raise UserError unless the configuration lets digests be sent."""
    if not settings.digest.enabled:
        raise UserError(
            "digest.enabled is false, so nothing is sent. Set it to true in the configuration; "
            "`mailsignals digest --send --dry-run` shows what would go to whom."
        )


def send_digests(
    run: Run, workspace: Workspace, found: Sequence[Digest], as_of: dt.datetime, wishes: Wishes
) -> int:
    """Send digests, or say what would be sent; returns the exit status."""
    settings = workspace.settings
    on = as_of.astimezone(ZoneInfo(settings.company.timezone)).date()
    dues = list(_dues(settings, found, on))
    if wishes.dry_run:
        with workspace.reading() as store:
            known = records(store.deliveries())
        outcomes = [_foreseen(due, known.get(due.key), wishes) for due in dues]
        if not settings.digest.enabled:
            run.output.say("digest.enabled is false: without --dry-run this would be refused.")
    else:
        outcomes = _sent(settings, dues, wishes)
    rows = [_row(due, outcome) for due, outcome in zip(dues, outcomes, strict=True)]
    _report(run.output, pl.DataFrame(rows, schema=SENDINGS_SCHEMA, orient="row"), settings.company.timezone)
    if wishes.dry_run:
        return DONE
    status = exit_status(outcomes)
    if status != DONE:
        run.output.say(
            "Not everything was sent. Run the command again after the next try, or at once with --resend, which "
            "repeats what is uncertain, refused or put off, and never what was sent."
        )
    return status


def _dues(settings: Settings, found: Sequence[Digest], on: dt.date) -> Iterator[_Due]:
    """What is to go out: a mail for each CSM, and a note into the channel if there is one."""
    channel = settings.digest.webhook.kind
    for digest in found:
        csm = digest.csm or NOBODY
        recipient, problem = recipient_of(csm) or csm, why_not(digest.csm, settings.mail_may_go_to)
        yield _Due(key=Key(kind=DIGEST, recipient=recipient, due_on=on), digest=digest, problem=problem)
        if channel:
            yield _Due(key=Key(kind=channel, recipient=recipient, due_on=on), digest=digest, problem=None)


def _foreseen(due: _Due, record: Record | None, wishes: Wishes) -> Outcome:
    """What would become of it."""
    if due.problem is not None:
        return Outcome(record=Record(state=SKIPPED, problem=due.problem), tried=False)
    if record is None or may_be_sent(record, at=clock.now(), resend=wishes.resend):
        return Outcome(record=Record(state=DUE), tried=False)
    return Outcome(record=record, tried=False)


def _sent(settings: Settings, dues: Sequence[_Due], wishes: Wishes) -> list[Outcome]:
    """Send what is due; after trouble that concerns everybody on a way, the others on it are not tried."""
    causes: dict[str, Record] = {}
    outcomes = []
    with _post(settings, resend=wishes.resend) as post:
        for due in dues:
            outcome = post.deliver(due, cause=causes.get(due.key.kind))
            if outcome.error is not None and outcome.error.everywhere:
                causes[due.key.kind] = outcome.record
            outcomes.append(outcome)
    return outcomes


class _Post:
    """The open ledger with the ways to send."""

    def __init__(
        self, settings: Settings, ledger: Ledger, held: contextlib.ExitStack, *, resend: bool
    ) -> None:
        around = Surroundings(environ=os.environ, now=clock.now, stop=threading.Event(), say=lambda _: None)
        self._origin = Origin(address=settings.digest.sender, name=settings.digest.from_name)
        self._ledger = ledger
        self._resend = resend
        self._mails = mail_sender(settings, around, held)
        self._notes = note_sender(settings, around, held)

    def deliver(self, due: _Due, *, cause: Record | None) -> Outcome:
        """Send one digest on one way, unless something speaks against it: of its own, or a ``cause`` for all."""
        id_ = message_id(due.key, self._origin)
        if due.problem is not None:
            skipped = Record(state=SKIPPED, problem=due.problem)
            self._ledger.pass_over(due.key, skipped, message_id=id_, at=clock.now())
            return Outcome(record=skipped, tried=False)
        parcel = Parcel(key=due.key, id_=id_, send=functools.partial(self._hand_over, due, id_))
        if cause is not None:
            return put_off(self._ledger, parcel, cause, now=clock.now, resend=self._resend)
        return deliver_once(self._ledger, parcel, now=clock.now, resend=self._resend)

    def _hand_over(self, due: _Due, id_: str) -> None:
        if due.key.kind != DIGEST:
            assert self._notes is not None  # else there would be no such due
            self._notes.send(Note(subject(due.digest), short(due.digest)))
            return
        mail = Mail(
            kind=DIGEST,
            recipient=due.key.recipient,
            subject=subject(due.digest),
            html=html(due.digest),
            text=text(due.digest),
        )
        self._mails.send(message(mail, self._origin, id_=id_, at=clock.now()))


@contextlib.contextmanager
def _post(settings: Settings, *, resend: bool) -> Iterator[_Post]:
    with contextlib.ExitStack() as held:
        ledger = held.enter_context(Ledger.open(settings.store.path, at=clock.now()))
        yield _Post(settings, ledger, held, resend=resend)


def exit_status(outcomes: Sequence[Outcome]) -> int:
    """Done if everything that may be sent was, also before."""
    errors = [outcome.error for outcome in outcomes]
    if any(isinstance(error, RefusedError) and error.sign_in for error in errors):
        return SIGN_IN
    return DONE if all(outcome.record.state in {SENT, SKIPPED} for outcome in outcomes) else PARTIAL


def _row(due: _Due, outcome: Outcome) -> tuple[object, ...]:
    record = outcome.record
    return (
        *(due.key.kind, due.key.recipient, due.key.due_on, subject(due.digest)),
        *(record.state, outcome.tried, record.next_try_at, record.problem),
    )


def _report(output: Output, frame: pl.DataFrame, timezone: str) -> None:
    rows = [
        (
            row["kind"],
            row["recipient"],
            row["subject"],
            "sent before" if row["state"] == SENT and not row["now"] else row["state"],
            _again(row["next_try_at"], timezone),
            row["problem"] or "",
        )
        for row in frame.iter_rows(named=True)
    ]
    output.result(frame, table(["", "for", "subject", "state", "next try", "why"], rows), to=None)


def undelivered_table(frame: pl.DataFrame, timezone: str) -> RenderableType:
    """What was not delivered of late, and what to do."""
    rows = [
        (
            row["kind"],
            row["recipient"],
            f"{row['due_on']}",
            row["state"],
            _again(row["next_try_at"], timezone),
            row["problem"] or "",
        )
        for row in frame.iter_rows(named=True)
    ]
    return table(["not delivered", "for", "of", "state", "next try", "why, and what to do"], rows)


def _again(at: dt.datetime | None, timezone: str) -> str:
    return UNKNOWN if at is None else day(at, timezone)
