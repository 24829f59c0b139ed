"""``mailsignals restore``: restore the store from a backup."""

import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.store.upkeep.restore import RestoreReport
from mailsignals.usecases.backup import restore_store
from mailsignals.wording.numbers import count_noun, date_and_time


def restore_command(
    context: typer.Context,
    backup: Annotated[Path, typer.Argument(metavar="DIR", help="A backup: a folder named by its time.")],
) -> None:
    """Restore the store from a backup, where none exists yet."""
    run: Run = context.obj
    workspace = run.workspace()
    with working(run.output, "Verifying and restoring the backup"):
        report = restore_store(workspace, backup, at=clock.now(), by=getpass.getuser())
    run.output.say(
        f"Restored {workspace.settings.store.path} from {backup}. To look at it: `mailsignals status`."
    )
    for sentence in _ended(report, workspace.timezone):
        run.output.say(sentence)


def _ended(report: RestoreReport, timezone: str) -> Iterator[str]:
    """Yield sentences on what the restore ended, and what to do."""
    tokens = report.ended.tokens
    if tokens:
        yield (
            f"Revoked {count_noun(len(tokens), 'API token')} ({', '.join(tokens)}), because one of them may have been "
            "revoked since. Create each anew under another name: `mailsignals token create`."
        )
    yield (
        "All sessions of the dashboard ended, and feedback links in digests already sent no longer work: "
        "people sign in again, and the next digest has new links."
    )
    yield "Nothing that was due before now is sent again; to send it anyway: `mailsignals digest --send --resend`."
    since = f" since {date_and_time(report.made_at, timezone)}" if report.made_at else " since the backup"
    yield f"If people were erased{since}, erase them again: `mailsignals forget`."
