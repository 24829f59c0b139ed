"""``mailsignals import``: mail in files into the store."""

from collections import Counter
from collections.abc import Iterable
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
from mailsignals.errors import UserError
from mailsignals.sync.engine import SyncReport
from mailsignals.usecases.import_files import FileReport, ForgottenMailboxError, import_files
from mailsignals.workspace import Workspace

WORDS = {
    "unreadable_date": "unreadable date, so the time of arrival counts",
    "no_sender": "no readable sender",
    "not_utf8": "text in an unknown encoding",
    "undecodable_words": "words that could not be decoded",
}
"""Kinds of defects whose name alone says too little."""


def import_command(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", help="mbox (also .gz), Maildir, folders of .eml, interchange Parquet."
        ),
    ],
    *,
    mailbox: Annotated[str, typer.Option(metavar="ADDRESS", help="The address whose mail this is.")],
) -> int:
    """Read mail from files; headers only, and again is harmless."""
    run: Run = context.obj
    try:
        address = mailbox_of(mailbox)
    except ValueError as error:
        raise UserError(f"--mailbox: {error}.") from None
    try:
        return import_and_report(run.workspace(), paths, address, run.output)
    except ForgottenMailboxError as error:
        raise UserError(f"--mailbox: {error}") from None


def import_and_report(workspace: Workspace, paths: Iterable[Path], mailbox: str, output: Output) -> int:
    """Import files, print what came of each as soon as it is done, and return the exit status.

    Raises:
        ConnectorError: a path is no mail at all; then nothing was read.
        UserError: the store cannot be written; what was committed before stands.
    """
    with _Printer(output) as printer:
        reports = import_files(workspace, paths, mailbox, now=clock.now, watcher=printer)
    return import_exit_status(reports)


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
    for reason, count in Counter(report.skipped).most_common():
        output.say(f"  {count:,} set aside: {reason}.")
    for kind, count in Counter(report.defects).most_common():
        output.say(f"  {count:,} kept, with a defect: {WORDS.get(kind, kind.replace('_', ' '))}.")
    if report.error:
        output.complain(f"  Not complete: {report.error}")
