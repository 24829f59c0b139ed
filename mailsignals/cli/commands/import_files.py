"""``mailsignals import``: mail in files into the store."""

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
from mailsignals.cli.progress import Bars
from mailsignals.cli.run import Run
from mailsignals.cli.tables.automated_mail import tell_automated
from mailsignals.errors import UserError
from mailsignals.sync.engine import SyncReport
from mailsignals.usecases.automated_mail import automated_mail
from mailsignals.usecases.import_files import FileReport, ForgottenMailboxError, import_files
from mailsignals.usecases.import_summary import FolderCount, MailboxSummary, summarise_import
from mailsignals.wording.numbers import count_noun, on_day
from mailsignals.workspace import Workspace

WORDS = {
    "unreadable_date": "unreadable date, so the time of arrival counts",
    "no_sender": "no readable sender",
    "not_utf8": "text in an unknown encoding",
    "undecodable_words": "words that could not be decoded",
}
"""Kinds of defects whose name alone says too little."""

DOUBTS = {
    "weak_separator": (
        "mails begin without an empty line before their separator, or with an unusual one. "
        "Compare the number of mails with your mail program's."
    ),
    "unclear_separator": (
        "lines look like the beginning of a mail and were left as text. "
        "Compare the number of mails with your mail program's."
    ),
    "further_mails": (
        "files were read as one mail each and seem to hold more. "
        'Put a "From " line before the first mail to have them read as an mbox.'
    ),
}
"""Places that may have been misread: sentences that follow a number."""

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
"""Roles of folders in words."""

FOLDERS_SHOWN = 15


def import_command(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="mbox (also .gz), Maildir, mails as files (.eml, .emlx, any name), interchange Parquet.",
        ),
    ],
    *,
    mailbox: Annotated[str, typer.Option(metavar="ADDRESS", help="The address whose mail this is.")],
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
        for summary in summarise_import(workspace, reports, address):
            show_summary(run.output, summary)
        with workspace.at(clock.now()) as snapshot:
            mailboxes = {address, *(each for found in reports for each in found.mailboxes)}
            tell_automated(run.output, automated_mail(snapshot), mailboxes)
    return import_exit_status(reports)


def import_and_report(workspace: Workspace, paths: Iterable[Path], mailbox: str, output: Output) -> int:
    """Import files, print what came of each as soon as it is done, and return the exit status.

    Raises:
        ConnectorError: a path is no mail at all; then nothing was read.
        UserError: the store cannot be written; what was committed before stands.
    """
    return import_exit_status(_import(workspace, paths, mailbox, output))


def _import(workspace: Workspace, paths: Iterable[Path], mailbox: str, output: Output) -> list[FileReport]:
    with _Printer(output) as printer:
        return import_files(workspace, paths, mailbox, now=clock.now, watcher=printer)


def import_exit_status(reports: Iterable[FileReport]) -> int:
    """Return the status of every file if all ended alike, else that the import was done in part."""
    statuses = {_status(report) for report in reports}
    return statuses.pop() if len(statuses) == 1 else PARTIAL


def _status(found: FileReport) -> int:
    if found.error is not None:
        return found.error.exit_status
    return DONE if found.report is not None and found.report.complete else PARTIAL


class _Printer:
    """Shows a bar for the file that is being read, and once it is gone prints what came of the file."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._bars = Bars(output)
        self._shown = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.close()

    def begins(self, provider: str, name: str) -> None:
        """Show a bar."""
        self._bars = self._shown.enter_context(Bars(self._output))
        self._bars.begins(provider, name)

    def moves(self, provider: str, name: str, page: Page) -> None:
        """Move the bar."""
        self._bars.moves(provider, name, page)

    def ends(self, found: FileReport) -> None:
        """Take the bar away, and print the report."""
        self._shown.close()
        if found.error is not None:
            self._output.complain(str(found.error))
        elif found.report is not None:
            tell(self._output, found.source, found.report)


def tell(output: Output, source: str, report: SyncReport) -> None:
    """Print what came of one source, so that the numbers add up."""
    counts = {"new": report.added, "changed": report.changed, "known already": report.unchanged}
    parts = [f"{count:,} {what}" for what, count in counts.items() if count]
    output.say(f"{source}: {', '.join(parts) or 'nothing new'}.")
    if report.too_old:
        output.say(f"  {report.too_old:,} left out: older than retention.mail_days.")
    if report.removed:
        output.say(
            f"  {report.removed:,} removed: drafts, spam and the like that an earlier version had stored."
        )
    for reason, count in Counter(report.skipped).most_common():
        output.say(f"  {count:,} set aside: {reason}.")
    defects = Counter(report.defects)
    for kind, sentence in DOUBTS.items():
        if count := defects.pop(kind, 0):
            output.say(f"  {count:,} {sentence}")
    for kind, count in defects.most_common():
        output.say(f"  {count:,} kept, with a defect: {WORDS.get(kind, kind.replace('_', ' '))}.")
    if report.error:
        output.complain(f"  Not complete: {report.error}")


def show_summary(output: Output, summary: MailboxSummary) -> None:
    """Print the days, directions and folders of a mailbox's mail, with a warning where one direction is missing."""
    if summary.first_on is None or summary.last_on is None:
        output.say(f"{summary.mailbox}: no mail is stored.")
    else:
        output.say(
            f"{summary.mailbox}: {count_noun(summary.mails, 'mail')} from {on_day(summary.first_on)} "
            f"to {on_day(summary.last_on)}, {summary.received:,} received and {summary.sent:,} sent."
        )
    if summary.folders:
        output.say(f"  Folders read now: {folder_list(summary.folders)}.")
    if summary.warning:
        output.say(f"  Warning: {summary.warning}")


def folder_list(folders: Sequence[FolderCount]) -> str:
    """Return folders with their roles and numbers in one line, the fullest by name."""
    shown = [f"{folder.name} ({ROLES[folder.role]}) {folder.mails:,}" for folder in folders[:FOLDERS_SHOWN]]
    rest = folders[FOLDERS_SHOWN:]
    more = [f"{len(rest):,} more with {sum(folder.mails for folder in rest):,}"] if rest else []
    return ", ".join([*shown, *more])
