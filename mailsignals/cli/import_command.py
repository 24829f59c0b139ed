"""``mailsignals import``: mail in files into the store."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from connectors.base import Connector, ConnectorError
from connectors.files import open_files
from mailsignals import clock
from mailsignals.accounts import address_of
from mailsignals.cli.output import Output
from mailsignals.cli.progress import Bars
from mailsignals.cli.run import DONE, PARTIAL, Run
from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.sync.engine import MessageFilter, SyncReport, bring_in
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
        address = address_of(mailbox)
    except ValueError as error:
        raise UserError(f"--mailbox: {error}.") from None
    return import_files(run.workspace(), paths, address, run.output)


def import_files(workspace: Workspace, paths: Iterable[Path], mailbox: str, output: Output) -> int:
    """Bring every file into the store and say what came of it; one that cannot be read does not stop the next.

    Returns:
        The exit status: that of every file if all ended alike, else that it was done in part.

    Raises:
        ConnectorError: a path is no mail at all; then nothing was read.
        UserError: the store cannot be written; what was committed before stands.
    """
    company = workspace.settings.our_company
    sources: list[Connector] = [
        source
        for path in paths
        for source in open_files(path, mailbox=mailbox, own=company.is_own, settings_key=company.key)
    ]
    with Store.open(workspace.settings.store.path, mode="write") as store:
        if store.erasure.people().among([mailbox]):
            raise UserError(
                f"--mailbox: {mailbox} was forgotten by `mailsignals forget`, so mail of this mailbox is not read."
            )
        through = workspace.border(store, now=clock.now())
        statuses = {_bring_in(source, store, through, output) for source in sources}
        store.compact()
    return statuses.pop() if len(statuses) == 1 else PARTIAL


def _bring_in(source: Connector, store: Store, through: MessageFilter, output: Output) -> int:
    name = (source.provider, Path(source.source).name)
    try:
        with Bars(output) as bars:
            bars.begins(*name)
            report = bring_in(
                source, store, border=through, at=clock.now, on_page=lambda page, _: bars.moves(*name, page)
            )
    except UserError as error:
        if not isinstance(error.__cause__, ConnectorError):
            raise  # it is the store that fails, and that concerns all sources
        output.complain(str(error))
        return error.exit_status
    tell(output, source.source, report)
    return DONE if report.complete else PARTIAL


def tell(output: Output, source: str, report: SyncReport) -> None:
    """Say what came of one source, so that the numbers add up."""
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
