"""``mailsignals status``: what the store holds, how fresh it is, and what was set aside."""

import polars as pl
import typer

from mailsignals.cli.app import Run, app
from mailsignals.cli.output import table
from mailsignals.cli.words import UNKNOWN, day, number


@app.command("status")
def status_command(context: typer.Context) -> None:
    """Every source that was read, with its messages, its newest mail and what was set aside."""
    run: Run = context.obj
    workspace = run.workspace()
    with workspace.reading() as store:
        mailboxes = (
            store.messages()
            .group_by("provider", "mailbox")
            .agg(messages=pl.len(), oldest_at=pl.col("sent_at").min(), newest_at=pl.col("sent_at").max())
            .sort("mailbox", "provider")
            .collect()
        )
        aside = store.skipped().group_by("provider", "mailbox").agg(set_aside=pl.len())
        reasons = store.skipped().group_by("reason").agg(mails=pl.len()).sort("mails", descending=True)
        read = store.sources().group_by("provider", "mailbox").agg(read_at=pl.col("last_committed_at").max())
    keys = ["provider", "mailbox"]
    found = mailboxes.join(aside, on=keys, how="left", maintain_order="left").join(
        read, on=keys, how="left", maintain_order="left"
    )
    found = found.with_columns(pl.col("set_aside").fill_null(0))
    made = table(
        ["mailbox", "provider", "messages", "oldest mail", "newest mail", "read at", "set aside"],
        right=["messages", "set aside"],
    )
    timezone = workspace.settings.company.timezone
    for row in found.iter_rows(named=True):
        days = [
            day(row[name], timezone) if row[name] else UNKNOWN
            for name in ("oldest_at", "newest_at", "read_at")
        ]
        made.add_row(
            row["mailbox"], row["provider"], number(row["messages"]), *days, number(row["set_aside"])
        )
    run.output.result(found, made, to=None)
    for row in reasons.iter_rows(named=True):
        run.output.say(f"{row['mails']:,} set aside: {row['reason']}.")
