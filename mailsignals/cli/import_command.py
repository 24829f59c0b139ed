"""``mailsignals import``: mail in files into the store."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich import filesize
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from connectors.base import Connector, Page
from connectors.files import open_files
from mailsignals import clock
from mailsignals.accounts import address_of
from mailsignals.cli.app import PARTIAL, Run, app
from mailsignals.cli.output import Output
from mailsignals.cli.workspace import Workspace
from mailsignals.errors import UserError
from mailsignals.store import Committed, Store
from mailsignals.sync.engine import SyncReport, bring_in

DEFECTS = {
    "broken_line": "a line among the headers that is none",
    "cut_id": "an id longer than any program writes, cut",
    "cut_labels": "more labels than are kept",
    "cut_recipients": "more recipients than are kept",
    "cut_references": "more references than are kept",
    "cut_subject": "a subject longer than is kept",
    "file_ends_in_headers": "the file ended among its headers",
    "header_too_long": "a header longer than is read",
    "headers_cut": "more headers than are read",
    "no_sender": "no readable sender",
    "not_utf8": "text in no known encoding, read as Windows-1252",
    "too_many_headers": "more headers of one name than are read",
    "undecodable_words": "encoded words that cannot be decoded",
    "unknown_automated": "an unknown kind of automated mail",
    "unknown_importance": "an unknown importance, taken as normal",
    "unknown_zone": "a time zone that does not exist, read as UTC",
    "unreadable_address": "something among the addresses that is none",
    "unreadable_date": "an unreadable date; the time of arrival serves",
    "unreadable_reference": "a reference that is no id",
}
"""What a kind of defect is, for people."""


@app.command("import")
def import_command(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="mbox (also .gz), Maildir, folders of .eml, interchange Parquet.")
    ],
    *,
    mailbox: Annotated[str, typer.Option(help="The address whose mail this is.")],
) -> int:
    """Read mail from files; headers only, and again is harmless."""
    run: Run = context.obj
    try:
        address = address_of(mailbox)
    except ValueError as error:
        raise UserError(f"--mailbox: {error}.") from None
    workspace = run.workspace()
    reports = import_files(workspace, paths, address, run.output)
    for source, report in reports:
        tell(run.output, source, report)
    return 0 if all(report.complete for _, report in reports) else PARTIAL


def import_files(
    workspace: Workspace, paths: Iterable[Path], mailbox: str, output: Output
) -> list[tuple[str, SyncReport]]:
    """Bring every file into the store; what one file lacks does not stop the next."""
    company = workspace.settings.our_company
    sources: list[Connector] = [
        source
        for path in paths
        for source in open_files(path, mailbox=mailbox, own=company.is_own, settings_key=company.key)
    ]
    with Store.open(workspace.settings.store.path, mode="write") as store:
        reports = [(source.source, _bring_in(source, store, output)) for source in sources]
        store.compact()
    return reports


def _bring_in(source: Connector, store: Store, output: Output) -> SyncReport:
    with _bar(Path(source.source).name, output) as moved:
        return bring_in(source, store, at=clock.now, on_page=moved)


@contextmanager
def _bar(name: str, output: Output) -> Iterator[Callable[[Page, Committed], None]]:
    """A progress bar on standard error that knows bytes, or messages where there are no bytes to know."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[amount]}"),
    )
    with Progress(
        *columns, TimeRemainingColumn(), console=output.err, disable=output.quiet, transient=True
    ) as bar:
        task = bar.add_task(name, total=None, amount="")

        def moved(page: Page, _: Committed) -> None:
            done = page.progress
            amount = filesize.decimal(done.done) if done.unit == "bytes" else f"{done.done:,} {done.unit}"
            bar.update(task, completed=done.done, total=done.total, amount=amount)

        yield moved


def tell(output: Output, source: str, report: SyncReport) -> None:
    """Say what came of one source, so that the numbers add up."""
    output.say(
        f"{source}: {report.added:,} new, {report.changed:,} changed, {report.unchanged:,} known already."
    )
    for reason, count in Counter(report.skipped).most_common():
        output.say(f"  {count:,} set aside: {reason}.")
    for kind, count in Counter(report.defects).most_common():
        output.say(f"  {count:,} kept with a defect: {DEFECTS.get(kind, kind.replace('_', ' '))}.")
    if report.problem:
        output.complain(f"  Not complete: {report.problem}")
