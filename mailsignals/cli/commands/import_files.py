"""``mailsignals import``: import mail from files into the store."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Self

import typer

from connectors.base import Page
from mailsignals import clock
from mailsignals.accounts import mailbox_of
from mailsignals.cli.exit_status import DONE, PARTIAL
from mailsignals.cli.output import Output
from mailsignals.cli.progress import Bars, working
from mailsignals.cli.run import Run
from mailsignals.cli.tables.automated_mail import tell_automated
from mailsignals.errors import UserError
from mailsignals.sync.engine import SyncReport
from mailsignals.usecases.automated_mail import automated_mail
from mailsignals.usecases.import_files import FileReport, ForgottenMailboxError, import_files
from mailsignals.usecases.import_summary import FolderCount, MailboxSummary, summarise_import
from mailsignals.wording.numbers import count_noun
from mailsignals.workspace import Workspace

WORDS = {
    "unreadable_date": "unreadable date, so the arrival time is used",
    "no_sender": "no readable sender",
    "not_utf8": "text in an unknown encoding",
    "undecodable_words": "words that can't be decoded",
}
"""Kinds of defects that need more than their name."""

DOUBTS = {
    "weak_separator": (
        "emails have an unusual separator, or no empty line before it. "
        "Compare the number of emails with your mail program's."
    ),
    "unclear_separator": (
        "lines look like the beginning of an email and were read as text. "
        "Compare the number of emails with your mail program's."
    ),
    "further_mails": (
        "files were read as one email each, but seem to hold several. "
        'To read one as mbox, put a "From " line before its first email.'
    ),
}
"""Sentences about places that may have been misread; each follows a number."""

ROLES = {
    "inbox": "inbox",
    "sent": "sent mail",
    "drafts": "drafts, not stored",
    "junk": "spam, not stored",
    "trash": "trash",
    "templates": "templates, not stored",
    "outbox": "outbox, not stored",
    "archive": "archive",
    "chats": "chats, not stored",
    None: "no known role",
}
"""Names of folder roles."""

FOLDERS_SHOWN = 15


def import_command(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="mbox (also .gz), Maildir, single emails (.eml, .emlx, any name), interchange Parquet.",
        ),
    ],
    *,
    mailbox: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address of the mailbox that the mail comes from.")
    ],
) -> int:
    """Import mail from files (headers only; safe to repeat)."""
    run: Run = context.obj
    try:
        address = mailbox_of(mailbox)
    except ValueError as error:
        raise UserError(f"--mailbox: {error}.") from None
    workspace = run.workspace()
    try:
        reports = _import(workspace, paths, address, run.output)
    except ForgottenMailboxError as error:
        raise UserError(f"--mailbox: {error}") from None
    if any(found.report is not None for found in reports):
        with working(run.output, "Summarising mail"), workspace.at(clock.now()) as snapshot:
            summaries = summarise_import(workspace, reports, address)
            automated = automated_mail(snapshot)
        for summary in summaries:
            show_summary(run.output, summary)
        mailboxes = {address, *(each for found in reports for each in found.mailboxes)}
        tell_automated(run.output, automated, mailboxes)
    return import_exit_status(reports)


def _import(workspace: Workspace, paths: Iterable[Path], mailbox: str, output: Output) -> list[FileReport]:
    with _Printer(output) as printer:
        return import_files(workspace, paths, mailbox, now=clock.now, watcher=printer)


def import_exit_status(reports: Iterable[FileReport]) -> int:
    """Return the exit status that all files share, else the one for a partial import."""
    statuses = {_status(report) for report in reports}
    return statuses.pop() if len(statuses) == 1 else PARTIAL


def _status(found: FileReport) -> int:
    if found.error is not None:
        return found.error.exit_status
    return DONE if found.report is not None and found.report.complete else PARTIAL


class _Printer:
    """Shows a bar for the file that is being read, then prints its result."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._bars = Bars(output)
        self._shown = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.close()

    def begins(self, provider: str, name: str) -> None:
        """Add a bar."""
        self._bars = self._shown.enter_context(Bars(self._output))
        self._bars.begins(provider, name)

    def moves(self, provider: str, name: str, page: Page) -> None:
        """Move the bar."""
        self._bars.moves(provider, name, page)

    def ends(self, found: FileReport) -> None:
        """Remove the bar, and print the report."""
        self._shown.close()
        if found.error is not None:
            self._output.complain(str(found.error))
        elif found.report is not None:
            tell(self._output, found.source, found.report)


def tell(output: Output, source: str, report: SyncReport) -> None:
    """Print the counts of one source; they add up."""
    counts = {"new": report.added, "changed": report.changed, "already imported": report.unchanged}
    parts = [f"{count:,} {what}" for what, count in counts.items() if count]
    output.say(f"{source}: {', '.join(parts) or 'nothing new'}.")
    if report.too_old:
        output.say(f"  {report.too_old:,} skipped: older than retention.mail_days.")
    if report.removed:
        output.say(f"  {report.removed:,} removed: drafts, spam and similar, stored by an earlier version.")
    for reason, count in Counter(report.skipped).most_common():
        output.say(f"  {count:,} skipped: {reason}.")
    defects = Counter(report.defects)
    for kind, sentence in DOUBTS.items():
        if count := defects.pop(kind, 0):
            output.say(f"  {count:,} {sentence}")
    for kind, count in defects.most_common():
        output.say(f"  {count:,} imported with a defect: {WORDS.get(kind, kind.replace('_', ' '))}.")
    if report.error:
        output.complain(f"  Incomplete: {report.error}")


def show_summary(output: Output, summary: MailboxSummary) -> None:
    """Print the days, directions and folders of a mailbox's mail, with a warning where one direction is missing."""
    if summary.first_on is None or summary.last_on is None:
        output.say(f"{summary.mailbox}: no stored mail.")
    else:
        output.say(
            f"{summary.mailbox}: {count_noun(summary.mails, 'email')} from {summary.first_on} "
            f"to {summary.last_on}, {summary.received:,} received and {summary.sent:,} sent."
        )
    if summary.folders:
        output.say(f"  Folders: {folder_list(summary.folders)}.")
    if summary.warning:
        output.say(f"  Warning: {summary.warning}")


def folder_list(folders: Sequence[FolderCount]) -> str:
    """Return folders with their roles and counts in one line; the largest are named."""
    shown = [f"{folder.name} ({ROLES[folder.role]}) {folder.mails:,}" for folder in folders[:FOLDERS_SHOWN]]
    rest = folders[FOLDERS_SHOWN:]
    more = [f"{len(rest):,} more with {sum(folder.mails for folder in rest):,}"] if rest else []
    return ", ".join([*shown, *more])
