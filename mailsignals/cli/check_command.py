"""``mailsignals check``: would it work, and does the account book fit the mail."""

import polars as pl
import typer

from mailsignals.accounts import unclaimed_domains
from mailsignals.cli.app import Run, app
from mailsignals.cli.output import table
from mailsignals.cli.words import number
from mailsignals.cli.workspace import Workspace

SHOWN = 15


@app.command("check")
def check_command(context: typer.Context) -> None:
    """Check the configuration and the account book, and name the domains that write to us but belong to nobody."""
    run: Run = context.obj
    workspace = run.workspace()
    book = workspace.book.accounts
    run.output.say(
        f"The configuration is sound: {len(workspace.settings.tiers)} tiers, {book.height} accounts."
    )
    with workspace.reading() as store:
        senders = store.messages().filter(pl.col("automated").is_null()).select("sender").collect()["sender"]
    matched = _matched(senders, workspace)
    mute = book.height - matched.height
    run.output.say(
        f"{matched['messages'].sum():,} of {senders.len():,} mails by people were written by {matched.height} "
        f"accounts; {mute} accounts of the book never wrote."
    )
    nobody = unclaimed_domains(
        senders,
        company=workspace.settings.our_company,
        book=workspace.book,
        free_mail=workspace.settings.free_mail,
    )
    made = table(["domain", "mails"], title="Who writes to us and is in no account", right=["mails"])
    for domain, mails in nobody.head(SHOWN).iter_rows():
        made.add_row(domain, number(mails))
    run.output.result(nobody, made, to=None)
    if nobody.height > SHOWN and not run.output.as_json:
        run.output.say(f"and {nobody.height - SHOWN:,} more; --json lists all.")


def _matched(senders: pl.Series, workspace: Workspace) -> pl.DataFrame:
    """How many mails each account wrote: ``account``, ``messages``."""
    known = workspace.directory(senders.unique())
    return (
        senders.to_frame("address")
        .join(known.filter(pl.col("account").is_not_null()), on="address")
        .group_by("account")
        .agg(messages=pl.len())
    )
