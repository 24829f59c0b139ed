"""``mailsignals repair``: drop damaged files, so that their mail is read again."""

import polars as pl
import typer

from mailsignals import clock
from mailsignals.cli.cells import UNKNOWN, number
from mailsignals.cli.output import Output, table
from mailsignals.cli.progress import working
from mailsignals.cli.run import DONE, PARTIAL, Run
from mailsignals.secret_files import SecretFile
from mailsignals.usecases.repair import RepairReport, Return, repair
from mailsignals.wording.numbers import count_noun

MAIL_SCHEMA = pl.Schema(
    {
        "provider": pl.String(),
        "mailbox": pl.String(),
        "emails": pl.Int64(),
        "sources": pl.List(pl.String()),
        "returns": pl.String(),
    }
)

REMEDIES = {
    SecretFile.FORGOTTEN: " Repeat `mailsignals forget` for everybody who was erased before.",
}
"""What to do where a new key isn't enough."""


def repair_command(context: typer.Context) -> int:
    """Drop damaged files; a sync reads their mail again."""
    run: Run = context.obj
    workspace = run.workspace()
    with working(run.output, "Repairing the store"):
        report = repair(workspace, clock.now())
    _show(run.output, report)
    lasting = report.repair.left or report.repair.tables or report.clock_problem or report.new_keys
    return PARTIAL if lasting or any(each.returns is Return.NEVER for each in report.mail) else DONE


def _show(output: Output, report: RepairReport) -> None:
    rows = [
        (each.provider, each.mailbox, each.emails, list(each.sources), str(each.returns))
        for each in report.mail
    ]
    shown = [
        (mailbox, provider, UNKNOWN if emails is None else number(emails), how)
        for provider, mailbox, emails, _, how in rows
    ]
    done = report.repair
    empty = "Nothing is damaged." if not done.damages else "No mail was dropped."
    heads = ["mailbox", "provider", "emails dropped", "comes back by"]
    frame = pl.DataFrame(rows, schema=MAIL_SCHEMA, orient="row")
    output.result(frame, table(heads, shown, right=heads[2:3], empty=empty), to=None)
    for damage in done.damages:
        output.say(f"{damage.path}: {damage.what}.")
    if done.aside:
        output.say(f"Damaged files were moved to {done.aside}; delete it when you no longer need them.")
    if report.misdated:
        what = ", ".join(each.text for each in report.misdated)
        output.say(f"Archived in the store, because they are dated in the future: {what}.")
    if report.clock_problem:
        output.complain(report.clock_problem)
    _show_losses(output, report)


def _show_losses(output: Output, report: RepairReport) -> None:
    """Print what can't come back."""
    done = report.repair
    if report.mail:
        output.say("Emails that were deleted in their mailbox since can't come back.")
    files = sorted(
        {source for each in report.mail if each.returns is Return.IMPORT for source in each.sources}
    )
    for source in files:
        output.say(f"Import {source} again; without the file, its dropped emails can't come back.")
    lost = [each for each in report.mail if each.returns is Return.NEVER and each.emails]
    if lost:
        count = count_noun(sum(each.emails or 0 for each in lost), "email")
        output.complain(f"{count} can't come back: their mailboxes are no longer in the configuration.")
    if done.tables:
        output.complain(
            f"Rows may be missing or wrong in {count_noun(len(done.tables), 'table')}: {', '.join(done.tables)}."
        )
    for which in report.new_keys:
        output.complain(
            f"{which.file_name}: no sound backup has this key, so a new one is drawn. "
            f"Lost with the old one: {which.value.depends}.{REMEDIES.get(which, '')}"
        )
    for damage in done.left:
        output.complain(str(damage))
    if report.backup and (lost or done.tables or done.left):
        output.say(f"The newest sound backup is {report.backup}.")
